"""From plans to edits. This room renders; whether a fix is right was decided by the rule that gave the plan."""

from __future__ import annotations


class Withheld(Exception):
    """A plan that cannot be carried out on this text without harm; the message is one line for people."""
