"""The JSON Schema of `[tool.tempsafe-lint]`, made from the table of keys: what editors complete and check with."""

from __future__ import annotations

from typing import Any

from tempsafe_lint import registry
from tempsafe_lint.configuration.keys import KEYS, Key


def schema() -> dict[str, Any]:
    """The schema as plain data (draft 7, which editors know best)."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "tempsafe-lint",
        "description": "The table [tool.tempsafe-lint] of pyproject.toml, and the whole of tempsafe-lint.toml.",
        "type": "object",
        "additionalProperties": False,
        "properties": {name: _property(key) for name, key in KEYS.items()},
        "definitions": {
            "selector": {
                "description": "A code, the beginning of one, the name of a rule, or ALL.",
                "enum": _selectors(),
            },
            "selectors": {"type": "array", "items": {"$ref": "#/definitions/selector"}},
        },
    }


def _property(key: Key) -> dict[str, Any]:
    says = key.kind.schema
    # Beside a `$ref`, draft 7 reads nothing else.
    return {"description": key.doc, **({"allOf": [says]} if "$ref" in says else says)}


def _selectors() -> list[str]:
    found = {"ALL": None}
    infos = registry.codes()
    for info in infos:
        found.update(dict.fromkeys(info.code[:length] for length in range(1, len(info.code))))
    for info in infos:
        found.update({info.code: None, info.name: None})
    return list(found)
