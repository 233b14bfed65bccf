"""Builds of customer packages."""

import os
import subprocess
import tempfile


def build_fails(recipe):
    """Every build leaves a folder behind."""
    folder = tempfile.mkdtemp(prefix="build-")
    with open(os.path.join(folder, "recipe.json"), "w") as file:
        file.write(recipe)
    done = subprocess.run(["make", "--directory", folder])
    return done.returncode != 0


def render(template, values):
    """The path is used and removed, but the descriptor that `mkstemp` opened is never closed."""
    _, path = tempfile.mkstemp(suffix=".html")
    try:
        with open(path, "w") as file:
            file.write(template.format(**values))
        return subprocess.run(["tidy", "-quiet", path], capture_output=True).stdout
    finally:
        os.remove(path)
