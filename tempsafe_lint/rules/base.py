"""What a rule is made of: a value, the observations it reads, and the draft of a finding that it answers with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from tempsafe_lint.findings import Level, Safety
from tempsafe_lint.flow.observations import Place, Published
from tempsafe_lint.plans import Plan, Publish
from tempsafe_lint.records import dataclass, field
from tempsafe_lint.source import Site

LOW, MEDIUM, HIGH = Level.LOW, Level.MEDIUM, Level.HIGH


@dataclass(frozen=True, slots=True)
class Context:
    """What a judgement may know besides the observation: where the code lives and what the project allows."""

    test: bool = False
    target_version: tuple[int, int] = (3, 10)
    allowed_paths: tuple[str, ...] = ()
    #: The function that gives a path where runs of one user meet, and how long what is in which directory lasts.
    meeting: tuple[str, tuple[tuple[str, str], ...]] = ("", ())
    #: The function that gives a path nobody else knows, the directories of which it is offered, and parts of names of
    #: which it is not.
    fresh: tuple[str, tuple[str, ...], tuple[str, ...]] = ("", (), ())


@dataclass(frozen=True, slots=True)
class Draft:
    """A finding before its sites have spans. `unfixed` says why there is no fix, `unfixed_at` is what prevents it.
    `about` is the resource it concerns: of several drafts about one, a rule that `beats` another keeps it silent."""

    code: str
    name: str
    message: str
    severity: Level
    confidence: Level
    at: Site
    related: tuple[tuple[Site, str], ...] = ()
    plan: Plan | None = None
    unfixed: str | None = None
    unfixed_at: Site | None = None
    about: Site | None = None
    statement: bool = False


Judgement = Callable[[Any, Context], "Draft | None"]
Check = TypeVar("Check", bound=Callable[..., "Draft | None"])


@dataclass(slots=True)
class Rule:
    """One rule. `name` states the defect; `since` is the release that brought it; `cwe` are CWE numbers.

    `in_tests` says whether it is on by default in test code, `by_default` whether it is on at all, `on_windows` whether
    it is where the project says that it runs there. A `preview` rule is on only where the setting `preview` is.
    `beats` are codes that stay silent about the same resource when this one speaks; those of them in `covers` also
    when it does so at low confidence: they would say the same in other words.
    """

    code: str
    name: str
    since: str
    cwe: tuple[int, ...]
    severity: Level
    in_tests: bool = True
    by_default: bool = True
    on_windows: bool = False
    preview: bool = False
    beats: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()
    page: str = ""
    judgements: dict[type, Judgement] = field(default_factory=dict)

    def on(self, observation: type) -> Callable[[Check], Check]:
        """Register a judgement for one kind of observation."""

        def register(check: Check) -> Check:
            self.judgements[observation] = check
            return check

        return register

    def draft(
        self,
        at: Site,
        message: str,
        *,
        severity: Level | None = None,
        confidence: Level = HIGH,
        related: tuple[tuple[Site | None, str], ...] = (),
        plan: Plan | None = None,
        unfixed: str | None = None,
        unfixed_at: Site | None = None,
        about: Site | None = None,
    ) -> Draft:
        """A draft of this rule; related places without a site are left out."""
        known = tuple((site, text) for site, text in related if site is not None)
        severity = severity or self.severity
        return Draft(self.code, self.name, message, severity, confidence, at, known, plan, unfixed, unfixed_at, about)

    @property
    def summary(self) -> str:
        """The first sentence of the page."""
        return self.page.strip().split("\n\n", 1)[0].replace("\n", " ")


def atomic(seen: Published | Place | None, *, keep: bool) -> list[Publish]:
    """The plan, or none. `keep`: the result has the mode 0600 of a temporary, as now; else that of what it replaces.
    A mode that the program gives it stays in both.

    Safe only where nothing can see that the temporary has no name while it is written, and the mode stays.
    """
    if not isinstance(seen, Published):
        return []
    arguments: list[tuple[str, Site | str]] = [("", f'"{seen.mode}"')] if seen.mode else []
    for number, (name, value) in enumerate(seen.keeps):
        by_place = name == "mode" and not number
        arguments.append(("" if by_place else name, value))
    if not seen.syncs:
        arguments.append(("durable", "False"))
    keep = keep or seen.perms is not None
    if keep:
        arguments.append(("perms", "0o600" if seen.perms is None else seen.perms[0]))
    title = f"write it with `{seen.to}`: it appears whole or not at all" + (
        "" if keep else ", with the mode of the old"
    )
    safety = Safety.SAFE if seen.same and keep else Safety.UNSAFE
    what = (seen.made, seen.call, seen.target, tuple(arguments), seen.rename, seen.to)
    return [Publish(*what, safety, title, seen.around, None if seen.perms is None else seen.perms[1])]
