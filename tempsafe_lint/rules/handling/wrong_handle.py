r"""
A temporary is used through the wrong handle: the number, the pair or the text where another of them is wanted.

## Why it matters
`mkstemp()` gives a number and a path, `TemporaryFile()` an object without a path, `with TemporaryDirectory()` plain
text. Mixed up, the call raises the first time it runs: mostly on a way that no test has taken.

## Reported
```python
import tempfile

def store(data):
    path = tempfile.mkstemp()
    with open(path, "w") as out:  # TMP507
        out.write(data)
```
```python
import os
import tempfile

def log(line):
    handle, path = tempfile.mkstemp()
    try:
        handle.write(line)  # TMP507
    finally:
        os.close(handle)
        os.remove(path)
```
```python
import os
import tempfile

def report():
    with tempfile.TemporaryDirectory() as folder:
        return os.listdir(folder.name)  # TMP507
```

## Not reported
```python
import os
import tempfile
from pathlib import Path

def store(data):
    handle, path = tempfile.mkstemp()
    with os.fdopen(handle, "wb") as out:
        out.write(data)
    return path

def report():
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        return folder.name, sorted(folder.iterdir())
```

## Fix safety
No fix yet: which handle is meant is mostly plain to a reader, but not written down.
"""

from tempsafe_lint.flow.observations import WrongHandle
from tempsafe_lint.plans import Advice
from tempsafe_lint.rules.base import HIGH, Context, Draft, Rule

RULE = Rule(
    "TMP507",
    "wrong-handle",
    since="0.1",
    cwe=(704,),
    severity=HIGH,
    beats=("TMP401", "TMP402", "TMP403", "TMP404"),
)
#: What is wrong, and what to write.
_TEXTS = {
    "tuple": ("`{0}` is given the pair of descriptor and path", "take the two apart: `fd, path = ...`"),
    "no-path": ("`{0}` is given the `name` of an object that has no path", "make an object that has a name"),
    "number-method": ("a descriptor is a number: it has no `{0}`", "make a file object of it first"),
    "text-method": ("the path is plain text: it has no `{0}`", "make a path object of it first"),
    "text-attribute": ("the path is plain text: it has no `{0}`", "use the text itself"),
    "text-divided": ("the path is plain text: `{0}` does not join it", "make a path object of it first"),
    "path-as-number": ("`{0}` wants the descriptor, not the path", "give it the first result of the pair"),
    "object-as-number": ("`{0}` wants the descriptor, not the file object", "give it the number, or call the object"),
    "read-only": ("the file was opened for reading (mode `{0}`)", "open it for writing"),
    "mode-as-suffix": ("`{0}` is taken as the name's suffix, not as a mode", "leave it out"),
    "context": ("the {0} is no context manager", "make a file object of the descriptor"),
}
_NAMES = {"tuple": "pair of descriptor and path", "fd": "descriptor", "path": "path"}


@RULE.on(WrongHandle)
def check(seen: WrongHandle, ctx: Context) -> Draft | None:
    text, advice = _TEXTS[seen.use]
    return RULE.draft(
        seen.at.site,
        f"{text.format(_NAMES.get(seen.what, seen.what))}",
        related=((seen.resource.site, "made here"),),
        plan=Advice(advice),
        unfixed="which handle is meant is not written down",
        unfixed_at=seen.resource.site,
        about=seen.resource.site,
    )
