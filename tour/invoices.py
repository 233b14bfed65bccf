"""Invoices as CSV, sent to the accounting system."""

import csv
import subprocess
import tempfile


def checksum_of_rows(rows):
    """The draft is read again after its `with` has closed it."""
    with tempfile.TemporaryFile("w+", newline="") as draft:
        writer = csv.writer(draft)
        for row in rows:
            writer.writerow(row)
    draft.seek(0)
    return sum(map(ord, draft.read()))


def upload(rows, url):
    """The folder is gone before the program that should read from it starts."""
    with tempfile.TemporaryDirectory(prefix="invoices-") as folder:
        path = f"{folder}/invoices.csv"
        with open(path, "w", newline="") as file:
            csv.writer(file).writerows(rows)
    subprocess.run(["curl", "--fail", "--upload-file", path, url], check=True)
