r"""
A path in a shared temporary directory is looked for first, and made if it is not there.

## Why it matters
Between the question and the creation anybody may put something there, a symbolic link for example; and what was there
before the question is taken for the program's own.

## Reported
```python
import os

CACHE = "/tmp/app-cache"  # TMP101

def cache():
    if not os.path.exists(CACHE):
        os.makedirs(CACHE)  # TMP203
    return CACHE
```

## Not reported
In a directory of one's own:
```python
import os

def cache(home):
    path = os.path.join(home, "cache")
    if not os.path.exists(path):
        os.makedirs(path)
    return path
```

## Fix safety
No fix yet: where the runs of the program should meet is not in the code.
"""

from tempsafe_lint.flow.observations import Checked
from tempsafe_lint.plans import Advice
from tempsafe_lint.rules.base import LOW, MEDIUM, Context, Draft, Rule

RULE = Rule("TMP203", "check-then-create", since="0.1", cwe=(367,), severity=MEDIUM)


@RULE.on(Checked)
def check(seen: Checked, ctx: Context) -> Draft | None:
    path = "".join(part if isinstance(part, str) else "…" for part in seen.text.parts)
    if any(path == allowed or path.startswith(allowed.rstrip("/") + "/") for allowed in ctx.allowed_paths):
        return None
    return RULE.draft(
        seen.at.site,
        "a path in a shared temporary directory is made after it was looked for: anybody may be faster",
        confidence=LOW if ctx.test else MEDIUM,
        related=((seen.text.site, "the path"),),
        plan=Advice("create it exclusively in a private directory, or use `tempsafe.user_path`"),
        unfixed="where the runs of the program should meet is not in the code",
        about=seen.at.site,
    )
