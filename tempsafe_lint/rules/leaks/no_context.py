r"""
A temporary file or directory object is made, and nobody closes it.

## Why it matters
It goes when the garbage collector comes by: at once in one interpreter, much later in another, with a `ResourceWarning`
in both. Until then the descriptor, the disk space and what was written stay.

## Reported
```python
import tempfile

def total(numbers):
    scratch = tempfile.TemporaryFile("w+")  # TMP406
    for number in numbers:
        scratch.write(f"{number}\n")
    scratch.seek(0)
    return sum(int(line) for line in scratch)
```
A way out that leaves it open:
```python
import tempfile

def first(data):
    scratch = tempfile.NamedTemporaryFile()  # TMP406
    if not data:
        return None
    scratch.write(data)
    scratch.close()
    return len(data)
```

## Not reported
Entered, at once or later:
```python
import tempfile

def total(numbers):
    scratch = tempfile.TemporaryFile("w+")
    with scratch:
        scratch.writelines(f"{number}\n" for number in numbers)
```
Given to the caller, or to an object that closes it:
```python
import tempfile

def spool(data):
    scratch = tempfile.SpooledTemporaryFile()
    scratch.write(data)
    return scratch
```

## Fix safety
Unsafe: a `with` takes in the statements from the creation to the last one that may want the object; who keeps it beyond
that finds it closed. Not offered where it is used outside the block that makes it, or where others have it.
"""

from tempsafe_lint.findings import Safety
from tempsafe_lint.flow.observations import Held, Place, Unmet
from tempsafe_lint.plans import Advice, EnterWith
from tempsafe_lint.rules.base import HIGH, LOW, MEDIUM, Context, Draft, Rule
from tempsafe_lint.source import Site

RULE = Rule("TMP406", "no-context", since="0.1", cwe=(404,), severity=LOW, in_tests=False)


@RULE.on(Unmet)
def check(seen: Unmet, ctx: Context) -> Draft | None:
    made = seen.resource
    if made.kind not in ("dirobject", "object"):
        return None
    unsure = seen.maybe or made.claimed
    ends = "cleans up" if made.kind == "dirobject" else "closes"
    if seen.cleanup is None:
        if not (seen.normal and seen.always):
            return None
        what, confidence = f"nobody {ends}", LOW if unsure or seen.moved or seen.keeper else HIGH
    else:
        explicit = seen.normal or seen.explicit
        what, confidence = f"not every way out {ends}", LOW if unsure or not explicit else MEDIUM
    found = seen.held
    plan: EnterWith | Advice = Advice("make it in a `with` that takes in its uses")
    unfixed: str | None = "a `with` has to take in every use of the object"
    unfixed_at: Site | None = made.site
    if isinstance(found, Held) and not (seen.moved or seen.keeper or seen.left):
        title = f"put its uses into a `with {found.name}`: closed behind the last one"
        plan, unfixed, unfixed_at = EnterWith(found.first, found.last, found.name, Safety.UNSAFE, title), None, None
    elif isinstance(found, Place):
        unfixed, unfixed_at = found.what, found.site
    elif seen.left is not None:
        unfixed, unfixed_at = "others have it from here on", seen.left
    return RULE.draft(
        made.site,
        f"`{made.maker.lstrip('.')}` gives an object that {what}",
        confidence=confidence,
        related=((seen.cleanup.site if seen.cleanup else None, "only here"), (seen.left, "it goes here")),
        plan=plan,
        unfixed=unfixed,
        unfixed_at=unfixed_at,
        about=made.site,
    )
