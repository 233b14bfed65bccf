"""The keys of `[tool.tempsafe-lint]`, one entry each: the only place that a new one is written, beside its field.

An entry names the field of `Settings` or `Configuration` that it fills; the field's default is the key's. Reading, the
did-you-mean, `tempsafe-lint config`, the JSON Schema and the reference in the documentation are made from this table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tempsafe_lint.configuration import kinds
from tempsafe_lint.configuration.tables import check_selectors, did_you_mean
from tempsafe_lint.paths import below_folder, rebased
from tempsafe_lint.settings import DEFAULTS

if TYPE_CHECKING:
    from tempsafe_lint.configuration.kinds import Kind
    from tempsafe_lint.configuration.tables import Table


class Key:
    """One key. `into` is the field it fills; `adds` says that its values go behind those that are there already.

    `resets` are fields that begin afresh where a nearer table has this key. `default` is said in words where the
    field's own default does not tell it; `doc` is Markdown, its first sentence stands in the list.
    """

    def __init__(
        self,
        name: str,
        kind: Kind,
        doc: str,
        *,
        example: str,
        into: str | None = None,
        adds: bool = False,
        resets: tuple[str, ...] = (),
        default: str | None = None,
    ) -> None:
        self.name = name
        self.kind = kind
        self.doc = doc
        self.example = example
        self.into = name.replace("-", "_") if into is None else into
        self.adds = adds
        self.resets = resets
        self.default = default


KEYS: dict[str, Key] = {
    key.name: key
    for key in (
        Key(
            "required-version",
            kinds.REQUIRED_VERSION,
            "The releases of tempsafe-lint that this configuration is for. Any other stops with an error.",
            example='">=1"',
            into="",
        ),
        Key(
            "extend",
            kinds.STRING,
            "Another file whose settings hold where this one has none. The path is relative to this file; a "
            "`pyproject.toml` must have the table. `extend-` keys add to those of the other file. Its patterns are "
            "relative to its own folder where that is above this one.",
            example='"../pyproject.toml"',
            into="",
        ),
        Key(
            "target-version",
            kinds.VERSION,
            "The lowest version of Python that the code has to run on. Some fixes need a newer one.",
            example='"py312"',
            default='the lower bound of `project.requires-python`, else `"py310"`',
        ),
        Key(
            "select",
            kinds.RULES,
            "The rules that are on. A code, the beginning of one (`TMP4`), a name or `ALL`. A rule that is selected is "
            "on in test code too.",
            example='["TMP2", "leaked-dir"]',
            resets=("extend_select", "ignore"),
            default="every rule but those that are opt-in, with a softer set in tests",
        ),
        Key(
            "extend-select",
            kinds.RULES,
            "Rules that are on besides the others.",
            example='["windows-reopen"]',
            adds=True,
        ),
        Key("ignore", kinds.RULES, "Rules that are off.", example='["TMP404"]'),
        Key(
            "extend-ignore",
            kinds.RULES,
            "Rules that are off besides those of `ignore`.",
            example='["TMP505"]',
            into="ignore",
            adds=True,
        ),
        Key(
            "per-file-ignores",
            kinds.RULES_BY_PATTERN,
            "Rules that are off in some files. A pattern that begins with `!` means every other file.",
            example='{ "tools/**" = ["TMP101"] }',
        ),
        Key(
            "overrides",
            kinds.OVERRIDES,
            "What holds besides for some files: `files` with `select`, `extend-select`, `ignore` and `severity`. "
            "`select` begins afresh, the others add. Later tables win.",
            example='[{ files = ["docker/**"], severity = { TMP101 = "low" } }]',
            adds=True,
        ),
        Key(
            "preview",
            kinds.BOOLEAN,
            "Turn on rules that are still on trial.",
            example="true",
        ),
        Key(
            "min-severity",
            kinds.LEVEL,
            "Findings below this severity are left out.",
            example='"medium"',
        ),
        Key(
            "min-confidence",
            kinds.LEVEL,
            "Findings below this confidence are left out.",
            example='"high"',
        ),
        Key(
            "tests",
            kinds.PATTERNS,
            "Which files are test code. They are judged more leniently; a pattern counts at any depth below the root.",
            example='["tests/**", "checks/**"]',
        ),
        Key(
            "extend-temp-dirs",
            kinds.STRINGS,
            "Further folders that everybody on the machine may write to.",
            example='["/scratch"]',
            adds=True,
        ),
        Key(
            "allowed-paths",
            kinds.STRINGS,
            "Fixed paths in a shared folder that are meant.",
            example='["/tmp/.X11-unix"]',
        ),
        Key(
            "include",
            kinds.PATTERNS,
            "Which files a walk through a folder takes. A file that is named on the command line is read whatever it "
            "is called.",
            example='["*.py", "*.pyi", "*.pyw"]',
        ),
        Key(
            "extension",
            kinds.EXTENSIONS,
            "Further endings of file names, and what such files are read as.",
            example='{ pyw = "python" }',
        ),
        Key(
            "exclude",
            kinds.PATTERNS,
            "Files and folders that are not read, in place of the usual ones. A pattern without a slash counts at any "
            "depth, one with a slash begins at the folder of this file.",
            example='["generated", "src/vendor/**"]',
        ),
        Key(
            "extend-exclude",
            kinds.PATTERNS,
            "Files and folders that are not read, besides those of `exclude`.",
            example='["generated"]',
            into="exclude",
            adds=True,
        ),
        Key(
            "force-exclude",
            kinds.BOOLEAN,
            "Leave out excluded files even where they are named on the command line.",
            example="true",
        ),
        Key(
            "respect-gitignore",
            kinds.BOOLEAN,
            "Leave out what git ignores.",
            example="false",
        ),
        Key(
            "unsafe-fixes",
            kinds.UNSAFE,
            "Whether `--fix` applies unsafe fixes too. With `hint` they are counted; with `false` they are not even "
            "mentioned.",
            example="true",
        ),
        Key(
            "fixable",
            kinds.RULES,
            "The rules whose fixes may be applied.",
            example='["TMP2", "TMP4"]',
        ),
        Key(
            "unfixable",
            kinds.RULES,
            "Rules whose fixes are not applied.",
            example='["TMP404"]',
        ),
        Key(
            "extend-safe-fixes",
            kinds.RULES,
            "Rules whose unsafe fixes count as safe.",
            example='["TMP402"]',
        ),
        Key(
            "extend-unsafe-fixes",
            kinds.RULES,
            "Rules whose safe fixes count as unsafe. It goes over `extend-safe-fixes`.",
            example='["TMP201"]',
        ),
        Key(
            "runtime",
            kinds.RUNTIME,
            "What fixes may use. The library `tempsafe`, a copy of it inside the project (`tempsafe-lint vendor` makes "
            "one), or the standard library alone; then a fix that needs more is withheld.",
            example='"vendored"',
        ),
        Key(
            "runtime-import",
            kinds.MODULE,
            "The module that holds the vendored copy. It is known as the runtime wherever it is imported.",
            example='"app._tempsafe"',
        ),
        Key(
            "runtime-requirement",
            kinds.REQUIREMENT,
            "What the first fix that needs the runtime declares as a dependency of the project.",
            example='"tempsafe>=0.1,<1"',
            default="the release that comes with the linter, or a newer one",
        ),
        Key(
            "verify",
            kinds.STRING,
            "The command that `--verify` runs when it is given without one. It is for the shell; fixes with which it "
            "fails are taken back.",
            example='"pytest -q"',
            default="none",
        ),
        Key(
            "output-format",
            kinds.FORMAT,
            "How findings are printed.",
            example='"concise"',
        ),
        Key(
            "cache-dir",
            kinds.STRING,
            "The folder in which findings are kept between runs, relative to the project's root.",
            example='"~/.cache/tempsafe-lint"',
        ),
        Key(
            "require-suppression-reason",
            kinds.BOOLEAN,
            'Report a `# tempsafe:` comment without `reason="..."` (TMP903). It silences all the same.',
            example="true",
        ),
        Key(
            "honor-foreign-suppressions",
            kinds.FOREIGN,
            "Comments of other tools that count: `# noqa: S108` and `S306`, `# nosec B108` and `B306`, `# ruff: "
            "ignore[...]`. S108 and B108 silence TMP101, S306 and B306 silence TMP201; `# nosec` alone does both.",
            example='["nosec"]',
        ),
        Key(
            "baseline",
            kinds.STRING,
            "The file of findings that are accepted for now, relative to this one; `tempsafe-lint baseline create` "
            "makes it. An empty string means none.",
            example='"lint/accepted.json"',
            default='`".tempsafe-baseline.json"` where it exists',
        ),
        Key(
            "rule-url",
            kinds.STRING,
            "The address of a rule's page, for links in reports; `{code}` and `{name}` stand for the rule. Without it "
            "links lead to the page of the rule's weakness (CWE).",
            example='"https://wiki.example/lint/{name}"',
            default="the page of the rule's CWE",
        ),
        Key(
            "callable",
            kinds.rows_of("callable"),
            "What a function or class of the project does with temporaries: one table each, as `docs/models.md` says. "
            "They go over the linter's own rows.",
            example='[{ name = "myproj.tmp.make_scratch", makes = ["dir"] }]',
            into="rows",
            adds=True,
            default="the linter's own rows; `tempsafe-lint models` shows them",
        ),
        Key(
            "method",
            kinds.rows_of("method"),
            "The same for a method of something that is held as a path, an object and so on.",
            example='[{ name = "path.wipe", receiver = "deletes" }]',
            into="rows",
            adds=True,
            default="the linter's own rows; `tempsafe-lint models` shows them",
        ),
        Key(
            "attribute",
            kinds.rows_of("attribute"),
            "What an attribute of something that is held gives.",
            example='[{ name = "object.filename", gives = "path" }]',
            into="rows",
            adds=True,
            default="the linter's own rows; `tempsafe-lint models` shows them",
        ),
        Key(
            "decorator",
            kinds.rows_of("decorator"),
            "What a decorator makes of a function: a fixture, a context manager.",
            example='[{ name = "myproj.testing.fixture", fixture = true }]',
            into="rows",
            adds=True,
            default="the linter's own rows; `tempsafe-lint models` shows them",
        ),
        Key(
            "alias",
            kinds.rows_of("alias"),
            "A module or a name of the project that re-exports another one, whose rows hold for it too.",
            example='[{ name = "myproj.compat.tempfile", of = "tempfile" }]',
            into="rows",
            adds=True,
            default="the linter's own rows; `tempsafe-lint models` shows them",
        ),
    )
}


#: A field: where its value comes from, with the key and the raw value of each place.
Places = dict[str, list[tuple[str, "Key", Any]]]


def folded(tables: list[Table]) -> tuple[dict[str, Any], Places]:
    """What all tables say together, later ones over earlier ones: values by field, and by field the places that had a
    part in it. Patterns come out relative to the folder of the last table that stands in a file.

    Raises ConfigError.
    """
    values: dict[str, Any] = {}
    places: Places = {}
    anchor = next((table.folder for table in reversed(tables) if table.folder), None)
    for table in tables:
        for name in table.values:
            if name not in KEYS:
                raise table.error(f"unknown setting `{name}`{did_you_mean(name, tuple(KEYS))}", name)
        for key in sorted((KEYS[name] for name in table.values), key=lambda key: key.adds):
            value = _typed(table, key, anchor)
            if not key.into:
                continue
            for field in key.resets:
                values.pop(field, None)
                places.pop(field, None)
            place = (table.where(key.name), key, table.values[key.name])
            if key.adds:
                values[key.into] = (*values.get(key.into, DEFAULTS[key.into]), *value)
                places.setdefault(key.into, []).append(place)
            else:
                values[key.into] = value
                places[key.into] = [place]
    return values, places


def _typed(table: Table, key: Key, anchor: str | None) -> Any:
    try:
        value = key.kind.read(table.values[key.name])
    except kinds.Wrong as error:
        about = error.about or f"`{key.name}` must be {error}"
        raise table.error(about, key.name, *error.way) from None
    if key.kind.selectors is not None:
        for way, selectors in key.kind.selectors(value):
            check_selectors(selectors, table.where(key.name, *way), f"`{key.name}`")
    if key.kind.rebase is not None and table.folder and anchor and table.folder != anchor:
        down = below_folder(anchor, table.folder)
        if down is not None:
            value = key.kind.rebase(value, lambda pattern: rebased(pattern, down))
    return value
