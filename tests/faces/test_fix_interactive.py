"""`--interactive`: each fix is shown and asked about, on a real terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Program

if sys.platform == "win32":
    pytest.skip("terminals are made as POSIX makes them", allow_module_level=True)

PROMPT = b"Apply this fix [y,n,a,d,e,q,?]? "
THREE = "import tempfile\n\na = tempfile.mktemp()\nb = tempfile.mktemp()\nc = tempfile.mktemp()\n"


@pytest.fixture
def project(program: Program) -> Program:
    for name in ("one.py", "two.py"):
        (program.folder / name).write_text(THREE)
    return program


@dataclass
class Conversation:
    """A run that asks on a terminal; standard output goes to a pipe."""

    program: Program
    arguments: tuple[str, ...] = ()
    questions: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.master, slave = os.openpty()
        self.process = subprocess.Popen(
            [*self.program.prefix, "--interactive", "--color", "never", *self.arguments],
            cwd=self.program.folder,
            env=self.program.environment,
            stdin=slave,
            stderr=slave,
            stdout=subprocess.PIPE,
        )
        os.close(slave)

    def asked(self) -> str:
        """What was printed up to the next question, or up to the end."""
        seen = b""
        while not seen.endswith(PROMPT):
            try:
                more = os.read(self.master, 4096)
            except OSError:  # the other side has gone
                break
            if not more:
                break
            seen += more
        return seen.decode().replace("\r\n", "\n")

    def answer(self, keys: str) -> str:
        """Give an answer; what is printed then."""
        os.write(self.master, keys.encode() + (b"" if keys == "\x04" else b"\n"))
        return self.asked()

    def end(self) -> tuple[int, str]:
        """Exit code and standard output."""
        rest = self.asked()
        assert PROMPT.decode() not in rest
        out, _ = self.process.communicate(timeout=60)
        os.close(self.master)
        return self.process.returncode, out.decode()


def _fixed(program: Program) -> dict[str, str]:
    """Which of the three names of each file are made by the runtime now."""
    found = {}
    for name in ("one.py", "two.py"):
        lines = (program.folder / name).read_text().splitlines()
        found[name] = "".join(line[0] for line in lines if " = tempsafe." in line)
    return found


def test_yes_no_and_what_is_shown(project: Program) -> None:
    talk = Conversation(project, ("one.py", "--no-add-dependency", "-q"))
    first = talk.asked()
    assert first.startswith("one.py:3:5: TMP201 [*] ")
    assert "- a = tempfile.mktemp()\n" in first
    assert "+ a = tempsafe.mktemp(delete=False)\n" in first
    assert "one.py:4:5: TMP201" in talk.answer("y")
    explained = talk.answer("e")
    assert "# mktemp (TMP201)" in explained
    assert explained.endswith(PROMPT.decode()), "asked again"
    assert "y - apply this fix\n" in talk.answer("?")
    talk.answer("N")
    talk.answer("y")
    code, out = talk.end()
    assert _fixed(project) == {"one.py": "ac", "two.py": ""}
    assert code == 1
    assert "TMP201" in out, "what was declined is reported, on standard output"


@pytest.mark.parametrize(
    ("keys", "fixed"),
    [
        (["n", "a", "d"], {"one.py": "bc", "two.py": ""}),
        (["y", "d", "n", "y", "n"], {"one.py": "a", "two.py": "b"}),
        (["y", "q"], {"one.py": "a", "two.py": ""}),
        (["y", "\x04"], {"one.py": "a", "two.py": ""}),
    ],
    ids=["a then d", "d is for one file", "q keeps what was taken", "the end of the input is q"],
)
def test_keys_for_more_than_one(project: Program, keys: list[str], fixed: dict[str, str]) -> None:
    talk = Conversation(project, ("--no-add-dependency", "-q"))
    talk.asked()
    for key in keys:
        talk.answer(key)
    assert talk.end()[0] == 1
    assert _fixed(project) == fixed


def test_ctrl_c_writes_nothing(project: Program) -> None:
    talk = Conversation(project)
    talk.asked()
    talk.answer("y")
    talk.process.send_signal(2)
    assert talk.end()[0] == 130
    assert _fixed(project) == {"one.py": "", "two.py": ""}


def test_a_file_that_changes_while_the_question_is_open(project: Program) -> None:
    """It is read, shown and then edited by somebody else: that edit is not lost, and the other file is fixed."""
    talk = Conversation(project, ("--no-add-dependency", "--output-format", "concise"))
    talk.asked()
    edited = THREE + "# edited meanwhile\n"
    (project.folder / "one.py").write_text(edited)
    talk.answer("a")
    said = talk.answer("a")
    assert "error: one.py: not fixed: it was changed by somebody else since it was read\n" in said
    assert talk.end()[0] == 2
    assert (project.folder / "one.py").read_text() == edited
    assert _fixed(project) == {"one.py": "", "two.py": "abc"}


def test_without_a_terminal(project: Program) -> None:
    result = project("--interactive", "one.py")
    assert (result.code, result.out) == (2, "")
    assert result.err == "error: command line: `--interactive` needs a terminal to ask on\n"
    assert project("-i", "--diff", "one.py").code == 2
