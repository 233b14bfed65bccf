"""`--add-ignore` and `--add-noqa`: a comment behind everything that is found, and proof that it is silent then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tempsafe_lint import engine
from tempsafe_lint.configuration import ConfigError
from tempsafe_lint.drivers import write
from tempsafe_lint.edits import apply
from tempsafe_lint.records import replace
from tempsafe_lint.suppress import add

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tempsafe_lint.drivers.work import Outcome
    from tempsafe_lint.findings import Finding

#: About a file or a comment, not about code that a comment could stand behind.
_NOT_CODE = "TMP9"


def silence(outcomes: list[Outcome], shown: Sequence[Finding], reason: str, *, noqa: bool) -> tuple[int, list[str]]:
    """Write comments behind the findings that are shown; how many are silent now, and what went wrong in which file.

    Raises ConfigError.
    """
    if "\n" in reason or "\r" in reason or (noqa and "#" in reason):
        raise ConfigError("command line: a reason is one line" + (" without `#`" if noqa else ""))
    count = 0
    problems = []
    wanted = {id(finding) for finding in shown if not finding.code.startswith(_NOT_CODE)}
    for outcome in outcomes:
        found = [finding for finding in outcome.report.findings if id(finding) in wanted]
        if not found or outcome.source is None:
            continue
        try:
            count += _in_file(outcome, found, reason, noqa=noqa)
        except write.NotWritten as error:
            problems.append(f"{outcome.task.shown}: not silenced: {error}")
    return count, problems


def _in_file(outcome: Outcome, found: list[Finding], reason: str, *, noqa: bool) -> int:
    source, task = outcome.source, outcome.task
    assert source is not None
    others = sum(not one.code.startswith(_NOT_CODE) for one in outcome.report.findings) - len(found)
    for extend in (True, False):  # a list that cannot be read does not get better by being longer
        edits = (add.noqas if noqa else add.ignores)(found, source, reason, extend=extend)
        after = source.with_text(apply(source.text, edits))
        left = engine.lint(after, replace(task.settings, noqa=True)).findings
        if sum(not one.code.startswith(_NOT_CODE) for one in left) <= others:
            break
    else:
        raise write.NotWritten("a finding would still be reported")
    try:
        write.replace(task.absolute, source.encode(), after.encode())
    except UnicodeEncodeError:
        raise write.NotWritten(f"the reason cannot be written as {source.encoding}") from None
    return len(found)
