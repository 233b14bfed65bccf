"""The tests of tempsafe-lint."""
