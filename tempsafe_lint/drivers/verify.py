"""Proof of fixes by a command of the project: what it fails with is taken back, and named.

The command runs once on the fixed tree. Only if it fails there, it runs on the tree as it was; if it fails there, too,
it can tell nothing, and nothing is changed. Else halves are tried, first of the files and then of the fixes in a guilty
file, until the guilty fixes are found; the rest stays. A fix that fails only together with another one that was taken
first counts as guilty. The command must not change the files itself, and there is no limit on its time.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING

from tempsafe_lint.drivers import work
from tempsafe_lint.drivers.transaction import Settled, Settling, commit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tempsafe_lint.drivers.disk import Disk
    from tempsafe_lint.drivers.work import Mark, Outcome

    Complain = Callable[[str, str], None]
    #: Number of an outcome, and one of its findings or None for the whole file.
    Atom = tuple[int, Mark | None]

#: Rows of the command's output that are shown where it fails.
_SHOWN = 20


class CannotVerify(Exception):
    """The command cannot tell anything; the text is one line. Nothing is changed."""


class Command:
    """A command for the shell, run in the working directory, in a process group of its own.

    It runs without writing bytecode: versions of a file may follow one another faster than its time stamps can tell.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.code = 0
        self.output: list[str] = []

    def passes(self) -> bool:
        """Run it; whether it ends with 0. Raises CannotVerify if it cannot be run at all."""
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        with tempfile.TemporaryFile() as output:
            process = subprocess.Popen(
                self.text,
                shell=True,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=os.name == "posix",
            )
            try:
                self.code = process.wait()
            except BaseException:
                _end(process)
                raise
            output.seek(0)
            self.output = output.read().decode("utf-8", "backslashreplace").splitlines()
        if self.code in (126, 127) and os.name == "posix":
            last = f": {self.output[-1]}" if self.output else ""
            raise CannotVerify(f"`{self.text}` could not be run{last}; nothing was changed")
        return self.code == 0

    @property
    def failure(self) -> str:
        return f"exit code {self.code}" if self.code >= 0 else f"killed by signal {-self.code}"


def _end(process: subprocess.Popen[bytes]) -> None:
    """Stop the command and all that it started."""
    if os.name != "posix":
        process.kill()
        process.wait()
        return
    for number, patience in ((signal.SIGINT, 3), (signal.SIGKILL, None)):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            break
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            continue
    process.wait()


class Verification:
    """One run's fixes and the command that they are held against."""

    def __init__(self, command: Command, settling: Settling, disk: Disk, complain: Complain) -> None:
        self._command = command
        self._settling = settling
        self._disk = disk
        self._complain = complain
        self._outcomes: Sequence[Outcome] = ()

    def prove(self, outcomes: Sequence[Outcome]) -> tuple[Settled, bool]:
        """Write all fixes with which the command passes; and whether everything that was wanted could be written."""
        settled = self._settling.settle(outcomes)
        written = commit(settled, self._disk, self._complain)
        self._outcomes = list(settled.outcomes)
        if not self._disk.changed or self._command.passes():
            return settled, written
        why = f"`{self._command.text}` fails with it ({self._command.failure})"
        self._complain("note", f"`{self._command.text}` fails with the fixes ({self._command.failure})")
        sys.stderr.write("".join(f"  {line}\n" for line in self._command.output[-_SHOWN:]))
        self._require_back()
        if not self._command.passes():
            failure = f"`{self._command.text}` fails without any fix, too ({self._command.failure})"
            raise CannotVerify(f"{failure}; nothing was changed")
        good, guilty = self._search([(n, None) for n, outcome in enumerate(settled.outcomes) if outcome.after])
        return self._settle_on(good, guilty, why, settled), written

    def _require_back(self) -> None:
        problems = self._disk.restore()
        if problems:
            raise CannotVerify("; ".join(problems))

    def _search(self, atoms: list[Atom]) -> tuple[list[Atom], list[Atom]]:
        """The fixes that can stay, and the guilty ones; all together are known to fail."""
        good: list[Atom] = []
        guilty: list[Atom] = []
        parts = self._split(atoms, guilty)
        while parts:
            part = parts.pop()
            if self._holds([*good, *part]):
                good += part
            else:
                parts += self._split(part, guilty)
        return good, guilty

    def _split(self, part: list[Atom], guilty: list[Atom]) -> list[list[Atom]]:
        """What to try in place of a part that failed, the first last; a fix that stands alone is guilty."""
        if len(part) == 1:
            number, mark = part[0]
            marks = [work.mark_of(finding) for finding in self._outcomes[number].applied]
            if mark is not None or len(marks) < 2:
                guilty += [(number, one) for one in (marks if mark is None else [mark])]
                return []
            part = [(number, one) for one in marks]
        half = len(part) // 2
        return [part[half:], part[:half]]

    def _chosen(self, atoms: list[Atom]) -> list[Outcome]:
        """Outcomes with these fixes alone; files without any are left out."""
        found = []
        for number, outcome in enumerate(self._outcomes):
            marks = [mark for other, mark in atoms if other == number]
            if None in marks:
                found.append(outcome)
            elif marks:
                found.append(work.again(outcome, only=frozenset(mark for mark in marks if mark is not None)))
        return found

    def _holds(self, atoms: list[Atom]) -> bool:
        self._put(self._settling.settle(self._chosen(atoms)))
        return self._command.passes()

    def _put(self, settled: Settled) -> None:
        wanted = {*settled.manifests, *(outcome.task.absolute for outcome in settled.outcomes if outcome.after)}
        for path in self._disk.changed:
            if path not in wanted:
                self._disk.back(path)
        if not commit(settled, self._disk, self._complain):
            raise CannotVerify("a file could not be written while the guilty fixes were looked for")

    def _settle_on(self, good: list[Atom], guilty: list[Atom], why: str, first: Settled) -> Settled:
        """Leave the good fixes in place; the guilty ones are withheld with the reason, and named."""
        outcomes: list[Outcome] = []
        for number, outcome in enumerate(first.outcomes):
            bad = [mark for other, mark in guilty if other == number and mark is not None]
            if not bad:
                outcomes.append(self._outcomes[number])
                continue
            whole = (number, None) in good
            left = frozenset(mark for other, mark in good if other == number and mark is not None)
            refused = tuple((mark, why) for mark in bad)
            outcomes.append(work.again(outcome, only=None if whole else left, refused=refused))
            for finding in outcome.applied:
                if work.mark_of(finding) in bad:
                    place = f"{finding.filename}:{finding.region.row}:{finding.region.column}"
                    self._complain("note", f"rolled back: {finding.code} at {place}: {why}")
        settled = self._settling.settle(outcomes)
        self._put(settled)
        self._hint(first, settled)
        return settled

    def _hint(self, first: Settled, settled: Settled) -> None:
        """The likeliest reason why everything fails that needs a library which is new to the project."""
        wanted, kept = (
            any(outcome.after is not None and work.RUNTIME in outcome.imported for outcome in some.outcomes)
            for some in (first, settled)
        )
        if wanted and not kept:
            self._complain("note", f"is `{work.RUNTIME}` installed where `{self._command.text}` runs?")
