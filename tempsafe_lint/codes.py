"""Codes and names of the rules, without the rules: what a run asks that has nothing to parse.

A selector that is not found here is looked up among the rules themselves; a test holds both against each other.
"""

from __future__ import annotations

NAMES = {
    "TMP101": "hardcoded-path",
    "TMP102": "predictable-name",
    "TMP103": "cwd-temp",
    "TMP201": "mktemp",
    "TMP202": "name-reuse",
    "TMP203": "check-then-create",
    "TMP301": "use-after-close",
    "TMP302": "use-after-delete",
    "TMP303": "dropped-temp",
    "TMP304": "escaping-temp",
    "TMP401": "leaked-file",
    "TMP402": "leaked-dir",
    "TMP403": "leaked-fd",
    "TMP404": "unsafe-cleanup",
    "TMP405": "double-close",
    "TMP406": "no-context",
    "TMP407": "futile-cleanup",
    "TMP501": "weak-permissions",
    "TMP502": "windows-reopen",
    "TMP503": "unflushed-handoff",
    "TMP504": "cross-device-replace",
    "TMP505": "atomic-replace-mode",
    "TMP506": "wrong-mode",
    "TMP507": "wrong-handle",
    "TMP900": "unparsable",
    "TMP901": "unreadable",
    "TMP902": "unused-suppression",
    "TMP903": "malformed-suppression",
    "TMP904": "expired-suppression",
    "TMP905": "stale-baseline",
    "TMP999": "internal",
}


def is_known(selector: str) -> bool:
    """Whether a selector (code, beginning of one, name, `ALL`) certainly names a rule."""
    if selector == "ALL" or selector in NAMES.values():
        return True
    return selector.startswith("T") and any(code.startswith(selector) for code in NAMES)
