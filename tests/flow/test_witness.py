"""What is shown as the call that may skip a clean-up: the one that is most likely to."""

from __future__ import annotations

import pytest

from tempsafe_lint.flow.analysis import look
from tempsafe_lint.flow.observations import Unmet
from tempsafe_lint.front.parse import parse
from tempsafe_lint.models.catalogue import builtin, policies
from tempsafe_lint.source import Source

HEAD = "import os, shutil, subprocess, tempfile\nfrom there import ask, config\n\ndef f(work, out):\n"
MADE = "    folder = tempfile.mkdtemp()\n"


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        (["config('a')", "out.write('x')"], "write"),
        (["out.write('x')", "config('a')"], "write"),
        (["config('a')", "ask(out)", "out.write('x')"], "there.ask"),
        (["config('a')", "ask(out)", "subprocess.run(['x', folder])"], "subprocess.run"),
        (["config('a')", "ask(out)", "work(folder)"], "work"),
        (["ask(out)", "if out:", "    raise ValueError"], ""),
        (["config('a')", "config('b')"], "there.config"),
    ],
)
def test_the_witness_is_the_one_most_likely_to_fail(lines: list[str], shown: str) -> None:
    text = HEAD + MADE + "".join(f"    {line}\n" for line in lines) + "    shutil.rmtree(folder)\n"
    file = parse(Source.from_text(text, "example.py"))
    unmet = [seen for _, seen in look(file, builtin(), policies()) if isinstance(seen, Unmet)]
    assert [seen.witness.what if seen.witness else None for seen in unmet] == [shown]


CAUGHT = [
    "try:",
    "    out.x()",
    "except Exception:",
    "    try:",
    "        raise KeyError",
    "    except Exception:",
    "        pass",
]


@pytest.mark.parametrize(
    ("lines", "row"),
    [
        ([*CAUGHT, "if out:", "    raise ValueError"], 14),
        (["try:", "    if out:", "        raise KeyError", "except Exception:", "    print(out)", "work(folder)"], 11),
        (["try:", "    if out:", "        raise KeyError", "finally:", "    print(out)", "raise ValueError"], 8),
    ],
)
def test_what_the_function_itself_catches_is_no_witness(lines: list[str], row: int) -> None:
    text = HEAD + MADE + "".join(f"    {line}\n" for line in lines) + "    shutil.rmtree(folder)\n"
    source = Source.from_text(text, "example.py")
    file = parse(source)
    unmet = [seen for _, seen in look(file, builtin(), policies()) if isinstance(seen, Unmet)]
    sites = [seen.witness.site for seen in unmet if seen.witness]
    spans = file.spans(sites)
    assert [source.region(spans[site]).row for site in sites] == [row]


def test_a_removal_under_a_condition_is_not_skipped_by_what_it_guards() -> None:
    lines = ["own = out is None", "out.vlog(1)", "try:", "    work(folder)", "finally:", "    if own:"]
    text = HEAD + MADE + "".join(f"    {line}\n" for line in lines) + "            shutil.rmtree(folder)\n"
    file = parse(Source.from_text(text, "example.py"))
    unmet = [seen for _, seen in look(file, builtin(), policies()) if isinstance(seen, Unmet)]
    assert [seen.witness.what for seen in unmet if seen.witness] == ["vlog"]
