"""Whether a function looks who owns what it found at a path: then a name that can be guessed does no harm.

The question must not follow links (`lstat`, `fstat`, `stat(follow_symlinks=False)`), and its answer must be asked for
the owner. Which calls and which attribute: policy.toml, verified. A directory that is made for this user alone and then
has its mode changed proves the same: that fails with somebody else's, unless the failure is survived. Limits: the path
that is asked about is not compared with the path that is used; the superuser may change every mode.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tempsafe_lint.flow.calls import arguments, given, is_local, own_and_given
from tempsafe_lint.flow.ways import survives
from tempsafe_lint.ir import events as ev

if TYPE_CHECKING:
    from tempsafe_lint.flow.file import File
    from tempsafe_lint.ir.cfg import Function


def verifies(file: File, function: Function) -> bool:
    """Whether a function, or one of the file that it calls, checks the owner."""
    if _checks(file, function):
        return True
    for name in _called(file, function):
        callee = file.function(name)
        if callee is not None and _checks(file, callee):
            return True
    return False


def _checks(file: File, function: Function) -> bool:
    known = file.verifying.get(function.name)
    if known is None:
        known = file.verifying[function.name] = _asks(file, function)
    return known


def _asks(file: File, function: Function) -> bool:
    asked = owner = False
    policies = file.policies
    for block in function.blocks:
        for event in block.events:
            if isinstance(event, ev.Load) and isinstance(event.src, str):
                owner = owner or event.src.rpartition(".")[2] in policies.owners
            elif isinstance(event, ev.Call):
                name = event.callee or event.method or ""
                asked = asked or name in policies.checks or (name in policies.following and _stays(event))
    return (asked and owner) or _claims(file, function)


def _claims(file: File, function: Function) -> bool:
    """Whether a directory is made for this user alone, and its mode changed to that, too."""
    made: set[ev.Operand] = set()
    for block in function.blocks:
        for event in block.events:
            if not isinstance(event, ev.Call):
                continue
            row = file.models.get(event.callee) if event.method is None else file.models.method("path", event.method)
            mode = given(event, row, "mode") if row is not None else None
            if row is None or not isinstance(mode, ev.Const) or type(mode.value) is not int or mode.value & 0o077:
                continue
            for arg in own_and_given(event, row, arguments(event, row)):
                if arg.role.sink == "create":
                    made.add(arg.operand)
                elif arg.role.sink == "mode" and arg.operand in made and not survives(function, block.handler):
                    return True
    return False


def _stays(event: ev.Call) -> bool:
    """Whether a question is told not to follow links, always or where the platform can do that."""
    return any(name == "follow_symlinks" and operand != ev.Const(True) for name, operand in event.kwargs)


def _called(file: File, function: Function) -> list[str]:
    found: list[str] = []
    for block in function.blocks:
        for event in block.events:
            if not isinstance(event, ev.Call):
                continue
            if event.callee is not None and is_local(event.callee):
                found.append(event.callee[1:])
            elif event.receiver in ("self", "cls"):
                name = file.method(function.class_name, event.method or "")
                if name is not None:
                    found.append(name)
    return found
