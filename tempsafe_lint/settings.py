"""What a project sets, as immutable values. `configuration` reads them from the project's own files."""

from __future__ import annotations

from tempsafe_lint.levels import Level
from tempsafe_lint.records import MISSING, dataclass, field, fields

#: Where test code lives, relative to the project's root (rules.md); the setting `tests` replaces the list.
DEFAULT_TESTS = (
    "tests/**",
    "test/**",
    "**/tests/**",
    "**/test/**",
    "test_*.py",
    "*_test.py",
    "conftest.py",
    "pytest_plugin.py",
    "**/pytest/plugin.py",
    "examples/**",
    "docs/**",
    "**/examples/**",
    "**/docs/**",
)

#: Folders that hold no code of the project: version control, environments, caches, build products.
DEFAULT_EXCLUDE = (
    *(".bzr", ".direnv", ".eggs", ".git", ".git-rewrite", ".hg", ".svn", ".vscode"),
    *(".ipynb_checkpoints", ".mypy_cache", ".pytest_cache", ".pytype", ".ruff_cache", ".tempsafe_cache"),
    *(".nox", ".pants.d", ".pyenv", ".tox", ".venv", "venv", "__pypackages__", "site-packages", "node_modules"),
    *("_build", "buck-out", "build", "dist"),
)

#: Where neither the configuration nor the project says which Python the code runs on.
DEFAULT_TARGET = (3, 10)

#: The release of the runtime that comes with this linter.
RUNTIME_VERSION = "0.1.0"

RUNTIMES = ("tempsafe", "vendored", "stdlib")

#: Which names a walk takes for Python and for notebooks.
DEFAULT_INCLUDE = ("*.py", "*.pyi", "*.ipynb")

#: Other tools whose comments silence our rules about the same defect.
FOREIGN_SUPPRESSIONS = ("noqa", "nosec", "ruff")

#: The baseline that is taken without being asked for, in the folder of the configuration.
BASELINE = ".tempsafe-baseline.json"

#: How findings can be printed; `report` has a writer for each.
FORMATS = (
    *("full", "concise", "grouped", "json", "json-lines", "sarif", "github", "gitlab", "azure", "junit"),
    *("rdjson", "rdjsonl", "pylint", "markdown"),
)


@dataclass(frozen=True, slots=True)
class Override:
    """What holds besides for some files: `select` begins afresh, the others add to what there is."""

    files: tuple[str, ...]
    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: tuple[tuple[str, Level], ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """The resolved settings for one file. Picklable and hashable, so that it can go to a worker and into a cache key.

    `select`, `ignore` and their `extend_` forms are codes, prefixes, names or `ALL`; `select` None means the default.
    The same goes for `fixable`, `unfixable` and the lists of rules whose fixes count as safe or unsafe.
    `runtime` says what fixes may use: `tempsafe`, a `vendored` copy of it named `runtime_import`, or `stdlib` alone.
    `severity` says by selector how severe findings count, the last word wins.
    `overrides` are applied by `paths.for_file`. `windows`: the project says that it runs there too.
    `runtime_requirement` is what a project is told to depend on.
    `noqa` is false where somebody else applies `# noqa` (flake8 does). `rows` are the project's model rows, packed by
    `models.project`.
    """

    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    overrides: tuple[Override, ...] = ()
    severity: tuple[tuple[str, Level], ...] = ()
    preview: bool = False
    min_severity: Level = Level.LOW
    min_confidence: Level = Level.MEDIUM
    tests: tuple[str, ...] = DEFAULT_TESTS
    extend_temp_dirs: tuple[str, ...] = ()
    allowed_paths: tuple[str, ...] = ()
    target_version: tuple[int, int] = DEFAULT_TARGET
    windows: bool = False
    fixable: tuple[str, ...] = ("ALL",)
    unfixable: tuple[str, ...] = ()
    extend_safe_fixes: tuple[str, ...] = ()
    extend_unsafe_fixes: tuple[str, ...] = ()
    runtime: str = "tempsafe"
    runtime_import: str = "tempsafe"
    runtime_requirement: str = f"tempsafe>={RUNTIME_VERSION}"
    ignore_suppressions: bool = False
    require_suppression_reason: bool = False
    honor_foreign_suppressions: tuple[str, ...] = FOREIGN_SUPPRESSIONS
    noqa: bool = True
    rows: tuple[tuple[str, str], ...] = ()

    @property
    def needles(self) -> tuple[str, ...]:
        """What the project adds to the words that a file must hold one of."""
        if not self.rows and self.runtime_import == "tempsafe":
            return self.extend_temp_dirs
        from tempsafe_lint.models.project import needles

        return (*self.extend_temp_dirs, *needles(self.rows, self.runtime_import))


@dataclass(frozen=True, slots=True)
class Configuration:
    """Settings and what only a driver needs to know: which files to read and how to show what was found.

    `root` is the folder that patterns are relative to, `origin` the file it was read from. `extension` maps further
    endings of names, without the dot, to `python` or `ipynb`.
    `unsafe_fixes` None means: not applied, but counted aloud. `rule_url` is the address of a rule's page with `{code}`
    or `{name}` in it. `cache_dir` is relative to the root. `verify` is the command that proves fixes, for the shell.
    `baseline` is a file, relative to `root`: None means the usual one if it is there, "" none at all.
    """

    root: str
    origin: str | None = None
    settings: Settings = field(default_factory=Settings)
    include: tuple[str, ...] = DEFAULT_INCLUDE
    extension: tuple[tuple[str, str], ...] = ()
    exclude: tuple[str, ...] = DEFAULT_EXCLUDE
    force_exclude: bool = False
    respect_gitignore: bool = True
    unsafe_fixes: bool | None = None
    verify: str | None = None
    output_format: str = "full"
    cache_dir: str = ".tempsafe_cache"
    rule_url: str | None = None
    baseline: str | None = None


#: The fields that a key of the project's table can fill, apart from those of the `Settings` inside.
CONFIGURATION_FIELDS = tuple(f.name for f in fields(Configuration) if f.name not in ("root", "origin", "settings"))

#: The default of every field that a key can fill.
DEFAULTS = {f.name: f.default for kind in (Settings, Configuration) for f in fields(kind) if f.default is not MISSING}
