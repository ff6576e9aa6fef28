"""10,000 exact fixes made and run on both sides, other ones than tests/rewrite/fixes/test_fix_fuzz.py makes.

It prints how many fixes of each rule were judged. Without PostgreSQL's statements it takes some five minutes a core.
"""

from __future__ import annotations

from itertools import count

import pytest

from tests.benchmarks.conftest import report
from tests.query.bind import pg_reads
from tests.rewrite.fixes.rounds import Tally, samples_round, shapes_round

_FIRST = 1_000
_FIXES = 2_500
_EACH = 40


@pytest.fixture(scope="module")
def postgres():
    with pg_reads.server() as connection:
        yield connection


@pytest.mark.parametrize("dialect", ["duckdb", "postgres"])
@pytest.mark.parametrize("round_", [shapes_round, samples_round])
def test_fixes_keep_the_rows(dialect, round_, request):
    connection = request.getfixturevalue("postgres") if dialect == "postgres" else None
    tally = Tally()
    for number in count(_FIRST):
        if tally.fixes.total() >= _FIXES:
            break
        tally += round_(dialect, connection, number, _EACH if round_ is shapes_round else 10)
    report(f"Exact fixes judged, {round_.__name__} in {dialect}", statements=tally.statements, **tally.fixes)
    faults = sorted(tally.faults, key=len)
    assert not faults, f"{len(faults)} faults, the shortest:\n" + "\n".join(faults[:10])
