r"""
A temporary in the default temporary directory is renamed to somewhere else.

## Why it matters
A rename works within one file system only. Where `/tmp` is one of its own, as on most servers and in containers, it
fails with `EXDEV`; and where it is not, the temporary was not beside its target, as an atomic replacement wants.

## Reported
```python
import os
import tempfile

def save(target, data):
    handle, path = tempfile.mkstemp()
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
        os.replace(path, target)  # TMP504
    except BaseException:
        os.unlink(path)
        raise
```

## Not reported
Made beside its target, or moved by a call that copies if it has to:
```python
import os
import shutil
import tempfile

def save(target, data):
    handle, path = tempfile.mkstemp(dir=os.path.dirname(target))
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
        os.chmod(path, 0o644)
        os.replace(path, target)
    except BaseException:
        os.unlink(path)
        raise

def move(target, data):
    handle, path = tempfile.mkstemp()
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
        shutil.move(path, target)
    except BaseException:
        os.unlink(path)
        raise
```

## Fix safety
Unsafe, where one `with` writes it and the next statement renames it, alone or in a `try` that only undoes it:
`tempsafe.open_atomic` writes beside the target and replaces it at the end of the block, with mode 0600 as now. Not
offered where the path or the descriptor is mentioned elsewhere: the temporary belongs into the target's directory,
which is not always known where it is made.
"""

from tempsafe_lint.flow.observations import Renamed
from tempsafe_lint.plans import Advice
from tempsafe_lint.rules.base import LOW, MEDIUM, Context, Draft, Rule, atomic

RULE = Rule("TMP504", "cross-device-replace", since="0.1", cwe=(755,), severity=MEDIUM)


@RULE.on(Renamed)
def check(seen: Renamed, ctx: Context) -> Draft | None:
    if seen.resource.placed:
        return None
    plans = atomic(seen.published, keep=True)
    return RULE.draft(
        seen.at.site,
        f"`{seen.at.what}` moves a temporary out of the default temporary directory: it fails across file systems",
        confidence=LOW if ctx.test or seen.survives else MEDIUM,
        related=((seen.resource.site, "made here, in no particular directory"),),
        plan=plans[0] if plans else Advice("make it in the target's directory, or use `shutil.move`"),
        unfixed=None if plans else "the target's directory is not always known where it is made",
        unfixed_at=seen.resource.site,
        about=seen.at.site,
    )
