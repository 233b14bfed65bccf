"""Calls after which any local path may be anywhere: a second process, a look at the frame, another temp directory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tempsafe_lint.ir import events as ev

if TYPE_CHECKING:
    from tempsafe_lint.flow.file import File

#: They show every local name to somebody.
_FRAMES = frozenset(
    {"builtins.locals", "builtins.eval", "builtins.exec", "sys._getframe", "inspect.currentframe", "inspect.stack"}
)
#: The process goes on as two, or as another program.
_FORKS = ("os.fork", "os.exec", "pty.fork", "pty.spawn")
#: From here on somebody else's rights count.
_RIGHTS = frozenset({"os.setuid", "os.seteuid", "os.setreuid", "os.setresuid", "os.setgid", "os.initgroups", "os.chroot"})
_TEMP_NAMES = frozenset({"TMPDIR", "TMP", "TEMP"})


def spills_here(event: ev.Call) -> bool:
    """Whether a call may hand on what the function has without being given it."""
    return event.callee in _FRAMES or (event.callee == "builtins.vars" and not event.args)


def file_spills(file: File) -> frozenset[str]:
    """What in a file makes every rewrite in it doubtful: `above` where temp directories or `tempfile` itself are
    replaced, or the process is doubled; `mode` where it takes another user's rights.
    """
    if file.spills is None:
        found: set[str] = set()
        for name in file.names:
            function = file.function(name)
            for block in function.blocks if function is not None else ():
                for event in block.events:
                    if isinstance(event, ev.Call):
                        found |= _call(event)
                    elif isinstance(event, ev.Store):
                        found |= _store(event)
        file.spills = frozenset(found)
    return file.spills


def _call(event: ev.Call) -> set[str]:
    if event.callee in _RIGHTS:
        return {"mode"}
    name = event.callee or ""
    last = (event.method or name).rpartition(".")[2].lower()
    if name.startswith(_FORKS) or last == "fork" or ("daemon" in last and last != "setdaemon"):
        return {"above"}
    for operand in event.args:
        if isinstance(operand, ev.Const) and isinstance(operand.value, str):
            if operand.value.startswith("tempfile.") or ".tempfile." in operand.value:
                return {"above"}  # a patch of the module's functions
        elif isinstance(operand, ev.Dotted) and operand.name == "tempfile":
            return {"above"}
    return set()


def _store(event: ev.Store) -> set[str]:
    base = event.base.name if isinstance(event.base, ev.Dotted) else ""
    temp_root = base == "os.environ" and event.key in _TEMP_NAMES
    return {"above"} if base == "tempfile" or temp_root else set()
