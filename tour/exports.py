"""Exports for the data team."""

import json
import os
import sqlite3
import tempfile


def snapshot(connection):
    """Between the choice of the name and its use, anybody may create that name."""
    path = tempfile.mktemp(suffix=".sqlite")
    copy = sqlite3.connect(path)
    try:
        connection.backup(copy)
    finally:
        copy.close()
    with open(path, "rb") as file:
        data = file.read()
    os.remove(path)
    return data


def remember_last_export(state):
    """A known name in a folder that everybody may write to: somebody else's file, or link, may be there first."""
    with open("/tmp/last_export.json", "w") as file:
        json.dump(state, file)


def count_lines(query_result):
    """The file is made to last after its `with`, and then nobody removes it."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt", delete=False) as file:
        for row in query_result:
            file.write(f"{row}\n")
    with open(file.name) as again:
        return sum(1 for _ in again)
