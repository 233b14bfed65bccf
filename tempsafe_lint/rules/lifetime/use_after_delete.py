r"""
The path of a temporary file or directory is used after what it names was removed.

## Why it matters
The call fails, or finds what somebody else has put there since.

## Reported
```python
import subprocess
import tempfile

def convert(text):
    with tempfile.NamedTemporaryFile("w", suffix=".md") as page:
        page.write(text)
    subprocess.run(["pandoc", page.name], check=True)  # TMP302
```
A path below a directory goes with it:
```python
import os
import tempfile

def listing():
    with tempfile.TemporaryDirectory() as folder:
        report = os.path.join(folder, "report.txt")
        open(report, "w").close()
    return open(report).read()  # TMP302
```

A program that has only just been started:
```python
import subprocess
import tempfile

def show(page):
    with tempfile.NamedTemporaryFile("w", suffix=".html") as out:
        out.write(page)
        out.flush()
        subprocess.Popen(["firefox", out.name])  # TMP302
```

## Not reported
Showing that it is gone:
```python
import os
import tempfile

def demonstrate():
    with tempfile.TemporaryDirectory() as folder:
        pass
    assert not os.path.exists(folder)
    print("removed", folder)
```

## Fix safety
Unsafe: the use moves into the `with`, together with what stands before it, behind a flush of an object that may have
been written to. Whether it should move, or the file live longer, is not in the code.
"""

from tempsafe_lint.findings import Safety
from tempsafe_lint.flow.observations import UsedIn
from tempsafe_lint.plans import Advice, MoveIntoWith
from tempsafe_lint.rules.base import HIGH, Context, Draft, Rule

RULE = Rule("TMP302", "use-after-delete", since="0.1", cwe=(672,), severity=HIGH)


@RULE.on(UsedIn)
def check(seen: UsedIn, ctx: Context) -> Draft | None:
    if seen.state != "deleted" or seen.handle not in ("path", "inside") or not seen.sure:
        return None
    if seen.how == "outlives":
        return RULE.draft(
            seen.at.site,
            "a program is started on the path of a temporary that is removed at once: it may not have read it yet",
            related=((seen.resource.site, "made here"), (seen.ended, "removed here")),
            plan=Advice("wait for the program before the path is removed"),
            unfixed="when the program is done with it is not in the code",
            about=seen.at.site,
        )
    where = "its `with` block removed it" if seen.scope else "it was removed"
    plan: MoveIntoWith | Advice = Advice("move the use to where the path still exists")
    unfixed: str | None = "whether the use should move or the file should live longer is not in the code"
    if (found := seen.behind) is not None:
        flush = f"{found.name}.flush()" if seen.resource.kind == "object" and found.name else ""
        plan = MoveIntoWith(found.block, found.first, found.last, Safety.UNSAFE, "move the use into the `with`", flush)
        unfixed = None
    return RULE.draft(
        seen.at.site,
        f"the path of a temporary is used after {where}",
        related=((seen.resource.site, "made here"), (seen.ended, "removed here")),
        plan=plan,
        unfixed=unfixed,
        unfixed_at=seen.at.site,
        about=seen.at.site,
    )
