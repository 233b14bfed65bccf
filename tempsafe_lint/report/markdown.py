"""A table in Markdown: for a comment on a change, and for the summary of a job."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tempsafe_lint.report.style import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tempsafe_lint.findings import Finding
    from tempsafe_lint.report import Account, Look

#: GitHub takes 1 MiB of summary from a step, and nobody reads more than this.
ROWS = 500

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&])")
_CODE = re.compile(r"`([^`]*)`")


def document(account: Account, look: Look) -> str:
    """A heading, a line that counts, and a row for each finding, the first ones if there are very many."""
    count = len(account.findings)
    lines = ["## tempsafe-lint", ""]
    if not count:
        return "\n".join([*lines, "No findings."]) + "\n"
    lines += [f"{count} finding{'' if count == 1 else 's'}.", "", "| place | rule | severity | what | fix |"]
    lines += ["| --- | --- | --- | --- | --- |", *_rows(account.findings[:ROWS], account)]
    if count > ROWS:
        lines += ["", f"And {count - ROWS} more."]
    return "\n".join(lines) + "\n"


def _rows(findings: Sequence[Finding], account: Account) -> list[str]:
    rows = []
    for finding in findings:
        place = f"{account.path_of(finding.filename)}:{finding.region.row}:{finding.region.column}"
        url = account.url_of(finding.code)
        rule = f"[{finding.code}]({url})" if url else finding.code
        fix = finding.fix
        mend = f"{fix.safety.value}: {fix.title}" if fix else finding.unfixed or "none"
        cells = (
            _verbatim(place),
            f"{rule} {finding.name}",
            finding.severity.value,
            _prose(finding.message),
            _prose(mend),
        )
        rows.append(f"| {' | '.join(cells)} |")
    return rows


def _prose(text: str) -> str:
    """Text whose names in backticks stay code, and of which nothing else has a meaning."""
    parts = _CODE.split(printable(text))
    return "".join(_verbatim(part) if number % 2 else _SPECIAL.sub(r"\\\1", part) for number, part in enumerate(parts))


def _verbatim(text: str) -> str:
    """Text as code. A bar would end the cell even there."""
    text = printable(text).replace("|", "\\|")
    fence = "``" if "`" in text else "`"
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{text}{pad}{fence}" if text else ""
