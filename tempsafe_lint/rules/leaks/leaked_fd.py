r"""
The descriptor that `mkstemp()` opens is never closed.

## Why it matters
A process has a limited number of descriptors; and on Windows a file that is still open cannot be removed or replaced.

## Reported
```python
import os
import tempfile

def scratch_name():
    path = tempfile.mkstemp()[1]  # TMP403
    try:
        with open(path, "w") as out:
            out.write("x")
    finally:
        os.remove(path)
```
A function that passes on only the path loses the descriptor just so:
```python
import tempfile

def scratch():
    _, path = tempfile.mkstemp()  # TMP403
    return path
```

## Not reported
A file object that takes it over closes it:
```python
import os
import tempfile

def write(data):
    handle, path = tempfile.mkstemp()
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
    finally:
        os.remove(path)
```

## Fix safety
No fix yet; the advice says what to write. Calling another function would leave the descriptor as open as before.
"""

from tempsafe_lint.flow.observations import Unmet
from tempsafe_lint.plans import Advice
from tempsafe_lint.rules.base import HIGH, LOW, MEDIUM, Context, Draft, Rule

RULE = Rule("TMP403", "leaked-fd", since="0.1", cwe=(775,), severity=MEDIUM)


@RULE.on(Unmet)
def check(seen: Unmet, ctx: Context) -> Draft | None:
    made = seen.resource
    if (
        made.kind != "fd"
        or "alias" in seen.touched
        or not seen.normal
        or not seen.always
        or seen.cleanup is not None
        or seen.keeper
    ):
        return None
    return RULE.draft(
        made.site,
        f"the descriptor that `{made.maker.lstrip('.')}` opens is never closed",
        confidence=LOW if seen.maybe else HIGH,
        related=((seen.witness.site if seen.witness else None, "still open here"),),
        plan=Advice("take both results and close the first: `fd, path = ...`, `os.close(fd)`"),
        unfixed="closing it needs a name for it and a place to do it",
        about=made.site,
    )
