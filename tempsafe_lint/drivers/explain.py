"""The command `rule`: what a rule reports, from its own page."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tempsafe_lint import registry
from tempsafe_lint.configuration import ConfigError

if TYPE_CHECKING:
    import argparse

    from tempsafe_lint.registry import RuleInfo


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("selectors", nargs="*", metavar="CODE|NAME", help="rules to explain (default: list all)")


def run(options: argparse.Namespace) -> int:
    """Print the pages; the exit code."""
    sys.stdout.write(explain(options.selectors))
    return 0


def explain(selectors: list[str]) -> str:
    """The pages of the rules that are named, or the list of all."""
    known = registry.codes()
    if not selectors:
        return "".join(f"{info.code}  {info.name:<20} {info.severity.value:<7} {info.summary}\n" for info in known)
    try:
        wanted = registry.resolve(tuple(selectors))
    except registry.UnknownSelector as error:
        hint = f"; did you mean `{error.suggestion}`?" if error.suggestion else ""
        raise ConfigError(f"unknown rule `{error.selector}`{hint}") from None
    return "\n".join(_page(info) for info in known if info.code in wanted)


def _page(info: RuleInfo) -> str:
    facts = [f"severity {info.severity.value}"]
    if info.cwe:
        facts.append(", ".join(f"CWE-{number}" for number in info.cwe))
    if info.since:
        facts.append(f"since {info.since}")
    return f"# {info.name} ({info.code})\n\n{'; '.join(facts)}\n\n{(info.page or info.summary).strip()}\n"
