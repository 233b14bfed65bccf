"""python -m tempsafe list | sweep [--dry-run]"""

from __future__ import annotations

import argparse
import os
import sys

from . import _sweep
from ._journal import FILE


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0; 2 for wrong arguments."""
    parser = argparse.ArgumentParser(
        prog="python -m tempsafe",
        description="Look at, or remove, what processes of this user made through tempsafe. Nothing else is touched.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="print 'live' or 'dead' (the maker), 'file' or 'dir', and the path, by tabs")
    sweep = commands.add_parser("sweep", help="remove what dead processes left, print the paths")
    sweep.add_argument("--dry-run", action="store_true", help="only print them")
    options = parser.parse_args(arguments)
    if options.command == "sweep":
        for path in _sweep.sweep(dry_run=options.dry_run):
            print(_printable(path))
        return 0
    for alive, records in _sweep.journals():
        for path, record in records.items():
            if os.path.lexists(path):
                kind = "file" if record.kind == FILE else "dir"
                print("live" if alive else "dead", kind, _printable(path), sep="\t")
    return 0


def _printable(path: str) -> str:
    """One line per path, whatever is in it."""
    return path if path.isprintable() else ascii(path)


if __name__ == "__main__":
    sys.exit(main())
