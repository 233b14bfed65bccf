"""Comments that silence findings: our own pragmas, `# noqa` by flake8's rules, and those of other tools.

    x = mktemp()  # tempsafe: ignore[TMP201, leaked-dir] reason="the sandbox is thrown away" until=2030-06-30
    # tempsafe: ignore[mktemp]        on a line of its own: for the next statement, all its lines
    # tempsafe: disable[TMP4]         for what follows in its block, up to an `enable[TMP4]` with the same indentation
    # tempsafe: file-ignore[TMP101]   for the whole file

There is no blanket form of our own pragma, and one that cannot be read silences nothing and is reported.
"""
