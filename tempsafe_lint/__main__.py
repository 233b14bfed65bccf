"""`python -m tempsafe_lint`, and the console script."""

from __future__ import annotations

import sys

INTERRUPTED = 130
PIPE_CLOSED = 141


def main() -> int:
    """Run the command line; the exit code."""
    if sys.argv[1:] in (["--version"], ["-V"]):  # scripts ask for it often, and it needs nothing
        from tempsafe_lint import __version__

        print(f"tempsafe-lint {__version__}")
        return 0
    try:
        from tempsafe_lint.drivers import cli

        code = cli.main(sys.argv[1:])
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _give_up_stdout()
        return PIPE_CLOSED
    return code


def _give_up_stdout() -> None:
    """Whoever read the output has gone: the interpreter must not complain about it when it flushes at exit."""
    import os

    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    os.close(null)


if __name__ == "__main__":
    sys.exit(main())
