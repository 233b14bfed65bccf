"""Importing this loads whatever a process needs to read files: a fork server does it once for all its processes."""

from __future__ import annotations

from tempsafe_lint.drivers.work import warm

warm()
