"""Run the interpreter's own `test.test_tempfile` against tempsafe. A script, started by test_conformance.py.

    python conformance.py [--stdlib]

Prints one JSON object: how many tests ran, were skipped, and the names of those that failed. With --stdlib the same
tests run against an untouched `tempfile`: the control that shows the runner itself to be sound.

Only test classes that go through the public names are loaded. The rest of the file tests private parts of the
standard library's module (`_mkstemp_inner`, `_RandomNameSequence`, `_candidate_tempdir_list`...), which we do not have;
what those tests are after is asked again in test_creation.py.
"""

import io
import json
import sys
import tempfile
import unittest

DROP_INS = ("mktemp", "mkstemp", "mkdtemp", "NamedTemporaryFile", "TemporaryDirectory")
CLASSES = (
    "TestMkstemp",
    "TestMkdtemp",
    "TestMktemp",
    "TestNamedTemporaryFile",
    "TestTemporaryDirectory",
    "TestSpooledTemporaryFile",  # these two stay the standard library's: they must not notice us
    "TestTemporaryFile",
)


def install():
    """Put our five names in place of tempfile's, and let the tests choose our random names as they choose its."""
    import tempsafe
    from tempsafe import _names

    for name in DROP_INS:
        setattr(tempfile, name, getattr(tempsafe, name))
    original, ours = tempfile._get_candidate_names, _names.random_name
    chosen = {}

    def random_name():
        source = tempfile._get_candidate_names
        if source is original:
            return ours()
        if source not in chosen:
            chosen[source] = iter(source())
        return next(chosen[source])

    _names.random_name = random_name


def main():
    from test import test_tempfile

    if "--stdlib" not in sys.argv:
        install()
    loader = unittest.TestLoader()
    suite = unittest.TestSuite(
        loader.loadTestsFromTestCase(getattr(test_tempfile, name)) for name in CLASSES if hasattr(test_tempfile, name)
    )
    output = io.StringIO()
    result = unittest.TextTestRunner(stream=output, verbosity=2).run(suite)
    bad = {test.id().split(".", 2)[-1].split(" ")[0]: text for test, text in result.failures + result.errors}
    print(json.dumps({"ran": result.testsRun, "skipped": len(result.skipped), "failed": sorted(bad), "details": bad}))


if __name__ == "__main__":
    main()
