"""The command `completions`: the file that lets a shell complete options. They are made at a release and carried."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

SHELLS = ("bash", "zsh", "fish", "powershell")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("shell", choices=SHELLS, metavar="|".join(SHELLS), help="the shell to complete for")


def run(options: argparse.Namespace) -> int:
    """Print the file; the exit code."""
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "completed")
    with open(os.path.join(folder, f"{options.shell}.txt"), encoding="utf-8") as file:
        sys.stdout.write(file.read())
    return 0
