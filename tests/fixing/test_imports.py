"""New imports stand where a sorted list has them; imports that lost their last use go, unless something wants them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tempsafe_lint.edits import apply
from tempsafe_lint.fixing import Withheld
from tempsafe_lint.fixing.imports import add_imports, complete, missing
from tempsafe_lint.fixing.unused import remove_unused
from tempsafe_lint.source import Source, Span
from tests.fixing.by_hand import imports_of, marked, replace_callee, source_of

USE = "x = «tempfile.mktemp»()\n"


def added(text: str, needs: tuple[str, ...] = ("tempsafe",), *, path: str = "sample.py") -> str:
    text, place = marked(text)
    source = Source(text, path)
    from tempsafe_lint.edits import Edit

    new = add_imports(needs, source, imports_of(source), (Edit(place, "new"),))
    return apply(text, new).replace(USE.replace("«", "").replace("»", ""), "USE\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "import tempsafe\n\nUSE\n"),
        ("#!/usr/bin/python\n# coding: utf-8\n", "#!/usr/bin/python\n# coding: utf-8\n\nimport tempsafe\n\nUSE\n"),
        ('"""Doc."""\n', '"""Doc."""\n\nimport tempsafe\n\nUSE\n'),
        ('"""Doc."""\n\n', '"""Doc."""\n\nimport tempsafe\n\nUSE\n'),
        (
            '"""Doc\n\nmore."""\n\n\n@d\ndef f(): pass\n',
            '"""Doc\n\nmore."""\n\nimport tempsafe\n\n\n@d\ndef f(): pass\nUSE\n',
        ),
        ("def f(): pass\n", "import tempsafe\n\n\ndef f(): pass\nUSE\n"),
        (
            "from __future__ import annotations\n\n",
            "from __future__ import annotations\n\nimport tempsafe\n\nUSE\n",
        ),
        ("import os\nimport tempfile\n\n", "import os\nimport tempfile\n\nimport tempsafe\n\nUSE\n"),
        (
            "import tempfile\nfrom os import path\n\n",
            "import tempfile\nfrom os import path\n\nimport tempsafe\n\nUSE\n",
        ),
        (
            "import tempfile\n\nimport numpy\nimport yaml\nfrom a import b\n\nfrom . import c\n",
            "import tempfile\n\nimport numpy\nimport tempsafe\nimport yaml\nfrom a import b\n\nfrom . import c\nUSE\n",
        ),
        ("import tempfile\n\nfrom yaml import b\n", "import tempfile\n\nimport tempsafe\nfrom yaml import b\nUSE\n"),
        ("import tempfile\n\nfrom . import c\n", "import tempfile\n\nimport tempsafe\n\nfrom . import c\nUSE\n"),
        ("from . import c\n", "import tempsafe\n\nfrom . import c\nUSE\n"),
        # Not sorted into sections: beside the import whose name is replaced.
        (
            "import numpy\nimport tempfile  # why\nimport sys\n",
            "import numpy\nimport tempfile  # why\nimport tempsafe\nimport sys\nUSE\n",
        ),
        ("import numpy, tempfile\nimport sys\n", "import numpy, tempfile\nimport tempsafe\nimport sys\nUSE\n"),
        ("import tempfile; import sys\n", "import tempfile; import sys\n\nimport tempsafe\nUSE\n"),
        (
            "from os import (\n    path,  # p\n)\nimport sys\n\n",
            "from os import (\n    path,  # p\n)\nimport sys\n\nimport tempsafe\n\nUSE\n",
        ),
        ("from tempfile import *\n", "from tempfile import *\n\nimport tempsafe\nUSE\n"),
        # The import of a later block is the one replaced.
        (
            "import sys\nsys.path.pop()\nimport tempfile\n",
            "import sys\nsys.path.pop()\nimport tempfile\n\nimport tempsafe\nUSE\n",
        ),
        # Conditional imports and those of functions are no place for ours.
        (
            "try:\n    import tempfile\nexcept ImportError:\n    tempfile = None\n",
            "import tempsafe\n\ntry:\n    import tempfile\nexcept ImportError:\n    tempfile = None\nUSE\n",
        ),
        (
            "import os\nif os:\n    import tempfile\n",
            "import os\n\nimport tempsafe\nif os:\n    import tempfile\nUSE\n",
        ),
        ("import tempsafe\n", "import tempsafe\nUSE\n"),
        ("from tempsafe import mkstemp\n", "import tempsafe\nfrom tempsafe import mkstemp\nUSE\n"),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_an_import_is_added(before: str, after: str, newline: str) -> None:
    result = added((before + USE).replace("\n", newline))
    assert result.replace(
        USE.replace("«", "").replace("»", "").replace("\n", newline), f"USE{newline}"
    ) == after.replace("\n", newline)


def test_all_that_is_needed_is_one_edit() -> None:
    assert (
        added("import os\n" + USE, ("tempsafe", "app.b as b"))
        == "import os\n\nimport app.b as b\nimport tempsafe\nUSE\n"
    )


def test_a_module_of_the_project_goes_to_its_section() -> None:
    text = "import tempfile\n\nimport yaml\n\nfrom app import z\n" + USE
    expected = "import tempfile\n\nimport yaml\n\nimport app._tempsafe as _tempsafe\nfrom app import z\nUSE\n"
    assert added(text, ("app._tempsafe as _tempsafe",), path="src/app/x.py") == expected


def test_no_import_can_stand_before_its_use() -> None:
    text, place = marked("x = 1\n«y»()\n")
    from tempsafe_lint.edits import Edit
    from tempsafe_lint.records import replace

    table = replace(imports_of(source_of(text)), insert_at=len(text))
    with pytest.raises(Withheld, match="no place for an import"):
        add_imports(("tempsafe",), source_of(text), table, (Edit(place, ""),))


def test_what_is_there_is_not_missing() -> None:
    table = imports_of(source_of("import a\nimport b as c\nfrom d import e\ndef f():\n    import g\n"))
    assert missing({"a", "b as c", "d.e as e", "g", "b", "h"}, table) == ["b", "g", "h"]


def test_an_editor_gets_the_import_with_the_fix() -> None:
    text = "import tempfile\n\nx = «tempfile.mktemp»()\n"
    source = source_of(marked(text)[0])
    result = apply(source.text, complete(replace_callee(text), source, imports_of(source)))
    assert result == "import tempfile\n\nimport tempsafe\n\nx = tempsafe.mktemp()\n"


def cleaned(text: str, name: str, *, path: str = "sample.py", needs: tuple[str, ...] = ()) -> str:
    """`text` after its mentions of `name` (written as «name») have gone."""
    before = imports_of(Source(text.replace("«", "").replace("»", ""), path))
    source = Source(text.replace(f"«{name}»", "gone"), path)
    for _ in range(9):
        edits = remove_unused(source, before, imports_of(source), needs)
        if not edits:
            return source.text
        source = source.with_text(apply(source.text, edits))
    raise AssertionError("no end")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import t\n«t».f()\n", None),  # importing it may do something
        ("import os\n«os».f()\n", "gone.f()\n"),
        ("import os\n«os».f(os)\n", None),
        ("import os, sys\n«os».f()\n", "import sys\ngone.f()\n"),
        ("import sys, os\n«os».f()\n", "import sys\ngone.f()\n"),
        ("import sys, os as os, re\n«os».f()\n", None),
        ("import os as os\n«os».f()\n", None),
        ("import re as os\n«os».f()\n", "gone.f()\n"),
        ("import os  # why\n«os».f()\n", "# why\ngone.f()\n"),
        ("import os  # noqa: E402\n«os».f()\n", "# noqa: E402\ngone.f()\n"),
        ("import os  # noqa: E402, F401\n«os».f()\n", None),
        ("import os  # noqa\n«os».f()\n", None),
        ("import os; import sys\n«os».f()\n", "import sys\ngone.f()\n"),
        ("import sys; import os\n«os».f()\n", "import sys\ngone.f()\n"),
        ("from a import os\n«os».f()\n", None),
        (
            "from shutil import (\n    os,  # o\n    sys,\n)\n«os».f()\n",
            "from shutil import (\n    # o\n    sys,\n)\ngone.f()\n",
        ),
        (
            "from shutil import (\n    sys,  # s\n    os  # o\n)\n«os».f()\n",
            "from shutil import (\n    sys,  # s\n    # o\n)\ngone.f()\n",
        ),
        (
            "from shutil import (\n    sys,  # s\n    os,\n)\n«os».f()\n",
            "from shutil import (\n    sys,  # s\n)\ngone.f()\n",
        ),
        ("from shutil import (sys,\n    os)\n«os».f()\n", "from shutil import (sys)\ngone.f()\n"),
        ("from shutil import sys, \\\n    os\n«os».f()\n", "from shutil import sys\ngone.f()\n"),
        ("from shutil import (\n    os,  # o\n)\n«os».f()\n", "# o\ngone.f()\n"),
        ("def f():\n    import os\n    «os».f()\n", "def f():\n    gone.f()\n"),
        ("def f():\n    if x:\n        import os\n    «os».f()\n", "def f():\n    if x:\n        pass\n    gone.f()\n"),
        ("def f():\n    if x: import os\n    «os».f()\n", "def f():\n    if x: pass\n    gone.f()\n"),
        (
            "def f():\n    try:\n        import os\n        «os».f()\n    finally: y\n",
            "def f():\n    try:\n        gone.f()\n    finally: y\n",
        ),
        ("def f():\n    try:\n        import os\n    except ImportError: y\n    «os».f()\n", None),
        ("def f():\n    try:\n        import re\n    except ImportError:\n        import os\n    «os».f()\n", None),
        ("try:\n    import os\nexcept ImportError:\n    y\n«os».f()\n", None),
        ("if x:\n    import os\n«os».f()\n", None),
        ("if __name__ == '__main__':\n    import os\n    «os».f()\n", "if __name__ == '__main__':\n    gone.f()\n"),
        ("class C:\n    import os\n    «os».f()\n", None),
        ("import os\nos = os or 1\n«os».f()\n", None),
        ("import os\nimport posix as os\n«os».f()\n", None),
        ("import os\n__all__ = ['os']\n«os».f()\n", None),
        ("import os\ndef f(x: 'os.PathLike[str]'): pass\n«os».f()\n", None),
        ("import os\n'''Doc.\n\n>>> os.f()\n'''\n«os».f()\n", None),
        ("import os\n'''Prose about os and more.'''\n«os».f()\n", "'''Prose about os and more.'''\ngone.f()\n"),
        ("import os\nx = []  # type: list[os.PathLike]\n«os».f()\n", None),
        # Blank rows that separated it go with it.
        ("import os\n\nimport x\n«os».f()\n", "import x\ngone.f()\n"),
        ("import x\n\nimport os\n\n\ndef f(): «os».f()\n", "import x\n\n\ndef f(): gone.f()\n"),
        ("# c\n\nimport os\n\nimport x\n«os».f()\n", "# c\n\nimport x\ngone.f()\n"),
        ("import os\n\n\ndef f(): «os».f()\n", "def f(): gone.f()\n"),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_an_import_that_lost_its_uses(before: str, after: str | None, newline: str) -> None:
    name = before[before.index("«") + 1 : before.index("»")]
    expected = before.replace(f"«{name}»", "gone") if after is None else after
    assert cleaned(before.replace("\n", newline), name) == expected.replace("\n", newline)


def test_what_was_unused_before_is_not_our_business() -> None:
    text = "import os, sys\n«os».f()\nx = 1\n"
    assert cleaned(text, "os") == "import sys\ngone.f()\nx = 1\n"


def test_a_package_may_be_where_others_import_it_from() -> None:
    text = "import os\n\n\ndef f():\n    import re\n    «os».f()\n"
    assert cleaned(text, "os", path="pkg/__init__.py").startswith("import os\n")


def test_names_that_go_one_after_the_other_leave_no_empty_suite() -> None:
    text = "def f():\n    if x:\n        import os\n        import re\n    «os».f(); «re».g()\n"
    before = imports_of(Source(text.replace("«", "").replace("»", ""), "sample.py"))
    source = Source(text.replace("«os»", "gone").replace("«re»", "gone"), "sample.py")
    while edits := remove_unused(source, before, imports_of(source)):
        source = source.with_text(apply(source.text, edits))
    assert source.text == "def f():\n    if x:\n        pass\n    gone.f(); gone.g()\n"


def test_a_comment_moves_to_the_import_that_comes_instead() -> None:
    text = "import os  # noqa: S404\nimport re\n\nimport tempsafe\n«os».f(re)\n"
    assert cleaned(text, "os", needs=("tempsafe",)) == "import re\n\nimport tempsafe  # noqa: S404\ngone.f(re)\n"
    text = "import os  # one\nimport re\n\nimport tempsafe  # two\n«os».f(re)\n"
    assert cleaned(text, "os", needs=("tempsafe",)) == "# one\nimport re\n\nimport tempsafe  # two\ngone.f(re)\n"


def test_ruff_accepts_the_order(tmp_path: Path) -> None:
    """isort's rules as ruff has them find nothing in sorted files that got our import."""
    files = [
        "import os\nimport tempfile\n\n" + USE,
        "import os\nimport tempfile\nfrom re import sub\n\n\ndef f():\n    " + USE,
        "import tempfile\n\nimport numpy\nimport yaml\nfrom attr import b\n\nfrom . import c\n\n" + USE,
        "import tempfile\n\nfrom yaml import b\n\nfrom . import c\n\n" + USE,
        '"""Doc."""\n\nfrom __future__ import annotations\n\n' + USE,
        '"""Doc."""\n\n\ndef f():\n    ' + USE,
        "from . import c\n\n" + USE,
        "# comment\n\n" + USE,
    ]
    for number, text in enumerate(files):
        (tmp_path / f"f{number}.py").write_text(added(text).replace("USE", "x = 1"), encoding="utf-8")
    ruff = Path(sys.executable).with_name("ruff")
    if not ruff.exists():
        pytest.skip("ruff is not installed")
    command = [str(ruff), "check", "--isolated", "--select", "I", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_several_modules_go_each_to_its_place() -> None:
    needs = ("contextlib", "shutil", "tempsafe")
    assert added("import os\nimport tempfile\n\nimport yaml\n" + USE, needs) == (
        "import contextlib\nimport os\nimport shutil\nimport tempfile\n\nimport tempsafe\nimport yaml\nUSE\n"
    )
    assert added(USE, needs) == "import contextlib\nimport shutil\n\nimport tempsafe\n\nUSE\n"
    assert (
        added("import os\n\n" + USE, needs) == "import contextlib\nimport os\nimport shutil\n\nimport tempsafe\n\nUSE\n"
    )


def test_a_group_that_is_not_sorted_does_not_count_for_another() -> None:
    text = "import os\nimport tempfile\nimport unittest\n\nfrom other import f\nfrom tests.more import g\n"
    assert added(text + USE, ("shutil", "tempsafe"), path="tests/sample.py") == (
        "import os\nimport shutil\nimport tempfile\nimport unittest\n\n"
        "import tempsafe\nfrom other import f\nfrom tests.more import g\nUSE\n"
    )


def test_the_offset_of_the_new_import_is_the_start_of_a_row() -> None:
    source = source_of("import os\nx = 1\n")
    new = add_imports(("tempsafe",), source, imports_of(source), ())
    assert [edit.span for edit in new] == [Span(10, 10)]
