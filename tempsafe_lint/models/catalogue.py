"""The rows that say what APIs do, and finding the one that applies."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tempsafe_lint.models.packing import Unpacked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tempsafe_lint.models.project import Packed
    from tempsafe_lint.models.schema import Row

#: The library that rows know as our own.
RUNTIME = "tempsafe"


class Models:
    """Rows by name. `aliases` map a re-export to the name that has the row.

    `own` are the names of the project's rows; `package` is the dotted folder of the file that is looked at, by which
    its relative imports are known as one of them.
    """

    def __init__(
        self,
        found: Mapping[str, Row],
        aliases: dict[str, str],
        own: frozenset[str] = frozenset(),
        package: tuple[str, ...] = (),
    ) -> None:
        self._rows = found
        self.aliases = aliases
        self.own = own
        self._package = package
        self._words: dict[tuple[str, ...], frozenset[str]] = {}

    def get(self, name: str | None) -> Row | None:
        """The row of a full dotted name, or None. A re-exported package prefix counts as the module it re-exports."""
        if name is None:
            return None
        row = self._rows.get(name)
        if row is not None or "." not in name:
            return row
        if name.startswith("..") and self.own:
            return self._relative(name)
        target = self.aliased(name)
        return None if target is None else self._rows.get(target)

    def aliased(self, name: str) -> str | None:
        """The name that a re-export stands for, or None."""
        head, _, last = name.rpartition(".")
        if head in self.aliases:
            return f"{self.aliases[head]}.{last}"
        return self.aliases.get(name)

    def _relative(self, name: str) -> Row | None:
        """The project's row for `..tmp.make` (one dot more than in the import): the folders above the package's top
        (`src`) are not known here, so each is tried.
        """
        rest = name.lstrip(".")
        above = len(name) - len(rest) - 2
        package = self._package[: len(self._package) - above] if above else self._package
        for start in range(len(package)):
            full = ".".join((*package[start:], rest))
            if full in self.own or self.aliased(full) is not None:
                return self.get(full)
        return None

    def method(self, handle: str, name: str) -> Row | None:
        """The row of a method or attribute of something held by `handle`."""
        return self._rows.get(f"{handle}.{name}")

    def all(self) -> list[Row]:
        """Every row."""
        return list(self._rows.values())

    def over(self, found: list[Row], aliases: dict[str, str]) -> Models:
        """These rows and a project's own over them."""
        own = frozenset(row.name for row in found) | frozenset(aliases)
        return Models({**self._rows, **{row.name: row for row in found}}, {**self.aliases, **aliases}, own)

    def seen_from(self, path: str) -> Models:
        """The same rows for a file, given by its path relative to the project with `/`."""
        if not self.own:
            return self
        return Models(self._rows, self.aliases, self.own, tuple(path.split("/")[:-1]))

    def without(self, name: str) -> Models:
        """All rows and re-exports but one: the tests ask what it is good for."""
        kept = {key: row for key, row in self._rows.items() if key != name}
        return Models(kept, {key: of for key, of in self.aliases.items() if key != name}, self.own)

    def words_of(self, *does: str) -> frozenset[str]:
        """Last parts of the names of callables that do one of these things with an argument; `starts`: of all that
        start something.
        """
        known = self._words.get(does)
        if known is None:
            known = self._words[does] = self._find_words(does)
        return known

    def _find_words(self, does: tuple[str, ...]) -> frozenset[str]:
        from tempsafe_lint.models.compiled import WORDS

        found = {word for what, words in WORDS if what in does for word in words}
        for row in (self._rows[name] for name in self.own if name in self._rows):
            if any(role.does in does for role in row.args.values()) or (row.starts and "starts" in does):
                found.add(row.name.rpartition(".")[2])
        return frozenset(
            found | {name.rpartition(".")[2] for name, of in self.aliases.items() if of.rpartition(".")[2] in found}
        )

    @property
    def starters(self) -> list[Row]:
        """Rows that can start a finding: makers and sources, never sinks."""
        return [row for row in self._rows.values() if row.starts]


@lru_cache(maxsize=1)
def builtin() -> Models:
    """The rows that come with the linter, as `generate` has compiled them: no TOML is read."""
    from tempsafe_lint.models.compiled import ALIASES, ROWS

    return Models(Unpacked(ROWS), dict(ALIASES))


@lru_cache(maxsize=1)
def standard() -> tuple[tuple[str, str], ...]:
    """Names of the runtime, each with what does the same in the standard library; only of those that have that."""
    return tuple((row.name, row.standard) for row in builtin().all() if row.standard is not None)


@lru_cache(maxsize=16)
def layered(project: Packed = (), runtime: str = RUNTIME) -> Models:
    """The built-in rows under a project's own; `runtime` is the module that is its copy of our library."""
    if not project and runtime == RUNTIME:
        return builtin()
    copy = {runtime: RUNTIME} if runtime != RUNTIME else {}
    if not project:
        return builtin().over([], copy)
    from tempsafe_lint.models.project import unpack
    from tempsafe_lint.models.reader import aliases, rows

    table = unpack(project)
    return builtin().over(rows(table, "project"), {**aliases(table, "project"), **copy})


@lru_cache(maxsize=1)
def policy() -> dict[str, dict[str, Any]]:
    """The policies of `policy.toml`, by table."""
    from tempsafe_lint.models.compiled import POLICY

    tables: dict[str, tuple[tuple[str, Any], ...]] = dict(POLICY)
    return {name: {key: dict(v) if _is_table(v) else v for key, v in table} for name, table in tables.items()}


def _is_table(value: object) -> bool:
    return isinstance(value, tuple) and bool(value) and isinstance(value[0], tuple)


@dataclass(frozen=True, slots=True)
class Policies:
    """The choices of `policy.toml` that flow asks for; the reasons stand there.

    `directories` every user can write to; `launchers` are programs that only start another one; `removers` and
    `keepers` are words in the names of a project's own functions that remove, or take over, what they are given.
    `mode_changers` are programs that change modes, `waiting` calls that give others time. `proof` has the words of
    `flow.stays`; `asks` and `no_paths` those of `flow.leaving`; `checks`, `following` and
    `owners` those of `flow.verified`; `outputs` that of `flow.outputs`; `writers` are words in the names of a project's
    own functions that write what they are given, `fetching` of those that give it back; names in `scratch` say that a
    file is one. `meeting` is the function that gives a path where runs of one user meet, and how long what is in which
    shared directory lasts. `fresh` is the function that gives a path nobody else knows, where it is offered, and parts
    of names for which it is not;
    `found_by_others` are calls that make what others look for.
    `publishing` has the words of `flow.publishing`, `test_classes` those of `flow.sheltered`, `undoing` says by the
    kind of thing how its creation is undone, `tighter` has the words of `flow.tighter`.
    `copiers` are words in the names of functions that give a new object, `constructors` in those of a class's methods,
    `closers` in those of methods that end one, `command_lines` in those of lists of words, `setters` in those of
    functions that only remember what they are given, `setting` those of them that one must have.
    `removing`, `removed`, `sparing` and `packers` are the words of `flow.told`.
    `plain_bases` are classes that end nothing. `wrappers` lead from the last part of a name that says what a function
    makes to the row it is like; `handmade` are rows that make a directory of a name, `exclusive` rows that fail
    where there is something already, unless a keyword of `not_exclusive` is given, as those do that open with one
    of `opening`, and `links` those for which no safe maker exists; `secrets` are words in names of what nobody else
    knows; `own_directories` are parameters of
    tests that name a private directory, `working` says the one that the program runs in. `fallible` are prefixes of
    names of calls that fail by what they are given, `fallible_words` words in names that say so,
    `harmless` those of names that say the contrary. `changing` are methods that change a thing in
    place.
    """

    directories: tuple[str, ...]
    launchers: frozenset[str]
    removers: frozenset[str]
    keepers: frozenset[str]
    mode_changers: frozenset[str]
    waiting: frozenset[str]
    copiers: frozenset[str]
    constructors: frozenset[str]
    closers: frozenset[str]
    command_lines: frozenset[str]
    removing: frozenset[str]
    removed: frozenset[str]
    sparing: frozenset[str]
    packers: frozenset[str]
    setters: frozenset[str]
    setting: frozenset[str]
    plain_bases: frozenset[str]
    wrappers: dict[str, str]
    handmade: frozenset[str]
    own_directories: frozenset[str]
    working: frozenset[str]
    exclusive: frozenset[str]
    not_exclusive: frozenset[str]
    opening: frozenset[str]
    links: frozenset[str]
    fallible: frozenset[str]
    fallible_words: frozenset[str]
    harmless: frozenset[str]
    changing: frozenset[str]
    proof: dict[str, frozenset[str]]
    asks: frozenset[str]
    no_paths: frozenset[str]
    checks: frozenset[str]
    following: frozenset[str]
    owners: frozenset[str]
    secrets: tuple[frozenset[str], ...]
    meeting: tuple[str, tuple[tuple[str, str], ...]]
    fresh: tuple[str, tuple[str, ...], tuple[str, ...]]
    found_by_others: frozenset[str]
    publishing: dict[str, frozenset[str]]
    undoing: dict[str, tuple[str, ...]]
    tighter: dict[str, frozenset[str]]
    outputs: frozenset[str]
    writers: frozenset[str]
    fetching: frozenset[str]
    scratch: tuple[str, ...]
    test_classes: dict[str, frozenset[str]]
    unknown_call_raises: bool
    parent_owns: bool
    written_parent_owns: bool
    made_parent_owns: bool
    assert_raises: bool
    shown_announces: bool


def policies(more_directories: tuple[str, ...] = ()) -> Policies:
    """The built-in choices, with the project's own shared directories."""
    table = policy()
    return Policies(
        (*table["shared-temp"]["directories"], *more_directories),
        frozenset(table["launchers"]["programs"]),
        frozenset(table["removers"]["words"]),
        frozenset(table["keepers"]["words"]),
        frozenset(table["mode-changers"]["programs"]),
        frozenset(table["waiting"]["calls"]),
        frozenset(table["copiers"]["words"]),
        frozenset(table["copiers"]["constructors"]),
        frozenset(table["closers"]["words"]),
        frozenset(table["command-lines"]["words"]),
        frozenset(table["told-to-remove"]["programs"]),
        frozenset(table["told-to-remove"]["removed"]),
        frozenset(table["told-to-remove"]["sparing"]),
        frozenset(table["told-to-remove"]["packers"]),
        frozenset(table["setters"]["words"]) | frozenset(table["setters"]["verbs"]),
        frozenset(table["setters"]["verbs"]),
        frozenset(table["plain-bases"]["classes"]),
        {name: str(row) for name, row in table["wrappers"].items()},
        frozenset(table["handmade"]["calls"]),
        frozenset(table["own-directories"]["parameters"]),
        frozenset(table["working-directory"]["names"]),
        frozenset(table["exclusive"]["calls"]),
        frozenset(table["exclusive"]["unless"]),
        frozenset(table["exclusive"]["opening"]),
        frozenset(table["exclusive"]["links"]),
        frozenset(table["fallible"]["calls"]),
        frozenset(table["fallible"]["words"]),
        frozenset(table["harmless"]["words"]),
        frozenset(table["changing"]["methods"]),
        {key: frozenset(words) for key, words in table["proof"].items()},
        frozenset(table["handed-out"]["asks"]) | frozenset(table["removers"]["words"]),
        frozenset(table["handed-out"]["no-paths"]),
        frozenset(table["verified"]["checks"]),
        frozenset(table["verified"]["following"]),
        frozenset(table["verified"]["owners"]),
        tuple(frozenset(name.split()) for name in table["secrets"]["names"]),
        (table["rendezvous"]["call"], tuple(table["rendezvous"]["lifetimes"].items())),
        (table["rendezvous"]["fresh"], tuple(table["rendezvous"]["freely"]), tuple(table["rendezvous"]["known"])),
        frozenset(table["rendezvous"]["found"]),
        {key: frozenset(words) for key, words in table["publishing"].items()},
        {kind: tuple(words) for kind, words in table["undoing"].items()},
        {key: frozenset(words) for key, words in table["tighter"].items()},
        frozenset(table["commands"]["outputs"]),
        frozenset(table["writers"]["words"]),
        frozenset(table["writers"]["fetching"]),
        tuple(table["scratch"]["names"]),
        {key: frozenset(words) for key, words in table["test-classes"].items()},
        **{key.replace("-", "_"): bool(choice) for key, choice in table["choices"].items()},
    )
