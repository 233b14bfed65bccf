"""JUnit's XML: a suite for each file with findings, or one passing case, since readers take an empty report for a
failure."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from tempsafe_lint.report.style import printable

if TYPE_CHECKING:
    from tempsafe_lint.findings import Finding
    from tempsafe_lint.report import Account, Look

_TOOL = "tempsafe-lint"


def suites(account: Account, look: Look) -> str:
    """The document."""
    count = len(account.findings)
    root = ET.Element("testsuites", name=_TOOL, tests=str(count or 1), failures=str(count), errors="0")
    for filename, group in groupby(account.findings, key=lambda finding: finding.filename):
        found, path = list(group), printable(account.path_of(filename))
        number = str(len(found))
        suite = ET.SubElement(root, "testsuite", name=path, tests=number, failures=number, errors="0")
        for finding in found:
            _case(suite, finding, path)
    if not count:
        suite = ET.SubElement(root, "testsuite", name=_TOOL, tests="1", failures="0", errors="0")
        ET.SubElement(suite, "testcase", name="no findings", classname=_TOOL)
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _case(suite: ET.Element, finding: Finding, path: str) -> None:
    row, column = finding.region.row, finding.region.column
    name = f"{finding.code} {finding.name} {row}:{column}"
    case = ET.SubElement(suite, "testcase", name=name, classname=path, file=path, line=str(row))
    message = printable(finding.message)
    failure = ET.SubElement(case, "failure", message=f"{finding.code} {message}", type=finding.severity.value)
    failure.text = f"{path}:{row}:{column}: {finding.code} {message}"
