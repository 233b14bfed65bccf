"""The order of the rooms: `lint` says what is wrong with a text, `fix` mends it and proves that nothing else moved.

Pure functions: no file is read or written here, and no state outlives a call.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from time import process_time
from typing import TYPE_CHECKING

from tempsafe_lint import prefilter
from tempsafe_lint.findings import Finding, FixReport, Level, Related, Report, Safety
from tempsafe_lint.records import replace
from tempsafe_lint.source import Region, Site, Span

if TYPE_CHECKING:
    from collections.abc import Callable

    from tempsafe_lint.edits import Fix
    from tempsafe_lint.front.parse import File
    from tempsafe_lint.plans import ImportTable
    from tempsafe_lint.rules.base import Draft, Rule
    from tempsafe_lint.settings import Settings
    from tempsafe_lint.source import Source
    from tempsafe_lint.suppress.cover import Terms


def lint(source: Source, settings: Settings, *, parts: bool = True) -> Report:
    """Every finding of one file, in order, suppressed ones apart. A text without a needle is not parsed, and of others
    only what can matter; with `parts` false, all of it: the findings are the same, which the tests compare.
    """
    return _lint(source, settings, audit=True, parts=parts)


def _lint(source: Source, settings: Settings, *, audit: bool, parts: bool = True) -> Report:
    """The same; `audit` false leaves out what is wrong with comments that silence, `parts` false reads all of it."""
    if not prefilter.passes_text(source.text, settings.needles):
        return Report(source.filename, _comments_alone(source, settings) if audit else ())
    from tempsafe_lint.front.parse import Unparsable, parse
    from tempsafe_lint.paths import for_file

    settings = for_file(settings, source.path)

    clock = _Clock()
    try:
        file = _read(source, settings) if parts else parse(source)
    except Unparsable as error:
        return Report(source.filename, (_unparsable(source, error.row, error.column, str(error)),))
    clock.lap("front")
    notes: list[str] = []
    try:
        drafts = [] if file.idle else list(_judged(file, source, settings, notes))
        clock.lap("flow")
        findings = [_weighed(finding, settings) for finding in _placed(drafts, file, source, settings)]
    except Unparsable:  # a part that was not read at first
        return _lint(source, settings, audit=audit, parts=False)
    clock.lap("rules")
    kept, silenced = _silenced(findings, source, settings, audit=audit)
    clock.lap("suppress")
    return Report(source.filename, kept, silenced, tuple(notes), clock.laps)


def _read(source: Source, settings: Settings) -> File:
    """What of a file can matter."""
    from tempsafe_lint.front.parse import parse_parts
    from tempsafe_lint.models.catalogue import layered, policies

    choices = policies(settings.extend_temp_dirs)
    moving = (name.rpartition(".")[2] for name in choices.proof["changes-directory"])
    words = {*choices.wrappers, *moving, *layered(settings.rows, settings.runtime_import).words_of("masks")}
    needles = {*prefilter.starting(source.text, settings.needles)}
    names = (needles & prefilter.NAMES) - {*settings.needles}
    return parse_parts(source, needles - names, words | names)


def _silenced(
    findings: list[Finding], source: Source, settings: Settings, *, audit: bool
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """What stays and what comments silence. A comment is used even by a finding that is too slight to be shown."""
    silent: list[Finding] = []
    if not settings.ignore_suppressions:
        from tempsafe_lint.suppress.cover import is_mentioned, judge

        if is_mentioned(source.text):
            verdict = judge(findings, source, _terms(source, settings))
            findings, silent = verdict.kept, verdict.silenced
            if audit:
                findings += [
                    _weighed(one, settings) for one in verdict.problems if reports(one.code, source.path, settings)
                ]
    return _weighty(findings, settings), _weighty(silent, settings)


def _weighty(findings: list[Finding], settings: Settings) -> tuple[Finding, ...]:
    """Those that are sure and severe enough, in order."""
    enough = (finding for finding in findings if _is_weighty(finding, settings))
    return tuple(sorted(enough, key=lambda finding: finding.order))


def _is_weighty(one: Finding | Draft, settings: Settings) -> bool:
    severity = _severity(one, settings)
    return one.confidence.at_least(settings.min_confidence) and severity.at_least(settings.min_severity)


def _comments_alone(source: Source, settings: Settings) -> tuple[Finding, ...]:
    """What is wrong with the comments of a file that has nothing to silence."""
    from tempsafe_lint.paths import for_file
    from tempsafe_lint.suppress.cover import is_ours

    settings = for_file(settings, source.path)
    return _silenced([], source, settings, audit=True)[0] if is_ours(source.text) else ()


def _terms(source: Source, settings: Settings) -> Terms:
    from tempsafe_lint.registry import all_rules
    from tempsafe_lint.suppress.cover import Terms

    return Terms(
        {rule.code: rule.name for rule in all_rules()},
        frozenset(rule.code for rule in enabled(source.path, settings)),
        settings.noqa,
        settings.honor_foreign_suppressions,
        settings.require_suppression_reason,
    )


def reports(code: str, path: str, settings: Settings) -> bool:
    """Whether the project wants to hear of a code of the tool itself, for a path below the root."""
    from tempsafe_lint.paths import per_file_ignores
    from tempsafe_lint.registry import resolve

    if code in resolve(settings.ignore) | resolve(per_file_ignores(path, settings)):
        return False
    return settings.select is None or code in resolve(settings.select) | resolve(settings.extend_select)


class _Clock:
    """Seconds of processor time per room."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = process_time()

    def lap(self, room: str) -> None:
        now = process_time()
        self.laps[room] = now - self._last
        self._last = now


def _unparsable(source: Source, row: int, column: int, message: str) -> Finding:
    start = source.offset(min(row, len(source.line_starts)), column)
    region = Region(start, start, row, column, row, column)
    return Finding("TMP900", "unparsable", message, Level.HIGH, Level.HIGH, source.filename, region)


def enabled(path: str, settings: Settings, suite: bool = False) -> list[Rule]:
    """The rules that are on for a path below the root. A rule that is chosen by `select` is on in tests too; a `suite`
    is test code wherever it stands.
    """
    from tempsafe_lint.paths import for_file, is_test, per_file_ignores
    from tempsafe_lint.registry import all_rules, resolve

    settings = for_file(settings, path)
    test = suite or is_test(path, settings)
    chosen = resolve(settings.select or ()) | resolve(settings.extend_select)
    ignored = resolve(settings.ignore) | resolve(per_file_ignores(path, settings))
    on: list[Rule] = []
    for rule in all_rules():
        if rule.preview and not settings.preview:
            continue
        usual = rule.by_default or (rule.on_windows and settings.windows)
        by_default = settings.select is None and usual and (rule.in_tests or not test)
        if (by_default or rule.code in chosen) and rule.code not in ignored:
            on.append(rule)
    return on


def _judged(file: File, source: Source, settings: Settings, notes: list[str]) -> Iterator[tuple[str, Draft]]:
    """Drafts of all rules that are on, each with the function it is about; who beats whom is settled."""
    from tempsafe_lint.flow.analysis import look
    from tempsafe_lint.flow.observations import Silent
    from tempsafe_lint.flow.sheltered import is_suite
    from tempsafe_lint.models.catalogue import layered, policies
    from tempsafe_lint.paths import is_test
    from tempsafe_lint.rules.base import Context

    choices = policies(settings.extend_temp_dirs)
    suite = is_suite(file, choices)
    context = Context(
        suite or is_test(source.path, settings),
        settings.target_version,
        settings.allowed_paths,
        choices.meeting,
        choices.fresh,
    )
    rules = enabled(source.path, settings, suite)
    if not rules:
        return
    drafts: list[tuple[str, Draft]] = []
    models = layered(settings.rows, settings.runtime_import).seen_from(source.path)
    for unit, observation in look(file, models, choices):
        if isinstance(observation, Silent):
            notes.append(f"nothing is said about `{unit}`: {observation.why}")
        for rule in rules:
            judge = rule.judgements.get(type(observation))
            draft = judge(observation, context) if judge is not None else None
            if draft is not None:
                drafts.append((unit, draft))
    yield from _undisputed(drafts, {rule.code: rule for rule in rules})


def _undisputed(drafts: list[tuple[str, Draft]], rules: dict[str, Rule]) -> Iterator[tuple[str, Draft]]:
    """Drafts that no more specific rule beats, one per rule and place: the surest, then the most severe.

    One that is shown only at low confidence beats none that is shown without being asked for, but what is the same
    fact in other words.
    """
    beaten: dict[tuple[str, Site | None], int] = {}
    for _, draft in drafts:
        for code in rules[draft.code].beats:
            so_far = beaten.get((code, draft.about), Level.LOW.rank)
            weight = Level.HIGH.rank if code in rules[draft.code].covers else draft.confidence.rank
            beaten[code, draft.about] = max(so_far, weight)
    best: dict[tuple[str, Site], tuple[str, Draft]] = {}
    for unit, draft in drafts:
        by = beaten.get((draft.code, draft.about)) if draft.about is not None else None
        if by is not None and (by > Level.LOW.rank or draft.confidence is Level.LOW):
            continue
        key = (draft.code, draft.at)
        known = best.get(key)
        if known is None or _weight(draft) > _weight(known[1]):
            best[key] = (unit, draft)
    yield from best.values()


def _weight(draft: Draft) -> tuple[int, int]:
    return (draft.confidence.rank, draft.severity.rank)


def _placed(drafts: list[tuple[str, Draft]], file: File, source: Source, settings: Settings) -> list[Finding]:
    """Findings with spans, rows and rendered fixes: the one moment when the front is asked where sites are."""
    drafts = list(_of_use(drafts, source, settings)) if drafts else []
    if not drafts:
        return []
    from tempsafe_lint.plans import sites

    wanted: set[Site] = set()
    for _, draft in drafts:
        wanted.add(draft.at)
        wanted.update(site for site, _ in draft.related)
        if draft.plan is not None:
            wanted.update(sites(draft.plan))
        if draft.unfixed_at is not None:
            wanted.add(draft.unfixed_at)
    spans = file.spans(wanted)
    imports = cache(file.imports)
    return [
        _finding(unit, draft, spans, source, *_offered(draft, spans, imports, source, settings))
        for unit, draft in drafts
    ]


def _of_use(drafts: list[tuple[str, Draft]], source: Source, settings: Settings) -> Iterator[tuple[str, Draft]]:
    """What will be shown. Of what is too slight for that nobody sees more than that a comment silences it: then its
    place is enough.
    """
    from tempsafe_lint.suppress.cover import is_mentioned

    silencing = not settings.ignore_suppressions and is_mentioned(source.text)
    for unit, draft in drafts:
        if _is_weighty(draft, settings):
            yield unit, draft
        elif silencing:
            yield unit, replace(draft, related=(), plan=None, unfixed=None, unfixed_at=None)


def _offered(
    draft: Draft, spans: dict[Site, Span], imports: Callable[[], ImportTable], source: Source, settings: Settings
) -> tuple[Fix | None, str | None]:
    """The fix of a draft as the project wants it, or why there is none."""
    from tempsafe_lint.fixing.imports import add_imports
    from tempsafe_lint.fixing.render import Withheld, render
    from tempsafe_lint.fixing.targets import Target, aim
    from tempsafe_lint.models.catalogue import standard
    from tempsafe_lint.registry import resolve

    unfixed = draft.unfixed
    if unfixed is not None and draft.unfixed_at is not None:
        unfixed = f"{unfixed} (line {source.region(spans[draft.unfixed_at]).row})"
    if draft.plan is None:
        return None, unfixed
    try:
        plan = aim(draft.plan, Target(settings.runtime, settings.runtime_import, settings.target_version, standard()))
        fix = render(plan, source, spans, imports())
        if fix.imports:
            fix = replace(fix, importing=add_imports(fix.imports, source, imports(), fix.edits))
    except Withheld as reason:
        return None, str(reason)
    if fix.safety is Safety.DISPLAY:
        return fix, unfixed
    if draft.code not in resolve(settings.fixable) or draft.code in resolve(settings.unfixable):
        return None, f"{draft.code} is set not to be fixed"
    if draft.code in resolve(settings.extend_unsafe_fixes):
        return replace(fix, safety=Safety.UNSAFE), unfixed
    if draft.code in resolve(settings.extend_safe_fixes):
        return replace(fix, safety=Safety.SAFE), unfixed
    return fix, unfixed


def _finding(
    unit: str, draft: Draft, spans: dict[Site, Span], source: Source, fix: Fix | None, unfixed: str | None
) -> Finding:
    span = spans[draft.at]
    return Finding(
        draft.code,
        draft.name,
        draft.message,
        draft.severity,
        draft.confidence,
        source.filename,
        source.region(span),
        unit,
        source.text[span.start : span.end],
        tuple(_related(draft.related, spans, source, span)),
        fix,
        unfixed,
    )


def _weighed(finding: Finding, settings: Settings) -> Finding:
    """The finding as severe as the project says."""
    severity = _severity(finding, settings)
    return finding if severity is finding.severity else replace(finding, severity=severity)


def _severity(one: Finding | Draft, settings: Settings) -> Level:
    from tempsafe_lint.registry import resolve

    severity = one.severity
    for selector, level in settings.severity:
        if one.code in resolve((selector,)):
            severity = level
    return severity


def _related(
    related: Iterable[tuple[Site, str]], spans: dict[Site, Span], source: Source, at: Span
) -> Iterator[Related]:
    for site, message in related:
        if site in spans and spans[site] != at:
            yield Related(source.region(spans[site]), message)


def fix(source: Source, settings: Settings, choose: Callable[[Finding], bool | str]) -> FixReport:
    """Mend what `choose` takes, in verified rounds; a fix whose result does not hold is withdrawn with the reason.

    `choose` is asked once for each fix that is offered, never for those of class DISPLAY. It is given the finding as it
    was first found, with the fix as it is now; a text as its answer is the reason why the fix is withheld.
    """
    from tempsafe_lint.fixing.loop import Rooms, mend
    from tempsafe_lint.front.parse import Unparsable, parse
    from tempsafe_lint.suppress.cover import is_mentioned

    wide = _without_choices(settings)
    rooms = Rooms(
        lambda version: _lint(version, settings, audit=False),
        lambda version: parse(version).imports(),
        None if wide == settings else lambda version: _lint(version, wide, audit=False),
    )
    try:
        done = mend(source, rooms, choose)
    except Unparsable:  # a part that only a fix reads
        return FixReport(source.text, source.text, (), _lint(source, settings, audit=True, parts=False), 0)
    # A mend may leave a comment without work: that is said at the end, and is no reason not to mend.
    after = source.with_text(done.after)
    audited = lint(after, settings).findings if is_mentioned(after.text) else ()
    about_comments = [finding for finding in audited if finding.code in ("TMP902", "TMP903", "TMP904")]
    if not about_comments:
        return done
    left = sorted([*done.left.findings, *about_comments], key=lambda finding: finding.order)
    return replace(done, left=replace(done.left, findings=tuple(left)))


def _without_choices(settings: Settings) -> Settings:
    """The settings with all rules on that are on by default: a fix may not bring what the project chose not to see."""
    return replace(
        settings,
        select=None,
        ignore=(),
        per_file_ignores=(),
        overrides=(),
        min_severity=Level.LOW,
        min_confidence=Level.MEDIUM,
    )
