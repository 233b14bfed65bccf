r"""
A temporary is removed, but an exception or an early way out skips the removal.

## Why it matters
The happy path is clean, so nobody notices; every failure leaves a file or a directory behind, often with the data that
made it fail.

## Reported
```python
import shutil
import subprocess
import tempfile

def build(command):
    work = tempfile.mkdtemp()  # TMP404
    subprocess.run(command, cwd=work, check=True)
    shutil.rmtree(work)
```
```python fixed
import subprocess

import tempsafe

def build(command):
    with tempsafe.TemporaryDirectory() as work:
        subprocess.run(command, cwd=work, check=True)
```
An early return is such a way out:
```python
import os
import tempfile

def lines(data):
    handle, path = tempfile.mkstemp()  # TMP404
    os.close(handle)
    if not data:
        return 0
    os.remove(path)
    return len(data)
```
Whoever would end it is still being made:
```python
import shutil
import subprocess
import tempfile

class Server:
    def __init__(self, command):
        self.folder = tempfile.mkdtemp()  # TMP404
        self.process = subprocess.Popen(command, cwd=self.folder)

    def close(self):
        shutil.rmtree(self.folder)
```

## Not reported
Removal in a `finally` right behind the creation:
```python
import shutil
import subprocess
import tempfile

def build(command):
    work = tempfile.mkdtemp()
    try:
        subprocess.run(command, cwd=work, check=True)
    finally:
        shutil.rmtree(work)
```

## Fix safety
Where it is made and removed in the same block of statements, what is between goes into a `with` or a `try`, and the
removal into its `finally`; a failure then leaves nothing behind. Elsewhere the call goes to the runtime, which removes
at the end of the process what the function left. Safe where the path provably stays in the function and nothing else in
it can see that it is gone earlier; unsafe where others only borrow the path. Where it leaves, what fails before that is
caught, the thing removed, and the exception raised again: unsafe. Where only some ways return it, the runtime removes
what the others leave at the end of the process, and `tempsafe.keep` lets what is returned stay: unsafe. Not offered
where somebody else has it. What is written in one `with` and renamed by the next statement goes through
`tempsafe.open_atomic`: it has no name while it is written. That is safe where it is made in the target's directory,
only written to, and put there by `os.replace`.
"""

from tempsafe_lint.flow.observations import Unmet
from tempsafe_lint.rules.base import HIGH, LOW, MEDIUM, Context, Draft, Rule
from tempsafe_lint.rules.leaks import ended

RULE = Rule("TMP404", "unsafe-cleanup", since="0.1", cwe=(459,), severity=MEDIUM, in_tests=False, beats=("TMP406",))


@RULE.on(Unmet)
def check(seen: Unmet, ctx: Context) -> Draft | None:
    made, witness = seen.resource, seen.witness
    kept = seen.keeper and seen.cleanup is None and seen.normal
    fate = _fate(seen)
    if made.kind not in ("file", "dir") or made.owned or kept or fate is None:
        return None
    thing = "file" if made.kind == "file" else "directory"
    before = f"`{witness.what}` may raise before that" if witness and witness.what else "this way out skips it"
    plan, unfixed, unfixed_at = ended(seen)
    handed = seen.cleanup is None and "takes" not in seen.touched
    unknown = made.claimed or seen.yielded or seen.sheltered or not (made.told or seen.cleanup)
    hardly = not seen.given if handed else seen.plain and seen.cleanup is not None
    weak = seen.told or (not seen.explicit and (seen.shown or hardly))
    sure = seen.explicit and (seen.normal or not handed)
    return RULE.draft(
        made.site,
        f"the {thing} that `{made.maker.lstrip('.')}` makes is {fate}",
        confidence=LOW if weak or unknown else HIGH if sure else MEDIUM,
        related=(
            (seen.cleanup.site if seen.cleanup else None, "removed here"),
            (witness.site if witness else None, before),
        ),
        plan=plan,
        unfixed=unfixed,
        unfixed_at=unfixed_at,
        about=made.site,
    )


def _fate(seen: Unmet) -> str | None:
    """What is done with it on some way, and on which it is left; None where that is another rule's."""
    if seen.cleanup is not None and seen.witness is not None and seen.witness.what == "yield":
        return "removed, but an exception or a close at the `yield` skips it"
    if seen.cleanup is not None and seen.yielded:
        return "removed or yielded to whoever iterates, but a way out does neither"
    if seen.cleanup is not None:
        return f"removed, but {'a way out' if seen.normal or seen.explicit else 'an exception'} skips it"
    if "takes" in seen.touched and not seen.normal:
        return "moved to its place, but stays where that fails"
    if seen.lent and seen.resource.kind == "file":
        return "lent to the body of a `with`, and stays where that fails"
    if seen.trap:
        return f"kept in `{seen.keeper}`, which nobody can ask to end it when its making fails"
    if seen.normal:
        return "handed on, but a way out leaves it behind" if not seen.always and seen.moved else None
    return "handed on, but stays where something fails before that" if seen.moved else None
