"""Fixes released projects and runs their own tests before and after.

    python -m tests.ecosystem [--work DIR] [--safe-only] [NAME ...]

Fetches each project of `projects.toml` as a source release, installs it in an environment of its own, runs its tests
twice (a test that is not steady counts for nothing), fixes it with the safe fixes and runs them again; then the same
from the release with the unsafe fixes too. Needs network, some gigabytes and an hour; never part of the test suite.
Patches, test reports and `result.json` stay in the project's folder below DIR.
Exits with 1 if a safe fix broke a test, or if with any fix a file does not compile, a second run still changed
something, or ruff reports what it did not report before.
"""

from __future__ import annotations

import argparse
import collections
import json
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.ecosystem.cleanliness import formatted, reports
from tests.ecosystem.outcomes import Outcomes, newly_broken, unsteady
from tests.ecosystem.workshop import Project, SetUpFailed, Workshop

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

HEAD = """\
| project | findings (fixes) | its tests before | safe fixes | unsafe fixes too |
| --- | --- | --- | --- | --- |"""


@dataclass
class Fixed:
    """What fixing did to a project with one set of fixes."""

    files: int = 0
    lines: str = ""
    broken: list[str] = field(default_factory=list)
    not_compiling: list[str] = field(default_factory=list)
    second_run_changed: list[str] = field(default_factory=list)
    new_reports: list[str] = field(default_factory=list)
    unshaped: list[str] = field(default_factory=list)
    left: int = 0
    ended: str = ""


@dataclass
class Result:
    """A row of the report."""

    project: str
    findings: dict[str, int] = field(default_factory=dict)
    fixes: dict[str, int] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)
    before: str = ""
    left_before: int = 0
    unsteady: int = 0
    safe: Fixed = field(default_factory=Fixed)
    unsafe: Fixed = field(default_factory=Fixed)
    trouble: str = ""


def projects() -> list[Project]:
    """The rows of `projects.toml`, in its order."""
    rows = tomllib.loads((Path(__file__).parent / "projects.toml").read_text("utf-8"))
    return [Project(**row) for row in rows["project"]]


def count_findings(workshop: Workshop, result: Result) -> None:
    """Findings by code and fixes by class, of the release as it is."""
    codes: collections.Counter[str] = collections.Counter()
    fixes: collections.Counter[str] = collections.Counter()
    for line in workshop.linter("--output-format", "json-lines").stdout.splitlines():
        finding = json.loads(line)
        codes[finding["code"]] += 1
        fix = finding.get("fix")
        fixes[fix["applicability"] if fix else "withheld" if finding.get("fix_withheld") else "none"] += 1
        if not fix or fix["applicability"] == "display":
            reason = finding.get("fix_withheld") or (fix or {}).get("message")
            result.reasons.append(f"{finding['filename']}:{finding['location']['row']} {finding['code']} {reason}")
    result.findings, result.fixes = dict(sorted(codes.items())), dict(sorted(fixes.items()))


def compiles(workshop: Workshop, name: str) -> bool:
    """Whether the fixed file is still Python; those that were not at first are not touched."""
    try:
        compile((workshop.tree / name).read_bytes(), name, "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True


def fix(workshop: Workshop, label: str, *arguments: str) -> Fixed:
    """Fixes the release twice, keeps the patch as `label`.patch, and looks at what came of it; no test is run."""
    workshop.linter("--fix", "--quiet", *arguments)
    patch = workshop.patch()
    (workshop.place / f"{label}.patch").write_text(patch, "utf-8")
    names = workshop.changed()
    scripts = [name for name in names if name.endswith(".py")]
    rows = patch.splitlines()
    plus = sum(row.startswith("+") and not row.startswith("+++") for row in rows)
    minus = sum(row.startswith("-") and not row.startswith("---") for row in rows)
    fixed = Fixed(files=len(names), lines=f"+{plus} -{minus}")
    fixed.not_compiling = [name for name in scripts if not compiles(workshop, name)]
    workshop.linter("--fix", "--quiet", *arguments)
    if workshop.patch() != patch:
        fixed.second_run_changed = workshop.changed()
    after, shaped = reports(workshop.tree, scripts), formatted(workshop.tree, scripts)
    workshop.reset()
    fixed.new_reports = sorted(after - reports(workshop.tree, scripts))
    fixed.unshaped = sorted(formatted(workshop.tree, scripts) - shaped)
    return fixed


def try_out(workshop: Workshop, before: tuple[Outcomes, ...], label: str, fixed: Fixed) -> None:
    """Runs the tests with the patch of that label, if it changes anything."""
    if fixed.files:
        workshop.apply(workshop.place / f"{label}.patch")
        outcomes = workshop.test(label)
        workshop.reset()
        fixed.broken = newly_broken(before, outcomes)
        fixed.left, fixed.ended = outcomes.left, outcomes.ended


def examine(workshop: Workshop, safe_only: bool) -> Result:
    """One project from fetching to the last test run."""
    project = workshop.project
    result = Result(f"{project.name} {project.version}")
    try:
        workshop.set_up()
    except SetUpFailed as error:
        result.trouble = str(error)
        return result
    count_findings(workshop, result)
    result.safe = fix(workshop, "safe")
    if not safe_only:
        result.unsafe = fix(workshop, "unsafe", "--unsafe-fixes")
    if not result.safe.files + result.unsafe.files:
        result.before = "not run, there is nothing to fix"
        return result
    before = (workshop.test("before"), workshop.test("again"))
    result.before, result.left_before = before[0].ended, before[0].left
    result.unsteady = len(unsteady(before))
    if before[0].count("passed") == 0:
        result.trouble = f"no test passes before fixing: {before[0].ended}"
        return result
    try_out(workshop, before, "safe", result.safe)
    try_out(workshop, before, "unsafe", result.unsafe)
    return result


def row(result: Result) -> str:
    """The result as a row of a Markdown table."""
    if result.trouble:
        return f"| {result.project} | {result.trouble} |"
    found = sum(result.findings.values())
    fixes = ", ".join(f"{number} {kind}" for kind, number in result.fixes.items())

    def told(fixed: Fixed) -> str:
        return f"{fixed.files} files, {fixed.lines}; {len(fixed.broken)} newly broken; {fixed.left} left"

    return (
        f"| {result.project} | {found} ({fixes}) | {result.before}; {result.unsteady} unsteady; "
        f"{result.left_before} left | {told(result.safe)} | {told(result.unsafe)} |"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="these projects only")
    parser.add_argument("--work", type=Path, default=Path("build/ecosystem"), help="where it all is kept (%(default)s)")
    parser.add_argument("--safe-only", action="store_true", help="leave the unsafe fixes out")
    arguments = parser.parse_args()
    bad = False
    print(HEAD)
    for project in projects():
        if arguments.names and project.name not in arguments.names:
            continue
        workshop = Workshop(project, arguments.work.resolve() / project.name)
        result = examine(workshop, arguments.safe_only)
        workshop.place.mkdir(parents=True, exist_ok=True)
        (workshop.place / "result.json").write_text(json.dumps(asdict(result), indent=1), "utf-8")
        print(row(result), flush=True)
        for kind, fixed in (("safe", result.safe), ("unsafe", result.unsafe)):
            for name in fixed.broken:
                print(f"  {kind}: newly broken: {name}", file=sys.stderr)
            for name in (*fixed.not_compiling, *fixed.second_run_changed):
                print(f"  {kind}: does not compile, or changed again: {name}", file=sys.stderr)
            for report in (*fixed.new_reports, *(f"{name}: no longer formatted" for name in fixed.unshaped)):
                print(f"  {kind}: {report}", file=sys.stderr)
            bad |= bool(fixed.not_compiling or fixed.second_run_changed or fixed.new_reports)
        bad |= bool(result.trouble or result.safe.broken)
    return int(bad)


if __name__ == "__main__":
    raise SystemExit(main())
