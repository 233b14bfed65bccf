r"""
A temporary directory is made, and nobody ever removes it.

## Why it matters
It stays when the process is gone, with everything in it.

## Reported
```python
import subprocess
import tempfile

def build(command):
    work = tempfile.mkdtemp()  # TMP402
    subprocess.run(command, cwd=work, check=True)
```
```python fixed
import subprocess

import tempsafe

def build(command):
    work = tempsafe.mkdtemp()
    subprocess.run(command, cwd=work, check=True)
```
A path below it is all that anybody gets:
```python
import os
import tempfile

def fetched(fetch):
    folder = tempfile.mkdtemp()  # TMP402
    target = os.path.join(folder, "page.html")
    fetch(target)
    return target
```

## Not reported
The caller gets it:
```python
import tempfile

def workdir():
    return tempfile.mkdtemp()
```
Its removal is registered:
```python
import atexit
import shutil
import tempfile

cache = tempfile.mkdtemp()
atexit.register(shutil.rmtree, cache)
```

## Fix safety
Safe where the path stays in the function: same path, place and mode, and the directory is gone at the latest with the
process. Unsafe where other functions only borrow the path, as far as can be seen. Not offered where it leaves the
function.
"""

from tempsafe_lint.flow.observations import Unmet
from tempsafe_lint.rules.base import MEDIUM, Context, Draft, Rule
from tempsafe_lint.rules.leaks import forgotten

RULE = Rule("TMP402", "leaked-dir", since="0.1", cwe=(459,), severity=MEDIUM, beats=("TMP404",))


@RULE.on(Unmet)
def check(seen: Unmet, ctx: Context) -> Draft | None:
    return forgotten(RULE, seen, "directory", "never removed") if seen.resource.kind == "dir" else None
