"""Whether verdicts are the same in repeated runs, with and without load.

A sample of pairs is judged in processes of their own: ``REPEATS`` (20) times, every other time with four busy loops
beside. Verdict, number of databases and counterexample must be the same each time.
``REPEATS=4 pytest tests/benchmarks/test_repeats.py -o addopts= -s`` is a short run.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import sqlopt
from tests.benchmarks.conftest import report
from tests.benchmarks.pairs import rewritten, shared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.benchmarks.pairs import Case

REPEATS = int(os.environ.get("REPEATS", "20"))
_LOOPS = 4
_SAMPLE = """
import json
from tests.benchmarks.test_repeats import answers
print(json.dumps(answers()))
"""


def sample() -> list[Case]:
    """Some pairs of every kind: traps, some of which differ, public equal ones, and joins of many tables."""
    found: list[Case] = []
    for name, step in (("traps", 5), ("calcite232", 24), ("spark", 18)):
        try:
            found += shared(name)[::step]
        except pytest.skip.Exception:
            continue
    return [*found, *rewritten("films", share=32)]


def answers() -> dict[str, str]:
    """The verdict of each pair, with all that it says."""
    found = {}
    for case in sample():
        proof = sqlopt.prove(case.before, case.after, catalog=case.catalog, dialect=case.dialect)
        found[case.id] = f"{proof.verdict} {proof.databases} {proof.reason} {proof.counterexample}"
    return found


@contextmanager
def load() -> Iterator[None]:
    """Four busy loops."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(_LOOPS)]
    try:
        yield
    finally:
        for one in loops:
            one.kill()
            one.wait()


def run() -> dict[str, str]:
    """The answers of a process of its own, whose hashes are its own."""
    import json

    done = subprocess.run(
        [sys.executable, "-c", _SAMPLE],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    return dict(json.loads(done.stdout))


def test_verdicts_are_the_same_in_every_run():
    runs = []
    for number in range(REPEATS):
        if number % 2:
            with load():
                runs.append(run())
        else:
            runs.append(run())
    said = {key: Counter(one[key] for one in runs) for key in runs[0]}
    differ = {key: counts for key, counts in said.items() if len(counts) > 1}
    report(f"Verdicts, {len(said)} pairs, {len(runs)} runs", the_same=1 - len(differ) / len(said))
    shown = "\n".join(
        f"{key}: {[(one[:150], count) for one, count in counts.items()]}" for key, counts in differ.items()
    )
    assert not differ, f"{len(differ)} of {len(said)} pairs differ:\n{shown}"
