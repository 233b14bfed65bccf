"""Fail a test that leaves temporary files behind: pytest --tempsafe-leaks=error (or warn).

Sees what is made by `tempfile` and by tempsafe, through the audit events of both; nothing is patched. What a test or
its function fixtures made must be gone when the test has been torn down; what a wider fixture made, when that fixture
is. Not seen: files made by other programs, by other processes, or under names the test chose itself.
"""

from __future__ import annotations

import gc
import os
import sys
import warnings

import pytest

from . import _creation as creation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import Any

_EVENTS = frozenset(("tempfile.mkstemp", "tempfile.mkdtemp"))
_OURS = os.path.dirname(os.path.abspath(__file__)) + os.sep
_STDLIB = (os.sep + "tempfile.py", os.sep + "contextlib.py")


class LeakedTemporary(pytest.PytestWarning):
    """What `--tempsafe-leaks=warn` warns with."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("tempsafe").addoption(
        "--tempsafe-leaks",
        choices=("off", "warn", "error"),
        default="off",
        help="what to do about a test that leaves temporary files behind (made by tempfile or tempsafe)",
    )


def pytest_configure(config: pytest.Config) -> None:
    how = config.getoption("--tempsafe-leaks")
    if how != "off":
        watch = _Watch(how)
        config.pluginmanager.register(watch, "tempsafe-leaks")
        sys.addaudithook(watch.hear)  # cannot be taken back; a deaf watch records nothing


def pytest_unconfigure(config: pytest.Config) -> None:
    watch = config.pluginmanager.unregister(name="tempsafe-leaks")
    if isinstance(watch, _Watch):
        watch.made = None


class _Watch:
    def __init__(self, how: str) -> None:
        self.how = how
        self.made: dict[str, str] | None = None  # path -> where it was made, for the part of the run under way

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in _EVENTS and self.made is not None:
            self.made[os.path.abspath(os.fsdecode(arguments[0]))] = _caller()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        self.made = {}
        try:
            return (yield)
        finally:
            self.made = None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, object, object]:
        result = yield
        made, self.made = self.made, {}
        self.judge(made or {}, item.nodeid)
        return result

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: Any, request: Any) -> Generator[None, object, object]:
        if fixturedef.scope == "function":
            return (yield)
        outer, self.made = self.made, {}
        made = self.made
        # Finalizers run last in, first out: registered before the fixture runs, this one follows its own teardown.
        fixturedef.addfinalizer(lambda: self.judge(made, f"fixture {fixturedef.argname!r}"))
        try:
            return (yield)
        finally:
            self.made = outer

    def judge(self, made: dict[str, str], whose: str) -> None:
        if any(map(os.path.lexists, made)):
            gc.collect()
        left = {path: where for path, where in made.items() if os.path.lexists(path) and not creation.is_private(path)}
        if not left:
            return
        lines = "".join(f"\n  {path}\n    made at {where}" for path, where in left.items())
        message = f"{whose} left {len(left)} temporary file(s) or director(ies) behind:{lines}"
        if self.how == "error":
            pytest.fail(message, pytrace=False)
        warnings.warn(message, LeakedTemporary, stacklevel=2)


def _caller() -> str:
    """The innermost line that is neither in tempfile nor in tempsafe."""
    frame = sys._getframe(2)
    while frame.f_back is not None:
        file = frame.f_code.co_filename
        if not file.startswith(_OURS) and not file.endswith(_STDLIB):
            break
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"
