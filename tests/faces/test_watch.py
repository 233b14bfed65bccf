"""`--watch` as a process: it checks what changes, until Ctrl-C."""

from __future__ import annotations

import queue
import signal
import subprocess
import sys
import threading
from typing import IO, TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Program

DEFECT = "import tempfile\nx = tempfile.mktemp()\n"


class Lines:
    """What a stream says, line by line, with a limit to waiting."""

    def __init__(self, stream: IO[str]) -> None:
        self._lines: queue.Queue[str] = queue.Queue()
        self._stream = stream
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self._stream:
            self._lines.put(line.rstrip("\n"))

    def until(self, beginning: str) -> list[str]:
        """The lines up to the first that begins so, that one included."""
        found: list[str] = []
        while not found or not found[-1].startswith(beginning):
            found.append(self._lines.get(timeout=60))
        return found


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent as POSIX has it")
def test_watching(program: Program) -> None:
    pytest.importorskip("watchfiles", reason="the extra `watch`")
    (program.folder / "a.py").write_text(DEFECT)
    (program.folder / "b.py").write_text("x = 1\n")
    process = subprocess.Popen(
        [*program.prefix, "--watch", "--output-format", "concise", "-q"],
        cwd=program.folder,
        env=program.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    lines = Lines(process.stdout)
    try:
        first = lines.until("Watching. ")
        assert [line[:16] for line in first] == ["a.py:2:5: TMP201", "Watching. 1 find"]
        assert first[-1] == "Watching. 1 finding in 1 of 2 files."
        (program.folder / "b.py").write_text("\n" + DEFECT)
        second = lines.until("Watching. ")
        assert second[0].startswith("b.py:3:5: TMP201 "), "only what changed"
        assert second[1:] == ["Watching. 2 findings in 2 of 2 files."]
        (program.folder / "a.py").unlink()
        assert lines.until("Watching. ") == ["Watching. 1 finding in 1 of 1 files."]
        (program.folder / "notes.txt").write_text("none of ours")
        (program.folder / "pyproject.toml").write_text("[tool.tempsafe-lint]\nselct = []\n")
        assert lines.until("error: ")[-1].startswith("error: pyproject.toml:2: unknown setting `selct`")
        (program.folder / "pyproject.toml").write_text("[tool.tempsafe-lint]\nignore = ['TMP2']\n")
        assert lines.until("Watching. ")[-1] == "Watching. 0 findings in 0 of 1 files."
    finally:
        process.send_signal(signal.SIGINT)
        code = process.wait(60)
        process.stdout.close()
    assert code == 130


def test_without_the_extra(program: Program) -> None:
    hidden = "import sys\nsys.modules['watchfiles'] = None\nfrom tempsafe_lint.__main__ import main\nsys.exit(main())\n"
    result = program.command(sys.executable, "-c", hidden)("--watch")
    assert (result.code, result.out) == (2, "")
    assert result.err == "error: `--watch` needs watchfiles: pip install 'tempsafe-lint[watch]'\n"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--fix",), "error: command line: `--watch` does not go with `--fix`\n"),
        (("-",), "error: command line: `--watch` does not go with `-`\n"),
        (("gone",), "error: command line: there is no `gone` to watch\n"),
    ],
)
def test_what_cannot_be_watched(program: Program, arguments: tuple[str, ...], complaint: str) -> None:
    result = program("--watch", *arguments)
    assert (result.code, result.out, result.err) == (2, "", complaint)
