"""The command `init`: a project's first configuration. It asks nothing, and leaves alone what is there already."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, Any

from tempsafe_lint import __version__
from tempsafe_lint.configuration import ConfigError, project_root
from tempsafe_lint.configuration.tables import CONFIG_FILES, read
from tempsafe_lint.paths import reason, shown

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    Change = Callable[[str], str]
    Edit = Callable[[Any], None]

#: The keys of the first table come from nobody: it is there to be found, and to be filled.
_COMMENT = "what may stand here: tempsafe-lint config"

_LOCAL = """\
- repo: local
  hooks:
    - id: {hook}
      name: {hook}
      entry: {entry}
      language: python
      additional_dependencies: ["tempsafe-lint=={version}"]
      types_or: [python, pyi]
      require_serial: true
"""
_REMOTE = """\
- repo: {repository}
  rev: v{version}
  hooks:
    - id: {hook}
"""


class _Unchanged(Exception):
    """There is nothing to do in a file; the text says why."""


class _NotUnderstood(Exception):
    """A file that a person has to change; the text is what to put there."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument(
        "--ruff", action="store_true", help='tell ruff of the codes TMP (done anyway beside "tool.ruff")'
    )
    parser.add_argument("--flake8", action="store_true", help="let a `select` of flake8's configuration pass them")
    parser.add_argument(
        "--pre-commit",
        nargs="?",
        const="",
        metavar="REPOSITORY",
        help="add the hook; without the address of its repository as a local one",
    )
    parser.add_argument("--fix", action="store_true", help="with --pre-commit: the hook that mends")
    parser.add_argument("--print", action="store_true", help="print the changed files in place of writing them")


def run(options: argparse.Namespace) -> int:
    """Write what is asked for; 0 if something was written or printed, 2 if all of it was there or a file is broken."""
    folder = project_root(os.getcwd(), os.getcwd())
    done = failed = False
    jobs = _jobs(folder, options)
    for name in dict.fromkeys(name for name, _ in jobs):
        path = os.path.join(folder, name)
        before = after = _text(path)
        for change in (change for of, change in jobs if of == name):
            try:
                after = change(after or "")
            except _Unchanged as why:
                print(f"note: {shown(path)}: {why}", file=sys.stderr)
            except _NotUnderstood as snippet:
                complaint = "cannot be changed without losing its form; add this"
                print(f"error: {shown(path)}: {complaint}:\n{snippet}", file=sys.stderr)
                failed = True
        if after is None or after == before:
            continue
        done = True
        if options.print:
            sys.stdout.write(f"# {shown(path)}\n{after}")
        else:
            _write(path, before, after)
            print(f"{'Wrote' if before is None else 'Changed'} {shown(path)}")
    return 2 if failed or not done else 0


def _jobs(folder: str, options: argparse.Namespace) -> list[tuple[str, Change]]:
    """Files of the project, each with what is to become of its text. Two changes of one file are two entries."""
    there = {name for name in os.listdir(folder) if os.path.isfile(os.path.join(folder, name))}
    jobs: list[tuple[str, Change]] = []
    configured = next((name for name in CONFIG_FILES if name in there and _has_table(folder, name)), None)
    if configured:
        jobs.append((configured, _is_there))
    elif "pyproject.toml" in there:
        jobs.append(("pyproject.toml", _with_table))
    else:
        jobs.append(("tempsafe-lint.toml", lambda _: f"# {_COMMENT}\n"))
    ruff = next((name for name in (".ruff.toml", "ruff.toml", "pyproject.toml") if name in there), None)
    if ruff and ruff != "pyproject.toml":
        jobs.append((ruff, lambda text: _with_external(text, ())))
    elif options.ruff or (ruff and "[tool.ruff" in (_text(os.path.join(folder, ruff)) or "")):
        jobs.append(("pyproject.toml", lambda text: _with_external(text, ("tool", "ruff"))))
    if options.flake8:
        flake8 = next((name for name in (".flake8", "setup.cfg", "tox.ini") if name in there), ".flake8")
        jobs.append((flake8, _with_flake8))
    if options.pre_commit is not None:
        hook = "tempsafe-lint-fix" if options.fix else "tempsafe-lint"
        jobs.append((".pre-commit-config.yaml", lambda text: _with_hook(text, options.pre_commit, hook)))
    return jobs


def _has_table(folder: str, name: str) -> bool:
    return read(os.path.join(folder, name), required=name != "pyproject.toml") is not None


def _text(path: str) -> str | None:
    """The text of a file with its own line ends, or None where there is no file."""
    try:
        with open(path, encoding="utf-8", newline="") as file:
            return file.read()
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise ConfigError(f"{shown(path)}: is not UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{shown(path)}: cannot be read: {reason(error)}") from None


def _write(path: str, before: str | None, after: str) -> None:
    from tempsafe_lint.drivers import write

    try:
        if before is None:
            with open(path, "x", encoding="utf-8", newline="") as file:
                file.write(after)
        else:
            write.replace(path, before.encode(), after.encode())
    except (OSError, write.NotWritten) as error:
        why = reason(error) if isinstance(error, OSError) else str(error)
        raise ConfigError(f"{shown(path)}: cannot be written: {why}") from None


def _is_there(text: str) -> str:
    raise _Unchanged("is configured already, and stays as it is")


# TOML


def _edited(text: str, edit: Edit, snippet: str) -> str:
    """The text with an edit of its document, everything else as it was."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        raise ConfigError(f"not valid TOML, so nothing was written: {error}") from None
    try:
        edit(document)
        after = tomlkit.dumps(document)
        tomlkit.parse(after)
    except (TOMLKitError, AttributeError, KeyError, TypeError, ValueError):  # a table that is none, or an inline one
        raise _NotUnderstood(snippet) from None
    if "\r\n" in text:
        after = re.sub(r"(?<!\r)\n", "\r\n", after)
    words = after.split()
    if any(word not in words for word in text.split()):
        raise _NotUnderstood(snippet)
    return after


def _inside(table: Any, *names: str) -> Any:
    """A table inside a table, made where it is missing."""
    import tomlkit

    for name in names:
        if name not in table:
            table[name] = tomlkit.table(is_super_table=name == "tool")
        table = table[name]
    return table


def _with_table(text: str) -> str:
    def edit(document: Any) -> None:
        import tomlkit

        table = tomlkit.table()
        table.add(tomlkit.comment(_COMMENT))
        _inside(document, "tool")["tempsafe-lint"] = table

    return _edited(text, edit, f"[tool.tempsafe-lint]\n# {_COMMENT}")


def _with_external(text: str, way: tuple[str, ...]) -> str:
    """Ruff removes codes that it does not know from `# noqa` comments, unless its `lint.external` names them."""

    def edit(document: Any) -> None:
        lint = _inside(document, *way, "lint")
        external = lint.get("external")
        if external is None:
            lint["external"] = ["TMP"]
        elif any("TMP".startswith(str(code)) for code in external):
            raise _Unchanged('ruff\'s `lint.external` has "TMP" already')
        else:
            external.append("TMP")

    return _edited(text, edit, f'[{".".join((*way, "lint"))}]\nexternal = ["TMP"]')


# Other files


def _with_flake8(text: str) -> str:
    """A `select` hides the codes of every plugin that it does not name."""
    end = "\r\n" if "\r\n" in text else "\n"
    section = re.search(r"^\[flake8\][^\n]*\n(.*?)(?=^\[|\Z)", text, re.M | re.S)
    if section is None:
        raise _Unchanged("selects nothing in [flake8], so the plugin's codes are shown as it is")
    if re.search(r"^(?:extend-)?select\b[^\n]*(?:\n[ \t][^\n]*)*\bT(?:MP?)?\b", section.group(1), re.M):
        raise _Unchanged("selects the plugin's codes already")
    if not re.search(r"^select\s*[=:]", section.group(1), re.M):
        raise _Unchanged("selects nothing in [flake8], so the plugin's codes are shown as it is")
    extend = re.search(r"^extend[-_]select\s*[=:]", section.group(1), re.M)
    at = section.start(1) + (extend.end() if extend else 0)
    return text[:at] + (" TMP," if extend else f"extend-select = TMP{end}") + text[at:]


def _with_hook(text: str, repository: str, hook: str) -> str:
    end = "\r\n" if "\r\n" in text else "\n"
    if re.search(r"\bid:\s*[\"']?tempsafe-lint", text):
        raise _Unchanged("has the hook already")
    form = _REMOTE if repository else _LOCAL
    entry = "tempsafe-lint check --force-exclude" + (" --fix" if hook.endswith("-fix") else "")
    lines = form.format(repository=repository, hook=hook, entry=entry, version=__version__).splitlines()
    if not text.strip():
        return end.join(["repos:", *("  " + line for line in lines), ""])
    list_of_repos = re.search(
        r"^repos:[ \t]*(?:#[^\n]*)?\r?\n((?:[ \t-][^\n]*(?:\n|\Z)|#[^\n]*(?:\n|\Z)|\r?\n)*)", text, re.M
    )
    first = list_of_repos and re.search(r"^([ \t]*)- ", list_of_repos.group(1), re.M)
    if list_of_repos is None or first is None:
        raise _NotUnderstood("\n".join(["repos:", *("  " + line for line in lines)]))
    at = list_of_repos.start(1) + len(list_of_repos.group(1).rstrip())
    added = "".join(f"{end}{first.group(1)}{line}" for line in lines)
    return text[:at] + added + (text[at:] or end)
