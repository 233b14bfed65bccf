"""Reads Python with libcst and hands flow events on graphs; spans of places when somebody asks."""

from tempsafe_lint.front.loading import load

load()
