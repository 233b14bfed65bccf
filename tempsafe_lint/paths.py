"""Which files are read: walking, exclusion, ignore files; and which of them are test code."""

from __future__ import annotations

import os
import re
import stat
from functools import lru_cache
from typing import TYPE_CHECKING

from tempsafe_lint.records import replace
from tempsafe_lint.settings import BASELINE, DEFAULT_INCLUDE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pathspec import GitIgnoreSpec

    from tempsafe_lint.settings import Configuration, Settings

    #: The configuration of a folder, which of several roots holds where nothing marks one, and what the folder holds
    #: (names in lower case), if that is known.
    Configure = Callable[[str, str | None, frozenset[str] | None], Configuration]

SUFFIXES = (".py", ".pyi")
NOTEBOOK = ".ipynb"
#: What `vendor` writes beside the runtime's files: they are not the project's own.
VENDORED = "tempsafe-vendored.json"
PYTHON, IPYNB = "python", "ipynb"


class Found:
    """One file to read: as it is shown, where it is, and its path below the project's root.

    `problem` says in one line why it cannot be read; `note` is set for a file that a walk met and that is not for us;
    `linked` is a file that a walk met under another name.
    """

    __slots__ = ("absolute", "configuration", "linked", "note", "path", "problem", "shown")

    def __init__(
        self,
        shown: str,
        absolute: str,
        path: str,
        configuration: Configuration,
        problem: str | None = None,
        note: str | None = None,
        linked: bool = False,
    ) -> None:
        self.shown = shown
        self.absolute = absolute
        self.path = path
        self.configuration = configuration
        self.problem = problem
        self.note = note
        self.linked = linked


# Patterns


@lru_cache(maxsize=256)
def _compiled(patterns: tuple[str, ...], anchored: bool) -> re.Pattern[str]:
    """Patterns as one regular expression for a relative path with forward slashes.

    `*` stays within one part of the path, `**` crosses parts. A pattern without a slash is for the last part alone; one
    with a slash begins at the root if `anchored`, else at any part.
    """
    choices = []
    for pattern in patterns:
        anywhere = not pattern.startswith("/") and ("/" not in pattern or not anchored)
        choices.append(("(?:.*/)?" if anywhere else "") + _translate(pattern.removeprefix("./").strip("/")))
    return re.compile("|".join(choices) or "(?!)", re.S)


def _translate(pattern: str) -> str:
    pieces = []
    for token in re.findall(r"\*\*/|/\*\*$|\*\*|\[!?\]?[^\]]*\]|.", pattern, re.S):
        if token == "**/":
            pieces.append("(?:.*/)?")
        elif token in ("/**", "**"):
            pieces.append("/.*" if token == "/**" else ".*")
        elif token == "*":
            pieces.append("[^/]*")
        elif token == "?":
            pieces.append("[^/]")
        elif len(token) > 2 and token[0] == "[":
            inner = token[1:-1].replace("\\", "\\\\")
            pieces.append("[" + ("^" + inner[1:] if inner[0] == "!" else inner) + "]")
        else:
            pieces.append(re.escape(token))
    return "".join(pieces)


def matches(path: str, patterns: tuple[str, ...], *, anchored: bool = True) -> bool:
    """Whether a path below the root (forward slashes) is meant by one of the patterns."""
    return _compiled(patterns, anchored).fullmatch(path) is not None


def is_test(path: str, settings: Settings) -> bool:
    """Whether a path below the project's root is test code; a pattern of the setting `tests` counts at any depth."""
    return matches(path, settings.tests, anchored=False)


def per_file_ignores(path: str, settings: Settings) -> tuple[str, ...]:
    """The selectors that `per-file-ignores` turns off for a path; a leading `!` turns a pattern round."""
    found: list[str] = []
    for pattern, selectors in settings.per_file_ignores:
        if matches(path, (pattern.removeprefix("!"),)) is not pattern.startswith("!"):
            found.extend(selectors)
    return tuple(found)


def for_file(settings: Settings, path: str) -> Settings:
    """The settings with those overrides applied that are for a path below the project's root."""
    for override in settings.overrides:
        if not matches(path, override.files):
            continue
        afresh = override.select is not None
        settings = replace(
            settings,
            select=override.select if afresh else settings.select,
            extend_select=(*(() if afresh else settings.extend_select), *override.extend_select),
            ignore=(*(() if afresh else settings.ignore), *override.ignore),
            severity=(*settings.severity, *override.severity),
        )
    return replace(settings, overrides=()) if settings.overrides else settings


def below(path: str, root: str) -> str:
    """A path relative to a root, with forward slashes; only its name if it is not below the root."""
    return below_folder(path, root) or os.path.basename(path)


def below_folder(path: str, folder: str) -> str | None:
    """The way from a folder down to a path, with forward slashes, or None where it does not lead down."""
    prefix = folder if folder.endswith(os.sep) else folder + os.sep
    return path[len(prefix) :].replace(os.sep, "/") if path.startswith(prefix) else None


def rebased(pattern: str, way: str) -> tuple[str, ...]:
    """The patterns that mean in a folder what `pattern` means in a folder above; `way` leads from there down to it.

    Empty where the pattern can mean nothing below.
    """
    turned, plain = pattern.startswith("!"), pattern.removeprefix("!")
    if "/" not in plain.removeprefix("./"):
        return (pattern,)
    parts = plain.removeprefix("./").strip("/").split("/")
    found = sorted(_remaining(parts, way.split("/")), key=len, reverse=True)
    if turned:
        return tuple("!" + rest for rest in found[:1]) or ("**",)  # all that is not there: everything here
    return tuple(found)


def _remaining(parts: list[str], way: list[str]) -> set[str]:
    if not way:
        return {"/" + "/".join(parts)} if parts else {"**"}
    if not parts:
        return set()
    if parts[0] == "**":
        return _remaining(parts[1:], way) | _remaining(parts, way[1:])
    return _remaining(parts[1:], way[1:]) if matches(way[0], (parts[0],)) else set()


def baseline_of(configuration: Configuration) -> str | None:
    """The absolute path of the baseline, or None: the one that is set, else the usual one where it is there."""
    if configuration.baseline is not None:
        return os.path.join(configuration.root, configuration.baseline) if configuration.baseline else None
    usual = os.path.join(configuration.root, BASELINE)
    return usual if os.path.isfile(usual) else None


def is_excluded(path: str, configuration: Configuration) -> bool:
    """Whether the file, or a folder that it stands in below the root, is excluded by a pattern."""
    parts = below(path, configuration.root).split("/")
    prefixes = ("/".join(parts[: count + 1]) for count in range(len(parts)))
    return any(matches(prefix, configuration.exclude) for prefix in prefixes)


def language(path: str, configuration: Configuration) -> str:
    """What a file is read as: `ipynb`, or `python` where nothing says otherwise."""
    for ending, meant in configuration.extension:
        if path.endswith("." + ending):
            return meant
    return IPYNB if path.endswith(NOTEBOOK) else PYTHON


def _is_included(entry: os.DirEntry[str], configuration: Configuration) -> bool:
    """Whether a walk takes a file, by its name."""
    if any(entry.name.endswith("." + ending) for ending, _ in configuration.extension):
        return True
    if configuration.include is DEFAULT_INCLUDE:
        return entry.name.endswith((*SUFFIXES, NOTEBOOK))
    return matches(below(entry.path, configuration.root), configuration.include)


def is_left_out(path: str, configuration: Configuration) -> bool:
    """Whether a file is not read although it was named: it is part of a copy of the runtime, or excluded by force."""
    if os.path.exists(os.path.join(os.path.dirname(path), VENDORED)):
        return True
    return configuration.force_exclude and is_excluded(path, configuration)


# Walking


class _Ignored:
    """The ignore files that hold for one folder: its own, once they are read, over those of the folders above it, as
    git has it.
    """

    def __init__(self, folder: str, above: _Ignored | None) -> None:
        self.folder = folder
        self.above = above
        self.spec: GitIgnoreSpec | None = None

    def read(self, names: frozenset[str] | None = None) -> _Ignored:
        """Read the folder's own; `names` is what it holds (in lower case), if that is known."""
        if names is None or not names.isdisjoint((".git", ".gitignore")):
            self.spec = _ignore_spec(self.folder)
        return self

    @classmethod
    def for_root(cls, folder: str) -> _Ignored | None:
        """All ignore files from the repository's root down to the folder; unless they ignore the folder itself. Its own
        are not read yet.
        """
        chain = [folder]
        while not os.path.exists(os.path.join(chain[-1], ".git")):
            parent = os.path.dirname(chain[-1])
            if parent == chain[-1]:
                chain = [folder]  # no repository: ignore files above the folder are not about it
                break
            chain.append(parent)
        rules: _Ignored | None = None
        for parent in reversed(chain):
            if rules is not None and parent == folder and rules.covers(folder, is_folder=True):
                rules = None  # named on the command line: the user means it
            rules = cls(parent, rules)
            if parent != folder:
                rules.read()
        return rules

    def covers(self, path: str, *, is_folder: bool) -> bool:
        here: _Ignored | None = self
        while here is not None:
            if here.spec is not None:
                said = here.spec.check_file(below(path, here.folder) + ("/" if is_folder else "")).include
                if said is not None:
                    return said
            here = here.above
        return False


def _ignore_spec(folder: str) -> GitIgnoreSpec | None:
    lines: list[str] = []
    for path in (os.path.join(_git_folder(folder), "info", "exclude"), os.path.join(folder, ".gitignore")):
        try:
            with open(path, encoding="utf-8", errors="surrogateescape") as file:
                lines += file.read().splitlines()
        except OSError:
            continue
    if not any(line.strip() and not line.startswith("#") for line in lines):
        return None
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(line for line in lines if _is_pattern(line))


def _git_folder(folder: str) -> str:
    """Where git keeps what belongs to a repository whose top is this folder: a work tree has a file that says it."""
    place = os.path.join(folder, ".git")
    try:
        with open(place, encoding="utf-8", errors="surrogateescape") as file:
            place = os.path.join(folder, file.read().removeprefix("gitdir:").strip())
        with open(os.path.join(place, "commondir"), encoding="utf-8", errors="surrogateescape") as file:
            return os.path.join(place, file.read().strip())
    except (OSError, ValueError):
        return place


def _is_pattern(line: str) -> bool:
    """Git skips a line that it cannot read as a pattern; so do we, rather than lose the whole file."""
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True


def discover(arguments: list[str], configure: Configure) -> list[Found]:
    """Every file that the arguments mean, once, in the order of their shown paths."""
    found: dict[str, Found] = {}
    for argument in arguments:
        absolute = os.path.abspath(argument)
        real = os.path.realpath(absolute)
        for item in _expand(argument, absolute, configure):
            key = item.absolute
            if item.problem is None:  # a walk follows no link but those of files
                key = os.path.realpath(key) if item.linked else real + key[len(absolute) :]
            found.setdefault(key, item)
    return sorted(found.values(), key=lambda item: item.shown)


def _expand(argument: str, absolute: str, configure: Configure) -> Iterator[Found]:
    folder = os.path.dirname(absolute)
    try:
        mode = os.stat(absolute).st_mode
    except (OSError, ValueError) as error:
        said = "no such file" if isinstance(error, FileNotFoundError) else reason(error)
        if os.path.islink(absolute):
            said = _dangling(absolute)
        yield _item(absolute, configure(_existing(folder), None, None), problem=said)
        return
    if stat.S_ISDIR(mode):
        yield from _walk_root(absolute, configure)
        return
    configuration = configure(folder, None, None)
    if is_left_out(absolute, configuration):
        return
    problem: str | None = None
    if not stat.S_ISREG(mode):
        problem = "is not a regular file; use `-` to read standard input"
    elif language(absolute, configuration) == IPYNB:
        problem = "notebooks are not read yet"
    yield _item(absolute, configuration, problem=problem)


def _existing(folder: str) -> str:
    while not os.path.isdir(folder) and os.path.dirname(folder) != folder:
        folder = os.path.dirname(folder)
    return folder


def _walk_root(root: str, configure: Configure) -> Iterator[Found]:
    configuration = configure(root, root, None)
    if configuration.force_exclude and root != configuration.root and is_excluded(root, configuration):
        return
    rules = _Ignored.for_root(root) if configuration.respect_gitignore else None
    items = list(_walk(root, root, rules, configure))
    yield from items
    if not items and root.endswith(SUFFIXES):
        yield _item(root, configuration, problem="is a directory without Python files")


def _walk(folder: str, root: str, rules: _Ignored | None, configure: Configure) -> Iterator[Found]:
    """The Python files below a folder. A link to a folder is not followed: it could lead in a circle, or out."""
    try:
        with os.scandir(folder) as scan:
            entries = sorted(scan, key=lambda entry: entry.name)
    except OSError as error:
        yield _item(folder, configure(folder, root, None), problem=reason(error))
        return
    names = frozenset([entry.name.lower() for entry in entries])
    configuration = configure(folder, root, names)
    if VENDORED in names:
        return
    if rules is not None:
        rules.read(names)
    for entry in entries:
        is_folder = entry.is_dir(follow_symlinks=False)
        if not is_folder and not _is_included(entry, configuration):
            continue
        if matches(below(entry.path, configuration.root), configuration.exclude) or (
            rules and rules.covers(entry.path, is_folder=is_folder)
        ):
            continue
        if is_folder:
            inner = _Ignored(entry.path, rules) if configuration.respect_gitignore else None
            inside = list(_walk(entry.path, root, inner, configure))
            yield from inside
            if not inside and entry.name.endswith(SUFFIXES):
                yield _item(entry.path, configuration, problem="is a directory without Python files")
        else:
            yield from _file(entry, configuration)


def _file(entry: os.DirEntry[str], configuration: Configuration) -> Iterator[Found]:
    if entry.is_dir():
        return  # a link to a folder
    if language(entry.name, configuration) == IPYNB:
        yield _item(entry.path, configuration, note="notebooks are not read yet")
    elif entry.is_file():
        yield _item(entry.path, configuration, linked=entry.is_symlink())
    elif entry.is_symlink():
        yield _item(entry.path, configuration, problem=_dangling(entry.path))
    else:
        yield _item(entry.path, configuration, problem="is not a regular file")


def _item(
    absolute: str,
    configuration: Configuration,
    *,
    problem: str | None = None,
    note: str | None = None,
    linked: bool = False,
) -> Found:
    path = below(absolute, configuration.root)
    return Found(shown(absolute), absolute, path, configuration, problem, note, linked)


def shown(absolute: str) -> str:
    """Relative to the working directory where the file is below it, else absolute."""
    here = os.getcwd()
    prefix = here if here.endswith(os.sep) else here + os.sep
    return absolute[len(prefix) :] if absolute.startswith(prefix) else absolute


def _dangling(path: str) -> str:
    return f"is a link to `{os.readlink(path)}`, which does not exist"


def reason(error: OSError | ValueError) -> str:
    """An error of the operating system as people say it, without its number and path."""
    return as_clause((error.strerror or str(error)) if isinstance(error, OSError) else str(error))


def as_clause(text: str) -> str:
    """A sentence of somebody else's as the end of one of ours."""
    return text[:1].lower() + text[1:]
