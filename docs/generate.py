"""The pages that are made from the program: one for each rule, the settings, the command line, the changelog.

python docs/generate.py      writes docs/rules/ and docs/reference/, which git ignores
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tempsafe_lint import registry
from tempsafe_lint.configuration.keys import KEYS
from tempsafe_lint.drivers import config, explain
from tempsafe_lint.drivers.flags import FLAGS
from tempsafe_lint.drivers.options import COMMANDS, check_parser, parser_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tempsafe_lint.registry import RuleInfo

ROOT = Path(__file__).resolve().parent.parent

FAMILIES = {
    "TMP1": "Names",
    "TMP2": "Races",
    "TMP3": "Lifetime",
    "TMP4": "Leaks",
    "TMP5": "Handling",
    "TMP9": "The tool itself",
}


def pages() -> Iterator[tuple[str, str]]:
    """Every generated page with its path below docs/."""
    known = registry.codes()
    names = {info.code: info.name for info in known}
    for info in known:
        yield f"rules/{info.name}.md", _linked(explain.page(info), names, own=info.code)
    yield "rules/index.md", _rules(known)
    yield "reference/settings.md", _settings()
    yield "reference/command-line.md", _command_line()
    yield "reference/changelog.md", (ROOT / "CHANGELOG.md").read_text("utf-8")


def write(folder: Path) -> None:
    """Write what has changed, and remove pages of rules that are gone."""
    wanted = {folder / name: text for name, text in pages()}
    for path in [*folder.glob("rules/*.md"), *folder.glob("reference/*.md")]:
        if path not in wanted:
            path.unlink()
    for path, text in wanted.items():
        path.parent.mkdir(exist_ok=True)
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, encoding="utf-8")


def _linked(text: str, names: dict[str, str], *, own: str) -> str:
    """The text with the codes of other rules, and CWE numbers, as links; code is left as it is."""

    def link(found: re.Match[str]) -> str:
        word = found.group(0)
        if word.startswith("CWE-"):
            return f"[{word}](https://cwe.mitre.org/data/definitions/{word[4:]}.html)"
        return f"[{word}]({names[word]}.md)" if word in names and word != own else word

    pieces = re.split(r"(^```.*?^```$|`[^`\n]*`)", text, flags=re.M | re.S)
    return "".join(
        piece if number % 2 else re.sub(r"\bTMP\d{3}\b|\bCWE-\d+", link, piece) for number, piece in enumerate(pieces)
    )


def _rules(known: tuple[RuleInfo, ...]) -> str:
    lines = [
        "# Rules",
        "",
        "Each page says what is reported and what is not, with examples; every example is a test.",
        "",
    ]
    for family, title in FAMILIES.items():
        inside = [info for info in known if info.code.startswith(family)]
        lines += [f"## {title}", "", "| code | name | severity | what |", "| --- | --- | --- | --- |"]
        lines += [f"| {i.code} | [{i.name}]({i.name}.md) | {i.severity.value} | {i.summary} |" for i in inside]
        lines += ["", "```{toctree}", ":hidden:", "", *(info.name for info in inside), "```", ""]
    return "\n".join(lines)


def _settings() -> str:
    lines = [
        "# Settings",
        "",
        "The keys of `[tool.tempsafe-lint]` in `pyproject.toml`, or of `tempsafe-lint.toml` and `.tempsafe-lint.toml`",
        "without the table. The file nearest to a linted file counts, and only that one.",
        "`tempsafe-lint config --show FILE` tells what holds for a file and who said so.",
        "Editors can check the table with the JSON Schema in",
        "`docs/tempsafe-lint.schema.json`, which `tempsafe-lint config --schema` prints.",
        "",
    ]
    for key in KEYS.values():
        usual = config.default(key)
        shown = usual if key.default else f"`{usual}`"
        lines += [f"## {key.name}", "", key.doc, "", f"- Type: `{key.kind.shown}`", f"- Default: {shown}", ""]
        lines += ["```toml", "[tool.tempsafe-lint]", f"{key.name} = {key.example}", "```", ""]
    return "\n".join(lines)


def _command_line() -> str:
    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = "96"
    try:
        lines = ["# Command line", "", "## check", "", "```text", check_parser().format_help().rstrip(), "```", ""]
        for command in COMMANDS:
            if command != "check":
                lines += [f"## {command}", "", "```text", parser_of(command).format_help().rstrip(), "```", ""]
    finally:
        del os.environ["COLUMNS"]
        if before is not None:
            os.environ["COLUMNS"] = before
    lines += ["## Environment", "", "A variable stands in for an option that is not given.", ""]
    lines += ["| variable | option |", "| --- | --- |"]
    for flags in FLAGS.values():
        lines += [f"| `{flag.variable}` | `{max(flag.names, key=len)}` |" for flag in flags if flag.variable]
    lines += [
        "",
        "`NO_COLOR`, `FORCE_COLOR` and `CLICOLOR_FORCE` decide on colours, `COLUMNS` on the width.",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    write(Path(__file__).resolve().parent)
