"""Made-up functions with a temp, run before and after their fixes, in every mode: what goes wrong, where they leave.

A function makes a temp, does some things that may raise, return, break or go on, and removes it; around that is a loop
or a handler that may look at the path again. Safe fixes: the same result, the same output, the same exception in every
mode, no more open descriptors, nothing left behind where a block was made. Unsafe ones: all that where nothing goes
wrong.
More programs with a larger number in the environment.
"""

from __future__ import annotations

import ast
import contextlib
import io
import os
import shutil
import stat
import sys
import tempfile
import textwrap
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tempsafe_lint.engine import fix
from tempsafe_lint.findings import FixReport, Safety
from tempsafe_lint.fixing.layout import layout
from tempsafe_lint.settings import Settings
from tempsafe_lint.source import Source, Span

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="open files are removed")
MANY = int(os.environ.get("TEMPSAFE_BEHAVIOUR", "5")) * 12
MODES = range(4)
HEAD = "import contextlib\nimport os\nimport shutil\nimport tempfile\n\n\n"

FILES = (
    "handle, path = tempfile.mkstemp()\nos.close(handle)",
    "handle, path = tempfile.mkstemp('.x')  # made\nwith os.fdopen(handle, 'w') as out:\n    out.write('a')",
    "out = tempfile.NamedTemporaryFile('w', delete=False)\npath = out.name\nout.close()",
    "path = tempfile.mkstemp()[1]",
    "with tempfile.NamedTemporaryFile('w', delete=False) as out:  # held\n    out.write('a')\npath = out.name",
    "with tempfile.NamedTemporaryFile('w', delete=False) as out:\n    out.write('a')\n    path = out.name\nprint(1)",
    "_, path = tempfile.mkstemp(\n    suffix='.y',  # named\n)",
)
FOLDERS = ("path = tempfile.mkdtemp()", "path: str = tempfile.mkdtemp()", "path = work = tempfile.mkdtemp(prefix='q-')")
STEPS = (
    "print(os.path.getsize(path) >= 0)",
    "if mode == 1:\n    raise KeyError('k')  # wrong",
    "if mode == 2:\n    return 2",
    "{jump}",
    "text = '''\n  two  # no comment\n'''\nprint(text)",
    "# a comment of its own\nseen = os.path.exists(path)\nprint(seen)",
    "for part in range(2):\n    if part == mode:\n        continue\n    print(part)",
    "print('a' + \\\n  'b',\nmode)",
    "with contextlib.suppress(KeyError):\n    print({}[mode])",
    "found = [path]\nprint(len(found))",
)
REMOVALS = (
    "{remove}(path)",
    "# away with it\n{remove}(path)  # gone",
    "try:\n    {remove}(path)\nexcept OSError:\n    pass",
    "if os.path.exists(path):\n    {remove}(path)",
    "with contextlib.suppress(OSError):\n    {remove}(path)",
)
AROUND = (
    "{body}",
    "for turn in range(2):\n    print(turn)\n{inner}",
    "try:\n{inner}\nexcept KeyError:\n    print('caught')",
    "try:\n{inner}\nexcept KeyError:\n    print(os.path.exists(path))",
    "while True:\n{inner}\n    break",
    "if mode < 9:\n{inner}",
    "with contextlib.suppress(KeyError):\n{inner}",
)
AFTER = ("return 0", "print(os.path.exists(path))", "return seen", "print('end')")


@st.composite
def programs(draw: st.DrawFn) -> str:
    """One module with a function `work(mode)`."""
    folder = draw(st.booleans())
    made = draw(st.sampled_from(FOLDERS if folder else FILES))
    around = draw(st.sampled_from(AROUND))
    looping = around.startswith(("for", "while"))
    jump = draw(
        st.sampled_from(("if mode == 3:\n    break", "if mode == 3:\n    continue")) if looping else st.just("pass")
    )
    if around.startswith("while"):
        jump = "if mode == 3:\n    break"
    steps = draw(st.lists(st.sampled_from(STEPS), min_size=1, max_size=4))
    removal = draw(st.sampled_from(REMOVALS))
    body = "\n".join((made, *steps, removal)).replace("{jump}", jump)
    body = body.replace("{remove}", "shutil.rmtree" if folder else "os.remove")
    text = around.replace("{body}", body).replace("{inner}", _indented(body))
    text = "\n".join(("seen = None", text, draw(st.sampled_from(AFTER))))
    unit = draw(st.sampled_from(("    ", "\t", "  ")))
    return HEAD + _with_unit(f"def work(mode):\n{_indented(text)}\n", unit)


def _indented(text: str) -> str:
    """Text moved to the right, but for rows inside a string."""
    rows, inside = [], False
    for row in text.split("\n"):
        rows.append(row if inside else f"    {row}")
        inside ^= row.count("'''") % 2 == 1
    return "\n".join(rows)


def _with_unit(text: str, unit: str) -> str:
    rows, inside = [], False
    for row in text.split("\n"):
        bare = row.lstrip(" ")
        rows.append(row if inside else unit * ((len(row) - len(bare)) // 4) + " " * ((len(row) - len(bare)) % 4) + bare)
        inside ^= row.count("'''") % 2 == 1
    return "\n".join(rows)


@dataclass(frozen=True)
class Seen:
    """What one call showed; `left` is how many temps it left behind, `open` how many descriptors."""

    result: object
    out: str
    left: int
    open: int


def run(text: str, mode: int, folder: Path) -> Seen:
    """Call `work(mode)` with a temporary directory of its own."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    names: dict[str, object] = {}
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    descriptors = set(os.listdir("/proc/self/fd"))
    out = io.StringIO()
    try:
        exec(compile(text, "program", "exec"), names)
        with contextlib.redirect_stdout(out):
            try:
                result: object = names["work"](mode)  # type: ignore[operator]
            except Exception as error:
                result = (type(error), str(error).replace(str(folder), ""))
    finally:
        tempfile.tempdir = before
    still = set(os.listdir("/proc/self/fd")) - descriptors
    opened = {number for number in still if _is_file(number)}
    left = [path for path in folder.iterdir() if not path.name.startswith("tempsafe-")]
    for number in opened:
        os.close(int(number))
    return Seen(result, out.getvalue(), len(left), len(opened))


def _is_file(number: str) -> bool:
    """Whether a descriptor is one of a file, and not the runtime's own."""
    try:
        target = os.readlink(f"/proc/self/fd/{number}")
        return "/tempsafe-" not in target and stat.S_ISREG(os.fstat(int(number)).st_mode)
    except OSError:
        return False


def fixed(text: str, *, unsafe: bool) -> FixReport:
    """The fix report of a program; it parses, keeps its comments, and a second run finds nothing to do."""

    def choose(finding: object) -> bool:
        offered = getattr(finding, "fix", None)
        return offered is not None and (unsafe or offered.safety is Safety.SAFE)

    report = fix(Source(text, "src/work.py"), Settings(), choose)
    ast.parse(report.after)
    assert sorted(_comments(report.after)) == sorted(_comments(text))
    assert not fix(Source(report.after, "src/work.py"), Settings(), choose).changed
    return report


def _comments(text: str) -> list[str]:
    return layout(text).comments_in(Span(0, len(text)))


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="descriptors are counted there")
@given(programs())
@settings(max_examples=MANY, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_a_safe_fix_changes_nothing_but_what_is_left(text: str) -> None:
    report = fixed(text, unsafe=False)
    blocks = any(
        finding.fix and finding.fix.title.startswith(("make it in", "remove it in", "let the"))
        for finding in report.applied
    )
    with tempfile.TemporaryDirectory() as folder:
        for mode in MODES if report.changed else ():
            old, new = run(text, mode, Path(folder, "t")), run(report.after, mode, Path(folder, "t"))
            assert (new.result, new.out) == (old.result, old.out), report.after
            assert new.open <= old.open, report.after
            assert new.left <= (0 if blocks else old.left), report.after


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="descriptors are counted there")
@given(programs())
@settings(max_examples=MANY // 2, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_an_unsafe_fix_changes_nothing_where_nothing_goes_wrong(text: str) -> None:
    report = fixed(text, unsafe=True)
    with tempfile.TemporaryDirectory() as folder:
        if report.changed:
            old, new = run(text, 0, Path(folder, "t")), run(report.after, 0, Path(folder, "t"))
            assert (new.result, new.out) == (old.result, old.out), report.after
            assert new.open <= old.open, report.after


def test_the_programs_hold_what_is_to_be_mended() -> None:
    """Without this the tests above could hold for nothing."""
    text = HEAD + textwrap.dedent(
        """
        def work(mode):
            path = tempfile.mkdtemp()
            if mode == 1:
                raise KeyError('k')
            shutil.rmtree(path)
        """
    )
    report = fixed(text, unsafe=False)
    assert "with tempsafe.TemporaryDirectory() as path:" in report.after
