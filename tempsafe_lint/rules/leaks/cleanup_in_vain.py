r"""
Clean-up that cannot work: it is given what it cannot remove, or stands where it is never reached.

## Why it matters
The program reads as if it cleaned up. It raises `TypeError` instead, or leaves the file behind every time.

## Reported
The object in place of its path:
```python
import os
import tempfile

def use(work):
    scratch = tempfile.NamedTemporaryFile(delete=False)
    scratch.close()
    try:
        work(scratch.name)
    finally:
        os.remove(scratch)  # TMP407
```
```python fixed
import os
import tempfile

def use(work):
    scratch = tempfile.NamedTemporaryFile(delete=False)
    scratch.close()
    try:
        work(scratch.name)
    finally:
        os.remove(scratch.name)
```
Behind a call that does not return:
```python
import os
import sys
import tempfile

def main(run):
    handle, path = tempfile.mkstemp()
    os.close(handle)
    sys.exit(run(path))
    os.remove(path)  # TMP407
```

## Not reported
The path, by whatever name:
```python
import os
import tempfile

def use(work):
    scratch = tempfile.NamedTemporaryFile(delete=False)
    scratch.close()
    path = scratch.name
    try:
        work(path)
    finally:
        os.remove(path)
```

## Fix safety
Safe for a file object whose `name` is its path: `.name` is added, and the call does what it was meant to do. Unsafe for
a `TemporaryDirectory`: its own clean-up finds the directory gone. Not offered for a descriptor, nor for clean-up that
is never reached: where it should stand is not in the code.
"""

from tempsafe_lint.findings import Safety
from tempsafe_lint.flow.observations import CannotWork
from tempsafe_lint.plans import Advice, Append
from tempsafe_lint.rules.base import HIGH, Context, Draft, Rule

RULE = Rule(
    "TMP407",
    "futile-cleanup",
    since="0.1",
    cwe=(459,),
    severity=HIGH,
    beats=("TMP401", "TMP402", "TMP404", "TMP406"),
)
_WHY = {
    "object": "is given the file object, not its path",
    "dirobject": "is given the object, not its path",
    "fd": "is given the descriptor, not the path",
    "dir": "is given a directory, which it cannot remove",
    "unreached": "is never reached: the call before it does not return",
}


@RULE.on(CannotWork)
def check(seen: CannotWork, ctx: Context) -> Draft | None:
    plan: Append | Advice = Advice("give it the path")
    unfixed: str | None = "which path is meant is not in the code"
    if seen.handle == "unreached":
        plan, unfixed = Advice("clean up in a `finally`"), "where it should stand is not in the code"
    elif seen.handle == "dir":
        plan, unfixed = Advice("remove the directory"), "whether what is in it may go too is not in the code"
    elif seen.path and seen.argument is not None:
        safety = Safety.SAFE if seen.handle == "object" else Safety.UNSAFE
        plan, unfixed = Append(seen.argument, ".name", safety, "give it the path"), None
    return RULE.draft(
        seen.at.site,
        f"`{seen.at.what}` {_WHY[seen.handle]}",
        related=((seen.resource.site, "made here"),),
        plan=plan,
        unfixed=unfixed,
        unfixed_at=seen.at.site,
        about=seen.resource.site,
    )
