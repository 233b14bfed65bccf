r"""
A temporary file object is used after it was closed.

## Why it matters
It raises `ValueError: I/O operation on closed file` every time; and what it held is gone already.

## Reported
```python
import tempfile

def round_trip(data):
    with tempfile.TemporaryFile() as scratch:
        scratch.write(data)
    scratch.seek(0)  # TMP301
    return scratch.read()  # TMP301
```
```python fixed
import tempfile

def round_trip(data):
    with tempfile.TemporaryFile() as scratch:
        scratch.write(data)
        scratch.seek(0)
        return scratch.read()
```

## Not reported
Asking a closed object for its name, or opening the file anew by name:
```python
import os
import tempfile

def keep_name(data):
    with tempfile.NamedTemporaryFile(delete=False) as scratch:
        scratch.write(data)
    try:
        with open(scratch.name, "rb") as again:
            return again.read()
    finally:
        os.unlink(scratch.name)
```

## Fix safety
Safe where the use is the statement right behind its `with`: it moves into the block, and has always raised where it is
now. Unsafe where other statements have to move along. Not offered elsewhere.
"""

from tempsafe_lint.findings import Safety
from tempsafe_lint.flow.observations import UsedIn
from tempsafe_lint.plans import Advice, MoveIntoWith
from tempsafe_lint.rules.base import HIGH, Context, Draft, Rule

RULE = Rule("TMP301", "use-after-close", since="0.1", cwe=(672,), severity=HIGH)


@RULE.on(UsedIn)
def check(seen: UsedIn, ctx: Context) -> Draft | None:
    if seen.state != "closed" or seen.handle != "object" or not seen.sure:
        return None
    where = "its `with` block ended" if seen.scope else "it was closed"
    plan: MoveIntoWith | Advice = Advice("move the use to where the file is still open")
    unfixed: str | None = "moving it changes what runs while the file is open"
    if (found := seen.behind) is not None:
        safety = Safety.SAFE if found.alone else Safety.UNSAFE
        plan = MoveIntoWith(found.block, found.first, found.last, safety, "move the use into the `with`")
        unfixed = None
    return RULE.draft(
        seen.at.site,
        f"the temporary file is used after {where}",
        related=((seen.resource.site, "made here"), (seen.ended, "closed here")),
        plan=plan,
        unfixed=unfixed,
        unfixed_at=seen.at.site,
        about=seen.at.site,
    )
