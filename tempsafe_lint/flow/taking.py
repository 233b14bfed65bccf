"""What a call does with a path that it is given, as far as rows say: gives it back, makes more of it, or keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tempsafe_lint.flow.calls import Argument
    from tempsafe_lint.flow.file import File
    from tempsafe_lint.ir.events import Call
    from tempsafe_lint.models.schema import Row

#: What a value tells of the path: nothing; only its name does (an open file); it is or holds the path.
NONE, FILE, PATH = 0, 1, 2

_CARRY = ("same", "below", "above", "mentions", "holds", "enters")
#: What the place of a thing must be fit for, by the words that say which calls want it.
_NEEDS = {"mode": "gives-away", "above": "above", "sort": "sorts"}
_KEEP = ("takes", "shows", "registers", "lends", "sends", "unknown")
#: Methods of any container or text, by what they give.
_TEXT_METHODS = frozenset(["join", "format", "replace", "get"])
_QUESTIONS = frozenset(["startswith", "endswith", "count", "index", "find", "rfind", "is_relative_to", "match"])
_PATH_METHODS = frozenset(["joinpath", "relative_to", "with_name", "with_suffix", "with_stem"])
_FILLS = frozenset(["append", "add", "appendleft", "insert", "extend", "update", "setdefault"])
_CONTAINER_METHODS = frozenset(
    ["pop", "popitem", "sort", "reverse", "index", "remove", "clear", "discard", "copy", "items", "values", "keys"]
)


class Taken(NamedTuple):
    """`leaves`: somebody has the path now; `result`: what the result tells of it; `into`: what the receiver does."""

    leaves: bool
    result: int = NONE
    needs: frozenset[str] = frozenset()
    into: int = NONE


class Taking:
    """Asks the rows; `back` is true where the function removes what the path names and leaves the directory before."""

    def __init__(self, file: File, back: bool) -> None:
        self._file = file
        self._words = file.policies.proof
        self._back = back

    def unknown(self, event: Call, levels: Sequence[int]) -> Taken:
        """A function of another file: it keeps a path, unless its name says that it removes it."""
        if max(levels) == FILE:
            return Taken(False)
        last = (event.callee or event.method or "").rpartition(".")[2]
        removes = set(last.strip("_").lower().split("_")) & self._file.policies.removers
        return Taken(not (removes and levels[0] == PATH and max(levels[1:], default=NONE) != PATH))

    def by_row(self, event: Call, row: Row, given: list[tuple[Argument, int]], command: list[str]) -> Taken:
        """A function with a row, and those of its arguments that carry the path."""
        leaves, result, needs = False, NONE, set[str]()
        for arg, level in given:
            said = row.args.get(arg.parameter) or row.args.get("*")
            does = arg.role.does
            if arg.operand in event.starred or (_detaches(row)):
                leaves = True
            needs |= {need for need, key in _NEEDS.items() if row.name in self._words[key]}
            if does in _KEEP:
                leaves = leaves or not (level == FILE and does == "unknown")
            if level == FILE and does != "shows":
                result = max(result, FILE if does in (*_CARRY, "alias") or said is None else NONE)
                continue
            if arg.role.sink == "exec" or (row.args.get(row.params[0] if row.params else "*") and _runs(row)):
                leaves = leaves or self._goes_on(command) or arg.parameter == "input"
                needs.add("ran")
                needs |= {"mode"} if set(command) & self._words["others"] else set()
                result = max(result, PATH if row.name in self._words["tells"] else NONE)
            elif arg.role.sink == "write" and any(role.does == "takes" for role in row.args.values()):
                leaves = True  # what is moved here was made elsewhere, and its maker wants it back
            elif row.name in self._words["changes-directory"]:
                leaves = leaves or not self._back
            else:
                result = max(result, self._result(row, does, arg.role.sink, said is not None))
        return Taken(leaves, result, frozenset(needs))

    def _goes_on(self, command: list[str]) -> bool:
        """Whether a command starts something that goes on by itself, or puts something else under the path."""
        programs = {word.rpartition("/")[2] for word in command}
        return bool(programs & (self._file.policies.launchers | self._words["detachers"])) or any(
            word.endswith("&") and not word.endswith("&&") for word in command
        )

    def by_method(self, event: Call, receiver: int, level: int, held: bool) -> Taken:
        """A method: of the path or of something that holds it, or of anything else that is given the path."""
        taken = self._by_method(event, receiver, level, held)
        above = max(receiver, level) == PATH and event.method in self._words["above-methods"]
        return taken._replace(needs=taken.needs | {"above"}) if above else taken

    def _by_method(self, event: Call, receiver: int, level: int, held: bool) -> Taken:
        method = event.method or ""
        if level and method in _FILLS and held:
            return Taken(False, level if method == "setdefault" else NONE, into=level)
        if level == PATH and method == "replace" and len(event.args) == 1:
            return Taken(True)  # `Path.replace`: something is moved there
        if level == PATH and method not in _TEXT_METHODS | _QUESTIONS | _PATH_METHODS:
            return Taken(True)
        if receiver != PATH:
            return Taken(False, PATH if level == PATH and method not in _QUESTIONS else NONE)
        if method in _QUESTIONS:
            return Taken(False)
        if method in _CONTAINER_METHODS and held:
            return Taken(False, PATH)
        rows = [self._file.models.method(kind, method) for kind in ("object", "path", "dirobject", "any")]
        known = [row for row in rows if row is not None]
        if not known:
            return Taken(True)
        results = [_method_result(row) for row in known]
        leaves = any(row.receiver is not None and row.receiver.does in _KEEP for row in known)
        return Taken(leaves, max(results) if known[0].receiver is None else results[0])

    def _result(self, row: Row, does: str, sink: str | None, said: bool) -> int:
        """What the result of a call tells of the path that it was given."""
        tells = row.name.startswith(tuple(name for name in self._words["tells"] if name.endswith(".")))
        if row.makes or row.cases or does in _CARRY or tells or row.name in self._words["tells"]:
            return PATH
        if does == "alias":
            return FILE
        silent = row.name.startswith(tuple(self._words["silent"])) or row.name in self._words["answers"]
        if silent or does in ("checks", "deletes", "closes"):
            return NONE
        if sink is not None or does in ("uses", "writes"):
            return FILE
        return NONE if said else PATH


def _runs(row: Row) -> bool:
    return any(role.sink == "exec" for role in row.args.values())


def _detaches(row: Row) -> bool:
    return any(role.sink == "exec" and role.does == "lends" for role in row.args.values())


def _method_result(row: Row) -> int:
    role = row.receiver
    if role is None or role.does in _CARRY or role.sink == "list":
        return PATH
    return FILE if role.sink == "open" or role.does == "alias" else NONE
