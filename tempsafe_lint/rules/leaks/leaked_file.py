r"""
A temporary file is made on disk, and nobody ever removes it.

## Why it matters
It stays when the process is gone: disks fill up, and what was in it can be read later.

## Reported
```python
import subprocess
import tempfile

def check(text):
    scratch = tempfile.NamedTemporaryFile("w", delete=False)  # TMP401
    with scratch:
        scratch.write(text)
    subprocess.run(["lint", scratch.name], check=True)
```
```python fixed
import subprocess

import tempsafe

def check(text):
    scratch = tempsafe.NamedTemporaryFile("w", delete="exit")
    with scratch:
        scratch.write(text)
    subprocess.run(["lint", scratch.name], check=True)
```

## Not reported
The caller gets it:
```python
import tempfile

def scratch():
    handle, path = tempfile.mkstemp()
    return handle, path
```
Somebody else owns the directory it is in:
```python
import os
import tempfile

def part(folder):
    handle, path = tempfile.mkstemp(dir=folder)
    os.close(handle)
```

## Fix safety
Safe where the path stays in the function: same name, place, mode and content, and the file is gone at the latest
with the process. Unsafe where other functions only borrow the path, as far as can be seen. Not offered where it
leaves the function: somebody may still want the file then.
"""

from tempsafe_lint.flow.observations import Unmet
from tempsafe_lint.rules.base import MEDIUM, Context, Draft, Rule
from tempsafe_lint.rules.leaks import forgotten

RULE = Rule("TMP401", "leaked-file", since="0.1", cwe=(459,), severity=MEDIUM, beats=("TMP404", "TMP406"))


@RULE.on(Unmet)
def check(seen: Unmet, ctx: Context) -> Draft | None:
    return forgotten(RULE, seen, "file", "never removed") if seen.resource.kind == "file" else None
