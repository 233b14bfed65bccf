r"""
A scratch file with a fixed name is made in the current directory, and removed again by the same program.

## Why it matters
Two runs in one directory meet in the same file, and one of them removes what the other is about to read. Whoever can
write to the directory can be there first; where the program may not write to it, it fails.

## Reported
Confidence is low: the directory may well be the program's own. `--min-confidence low` shows these findings, and so does
```toml
min-confidence = "low"
```
```python
import os

def convert(rows, load):
    with open("temp_data.csv", "w") as out:  # TMP103
        out.writelines(rows)
    load("temp_data.csv")
    os.remove("temp_data.csv")
```
A directory is the same thing, and so is a name that a constant holds:
```python
import os
import shutil

WORK = "tmp"  # TMP103

def build(make):
    os.mkdir(WORK)
    make(WORK)
    shutil.rmtree(WORK)
```

## Not reported
```toml
min-confidence = "low"
```
Something that stays, or that somebody else made:
```python
import os

def keep(rows):
    with open("temp_data.csv", "w") as out:
        out.writelines(rows)

def clean():
    os.remove("tmp.log")
```
A program that went to a directory of its own:
```python
import os
import tempfile

def convert(rows):
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        with open("tmp.csv", "w") as out:
            out.writelines(rows)
        os.remove("tmp.csv")
```

## Fix safety
No fix is applied: whether something else expects the file at this place is not in the code.
"""

from tempsafe_lint.flow.observations import CwdTemp
from tempsafe_lint.plans import Advice
from tempsafe_lint.rules.base import LOW, Context, Draft, Rule
from tempsafe_lint.rules.names import shown

RULE = Rule("TMP103", "cwd-temp", since="0.1", cwe=(377,), severity=LOW, in_tests=False)


@RULE.on(CwdTemp)
def check(seen: CwdTemp, ctx: Context) -> Draft | None:
    return RULE.draft(
        seen.text.site,
        f"scratch file `{shown(seen.text)}` with a fixed name in the current directory: two runs meet in it",
        confidence=LOW,
        related=((seen.at.site, "made here"), (seen.removed, "removed here")),
        plan=Advice("use a private temporary directory"),
        unfixed="whether something else expects the file at this place is not in the code",
        about=seen.text.site,
    )
