r"""
Data is written to a temporary file object, and its path goes to another reader before the data is in the file.

## Why it matters
What was written is still in the object's buffer. The reader finds an empty or a cut-off file: with little data always,
with more of it sometimes.

## Reported
```python
import subprocess
import tempfile

def check(text):
    with tempfile.NamedTemporaryFile("w", suffix=".py") as script:
        script.write(text)
        subprocess.run(["python", script.name], check=True)  # TMP503
```
```python fixed
import subprocess
import tempfile

def check(text):
    with tempfile.NamedTemporaryFile("w", suffix=".py") as script:
        script.write(text)
        script.flush()
        subprocess.run(["python", script.name], check=True)
```

## Not reported
Flushed, closed or rewound first:
```python
import os
import subprocess
import tempfile

def check(text):
    with tempfile.NamedTemporaryFile("w", suffix=".py") as script:
        script.write(text)
        script.seek(0)
        subprocess.run(["python", script.name], check=True)

def kept(text):
    with tempfile.NamedTemporaryFile("w", delete=False) as script:
        script.write(text)
    try:
        subprocess.run(["python", script.name], check=True)
    finally:
        os.unlink(script.name)
```

## Fix safety
Safe: the object is flushed just before the hand-over. Not offered where the hand-over is part of a larger statement or
where the object has no name of its own.
"""

from tempsafe_lint.findings import Safety
from tempsafe_lint.flow.observations import Handed
from tempsafe_lint.plans import Advice, InsertBefore
from tempsafe_lint.rules.base import HIGH, LOW, MEDIUM, Context, Draft, Rule

RULE = Rule("TMP503", "unflushed-handoff", since="0.1", cwe=(362,), severity=HIGH)


@RULE.on(Handed)
def check(seen: Handed, ctx: Context) -> Draft | None:
    if not seen.dirty or (seen.flushed and not seen.sure):
        return None
    plan: InsertBefore | Advice = Advice("flush the object first")
    unfixed: str | None = "the hand-over has no statement of its own"
    if seen.holder and seen.statement is not None:
        text = f"{seen.holder}.flush()"
        plan, unfixed = InsertBefore(seen.statement, text, Safety.SAFE, f"call `{text}` first"), None
    confidence = HIGH if seen.sure else MEDIUM
    if seen.how == "unknown":
        # A constructor, or a callee before an object that is flushed later on, may only remember the path.
        keeps = seen.flushed or seen.at.what.rpartition(".")[2][:1].isupper()
        confidence = LOW if keeps else MEDIUM
    return RULE.draft(
        seen.at.site,
        "the path of a temporary file is handed on while what was written is still in the object's buffer",
        confidence=confidence,
        related=((seen.resource.site, "made here"),),
        plan=plan,
        unfixed=unfixed,
        unfixed_at=seen.at.site,
        about=seen.at.site,
    )
