r"""
A temporary is removed, but an exception or an early way out skips the removal.

## Why it matters
The happy path is clean, so nobody notices; every failure leaves a file or a directory behind, often with the data that
made it fail.

## Reported
```python
import shutil
import subprocess
import tempfile

def build(command):
    work = tempfile.mkdtemp()  # TMP404
    subprocess.run(command, cwd=work, check=True)
    shutil.rmtree(work)
```
```python fixed
import subprocess

import tempsafe

def build(command):
    with tempsafe.TemporaryDirectory() as work:
        subprocess.run(command, cwd=work, check=True)
```
An early return is such a way out:
```python
import os
import tempfile

def lines(data):
    handle, path = tempfile.mkstemp()  # TMP404
    os.close(handle)
    if not data:
        return 0
    os.remove(path)
    return len(data)
```

## Not reported
Removal in a `finally` right behind the creation:
```python
import shutil
import subprocess
import tempfile

def build(command):
    work = tempfile.mkdtemp()
    try:
        subprocess.run(command, cwd=work, check=True)
    finally:
        shutil.rmtree(work)
```

## Fix safety
Where it is made and removed in the same block of statements, what is between goes into a `with` or a `try`, and the
removal into its `finally`; a failure then leaves nothing behind. Elsewhere the call goes to the runtime, which removes
at the end of the process what the function left. Safe where the path provably stays in the function and nothing else in
it can see that it is gone earlier; unsafe where others only borrow the path. Not offered where it leaves.
"""

from tempsafe_lint.flow.observations import Unmet
from tempsafe_lint.rules.base import HIGH, LOW, MEDIUM, Context, Draft, Rule
from tempsafe_lint.rules.leaks import ended

RULE = Rule("TMP404", "unsafe-cleanup", since="0.1", cwe=(459,), severity=MEDIUM, in_tests=False, beats=("TMP406",))


@RULE.on(Unmet)
def check(seen: Unmet, ctx: Context) -> Draft | None:
    made, witness = seen.resource, seen.witness
    if made.kind not in ("file", "dir") or made.owned or (seen.keeper and seen.cleanup is None):
        return None
    thing = "file" if made.kind == "file" else "directory"
    if seen.cleanup is not None:
        how = "a way out skips it" if seen.normal or seen.explicit else "an exception skips it"
        message = f"the {thing} that `{made.maker.lstrip('.')}` makes is removed, but {how}"
    elif "takes" in seen.touched and not seen.normal:
        message = f"the {thing} that `{made.maker.lstrip('.')}` makes is moved to its place, but stays where that fails"
    elif seen.normal and not seen.always and seen.moved:
        message = f"the {thing} that `{made.maker.lstrip('.')}` makes is handed on, but a way out leaves it behind"
    else:
        return None
    before = f"`{witness.what}` may raise before that" if witness and witness.what else "this way out skips it"
    plan, unfixed, unfixed_at = ended(seen)
    return RULE.draft(
        made.site,
        message,
        confidence=LOW if seen.shown and not seen.explicit else HIGH if seen.explicit else MEDIUM,
        related=(
            (seen.cleanup.site if seen.cleanup else None, "removed here"),
            (witness.site if witness else None, before),
        ),
        plan=plan,
        unfixed=unfixed,
        unfixed_at=unfixed_at,
        about=made.site,
    )
