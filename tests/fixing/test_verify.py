"""What verification refuses, each alone: the loop asks for all of it after every round."""

from __future__ import annotations

from tempsafe_lint.edits import Edit, Moves, apply
from tempsafe_lint.findings import Report
from tempsafe_lint.fixing.verify import Version, cannot_store, comments_lost, moved_key, undefined, why_not
from tempsafe_lint.front.parse import parse
from tempsafe_lint.source import Source, Span
from tests.fixing.by_hand import finding, imports_of, source_of


def version(text: str, *findings: object) -> Version:
    source = source_of(text)
    return Version(source, Report("sample.py", findings), imports_of(source))  # type: ignore[arg-type]


def test_a_good_result_is_accepted() -> None:
    before, edits = "import os\n\nx = os.f()  # c\n", [Edit(Span(15, 19), "os.g")]
    assert why_not(version(before), version(apply(before, edits)), Moves(edits), (), ()) is None


def test_an_import_that_is_needed_must_be_there() -> None:
    moves = Moves([Edit(Span(0, 1), "tempsafe.f")])
    assert why_not(version("f()\n"), version("tempsafe.f()\n"), moves, (), {"tempsafe"}) == (
        "the result does not import `tempsafe`"
    )


def test_an_import_may_not_become_unused() -> None:
    moves = Moves([Edit(Span(10, 16), "len()")])
    assert why_not(version("import os\nos.f()\n"), version("import os\nlen()\n"), moves, (), ()) == (
        "the import of `os` would become unused"
    )


def test_a_name_whose_import_is_gone_is_refused() -> None:
    before = "import os\nimport re\n\n\ndef f():\n    return os.g(re)\n"
    gone = before.replace("import re\n", "")
    assert why_not(version(before), version(gone), Moves(()), (), ()) == "the name `re` would not be defined"
    for new in ("os.g(re=1)", "os.re", "os.g('re')  # re"):
        assert undefined(version(before), version(gone.replace("os.g(re)", new))) is None, new
    assert undefined(version(before), version(gone.replace("def f():", "def f(re):"))) is None
    other = "from re import sub\n" + gone.replace("os.g(re)", "os.g(sub)")
    assert undefined(version(before), version(other)) is None  # a module's name in another import


def test_a_new_name_that_its_scope_does_not_have_is_refused() -> None:
    before = (
        "class K:\n    inner = 1\n\n    def f(self, given):\n        return len(given)\n\n\ndef g(other):\n    pass\n"
    )

    def why(new: str, head: str = "") -> str | None:
        versions = []
        for text in (before, head + before.replace("len(given)", new)):
            source = source_of(text)
            versions.append(Version(source, Report("sample.py", ()), parse(source).imports()))
        return undefined(*versions)

    assert why("other.close()") == "other"
    assert why("inner") == "inner"
    assert why("[one for one in given if two]") == "two"
    for good in (
        "given.close()",
        "self.other",
        "len(other=1, *given)",
        "(lambda x: x)(given)",
        "g(__file__)",
        "K.inner",
    ):
        assert (good, why(good)) == (good, None)
    assert why("other.close()", "from shutil import *\n") is None


def test_comments_are_counted() -> None:
    assert comments_lost("a  # x\n", "# x\na\n") is None
    assert comments_lost("a  # x\nb  # x\n", "a  # x\nb\n") == "the comment `# x` would be lost or changed"
    assert comments_lost("a\n", "a  # new\n") == "the comment `# new` would be lost or changed"


def test_a_finding_whose_text_our_edit_changed_is_the_same_one() -> None:
    before = "p = tempfile.mkstemp()[1]\n"
    edits = [Edit(Span(4, 20), "tempsafe.mkstemp")]
    after = apply(before, edits)
    old = finding(source_of(before), "TMP403", Span(4, 22), "fd")
    new = finding(source_of(after), "TMP403", Span(4, 22), "fd")
    assert old.key != new.key == moved_key(old, source_of(after), Moves(edits))
    assert why_not(version(before, old), version(after, new), Moves(edits), (), ()) is None
    assert why_not(version(before, old), version(after, new, new), Moves(edits), (), ()) == (
        "line 1 of the result would be reported: TMP403 (fd)"
    )
    assert why_not(version(before, old), version(after, new), Moves(edits), (old,), ()) == (
        "TMP403 would still be reported afterwards"
    )


def test_what_somebody_else_decoded_is_theirs_to_store() -> None:
    """A cookie in text from an editor says nothing about how the text is stored."""
    text = "# coding: latin-1\nx = '\u20ac'\n"
    assert cannot_store(Source.from_text(text, "a.py"), Source.from_text(text + "y\n", "a.py")) is None
    assert cannot_store(Source("\ud800", "a.py"), Source("\ud800x", "a.py")) is None
    stored = Source("# coding: latin-1\nx = 1\n", "a.py", encoding="latin-1")
    assert cannot_store(stored, stored.with_text(text)) == "the new text cannot be written as latin-1"
