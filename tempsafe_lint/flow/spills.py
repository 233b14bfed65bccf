"""Calls after which any local path may be anywhere: a second process, a look at the frame, another temp directory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tempsafe_lint.ir import events as ev

if TYPE_CHECKING:
    from tempsafe_lint.flow.file import File


def spills_here(file: File, event: ev.Call) -> bool:
    """Whether a call may hand on what the function has without being given it."""
    words = file.policies.proof
    return event.callee in words["frames"] or (event.callee in words["frames-bare"] and not event.args)


def file_spills(file: File) -> frozenset[str]:
    """What in a file makes every rewrite in it doubtful: `above` where temp directories or `tempfile` itself are
    replaced, or the process is doubled; `mode` where it takes another user's rights.
    """
    if file.spills is None:
        found, words = set[str](), file.policies.proof
        for function in file.holding(*_telling(words)):
            for block in function.blocks:
                for event in block.events:
                    if isinstance(event, ev.Call):
                        found |= _call(event, words)
                    elif isinstance(event, ev.Store):
                        found |= _store(event, words)
                    elif isinstance(event, ev.Text):
                        parts = [part.value for part in event.parts if isinstance(part, ev.Const)]
                        found |= {"above"} if any(_names_maker(part, words) for part in parts) else set()
        file.spills = frozenset(found)
    return file.spills


def _telling(words: dict[str, frozenset[str]]) -> set[str]:
    """One of these stands where anything of that is done."""
    names = {name.rpartition(".")[2] for key in ("rights", "forks") for name in words[key]}
    forks = {spelled for word in words["fork-words"] for spelled in (word, word.lower(), word.capitalize())}
    return names | forks | words["patched"] | words["patched-functions"] | words["temp-roots"]


def _call(event: ev.Call, words: dict[str, frozenset[str]]) -> set[str]:
    name = event.callee or ""
    if name in words["rights"]:
        return {"mode"}
    last = (event.method or name).rpartition(".")[2].lower()
    if name in words["forks"] or last in {word.lower() for word in words["fork-words"]}:
        return {"above"}
    for operand in event.args:
        if isinstance(operand, ev.Dotted) and operand.name in words["patched"]:
            return {"above"}
        if isinstance(operand, ev.Const) and _names_maker(operand.value, words):
            return {"above"}
    return set()


def _names_maker(value: object, words: dict[str, frozenset[str]]) -> bool:
    """Whether a text names a function of the module with a dot before it, as a patch does."""
    parts = value.split(".") if isinstance(value, str) else []
    return len(parts) > 1 and (parts[-1] in words["patched-functions"] or parts[-2] in words["patched"])


def _store(event: ev.Store, words: dict[str, frozenset[str]]) -> set[str]:
    base = event.base.name if isinstance(event.base, ev.Dotted) else ""
    return {"above"} if base in words["patched"] or event.key in words["temp-roots"] else set()
