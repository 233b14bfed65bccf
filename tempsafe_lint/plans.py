"""Plans: what a rule wants done, as data. `fixing.render` turns them into edits; nothing here knows syntax.

Places are sites; whoever renders a plan is handed their spans. A plan never carries source text of the file.
"""

from __future__ import annotations

from collections.abc import Set
from typing import TypeAlias

from tempsafe_lint.findings import Safety
from tempsafe_lint.records import dataclass, field
from tempsafe_lint.source import Site, Span


@dataclass(frozen=True, slots=True)
class ReplaceCallee:
    """Call another function with the same arguments: `tempfile.mkstemp(...)` becomes `to(...)`.

    `callee` is the callee expression (or the reference, for a mention that is not a call), `to` a full dotted name
    whose first part is the
    module to import. `arguments` are keyword arguments to set afterwards (name, text); an existing one of that name is
    replaced, whether it was given by keyword or (`positions`: name to 0-based position) by position.
    """

    callee: Site
    to: str
    safety: Safety
    title: str
    call: Site | None = None
    arguments: tuple[tuple[str, str], ...] = ()
    positions: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class DeleteStatement:
    """Remove the statement at `statement`; where it is alone in its suite, `pass` takes its place."""

    statement: Site
    safety: Safety
    title: str


@dataclass(frozen=True, slots=True)
class EditArguments:
    """Set keyword arguments of the call at `call`; `arguments` and `positions` as in `ReplaceCallee`."""

    call: Site
    arguments: tuple[tuple[str, str], ...]
    positions: tuple[tuple[str, int], ...]
    safety: Safety
    title: str


@dataclass(frozen=True, slots=True)
class Append:
    """Put `text` (an attribute: `.name`) behind the expression at `expression`, which is a plain dotted name."""

    expression: Site
    text: str
    safety: Safety
    title: str


@dataclass(frozen=True, slots=True)
class InsertBefore:
    """Put the one-line statement `text` before the statement at `statement`, which begins its row."""

    statement: Site
    text: str
    safety: Safety
    title: str


@dataclass(frozen=True, slots=True)
class AddFinally:
    """Put the statements from `first` up to `removal` into a `try`, and `removal` into its `finally`.

    All of them are siblings in one suite.
    """

    first: Site
    removal: Site
    safety: Safety
    title: str


@dataclass(frozen=True, slots=True)
class AddExcept:
    """Put the statements from `first` to `last`, siblings, into a `try` that undoes something where they fail.

    `undo` is a call: its full dotted name, and what stands between its brackets. `quiet` is the full dotted name of a
    context manager that is given the `error` it swallows; empty for none. What failed is raised again.
    """

    first: Site
    last: Site
    undo: tuple[str, str]
    quiet: str
    error: str
    safety: Safety
    title: str


@dataclass(frozen=True, slots=True)
class WrapInWith:
    """Make the assignment `made` the head of a `with` that takes in all up to `removal`, which goes.

    `call` is the call whose result is assigned, `callee` the expression that `to` (a full dotted name) takes the place
    of; its arguments stay.
    """

    made: Site
    call: Site
    callee: Site
    to: str
    removal: Site
    safety: Safety
    title: str


@dataclass(frozen=True, slots=True)
class EnterWith:
    """Put the statements from `first` to `last`, which follow one another, into a `with name:`."""

    first: Site
    last: Site
    name: str
    safety: Safety
    title: str


@dataclass(frozen=True, slots=True)
class MoveIntoWith:
    """Move the statements from `first` to `last`, which follow the `with` at `block`, to the end of its body.

    `before` is a one-line statement to put before them, or empty.
    """

    block: Site
    first: Site
    last: Site
    safety: Safety
    title: str
    before: str = ""


@dataclass(frozen=True, slots=True)
class ExtendWith:
    """Let the `with` at `block` end what it makes: `removal` goes, and what stands before it moves into the body.

    `callee` of its `call` is replaced by `to` (a full dotted name), its keyword `old` by `new`, with the same value.
    `name` is what the block calls the object: it is closed before the statements from `first` to `last` (None: there
    are none), as it is now.
    """

    block: Site
    call: Site
    callee: Site
    to: str
    old: str
    new: str
    name: str
    first: Site
    last: Site | None
    removal: Site
    safety: Safety
    title: str


@dataclass(frozen=True, slots=True)
class CloseLost:
    """Close the first of the two results of `call`, by `closer` (a full dotted name), behind the statement `after`.

    `name` is the variable that has it; empty where `statement` takes the second result only, and it gets a fresh one.
    """

    statement: Site
    call: Site
    name: str
    closer: str
    after: Site
    safety: Safety
    title: str


@dataclass(frozen=True, slots=True)
class MeetUser:
    """Put a path of the same name that only this user can reach in place of the one at `path`.

    `directory` is the shared directory as it is written in it; empty where the system is asked for it. `to` is the full
    dotted name of the function that gives such paths, `lifetime` what it is told about how long they have to last.
    """

    path: Site
    directory: str
    to: str
    lifetime: str
    safety: Safety
    title: str


@dataclass(frozen=True, slots=True)
class MakeFresh:
    """Put a fresh path, which `to` (a full dotted name) gives, in place of the text at `path`.

    `directory` is the shared directory as it is written in it; `removed` is where the same function removes the thing.
    """

    path: Site
    removed: Site
    directory: str
    to: str
    safety: Safety
    title: str


@dataclass(frozen=True, slots=True)
class Publish:
    """Let the call at `call` give a file that takes the place of `target` at the end of its `with`.

    `to` is the full dotted name of what is called instead, `arguments` what it is given behind the target: a keyword
    and a value, or the site of one; empty for one by position. `made` (None: there is none) and `rename` go. `around`
    is a `try`, and the `with` in it that is all that stays of it. `change` goes too: it set the mode.
    """

    made: Site | None
    call: Site
    target: Site
    arguments: tuple[tuple[str, Site | str], ...]
    rename: Site
    to: str
    safety: Safety
    title: str
    around: tuple[Site, Site] | None = None
    change: Site | None = None


@dataclass(frozen=True, slots=True)
class KeepReturned:
    """Call `to` instead, as `ReplaceCallee` does, and give what stands at each place of `returned` to `keeper` (a full
    dotted name).
    """

    callee: Site
    to: str
    call: Site
    arguments: tuple[tuple[str, str], ...]
    positions: tuple[tuple[str, int], ...]
    returned: tuple[Site, ...]
    keeper: str
    safety: Safety
    title: str


@dataclass(frozen=True, slots=True)
class MakeAtOnce:
    """Call `to` in place of `callee` in the assignment `made`, with the same arguments.

    `gone` is the statement that makes the thing now, and goes. Or the result is a descriptor and the name, and the
    argument at `opened` becomes the descriptor.
    """

    made: Site
    callee: Site
    to: str
    gone: Site | None
    opened: Site | None
    safety: Safety
    title: str


@dataclass(frozen=True, slots=True)
class FirstOf:
    """The first of several plans that can be carried out, the best one first."""

    plans: tuple[Plan, ...]


@dataclass(frozen=True, slots=True)
class Advice:
    """No edit: the text of what to do, shown with the finding (class `display`)."""

    title: str
    safety: Safety = field(default=Safety.DISPLAY, init=False)


Plan: TypeAlias = (
    "ReplaceCallee | DeleteStatement | EditArguments | Append | InsertBefore | AddFinally | AddExcept | WrapInWith"
    " | EnterWith | MoveIntoWith | ExtendWith | CloseLost | MeetUser | MakeFresh | Publish | KeepReturned | MakeAtOnce"
    " | FirstOf | Advice"
)


def sites(plan: Plan) -> tuple[Site, ...]:
    """The sites whose spans rendering needs."""
    if isinstance(plan, ReplaceCallee):
        return (plan.callee,) if plan.call is None else (plan.callee, plan.call)
    if isinstance(plan, DeleteStatement | InsertBefore):
        return (plan.statement,)
    if isinstance(plan, EditArguments):
        return (plan.call,)
    if isinstance(plan, Append):
        return (plan.expression,)
    if isinstance(plan, AddFinally):
        return (plan.first, plan.removal)
    if isinstance(plan, WrapInWith):
        return (plan.made, plan.call, plan.callee, plan.removal)
    if isinstance(plan, MoveIntoWith):
        return (plan.block, plan.first, plan.last)
    if isinstance(plan, ExtendWith):
        between = () if plan.last is None else (plan.first, plan.last)
        return (plan.block, plan.call, plan.callee, plan.removal, *between)
    if isinstance(plan, EnterWith | AddExcept):
        return (plan.first, plan.last)
    if isinstance(plan, CloseLost):
        return (plan.statement, plan.call, plan.after)
    if isinstance(plan, MeetUser):
        return (plan.path,)
    if isinstance(plan, MakeFresh):
        return (plan.path, plan.removed)
    if isinstance(plan, Publish):
        given = tuple(value for _, value in plan.arguments if not isinstance(value, str))
        gone = (site for site in (plan.made, plan.change) if site is not None)
        return (*gone, plan.call, plan.target, *given, plan.rename, *(plan.around or ()))
    if isinstance(plan, MakeAtOnce):
        return tuple(site for site in (plan.made, plan.callee, plan.gone, plan.opened) if site is not None)
    if isinstance(plan, KeepReturned):
        return (plan.callee, plan.call, *plan.returned)
    if isinstance(plan, FirstOf):
        return tuple(site for one in plan.plans for site in sites(one))
    return ()


@dataclass(frozen=True, slots=True)
class ImportedName:
    """One name that an import statement of the file binds.

    `statement` is the whole import statement without its line end and trailing comment, `alias` the one name in it
    (`mkstemp as m`), `count` how many names the statement imports. `uses` counts mentions of the name
    elsewhere in the file, or in the function that has the import. `top` is true at module level, outside `if` and
    `try`.
    """

    name: str
    dotted: str
    statement: Span
    alias: Span
    count: int
    uses: int
    top: bool


@dataclass(frozen=True, slots=True)
class ImportTable:
    """What a fix must know of a file's names.


    `bound` are all names bound anywhere in the file by something else than an import. `insert_at` is the offset (start
    of a line) where a new top-level import can go; it is after the docstring, comments at the head and `__future__`
    imports. `stars` are modules imported with `*`. `loose` are names that no scope around a mention binds, each with
    the name of the function that mentions it.
    """

    imports: tuple[ImportedName, ...]
    bound: Set[str]
    insert_at: int
    stars: tuple[str, ...] = ()
    loose: frozenset[tuple[str, str]] = frozenset()
