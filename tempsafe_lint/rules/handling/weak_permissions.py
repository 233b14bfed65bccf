r"""
A temporary is opened to other users of the machine: by its mode, or because a file of theirs would be taken for it.

## Why it matters
`mkstemp` and `mkdtemp` make what only this user can read and write. A mode that lets everybody write gives that away:
others can read the content, or change it before it is used.

## Reported
```python
import os
import stat
import tempfile

def crontab(lines):
    handle, path = tempfile.mkstemp()
    os.fchmod(handle, stat.S_IRWXU | stat.S_IWOTH)  # TMP501
    with os.fdopen(handle, "w") as out:
        out.writelines(lines)
    return path

def exchange():
    folder = tempfile.mkdtemp()
    os.chmod(folder, 0o777)  # TMP501
    return folder
```
By a program, or by a mask that keeps nobody out:
```python
import os
import subprocess
import tempfile

def exchange():
    folder = tempfile.mkdtemp()  # TMP404
    subprocess.run(["chmod", "-R", "a+rwX", folder], check=True)  # TMP501
    return folder

def log(text):
    before = os.umask(0)  # TMP501
    with open("/tmp/app.log", "a") as out:  # TMP101
        out.write(text)
    os.umask(before)
```
Without `O_EXCL` it is enough to be first:
```python
import os

def lock():
    return os.open("/tmp/app.lock", os.O_CREAT | os.O_RDWR, 0o600)  # TMP501, TMP101
```

## Not reported
Less than before, or for the owner alone:
```python
import os
import stat
import tempfile

def script(text):
    handle, path = tempfile.mkstemp()
    with os.fdopen(handle, "w") as out:
        out.write(text)
    os.chmod(path, stat.S_IRWXU)
    return path
```
Below a directory that nobody else can enter:
```python
import os
import tempfile

def unpack(work):
    with tempfile.TemporaryDirectory() as folder:
        inner = os.path.join(folder, "x")
        os.mkdir(inner)
        os.chmod(inner, 0o777)
        work(inner)
```

## Fix safety
Unsafe: the bits for group and others are dropped from a mode that is written in the call, and a mask gets those that
keep others from writing; somebody may have been meant to have them. Not offered for a mode that has a name of its own,
nor for a path that is not this user's alone.
"""

from tempsafe_lint.findings import Safety
from tempsafe_lint.flow.observations import Mode
from tempsafe_lint.plans import Advice, EditArguments
from tempsafe_lint.rules.base import HIGH, LOW, MEDIUM, Context, Draft, Rule

RULE = Rule("TMP501", "weak-permissions", since="0.1", cwe=(732, 378), severity=HIGH)
_WRITE_OTHERS, _STICKY, _SHARED, _WRITABLE = 0o002, 0o1000, 0o077, 0o022


@RULE.on(Mode)
def check(seen: Mode, ctx: Context) -> Draft | None:
    plan: EditArguments | Advice
    if seen.how == "shares":
        plan = Advice("add `O_EXCL`, or use a private directory")
        unfixed = "whether runs must meet there is not in the code"
        message, confidence = f"`{seen.at.what}` opens whatever another user has put at this path", MEDIUM
    elif seen.how == "masks":
        unfixed = "who is meant to write is not in the code"
        mask = f"0o{seen.bits | _WRITABLE:03o}"
        title = f"set a mask that keeps others from writing: `{mask}`"
        plan = EditArguments(seen.at.site, (("mask", mask),), (("mask", seen.position),), Safety.UNSAFE, title)
        message = f"under the mask `{oct(seen.bits)}`, everybody can write to what is made in a shared directory"
        confidence = LOW if ctx.test else HIGH
    elif seen.how == "asks":
        plan, unfixed = Advice("ask for a mode without bits for others"), "who is meant to write is not in the code"
        if seen.exact and seen.bits & ~_SHARED:
            plan = _without(seen, seen.bits & ~_SHARED)
        message = (
            f"mode `{oct(seen.bits)}` lets everybody write to what is made in a shared directory, but for the mask"
        )
        confidence = LOW
    else:
        everybody = seen.bits & _WRITE_OTHERS and not seen.bits & _STICKY
        confidence = LOW if not everybody or ctx.test else HIGH
        who = "everybody can write to" if everybody else "other users can open"
        message = f"mode `{oct(seen.bits)}` makes this a temporary that {who}"
        plan, unfixed = Advice("leave the mode as it is made"), "who is meant to have access is not in the code"
        if seen.exact and seen.resource is not None and seen.bits & ~_SHARED:
            plan = _without(seen, seen.bits & ~_SHARED)
    return RULE.draft(
        seen.at.site,
        message,
        confidence=confidence,
        related=((seen.made or (seen.resource.site if seen.resource else None), "made here"),),
        plan=plan,
        unfixed=unfixed if isinstance(plan, Advice) else None,
        unfixed_at=seen.at.site,
        about=seen.at.site,
    )


def _without(seen: Mode, bits: int) -> EditArguments:
    where = (("mode", seen.position),)
    return EditArguments(seen.at.site, (("mode", f"0o{bits:03o}"),), where, Safety.UNSAFE, "drop the bits for others")
