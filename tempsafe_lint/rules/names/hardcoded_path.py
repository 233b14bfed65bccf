r"""
A fixed path in a directory that everybody can write to is made, written, opened, bound or loaded.

## Why it matters
Another user can be there first: with a file that is theirs to read, or a symbolic link that leads the program
elsewhere. Two runs of the program meet in the same file.

## Reported
```python
import json

def remember(state):
    with open("/tmp/app-state.json", "w") as out:  # TMP101
        json.dump(state, out)
```
The path may take a way through variables and constants; the finding stands where it is written down:
```python
from pathlib import Path

CACHE = Path("/var/tmp/app-cache")  # TMP101

def prepare():
    CACHE.mkdir(exist_ok=True)
```

## Not reported
A text that never becomes a file of this machine:
```python
def usage():
    print("the log is in /tmp/app.log on the server")
```
The directory of something that makes its own name:
```python
import tempfile

def scratch():
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        return len(folder)
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
from tempsafe_lint.rules.names import SEVERE, UNFIXED, VERBS, private, shown

RULE = Rule("TMP101", "hardcoded-path", since="0.1", cwe=(377, 379), severity=HIGH, in_tests=False)


@RULE.on(PathSink)
def check(seen: PathSink, ctx: Context) -> Draft | None:
    done = VERBS.get(seen.sink) or ("handed on to be written" if seen.sink == "given" else None)
    if not seen.literal or done is None or seen.tail not in ("fixed", "partly", "unknown"):
        return None
    path = shown(seen.text)
    plan = private(seen, ctx)
    if any(path == allowed or path.startswith(allowed.rstrip("/") + "/") for allowed in ctx.allowed_paths):
        return None
    sure = seen.sure and seen.tail == "fixed" and seen.sink in VERBS
    confidence = LOW if seen.tail == "unknown" else HIGH if sure else MEDIUM
    return RULE.draft(
        seen.text.site,
        f"`{path}` lies in `{seen.shared}`, where anybody can be first, and is {done}",
        severity=HIGH if seen.sink in SEVERE else MEDIUM,
        confidence=confidence,
        related=((seen.at.site, f"{done} here"),),
        plan=plan,
        unfixed=UNFIXED if isinstance(plan, Advice) else None,
        unfixed_at=seen.at.site,
        about=seen.text.site,
    )
