"""The program in a fork of the test process: a process of its own, without the time that importing takes.

For tests that run it often. What a user meets first is tested through the installed program all the same.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from typing import IO, NoReturn

from tempsafe_lint import __main__ as entry
from tempsafe_lint.drivers import cli, mending  # noqa: F401  (so that a fork has them)
from tempsafe_lint.engine import lint
from tempsafe_lint.settings import Settings
from tempsafe_lint.source import Source
from tests.conftest import Program


class Forked(Program):
    """Takes the place of `Program`; where there is no fork, it is one."""

    def raw(
        self, *arguments: object, stdin: str | bytes = b"", **environment: str
    ) -> subprocess.CompletedProcess[bytes]:
        if not hasattr(os, "fork"):
            return super().raw(*arguments, stdin=stdin, **environment)
        words = [str(argument) for argument in arguments]
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            given.write(stdin.encode() if isinstance(stdin, str) else stdin)
            given.seek(0)
            child = os.fork()
            if child == 0:
                self._run(words, (given, out, err), environment)
            _, status = os.waitpid(child, 0)
            for stream in (out, err):
                stream.seek(0)
            code = os.waitstatus_to_exitcode(status)
            return subprocess.CompletedProcess(words, code, out.read(), err.read())

    def _run(self, words: list[str], streams: tuple[IO[bytes], ...], environment: dict[str, str]) -> NoReturn:
        code = 70
        try:
            for number, stream in enumerate(streams):
                os.dup2(stream.fileno(), number)
            sys.stdin, sys.stdout, sys.stderr = (
                open(number, "w" if number else "r", encoding="utf-8", closefd=False)  # noqa: SIM115
                for number in range(3)
            )
            os.chdir(self.folder)
            os.environ.clear()
            os.environ.update({**self.environment, **environment})
            sys.argv = ["tempsafe-lint", *words]
            code = entry.main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)


lint(Source.from_text("import tempfile\ntempfile.mktemp()\n", "a.py"), Settings())  # a fork has all rooms, too
