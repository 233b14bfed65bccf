"""Programs with one defect, run before and after the safe fix: nothing may differ but the defect.

A program is a maker, a way the path may get out, and an end. Both versions run in a child process with a temporary
directory and a working directory of their own. Compared are the output, the exception's type, the exit status, files
outside the temporary directory, descriptors that are open at the end, and, for every path that anybody was told,
whether it is still there afterwards: whoever was told it may want it.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from textwrap import indent

import pytest

from tempsafe_lint.engine import fix
from tempsafe_lint.findings import Finding, Safety
from tempsafe_lint.levels import Level
from tempsafe_lint.settings import Settings
from tempsafe_lint.source import Source

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="programs fork and use a shell")
RUNTIME = Path(__file__).resolve().parents[2] / "runtime"
#: What is found at any confidence: a fix must be right also where the finding is in doubt.
SETTINGS = Settings(min_confidence=Level.LOW)
#: Programs of each way out; more with a larger number in the environment.
EACH = int(os.environ.get("TEMPSAFE_BEHAVIOUR", "5"))

MAKERS = {
    "file": "fd, path = tempfile.mkstemp({})\nos.close(fd)",
    "wrapped": "fd, path = tempfile.mkstemp({})\nwith os.fdopen(fd, 'w') as out:\n    out.write('a')",
    "second": "path = tempfile.mkstemp({})[1]",
    "object": "f = tempfile.NamedTemporaryFile('w', delete=False)\nf.write('a')\nf.close()\npath = f.name",
    "block": "with tempfile.NamedTemporaryFile('w+', delete=False) as f:\n    f.write('a')\npath = f.name",
    "name": "path = tempfile.mktemp({})\nwith open(path, 'w') as out:\n    out.write('a')",
    "folder": "folder = tempfile.mkdtemp({})\npath = os.path.join(folder, 'x')\nopen(path, 'w').close()",
    "made": "folder = tempfile.mktemp({})\nos.mkdir(folder)\npath = os.path.join(folder, 'x')\nopen(path, 'w').close()",
}
ARGUMENTS = ("", "suffix='.x'", "prefix='p-'", "'.y', 'q-'", "'.z', 'r-', None")
STAYS = {
    "nothing": "pass",
    "written": "with open(path, 'a') as out:\n    out.write('b')\nprint(open(path).read())",
    "child": "print(subprocess.check_output(['cat', path]))",
    "shell": "print(subprocess.call('test -f %s' % path, shell=True))",
    "asked": "print(os.path.exists(path), os.path.isabs(path), os.path.getsize(path), oct(os.stat(path).st_mode))",
    "copied": "shutil.copy(path, 'copy')\nprint(os.listdir('.'))",
    "linked": "os.link(path, 'hard')",
    "helper": "print(size(path))",
    "chdir": "before = os.getcwd()\nos.chdir(os.path.dirname(before))\nprint(open(path).read())\nos.chdir(before)",
    "thread": "seen = [len(open(path).read())]\nprint(seen)",
    "renamed": "os.rename(path, path + '.old')\nprint(os.path.exists(path))\nos.rename(path + '.old', path)",
    "removed": "os.remove(path)\nopen(path, 'w').close()",
}
LEAVES = {
    "printed": "print(path)",
    "formatted": "print('%(path)s' % locals())",
    "joined": "print(' '.join(['in', path]))",
    "quoted": "print(repr(path))",
    "logged": "sys.stderr.write(path)",
    "low": "os.write(1, path.encode())",
    "given": "RESULT.append(path)",
    "alias": "known = RESULT\nknown.append(path)",
    "grown": "global RESULT\nRESULT += [path]",
    "mapped": "RESULT.append(dict(path=path))",
    "closure": "def inner():\n    return path\nRESULT.append(inner())",
    "later": "def inner():\n    return path\nLATER.append(inner)",
    "class": "class Handler:\n    where = path\nRESULT.append(Handler.where)",
    "attribute": "work.path = path",
    "kept": "with open('kept', 'w') as out:\n    out.write(path)",
    "text": "Path('kept').write_text(path)",
    "dumped": "with open('kept', 'w') as out:\n    json.dump({'path': path}, out)",
    "shown": "show(path)",
    "list": "print(command(path))",
    "link": "os.symlink(path, 'link')\nprint(os.readlink('link'))",
    "environment": "os.environ['WORK'] = path\nsubprocess.Popen(LOOK, shell=True)",
    "mapping": "subprocess.Popen(LOOK, shell=True, env=dict(os.environ, WORK=path))",
    "background": "os.system('(sleep 0.3; test -e %s; echo $?) &' % path)",
    "spawned": "os.spawnl(os.P_NOWAIT, '/bin/sh', 'sh', '-c', 'sleep 0.3; test -e \"$0\"; echo $?', path)",
    "process": "subprocess.Popen(['sh', '-c', 'sleep 0.3; test -e \"$0\"; echo $?', path])",
    "standing": "os.chdir(os.path.dirname(path))\nprint(os.getcwd())",
    "forked": "if os.fork():\n    sys.exit(0)\ntime.sleep(0.3)\nos.write(1, b'%d' % os.path.exists(path))\nos._exit(0)",
    "replaced": "sys.stdout.flush()\nos.execv('/bin/sh', ['sh', '-c', 'test -e \"$0\"; echo $?', path])",
    "raised": "raise RuntimeError(path)",
    "said": "sys.exit('see ' + path)",
    "parent": "print(os.listdir(os.path.dirname(path)) and 1)\nprint(os.path.dirname(path))",
    "exit": "atexit.register(print, path)",
    "moved": "open('own', 'w').close()\nshutil.move('own', path)\nprint(path)",
}
ENDS = {
    "end": "",
    "early": "if len(sys.argv) == 1:\n    return None\n{remove}",
    "error": "int('x')\n{remove}",
    "exit": "sys.exit(3)",
    "clean": "{remove}",
    "maybe": "if os.path.exists(path):\n    {remove}",
}
REMOVE = {"folder": "shutil.rmtree(folder)", "made": "shutil.rmtree(folder)"}
PROGRAM = """\
import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RESULT = []
LATER = []
LOOK = 'sleep 0.3; test -e "$WORK"; echo $?'


def size(name):
    with open(name) as data:
        return len(data.read())


def show(name):
    print("in", name)


def command(name):
    return ["cat", name]


def work():
{body}


work()
print(RESULT, [call() for call in LATER], getattr(work, "path", None))
"""
#: Counts what is open at the end, but for what the runtime holds: its journal, and locks on directories.
DRIVER = """\
import os, runpy, stat, sys
try:
    runpy.run_path(sys.argv.pop(1), run_name="__main__")
finally:
    held = []
    for number in os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else ():
        try:
            target = os.readlink("/proc/self/fd/" + number)
            mode = os.fstat(int(number)).st_mode
        except OSError:
            continue
        if not stat.S_ISDIR(mode) and "/tempsafe-" not in target:
            held.append(target)
    with open(os.environ["DESCRIPTORS"], "w") as out:
        out.write(str(len(held)))
"""


@dataclass(frozen=True)
class Seen:
    """What one run showed. `told` are the paths that got out, with whether they are still there."""

    out: str
    error: str
    code: int
    files: dict[str, str]
    descriptors: int
    told: list[bool]
    left: list[str]


def run(text: str, folder: Path) -> Seen:
    here, temp, side = folder / "here", folder / "temp", folder / "side"
    for made in (here, temp, side):
        made.mkdir(parents=True)
    (side / "program.py").write_text(text)
    (side / "driver.py").write_text(DRIVER)
    environment = {
        "PATH": os.environ["PATH"],
        "TMPDIR": str(temp),
        "PYTHONPATH": str(RUNTIME),
        "DESCRIPTORS": str(side / "descriptors"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-S", side / "driver.py", side / "program.py"],
        cwd=here,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    paths = re.compile(re.escape(str(temp)) + r"[^\s'\"\])},;]*")
    files = {}
    for path in sorted(here.iterdir()):
        files[path.name] = os.readlink(path) if path.is_symlink() else path.read_text()
    told = [
        os.path.exists(path) for part in (done.stdout, done.stderr, *files.values()) for path in paths.findall(part)
    ]
    last = done.stderr.strip().splitlines()[-1:] or [""]
    error = paths.sub("<temp>", last[0])
    return Seen(
        paths.sub("<temp>", done.stdout),
        error,
        done.returncode,
        {name: paths.sub("<temp>", text) for name, text in files.items()},
        int((side / "descriptors").read_text() if (side / "descriptors").exists() else 0),
        told,
        sorted(path.name for path in temp.iterdir() if not path.name.startswith("tempsafe-")),
    )


def safe(finding: Finding) -> bool:
    return finding.fix is not None and finding.fix.safety is Safety.SAFE


def program(maker: str, use: str, end: str, arguments: str) -> str:
    remove = REMOVE.get(maker, "os.remove(path)")
    body = "\n".join((MAKERS[maker].format(arguments), use, ENDS[end].format(remove=remove), "return None"))
    return PROGRAM.format(body=indent(body, "    "))


def programs(use: str, seed: str) -> list[str]:
    """Some of the makers and ends with one use, chosen by a seed: the same ones in every run."""
    chance = random.Random(seed)
    pairs = [(maker, end) for maker in MAKERS for end in ENDS]
    chosen = chance.sample(pairs, min(EACH, len(pairs)))
    return [program(maker, use, end, chance.choice(ARGUMENTS)) for maker, end in chosen]


def both(text: str, folder: Path) -> tuple[str, Seen, Seen, set[str]] | None:
    """The fixed program, what both of them show, and what was mended; None where nothing is fixed."""
    report = fix(Source(text, "src/work.py"), SETTINGS, safe)
    if not report.changed:
        return None
    mended = {finding.code for finding in report.applied}
    return report.after, run(text, folder / "before"), run(report.after, folder / "after"), mended


def compare(texts: list[str], folder: Path) -> int:
    """Compare each program with its fixed form; how many were fixed."""
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda item: both(item[1], folder / str(item[0])), enumerate(texts)))
    for text, result in zip(texts, results, strict=True):
        if result is None:
            continue
        after, old, new, mended = result
        assert (new.out, new.error, new.code, new.files) == (old.out, old.error, old.code, old.files), after
        assert new.descriptors <= old.descriptors, after
        assert new.told == old.told, after
        assert len(new.left) <= len(old.left), after
        if "delete=False" not in after.replace(text, "") and mended - {"TMP403"}:
            assert not new.left, (after, new.left)
    return sum(result is not None for result in results)


@pytest.mark.parametrize("name", STAYS)
def test_what_stays_is_gone_afterwards_and_all_else_is_the_same(name: str, tmp_path: Path) -> None:
    assert compare(programs(STAYS[name], name), tmp_path) > 0


@pytest.mark.parametrize("name", LEAVES)
def test_what_somebody_was_told_is_as_it_was(name: str, tmp_path: Path) -> None:
    compare(programs(LEAVES[name], name), tmp_path)


@pytest.mark.parametrize("maker", MAKERS)
def test_every_maker_is_fixed_where_its_path_stays(maker: str, tmp_path: Path) -> None:
    assert compare([program(maker, STAYS["written"], "error", "")], tmp_path) == 1


def test_a_way_out_is_never_taken_for_none(tmp_path: Path) -> None:
    """What is told is kept: no fix but of a name, which is kept on request."""
    for name, use in LEAVES.items():
        after = fix(Source(program("folder", use, "end", ""), "src/work.py"), SETTINGS, safe).after
        assert "tempsafe" not in after, (name, after)
