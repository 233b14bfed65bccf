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
```python fixed
import os
import tempfile

def scratch_name():
    fd, path = tempfile.mkstemp()
    os.close(fd)
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
```python fixed
import os
import tempfile

def scratch():
    fd, path = tempfile.mkstemp()
    os.close(fd)
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
Safe where nothing ever mentions the descriptor: it is given a name, if it has none, and closed at once. Unsafe where it
is used: it is closed behind the last statement that mentions it. Not offered where the pair is part of a larger
expression, or where others can use the descriptor.
"""

from tempsafe_lint.findings import Safety
from tempsafe_lint.flow.observations import Lost, Unmet
from tempsafe_lint.plans import Advice, CloseLost
from tempsafe_lint.rules.base import HIGH, LOW, MEDIUM, Context, Draft, Rule
from tempsafe_lint.source import Site

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
        or not (made.told or seen.apart)
    ):
        return None
    found = seen.lost
    plan: CloseLost | Advice = Advice("take both results and close the first: `fd, path = ...`, `os.close(fd)`")
    unfixed: str | None = "it is made by a helper"
    unfixed_at: Site | None = made.site
    if isinstance(found, Lost):
        safety = Safety.SAFE if found.unused else Safety.UNSAFE
        title = f"close it: `{found.closer}`"
        plan = CloseLost(found.statement, found.call, found.name, found.closer, found.after, safety, title)
        unfixed = unfixed_at = None
    elif found is not None:
        unfixed, unfixed_at = found.what, found.site
    return RULE.draft(
        made.site,
        f"the descriptor that `{made.maker.lstrip('.')}` opens is never closed",
        confidence=LOW if seen.maybe or not made.told else HIGH,
        related=((seen.witness.site if seen.witness else None, "still open here"),),
        plan=plan,
        unfixed=unfixed,
        unfixed_at=unfixed_at,
        about=made.site,
    )
