r"""
Only the name of a temporary object is kept: nobody holds the object, so what the name stands for is gone at once.

## Why it matters
The object removes its file or directory when it is collected, and nothing refers to it any more. What the program then
makes under that name is in a place that anybody may have taken, and nobody removes it.

## Reported
```python
import os
import tempfile

def workspace():
    folder = tempfile.TemporaryDirectory().name  # TMP303
    os.makedirs(folder)
    return folder
```
The same through a path object:
```python
import tempfile
from pathlib import Path

def target():
    return Path(tempfile.NamedTemporaryFile(suffix=".html").name)  # TMP303
```

## Not reported
The object is held while its name is used:
```python
import subprocess
import tempfile

def render(command):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([command, folder], check=True)
```
A file that is not removed with its object (that the object is never closed is another matter):
```python
import tempfile

def scratch():
    return tempfile.NamedTemporaryFile(delete=False).name  # TMP406
```

Of low confidence: a name in a directory that the program has made for itself. Nobody else can take it there, and what
is then made under it goes with the directory:
```python
import os
import shutil
import subprocess
import tempfile

def build(command):
    folder = tempfile.mkdtemp()
    try:
        target = tempfile.NamedTemporaryFile(dir=folder).name
        subprocess.run([command, "-o", target], check=True)
        return os.path.getsize(target)
    finally:
        shutil.rmtree(folder)
```

## Fix safety
No fix yet: whether the directory should live as long as the function, the process or the caller is not in the code.
"""

from tempsafe_lint.flow.observations import Dropped
from tempsafe_lint.plans import Advice
from tempsafe_lint.rules.base import HIGH, LOW, Context, Draft, Rule

RULE = Rule(
    "TMP303",
    "dropped-temp",
    since="0.1",
    cwe=(672,),
    severity=HIGH,
    beats=("TMP202", "TMP302", "TMP304", "TMP401", "TMP406"),
    covers=("TMP304", "TMP406"),
)


@RULE.on(Dropped)
def check(seen: Dropped, ctx: Context) -> Draft | None:
    made = seen.resource
    thing = "directory" if made.kind == "dirobject" else "file"
    return RULE.draft(
        seen.at.site,
        f"nobody holds the object that `{made.maker.lstrip('.')}` gives: the {thing} is removed before its"
        f" `{seen.attribute}` can be used",
        confidence=LOW if made.owned else HIGH,
        related=((made.site, "made and dropped here"),),
        plan=Advice("hold the object in a `with` while its path is used, or make what nobody removes early"),
        unfixed="how long it should live is not in the code",
        unfixed_at=made.site,
        about=made.site,
    )
