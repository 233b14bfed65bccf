"""The command `config`: which settings there are, and what holds for a file and why."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

from tempsafe_lint.configuration import ConfigError, Configurations, did_you_mean
from tempsafe_lint.configuration.keys import KEYS
from tempsafe_lint.levels import Level
from tempsafe_lint.paths import below, for_file, is_excluded, is_test
from tempsafe_lint.settings import DEFAULTS

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from tempsafe_lint.configuration import Resolved
    from tempsafe_lint.configuration.keys import Key

_DEFAULT = "default"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("key", nargs="?", metavar="KEY", help="a setting to explain (default: list all)")
    parser.add_argument("--show", metavar="FILE", help="what holds for a file, and which file set it")
    parser.add_argument("--schema", action="store_true", help="print the JSON Schema of the table")
    parser.add_argument("--output-format", choices=("text", "json"), default="text", help="of the list and of KEY")
    parser.add_argument("--config", metavar="FILE", default=os.environ.get("TEMPSAFE_CONFIG"), help="with --show")
    parser.add_argument("--isolated", action="store_true", help="with --show: read no configuration file")


def run(options: argparse.Namespace) -> int:
    """Print what is asked for; the exit code."""
    if sum(map(bool, (options.key, options.show, options.schema))) > 1:
        raise ConfigError("command line: KEY, `--show` and `--schema` do not go together")
    if options.schema:
        from tempsafe_lint.configuration.schema import schema

        print(json.dumps(schema(), indent=2))
    elif options.show:
        file = None if options.isolated or not options.config else os.path.abspath(options.config)
        sys.stdout.writelines(f"{line}\n" for line in _shown(options.show, options.isolated, file))
    else:
        keys = [_known(options.key)] if options.key else list(KEYS.values())
        if options.output_format == "json":
            records = [_record(key) for key in keys]
            print(json.dumps(records[0] if options.key else records, indent=2))
        elif options.key:
            sys.stdout.write(page(keys[0]))
        else:
            width = max(len(key.name) for key in keys)
            sys.stdout.writelines(f"{key.name:<{width}}  {first_sentence(key)}\n" for key in keys)
    return 0


def _known(name: str) -> Key:
    if name not in KEYS:
        raise ConfigError(f"unknown setting `{name}`{did_you_mean(name, tuple(KEYS))}")
    return KEYS[name]


def first_sentence(key: Key) -> str:
    """What stands beside a key in a list."""
    return key.doc.split(". ")[0].rstrip(".") + "."


def _record(key: Key) -> dict[str, Any]:
    return {"name": key.name, "type": key.kind.shown, "default": default(key), "doc": key.doc, "example": key.example}


def default(key: Key) -> str:
    """The default of a key as TOML writes it, or in words."""
    if key.default is not None:
        return key.default
    if key.adds or not key.into:
        return "[]" if key.adds else "none"
    usual = DEFAULTS[key.into]
    return "{}" if usual == () and key.kind.schema.get("type") == "object" else as_toml(usual)


def page(key: Key) -> str:
    """One setting in Markdown."""
    usual = default(key)
    shown = usual if key.default else f"`{usual}`"
    return (
        f"# {key.name}\n\n{key.doc}\n\n- Type: `{key.kind.shown}`\n- Default: {shown}\n\n"
        f"```toml\n[tool.tempsafe-lint]\n{key.name} = {key.example}\n```\n"
    )


def as_toml(value: Any) -> str:
    """A typed value as it would stand in a file, on one line."""
    if value is None:
        return '"hint"'
    if isinstance(value, Level):
        return f'"{value.value}"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple) and len(value) == 2 and all(isinstance(part, int) for part in value):
        return f'"py{value[0]}{value[1]}"'
    if isinstance(value, tuple):
        return f"[{', '.join(map(as_toml, value))}]"
    if isinstance(value, (list, dict)):
        return _raw(value)
    return json.dumps(value, ensure_ascii=False)


def _raw(value: Any) -> str:
    """A raw value of TOML on one line."""
    if isinstance(value, dict):
        inside = ", ".join(f"{_bare(name)} = {_raw(part)}" for name, part in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(_raw, value))}]"
    return as_toml(value)


def _bare(name: str) -> str:
    plain = name.replace("-", "").replace("_", "")
    return name if plain.isascii() and plain.isalnum() else json.dumps(name, ensure_ascii=False)


def _shown(name: str, isolated: bool, file: str | None) -> Iterator[str]:
    """The settings of a file as TOML, each with where it was said."""
    absolute = os.path.abspath(name)
    folder = absolute if os.path.isdir(absolute) else os.path.dirname(absolute)
    while not os.path.isdir(folder) and os.path.dirname(folder) != folder:
        folder = os.path.dirname(folder)
    resolved = Configurations(isolated=isolated, file=file).resolved(folder)
    configuration = resolved.configuration
    files = [table.origin for table in reversed(resolved.tables)]
    yield f"# root: {configuration.root}"
    yield f"# configured by: {', which extends '.join(files) or 'nothing'}"
    if not os.path.isdir(absolute):
        path = below(absolute, configuration.root)
        settings = for_file(configuration.settings, path)
        yield f"# test code: {'yes' if is_test(path, settings) else 'no'}"
        yield f"# excluded: {'yes' if is_excluded(absolute, configuration) else 'no'}"
        yield f"# rules that are on: {_rules_on(path, resolved)}"
    last = None
    for text, where in sorted(_lines(resolved), key=lambda line: line[1] == _DEFAULT):
        if where != last:
            yield f"\n# {where}"
        last = where
        yield _wrapped(text)


def _wrapped(text: str) -> str:
    """A list that is too long for a line as one of several; it stays TOML."""
    head, bracket, items = text.partition("[")
    if len(text) <= 100 or not head.endswith("= ") or not items.endswith('"]'):
        return text
    import textwrap

    return (
        "\n".join([head + bracket, *textwrap.wrap(items[:-1], 88, initial_indent="    ", subsequent_indent="    ")])
        + "\n]"
    )


def _rules_on(path: str, resolved: Resolved) -> str:
    from tempsafe_lint.engine import enabled

    return ", ".join(rule.code for rule in enabled(path, resolved.configuration.settings)) or "none"


def _lines(resolved: Resolved) -> Iterator[tuple[str, str]]:
    """Each setting with its place; what nobody set with _DEFAULT."""
    for key in KEYS.values():
        places = resolved.places.get(key.into, [])
        said = [(where, raw) for where, by, raw in places if by is key]
        if said:
            for where, raw in said:
                yield f"{key.name} = {_raw(raw)}", where
        elif key.into == "target_version" and resolved.target_from:
            version = resolved.configuration.settings.target_version
            yield f"{key.name} = {as_toml(version)}", f"{resolved.target_from}: project.requires-python"
        elif key.into == "target_version":
            yield f"{key.name} = {as_toml(DEFAULTS[key.into])}", _DEFAULT
        elif key.default is not None:
            yield f"#   {key.name}: {key.default}", _DEFAULT
        elif key.into and not key.adds:
            yield f"{key.name} = {default(key)}", _DEFAULT
