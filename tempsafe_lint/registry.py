"""The set of rules: found by walking the package, validated, selected by code, prefix or name."""

from __future__ import annotations

import importlib
import pkgutil
import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from itertools import pairwise

from tempsafe_lint import rules
from tempsafe_lint.findings import Level
from tempsafe_lint.rules.base import Rule

HEADINGS = ("## Why it matters", "## Reported", "## Not reported", "## Fix safety")


@dataclass(frozen=True, slots=True)
class RuleInfo:
    """What people are shown of a rule; `page` is Markdown, `on` says where it is on without being asked for."""

    code: str
    name: str
    severity: Level
    summary: str
    page: str
    cwe: tuple[int, ...] = ()
    since: str = ""
    on: str = ""


#: Codes of the tool itself: reported by the engine and the drivers, always on.
TOOL_CODES = (
    RuleInfo("TMP900", "unparsable", Level.HIGH, "The file is not Python that can be read.", ""),
    RuleInfo("TMP901", "unreadable", Level.HIGH, "The file cannot be opened or is not text.", ""),
    RuleInfo("TMP902", "unused-suppression", Level.LOW, "A comment silences a rule that has nothing to say there.", ""),
    RuleInfo(
        "TMP903", "malformed-suppression", Level.MEDIUM, "A comment is meant to silence something and does not.", ""
    ),
    RuleInfo("TMP904", "expired-suppression", Level.MEDIUM, "The date until which a comment silences has passed.", ""),
    RuleInfo("TMP905", "stale-baseline", Level.LOW, "The baseline holds a finding that is not there any more.", ""),
    RuleInfo("TMP999", "internal", Level.HIGH, "The linter itself failed on this file.", ""),
)


class UnknownSelector(ValueError):
    """A selector that names no rule; `suggestion` is a near one, or None."""

    def __init__(self, selector: str, suggestion: str | None) -> None:
        super().__init__(f"unknown rule `{selector}`" + (f", did you mean `{suggestion}`?" if suggestion else ""))
        self.selector = selector
        self.suggestion = suggestion


@lru_cache(maxsize=1)
def all_rules() -> tuple[Rule, ...]:
    """Every rule in order of its code. Raises ValueError where the package does not validate."""
    found: list[Rule] = []
    for module in pkgutil.walk_packages(rules.__path__, "tempsafe_lint.rules."):
        if module.ispkg or module.name.endswith(".base"):
            continue
        loaded = importlib.import_module(module.name)
        rule: Rule = loaded.RULE
        rule.page = loaded.__doc__ or ""
        found.append(rule)
    found.sort(key=lambda rule: rule.code)
    validate(found)
    return tuple(found)


def validate(found: list[Rule]) -> None:
    """Refuse two rules of one code or name, a page without its headings or examples, a rule that judges nothing."""
    for earlier, later in pairwise(found):
        if earlier.code == later.code:
            raise ValueError(f"two rules have the code {later.code}")
    if len({rule.name for rule in found}) != len(found):
        raise ValueError("two rules share a name")
    for rule in found:
        if not re.fullmatch(r"TMP[1-5]\d\d", rule.code):
            raise ValueError(f"{rule.code}: not a code")
        missing = [heading for heading in HEADINGS if heading not in rule.page]
        if missing:
            raise ValueError(f"{rule.code}: page lacks {', '.join(missing)}")
        if f"# {rule.code}" not in rule.page:
            raise ValueError(f"{rule.code}: page has no example that it reports")
        if not rule.judgements:
            raise ValueError(f"{rule.code}: judges nothing")


def _on(rule: Rule) -> str:
    if rule.preview:
        return "in preview"
    if rule.on_windows and not rule.by_default:
        return "on by default where the project says that it runs on Windows"
    if not rule.by_default:
        return "off by default"
    return "on by default" if rule.in_tests else "on by default, but not in tests"


@lru_cache(maxsize=1)
def codes() -> tuple[RuleInfo, ...]:
    """Rules and the tool's own codes, as people are shown them."""
    infos = [RuleInfo(r.code, r.name, r.severity, r.summary, r.page, r.cwe, r.since, _on(r)) for r in all_rules()]
    return (*infos, *TOOL_CODES)


@lru_cache(maxsize=256)
def resolve(selectors: tuple[str, ...]) -> frozenset[str]:
    """Codes that selectors (code, prefix, name, `ALL`) name. Raises UnknownSelector."""
    known = codes()
    chosen: set[str] = set()
    for selector in selectors:
        if selector == "ALL":
            chosen.update(info.code for info in known)
            continue
        hits = [
            i.code for i in known if selector == i.name or (selector.startswith("T") and i.code.startswith(selector))
        ]
        if not hits:
            words = [i.code for i in known] + [i.name for i in known]
            close = get_close_matches(selector.upper(), words, 1) or get_close_matches(selector.lower(), words, 1)
            raise UnknownSelector(selector, close[0] if close else None)
        chosen.update(hits)
    return frozenset(chosen)
