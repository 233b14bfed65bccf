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
Unsafe: `tempsafe.user_path` gives a path of the same name that only this user can reach, and verifies it. Runs of other
users no longer meet there, and every other program that knows the path has to be told. Offered where the directory and
the name below it stand in one expression. For a path of one run alone a private temporary directory is better: which of
the two is meant is not in the code.
"""

from tempsafe_lint.flow.observations import Checked
from tempsafe_lint.plans import Advice
from tempsafe_lint.rules.base import LOW, MEDIUM, Context, Draft, Rule
from tempsafe_lint.rules.names import UNFIXED, meeting

RULE = Rule("TMP203", "check-then-create", since="0.1", cwe=(367,), severity=MEDIUM)


@RULE.on(Checked)
def check(seen: Checked, ctx: Context) -> Draft | None:
    path = "".join(part if isinstance(part, str) else "…" for part in seen.text.parts)
    if any(path == allowed or path.startswith(allowed.rstrip("/") + "/") for allowed in ctx.allowed_paths):
        return None
    plan = meeting(seen.text, ctx)
    return RULE.draft(
        seen.at.site,
        "a path in a shared temporary directory is made after it was looked for: anybody may be faster",
        confidence=LOW if ctx.test else MEDIUM,
        related=((seen.text.site, "the path"),),
        plan=plan,
        unfixed=UNFIXED if isinstance(plan, Advice) else None,
        unfixed_at=seen.text.site,
        about=seen.text.site,
    )
