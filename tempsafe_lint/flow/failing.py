"""How likely it is that something fails: by what it is given (a child process, a parser, the network, code of somebody
else), or only where the disk or the program itself is at fault.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tempsafe_lint.flow.calls import is_local
from tempsafe_lint.flow.mentions import mentions
from tempsafe_lint.flow.words import last_name, remembers, split
from tempsafe_lint.ir import events as ev

if TYPE_CHECKING:
    from tempsafe_lint.flow.file import File
    from tempsafe_lint.ir.cfg import Function

_HANDLES = ("object", "path")
_SINKS = ("write", "create", "mode", "rename")
_WORK = ("writes", "flushes", "uses", "deletes", "checks")

#: From what is sure to fail one day to what hardly ever does: a `raise` that is written there; work that fails by what
#: it is given; calls of which nothing is known; reading, writing and moving files; looking something up, converting and
#: putting text together.
WRITTEN, GIVEN, UNKNOWN, PLAIN, HARDLY = range(5)

#: So many helpers are looked into, one inside the other.
MOST_DEEP = 6


def failing(file: File, function: Function, event: ev.Event, deep: int = 0) -> int:
    """How an event of a function may fail: policy.toml, fallible and harmless. `deep` helpers are looked into."""
    if isinstance(event, ev.Raise):
        return WRITTEN
    if isinstance(event, ev.Yield):
        return GIVEN
    if not isinstance(event, ev.Call):
        return PLAIN
    policies = file.policies
    if event.callee is not None:
        if event.callee.startswith(tuple(policies.fallible)):
            return GIVEN
        row = file.models.get(event.callee)
        if row is not None:
            return WRITTEN if row.never else PLAIN
    elif _is_file_work(file, event.method or ""):
        return PLAIN
    elif event.func in function.variables:
        return GIVEN  # what a variable holds: a callback
    if _is_owner(file, function, event):
        return HARDLY
    words = split((event.method or event.callee or "").rpartition(".")[2])
    if words & policies.fallible_words:
        return GIVEN
    if words <= policies.harmless or remembers(event, policies):
        return HARDLY
    return max(UNKNOWN, _inside(file, event.callee, deep)) if event.callee is not None else UNKNOWN


def _inside(file: File, callee: str, deep: int) -> int:
    """How a function of the file may fail, by what it calls; of a class, its constructor. Limit: of one that runs later
    nothing is known.
    """
    name = callee[1:] if is_local(callee) else ""
    if name in file.units.classes:
        found = constructor(file, name)
        if found is None:
            return UNKNOWN
        if not found:
            return HARDLY
        name = found
    function = file.function(name)
    if function is None or function.is_generator or function.is_async or deep > MOST_DEEP:
        return UNKNOWN
    if name not in file.failing:
        file.failing[name] = UNKNOWN  # one that calls itself
        events = [event for block in function.blocks for event in block.events if _may_fail(file, event)]
        file.failing[name] = min((failing(file, function, event, deep + 1) for event in events), default=PLAIN)
    return file.failing[name]


def _is_owner(file: File, function: Function, event: ev.Call) -> bool:
    """Whether a call makes what its statement enters or registers at once: `stack.enter_context(Owner(path))`."""
    if not last_name(event).lstrip("_")[:1].isupper():
        return False
    for other in mentions(file, function).of[event.statement]:
        row = file.models.get(other.callee) if isinstance(other, ev.Call) else None
        if isinstance(other, ev.Call) and event.dst in other.args:
            if row is None and other.method is not None:
                row = file.models.method("any", other.method)
            if row is not None and any(role.does in ("enters", "registers") for role in row.args.values()):
                return True
    return False


def constructor(file: File, class_name: str) -> str | None:
    """What runs where an object of a class is made, "" if no code of anybody's does (a data class); None if a base from
    elsewhere may have one.
    """
    own = [found for name in ("__new__", "__init__", "__post_init__") if (found := file.method(class_name, name))]
    if own or _is_foreign(file, class_name):
        return own[0] if len(own) == 1 else None
    return ""


def _is_foreign(file: File, class_name: str) -> bool:
    """Whether a class has a base from elsewhere that may have code."""
    todo, seen = [class_name], set[str]()
    while todo:
        info = file.units.classes.get(name := todo.pop())
        if info is None or any(not is_local(base) and base not in file.policies.plain_bases for base in info.bases):
            return True
        seen.add(name)
        todo.extend(base[1:] for base in info.bases if is_local(base) and base[1:] not in seen)
    return False


def _may_fail(file: File, event: ev.Event) -> bool:
    if isinstance(event, ev.Call):
        row = file.models.get(event.callee)
        return row is None or row.raises or row.never
    return isinstance(event, ev.Raise) and event.kind == "raise"


def _is_file_work(file: File, method: str) -> bool:
    """Whether a method is one that reads, writes or moves files; what it is called on may not be known."""
    if file.models.method("any", method) is not None:
        return True
    rows = [file.models.method(handle, method) for handle in _HANDLES]
    roles = [row.receiver for row in rows if row is not None and row.receiver is not None]
    return any(role.does in _WORK or role.sink in _SINKS for role in roles)
