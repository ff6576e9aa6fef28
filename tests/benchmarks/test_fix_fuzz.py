"""10,000 exact fixes made and run on both sides, other ones than tests/rewrite/fixes/test_fix_fuzz.py makes.

8,000 are what rules offer as exact, each alone; 2,000 are those that the gate of `sqlopt fix` lets through, all fixes
of a statement together. It prints how many fixes of each rule were judged, and which the gate does not make.
"""

from __future__ import annotations

from itertools import count

import pytest

from tests.benchmarks.conftest import report
from tests.query.bind import pg_reads
from tests.rewrite.fixes.rounds import Tally, changed_samples, made, raw, shapes

_FIRST = 1_000
_EACH = {shapes: 40, changed_samples: 10}


@pytest.fixture(scope="module")
def postgres():
    with pg_reads.server() as connection:
        yield connection


@pytest.mark.parametrize("dialect", ["duckdb", "postgres"])
@pytest.mark.parametrize("world", [shapes, changed_samples])
@pytest.mark.parametrize(("judge", "wanted"), [(raw, 2_000), (made, 500)])
def test_fixes_keep_the_rows(dialect, world, judge, wanted, request):
    connection = request.getfixturevalue("postgres") if dialect == "postgres" else None
    tally = Tally()
    for number in count(_FIRST):
        if tally.fixes.total() >= wanted:
            break
        tally += judge(world(dialect, connection, number, _EACH[world]))
    title = f"Exact fixes {'made' if judge is made else 'offered'}, {world.__name__} in {dialect}"
    report(title, statements=tally.statements, fixes=tally.fixes.total(), **tally.fixes)
    report(f"{title}, not made", **tally.left)
    faults = sorted(tally.faults, key=len)
    assert not faults, f"{len(faults)} faults, the shortest:\n" + "\n".join(faults[:10])
