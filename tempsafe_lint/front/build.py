"""A graph while it grows: blocks, the current handler, temporaries, the statement table.

Code that cannot be reached is not lowered: then `block` is None, and `emit` and `go` do nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tempsafe_lint.front.names import Names
from tempsafe_lint.front.scopes import Scope
from tempsafe_lint.front.survey import Survey
from tempsafe_lint.ir import events as ev
from tempsafe_lint.ir.cfg import NODE_BUDGET, Block
from tempsafe_lint.records import dataclass
from tempsafe_lint.source import Site

ENTRY, EXIT, RAISED = 0, 1, 2
#: Makes a named tuple at half the cost: there are as many sites as events.
_new = tuple.__new__


class Sites:
    """Numbers for places of one file. `nodes` holds the node, its top-level statement, whether the whole statement is
    meant (see Spans.statement)."""

    def __init__(self) -> None:
        self.nodes: list[tuple[Any, int, bool]] = []
        #: By the node's identity: those of nodes, not of whole statements.
        self.known: dict[int, Site] = {}

    def of(self, node: Any, top: int) -> Site:
        site = self.known.get(id(node))
        if site is None:
            site = self.known[id(node)] = _new(Site, (0, len(self.nodes)))
            self.nodes.append((node, top, False))
        return site

    def whole(self, node: Any, top: int) -> Site:
        """A new number for a whole statement: its row is made once."""
        site: Site = _new(Site, (0, len(self.nodes)))
        self.nodes.append((node, top, True))
        return site


@dataclass(slots=True)
class Frame:
    """Something that a `return`, `break` or `continue` passes on its way out.

    A loop has `after` and `again`; a `finally` its `body` (with the rows of its statements); a `with` the `manager`.
    `handler` is the one that holds outside of it.
    """

    kind: str
    handler: int
    row: int = -1
    after: int = -1
    again: int = -1
    body: Any = None
    manager: ev.Operand | None = None
    bound: ev.Place | None = None
    site: Site | None = None


class Builder:
    """Blocks and events of one function."""

    def __init__(self, survey: Survey, names: Names, sites: Sites, scope: Scope) -> None:
        self.survey = survey
        self.names = names
        self.sites = sites
        self._known_sites = sites.known
        self.function = scope
        self.scope = scope
        self.top = scope.top
        self.blocks: list[Block] = []
        self.handler = RAISED
        self.frames: list[Frame] = []
        self.statements: list[ev.Statement] = []
        self.statement = -1
        self.over_budget = False
        self.off: list[int] = []
        self.private: dict[tuple[int, str], str] = {}
        self.private_names: set[str] = set()
        self._rows: dict[int, int] = {}
        self._suites: dict[int, int] = {}
        self._temporaries = 0
        self._reached = {ENTRY, EXIT, RAISED}
        for _ in range(3):
            self.new()
        self.block: Block | None = self.blocks[ENTRY]

    # Blocks

    def new(self, note: str = "") -> Block:
        block = Block(len(self.blocks), self.handler, note=note)
        self.blocks.append(block)
        if len(self.blocks) > NODE_BUDGET:
            self.over_budget = True
        return block

    def go(self, target: Block | int, assume: ev.Assume | None = None) -> None:
        """An edge from here; more may follow."""
        if self.block is not None:
            number = target if isinstance(target, int) else target.number
            self.block.go(number, assume)
            self._reached.add(number)

    def jump(self, target: Block | int, assume: ev.Assume | None = None) -> None:
        """The last edge from here."""
        self.go(target, assume)
        self.block = None

    def enter(self, block: Block) -> None:
        """Go on in a block, if there is a way to it."""
        self.block = block if block.number in self._reached else None

    def begin(self, block: Block) -> None:
        """Go on in a block that an exception reaches."""
        self._reached.add(block.number)
        self.block = block

    def turn_off(self) -> None:
        """What follows is never run as the file is now: no edge leads to it, but it is there for whoever asks what the
        function mentions.
        """
        if self.block is not None:
            block = self.new("off")
            self.off.append(block.number)
            self.begin(block)

    def emit(self, event: ev.Event) -> None:
        block = self.block
        if block is None:
            return
        if block.handler != self.handler:
            if block.events:
                following = self.new()
                block.go(following.number)
                self.block = block = following
            block.handler = self.handler
        event.statement = self.statement
        block.events.append(event)

    def temporary(self) -> ev.Place:
        self._temporaries += 1
        return f"%{self._temporaries}"

    def site(self, node: Any) -> Site:
        return self._known_sites.get(id(node)) or self.sites.of(node, self.top)

    # The statement table

    def suite_number(self, node: Any) -> int:
        return self._suites.setdefault(id(node), len(self._suites))

    def row(self, node: Any, suite: int, index: int, kind: str, parent: int | None, part: str) -> int:
        """The number of a statement."""
        number = self._rows.get(id(node))
        if number is None:
            number = self._rows[id(node)] = len(self.statements)
            site = self.sites.whole(node, self.top)
            self.statements.append(ev.Statement(number, suite, index, site, kind, parent, part))
        return number

    # Ways to fork

    def fork(
        self, places: Sequence[ev.Operand], test: str, value: ev.Operand | None, yes: Block, no: Block, holds: bool
    ) -> None:
        """Two edges: to `yes` where the test of every place turns out as `holds`, to `no` where it does not."""
        for target, found in ((yes, holds), (no, not holds)):
            assumed = [ev.Assume(place, test, found, value) for place in places if place != ev.VALUE]
            start = self.block
            for assume in assumed[:-1]:
                between = self.new()
                self.jump(between, assume)
                self.enter(between)
            self.go(target, assumed[-1] if assumed else None)
            self.block = start
        self.block = None


def tidy(blocks: list[Block], off: Sequence[int] = ()) -> list[Block]:
    """The same graph without blocks that are empty or cannot be reached, but for those that are turned `off`; entry and
    both exits keep their numbers.
    """
    ahead = [block.number if block.events else _ahead(blocks, block.number) for block in blocks]
    pending = [ENTRY, RAISED, EXIT, *off]
    kept: set[int] = set()
    while pending:
        block = blocks[pending.pop()]
        if block.number not in kept:
            kept.add(block.number)
            pending.extend(ahead[edge.target] for edge in block.edges)
            if block.events:
                pending.append(block.handler)
    out = [block for block in blocks if block.number in kept]
    number = {block.number: i for i, block in enumerate(out)}
    for block in out:
        block.number = number[block.number]
        block.handler = number[block.handler] if block.events else RAISED
        for edge in block.edges:
            edge.target = number[ahead[edge.target]]
    return out


def _ahead(blocks: list[Block], start: int) -> int:
    """The first block on the way from here where something happens."""
    at, seen = blocks[start], set[int]()
    while at.number > RAISED and not at.events and not at.note and len(at.edges) == 1 and at.edges[0].assume is None:
        seen.add(at.number)
        if at.edges[0].target in seen:
            break
        at = blocks[at.edges[0].target]
    return at.number
