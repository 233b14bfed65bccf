"""Scopes and what is bound in them: plain tables that the survey fills and names are resolved from."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import libcst as cst

from tempsafe_lint.front.tree import names_of


@dataclass(slots=True)
class Binding:
    """One way a name gets its value: `import`, `def`, `class`, `alias` (a dotted chain), `none`, `param`, `other`.

    `target` is the full dotted name of an import, the qualified name of a `def` or `class`, "" otherwise; `value` the
    chain of an alias, None, False, a number, or a comparison. Never changed: names share what says no more.
    """

    kind: str
    target: str = ""
    value: cst.CSTNode | None = None


@dataclass(slots=True, eq=False)
class Scope:
    """`kind` is `module`, `class`, `function`, `lambda` or `comp`; `top` the index of its top-level statement. `unread`
    are expressions of it whose names are not among the `known` ones; neither are those that were `counted`.
    """

    kind: str
    name: str
    node: cst.CSTNode
    parent: Scope | None = None
    top: int = 0
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    known: list[str] = field(default_factory=list)
    unread: list[cst.CSTNode] = field(default_factory=list)
    declared: dict[str, str] = field(default_factory=dict)
    children: list[Scope] = field(default_factory=list)
    generator: bool = False
    lambdas: int = 0
    cache: dict[str, str | None] = field(default_factory=dict)
    counted: Counter[str] | None = None

    @property
    def reads(self) -> Counter[str]:
        """How often each name is read here, without the scopes in it. Few are asked, so expressions wait until then."""
        counted = self.counted
        if counted is None:
            counted = self.counted = Counter()
        if self.known or self.unread:
            counted.update((*self.known, *names_of(self.unread)))
            self.known.clear()
            self.unread.clear()
        return counted

    @property
    def body(self) -> Scope:
        """The scope that owns the code: a comprehension's code belongs to what it stands in."""
        scope = self
        while scope.kind == "comp" and scope.parent is not None:
            scope = scope.parent
        return scope

    @property
    def prefix(self) -> str:
        """What stands before the name of a function or class defined here."""
        owner = self.body
        if owner.kind == "module":
            return ""
        return owner.name + ("." if owner.kind == "class" else ".<locals>.")

    def bind(self, name: str, binding: Binding) -> None:
        self.bindings.setdefault(name, []).append(binding)


@dataclass(slots=True)
class ImportRow:
    """One imported name: the statement and the alias in it (None for a star), the scope, and whether it stands at top
    level."""

    statement: cst.CSTNode
    alias: cst.ImportAlias | None
    name: str
    dotted: str
    top: int
    outermost: bool
    count: int
    scope: Scope
