r"""
A name from `mktemp()` belongs to nobody: another user can take it before the program does.

## Why it matters
Between the moment the name is made up and the moment something is made of it, anybody who can write to the shared
temporary directory may put a file or a symbolic link there. The program then writes where they want.

## Reported
```python
import tempfile

def render(text):
    path = tempfile.mktemp(suffix=".html")  # TMP201
    with open(path, "w") as page:
        page.write(text)
    return path
```
```python fixed
import tempsafe

def render(text):
    path = tempsafe.mktemp(suffix=".html", delete=False)
    with open(path, "w") as page:
        page.write(text)
    return path
```
A mention that is not a call is the same defect, later:
```python
import tempfile

def names(suffixes):
    return list(map(tempfile.mktemp, suffixes))  # TMP201
```

## Not reported
A function of another library that only shares the name:
```python
def test_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    assert folder.exists()
```

## Fix safety
Safe: `tempsafe.mktemp` takes the same arguments and gives a path that does not exist yet, in a directory that only this
user can enter. Where the path leaves the function, `delete=False` keeps what is made of it. Unsafe where the function
asks for the path's directory or changes its mode or owner, and for a mention that is not a call.
Where only the standard library is wanted, a folder that is made of the name at once is made by
`tempfile.mkdtemp`, and a file that is opened for writing by `tempfile.mkstemp`: unsafe, since it is for this user
alone.
"""

from tempsafe_lint.findings import Safety
from tempsafe_lint.flow.observations import Born, Mentioned
from tempsafe_lint.plans import FirstOf, MakeAtOnce, Plan, ReplaceCallee
from tempsafe_lint.rules.base import HIGH, LOW, Context, Draft, Rule

RULE = Rule("TMP201", "mktemp", since="0.1", cwe=(377, 367), severity=HIGH, beats=("TMP202",))

#: What may be done with a name that is only ever made where there is nothing.
_CLAIMED = frozenset(
    (
        "claims",
        "create",
        "write",
        "open",
        "bind",
        "takes",
        "deletes",
        "checks",
        "shows",
        "mentions",
        "borrows",
        "list",
        "above",
        "mode",
    )
)


@RULE.on(Born)
def check(seen: Born, ctx: Context) -> Draft | None:
    made = seen.resource
    if made.kind != "name" or made.callee is None or made.instead is None:
        return None
    arguments = () if seen.stays else (("delete", "False"),)
    safety, title = Safety.SAFE, f"use `{made.instead}`"
    if seen.touched & {"above", "mode"}:
        safety, title = Safety.UNSAFE, f"{title}: in a private directory, which users of its place may notice"
    plan: Plan = ReplaceCallee(made.callee, made.instead, safety, title, made.site, arguments)
    if (found := seen.tighter) is not None:
        title = f"make it at once, with `{found.to}`: for this user alone"
        at_once = MakeAtOnce(found.made, made.callee, found.to, found.gone, found.opened, Safety.UNSAFE, title)
        plan = FirstOf((plan, at_once))
    return RULE.draft(
        made.site,
        f"`{made.maker}` only makes up a name: anybody may take it before this program does",
        confidence=LOW if made.owned or _only_claimed(seen.touched) else HIGH,
        plan=plan,
        about=made.site,
    )


def _only_claimed(touched: frozenset[str]) -> bool:
    """Whether it is made only where there is nothing, and nobody else gets the name: who is faster only disturbs."""
    return "claims" in touched and touched <= _CLAIMED


@RULE.on(Mentioned)
def mention(seen: Mentioned, ctx: Context) -> Draft | None:
    if "name" not in seen.kinds or seen.instead is None:
        return None
    plan = ReplaceCallee(seen.at.site, seen.instead, Safety.UNSAFE, f"use `{seen.instead}`: what calls it is not seen")
    return RULE.draft(
        seen.at.site,
        f"`{seen.name}` only makes up names: anybody may take one before this program does",
        plan=plan,
        about=seen.at.site,
    )
