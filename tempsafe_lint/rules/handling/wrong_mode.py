r"""
Text is written to a temporary file object in binary mode, or bytes to one in text mode.

## Why it matters
The mode of a temporary file is `w+b` by default, other than that of `open`: the first write of text raises `TypeError`.

## Reported
```python
import tempfile

def listing(names):
    with tempfile.TemporaryFile() as out:
        out.write("names:\n")  # TMP506
        out.write("\n".join(names))  # TMP506
```
```python fixed
import tempfile

def listing(names):
    with tempfile.TemporaryFile(mode="w+") as out:
        out.write("names:\n")
        out.write("\n".join(names))
```

## Not reported
```python
import json
import tempfile

def dump(value, data):
    with tempfile.NamedTemporaryFile("w") as out:
        json.dump(value, out)
    with tempfile.TemporaryFile() as out:
        out.write(data)
        out.write("end".encode())
```

## Fix safety
Safe where text is all that is ever written to the object, it is not read and goes to nobody else: the mode becomes one
for text. Not offered where any of that is not plain, nor for bytes in text mode: then the value may be what is wrong.
"""

from tempsafe_lint.findings import Safety
from tempsafe_lint.flow.observations import Wrote
from tempsafe_lint.plans import Advice, EditArguments
from tempsafe_lint.rules.base import HIGH, Context, Draft, Rule

RULE = Rule("TMP506", "wrong-mode", since="0.1", cwe=(704,), severity=HIGH)


@RULE.on(Wrote)
def check(seen: Wrote, ctx: Context) -> Draft | None:
    value, takes = ("text", "bytes") if seen.value == "str" else ("bytes", "text")
    plan: EditArguments | Advice = Advice("open it in the mode for what is written")
    unfixed: str | None = f"the object is also used in ways that may want {takes}"
    if seen.value == "str" and seen.alone:
        mode = seen.mode.replace("b", "")
        title, where = f'open it with mode="{mode}"', (("mode", seen.position),)
        plan, unfixed = EditArguments(seen.opened, (("mode", f'"{mode}"'),), where, Safety.SAFE, title), None
    return RULE.draft(
        seen.at.site,
        f"{value} is written to a file in mode `{seen.mode}`, which takes {takes}",
        related=((seen.opened, "opened here"),),
        plan=plan,
        unfixed=unfixed,
        unfixed_at=seen.opened,
        about=seen.at.site,
    )
