r"""
A descriptor is closed a second time, after the file object that owns it, or another call, closed it.

## Why it matters
The second close raises `OSError: Bad file descriptor`; in a program with threads the number may already belong to
another file, which is then closed under its owner.

## Reported
```python
import os
import tempfile

def store(data):
    handle, path = tempfile.mkstemp()
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
        os.close(handle)  # TMP405
    finally:
        os.remove(path)
```
```python fixed
import os
import tempfile

def store(data):
    handle, path = tempfile.mkstemp()
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
    finally:
        os.remove(path)
```

## Not reported
One close on each way:
```python
import os
import tempfile

def store(data, text):
    handle, path = tempfile.mkstemp()
    if text:
        with os.fdopen(handle, "w") as out:
            out.write(data)
    else:
        os.close(handle)
    os.remove(path)
```

## Fix safety
Safe where the descriptor is closed on every way that leads to the second close: the statement is removed. Where it is
the only close on some way, the fix is withheld.
"""

from tempsafe_lint.findings import Safety
from tempsafe_lint.flow.observations import ReleasedTwice
from tempsafe_lint.plans import DeleteStatement
from tempsafe_lint.rules.base import HIGH, MEDIUM, Context, Draft, Rule

RULE = Rule("TMP405", "double-close", since="0.1", cwe=(1341,), severity=HIGH, beats=("TMP403",))


@RULE.on(ReleasedTwice)
def check(seen: ReleasedTwice, ctx: Context) -> Draft | None:
    plan: DeleteStatement | None = None
    unfixed: str | None = "on another way this is the only close"
    if seen.sure and seen.statement is not None:
        plan, unfixed = DeleteStatement(seen.statement, Safety.SAFE, "remove the second close"), None
    elif seen.sure:
        unfixed = "the second close is part of a larger statement"
    return RULE.draft(
        seen.second.site,
        "the descriptor is closed already",
        confidence=HIGH if seen.sure else MEDIUM,
        related=((seen.resource.site, "opened here"), (seen.first, "closed here")),
        plan=plan,
        unfixed=unfixed,
        unfixed_at=seen.second.site,
        about=seen.resource.site,
    )
