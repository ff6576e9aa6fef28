"""Judges of reads that nobody here wrote: PostgreSQL's pg_depend, and both engines after a removal.

2,000 statements here, 20,000 in tests/benchmarks/test_reads.py. A fault's text names the table and the columns, or
the rule, with the statement.
"""

from __future__ import annotations

import random
from functools import reduce
from operator import add

import psycopg
import pytest

from sqlopt.query.bind.reads import Use
from tests.query.bind import pg_reads
from tests.query.bind.removal import DuckDB, Postgres, broken
from tests.query.bind.rounds import Tally, reads_round, removal_round
from tests.query.bind.statements import Statement, statement
from tests.query.bind.world import Column, Table, World


@pytest.fixture(scope="module")
def postgres():
    with pg_reads.server() as connection:
        yield connection


@pytest.mark.parametrize("number", range(10))
def test_columns_read_are_those_that_postgres_names(number, postgres):
    tally = reads_round(postgres, number, 120)
    assert tally.faults == []
    assert tally.refused + tally.unread <= 0.1 * tally.statements, tally
    assert tally.unknown <= 0.1 * tally.compared, tally


@pytest.mark.parametrize("number", range(4))
def test_what_is_unread_can_be_taken_out_in_duckdb(number):
    tally = removal_round("duckdb", None, number, 100)
    assert tally.faults == []
    assert tally.compared >= 50, tally


@pytest.mark.parametrize("number", range(4))
def test_what_is_unread_can_be_taken_out_in_postgres(number, postgres):
    tally = removal_round("postgres", postgres, number, 100)
    assert tally.faults == []
    assert tally.compared >= 50, tally


@pytest.mark.parametrize("use", [Use.VALUE, Use.JOIN_KEY, Use.ROW, Use.STAR])
def test_the_judge_misses_a_use_that_is_forgotten(use, postgres):
    rounds = (reads_round(postgres, number, 60, frozenset({use})) for number in range(2))
    tally = reduce(add, rounds, Tally())
    assert any("not seen" in one for one in tally.faults)


def test_a_view_reads_what_a_function_does(postgres):
    world = World(random.Random("a world of views"))
    connection = postgres
    connection.execute("DROP SCHEMA IF EXISTS world CASCADE; CREATE SCHEMA world; SET search_path = world")
    connection.execute(world.ddl)
    compared = 0
    for seed in range(120):
        one = statement(seed, "postgres", world)
        try:
            by_view = pg_reads.reads(connection, one.sql, view=len(one.columns))
        except psycopg.Error:
            continue  # a view takes no records
        assert by_view == pg_reads.reads(connection, one.sql), one.sql
        compared += 1
    assert compared >= 90


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def engine(request, postgres):
    world = World(random.Random("a world for judges"))
    world.tables = (
        Table("shed", (Column("bay", "number"), Column("tool", "text")), "bay"),
        Table("loaned", (Column("bay", "number"), Column("who", "text")), None),
    )
    world.rows = {"shed": ["(1, 'saw')", "(2, NULL)"], "loaned": ["(1, 'Ann')", "(1, 'Ann')", "(NULL, 'Bo')"]}
    return DuckDB(world) if request.param == "duckdb" else Postgres(world, postgres)


SHED = "SELECT s.tool FROM (SELECT bay, tool FROM shed) AS s "


@pytest.mark.parametrize(
    ("before", "after", "wrong"),
    [
        (
            "SELECT who, tool FROM shed JOIN loaned USING (bay)",
            "SELECT who, tool FROM shed JOIN loaned ON shed.bay = loaned.bay",
            False,
        ),
        ("SELECT who FROM loaned", "SELECT DISTINCT who FROM loaned", True),
        (f"{SHED} JOIN loaned USING (bay)", f"{SHED.replace('bay, ', '')} JOIN loaned USING (bay)", True),
        (f"{SHED} NATURAL JOIN loaned", f"{SHED.replace('bay, ', '')} NATURAL JOIN loaned", True),
        ("DELETE FROM loaned WHERE bay = 1", "DELETE FROM loaned", True),
    ],
)
def test_the_judge_sees_what_a_removal_breaks(before, after, wrong, engine):
    one = Statement(before, certain=True, columns=(), written={"loaned": set()})
    assert bool(broken(one, after, engine, engine.run(before, ("loaned",)))) == wrong
