"""Judgements over what flow observes: one file per rule, found by walking this package."""
