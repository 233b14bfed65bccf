"""What the formats for machines hold: one run of the program writes them all, and each is read by its own rules."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from tempsafe_lint.configuration.kinds import FORMATS
from tempsafe_lint.edits import Edit, Fix
from tempsafe_lint.findings import Finding, Level, Safety
from tempsafe_lint.report import FORMATS as WRITERS
from tempsafe_lint.report import Account, render
from tempsafe_lint.source import Source, Span
from tests.faces import sarif_contract

if TYPE_CHECKING:
    from tests.conftest import Program

ROOT = Path(__file__).resolve().parent.parent.parent

#: Accents, an emoji outside of the basic plane, two findings alike on one line, a way out, an import to be added.
TEXT = """\
import tempfile
i = "é🙂", tempfile.mktemp()
j = tempfile.mktemp(), tempfile.mktemp()


def f(run):
    d = tempfile.mkdtemp()
    run(1)
    run(2)
"""
MACHINE = (
    "json",
    "json-lines",
    "sarif",
    "github",
    "gitlab",
    "azure",
    "junit",
    "rdjson",
    "rdjsonl",
    "pylint",
    "markdown",
)


@dataclass(frozen=True)
class Written:
    """The folder where everything stands, and the text of every format."""

    folder: Path
    texts: dict[str, str]

    def data(self, form: str) -> Any:
        return json.loads(self.texts[form])


def _write(program: Program, *arguments: str, expected: int) -> Written:
    targets = [word for form in MACHINE for word in ("-o", f"{form}:{program.folder / 'out' / form}")]
    (program.folder / "out").mkdir()
    result = program("--output-format", "concise", "-q", *targets, *arguments)
    assert (result.code, result.err) == (expected, "")
    return Written(
        program.folder, {form: (program.folder / "out" / form).read_text(encoding="utf-8") for form in MACHINE}
    )


@pytest.fixture(scope="module")
def written(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Written:
    """A repository with a file in a folder whose name wants escaping, linted from a folder below the top."""
    from tests.conftest import Program

    top = tmp_path_factory.mktemp("repository")
    subprocess.run(["git", "init", "-q", str(top)], check=True)
    folder = top / "a b" / "é%"
    folder.mkdir(parents=True)
    (folder / "x,y.py").write_text(TEXT, encoding="utf-8")
    (top / "a b" / "out.py").write_text("x = 1\n")
    return _write(Program(environment, top / "a b"), ".", expected=1)


@pytest.fixture(scope="module")
def empty(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Written:
    """The same without a finding."""
    from tests.conftest import Program

    folder = tmp_path_factory.mktemp("clean")
    (folder / "a.py").write_text("x = 1\n")
    return _write(Program(environment, folder), "a.py", expected=0)


PATH = "a b/é%/x,y.py"


def test_every_format_has_a_writer() -> None:
    assert set(WRITERS) == {word.strip('" ') for word in FORMATS}


def test_json(written: Written, empty: Written) -> None:
    found = written.data("json")
    assert found == [json.loads(line) for line in written.texts["json-lines"].splitlines()]
    assert [(one["code"], one["location"]["row"], one["location"]["column"]) for one in found] == [
        ("TMP201", 2, 11),
        ("TMP201", 3, 5),
        ("TMP201", 3, 24),
        ("TMP402", 7, 9),
    ]
    assert (empty.data("json"), empty.texts["json-lines"]) == ([], "")


def test_json_fixes_are_complete(written: Written) -> None:
    """Each fix, applied alone, gives a text that imports what it calls."""
    source = Source.from_text(TEXT, "a.py")
    for one in written.data("json"):
        pieces = TEXT
        edits = [
            (source.offset(*edit["location"].values()), source.offset(*edit["end_location"].values()), edit["content"])
            for edit in one["fix"]["edits"]
        ]
        for start, end, text in sorted(edits, reverse=True):
            pieces = pieces[:start] + text + pieces[end:]
        compile(pieces, "a.py", "exec")
        assert one["fix"]["imports"] == ["tempsafe"]
        assert re.search(r"^import tempsafe$", pieces, re.MULTILINE)
        assert pieces.count("tempsafe.") == 1


def test_sarif_holds_what_github_asks_for(written: Written, empty: Written) -> None:
    for log in (written.data("sarif"), empty.data("sarif")):
        jsonschema.validate(log, sarif_contract.LOG)
        rules = log["runs"][0]["tool"]["driver"]["rules"]
        assert all(len(rule["shortDescription"]["text"]) < len(rule["help"]["text"]) + 1 for rule in rules)
        mktemp = next(rule for rule in rules if rule["id"] == "TMP201")
        assert "external/cwe/cwe-377" in mktemp["properties"]["tags"]
        assert 0 < float(mktemp["properties"]["security-severity"]) <= 10
    assert empty.data("sarif")["runs"][0]["results"] == []


def test_sarif_follows_the_schema_of_the_standard(written: Written, empty: Written) -> None:
    """The schema's licence does not let it stand here; `.ci/wheelhouse` fetches it."""
    folder = Path(os.environ.get("TEMPSAFE_WHEELHOUSE") or ROOT / ".wheelhouse")
    path = folder / "sarif-schema-2.1.0.json"
    if not path.is_file():
        pytest.skip("needs the schema that .ci/wheelhouse fetches from OASIS")
    schema = json.loads(path.read_text(encoding="utf-8"))
    for log in (written.data("sarif"), empty.data("sarif")):
        jsonschema.validators.validator_for(schema)(schema).validate(log)


def test_sarif_places(written: Written) -> None:
    run = written.data("sarif")["runs"][0]
    results = run["results"]
    uris = {r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in results}
    assert uris == {"a%20b/%C3%A9%25/x%2Cy.py"}, "below the top of the repository, whatever the working directory is"
    assert run["columnKind"] == "unicodeCodePoints"
    region = results[0]["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 2, "startColumn": 11, "endLine": 2, "endColumn": 28}
    assert all(run["tool"]["driver"]["rules"][r["ruleIndex"]]["id"] == r["ruleId"] for r in results)
    replaced = [one["insertedContent"]["text"] for one in results[0]["fixes"][0]["artifactChanges"][0]["replacements"]]
    assert replaced == ["\nimport tempsafe\n", "tempsafe.mktemp", "delete=False"]
    related = [r for r in results if r.get("relatedLocations")]
    assert all(one["message"]["text"] for r in related for one in r["relatedLocations"])


def test_one_fingerprint_everywhere(written: Written) -> None:
    marks = [one["fingerprint"] for one in written.data("json")]
    assert len(set(marks)) == 4, "two alike on one line are two"
    assert marks == [one["fingerprint"] for one in written.data("gitlab")]
    hashes = [one["partialFingerprints"] for one in written.data("sarif")["runs"][0]["results"]]
    assert hashes == [{"primaryLocationLineHash": f"{mark}:1", "tempsafe/v1": mark} for mark in marks]


def test_gitlab(written: Written, empty: Written) -> None:
    first = written.data("gitlab")[0]
    assert first["location"]["path"] == PATH
    assert first["location"]["lines"]["begin"] == 2
    assert first["location"]["positions"]["begin"] == {"line": 2, "column": 11}
    assert first["description"].startswith("TMP201: ")
    assert {one["severity"] for one in written.data("gitlab")} <= {"info", "minor", "major", "critical", "blocker"}
    assert empty.data("gitlab") == []


def test_rdjson_counts_bytes(written: Written, empty: Written) -> None:
    whole = written.data("rdjson")
    first = whole["diagnostics"][0]
    line = TEXT.splitlines()[1].encode()
    column = line.index(b"tempfile") + 1
    assert first["location"]["path"] == PATH
    assert first["location"]["range"] == {
        "start": {"line": 2, "column": column},
        "end": {"line": 2, "column": column + len("tempfile.mktemp()")},
    }
    assert first["severity"] == "ERROR"
    (suggestion,) = first["suggestions"]
    rows = TEXT.encode().split(b"\n")
    start, end = suggestion["range"]["start"], suggestion["range"]["end"]
    before = b"\n".join([*rows[: start["line"] - 1], rows[start["line"] - 1][: start["column"] - 1]])
    after = b"\n".join([rows[end["line"] - 1][end["column"] - 1 :], *rows[end["line"] :]])
    mended = (before + suggestion["text"].encode() + after).decode()
    assert 'import tempsafe\ni = "é🙂", tempsafe.mktemp(delete=False)\n' in mended
    lines = [json.loads(line) for line in written.texts["rdjsonl"].splitlines()]
    assert [{**one, "source": whole["source"]} for one in whole["diagnostics"]] == lines
    assert empty.data("rdjson") == {"source": {"name": "tempsafe-lint"}, "diagnostics": []}
    assert empty.texts["rdjsonl"] == ""


def test_junit(written: Written, empty: Written) -> None:
    (suite,) = ET.fromstring(written.texts["junit"])
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == (PATH, "4", "4")
    assert len(suite.findall("testcase/failure")) == 4
    (suite,) = ET.fromstring(empty.texts["junit"])
    assert [list(case) for case in suite] == [[]], "one case, which passes"


def test_commands_of_runners(written: Written, empty: Written) -> None:
    first = written.texts["github"].splitlines()[0]
    place = "file=a b/é%25/x%2Cy.py,line=2,endLine=2,col=11,endColumn=28"
    assert first.startswith(f"::error title=TMP201 mktemp,{place}::TMP201 `tempfile.mktemp` ")
    assert re.fullmatch(r"::error title=[^:]*::.*", first)
    first = written.texts["azure"].splitlines()[0]
    assert first.startswith(
        "##vso[task.logissue type=error;sourcepath=a b/é%AZP25/x,y.py;linenumber=2;columnnumber=11;code=TMP201;]`"
    )
    assert (empty.texts["github"], empty.texts["azure"]) == ("", "")


def test_pylint_and_markdown(written: Written, empty: Written) -> None:
    assert written.texts["pylint"].splitlines()[0].startswith("é%/x,y.py:2: [TMP201] ")
    rows = [line for line in written.texts["markdown"].splitlines() if line.startswith("| `")]
    assert len(rows) == 4
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {6}
    assert empty.texts["pylint"] == ""
    assert "No findings." in empty.texts["markdown"]


def _finding(number: int, severity: Level, message: str = "m", name: str = "a.py") -> Finding:
    region = Source.from_text("x\n" * 100, name).region(Span(2 * number, 2 * number + 1))
    return Finding("TMP201", "mktemp", message, severity, Level.HIGH, name, region)


NASTY = 'a "q" <b> & 100%: x, y; ]\r\nz | `c` \x1b[2J'


def test_nothing_of_a_message_is_obeyed() -> None:
    account = Account([_finding(0, Level.HIGH, NASTY, 'a:b,c;d]"<%.py')])
    said = render("github", account)
    assert said.count("\n") == 1
    assert 'file=a%3Ab%2Cc;d]"<%25.py,' in said
    assert "100%25: x, y; ]%0D%0Az" in said
    said = render("azure", account)
    assert said.count("\n") == 1
    assert 'sourcepath=a:b,c%3Bd%5D"<%AZP25.py;' in said
    assert "100%AZP25: x, y; ]%0D%0Az" in said
    (suite,) = ET.fromstring(render("junit", account))
    assert "100%: x, y; ]\\r\\nz | `c` \\x1b[2J" in str(suite[0][0].get("message"))
    assert json.loads(render("gitlab", account))[0]["description"] == f"TMP201: {NASTY}"
    (row,) = (line for line in render("markdown", account).splitlines() if line.startswith("| `"))
    assert len(re.findall(r"(?<!\\)\|", row)) == 6
    assert "\\<b\\>" in row
    for form in ("concise", "full", "grouped", "pylint"):
        assert "\x1b" not in render(form, account)


def test_github_tells_of_what_it_does_not_show() -> None:
    few = [_finding(n, Level.HIGH) for n in range(10)]
    assert "::notice" not in render("github", Account(few))
    many = [_finding(0, Level.LOW), *(_finding(n, Level.MEDIUM) for n in range(1, 13)), _finding(20, Level.HIGH)]
    lines = render("github", Account(many)).splitlines()
    kinds = [line[2:].split(" ")[0] for line in lines]
    assert kinds == ["error", *["warning"] * 12, "notice", "notice"], "worst first"
    assert lines[-2].startswith(
        "::notice title=tempsafe-lint::14 findings; GitHub shows 10 of a kind and leaves out 2."
    )


def test_the_summary_of_a_job(program: Program) -> None:
    (program.folder / "a.py").write_text(TEXT, encoding="utf-8")
    summary = program.folder / "summary.md"
    summary.write_text("before\n")
    program("--output-format", "github", "a.py", GITHUB_STEP_SUMMARY=str(summary))
    assert summary.read_text().startswith("before\n## tempsafe-lint\n\n4 findings.\n\n| place |")
    gone = program("--output-format", "github", "a.py", GITHUB_STEP_SUMMARY=str(program.folder / "no" / "x"))
    assert (gone.code, gone.err.count("\n")) == (1, 1)
    assert gone.err.startswith("warning: no job summary: ")


def test_a_sarif_log_that_github_would_refuse_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    from tempsafe_lint.report import sarif

    assert sarif.MOST == 25_000
    monkeypatch.setattr(sarif, "MOST", 5)
    findings = [_finding(1, Level.LOW)] * sarif.MOST + [_finding(1, Level.HIGH)]
    run = json.loads(render("sarif", Account(findings)))["runs"][0]
    assert len(run["results"]) == sarif.MOST
    assert run["results"][0]["level"] == "error"
    assert "1 of the least severe" in run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]


def test_a_fix_without_edits_is_no_suggestion() -> None:
    source = Source.from_text("x\n", "a.py")
    for fix in (Fix("do it", Safety.DISPLAY, ()), Fix("do", Safety.SAFE, (Edit(Span(0, 1), "y"),))):
        one = Finding("TMP201", "mktemp", "m", Level.HIGH, Level.HIGH, "a.py", source.region(Span(0, 1)), fix=fix)
        account = Account([one], lambda _: source)
        assert ("suggestions" in json.loads(render("rdjsonl", account))) is bool(fix.edits)
        assert ("fixes" in json.loads(render("sarif", account))["runs"][0]["results"][0]) is bool(fix.edits)


def test_a_writer_is_imported_when_it_is_asked_for(program: Program) -> None:
    (program.folder / "a.py").write_text(TEXT, encoding="utf-8")
    probe = (
        "import sys\nfrom tempsafe_lint.__main__ import main\nmain()\n"
        "print(*sorted(name for name in sys.modules if '_lint.report.' in name or name in ('xml', 'hashlib')))\n"
    )
    ours = program.command(sys.executable, "-c", probe)("-q", "--output-format", "concise", "a.py")
    assert ours.lines[-1] == "tempsafe_lint.report.style tempsafe_lint.report.text"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("sarif:no/such/out.sarif", "there is no such folder"),
        ("json:folder", "is a directory"),
        ("json:", "a file is needed; standard output is what `--output-format` is for"),
        ("-", "a file is needed; standard output is what `--output-format` is for"),
    ],
)
def test_a_bad_output_file_is_one_line(program: Program, value: str, said: str) -> None:
    (program.folder / "folder").mkdir()
    (program.folder / "a.py").write_text(TEXT, encoding="utf-8")
    result = program("-o", value, "a.py")
    path = value.removeprefix("sarif:").removeprefix("json:")
    assert (result.code, result.out, result.err) == (2, "", f"error: command line: `--output-file {path}`: {said}\n")


def test_output_files(program: Program) -> None:
    """A file is replaced whole; without a format it stands in for printing; a device stays one."""
    (program.folder / "a.py").write_text(TEXT, encoding="utf-8")
    out = program.folder / "out.json"
    out.write_text("old")
    moved = program("--output-format", "json", "-o", str(out), "-o", f"concise:{program.folder / 'out.txt'}", "a.py")
    assert (moved.code, moved.out) == (1, "")
    assert len(json.loads(out.read_text())) == 4
    assert (program.folder / "out.txt").read_text().count("\n") == 4
    assert sorted(path.name for path in program.folder.iterdir()) == ["a.py", "out.json", "out.txt", "pyproject.toml"]
    if os.path.exists("/dev/null"):
        before = os.stat("/dev/null").st_mode
        assert program("-o", "sarif:/dev/null", "-q", "--output-format", "concise", "a.py").out.count("\n") == 4
        assert os.stat("/dev/null").st_mode == before
