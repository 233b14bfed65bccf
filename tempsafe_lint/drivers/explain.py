"""The command `rule`: what a rule reports, from its own page."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from tempsafe_lint import registry
from tempsafe_lint.configuration import ConfigError

if TYPE_CHECKING:
    import argparse

    from tempsafe_lint.registry import RuleInfo


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("selectors", nargs="*", metavar="CODE|NAME", help="rules to explain (default: list all)")
    parser.add_argument("--all", action="store_true", help="the pages of all rules")
    parser.add_argument(
        "--output-format",
        choices=("text", "json", "markdown"),
        default="text",
        help='how pages are printed (default "text")',
    )


def run(options: argparse.Namespace) -> int:
    """Print the pages; the exit code."""
    sys.stdout.write(explain(options.selectors, everything=options.all, form=options.output_format))
    return 0


def explain(selectors: list[str], *, everything: bool = False, form: str = "text") -> str:
    """The pages of the rules that are named, or the list of all."""
    known = registry.codes()
    try:
        wanted = registry.resolve(("ALL",) if everything else tuple(selectors))
    except registry.UnknownSelector as error:
        hint = f"; did you mean `{error.suggestion}`?" if error.suggestion else ""
        raise ConfigError(f"unknown rule `{error.selector}`{hint}") from None
    chosen = [info for info in known if info.code in wanted]
    if form == "json":
        return json.dumps([_record(info) for info in chosen or known], indent=2, ensure_ascii=False) + "\n"
    if not chosen and form == "markdown":
        return "| code | name | severity | what |\n| --- | --- | --- | --- |\n" + "".join(
            f"| {info.code} | {info.name} | {info.severity.value} | {info.summary} |\n" for info in known
        )
    if not chosen:
        return "".join(f"{info.code}  {info.name:<20} {info.severity.value:<7} {info.summary}\n" for info in known)
    return "\n".join(page(info) for info in chosen)


def page(info: RuleInfo) -> str:
    """The page of a rule in Markdown."""
    facts = [f"severity {info.severity.value}"]
    if info.cwe:
        facts.append(", ".join(f"CWE-{number}" for number in info.cwe))
    if info.since:
        facts.append(f"since {info.since}")
    if info.on:
        facts.append(info.on)
    return f"# {info.name} ({info.code})\n\n{'; '.join(facts)}\n\n{(info.page or info.summary).strip()}\n"


def _record(info: RuleInfo) -> dict[str, Any]:
    return {
        "code": info.code,
        "name": info.name,
        "severity": info.severity.value,
        "cwe": [f"CWE-{number}" for number in info.cwe],
        "since": info.since or None,
        "on": info.on or "always",
        "summary": info.summary,
        "page": info.page.strip(),
    }
