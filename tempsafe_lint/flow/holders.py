"""Objects that a function makes and keeps to itself: what it puts into their attributes stays with the function.

An object is the function's own where nothing but the call of a class, or of what says that it copies, is ever bound to
its name. A class of the file must not end what the attribute holds; one from elsewhere is taken to borrow it, as any
callee is, until a method is called that says it ends something.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tempsafe_lint.flow.calls import is_local
from tempsafe_lint.flow.effects import is_class
from tempsafe_lint.flow.mentions import mentions
from tempsafe_lint.flow.owners import MODULE, class_of_file_ends
from tempsafe_lint.flow.words import words_of
from tempsafe_lint.ir import events as ev

if TYPE_CHECKING:
    from tempsafe_lint.flow.transfer import Transfer


def is_own(t: Transfer, event: ev.Store, base: str) -> bool:
    """Whether a store goes to an attribute of an object that this function has made for itself."""
    function = t.function
    if event.kind != "attr" or base not in function.variables or function.name == MODULE:
        return False
    if base in {parameter.name for parameter in function.params}:
        return False
    index = mentions(t.file, function)
    binders = index.binders.get(base, [])
    sources = [b.src for b in binders if isinstance(b, ev.Bind) and isinstance(b.src, str)]
    makers = [maker for source in sources for maker in index.binders.get(source, [])]
    if not sources or len(sources) != len(binders) or len(makers) < len(sources):
        return False
    calls = [maker for maker in makers if isinstance(maker, ev.Call)]
    # `x = fitted(x)`: what was the function's own comes back.
    first = [call for call in calls if base not in call.args]
    return len(calls) == len(makers) and bool(first) and all(_makes(t, call, str(event.key)) for call in first)


def _makes(t: Transfer, call: ev.Call, attribute: str) -> bool:
    """Whether a call makes an object that will not end what the attribute holds."""
    if call.callee is not None and is_local(call.callee):
        name = call.callee[1:]
        return name in t.file.units.classes and not class_of_file_ends(t.file, f"{name}.{attribute}")
    if t.file.row(call.callee) is not None:
        return False
    return is_class(call) or bool(words_of(call) & t.file.policies.copiers)
