"""One file as units that flow can ask for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Set
from functools import cached_property
from typing import Any, TypeVar

import libcst as cst

from tempsafe_lint.front.build import Sites
from tempsafe_lint.front.depth import roomy
from tempsafe_lint.front.imports import import_table
from tempsafe_lint.front.light import Unfit, parse_light
from tempsafe_lint.front.lower import lower
from tempsafe_lint.front.names import Names
from tempsafe_lint.front.nodes import STUB, Unlike, paired
from tempsafe_lint.front.outline import DEEP, Outline, outline
from tempsafe_lint.front.parts import Cut, Part, parts_of, stub_name
from tempsafe_lint.front.scopes import Scope
from tempsafe_lint.front.spans import Spans
from tempsafe_lint.front.survey import Survey
from tempsafe_lint.front.tree import text_of
from tempsafe_lint.front.warmth import Warmth
from tempsafe_lint.front.written import Written
from tempsafe_lint.ir.cfg import ClassInfo, Function
from tempsafe_lint.plans import ImportTable
from tempsafe_lint.source import Site, Source, Span

_PYTHON_2 = (
    (
        re.compile(r"\bprint\s+(?:[^\W\d]\w*\s*(?:$|[,.(%;#])|[uUbBrR]{0,2}[\"']|[-\d`])|\bprint\s*>>"),
        "a print statement",
    ),
    (re.compile(r"^\s*exec\s+[\"'\w]"), "an exec statement"),
    (re.compile(r"^\s*except\s+.+,\s*\w+\s*:"), "`except ..., name`"),
    (re.compile(r"^\s*raise\s+[\w.]+\s*,"), "`raise ..., value`"),
    (re.compile(r"`[^`]*`"), "backticks"),
    (re.compile(r"<>"), "`<>`"),
    (re.compile(r"\b0[0-7]+\b(?!\.)|\b\d+[lL]\b"), "an old number literal"),
    (re.compile(r"\b[uU][rR][\"']"), "a `ur` string"),
)


class Unparsable(Exception):
    """The text is not Python that can be read: row and column are 1-based, the message is one line."""

    def __init__(self, row: int, column: int, message: str) -> None:
        super().__init__(message)
        self.row = row
        self.column = column
        self.message = message

    def __str__(self) -> str:
        return f"{self.row}:{self.column}: {self.message}"


class File:
    """A parsed file: graphs of its functions, spans of its sites, its imports. Implements ir.cfg.Units.

    `functions` are the qualified names in source order, the first is `<module>`; a name that is defined again is
    `name#2`. Of a file that was read in parts, the bodies of functions are read when they are lowered, and those that
    stand in such a body are known from then on (behind all others).
    """

    def __init__(self, source: Source, tree: _Tree, warmth: Warmth | None = None) -> None:
        self.source = source
        self._tree = tree
        self._grafts: list[_Tree] = []
        self._warmth = warmth
        self._survey = roomy(lambda: Survey(tree.module), tree.deep)
        self._names = Names(self._survey)
        self._sites = Sites()
        self._lowered: dict[str, Function] = {}
        self._owners = _owners(tree.module, warmth.parts.parts) if warmth is not None else {}

    @property
    def functions(self) -> tuple[str, ...]:
        return tuple(self._survey.functions)

    def __contains__(self, name: object) -> bool:
        return name in self._survey.functions

    @cached_property
    def classes(self) -> dict[str, ClassInfo]:
        found = {}
        for name, scope in self._survey.classes.items():
            if scope.parent is None or not isinstance(scope.node, cst.ClassDef):
                continue
            names = ((base.value, self._names.dotted(base.value, scope.parent)) for base in scope.node.bases)
            bases = tuple(dotted or text_of(node) for node, dotted in names if dotted or text_of(node))
            methods = tuple(inner.name for inner in scope.children if inner.kind == "function")
            found[name] = ClassInfo(name, bases, methods)
        return found

    @cached_property
    def taken(self) -> frozenset[str]:
        rows = (row for row in self._survey.imports if isinstance(row.statement, cst.ImportFrom))
        return frozenset(row.dotted for row in rows if row.alias is not None)

    def lower(self, name: str) -> Function:
        """The graph of one function; KeyError if there is none of that name. Raises Unparsable if its body was not read
        before, and is not Python.
        """
        found = self._lowered.get(name)
        if found is None:
            scope = self._survey.functions[name]
            deep = self._read(scope)
            found = roomy(lambda: lower(self._survey, self._names, self._sites, scope), deep)
            self._lowered[name] = found
        return found

    @property
    def idle(self) -> bool:
        """Whether the text alone says that nothing can come of anything here."""
        return self._warmth is not None and self._warmth.idle

    def worth(self, name: str) -> bool:
        """Whether a function can have anything to say by itself."""
        if self._warmth is None:
            return True
        part = self._part(self._survey.functions[name])
        return part is None or part.number in self._warmth.warm

    def returns(self, name: str) -> bool:
        """Whether a part says that it returns or yields; what does not say so may never come back."""
        part = self._part(self._survey.functions[name])
        if part is None or self._warmth is None:
            return False
        warmth = self._warmth
        found = _RETURNS.finditer(warmth.parts.text, part.body, part.stop)
        return any(warmth.is_code(word.start(), warmth.parts.at(part.start), name=True) for word in found)

    def holding(self, words: Iterable[str], also: Iterable[str] | None = None) -> list[str]:
        """Functions whose text has one of the words, and one of `also` if it is given, whatever an import calls them
        here; those that are in no part.
        """
        if self._warmth is None:
            return list(self._survey.functions)
        numbers = self._having(words) & self._having(also) if also is not None else self._having(words)
        for scope in list(self._survey.functions.values()):
            part = self._part(scope)
            if part is not None and part.number in numbers:
                self._read(scope)
        owning = ((name, self._part(scope)) for name, scope in self._survey.functions.items())
        return [name for name, part in owning if part is None or part.number in numbers]

    def _having(self, words: Iterable[str]) -> set[int]:
        """Numbers of the parts that have one of the words."""
        assert self._warmth is not None
        return self._warmth.holding({*words, *self._names.aliases(frozenset(words))})

    def _part(self, scope: Scope | None) -> Part | None:
        """The part that a function stands in."""
        while scope is not None:
            part = self._owners.get(id(scope))
            if part is not None:
                return part
            owner = self._owners.get(id(scope.node))
            if owner is not None:
                self._owners[id(scope)] = owner
                return owner
            scope = scope.parent
        return None

    def _read(self, scope: Scope) -> bool:
        """Read the body of a function if it was left out; whether its tree is deep."""
        part = self._part(scope)
        if part is None or self._warmth is None:
            return self._tree.deep
        if not _is_stub(scope.node, part):
            return self._tree_of(scope.top).deep
        text = self._warmth.parts.text
        wrapper = _BLOCK if text[part.start] in " \t" else ""
        tree = _Tree(Cut(text, part.start, part.stop, wrapper), light=True)
        definition: Any = tree.module.body[0]
        if wrapper:
            definition = definition.body.body[0]
        self._grafts.append(tree)
        self._owners[id(definition)] = part
        top = len(self._tree.module.body) + len(self._grafts) - 1
        roomy(lambda: self._survey.graft(scope, definition, top), tree.deep)
        return tree.deep

    def _tree_of(self, top: int) -> _Tree:
        own = len(self._tree.module.body)
        return self._tree if top < own else self._grafts[top - own]

    def spans(self, sites: Iterable[Site]) -> dict[Site, Span]:
        """Where the sites stand, in code points."""
        wanted = list(sites)
        return roomy(lambda: {site: self._where(*self._sites.nodes[site.number]) for site in wanted}, self._is_deep())

    def _where(self, node: Any, top: int, whole: bool) -> Span:
        tree = self._tree_of(top)
        return tree.span(node, top if tree is self._tree else 0, whole)

    def _is_deep(self) -> bool:
        return self._tree.deep or any(tree.deep for tree in self._grafts)

    def imports(self) -> ImportTable:
        """Imported and bound names, and where a new import can go. Of a file that was read in parts, `uses` counts only
        what was read.
        """
        self._read_holding("import")
        bound = _Bound(self._survey, self._read_all, lambda: len(self._grafts))
        return roomy(lambda: import_table(self._survey, self._where, self.source.text, bound), self._is_deep())

    def _read_all(self, word: str | None) -> None:
        """Read every part that holds a word; None: every part."""
        if word is not None:
            self._read_holding(word)
        else:
            for scope in list(self._survey.functions.values()):
                self._read(scope)

    def _read_holding(self, name: str) -> None:
        """Read every part that has a name, or a keyword, in its code."""
        numbers = self._warmth.holding((name,), code=True) if self._warmth is not None else set[int]()
        for scope in list(self._survey.functions.values()) if numbers else ():
            part = self._part(scope)
            if part is not None and part.number in numbers:
                self._read(scope)


_RETURNS = re.compile(r"\b(?:return|yield)\b")
_BLOCK = "if _:\n"
_S = TypeVar("_S")


class _Bound(Set[str]):
    """Names that a file binds by something else than an import; a name is looked for when it is asked for.

    Each finding asks for the same few names: each is looked for once, and all are gathered anew only after more of the
    file was read, as `grafts` tells.
    """

    def __init__(self, survey: Survey, read: Callable[[str | None], None], grafts: Callable[[], int]) -> None:
        self._survey = survey
        self._read = read
        self._grafts = grafts
        self._asked: set[str] = set()
        self._known: tuple[int, set[str]] = (-1, set())

    def __contains__(self, name: object) -> bool:
        if name not in self._asked:
            self._asked.add(str(name))
            self._read(str(name))
        return name in self._names()

    def __iter__(self) -> Iterator[str]:
        self._read(None)
        return iter(self._names())

    def __len__(self) -> int:
        return sum(1 for _ in self)

    @classmethod
    def _from_iterable(cls, it: Iterable[_S]) -> Set[_S]:
        return frozenset(it)

    def _names(self) -> set[str]:
        grafts = self._grafts()
        if grafts != self._known[0]:
            self._known = (grafts, self._gathered())
        return self._known[1]

    def _gathered(self) -> set[str]:
        bound, pending = set[str](), [self._survey.root]
        while pending:
            scope = pending.pop()
            pending.extend(scope.children)
            bound.update(name for name, found in scope.bindings.items() if any(b.kind != "import" for b in found))
        return bound


class _Tree:
    """A stretch of text, parsed: with `light` only what the analysis reads, if that is possible. Raises Unparsable."""

    def __init__(self, cut: Cut, light: bool = False) -> None:
        self.cut = cut
        module, self._written = _light(cut) if light else (None, None)
        self._statements: dict[int, Spans] = {}
        self._real: dict[int, Any] = {}
        self.deep = module is None and self._is_deep()
        self.module = module or self._parsed(cut.text)

    def _is_deep(self) -> bool:
        """Whether walking the tree takes room. Raises Unparsable for what even the parser must not be given."""
        if self.outline.problem is not None:
            row, reason = self.outline.problem
            raise Unparsable(row, 1, f"too deeply nested: {reason}")
        return self.outline.depth > DEEP

    @cached_property
    def outline(self) -> Outline:
        return outline(self.cut.text)

    @cached_property
    def _spans(self) -> Spans:
        return Spans(self.module, self.cut.text, self.outline.starts)

    def _parsed(self, text: str) -> cst.Module:
        try:
            return roomy(lambda: cst.parse_module(text), self.deep)
        except cst.ParserSyntaxError as error:
            raise _unparsable(text, error) from None

    def span(self, node: Any, top: int, whole: bool) -> Span:
        """Where a node stands in the whole file. Raises Unparsable where that takes libcst and it refuses."""
        if self._written is not None:
            found = self._written.span(node, whole)
            if found is not None:
                return Span(self.cut.origin_in_brief(found.start), self.cut.origin_in_brief(found.end))
        if self._written is not None and node is not self.module:
            spans, begin, number = self._of_statement(top), self.outline.starts[top], 0
            node = self._real[id(node)]
        else:
            spans, begin, number = self._spans, 0, top
        found = spans.statement(node, number) if whole else spans.expression(node, number)
        return Span(self.cut.origin(begin + found.start), self.cut.origin(begin + found.end))

    def _of_statement(self, top: int) -> Spans:
        """Spans of a statement at top level, which libcst has read; `_real` then knows its nodes."""
        spans = self._statements.get(top)
        if spans is None:
            starts, body = self.outline.starts, self.module.body
            if len(starts) != len(body):
                raise Unparsable(1, 1, "cannot be told apart")
            text = self.cut.text[starts[top] : starts[top + 1] if top + 1 < len(starts) else None]
            module = self._parsed(text)
            try:
                self._real.update((id(ours), theirs) for ours, theirs in paired(body[top], module.body[0]))
            except Unlike:
                raise Unparsable(1, 1, "cannot be told apart") from None
            spans = self._statements[top] = Spans(module, text, [0])
        return spans


def _light(cut: Cut) -> tuple[cst.Module | None, Written | None]:
    """The text as Python's own parser reads it; nothing if libcst must."""
    try:
        return parse_light(cut.brief, cut.stubs)
    except Unfit:
        return None, None


def parse(source: Source) -> File:
    """Read one file; raises Unparsable."""
    return File(source, _Tree(Cut(source.text)))


def parse_parts(source: Source, needles: Iterable[str], words: Iterable[str]) -> File:
    """Read of a file what holds a needle or one of the words, or what comes of it; the rest when it is asked for.

    Raises Unparsable; not for what is wrong in a part that nobody asks for.
    """
    parts = parts_of(source.text)
    if parts.whole or not parts.parts:
        return File(source, _Tree(Cut(source.text), light=True))
    warmth = Warmth(parts, needles, words)
    try:
        return File(source, _Tree(parts.without(warmth.warm), light=True), warmth)
    except (Unparsable, Mismatch):
        return parse(source)


class Mismatch(Exception):
    """The text and the tree differ about the functions of a file."""


def _owners(module: cst.Module, parts: list[Part]) -> dict[int, Part]:
    """The part of each function that is one, by the identity of its node."""
    definitions: list[tuple[cst.FunctionDef, str]] = []
    for statement in module.body:
        if type(statement) is cst.FunctionDef:
            definitions.append((statement, ""))
            continue
        owner = statement.name.value if type(statement) is cst.ClassDef else ""
        for suite in _suites(statement):
            definitions.extend((inner, owner) for inner in suite.body if type(inner) is cst.FunctionDef)
    if [(node.name.value, owner) for node, owner in definitions] != [(part.name, part.owner) for part in parts]:
        raise Mismatch
    return {id(node): part for (node, _), part in zip(definitions, parts, strict=True)}


def _suites(statement: Any) -> Iterator[Any]:
    """The suites of a compound statement, in order."""
    if isinstance(statement, cst.SimpleStatementLine):
        return
    suite = getattr(statement, "body", None)
    if isinstance(suite, cst.BaseSuite):
        yield suite
    for handler in getattr(statement, "handlers", ()):
        yield handler.body
    for name in ("orelse", "finalbody"):
        part = getattr(statement, name, None)
        if part is not None:
            yield from _suites(part)


def _is_stub(node: Any, part: Part) -> bool:
    if not isinstance(node, cst.FunctionDef) or not isinstance(node.body, cst.SimpleStatementSuite):
        return False
    if node.body is STUB:
        return True
    only = node.body.body[0]
    return (
        isinstance(only, cst.Expr) and isinstance(only.value, cst.Name) and only.value.value == stub_name(part.number)
    )


def _unparsable(text: str, error: cst.ParserSyntaxError) -> Unparsable:
    lines = re.split(r"\r\n|\r|\n", text)
    at, behind = _python_says(text) or (error.raw_line, error.raw_column + 1)
    row = min(max(at, 1), len(lines))
    line = lines[row - 1]
    column = min(max(behind, 1), len(line) + 1)
    for pattern, what in _PYTHON_2:
        if pattern.search(line):
            return Unparsable(row, column, f"looks like Python 2: {what}")
    return Unparsable(row, column, "not valid Python")


def _python_says(text: str) -> tuple[int, int] | None:
    """Where Python itself stumbles (1-based); None where it does not, or tells no place. The other parser often names
    the line behind.
    """
    import ast  # only here, and few files come to it
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        return (error.lineno, error.offset) if error.lineno and error.offset else None
    except (ValueError, RecursionError, MemoryError):
        pass
    return None
