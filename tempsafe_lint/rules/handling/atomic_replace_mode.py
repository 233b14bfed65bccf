r"""
A file from `mkstemp()` replaces a file that others read, and takes its mode 0600 with it.

## Why it matters
The first save locks everybody else out: the web server, the group, the next user. Nothing fails where it happens.

## Reported
```python
import os
import tempfile

def bump(target):
    with open(target) as old:
        number = int(old.read())
    handle, path = tempfile.mkstemp(dir=os.path.dirname(target))
    try:
        with os.fdopen(handle, "w") as new:
            new.write(str(number + 1))
        os.replace(path, target)  # TMP505
    except BaseException:
        os.unlink(path)
        raise
```

## Not reported
The mode is carried over, or set:
```python
import os
import shutil
import tempfile

def bump(target):
    with open(target) as old:
        number = int(old.read())
    handle, path = tempfile.mkstemp(dir=os.path.dirname(target))
    try:
        with os.fdopen(handle, "w") as new:
            new.write(str(number + 1))
        shutil.copymode(target, path)
        os.replace(path, target)
    except BaseException:
        os.unlink(path)
        raise
```

## Fix safety
Unsafe, where one `with` writes it and the next statement renames it, alone or in a `try` that only undoes it:
`tempsafe.open_atomic` keeps the mode of the file that it replaces, and gives a new one that of `open`. Whether others
are to read the file is not in the code. Not offered where the path or the descriptor is mentioned elsewhere.
"""

from tempsafe_lint.flow.observations import Renamed
from tempsafe_lint.plans import Advice
from tempsafe_lint.rules.base import LOW, MEDIUM, Context, Draft, Rule, atomic

RULE = Rule("TMP505", "atomic-replace-mode", since="0.1", cwe=(281,), severity=LOW)


@RULE.on(Renamed)
def check(seen: Renamed, ctx: Context) -> Draft | None:
    if not seen.resource.placed or seen.resource.kind != "file" or "mode" in seen.touched:
        return None
    # Only where the function reads the target is it plain that the file was there before, with a mode of its own.
    sure = seen.read and not ctx.test and "unknown" not in seen.touched
    plans = atomic(seen.published, keep=False)
    return RULE.draft(
        seen.at.site,
        f"`{seen.at.what}` puts a file with mode 0600 in place of one that may have had another",
        confidence=MEDIUM if sure else LOW,
        related=((seen.resource.site, "made with mode 0600 here"),),
        plan=plans[0] if plans else Advice("carry the mode over first: `shutil.copymode(target, path)`"),
        unfixed=None if plans else "whether others are to read the file is not in the code",
        unfixed_at=seen.at.site,
        about=seen.at.site,
    )
