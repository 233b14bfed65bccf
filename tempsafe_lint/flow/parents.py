"""Whose directory a temp is put into: one that somebody names is his to clear away, with all that is in it.

Nobody's: a shared temp directory, the folder of a target file, one that is written in the call, and one that a function
of which nothing is known gives back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tempsafe_lint.flow.calls import arguments, given, is_local
from tempsafe_lint.flow.mentions import mentions
from tempsafe_lint.flow.owners import stored
from tempsafe_lint.flow.provenance import shared
from tempsafe_lint.flow.values import Known, PathText
from tempsafe_lint.flow.words import split
from tempsafe_lint.ir import events as ev

if TYPE_CHECKING:
    from tempsafe_lint.flow.file import File
    from tempsafe_lint.flow.state import State
    from tempsafe_lint.flow.transfer import Transfer
    from tempsafe_lint.ir.cfg import Function
    from tempsafe_lint.models.schema import Row

#: A path is followed through so many steps to what it begins with.
MOST_STEPS = 6


class Parents:
    """Asked at the birth of a file or directory, in one function."""

    def __init__(self, transfer: Transfer) -> None:
        self._t = transfer

    def owned(self, state: State, event: ev.Call, row: Row) -> bool:
        """Whether the caller named the directory, and it is not a shared one: policy.toml, parent-owns."""
        if event.starred and not any(given(event, row, parameter) for parameter in row.parent):
            return True  # what comes with `**kwargs` may name it
        for parameter in row.parent:
            operand = given(event, row, parameter)
            if operand is None or (isinstance(operand, ev.Const) and operand.value is None):
                continue
            texts = self._t.texts.of(state, operand, event.site)
            if parameter == "prefix":
                if any("/" in part for text in texts for part in text.parts if isinstance(part, str)):
                    return not all(_is_shared(text, self._t.file.policies.directories) for text in texts)
                continue
            if texts and all(_is_shared(text, self._t.file.policies.directories) for text in texts):
                continue
            known = state.env.get(operand, frozenset()) if isinstance(operand, str) else frozenset()
            if Known(None) in known or Known("parent") in known:
                # The folder of a target is nobody's to clear away.
                continue
            if not self._nobodys(operand):
                return True
        return False

    def private(self, state: State, event: ev.Call, row: Row) -> bool:
        """Whether the call names a directory that nobody else can enter: one that this function, or a method of its
        class, has securely made; one that an attribute from elsewhere holds, or that a test was given.

        Limit: what another function returned is not looked for.
        """
        for parameter in row.parent:
            operand = given(event, row, parameter) if parameter != "prefix" else None
            names = self._t.names(state, operand)
            if names and all(r.kind in ("dir", "dirobject") and h in ("path", "inside") for r, _, h in names):
                return True
            if operand is not None and not names and self._kept(self._root(operand)):
                return True
        return False

    def _root(self, operand: ev.Operand) -> ev.Operand:
        """The variable or attribute that a path begins with: `self.work` of `os.path.join(str(self.work), "x")`."""
        for _ in range(MOST_STEPS):
            made = self._t.types.binder(operand)
            if isinstance(made, ev.Text) and made.parts:
                operand = made.parts[0]
            elif isinstance(made, ev.Call) and made.callee is not None and made.args:
                row = self._t.file.models.get(made.callee)
                roles = [a.role.does for a in arguments(made, row)] if row is not None else []
                joins = row is not None and row.text == "join"
                if not joins and roles[:1] not in (["same"], ["below"]):
                    break
                operand = made.args[0]
            elif isinstance(made, ev.Call) and made.callee is None and isinstance(made.receiver, str):
                row = self._t.file.models.method("path", made.method or "")
                if row is None or row.receiver is None or row.receiver.does not in ("same", "below"):
                    break
                operand = made.receiver
            else:
                break
        return operand

    def _kept(self, place: ev.Operand) -> bool:
        """Whether an attribute holds a private directory: nothing in the class says otherwise; or a test's own one."""
        function, file = self._t.function, self._t.file
        if not isinstance(place, str) or (file.depth and file.focus == frozenset()):
            return False  # a summary says nothing of what is given to the function, whether it follows that or not
        head, _, rest = place.partition(".")
        if head in ("self", "cls") and rest and function.class_name is not None:
            sources = list(stored(file, function.class_name, rest.partition(".")[0]))
            return not sources or any(_makes_directory(file, method, source) for method, source in sources)
        given_to_test = function.name.rpartition(".")[2].startswith("test") or self._t.is_fixture
        own = place in {parameter.name for parameter in function.params}
        return given_to_test and own and place in file.policies.own_directories

    def beside(self, state: State, event: ev.Call, row: Row) -> bool:
        """Whether the call names the folder of some other path: where the program works, not one that all share."""
        operands = [given(event, row, parameter) for parameter in row.parent if parameter != "prefix"]
        return any(isinstance(o, str) and Known("parent") in state.env.get(o, ()) for o in operands)

    def working(self, event: ev.Call, row: Row) -> bool:
        """Whether the call names the directory that the program runs in: policy.toml, working-directory."""
        policies = self._t.file.policies
        for parameter in row.parent if row.makes else ():
            operand = given(event, row, parameter) if parameter != "prefix" else None
            source = self._t.types.binder(operand) if isinstance(operand, str) else None
            name = operand.name if isinstance(operand, ev.Dotted) else getattr(source, "callee", None)
            if name in policies.working or (isinstance(operand, ev.Const) and operand.value in policies.working):
                return True
        return False

    def _nobodys(self, operand: ev.Operand) -> bool:
        """Whether nobody is likely to clear a directory away: policy.toml, written-parent-owns, made-parent-owns."""
        policies = self._t.file.policies
        if isinstance(operand, ev.Const):
            return not policies.written_parent_owns
        if policies.made_parent_owns or not isinstance(operand, str):
            return False
        if any(operand == parameter.name for parameter in self._t.function.params):
            return False  # on some ways it is the caller's own
        sources = [self._source(event) for event in self._binders(operand)]
        return bool(sources) and all(call is not None and self._plain(call) for call in sources)

    def _binders(self, place: str) -> list[ev.Event]:
        return mentions(self._t.file, self._t.function).binders.get(place, [])

    def _source(self, event: ev.Event) -> ev.Call | None:
        """The call whose result an event binds."""
        if isinstance(event, ev.Bind) and isinstance(event.src, str):
            found = self._binders(event.src)
            return found[0] if len(found) == 1 and isinstance(found[0], ev.Call) else None
        return event if isinstance(event, ev.Call) else None

    def _plain(self, call: ev.Call) -> bool:
        """Whether a call is of a function from elsewhere of which nothing is known, not even a name that says temp."""
        name = call.callee
        operands = (*call.args, *call.starred, *(value for _, value in call.kwargs))
        if not all(isinstance(operand, ev.Const) for operand in operands):
            return False  # it may give back what it was given
        if name is None or is_local(name) or call.method is not None or self._t.file.models.get(name) is not None:
            return False
        return not split(name.replace(".", "_")) & self._t.file.policies.keepers


def _makes_directory(file: File, method: Function, source: ev.Operand, steps: int = MOST_STEPS) -> bool:
    """Whether what a method stores is a directory that it has made."""
    found = mentions(file, method).binders.get(source, []) if isinstance(source, str) and steps else []
    for event in found:
        if isinstance(event, ev.Bind) and _makes_directory(file, method, event.src, steps - 1):
            return True
        row = file.row(event.callee) if isinstance(event, ev.Call) else None
        if row is None or not isinstance(event, ev.Call):
            continue
        same = [arg.operand for arg in arguments(event, row) if arg.role.does == "same"]
        makes = any(made.kind in ("dir", "dirobject") for made in row.makes)
        if makes or any(_makes_directory(file, method, operand, steps - 1) for operand in same):
            return True
    return False


def placed(event: ev.Call, row: Row) -> bool:
    """Whether a call may name the directory, in a prefix too."""
    if event.star or event.starred or not row.parent:
        return True
    for operand in (given(event, row, parameter) for parameter in row.parent):
        if operand is not None and not (isinstance(operand, ev.Const) and "/" not in str(operand.value)):
            return True
    return False


def _is_shared(text: PathText, directories: tuple[str, ...]) -> bool:
    """Whether a text names a shared directory itself, or a file name in one."""
    found = shared(text, directories)
    return found is not None and not any("/" in part.strip("/") for part in found[1] if isinstance(part, str))
