"""From a plan to the edits that carry it out. What a plan says is done or withheld with a reason, never half.

Text first: only the callee, the arguments named, or the statement change. Offsets are code points.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tempsafe_lint.edits import Edit, Fix
from tempsafe_lint.findings import Safety
from tempsafe_lint.fixing import Withheld
from tempsafe_lint.fixing.arguments import edit_arguments, rename_argument
from tempsafe_lint.fixing.blocks import add_except, add_finally, enter_with, move_into_with, take_out, wrap_in_with
from tempsafe_lint.fixing.closing import close_lost
from tempsafe_lint.fixing.layout import layout
from tempsafe_lint.fixing.meeting import meet_user
from tempsafe_lint.fixing.names import Spelling, fresh, require_builtins, spell
from tempsafe_lint.fixing.publishing import publish
from tempsafe_lint.fixing.statements import insert_before
from tempsafe_lint.fixing.throwaway import make_fresh
from tempsafe_lint.plans import (
    AddExcept,
    AddFinally,
    Advice,
    Append,
    CloseLost,
    DeleteStatement,
    EditArguments,
    EnterWith,
    ExtendWith,
    FirstOf,
    InsertBefore,
    KeepReturned,
    MakeAtOnce,
    MakeFresh,
    MeetUser,
    MoveIntoWith,
    Publish,
    ReplaceCallee,
    WrapInWith,
)
from tempsafe_lint.source import Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tempsafe_lint.plans import ImportTable, Plan
    from tempsafe_lint.source import Site, Source

__all__ = ["Withheld", "render"]


def render(plan: Plan, source: Source, spans: Mapping[Site, Span], imports: ImportTable) -> Fix:
    """The fix that carries out `plan` on `source`; `spans` holds the places of its sites (`plans.sites`).

    Raises Withheld where that cannot be done without harm to something else.
    """
    if isinstance(plan, Advice):
        return Fix(plan.title, Safety.DISPLAY, ())
    if isinstance(plan, DeleteStatement):
        edit = take_out(source, spans[plan.statement])
        return Fix(plan.title, plan.safety, (edit,))
    if isinstance(plan, InsertBefore):
        edit = insert_before(source.text, spans[plan.statement], plan.text, source.newline)
        return Fix(plan.title, plan.safety, (edit,))
    if isinstance(plan, EditArguments):
        edits = _edit_arguments(source.text, spans[plan.call], plan.arguments, plan.positions)
        return Fix(plan.title, plan.safety, tuple(edits))
    if isinstance(plan, Append):
        return Fix(plan.title, plan.safety, (_append(source.text, spans[plan.expression], plan.text),))
    if isinstance(plan, AddFinally):
        edits = add_finally(source, spans[plan.first], spans[plan.removal])
        return Fix(plan.title, plan.safety, tuple(edits))
    if isinstance(plan, AddExcept):
        return _add_except(plan, source, spans, imports)
    if isinstance(plan, MoveIntoWith):
        edits = move_into_with(source, spans[plan.block], spans[plan.first], spans[plan.last], plan.before)
        return Fix(plan.title, plan.safety, tuple(edits))
    if isinstance(plan, ExtendWith):
        return _extend_with(plan, source, spans, imports)
    if isinstance(plan, EnterWith):
        edits = enter_with(source, spans[plan.first], spans[plan.last], plan.name)
        return Fix(plan.title, plan.safety, tuple(edits))
    if isinstance(plan, WrapInWith):
        return _wrap_in_with(plan, source, spans, imports)
    if isinstance(plan, CloseLost):
        return _close_lost(plan, source, spans, imports)
    if isinstance(plan, MeetUser):
        spelling = spell(plan.to, source, imports, spans[plan.path].start)
        edits = meet_user(source, spans[plan.path], plan.directory, spelling.text, plan.lifetime)
        return Fix(plan.title, plan.safety, tuple(edits), _needs(spelling))
    if isinstance(plan, MakeFresh):
        spelling = spell(plan.to, source, imports, spans[plan.path].start)
        edits = make_fresh(source, spans[plan.path], spans[plan.removed], plan.directory, spelling.text)
        return Fix(plan.title, plan.safety, tuple(edits), _needs(spelling))
    if isinstance(plan, Publish):
        return _publish(plan, source, spans, imports)
    if isinstance(plan, MakeAtOnce):
        return _make_at_once(plan, source, spans, imports)
    if isinstance(plan, KeepReturned):
        return _keep_returned(plan, source, spans, imports)
    if isinstance(plan, FirstOf):
        return _first_of(plan, source, spans, imports)
    return _replace_callee(plan, source, spans, imports)


def _needs(spelling: Spelling) -> frozenset[str]:
    return frozenset() if spelling.needs is None else frozenset({spelling.needs})


def _add_except(plan: AddExcept, source: Source, spans: Mapping[Site, Span], imports: ImportTable) -> Fix:
    first, last = spans[plan.first], spans[plan.last]
    call, given = plan.undo
    spellings = [spell(name, source, imports, first.start) for name in (call, plan.quiet) if name]
    require_builtins(("BaseException", *((plan.error,) if plan.quiet else ())), source, imports)
    quiet = f"{spellings[1].text}({plan.error})" if plan.quiet else ""
    edits = add_except(source, first, last, f"{spellings[0].text}({given})", quiet)
    return Fix(plan.title, plan.safety, tuple(edits), frozenset().union(*map(_needs, spellings)))


def _extend_with(plan: ExtendWith, source: Source, spans: Mapping[Site, Span], imports: ImportTable) -> Fix:
    block, callee, text = spans[plan.block], spans[plan.callee], source.text
    spelling = spell(plan.to, source, imports, callee.start)
    _require_one_meaning(text[callee.start : callee.end], imports)
    if "#" in text[callee.start : callee.end]:
        raise Withheld("a comment stands inside the name that is called")
    edits = [Edit(callee, spelling.text), rename_argument(text, spans[plan.call], plan.old, plan.new)]
    if plan.last is not None:
        close = f"{plan.name}.close()"
        edits.extend(move_into_with(source, block, spans[plan.first], spans[plan.last], close))
    edits.append(take_out(source, spans[plan.removal]))
    return Fix(plan.title, plan.safety, tuple(edits), _needs(spelling))


def _close_lost(plan: CloseLost, source: Source, spans: Mapping[Site, Span], imports: ImportTable) -> Fix:
    statement, call, after = (spans[site] for site in (plan.statement, plan.call, plan.after))
    spelling = spell(plan.closer, source, imports, statement.start)
    edits = close_lost(source, imports, statement, call, plan.name, spelling.text, after)
    return Fix(plan.title, plan.safety, tuple(edits), _needs(spelling))


def _publish(plan: Publish, source: Source, spans: Mapping[Site, Span], imports: ImportTable) -> Fix:
    call = spans[plan.call]
    given = [(name, value if isinstance(value, str) else spans[value]) for name, value in plan.arguments]
    spelling = spell(plan.to, source, imports, call.start)
    gone = [spans[site] for site in (plan.made, plan.change, plan.rename) if site is not None]
    around = None if plan.around is None else (spans[plan.around[0]], spans[plan.around[1]])
    edits = publish(source, call, spelling.text, spans[plan.target], given, gone, around)
    return Fix(plan.title, plan.safety, tuple(edits), _needs(spelling))


def _make_at_once(plan: MakeAtOnce, source: Source, spans: Mapping[Site, Span], imports: ImportTable) -> Fix:
    made, text = spans[plan.made], source.text
    swap = _replace_callee(ReplaceCallee(plan.callee, plan.to, plan.safety, plan.title), source, spans, imports)
    edits = list(swap.edits)
    if plan.gone is not None:
        edits.append(take_out(source, spans[plan.gone]))
    if plan.opened is not None:
        if not re.fullmatch(r"[^\W\d]\w*[ \t]*=[ \t]*", text[made.start : spans[plan.callee].start]):
            raise Withheld(f"line {source.row(made.start)} does more than to make it and name it")
        handle = fresh(("fd", "handle", "descriptor"), source, imports)
        edits += [Edit(Span(made.start, made.start), f"{handle}, "), Edit(spans[plan.opened], handle)]
    return Fix(plan.title, plan.safety, tuple(edits), swap.imports)


def _keep_returned(plan: KeepReturned, source: Source, spans: Mapping[Site, Span], imports: ImportTable) -> Fix:
    what = (plan.callee, plan.to, plan.safety, plan.title, plan.call, plan.arguments, plan.positions)
    swap = _replace_callee(ReplaceCallee(*what), source, spans, imports)
    edits, needs = list(swap.edits), swap.imports
    for place in (spans[site] for site in plan.returned):
        spelling = spell(plan.keeper, source, imports, place.start)
        needs |= _needs(spelling)
        if not re.fullmatch(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*", source.text[place.start : place.end]):
            raise Withheld(f"what line {source.row(place.start)} returns is more than a name")
        edits += [Edit(Span(place.start, place.start), f"{spelling.text}("), Edit(Span(place.end, place.end), ")")]
    return Fix(plan.title, plan.safety, tuple(edits), needs)


def _first_of(plan: FirstOf, source: Source, spans: Mapping[Site, Span], imports: ImportTable) -> Fix:
    refused: Withheld | None = None
    for one in plan.plans:
        try:
            return render(one, source, spans, imports)
        except Withheld as reason:
            refused = refused or reason
    raise refused or Withheld("there is no plan for it")


def _wrap_in_with(plan: WrapInWith, source: Source, spans: Mapping[Site, Span], imports: ImportTable) -> Fix:
    made, call, callee, removal = (spans[site] for site in (plan.made, plan.call, plan.callee, plan.removal))
    spelling = spell(plan.to, source, imports, made.start)
    _require_one_meaning(source.text[callee.start : callee.end], imports)
    edits = wrap_in_with(source, made, call, callee, spelling.text, removal)
    return Fix(plan.title, plan.safety, tuple(edits), _needs(spelling))


def _append(text: str, place: Span, new: str) -> Edit:
    if not re.fullmatch(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*", text[place.start : place.end]):
        raise Withheld("the argument is more than a name")
    return Edit(Span(place.end, place.end), new)


def _edit_arguments(
    text: str, call: Span, arguments: tuple[tuple[str, str], ...], positions: tuple[tuple[str, int], ...]
) -> list[Edit]:
    wanted = [(name, _quoted_for(text, call, value)) for name, value in arguments]
    return edit_arguments(text, call, wanted, dict(positions))


def _replace_callee(plan: ReplaceCallee, source: Source, spans: Mapping[Site, Span], imports: ImportTable) -> Fix:
    text, place = source.text, spans[plan.callee]
    spelling = spell(plan.to, source, imports, place.start)
    if "#" in text[place.start : place.end]:
        raise Withheld("a comment stands inside the name that is called")
    _require_one_meaning(text[place.start : place.end], imports)
    edits = [Edit(place, _apart(text, place, spelling.text))]
    if plan.arguments:
        if plan.call is None:
            raise Withheld("it is not called here, so no argument can be given")
        edits.extend(_edit_arguments(text, spans[plan.call], plan.arguments, plan.positions))
    return Fix(plan.title, plan.safety, tuple(edits), _needs(spelling))


def _require_one_meaning(callee: str, imports: ImportTable) -> None:
    """A name that two imports bind to different things may be another project's own function of that name."""
    first = callee.partition(".")[0].strip()
    if len({name.dotted for name in imports.imports if name.name == first}) > 1:
        raise Withheld(f"`{first}` is imported from two places")


def _apart(text: str, place: Span, new: str) -> str:
    """`new` with a space where it would grow together with a word beside it: `(f)if x` has brackets, `f if x` none."""
    before, after = text[place.start - 1 : place.start], text[place.end : place.end + 1]
    head = " " if (before.isalnum() or before == "_") and new[0] != "(" else ""
    tail = " " if after.isalnum() or after == "_" else ""
    return f"{head}{new}{tail}"


def _quoted_for(text: str, call: Span, value: str) -> str:
    """`value` with quotes that can stand inside the f-string around the call, if there is one (before Python 3.12)."""
    around = layout(text).string_at(call.start) if re.search(r"[\\'\"]", value) else None
    if around is None:
        return value
    quote = text[around.end - 1]
    other = "'" if quote == '"' else '"'
    if quote in value and other not in value:
        value = value.replace(quote, other)
    # The other quotes earlier in it may be those of a second f-string around the call.
    if quote in value or "\\" in value or other in text[around.start : call.start]:
        raise Withheld("the new argument cannot be written inside this f-string")
    return value
