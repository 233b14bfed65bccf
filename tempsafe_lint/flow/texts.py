"""The texts that operands stand for, in one state of one function."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from tempsafe_lint.flow.file import File
from tempsafe_lint.flow.places import resolve
from tempsafe_lint.flow.provenance import UNGUESSABLE, UNKNOWN, Part, concatenated, joined, named_in
from tempsafe_lint.flow.state import State
from tempsafe_lint.flow.values import Hole, Known, PathText
from tempsafe_lint.ir.cfg import Function
from tempsafe_lint.ir.events import Const, Dotted, Operand, Text
from tempsafe_lint.records import replace
from tempsafe_lint.source import Site

#: More texts than this for one place and the rest is forgotten.
MOST_TEXTS = 4


#: What stands between the components of a path.
_SEPARATORS = frozenset(["os.sep", "os.path.sep"])


def is_separator(operand: Operand) -> bool:
    """Whether an operand is nothing but what stands between the components of a path."""
    if isinstance(operand, Dotted):
        return operand.name in _SEPARATORS
    return isinstance(operand, Const) and isinstance(operand.value, str) and operand.value.strip("/\\") == ""


@lru_cache(maxsize=4096, typed=True)
def written(value: object, site: Site) -> frozenset[PathText | Known]:
    """What is known of a constant."""
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    return frozenset({PathText((text,), site) if isinstance(text, str) else Known(value)})


class Texts:
    """Reads texts of operands for one function."""

    def __init__(self, file: File, function: Function) -> None:
        self._file = file
        self._function = function

    def of(self, state: State, operand: Operand | None, site: Site) -> list[PathText]:
        """Every text that an operand is known to be; empty where nothing is known of it."""
        if isinstance(operand, Const):
            return [a for a in written(operand.value, site) if isinstance(a, PathText)]
        if isinstance(operand, Dotted):
            return [PathText(("/",), site)] if is_separator(operand) else []
        if not isinstance(operand, str):
            return []
        atoms = state.env.get(operand)
        known = self._outer(operand) if atoms is None else [a for a in atoms if isinstance(a, PathText)]
        return list(known) if len(known) < 2 else sorted(known, key=repr)[:MOST_TEXTS]

    def _outer(self, place: str) -> frozenset[PathText]:
        """A name of the module, or a class attribute through `self`, `cls` or the class' name."""
        head, _, rest = place.partition(".")
        owner = self._function.class_name
        if rest and owner and head in ("self", "cls"):
            return self._file.constant(f"{owner}.{rest}") or self._file.attributes.get(f"{owner}.{rest}", frozenset())
        if head in self._function.variables:
            return frozenset()
        around = self._file.outer.get(self._function.name, {})
        if place in around:
            return around[place]
        return self._file.constant(place)

    def is_own(self, place: str) -> bool:
        """Whether a place can have no text but what the function itself has bound to it."""
        head, _, rest = place.partition(".")
        of_class = bool(rest and self._function.class_name) and head in ("self", "cls")
        return place[0] in "%@" or (head in self._function.variables and not of_class)

    def parts(self, state: State, operand: Operand, site: Site) -> Sequence[Part]:
        """One operand as parts of a larger text: its only text, or a hole."""
        known = self.of(state, operand, site)
        if len(known) == 1:
            return known[0].parts
        if isinstance(operand, Const):
            return (str(operand.value),)
        if resolve(state, self._file.models, operand):
            return (Hole("private"),)
        place = operand if isinstance(operand, str) else ""
        while place:
            atoms = state.env.get(place, ())
            kinds = {a.value.kind for a in atoms if isinstance(a, Known) and isinstance(a.value, Hole)}
            # `uuid4().hex` can be guessed as little as `uuid4()`; what hangs on something guessable may be anything.
            if len(kinds) == 1 and (place == operand or kinds == {"unguessable"}):
                return (Hole(kinds.pop()),)
            place = place.rpartition(".")[0]
        return (UNGUESSABLE,) if self._file.secret(operand) and not self._own(operand) else (UNKNOWN,)

    def _own(self, place: Operand) -> bool:
        """Whether a place hangs on a variable of the function itself."""
        return isinstance(place, str) and place.partition(".")[0] in self._function.variables

    def secret(self, state: State, operand: Operand, site: Site) -> bool:
        """Whether an operand is nothing but what nobody can guess."""
        return tuple(self.parts(state, operand, site)) == (UNGUESSABLE,)

    def ends_in_separator(self, state: State, operand: Operand, site: Site) -> bool:
        """Whether an operand is a path with a separator behind it: what is put behind that is below the path."""
        known = self.of(state, operand, site) if isinstance(operand, str) else []
        last = [text.parts[-1] for text in known if text.parts]
        return bool(last) and all(isinstance(part, str) and part.endswith(("/", "\\")) for part in last)

    def built(self, state: State, event: Text) -> list[PathText]:
        """The text that a Text event makes; nothing for a place that is no known text and no constant."""
        pieces = [self.parts(state, part, event.site) for part in event.parts]
        if not any(isinstance(part, str) or part != UNKNOWN for piece in pieces for part in piece):
            return []
        made = joined(pieces, event.site) if event.how == "/" else concatenated(pieces, event.site)
        return [self._where_it_began(state, made, event.parts[0], event.site)]

    def join(self, state: State, operands: Sequence[Operand], site: Site) -> list[PathText]:
        """The text of a path join."""
        if not operands:
            return []
        if len(operands) == 1:
            return self.of(state, operands[0], site)
        made = joined([self.parts(state, operand, site) for operand in operands], site)
        return [self._where_it_began(state, made, operands[0], site)]

    def _where_it_began(self, state: State, made: PathText, first: Operand, site: Site) -> PathText:
        """A longer path stands where the part of it was written down that says who can guess it: a folder in a shared
        directory is one finding, whatever is put below it.
        """
        known = self.of(state, first, site)
        if (
            len(known) != 1
            or not isinstance(first, str)
            or made.parts[: len(known[0].parts) - 1] != known[0].parts[:-1]
        ):
            return made
        return replace(made, site=known[0].site) if named_in(known[0], made, self._file.policies.directories) else made
