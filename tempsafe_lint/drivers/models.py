"""The command `models`: what the linter knows of a callable, a method or an attribute, and where that stands."""

from __future__ import annotations

import os
import re
import sys
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tempsafe_lint.configuration import ConfigError, Configurations, did_you_mean
from tempsafe_lint.models.catalogue import builtin, layered
from tempsafe_lint.models.schema import HANDLES, ROLES
from tempsafe_lint.models.written import HERE, files
from tempsafe_lint.records import fields

if TYPE_CHECKING:
    import argparse

    from tempsafe_lint.models.catalogue import Models
    from tempsafe_lint.models.schema import Made, Role, Row

_PACKAGE = HERE.parent.parent
_KINDS = {
    "fd": "a descriptor, which has to be closed",
    "file": "a file, which has to be removed",
    "dir": "a directory, which has to be removed",
    "object": "a file object, which has to be closed",
    "dirobject": "a directory object, which has to be entered or cleaned up",
    "name": "a name, without a file that has it",
}
_TEXTS = {
    "temp-root": "the path of the shared temporary directory",
    "guessable": "a text that others can guess",
    "unguessable": "a text that nobody can guess",
    "join": "a path joined from the arguments",
}
_SINKS = {
    "create": "it is made", "write": "it is written to", "open": "it is opened", "read": "it is read",
    "bind": "a socket is bound to it", "load": "code or data is loaded from it", "exec": "it is run",
    "list": "it is looked into", "mode": "its mode is changed", "rename": "it is renamed",
}  # fmt: skip
_FLAGS = {
    "never": "it does not return",
    "swallows": "an exception in its `with` may end there",
    "expects": "its `with` asks for an exception",
    "fixture": "what the function yields is removed by whoever runs it",
    "yields_raise": "an exception in the `with` comes out of the function's `yield`",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="`os.replace`, `path.unlink`, a pattern (default: list all)"
    )
    parser.add_argument("--isolated", action="store_true", help="leave out the rows of the project's configuration")
    parser.add_argument("--output-format", choices=("text", "json"), default="text", help="how rows are printed")


def run(options: argparse.Namespace) -> int:
    """Print the rows that are asked for; the exit code."""
    configuration = Configurations(isolated=options.isolated).at(os.getcwd())
    settings = configuration.settings
    models = layered(settings.rows, settings.runtime_import)
    places = _Places(configuration.origin)
    found = {row.name: (row, through) for name in options.names for row, through in _named(models, name)}
    if options.output_format == "json":
        import json

        listed = found if options.names else {row.name: (row, None) for row in models.all()}
        records = [_record(row, places, through) for row, through in listed.values()]
        sys.stdout.write(json.dumps(records, indent=2) + "\n")
    elif options.names:
        sys.stdout.write("\n".join(_page(row, places, through) for row, through in found.values()))
    else:
        sys.stdout.write("".join(f"{row.name:<44} {places.of(row)}\n" for row in models.all()))
    return 0


def _named(models: Models, name: str) -> list[tuple[Row, str | None]]:
    """The rows that a name or a pattern means, each with the re-export that leads to it. Raises ConfigError."""
    known = {row.name: row for row in models.all()}
    if any(sign in name for sign in "*?["):
        found = [(row, None) for key, row in known.items() if fnmatchcase(key, name)]
    else:
        spellings = [name, f"builtins.{name}", *(f"{handle}.{name.lstrip('.')}" for handle in HANDLES)]
        found = [(known[spelling], None) for spelling in spellings if spelling in known]
        through = models.get(name) if not found else None
        if through is not None:
            return [(through, name)]
    if not found:
        raise ConfigError(f"no model row for `{name}`{did_you_mean(name, [*known, *models.aliases])}")
    return list(found)


class _Places:
    """Where rows stand. `origin` is the project's configuration file, as it is shown."""

    def __init__(self, origin: str | None) -> None:
        self._origin = origin
        self._texts: dict[str, list[str]] = {}

    def of(self, row: Row) -> str:
        """`file:row, [[section]]` of a row."""
        return f"{self._at(self._file(row.origin), row.name)}, [[{row.section}]]"

    def of_alias(self, name: str, models: Models) -> str:
        """The same for a re-export."""
        head = name if name in models.aliases else name.rpartition(".")[0]
        for path in (self._origin, *(self._file(origin) for origin in files())):
            if path is not None and any(f'"{head}"' in line for line in self._lines(path)):
                return f"{self._at(path, head)}, [[alias]]"
        return "the setting `runtime-import`"

    def _file(self, origin: str) -> str:
        if origin == "project":
            return self._origin or "command line"
        path = HERE / origin
        return os.path.relpath(path, _PACKAGE).replace(os.sep, "/")

    def _lines(self, path: str) -> list[str]:
        if path not in self._texts:
            whole = Path(path) if path == self._origin else _PACKAGE / path
            self._texts[path] = whole.read_text("utf-8").splitlines() if whole.is_file() else []
        return self._texts[path]

    def _at(self, path: str, name: str) -> str:
        quoted = re.compile(rf"[\"']{re.escape(name)}[\"']")
        for number, line in enumerate(self._lines(path), 1):
            if quoted.search(line) and not line.lstrip().startswith("#"):
                return f"{path}:{number}"
        return path


def _page(row: Row, places: _Places, through: str | None) -> str:
    """One row for people."""
    lines = [row.name, f"  stands in   {places.of(row)}"]
    if through is not None:
        lines.append(f"  as          {through}, re-exported: {places.of_alias(through, layered())}")
    under = builtin().get(row.name) if row.origin == "project" else None
    if under is not None:
        lines.append(f"  instead of  {places.of(under)}")
    if row.params:
        lines.append(f"  parameters  {', '.join(row.params)}")
    if row.receiver is not None:
        lines.append(f"  receiver    {_role(row.receiver)}")
    lines += [f"  argument    {name}: {_role(role)}" for name, role in row.args.items()]
    lines += [f"  makes       {_made(made)}" for made in row.makes]
    for case in row.cases:
        when = ", ".join(f"{name}={value!r}" for name, value in case.when)
        lines += [f"  makes       with {when}: {_made(made)}" for made in case.makes]
    if row.parent:
        lines.append(f"  parent      owned by whoever gives {' or '.join(row.parent)}")
    if row.text in _TEXTS:
        lines.append(f"  gives       {_TEXTS[row.text]}")
    if row.gives is not None:
        lines.append(f"  gives       {'the directory above' if row.gives == 'above' else 'held as: ' + row.gives}")
    if row.opens is not None:
        lines.append(f"  opens       a file, in mode {row.opens!r} if no other is given")
    if row.value is not None:
        lines.append(f"  type        {'as the receiver' if row.value == 'receiver' else row.value}")
    lines += [f"  also        {words}" for field, words in _FLAGS.items() if getattr(row, field)]
    if row.section in ("callable", "method") and not row.never:
        lines.append(f"  may raise   {'yes' if row.raises else 'in no way that matters'}")
    if row.instead is not None:
        lines.append(f"  swap        {row.instead}")
    if row.source:
        lines.append(f"  source      {row.source}")
    return "\n".join([*lines, *_example(row)]) + "\n"


def _example(row: Row) -> list[str]:
    from tempsafe_lint.models.examples import examples

    if row.origin == "project":
        return []
    found = [example for example in examples(row.origin) if row.name in example.names]
    return ["", *(f"    {line}".rstrip() for line in found[0].written_for(row.name).splitlines())] if found else []


#: What a question asks.
_ASKED = {"there": "is anything there?", "file": "is a file there?", "dir": "is a directory there?"}
_WANTS = {
    "fd": "; nothing but a number will do",
    "device": "; on the same device",
    "child": "; it goes on by itself",
    "file": "; a directory will not do",
}


def _role(role: Role) -> str:
    said = ROLES[role.does]
    if role.sink is not None:
        said += f"; as a path, {_SINKS[role.sink]}" + (f" (how, `{role.mode}` says)" if role.mode else "")
    if role.wants is not None:
        said += f": {_ASKED[role.wants]}" if role.does == "checks" else _WANTS[role.wants]
    return said + (f"; data is {role.value}" if role.value else "")


def _made(made: Made) -> str:
    said = _KINDS[made.kind]
    if not made.duty:
        said = said.partition(", which")[0] + ", which somebody else ends"
    if made.deletes:
        said += "; that removes it too"
    return said + ("" if made.index is None else f" (element {made.index})")


def _record(row: Row, places: _Places, through: str | None) -> dict[str, Any]:
    """One row for programs: the keys of row files, empty ones left out."""
    record = {key.replace("_", "-"): value for key, value in _plain(row).items() if value not in (None, (), {}, "")}
    record["origin"] = places.of(row)
    if through is not None:
        record["through"] = through
    return record


def _plain(value: Any) -> Any:
    """Records as tables, all the way down."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    return {f.name: _plain(getattr(value, f.name)) for f in fields(value)} if hasattr(value, "__slots__") else value
