"""The words that the name of a callee is made of: what is left to go by where no row says what it does."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from tempsafe_lint.ir.events import Call

if TYPE_CHECKING:
    from tempsafe_lint.models.catalogue import Policies


@lru_cache(maxsize=4096)
def split(name: str) -> frozenset[str]:
    """Words of a name: `add_cleanup_file` and `TmpFileManager` alike."""
    spaced = "".join(f"_{c.lower()}" if c.isupper() else c for c in name)
    return frozenset(spaced.strip("_").split("_"))


def last_name(event: Call) -> str:
    """The name of what is called, without what it hangs on."""
    return event.method or (event.callee or str(event.func)).rpartition(".")[2]


def words_of(event: Call) -> frozenset[str]:
    """The words of that name."""
    return split(last_name(event))


def remembers(event: Call, policies: Policies) -> bool:
    """Whether the name of a callee says that it only sets something: policy.toml, setters. `set` alone is a collection,
    too.
    """
    said = words_of(event)
    return said != {"set"} and said <= policies.setters and bool(said & policies.setting)


def all_words(event: Call) -> set[str]:
    """The words in the name of a callee and of what it hangs on."""
    owner = event.receiver if isinstance(event.receiver, str) else ""
    names = f"{event.callee or event.func}.{owner}.{event.method or ''}"
    return {word for name in names.split(".") for word in split(name)}
