"""The project about itself: codes, pages, messages, changelog and documents name the same set."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import tempsafe_lint
from tempsafe_lint import registry
from tempsafe_lint.codes import NAMES, is_known
from tempsafe_lint.registry import all_rules
from tests.mdtest.documents import of_rules

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = Path(tempsafe_lint.__file__).parent


def test_every_rule_has_examples_of_both_sorts() -> None:
    """Each page shows something reported under its own code and something that is not."""
    for rule in all_rules():
        own = [e for e in of_rules() if e.name.startswith(rule.code + ":")]
        assert any(code == rule.code for e in own for _, code in e.expected), rule.code
        assert any(not e.expected for e in own), rule.code


def test_pages_follow_one_order() -> None:
    for rule in all_rules():
        headings = re.findall(r"^## (.+)$", rule.page, re.MULTILINE)
        assert headings == ["Why it matters", "Reported", "Not reported", "Fix safety"], rule.code


def test_the_changelog_names_every_rule() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    for rule in all_rules():
        assert rule.code in changelog, rule.code


def test_messages_follow_the_convention() -> None:
    """Lower case, no full stop, names in backticks: in every `draft(...)` message of a rule file."""
    for path in (PACKAGE / "rules").rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "draft"):
                continue
            message = call.args[1]
            first = message.values[0] if isinstance(message, ast.JoinedStr) else message
            text = first.value if isinstance(first, ast.Constant) else "`"
            assert isinstance(text, str)
            assert text[0].islower() or text[0] == "`", (path.name, text)
            last = message.values[-1] if isinstance(message, ast.JoinedStr) else message
            if isinstance(last, ast.Constant):
                assert not str(last.value).endswith("."), (path.name, last.value)


def test_code_of_a_rule_file_stays_short() -> None:
    """A rule is a judgement: 60 lines of code at most, docstring and blank lines apart."""
    for path in (PACKAGE / "rules").rglob("*.py"):
        if path.name in ("base.py", "__init__.py"):
            continue
        code = re.sub(r'r?""".*?"""', "", path.read_text("utf-8"), count=1, flags=re.DOTALL)
        assert len([line for line in code.splitlines() if line.strip()]) <= 60, path.name


def test_the_readme_names_every_rule() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    for rule in all_rules():
        assert f"| {rule.code} | {rule.name} |" in readme, rule.code


def test_the_list_of_codes_is_that_of_the_rules() -> None:
    """`codes` spares a run with nothing to parse the rules; what it does not know costs time, not an answer."""
    known = {info.code: info.name for info in registry.codes()}
    assert {rule.code: rule.name for rule in all_rules()}.items() <= NAMES.items() <= known.items()
    for selector in ("ALL", "T", "TMP4", "TMP201", "mktemp", "tmp201", "TMP2O1", "MKTEMP", "", "all", "TMP2011"):
        try:
            found = bool(registry.resolve((selector,)))
        except registry.UnknownSelector:
            found = False
        assert is_known(selector) is found, selector
