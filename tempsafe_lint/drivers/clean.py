"""The command `clean`: remove what the linter keeps between runs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tempsafe_lint.configuration import ConfigError, Configurations
from tempsafe_lint.drivers.cache import clean, folder_of

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--cache-dir", metavar="DIR", help="the folder of the cache, if it is not the configured one")


def run(options: argparse.Namespace) -> int:
    """Remove the cache of the working directory's project; the exit code."""
    given = options.cache_dir or os.environ.get("TEMPSAFE_CACHE_DIR")
    folder = os.path.abspath(given) if given else folder_of(Configurations().at(os.getcwd()))
    try:
        removed = clean(folder)
    except OSError as error:
        raise ConfigError(f"{folder}: the cache is not removed: {error.strerror or error}") from None
    print(f"Removed the cache in {os.path.relpath(folder)}." if removed else "There is no cache to remove.")
    return 0
