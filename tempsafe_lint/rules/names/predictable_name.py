r"""
A fixed or guessable name in the shared temporary directory is made, written, opened, bound or loaded.

## Why it matters
Whoever can guess the name can be there first. A process number, a user's name, a counter, the time and `random` are all
guessable; a directory that is made with `exist_ok=True` may be somebody else's.

## Reported
```python
import os
import tempfile

def cache():
    folder = os.path.join(tempfile.gettempdir(), "app-cache")  # TMP102
    os.makedirs(folder, exist_ok=True)
```
A number that can be guessed does not help:
```python
import os
import random
import tempfile

def scratch(data):
    path = f"{tempfile.gettempdir()}/app-{random.randint(0, 999999)}"  # TMP102
    with open(path, "wb") as out:
        out.write(data)
```
A path that leaves before anything is done with it will be made or opened elsewhere (medium confidence; a bare literal
that only leaves is not reported):
```python
import os
import tempfile

def cache_dir():
    return os.environ.get("APP_CACHE") or os.path.join(tempfile.gettempdir(), "app-cache")  # TMP102
```

## Not reported
A name nobody can guess, made exclusively:
```python
import os
import secrets
import tempfile

def scratch():
    path = os.path.join(tempfile.gettempdir(), secrets.token_hex(16))
    return os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
```
A directory whose owner is looked for, without following links:
```python
import os
import tempfile

def mine():
    folder = os.path.join(tempfile.gettempdir(), f"app-{os.getuid()}")
    os.makedirs(folder, mode=0o700, exist_ok=True)
    if os.lstat(folder).st_uid != os.getuid():
        raise OSError(f"{folder} is somebody else's")
    return folder
```
Something below a private directory:
```python
import os
import tempfile

def scratch(data):
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "data"), "wb") as out:
            out.write(data)
```

## Fix safety
Unsafe: `tempsafe.user_path` gives a path of the same name that only this user can reach, and verifies it. Runs of other
users no longer meet there, and every other program that knows the path has to be told. Offered where the directory and
the name below it stand in one expression. A plain path in `/tmp` that the same function makes
and removes gets a fresh one from `tempsafe.mktemp` instead. For other paths of one run alone a private temporary
directory is better: which of the two is meant is not in the code.
"""

from tempsafe_lint.flow.observations import PathSink
from tempsafe_lint.plans import Advice
from tempsafe_lint.rules.base import HIGH, LOW, MEDIUM, Context, Draft, Rule
from tempsafe_lint.rules.names import LEFT, MADE, SEVERE, UNFIXED, VERBS, private, shown

RULE = Rule("TMP102", "predictable-name", since="0.1", cwe=(377, 340), severity=HIGH, in_tests=False, beats=("TMP203",))


@RULE.on(PathSink)
def check(seen: PathSink, ctx: Context) -> Draft | None:
    guessable = (
        seen.tail == "guessable"
        or (seen.tail == "chosen" and seen.sink in MADE)
        or (seen.tail in ("fixed", "partly") and not seen.literal)
    )
    done = VERBS.get(seen.sink) or LEFT.get(seen.sink)
    if not guessable or done is None or any(shown(seen.text).startswith(path) for path in ctx.allowed_paths):
        return None
    plan = private(seen, ctx)
    partly = seen.tail in ("partly", "chosen")
    if seen.sink in LEFT:
        confidence = LOW if partly else MEDIUM
    else:
        confidence = HIGH if seen.sure and not partly else MEDIUM
    return RULE.draft(
        seen.text.site,
        f"a name that can be guessed in {seen.shared} is {done}",
        severity=HIGH if seen.sink in SEVERE else MEDIUM,
        confidence=confidence,
        related=((seen.at.site, f"{done} here"),),
        plan=plan,
        unfixed=UNFIXED if isinstance(plan, Advice) else None,
        unfixed_at=seen.at.site,
        about=seen.text.site,
    )
