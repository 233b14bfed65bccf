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
No fix is applied: whether the path is private to one run or a meeting place of several is not in the code. The advice
names both: a private temporary directory, or `tempsafe.user_path` for a path that stays the same for one user.
"""

from tempsafe_lint.flow.observations import PathSink
from tempsafe_lint.plans import Advice
from tempsafe_lint.rules.base import HIGH, MEDIUM, Context, Draft, Rule
from tempsafe_lint.rules.names import SEVERE, VERBS, shown

RULE = Rule("TMP102", "predictable-name", since="0.1", cwe=(377, 340), severity=HIGH, in_tests=False)


@RULE.on(PathSink)
def check(seen: PathSink, ctx: Context) -> Draft | None:
    guessable = seen.tail == "guessable" or (seen.tail in ("fixed", "partly") and not seen.literal)
    if not guessable or seen.sink not in VERBS or any(shown(seen).startswith(path) for path in ctx.allowed_paths):
        return None
    return RULE.draft(
        seen.text.site,
        f"a name that can be guessed in {seen.shared} is {VERBS[seen.sink]}",
        severity=HIGH if seen.sink in SEVERE else MEDIUM,
        confidence=HIGH if seen.sure and seen.tail != "partly" else MEDIUM,
        related=((seen.at.site, f"{VERBS[seen.sink]} here"),),
        plan=Advice("use a private temporary directory, or `tempsafe.user_path` if several runs must meet"),
        unfixed="whether several runs must meet at this path is not in the code",
        about=seen.text.site,
    )
