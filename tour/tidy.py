"""The same kinds of work, done well: nothing is reported here."""

import os
import shutil
import subprocess
import tempfile


def checksum(rows):
    """Everything that needs the file stands inside its `with`."""
    with tempfile.TemporaryFile("w+") as draft:
        draft.writelines(rows)
        draft.seek(0)
        return sum(map(ord, draft.read()))


def contact_sheet(pictures, target):
    """The folder goes whatever happens in between."""
    folder = tempfile.mkdtemp(prefix="sheet-")
    try:
        for number, data in enumerate(pictures):
            with open(os.path.join(folder, f"{number:03}.png"), "wb") as file:
                file.write(data)
        subprocess.run(["montage", folder, target], check=True)
    finally:
        shutil.rmtree(folder)


def scratch_copy(data):
    """Whoever calls this owns the file and removes it."""
    fd, path = tempfile.mkstemp(suffix=".bin")
    with os.fdopen(fd, "wb") as file:
        file.write(data)
    return path
