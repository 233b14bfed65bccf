"""What flow knows of a whole file while it looks at one function of it: rows, constants, classes, other functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tempsafe_lint.flow.calls import is_local
from tempsafe_lint.flow.provenance import UNGUESSABLE
from tempsafe_lint.flow.scratch import Scratch
from tempsafe_lint.flow.values import Known, PathText
from tempsafe_lint.ir.events import Capture
from tempsafe_lint.records import dataclass, field, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from tempsafe_lint.flow.handing import Focus
    from tempsafe_lint.flow.interest import Interest
    from tempsafe_lint.flow.mentions import Mentions
    from tempsafe_lint.flow.quiet import Plan
    from tempsafe_lint.flow.solved import Solved
    from tempsafe_lint.flow.state import State
    from tempsafe_lint.flow.summaries import Summary
    from tempsafe_lint.ir.cfg import Function, Units
    from tempsafe_lint.models.catalogue import Models, Policies
    from tempsafe_lint.models.schema import Row

#: The origin of a row that only the name of a function gives.
TOLD = "its name"


def is_constant(name: str) -> bool:
    """Whether a name is spelled as what a module keeps as long as it is loaded."""
    return len(name) > 1 and name.isupper()


@dataclass(slots=True)
class File:
    """One file under analysis. `constants` is the state at the end of the module's own body, by place.

    By function: texts of the variables around it that it mentions (`outer`), and of its parameters' `defaults`.
    """

    units: Units
    models: Models
    policies: Policies
    summarise: Callable[[File, str, Focus], Summary | None]
    solver: Callable[[File, Function, State], Solved]
    constants: State | None = None
    interest: Interest | None = None
    #: By function, and by what of it was asked; those that are being found out; what is asked of the one under way.
    summaries: dict[str, dict[Focus, Summary | None]] = field(default_factory=dict)
    under_way: set[str] = field(default_factory=set)
    focus: Focus = None
    attributes: dict[str, frozenset[PathText]] = field(default_factory=dict)
    #: Attributes that hold a path in a shared directory, and the functions whose text has one of their names.
    filled: set[str] = field(default_factory=set)
    meeting: frozenset[str] | None = None
    #: Attributes that a function ends through any object, by the name of the function.
    ended_attributes: dict[str, frozenset[str]] = field(default_factory=dict)
    seeded: dict[str, frozenset[str]] = field(default_factory=dict)
    mentioning: dict[str, list[str]] = field(default_factory=dict)
    mentions: dict[str, Mentions] = field(default_factory=dict)
    #: What calls come to where nothing is known of what they are given (flow/quiet.py), by their identity.
    plans: dict[int, Plan] = field(default_factory=dict)
    #: By function: whether a command may be told to remove something there (flow/told.py).
    removing: dict[str, bool] = field(default_factory=dict)
    depth: int = 0
    #: Functions that are being looked at from within a call (flow/inside.py), and how much was looked at so.
    within: list[str] = field(default_factory=list)
    blocks_within: int = 0
    spills: frozenset[str] | None = None
    scratch: Scratch = field(default_factory=Scratch)
    verifying: dict[str, bool] = field(default_factory=dict)
    outer: dict[str, dict[str, frozenset[PathText]]] = field(default_factory=dict)
    defaults: dict[str, dict[str, frozenset[PathText]]] = field(default_factory=dict)
    folders_removed: bool | None = None
    told: dict[str, Row | None] = field(default_factory=dict)
    #: By function: what the functions that are made in it have captured.
    captured: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    #: By function: names that come out the same way in each test.
    correlated: dict[str, frozenset[str]] = field(default_factory=dict)
    #: By function: how it may fail (flow/failing.py).
    failing: dict[str, int] = field(default_factory=dict)
    #: By function: whether it certainly comes back (flow/returning.py).
    returning: dict[str, bool] = field(default_factory=dict)
    #: By function: what it registers, to be ended later.
    registered: dict[str, frozenset[object]] = field(default_factory=dict)
    #: By class: whether its tests may have a temp directory of their own.
    shelters: dict[str, bool] = field(default_factory=dict)

    def row(self, name: str | None) -> Row | None:
        """The row of a full dotted name; of one that only its last part says something of, that of what it stands for
        (policy.toml, wrappers), or of the method that puts something into a container of another file, or shows it
        (`TEMP_FILES.append`, `LOG.info`).
        """
        found = self.models.get(name)
        if found is not None or name is None or is_local(name):
            return found
        if name not in self.told:
            self.told[name] = self._told(name)
        return self.told[name]

    def _told(self, name: str) -> Row | None:
        owner, _, last = name.rpartition(".")
        if is_constant(owner.rpartition(".")[2]):
            method = self.models.method("any", last)
            known = method is not None and any(r.does in ("holds", "shows") for r in method.args.values())
            return method if known else None
        row = self.models.get(self.policies.wrappers.get(last))
        if row is None or owner.rpartition(".")[2][:1].isupper():
            return None
        if any(owner.startswith(f"{taken}.") for taken in self.units.taken):
            return None  # an attribute of something imported: an object, whose method may work on another machine
        return replace(row, name=name, instead=None, cases=(), origin=TOLD)

    def is_met(self, name: str) -> bool:
        """Whether a function can have to do with anything: by its text, or an attribute that another method filled."""
        if self.units.worth(name):
            return True
        if self.filled and self.meeting is None:
            self.meeting = frozenset(self.units.holding(self.filled))
        return self.meeting is not None and name in self.meeting

    def summary(self, name: str, focus: Focus = None) -> Summary | None:
        """What a function of the file does for its callers; None where that cannot be known. Of what it is given, only
        what becomes of the places in `focus` is said; None: of all.
        """
        return self.summarise(self, name, focus)

    def solve(self, function: Function, start: State) -> Solved:
        """A function that begins in a state of its own. Raises Unsettled."""
        return self.solver(self, function, start)

    def function(self, name: str) -> Function | None:
        """A function of the file by qualified name."""
        return self.units.lower(name) if name in self.units else None

    def captured_in(self, function: Function) -> dict[str, tuple[str, ...]]:
        """What each function that is made in a function has captured, by its name."""
        if function.name not in self.captured:
            events = [event for block in function.blocks for event in block.events]
            self.captured[function.name] = {e.function: e.places for e in events if type(e) is Capture}
        return self.captured[function.name]

    def holding(self, *words: str) -> list[Function]:
        """Functions of the file that mention one of the words, and maybe others."""
        return [self.units.lower(name) for name in self.units.holding(words)]

    def method(self, class_name: str | None, method: str) -> str | None:
        """The qualified name of a method as seen from a class: its own or one of its bases' in the file."""
        todo, seen = [class_name], set()
        while todo:
            name = todo.pop(0)
            if name is None or name in seen:
                continue
            seen.add(name)
            if f"{name}.{method}" in self.units:
                return f"{name}.{method}"
            info = self.units.classes.get(name)
            if info is not None:
                todo.extend(base.removeprefix(".") for base in info.bases if base.startswith("."))
        return None

    def constant(self, place: str) -> frozenset[PathText]:
        """Texts that a name of the module (or `Class.name`) holds when the module has run."""
        if self.constants is None:
            return frozenset()
        return frozenset(a for a in self.constants.env.get(place, ()) if isinstance(a, PathText))

    def secret(self, place: object) -> bool:
        """Whether a name of the module holds what nobody can guess, and nothing else, when the module has run."""
        if self.constants is None or not isinstance(place, str):
            return False
        return self.constants.env.get(place) == frozenset({Known(UNGUESSABLE)})
