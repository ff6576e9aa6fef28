"""The two fuzzes of reads at length: 20,000 statements, others than tests/query/bind/test_reads_fuzz.py has."""

from __future__ import annotations

from functools import reduce
from operator import add

import pytest

from tests.benchmarks.conftest import report
from tests.query.bind import pg_reads
from tests.query.bind.rounds import Tally, reads_round, removal_round

_FIRST = 1_000
_EACH = 100


@pytest.fixture(scope="module")
def postgres():
    with pg_reads.server() as connection:
        yield connection


def judged(title, rounds):
    """Print what became of the statements; fail with the first faults."""
    tally = reduce(add, rounds, Tally())
    report(
        f"{title}, {tally.statements} statements",
        refused=tally.refused / tally.statements,
        unread=tally.unread / tally.statements,
        unknown=tally.unknown / tally.statements,
        compared=tally.compared / tally.statements,
    )
    assert tally.faults == [], f"{len(tally.faults)} faults, the shortest:\n" + "\n".join(
        sorted(tally.faults, key=len)[:10]
    )


def test_columns_read_are_those_that_postgres_names(postgres):
    judged("Columns read", (reads_round(postgres, number, _EACH) for number in range(_FIRST, _FIRST + 120)))


def test_what_is_unread_can_be_taken_out_in_duckdb():
    judged(
        "Exact fixes run in DuckDB, a statement",
        (removal_round("duckdb", None, number, _EACH) for number in range(_FIRST, _FIRST + 40)),
    )


def test_what_is_unread_can_be_taken_out_in_postgres(postgres):
    judged(
        "Exact fixes run in PostgreSQL, a statement",
        (removal_round("postgres", postgres, number, _EACH) for number in range(_FIRST, _FIRST + 40)),
    )
