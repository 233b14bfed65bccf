"""Made-up functions that make a temp and hand it on, run before and after their fixes, in every mode.

Where nothing goes wrong, all is as before. Where something raises, the same is raised, and nothing is left behind but
what somebody else has by then.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import tempsafe
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fixing.test_blocks_behave import fixed, run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="open files are removed")
MANY = int(os.environ.get("TEMPSAFE_BEHAVIOUR", "5")) * 8

HEAD = "import os\nimport shutil\nimport tempfile\n\nkept = []\n\n\n"
FILES = (
    "handle, path = tempfile.mkstemp()\nos.close(handle)",
    "handle, path = tempfile.mkstemp('.x')  # made\nwith os.fdopen(handle, 'w') as out:\n    out.write('a')",
    "with tempfile.NamedTemporaryFile('w', delete=False) as out:\n    out.write('a')\n    path = out.name",
)
FOLDERS = ("path = tempfile.mkdtemp()", "path: str = tempfile.mkdtemp(prefix='q-')  # a folder")
STEPS = (
    "if mode == 1:\n    raise KeyError('k')  # wrong",
    "os.stat('/nowhere' if mode == 2 else '/')",
    "text = '''\n  two  # no comment\n'''\nprint(text)",
    "# a comment of its own\nprint(os.path.exists(path))",
    "for part in range(2):\n    if part == mode:\n        continue\n    print(part)",
    "try:\n    int('x')\nexcept ValueError as error:\n    print(error)",
)
ENDS = (
    "return path",
    "return len(os.path.basename(path)), os.path.join(path, '')",
    "kept.append(path)\nreturn 0",
    "return [path, os.stat('/nowhere' if mode == 3 else '/')]",
    "try:\n    os.stat('/nowhere' if mode == 3 else '/')\nfinally:\n    {remove}(path)",
    "os.replace(path, path + '.new')\nprint('there')",
)


@st.composite
def programs(draw: st.DrawFn) -> str:
    """One module with a function `work(mode)`."""
    folder = draw(st.booleans())
    made = draw(st.sampled_from(FOLDERS if folder else FILES))
    steps = draw(st.lists(st.sampled_from(STEPS), max_size=3))
    raising = draw(st.sampled_from(STEPS[:2]))
    body = "\n".join((made, *steps, raising, draw(st.sampled_from(ENDS))))
    body = body.replace("{remove}", "shutil.rmtree" if folder else "os.remove")
    rows, inside = [], False
    for row in body.split("\n"):
        rows.append(row if inside else f"    {row}")
        inside ^= row.count("'''") % 2 == 1
    return HEAD + "def work(mode):\n" + "\n".join(rows) + "\n"


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="descriptors are counted there")
@given(programs())
@settings(max_examples=MANY, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_what_fails_leaves_nothing_and_all_else_is_as_before(text: str) -> None:
    report = fixed(text, unsafe=True)
    if not any(finding.fix and "except BaseException" in finding.fix.title for finding in report.applied):
        return
    with tempfile.TemporaryDirectory() as folder:
        for mode in range(4):
            old, new = run(text, mode, Path(folder, "t")), run(report.after, mode, Path(folder, "t"))
            if isinstance(old.result, tuple) and isinstance(old.result[0], type):
                assert (new.result, new.out) == (old.result, old.out), report.after
                assert new.left == 0, report.after
            else:
                assert (type(new.result), new.out, new.left) == (type(old.result), old.out, old.left), report.after
            assert new.open <= old.open, report.after


def test_programs_are_mended_at_all() -> None:
    step = "if mode:\n        raise KeyError(mode)"
    text = HEAD + f"def work(mode):\n    path = tempfile.mkdtemp()\n    {step}\n    return path\n"
    assert "except BaseException:" in fixed(text, unsafe=True).after


PROGRAM = """import tempfile
import sys


def fetch(given):
    with tempfile.NamedTemporaryFile("w", delete=False) as out:
        out.write("x")
    path = out.name
    if given == "bad":
        return ""
    return path


print(fetch(sys.argv[1]))
"""


@pytest.mark.parametrize("how", ["good", "bad"])
def test_what_is_returned_outlives_the_process_and_nothing_else(how: str, tmp_path: Path) -> None:
    text = fixed(PROGRAM, unsafe=True).after
    assert "tempsafe.keep(path)" in text
    runtime = Path(tempsafe.__file__).parents[1]
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(runtime)}
    command = [sys.executable, "-c", text, how]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    left = [str(path) for path in tmp_path.iterdir() if not path.name.startswith("tempsafe-")]
    assert left == ([done.stdout.strip()] if how == "good" else [])
