r"""
The path of a temporary file that is open, and that is removed when it is closed, is opened a second time.

## Why it matters
On Windows this fails with `PermissionError`: the file was opened so that it is removed with its last handle, and nobody
who does not agree to that may open it.

On by default only where the project says that it runs there: a classifier `Operating System :: Microsoft :: Windows` in
its `pyproject.toml`, `setup.cfg` or `setup.py`. Elsewhere, select it.

## Reported
```toml
select = ["TMP502"]
```
```python
import subprocess
import tempfile

def check(text):
    with tempfile.NamedTemporaryFile("w", suffix=".py") as script:
        script.write(text)
        script.flush()
        subprocess.run(["python", script.name], check=True)  # TMP502
```

```python fixed
import subprocess

import tempsafe

def check(text):
    with tempsafe.NamedTemporaryFile("w", suffix=".py") as script:
        script.write(text)
        script.flush()
        subprocess.run(["python", script.name], check=True)
```

## Not reported
Closed first, with a clean-up that does not hang on closing it:
```python
import os
import subprocess
import tempfile

def check(text):
    with tempfile.NamedTemporaryFile("w", suffix=".py", delete=False) as script:
        script.write(text)
    try:
        subprocess.run(["python", script.name], check=True)
    finally:
        os.unlink(script.name)
```

## Fix safety
Safe: `tempsafe.NamedTemporaryFile` takes the same arguments, and others may open its file while it is open, on Windows
too. In tests unsafe, where `tempfile` itself may be replaced. With the standard library alone there is no fix: from
Python 3.12 `delete_on_close=False` allows it once the object is closed; before that, the file has to be kept and
removed by name.
"""

from tempsafe_lint.findings import Safety
from tempsafe_lint.flow.observations import Handed
from tempsafe_lint.plans import Advice, FirstOf, ReplaceCallee
from tempsafe_lint.rules.base import HIGH, LOW, MEDIUM, Context, Draft, Rule

RULE = Rule("TMP502", "windows-reopen", since="0.1", cwe=(758,), severity=LOW, by_default=False, on_windows=True)


@RULE.on(Handed)
def check(seen: Handed, ctx: Context) -> Draft | None:
    if not seen.reopened:
        return None
    if ctx.target_version >= (3, 12):
        advice = "make it with `delete_on_close=False` and close it before"
    else:
        advice = "make it with `delete=False`, close it before, and remove it by name in a `finally`"
    made = seen.resource
    plan: FirstOf | Advice = Advice(advice)
    if made.instead is not None and made.callee is not None:
        safety = Safety.UNSAFE if ctx.test else Safety.SAFE
        title = f"use `{made.instead}`: its file can be opened while it is open"
        plan = FirstOf((ReplaceCallee(made.callee, made.instead, safety, title, made.site), Advice(advice)))
    unfixed = "which way is right depends on the versions that the project supports"
    return RULE.draft(
        seen.at.site,
        "a temporary file that is removed when it is closed is opened again by its path while it is open",
        confidence=HIGH if seen.how != "unknown" else MEDIUM,
        related=((made.site, "opened here"),),
        plan=plan,
        unfixed=unfixed,
        unfixed_at=made.site,
        about=seen.at.site,
    )
