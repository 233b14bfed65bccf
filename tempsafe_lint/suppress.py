"""Comments that silence a finding on their line: our own pragma, and `# noqa` as flake8 reads it.

    # tempsafe: ignore[TMP201, leaked-dir] reason="the sandbox is thrown away"

There is no blanket form of our own pragma, and one that cannot be read silences nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tempsafe_lint.findings import Finding
    from tempsafe_lint.source import Source

_PRAGMA = re.compile(r"#\s*tempsafe:\s*ignore\[([^\]#]*)\]")
#: A code or the beginning of one with its family's digit, or the name of a rule.
_SELECTOR = re.compile(r"TMP[1-9][0-9]{0,2}|[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
#: What flake8 takes as a list of codes; whatever else follows the word makes it a blanket one.
_NOQA = re.compile(r"# noqa(?::\s?(?P<codes>(?:[A-Z]+[0-9]+[,\s]*)+))?", re.IGNORECASE)


def split(
    findings: Iterable[Finding],
    comments: Mapping[int, tuple[int, str]],
    source: Source | None = None,
    *,
    noqa: bool = True,
) -> tuple[list[Finding], list[Finding]]:
    """The findings that stay, and those that a comment silences.

    `comments` are by row (1-based), each with its offset and its text from the `#` on. With the `source`, a pragma on
    a line of its own silences the next line of code. `noqa` false leaves `# noqa` to somebody else.
    """
    kept: list[Finding] = []
    silenced: list[Finding] = []
    for finding in findings:
        row = finding.region.row
        texts = [text for _, text in _about(row, comments, source)]
        on_line = comments.get(row, (0, ""))[1]
        silent = any(_ignores(text, finding) for text in texts) or (noqa and _noqa(on_line, finding))
        (silenced if silent else kept).append(finding)
    return kept, silenced


def _about(row: int, comments: Mapping[int, tuple[int, str]], source: Source | None) -> list[tuple[int, str]]:
    """The comment of a row, and those on lines of their own directly above it; blank lines between do not count."""
    found = [comments[row]] if row in comments else []
    if source is None:
        return found
    row -= 1
    while row >= 1 and (row in comments or not source.line(row).strip()):
        if row in comments:
            offset, text = comments[row]
            if source.text[source.line_starts[row - 1] : offset].strip():
                break  # it belongs to the code before it
            found.append((offset, text))
        row -= 1
    return found


def _ignores(comment: str, finding: Finding) -> bool:
    for pragma in _PRAGMA.finditer(comment):
        selectors = [word.strip() for word in pragma.group(1).split(",")]
        if not all(_SELECTOR.fullmatch(word) for word in selectors):
            continue  # one slip may have meant anything: nothing is silenced
        if any(
            finding.name == word or (word.startswith("TMP") and finding.code.startswith(word)) for word in selectors
        ):
            return True
    return False


def _noqa(comment: str, finding: Finding) -> bool:
    found = _NOQA.search(comment)
    if found is None:
        return False
    codes = found.group("codes")
    return codes is None or finding.code.startswith(tuple(word for word in re.split(r"[,\s]+", codes) if word))
