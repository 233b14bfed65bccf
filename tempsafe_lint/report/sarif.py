"""SARIF 2.1.0, with all that GitHub's code scanning asks for. Rows and columns are 1-based and count code points.

Paths are below the top of the repository and have no base: GitHub's upload does not follow `uriBaseId`. What is
silenced in the source is left out, since GitHub would keep it open.
https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
https://docs.github.com/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tempsafe_lint import __version__
from tempsafe_lint.edits import alone
from tempsafe_lint.findings import Level

if TYPE_CHECKING:
    from tempsafe_lint.findings import Finding
    from tempsafe_lint.registry import RuleInfo
    from tempsafe_lint.report import Account, Look
    from tempsafe_lint.source import Region

#: GitHub refuses a run with more results.
MOST = 25_000
#: GitHub refuses a longer description.
_LONGEST = 1024

_LEVELS = {Level.HIGH: "error", Level.MEDIUM: "warning", Level.LOW: "note"}
_PROBLEMS = {Level.HIGH: "error", Level.MEDIUM: "warning", Level.LOW: "recommendation"}
#: GitHub calls it high from 7.0, medium from 4.0, low below.
_SCORES = {Level.HIGH: "7.0", Level.MEDIUM: "5.0", Level.LOW: "3.0"}
#: Weaknesses by which somebody else gets at the data or the account; the others are plain defects.
_SECURITY = frozenset({340, 367, 377, 378, 379, 732})


def log(account: Account, look: Look) -> str:
    """The whole log: always one run, and every rule in it, found or not."""
    rules = list(account.rules())
    places = {info.code: number for number, info in enumerate(rules)}
    paired = list(zip(account.findings, account.fingerprints(), strict=True))
    left_out = len(paired) - MOST
    if left_out > 0:
        paired = sorted(paired, key=lambda pair: -pair[0].severity.rank)[:MOST]
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "tempsafe-lint",
                "semanticVersion": __version__,
                "rules": [_rule(info, account.url_of(info.code)) for info in rules],
            }
        },
        "automationDetails": {"id": "tempsafe-lint/default/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(account, left_out)],
        "results": [_result(finding, mark, places, account) for finding, mark in paired],
    }
    if account.root is not None:
        run["originalUriBaseIds"] = {"%SRCROOT%": {"uri": _file_uri(account.root) + "/"}}
    whole = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(whole, indent=2) + "\n"


def _invocation(account: Account, left_out: int) -> dict[str, Any]:
    said: dict[str, Any] = {"executionSuccessful": not account.failed}
    if left_out > 0:
        text = f"{left_out} of the least severe results are left out: GitHub takes {MOST}"
        said["toolExecutionNotifications"] = [{"level": "warning", "message": {"text": text}}]
    return said


def _rule(info: RuleInfo, url: str | None) -> dict[str, Any]:
    page = info.page.strip() or info.summary
    security = not _SECURITY.isdisjoint(info.cwe)
    tags = ["security" if security else "correctness", *(f"external/cwe/cwe-{number:03}" for number in info.cwe)]
    properties = {"tags": tags, "precision": "high", "problem.severity": _PROBLEMS[info.severity]}
    if security:
        properties["security-severity"] = _SCORES[info.severity]
    return {
        "id": info.code,
        "name": info.name,
        "shortDescription": {"text": _short(info.summary)},
        "fullDescription": {"text": _short(_why(page) or info.summary)},
        "help": {"text": page, "markdown": page},
        **({"helpUri": url} if url else {}),
        "defaultConfiguration": {"level": _LEVELS[info.severity]},
        "properties": properties,
    }


def _why(page: str) -> str:
    """What the page says under "Why it matters"."""
    found = re.search(r"^## Why it matters\s+(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    return " ".join(found.group(1).split()) if found else ""


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3].rstrip() + "..."


def _result(finding: Finding, mark: str, places: dict[str, int], account: Account) -> dict[str, Any]:
    uri = _uri(account.path_of(finding.filename))
    properties = {"confidence": finding.confidence.value}
    if finding.fix is not None:
        properties["applicability"] = finding.fix.safety.value
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "level": _LEVELS[finding.severity],
        "message": {"text": finding.message},
        "locations": [_location(uri, finding.region)],
        "partialFingerprints": {"primaryLocationLineHash": f"{mark}:1", "tempsafe/v1": mark},
        "properties": properties,
    }
    if finding.code in places:
        result["ruleIndex"] = places[finding.code]
    if finding.related:
        result["relatedLocations"] = [
            {"id": number, "message": {"text": other.message}, **_location(uri, other.region)}
            for number, other in enumerate(finding.related, 1)
        ]
    if fix := _fix(finding, uri, account):
        result["fixes"] = [fix]
    return result


def _fix(finding: Finding, uri: str, account: Account) -> dict[str, Any] | None:
    source = account.source_of(finding.filename)
    if finding.fix is None or not finding.fix.edits or source is None:
        return None
    replacements = [
        {"deletedRegion": _region(source.region(edit.span)), "insertedContent": {"text": edit.text}}
        for edit in alone(finding.fix)
    ]
    changes = [{"artifactLocation": {"uri": uri}, "replacements": replacements}]
    return {"description": {"text": finding.fix.title}, "artifactChanges": changes}


def _location(uri: str, region: Region) -> dict[str, Any]:
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": _region(region)}}


def _region(region: Region) -> dict[str, int]:
    return {
        "startLine": region.row,
        "startColumn": region.column,
        "endLine": region.end_row,
        "endColumn": region.end_column,
    }


def _uri(path: str) -> str:
    """A path below the root as a relative reference; one outside of it (absolute) with its scheme."""
    if path.startswith("/") or re.match(r"[A-Za-z]:/", path):
        return _file_uri(path)
    return _quoted(path)


def _file_uri(path: str) -> str:
    return "file:///" + _quoted(path.replace("\\", "/").strip("/"))


def _quoted(path: str) -> str:
    """A colon stays only where a drive has it: at the head of a relative reference it would end a scheme."""
    drive = path[:2] if re.match(r"[A-Za-z]:/", path) else ""
    return drive + quote(path[len(drive) :].encode("utf-8", "surrogateescape"))
