"""`python -m tempsafe_lint`, and the console script."""

from __future__ import annotations

import sys

FAILED = 2
INTERRUPTED = 130
PIPE_CLOSED = 141


def main() -> int:
    """Run the command line; the exit code."""
    arguments = sys.argv[1:]
    if arguments in (["--version"], ["-V"]):  # scripts ask for it often, and it needs nothing
        from tempsafe_lint import __version__

        print(f"tempsafe-lint {__version__}")
        return 0
    import gc

    gc.disable()  # hardly anything holds itself, and looking for it costs a tenth (drivers/work.py)
    try:
        from tempsafe_lint.drivers import entry

        code = entry.main(arguments)
        sys.stdout.flush()
        gc.freeze()  # whatever is left goes with the process
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _give_up_stdout()
        return PIPE_CLOSED
    except Exception as error:
        return _failed(error, verbose="-v" in arguments or "--verbose" in arguments)
    return code


def _failed(error: Exception, *, verbose: bool) -> int:
    """What no file is to blame for: one line, and never the exit code of findings."""
    if verbose:
        import traceback

        traceback.print_exception(error)
    if isinstance(error, OSError):
        _give_up_stdout()  # it may be the output itself that cannot be written
        print(f"error: {error}", file=sys.stderr)
    else:
        print(f"error: internal error: {type(error).__name__}: {error} (-v shows where)", file=sys.stderr)
    return FAILED


def _give_up_stdout() -> None:
    """What is still to be written has nowhere to go: the interpreter must not complain about it when it ends."""
    import os

    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    os.close(null)


if __name__ == "__main__":
    sys.exit(main())
