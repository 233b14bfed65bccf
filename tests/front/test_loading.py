"""libcst is imported in a cheaper way, and is the same for everybody else in the process."""

from __future__ import annotations

import subprocess
import sys

import pytest

LOADED = "import sys, tempsafe_lint.front, libcst, dataclasses\n"


def ran(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_what_nobody_asks_for_is_not_loaded() -> None:
    assert ran(LOADED + "print('subprocess' in sys.modules, 'libcst._nodes.statement' in sys.modules)") == "False True"


@pytest.mark.parametrize(
    "ask",
    [
        "from libcst.metadata import MetadataWrapper, PositionProvider as P",
        "import libcst.metadata\nfrom libcst import MetadataWrapper\nP = libcst.metadata.PositionProvider",
        "from libcst.metadata.position_provider import PositionProvider as P\nfrom libcst import MetadataWrapper",
        "from libcst.metadata import *\nP = PositionProvider",
        "import libcst.matchers, libcst.codemod\nfrom libcst.metadata import MetadataWrapper, PositionProvider as P",
    ],
)
def test_metadata_is_there_for_who_asks(ask: str) -> None:
    code = "\nprint(len(MetadataWrapper(libcst.parse_module('x = 1')).resolve(P)))"
    assert ran(LOADED + ask + code) == ran("import libcst\n" + ask + code) != ""


def test_nodes_are_what_they_are() -> None:
    """Compared by identity, hashed, shown, changed and pickled as ever."""
    code = (
        "import libcst as cst, pickle, dataclasses\n"
        "n = cst.parse_statement('x = 1')\n"
        "m = n.deep_clone()\n"
        "print(n == n, n == m, n.deep_equals(m), len({n, m}), repr(n) == repr(m), len(repr(n)))\n"
        "print(pickle.loads(pickle.dumps(n)).deep_equals(n), cst.Name('a').with_changes(value='b').value)\n"
        "print(cst.PartialParserConfig() == cst.PartialParserConfig(), repr(cst.PartialParserConfig()))\n"
        "from libcst.metadata import CodePosition as P\nprint(P(1, 2) == P(1, 2), P(1, 2))\n"
        "try:\n    cst.Name('a').value = 'b'\nexcept dataclasses.FrozenInstanceError as e: print(e)\n"
    )
    assert ran("import tempsafe_lint.front\n" + code) == ran(code) != ""


def test_what_is_defined_meanwhile_is_whole() -> None:
    """A class of another thread that is defined while libcst is imported."""
    code = (
        "import dataclasses\nfrom tempsafe_lint.front import loading\n"
        "make = loading._sparing\n"
        "@make\nclass A:\n    x: int = 1\n"
        "@make(frozen=True, order=True)\nclass B:\n    x: int = 1\n"
        "@make(frozen=True)\nclass C:\n    x: int = 1\n    def __eq__(self, other): return True\n"
        "assert A() == A() and A() != A(2) and B() < B(2) and hash(B()) == hash(B()) and C() == 3\n"
        "assert dataclasses.dataclass.__module__ == 'dataclasses'\n"
        "print(A(), B(), C(), hash(C()) == hash(C()))\n"
    )
    assert ran(code) == "A(x=1) B(x=1) C(x=1) True"
