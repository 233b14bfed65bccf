"""The rows that were changed since a revision, asked of git: committed, staged or neither. Rows are 1-based.

Compared is with the commit where the revision and HEAD part: what others did there since is not ours.
"""

from __future__ import annotations

import os
import re
import subprocess

from tempsafe_lint.configuration import ConfigError

_HUNK = re.compile(rb"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_DIFF = (
    *("diff", "--no-color", "--no-ext-diff", "--no-textconv", "--unified=0", "--find-renames"),
    *("--src-prefix=a/", "--dst-prefix=b/", "--no-relative", "--ignore-submodules"),
)


class Since:
    """What changed in the repository of a folder. Raises ConfigError where that cannot be known."""

    def __init__(self, revision: str, folder: str) -> None:
        self._folder = folder
        self._revision = revision
        top = self._git("rev-parse", "--show-toplevel").strip()
        self.top = os.path.realpath(os.fsdecode(top))
        base = self._base()
        tracked = self._git("ls-files", "-z", "--full-name", cwd=self.top)
        self._tracked = {os.fsdecode(name) for name in tracked.split(b"\0") if name}
        self._changed = _rows(self._git("-c", "core.quotePath=false", *_DIFF, base, "--", cwd=self.top))

    def rows(self, absolute: str) -> list[range] | None:
        """The changed rows of a file; None where all of it is new."""
        real = os.path.realpath(absolute)
        if not real.startswith(self.top.rstrip(os.sep) + os.sep):
            return None
        name = real[len(self.top.rstrip(os.sep)) + 1 :].replace(os.sep, "/")
        return self._changed.get(name, []) if name in self._tracked else None

    def _base(self) -> str:
        commit = self._ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{self._revision}^{{commit}}")
        if commit is None:
            raise ConfigError(f"`--diff-base {self._revision}`: there is no such revision here{self._shallow()}")
        base = self._ask("merge-base", commit.decode().strip(), "HEAD")
        if base is None:
            raise ConfigError(f"`--diff-base {self._revision}`: it has no commit in common with HEAD{self._shallow()}")
        return base.decode().strip()

    def _shallow(self) -> str:
        if (self._ask("rev-parse", "--is-shallow-repository") or b"").strip() != b"true":
            return ""
        return "; this clone is shallow: `git fetch --unshallow` brings the rest (in a GitHub job, `fetch-depth: 0`)"

    def _ask(self, *words: str) -> bytes | None:
        """Output of git, or None where it says no."""
        done = self._run(words, None)
        return done.stdout if done.returncode == 0 else None

    def _git(self, *words: str, cwd: str | None = None) -> bytes:
        done = self._run(words, cwd)
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip().splitlines() or ["git failed"]
            raise ConfigError(f"`--diff-base {self._revision}`: {said[0].removeprefix('fatal: ')}")
        return done.stdout

    def _run(self, words: tuple[str, ...], cwd: str | None) -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(["git", *words], cwd=cwd or self._folder, capture_output=True, check=False)
        except OSError:
            raise ConfigError(f"`--diff-base {self._revision}`: git is needed and cannot be run") from None


def _rows(patch: bytes) -> dict[str, list[range]]:
    """The new sides of a patch: name to changed rows. A file that was only renamed has none."""
    result: dict[str, list[range]] = {}
    rows: list[range] = []
    left = 0  # rows of the hunk that are still to come: they may look like anything
    for line in patch.split(b"\n"):
        if left and line[:1] in (b"+", b"-", b"\\"):
            left -= line[:1] == b"+" or line[:1] == b"-"
            continue
        if line.startswith(b"+++ "):
            rows = result.setdefault(_name(line[4:]), [])
        elif found := _HUNK.match(line):
            removed, start, added = (int(group) if group else 1 for group in found.groups())
            left = removed + added
            if added:
                rows.append(range(start, start + added))
    return result


def _name(raw: bytes) -> str:
    """The name after `+++ `: `b/` before it, quoted if it holds anything odd, a tab behind it if it holds a space."""
    raw = raw.removesuffix(b"\t")
    if raw.startswith(b'"'):
        raw = re.sub(rb"\\([0-7]{3}|.)", _unescaped, raw[1:-1])
    return os.fsdecode(raw.removeprefix(b"b/"))


def _unescaped(found: re.Match[bytes]) -> bytes:
    said = found[1]
    if len(said) == 3:
        return bytes([int(said, 8)])
    return {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v"}.get(said, said)
