r"""
The path or the handle of a temporary leaves the scope that removes it.

## Why it matters
Whoever gets it finds nothing there, or what somebody else has put there since.

## Reported
```python
import tempfile

def render(page):
    with tempfile.NamedTemporaryFile("w", suffix=".html") as out:
        out.write(page)
        return out.name  # TMP304
```
An object that only this function holds goes when the function ends:
```python
import tempfile

def workspace():
    folder = tempfile.TemporaryDirectory()
    return folder.name  # TMP304
```

## Not reported
A value that was computed from it:
```python
import os
import tempfile

def names(unpack):
    with tempfile.TemporaryDirectory() as folder:
        unpack(folder)
        return os.listdir(folder)
```
The caller gets the object too:
```python
import tempfile

def workspace():
    folder = tempfile.TemporaryDirectory()
    return folder, folder.name
```

## Fix safety
No fix yet: who is to remove it then is not in the code.
"""

from tempsafe_lint.flow.observations import LeftScope
from tempsafe_lint.plans import Advice
from tempsafe_lint.rules.base import HIGH, LOW, MEDIUM, Context, Draft, Rule

RULE = Rule("TMP304", "escaping-temp", since="0.1", cwe=(672,), severity=HIGH, beats=("TMP406",))


@RULE.on(LeftScope)
def check(seen: LeftScope, ctx: Context) -> Draft | None:
    sure = seen.scope and not seen.resource.maker.startswith(".")
    when = "its `with` block ends" if seen.scope else "the function ends: nobody else holds the object"
    return RULE.draft(
        seen.at.site,
        f"a temporary is {seen.how} here, but it is removed when {when}",
        confidence=LOW if seen.looked_at else HIGH if sure else MEDIUM,
        related=((seen.resource.site, "made here"),),
        plan=Advice("give the caller the object, or something that nobody removes early"),
        unfixed="who is to remove it then is not in the code",
        unfixed_at=seen.at.site,
        about=seen.resource.site,
    )
