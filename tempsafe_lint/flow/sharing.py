"""Maps that cost little to copy, and to join with what they have much in common with.

A map is a tree of two levels: a list of nodes, each a list of leaves, each a small dict. Nodes and leaves are never
changed once they are in a tree: a change makes a new leaf and a new node. A copy has the very tree until one of the two
is changed, so what two maps have in common is the same object in both. Where an entry goes is decided by numbers and
letters, not by `hash`: the order of entries must not change from run to run.

Limit: cost grows again where leaves do, above some ten thousand entries.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import compress
from operator import is_not
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload
from zlib import crc32

from tempsafe_lint.flow.values import Resource

if TYPE_CHECKING:
    from typing_extensions import Self

K = TypeVar("K")
V = TypeVar("V")
D = TypeVar("D")
Leaf = dict[K, V]
Node = list[dict[K, V]]
Tree = list[list[dict[K, V]]]

_new = object.__new__
_BITS = 5
_WIDTH = 1 << _BITS
_PLACES = range(_WIDTH)
#: What stands behind a place in one that hangs on it, or is it.
_HANGING = (".", "[", "")
_NOWHERE: dict[object, object] = {}
_BARE: list[dict[object, object]] = [_NOWHERE] * _WIDTH
_EMPTY: Tree[Any, Any] = [_BARE] * _WIDTH
#: A tree that shares nothing with any other.
UNSEEN: Tree[Any, Any] = [[{}] * _WIDTH] * _WIDTH


class Shared(Generic[K, V]):
    """What both maps share: the tree, and how to change it."""

    __slots__ = ("_own", "tree")

    def __init__(self) -> None:
        self.tree: Tree[K, V] = _EMPTY
        #: Whether nobody else has this very tree: only then may it be changed.
        self._own = False

    def copy(self) -> Self:
        fresh = _new(type(self))
        fresh.tree = self.tree
        self._own = fresh._own = False
        return fresh

    def share(self) -> Tree[K, V]:
        """The tree as it is now, and stays."""
        self._own = False
        return self.tree

    def put(self, node: int, leaf: int, fresh: Leaf[K, V]) -> None:
        """Let a leaf be another one."""
        if not self._own:
            self.tree, self._own = self.tree.copy(), True
        row = self.tree[node].copy()
        row[leaf] = fresh
        self.tree[node] = row

    def is_bare(self) -> bool:
        """Whether there is no entry at all."""
        return self.tree.count(_BARE) == _WIDTH  # type: ignore[arg-type]

    def leaves(self) -> Iterator[Leaf[K, V]]:
        for node in self.tree:
            if node is not _BARE:
                yield from node


def differing(mine: Tree[K, V], other: Tree[K, V], seen: Tree[K, V]) -> list[tuple[int, int, Leaf[K, V], Leaf[K, V]]]:
    """Leaves that two trees do not share, less those of `other` that `seen` has too: (node, leaf, mine, other's)."""
    found: list[tuple[int, int, Leaf[K, V], Leaf[K, V]]] = []
    if other is mine or other is seen:
        return found
    for i in compress(_PLACES, map(is_not, other, mine)):
        node, here, known = other[i], mine[i], seen[i]
        if node is not known:
            for j in compress(_PLACES, map(is_not, node, here)):
                if node[j] is not known[j]:
                    found.append((i, j, here[j], node[j]))
    return found


class ByResource(Shared[Resource, V]):
    """A map by resource. It reads like a dict."""

    __slots__ = ()

    def get(self, key: Resource, default: D) -> V | D:
        place = key.site.number
        return self.tree[place >> _BITS & _WIDTH - 1][place & _WIDTH - 1].get(key, default)

    def __contains__(self, key: Resource) -> bool:
        place = key.site.number
        return key in self.tree[place >> _BITS & _WIDTH - 1][place & _WIDTH - 1]

    def __getitem__(self, key: Resource) -> V:
        place = key.site.number
        return self.tree[place >> _BITS & _WIDTH - 1][place & _WIDTH - 1][key]

    def __setitem__(self, key: Resource, value: V) -> None:
        place = key.site.number
        node, leaf = place >> _BITS & _WIDTH - 1, place & _WIDTH - 1
        self.put(node, leaf, {**self.tree[node][leaf], key: value})

    def pop(self, key: Resource, default: V | None = None) -> V | None:
        place = key.site.number
        node, leaf = place >> _BITS & _WIDTH - 1, place & _WIDTH - 1
        rest = dict(self.tree[node][leaf])
        found = rest.pop(key, default)
        self.put(node, leaf, rest)
        return found

    def __iter__(self) -> Iterator[Resource]:
        for leaf in self.leaves():
            yield from leaf

    def items(self) -> Iterator[tuple[Resource, V]]:
        for leaf in self.leaves():
            yield from leaf.items()

    def values(self) -> Iterator[V]:
        for leaf in self.leaves():
            yield from leaf.values()


@lru_cache(maxsize=16384)
def locate(place: str) -> tuple[int, int, str]:
    """Node and leaf where a place lives, and its root: what stands before the first dot or bracket."""
    root = place.partition(".")[0].partition("[")[0]
    number = int(root[1:]) if root[:1] == "%" and root[1:].isdecimal() else crc32(root.encode("utf-8", "replace"))
    return number >> _BITS & _WIDTH - 1, number & _WIDTH - 1, root


class ByPlace(Shared[str, dict[str, V]]):
    """A map by place; places of one root (`self`, `self.a`, `self.a[0]`) live together. It reads like a dict."""

    __slots__ = ()

    def group(self, place: str) -> dict[str, V]:
        """All entries with the same root as a place; not to be changed."""
        node, leaf, root = locate(place)
        return self.tree[node][leaf].get(root) or {}

    @overload
    def get(self, place: str) -> V | None: ...

    @overload
    def get(self, place: str, default: D) -> V | D: ...

    def get(self, place: str, default: D | None = None) -> V | D | None:
        node, leaf, root = locate(place)
        group = self.tree[node][leaf].get(root)
        return default if group is None else group.get(place, default)

    def __contains__(self, place: str) -> bool:
        return place in self.group(place)

    def __getitem__(self, place: str) -> V:
        return self.group(place)[place]

    def __setitem__(self, place: str, value: V) -> None:
        node, leaf, root = locate(place)
        groups = self.tree[node][leaf]
        self.put(node, leaf, {**groups, root: {**groups.get(root, {}), place: value}})

    def update(self, place: str, found: dict[str, V]) -> None:
        """Put in entries with the same root as a place, all at once."""
        node, leaf, root = locate(place)
        groups = self.tree[node][leaf]
        self.put(node, leaf, {**groups, root: {**groups.get(root, {}), **found}})

    def has(self, place: str) -> bool:
        """Whether there is any entry with the same root as a place."""
        node, leaf, root = locate(place)
        return root in self.tree[node][leaf]

    def below(self, place: str) -> list[tuple[str, V]]:
        """Entries of a place itself and of all that hangs on it."""
        node, leaf, root = locate(place)
        group = self.tree[node][leaf].get(root)
        if not group:
            return []
        if place == root:
            return list(group.items())
        length = len(place)
        near = [item for item in group.items() if item[0].startswith(place)]
        return [item for item in near if len(item[0]) == length or item[0][length] in ".["]

    def only(self, place: str, value: V) -> None:
        """Let an entry be all that there is at a place, nothing hanging on it."""
        if self.group(place) != {place: value}:
            self.clear(place)
            self[place] = value

    def clear(self, place: str) -> None:
        """Take out a place and all that hangs on it."""
        node, leaf, root = locate(place)
        groups = self.tree[node][leaf]
        group = groups.get(root)
        if group is None:
            return
        length = len(place)
        left = {
            known: value
            for known, value in (group.items() if place != root else ())
            if not known.startswith(place) or known[length : length + 1] not in _HANGING
        }
        if len(left) < len(group):
            others = groups.copy()
            if left:
                others[root] = left
            else:
                del others[root]
            self.put(node, leaf, others)

    def without(self, sign: str) -> ByPlace[V]:
        """The same map less the places that begin with a sign."""
        fresh = ByPlace[V]()
        fresh.tree = [
            node
            if node is _BARE
            else [{root: group for root, group in leaf.items() if not root.startswith(sign)} for leaf in node]
            for node in self.tree
        ]
        return fresh

    def drop(self, places: list[str]) -> None:
        """Take out places of one root."""
        node, leaf, root = locate(places[0])
        groups = dict(self.tree[node][leaf])
        left = {place: value for place, value in groups[root].items() if place not in places}
        if left:
            groups[root] = left
        else:
            del groups[root]
        self.put(node, leaf, groups)

    def __iter__(self) -> Iterator[str]:
        for leaf in self.leaves():
            for group in leaf.values():
                yield from group

    def items(self) -> Iterator[tuple[str, V]]:
        for leaf in self.leaves():
            for group in leaf.values():
                yield from group.items()
