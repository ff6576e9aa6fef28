"""Exact fixes are made and both sides run, in DuckDB and PostgreSQL: 1,000 here, 10,000 in the benchmarks.

The statements are random ones in the shapes that people write, and the rules' own examples and reports with changes;
the databases have NULLs, rows that stand twice, NaN, and no rows at all. A fault's text names the rule and both sides.
"""

from __future__ import annotations

from functools import reduce
from operator import add

import pytest

from tests.query.bind import pg_reads
from tests.rewrite.fixes.rounds import Tally, changed_samples, made, raw, shapes

EACH = 25


@pytest.fixture(scope="module")
def postgres():
    with pg_reads.server() as connection:
        yield connection


def shown(tally: Tally) -> str:
    """The shortest faults."""
    return f"{len(tally.faults)} faults:\n" + "\n".join(sorted(tally.faults, key=len)[:10])


@pytest.mark.parametrize("dialect", ["duckdb", "postgres"])
@pytest.mark.parametrize("number", range(5))
def test_fixes_of_random_statements_keep_the_rows(dialect, number, request):
    connection = request.getfixturevalue("postgres") if dialect == "postgres" else None
    tally = reduce(add, (raw(shapes(dialect, connection, 2 * number + one, EACH)) for one in range(2)))
    assert tally.faults == [], shown(tally)
    assert tally.fixes.total() >= EACH, tally.fixes


@pytest.mark.parametrize("dialect", ["duckdb", "postgres"])
@pytest.mark.parametrize("number", range(5))
def test_fixes_of_changed_examples_keep_the_rows(dialect, number, request):
    connection = request.getfixturevalue("postgres") if dialect == "postgres" else None
    tally = reduce(add, (raw(changed_samples(dialect, connection, one, 4)) for one in range(number, 150, 5)))
    assert tally.faults == [], shown(tally)
    assert tally.fixes.total() >= EACH, tally.fixes


@pytest.mark.parametrize("dialect", ["duckdb", "postgres"])
def test_what_is_made_of_a_statement_keeps_the_rows(dialect, request):
    connection = request.getfixturevalue("postgres") if dialect == "postgres" else None
    rounds = [(shapes, 100, 12), *((changed_samples, number, 2) for number in range(0, 150, 9))]
    tally = reduce(add, (made(world(dialect, connection, number, count)) for world, number, count in rounds))
    assert tally.faults == [], shown(tally)
    assert tally.fixes.total() >= EACH // 2, tally
    assert tally.fixes.total() >= 0.8 * (tally.fixes + tally.left).total(), tally.left
