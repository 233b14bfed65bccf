"""Two users and one tree: while its owner removes it, another user swaps what is in it. A script for test_removal.py.

    python swapping.py <place> <rounds> tempsafe|naive

As root: becomes an owner (uid 65534) and an attacker (uid 65533). The owner has a directory `precious`; the tree has a
directory that the attacker may write to, in which a directory and a link to `precious` take turns under one name. A
round counts as lost if a file of `precious` is gone or its mode changed. Prints "<rounds> <lost>".

`naive` is the control: it removes by path and mends permissions by path, as a careless cleanup does.
"""

import contextlib
import os
import shutil
import sys

from tempsafe import _removal  # now: the owner may not be allowed to read the installation

OWNER, ATTACKER = 65534, 65533
FILES = [f"file{number}" for number in range(10)]


def become(user):
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)


def attack(stage, precious):
    """Directory `x` (with files named like the precious ones) <-> link `x` to `precious`, as fast as it goes."""
    become(ATTACKER)
    os.umask(0)
    while True:
        for step in (
            lambda: os.mkdir(f"{stage}/real"),
            lambda: [os.close(os.open(f"{stage}/real/{name}", os.O_CREAT | os.O_WRONLY, 0o666)) for name in FILES],
            lambda: os.rename(f"{stage}/real", f"{stage}/x"),
            lambda: os.symlink(precious, f"{stage}/link"),
            lambda: os.rename(f"{stage}/x", f"{stage}/away"),
            lambda: os.rename(f"{stage}/link", f"{stage}/x"),
            lambda: os.rename(f"{stage}/away", f"{stage}/real"),
            lambda: os.mkfifo(f"{stage}/away"),
            lambda: os.rename(f"{stage}/away", f"{stage}/x"),
            lambda: os.unlink(f"{stage}/x"),
        ):
            with contextlib.suppress(OSError):
                step()


def naive(path):
    """List by path, go down by path, chmod by path when something is refused."""

    def mend(function, name, error):
        os.chmod(os.path.dirname(name), 0o700)
        try:
            os.chmod(name, 0o700)
            function(name)
        except OSError:
            pass

    def remove(path):
        for name in os.listdir(path):
            full = os.path.join(path, name)
            if not os.path.islink(full) and os.path.isdir(full):
                remove(full)
            else:
                try:
                    os.unlink(full)
                except FileNotFoundError:
                    pass
                except OSError as error:
                    mend(os.unlink, full, error)
        os.rmdir(path)

    remove(path)


def main(place, rounds, how):
    stage_of = f"{place}/tree/inner/stage"
    precious = f"{place}/precious"
    attacker = os.fork()
    if not attacker:
        try:
            attack(stage_of, precious)
        finally:
            os._exit(1)
    try:
        os.chown(place, OWNER, OWNER)
        become(OWNER)
        lost = done = 0
        for _ in range(rounds):
            os.makedirs(precious, 0o755, exist_ok=True)
            os.chmod(precious, 0o755)
            for name in FILES:
                with open(f"{precious}/{name}", "w"):
                    pass
                os.chmod(f"{precious}/{name}", 0o644)
            os.umask(0)
            os.makedirs(stage_of, 0o777, exist_ok=True)
            os.umask(0o022)
            for _ in range(50):
                os.sched_yield()
            try:
                if how == "tempsafe":
                    _removal.remove_tree(f"{place}/tree")
                else:
                    naive(f"{place}/tree")
            except OSError:
                pass  # the attacker keeps writing: an error is right, a foreign file removed is not
            modes = [os.stat(f"{precious}/{name}").st_mode & 0o777 if os.path.exists(f"{precious}/{name}") else 0
                     for name in FILES]  # fmt: skip
            lost += modes != [0o644] * len(FILES) or os.stat(precious).st_mode & 0o777 != 0o755
            done += 1
            if lost and how == "naive":
                break
    finally:
        # The owner may not signal another user's process: its parent, root, ends it.
        print(done, lost, attacker, flush=True)


if __name__ == "__main__":
    child = os.fork()
    if not child:
        try:
            os.setpgid(0, 0)
            main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            os._exit(0)
    with contextlib.suppress(OSError):
        os.setpgid(child, child)
    os.waitpid(child, 0)
    os.killpg(child, 9)  # the attacker, alone in this group now
    shutil.rmtree(f"{sys.argv[1]}/tree", ignore_errors=True)
