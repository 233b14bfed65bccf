"""Which functions are worth solving, told from their events before anything is followed.

A function can have something to say if something begins in it (a call or mention of a maker or a source, a text that
names a shared directory), or if it meets what began elsewhere: a helper, a constant, an attribute, a default, a
variable of the function around it. Whatever else it does with files concerns nobody here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from tempsafe_lint.flow.calls import is_local
from tempsafe_lint.flow.provenance import constant, shared
from tempsafe_lint.flow.values import PathText
from tempsafe_lint.flow.words import last_name
from tempsafe_lint.ir import events as ev
from tempsafe_lint.models.schema import HANDLES

if TYPE_CHECKING:
    from collections.abc import Callable

    from tempsafe_lint.flow.file import File
    from tempsafe_lint.ir.cfg import Function
    from tempsafe_lint.models.schema import Row


def tells(file: File, text: PathText) -> bool:
    """Whether a path is one of which something is said: in a shared directory, or a scratch file's fixed name."""
    if shared(text, file.policies.directories) is not None:
        return True
    name = constant(text)
    return name is not None and name.startswith(file.policies.scratch)


class Said(NamedTuple):
    """What the events of one function say by themselves: that something begins in it, that it may change the directory,
    that it gives back or yields a value, the functions of the file that it calls or mentions by their own names, those
    that it makes, those of them that it mentions by a variable, and the words of the names that it reads.
    """

    begins: bool
    moves: bool
    returns: bool
    calls: tuple[str, ...]
    makes: tuple[str, ...]
    passed: tuple[str, ...]
    words: frozenset[str]


class Interest:
    """What functions of one file may meet; made anew when the module's own body is solved."""

    def __init__(self, file: File, listening: Listening | None = None) -> None:
        self._file = file
        self.listening = listening if listening is not None else Listening(file)
        self._giving: dict[str, bool] = {}
        #: Functions that give nothing of their own, and those that need not be followed.
        self._without: set[str] = set()
        self._idle: set[str] = set()
        self._constants = {
            place.rpartition(".")[2]
            for place, atoms in (file.constants.env.items() if file.constants is not None else ())
            if any(isinstance(a, PathText) and tells(file, a) for a in atoms)
        }

    def in_function(self, function: Function) -> bool:
        """Whether a function can have something to say."""
        file = self._file
        if file.outer.get(function.name) or file.defaults.get(function.name):
            return True
        said = self.listening.to(function)
        return self._begins(said) or any(self._gives(name) for name in said.calls)

    def has_nothing(self, function: Function) -> bool:
        """Whether nothing begins in a function and nothing comes to it: nothing can be seen in it."""
        said = self.listening.to(function)
        called = [name for name in (*said.calls, *said.passed) if self._file.is_met(name)]
        return not (said.moves or self._begins(said) or any(self.may_give(name) for name in called))

    def _begins(self, said: Said) -> bool:
        return said.begins or not said.words.isdisjoint(self._constants) or not said.words.isdisjoint(self._file.filled)

    def _gives(self, name: str) -> bool:
        """Whether a function of the file gives its caller something."""
        if not self._file.units.worth(name):
            return False
        known = self._giving.get(name)
        if known is None:
            summary = None
            known = self.may_give(name)
            if known:
                summary = self._file.summary(name, frozenset())
                known = summary is None or bool(summary.returned or summary.yields or summary.texts)
            self._giving[name] = known
        return known

    def may_give(self, name: str) -> bool:
        """Whether a function of the file may give its caller something, or must be followed for what it does beside
        that: false is certain.

        It gives what it returns or yields: something that begins in it, or that a function gives which it calls or
        mentions.
        """
        asked = ((self._gives_own, self._without), (self._acts, self._idle))
        return any(name not in never and self._leads(name, ask, never) for ask, never in asked)

    def _gives_own(self, said: Said) -> bool | None:
        """Whether a function gives something of its own; None: what it calls gives it nothing to give."""
        return None if not said.returns else self._begins(said)

    def _acts(self, said: Said) -> bool | None:
        """Whether it must be followed: whether it counts what the file makes in its directory hangs on all that is
        (flow/scratch.py), and a function in it knows its variables from there alone.
        """
        if said.moves:
            return True
        inner = [self._file.function(name) for name in said.makes]
        return any(function is not None and self._begins(self.listening.to(function)) for function in inner)

    def _leads(self, name: str, asked: Callable[[Said], bool | None], never: set[str]) -> bool:
        """Whether a function, or one that it leads to, answers with true; where none does they are put into `never`."""
        file, todo, seen = self._file, [name], {name}
        while todo:
            function = file.function(todo.pop())
            if function is None:
                continue
            said = self.listening.to(function)
            answer = True if function.over_budget else asked(said)
            if answer:
                return True
            for called in (*said.calls, *said.makes) if answer is not None else ():
                if called not in seen and called not in never and file.is_met(called):
                    seen.add(called)
                    todo.append(called)
        never |= seen
        return False


class Listening:
    """Reads the events of functions of one file, each function once."""

    def __init__(self, file: File) -> None:
        self._file = file
        policies, models = file.policies, file.models
        self._directories = tuple(name.replace("\\", "/").lower() for name in policies.directories)
        # As in flow/scratch.py, or the beginning of such a name: `template` is none.
        names = "|".join(re.escape(name.lower()) for name in policies.scratch)
        self._scratch = re.compile(rf"(?:{names})(?:[._-]|\Z)")
        self._moving = frozenset(name.rpartition(".")[2] for name in policies.proof["changes-directory"])
        self._models = models
        self._callables: dict[str, bool] = {}
        self._methods: dict[str, bool] = {}
        self._known: dict[str, Said] = {}

    def to(self, function: Function) -> Said:
        """What a function says."""
        known = self._known.get(function.name)
        if known is None:
            known = self._known[function.name] = self._read(function)
        return known

    def _read(self, function: Function) -> Said:
        begins = moves = returns = False
        makes: dict[str, str] = {}
        calls: dict[str, None] = {}
        places: set[str] = set()
        for block in function.blocks:
            for event in block.events:
                if isinstance(event, ev.Call):
                    begins = self._begins(event, function, calls) or begins
                    moves = moves or last_name(event) in self._moving
                elif isinstance(event, ev.Capture):
                    makes[event.function] = event.dst
                elif isinstance(event, ev.Return | ev.Yield):
                    returns = returns or (event.src is not None and event.src not in (ev.VALUE, ev.Const(None)))
                gather = _OPERANDS.get(type(event))
                for operand in gather(event) if gather is not None else ():
                    if isinstance(operand, str):
                        places.add(operand)
                    elif isinstance(operand, ev.Const):
                        begins = begins or (isinstance(operand.value, str | bytes) and self._is_shared(operand.value))
                    elif isinstance(operand, ev.Dotted):
                        begins = self._called(operand.name, calls) or begins
        words = (word for place in places if place[:1] != "%" for word in place.replace("[", ".").split("."))
        units = self._file.units
        called = tuple(name for name in calls if name in units)
        passed = tuple(name for name, place in makes.items() if place in places)
        return Said(begins, moves, returns, called, tuple(makes), passed, frozenset(words))

    def _begins(self, event: ev.Call, function: Function, calls: dict[str, None]) -> bool:
        """Whether something begins with a call; what it calls of the file goes to `calls`."""
        begins = event.callee is not None and self._called(event.callee, calls)
        if event.method is None:
            return begins
        if event.receiver in ("self", "cls"):
            calls[self._file.method(function.class_name, event.method) or ""] = None
        known = self._methods.get(event.method)
        if known is None:
            rows = (self._models.method(handle, event.method) for handle in HANDLES)
            known = self._methods[event.method] = any(_starts(row) for row in rows)
        return known or begins

    def _called(self, name: str, calls: dict[str, None]) -> bool:
        """Whether what has a full name starts something; a function of the file goes to `calls`."""
        if is_local(name):
            own = name[1:]
            calls[(self._file.method(own, "__init__") or "") if own in self._file.units.classes else own] = None
            return False
        known = self._callables.get(name)
        if known is None:
            known = self._callables[name] = _starts(self._file.row(name))
        return known

    def _is_shared(self, value: str | bytes) -> bool:
        text = value if isinstance(value, str) else value.decode("latin-1")
        plain = text.replace("\\", "/").lower()
        return bool(self._scratch.match(plain)) or any(name in plain for name in self._directories)


def _starts(row: Row | None) -> bool:
    return row is not None and (row.starts or any(role.does == "masks" for role in row.args.values()))


def _called_with(event: ev.Call) -> tuple[object, ...]:
    return (event.receiver, event.func, *event.args, *event.starred, *(value for _, value in event.kwargs))


#: What an event of each sort reads.
_OPERANDS: dict[type, Callable[..., tuple[object, ...]]] = {
    ev.Call: _called_with,
    ev.Bind: lambda event: (event.src,),
    ev.Unpack: lambda event: (event.src,),
    ev.Pack: lambda event: event.items,
    ev.Text: lambda event: event.parts,
    ev.Load: lambda event: (event.src,),
    ev.Store: lambda event: (event.base, event.src),
    ev.Return: lambda event: (event.src,),
    ev.Yield: lambda event: (event.src,),
    ev.Raise: lambda event: (event.src,),
    ev.Enter: lambda event: (event.manager,),
    ev.Exit: lambda event: (event.manager,),
    ev.Capture: lambda event: tuple(value for _, value, _ in event.defaults),
}
