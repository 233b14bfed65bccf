"""What a name means: the full dotted name behind it, or None where only flow can tell.

Silent on purpose: `__import__` and importlib are not followed; an assignment to a name that is also imported makes it
unknown (a constant None or a `def` in its place is taken for the fallback of a failed import); aliases are followed at
module level only.
"""

from __future__ import annotations

import builtins
import sys

import libcst as cst

from tempsafe_lint.front.scopes import Binding, Scope
from tempsafe_lint.front.survey import Survey
from tempsafe_lint.front.tree import chain

# Built-ins of the interpreter that runs this, and of newer ones.
BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_")) | {
    "__import__",
    "BaseExceptionGroup",
    "EncodingWarning",
    "ExceptionGroup",
    "PythonFinalizationError",
    "WindowsError",
    "aiter",
    "anext",
}


class Names:
    """Resolves names of one file; `stars` are the modules that it imports with `*`."""

    def __init__(self, survey: Survey) -> None:
        self.survey = survey
        self.stars = tuple(dict.fromkeys(row.dotted for row in survey.imports if row.alias is None))
        self._decided: dict[tuple[int, str], str | None] = {}

    def name(self, name: str, scope: Scope) -> str | None:
        """The full dotted name that `name` stands for in `scope`; None if it is a variable."""
        cache = scope.cache
        if name not in cache:
            cache[name] = self._resolve(name, scope)
        return cache[name]

    def dotted(self, node: cst.CSTNode, scope: Scope) -> str | None:
        """The full dotted name of `a.b.c`; None if it is not such a chain, or starts at a variable."""
        found = chain(node)
        return None if found is None else self.attributes(found[0].value, found[1], scope)

    def attributes(self, name: str, attributes: list[str], scope: Scope) -> str | None:
        """The same for a chain taken apart."""
        base = self.name(name, scope)
        if base is None or not attributes:
            return base
        if not base.startswith(".") or base.startswith(".."):
            return ".".join([base, *attributes])
        survey = self.survey
        own = base[1:]
        for attribute in attributes:
            full = survey.latest.get(f"{own}.{attribute}") if own in survey.classes else None
            if full is None:
                return None
            own = full
        return "." + own

    def is_definition(self, name: str, scope: Scope) -> bool:
        """Whether a scope binds a name by nothing but definitions of functions and classes."""
        return all(binding.kind in ("def", "class") for binding in scope.bindings.get(name, ()))

    def is_off(self, name: str, scope: Scope) -> bool:
        """Whether a name is a constant of the module that turns something off: written in capitals, bound once in the
        file, to False or 0.
        """
        owner = self.owner(name, scope)
        if owner is not self.survey.root or not name.isupper() or len(owner.bindings[name]) != 1:
            return False
        value = owner.bindings[name][0].value
        return isinstance(value, cst.Name | cst.Integer) and value.value in ("False", "0")

    def aliases(self, words: frozenset[str]) -> set[str]:
        """What this file calls by another name: imports and plain assignments at module level."""
        found = {row.name for row in self.survey.imports if row.dotted.rpartition(".")[2] in words}
        for name, bindings in self.survey.root.bindings.items():
            for binding in bindings:
                links = chain(binding.value) if binding.kind == "alias" and binding.value is not None else None
                if links is not None and (links[1] or [links[0].value])[-1] in words:
                    found.add(name)
        return found

    def owner(self, name: str, scope: Scope) -> Scope | None:
        """The scope that binds `name` as seen from `scope`; None if the file does not."""
        at: Scope | None = scope
        inside = True  # class scopes are seen from their own body only
        while at is not None:
            if at.kind != "class" or inside:
                how = at.declared.get(name)
                if how == "global":
                    return self.survey.root if name in self.survey.root.bindings else None
                if how is None and name in at.bindings:
                    return at
            inside = inside and at.kind == "comp"
            at = at.parent
        return None

    def _resolve(self, name: str, scope: Scope) -> str | None:
        owner = self.owner(name, scope)
        if owner is not None:
            key = (id(owner), name)
            if key not in self._decided:
                self._decided[key] = None  # an alias of itself is unknown
                self._decided[key] = self._decide(owner, owner.bindings[name])
            return self._decided[key]
        if name in BUILTINS:
            return f"builtins.{name}"
        return f"{self.stars[0]}.{name}" if len(self.stars) == 1 and not name.startswith("__") else None

    def _decide(self, owner: Scope, bindings: list[Binding]) -> str | None:
        kinds = {binding.kind for binding in bindings}
        if "import" in kinds:
            imported = [binding.target for binding in bindings if binding.kind == "import"]
            return _preferred(imported) if kinds <= {"import", "def", "class", "none"} else None
        if kinds <= {"def", "class"}:
            return "." + bindings[-1].target
        if kinds == {"alias"} and len(bindings) == 1 and owner.kind == "module" and bindings[0].value is not None:
            return self.dotted(bindings[0].value, owner)
        return None


def _preferred(dotted: list[str]) -> str:
    """Of several imports of one name: the one from the standard library, else the first."""
    for name in dotted:
        if name.partition(".")[0] in sys.stdlib_module_names:
            return name
    return dotted[0]
