"""The one name of a finding that reports and baselines share, so that a defect is the same one tomorrow.

It is made of the file's path, the code, the function it stands in and the source of its range without white space and
trailing commas: neither rows nor columns have a part in it, so it survives lines that move and a formatter. Findings
that are alike in all of that are told apart by their order in the file. Renaming the file or the function, or changing
the call itself, makes another finding.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tempsafe_lint.findings import Finding

    #: Path of a finding's file below the top of its repository, with forward slashes, by the name it is shown under.
    PathOf = Callable[[str], str]

_LOOSE = re.compile(r"\s+|,(?=\s*[)\]}])")


def fingerprints(findings: Sequence[Finding], path_of: PathOf) -> list[str]:
    """32 hexadecimal digits for each finding; the findings of a file must be in order."""
    seen: Counter[tuple[str, ...]] = Counter()
    result = []
    for finding in findings:
        alike = (path_of(finding.filename), *kind(finding))
        result.append(fingerprint(alike, seen[alike]))
        seen[alike] += 1
    return result


def kind(finding: Finding) -> tuple[str, str, str]:
    """What two findings of one file share if they are alike."""
    return (finding.code, finding.unit, _LOOSE.sub("", finding.text))


def fingerprint(alike: tuple[str, ...], number: int = 0) -> str:
    """The fingerprint of the `number`-th (from 0) of findings that are alike; `alike` is the path, then the kind."""
    import hashlib  # most runs have nothing to name

    text = "\0".join((*alike, str(number)))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
