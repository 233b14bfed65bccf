r"""
A temporary is made securely, removed, and then its name is made again.

## Why it matters
The name was safe only as long as the thing was there. Once it is gone, anybody who can write to the shared temporary
directory may take it; what the program makes or opens next may be theirs.

## Reported
```python
import os
import tempfile

def socket_path(server):
    handle, path = tempfile.mkstemp()
    os.close(handle)
    os.unlink(path)
    server.bind(path)  # TMP202
    return len(path)
```
A deleting file object does so when it is closed:
```python
import tempfile

def report(text):
    with tempfile.NamedTemporaryFile() as scratch:
        path = scratch.name
    with open(path, "w") as out:  # TMP202
        out.write(text)
```

## Not reported
A name below a directory of one's own:
```python
import os
import shutil
import tempfile

def build(work):
    with tempfile.TemporaryDirectory() as folder:
        inner = os.path.join(folder, "x")
        os.mkdir(inner)
        work(inner)
        shutil.rmtree(inner)
        os.mkdir(inner)
        work(inner)
```

## Fix safety
No fix yet: the thing should not be removed at all, or a name below a directory of one's own should take its place.
"""

from tempsafe_lint.flow.observations import Recreated
from tempsafe_lint.plans import Advice
from tempsafe_lint.rules.base import HIGH, LOW, MEDIUM, Context, Draft, Rule

RULE = Rule("TMP202", "name-reuse", since="0.1", cwe=(367,), severity=HIGH, beats=("TMP401", "TMP402", "TMP404"))


@RULE.on(Recreated)
def check(seen: Recreated, ctx: Context) -> Draft | None:
    if seen.ended is None:
        return None
    away = seen.resource.owned or seen.resource.beside
    return RULE.draft(
        seen.at.site,
        "the name of a temporary that was removed is made again: anybody may have taken it in between",
        confidence=LOW if away else MEDIUM if ctx.test or seen.exclusive else HIGH,
        related=((seen.resource.site, "made here"), (seen.ended, "removed here")),
        plan=Advice("take a name below a directory that `tempfile.mkdtemp()` makes"),
        unfixed="what should stay, and what the name is for, is not in the code",
        unfixed_at=seen.ended,
        about=seen.resource.site,
    )
