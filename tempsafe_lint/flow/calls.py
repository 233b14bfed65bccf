"""Which row says what a call does, and which argument is which parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tempsafe_lint.flow.places import Names
from tempsafe_lint.ir.events import Call, Const, Flags, Operand
from tempsafe_lint.models.schema import Case, Made, Role, Row
from tempsafe_lint.records import dataclass, replace
from tempsafe_lint.source import Site

if TYPE_CHECKING:
    from tempsafe_lint.models.catalogue import Models

BORROWS = Role()
#: What is said of a call that nobody has said anything about.
UNKNOWN = Row("?.?", args={"*": Role("unknown")})


class Argument(NamedTuple):
    """One argument of a call: the parameter's name (`*` if unknown), what the row says of it, and its place."""

    parameter: str
    role: Role
    operand: Operand
    site: Site


@dataclass(slots=True)
class Target:
    """What is called: a written row, or a function of the file; and what the receiver names, if it has one."""

    row: Row | None = None
    function: str | None = None
    bound: bool = False
    receiver: Names | None = None
    captured: tuple[str, ...] = ()

    @property
    def unknown(self) -> bool:
        """Nobody has said what it does."""
        return self.row is None and self.function is None


def is_local(name: str) -> bool:
    """Whether a full name is one of this file (`.helper`); a relative import has more dots (`..pkg.helper`)."""
    return name.startswith(".") and not name.startswith("..")


def arguments(call: Call, row: Row) -> list[Argument]:
    """The arguments of a call by the row's signature. Positions behind `*args` are unknown and count as `*`."""
    found: list[Argument] = []
    rest = row.args.get("*", BORROWS)
    for i, (operand, site) in enumerate(zip(call.args, call.arg_sites, strict=True)):
        name = row.params[i] if i < len(row.params) else "*"
        if name.startswith("*"):
            name = "*"
        found.append(Argument(name, row.args.get(name, rest), operand, site))
    for (name, operand), site in zip(call.kwargs, call.kwarg_sites, strict=True):
        found.append(Argument(name, row.args.get(name, rest), operand, site))
    found.extend(Argument("*", rest, operand, call.site) for operand in call.starred)
    if "closefd" in row.params and given(call, row, "closefd") not in (None, Const(True)):
        found = [a._replace(role=replace(a.role, does="uses")) if a.role.does == "alias" else a for a in found]
    return found


def own_and_given(call: Call, row: Row, args: list[Argument]) -> list[Argument]:
    """The arguments of a call by a row, and before them what the method is called on."""
    if row.receiver is None or call.receiver is None:
        return args
    return [Argument("self", row.receiver, call.receiver, call.site), *args]


def given(call: Call, row: Row, parameter: str) -> Operand | None:
    """The argument for one parameter, or None if it is not given."""
    for name, operand in call.kwargs:
        if name == parameter:
            return operand
    if parameter in row.params:
        index = row.params.index(parameter)
        if index < len(call.args):
            return call.args[index]
    return None


def method_of(models: Models, handle: str, call: Call) -> Row | None:
    """The row of a method of something held by `handle`, as it is called; that of a text where a path object's method
    of this name takes another number of arguments.
    """
    name = call.method or ""
    row = models.method(handle, name)
    if row is None or row.arity is None or call.star or call.starred:
        return row
    return row if len(call.args) + len(call.kwargs) == row.arity else models.method("text", name)


def makes(call: Call, row: Row) -> tuple[tuple[Made, ...], Case | None, bool]:
    """What a call makes, the case that applies, and whether that is certain: what is written there holds, whatever
    comes with `**kwargs`; what is not written there may.
    """
    sure = not (call.star or call.starred)
    for case in row.cases:
        verdict = _matches(call, row, case)
        if verdict is None:
            return row.makes, None, False
        if verdict:
            return case.makes, case, True
    return row.makes, None, sure


def _matches(call: Call, row: Row, case: Case) -> bool | None:
    """True if all its constants are given, False if one differs, None if one cannot be known."""
    for name, wanted in case.when:
        operand = given(call, row, name)
        if operand is None:
            return False
        if not isinstance(operand, Const):
            return None
        if operand.value != wanted or isinstance(operand.value, bool) != isinstance(wanted, bool):
            return False
    return True


def sink_of(call: Call, row: Row, role: Role) -> str | None:
    """What a path argument is wanted for, refined by the mode or flags that are given beside it."""
    if role.sink is None or role.mode is None:
        return role.sink
    mode = given(call, row, role.mode)
    if isinstance(mode, Const) and isinstance(mode.value, str):
        return "write" if set(mode.value) & set("wax+") else "read"
    if isinstance(mode, Flags):
        names = {name.rpartition(".")[2] for name in mode.names}
        if names & {"O_CREAT", "O_WRONLY", "O_RDWR", "O_TRUNC", "O_APPEND"}:
            return "write"
        return "read"
    return "read" if mode is None and role.mode == "mode" else role.sink
