"""Findings that a project has accepted for now, each with how often it may be met.

A finding is known by the fingerprint of the first that is like it in its file, and counted: one more of the same is
new, while code may move. Which of several alike is the new one cannot be told; the last in the file are shown.
The file is JSON with one finding per row, so that two branches can be merged.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tempsafe_lint.fingerprint import fingerprint, kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tempsafe_lint.findings import Finding
    from tempsafe_lint.fingerprint import PathOf

VERSION = 1

#: What is never accepted: a baseline about itself, and defects of the linter.
_NEVER = ("TMP905", "TMP999")


class BadBaseline(ValueError):
    """The text is no baseline; the message is one line, `row` (1-based) says where."""

    def __init__(self, message: str, row: int = 1) -> None:
        super().__init__(message)
        self.row = row


@dataclass(frozen=True, slots=True)
class Entry:
    """Findings of one file that are alike. `path` is below the top of the repository, with forward slashes; `row` is
    where the entry stands in the baseline (1-based)."""

    path: str
    code: str
    name: str
    message: str
    fingerprint: str
    count: int
    row: int = 1


def entries_of(findings: Iterable[Finding], path_of: PathOf) -> list[Entry]:
    """What a baseline of these findings holds."""
    found: dict[str, Entry] = {}
    for finding in findings:
        if finding.code in _NEVER:
            continue
        path = path_of(finding.filename)
        mark = mark_of(finding, path)
        if mark in found:
            found[mark] = replace(found[mark], count=found[mark].count + 1)
        else:
            found[mark] = Entry(path, finding.code, finding.name, finding.message, mark, 1)
    return sorted(found.values(), key=lambda entry: (entry.path, entry.code, entry.fingerprint))


def mark_of(finding: Finding, path: str) -> str:
    """The fingerprint of the first finding of a file that is like this one."""
    return fingerprint((path, *kind(finding)))


def new(findings: Sequence[Finding], entries: Iterable[Entry], path_of: PathOf) -> tuple[list[Finding], Counter[str]]:
    """The findings that are not accepted, and how often each accepted fingerprint was met (never more than it may)."""
    allowed = {entry.fingerprint: entry.count for entry in entries}
    met: Counter[str] = Counter()
    fresh = []
    for finding in findings:
        mark = mark_of(finding, path_of(finding.filename))
        if finding.code not in _NEVER and met[mark] < allowed.get(mark, 0):
            met[mark] += 1
        else:
            fresh.append(finding)
    return fresh, met


def dumps(entries: Iterable[Entry]) -> str:
    """The text of a baseline."""
    import json

    rows = [
        json.dumps({name: getattr(entry, name) for name in ("path", "code", "name", "count", "fingerprint", "message")})
        for entry in sorted(entries, key=lambda entry: (entry.path, entry.code, entry.fingerprint))
    ]
    body = ",\n".join(rows)
    return (
        f'{{"version": {VERSION}, "findings": [\n{body}\n]}}\n'
        if rows
        else f'{{"version": {VERSION}, "findings": []}}\n'
    )


def loads(text: str) -> list[Entry]:
    """The entries of a baseline. Raises BadBaseline."""
    import json

    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadBaseline(f"not valid JSON: {error.msg[:1].lower()}{error.msg[1:]}", error.lineno) from None
    except RecursionError:
        raise BadBaseline("not valid JSON: nested too deeply") from None
    if not isinstance(data, dict) or not isinstance(data.get("findings"), list):
        raise BadBaseline("not a baseline: a table with `version` and `findings` is expected")
    if data.get("version") != VERSION:
        raise BadBaseline(f"a baseline of version {data.get('version')!r}, and this program knows version {VERSION}")
    return [_entry(item, text) for item in data["findings"]]


def _entry(item: object, text: str) -> Entry:
    if not isinstance(item, dict):
        raise BadBaseline("not a baseline: each finding is a table")
    row = 1
    mark = item.get("fingerprint")
    if isinstance(mark, str) and f'"{mark}"' in text:
        row = text[: text.index(f'"{mark}"')].count("\n") + 1
    texts = {name: item.get(name) for name in ("path", "code", "name", "message", "fingerprint")}
    wrong = next((name for name, value in texts.items() if not isinstance(value, str)), None)
    count = item.get("count")
    if wrong is not None or not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise BadBaseline(f"a finding without a proper `{wrong or 'count'}`", row)
    return Entry(**{name: str(value) for name, value in texts.items()}, count=count, row=row)
