"""What a condition can answer where a column is NULL; DuckDB evaluates each for every value of the others."""

from __future__ import annotations

import duckdb
import pytest
from sqlglot import parse_one

from sqlopt.query.values.truth import can_be_true

NEVER = [
    "gone = 1",
    "gone <> 1",
    "NOT gone = 1",
    "gone = other",
    "gone BETWEEN 1 AND 2",
    "NOT gone BETWEEN other AND 2",
    "other BETWEEN gone AND 2",
    "gone IN (1, other)",
    "gone NOT IN (1, other)",
    "gone IN (SELECT 1)",
    "gone = ANY (SELECT 1)",
    "gone IS NOT NULL",
    "NOT gone IS NULL",
    "gone + 1 > other",
    "ABS(-gone) >= 0",
    "gone::TEXT LIKE '%'",
    "gone::TEXT NOT LIKE 'x'",
    "UPPER(gone::TEXT) = 'X' OR gone IN (1, 2)",
    "gone = 1 AND other IS NULL",
    "(gone = 1) IS TRUE",
    "COALESCE(gone = 1, FALSE)",
    "CASE WHEN gone = 1 THEN TRUE ELSE FALSE END",
    "CASE gone WHEN other THEN TRUE END",
    "gone IS NOT DISTINCT FROM 1",
    "NULLIF(gone, 1) > 0",
    "COALESCE(gone, NULL) = 1",
]
POSSIBLE = [
    "other = 1",
    "gone IS NULL",
    "gone = 1 OR other = 1",
    "COALESCE(gone, 0) = 0",
    "COALESCE(gone, other) = 1",
    "(gone = 1) IS NOT TRUE",
    "COALESCE(gone = 1, TRUE)",
    "NOT (gone = 1 AND other = 2)",
    "gone IS DISTINCT FROM 1",
    "gone IS NOT DISTINCT FROM other",
    "(gone, other) <> (1, 2)",
    "gone NOT IN (SELECT 1 WHERE FALSE)",
    "gone <> ALL (SELECT 1 WHERE FALSE)",
    "CASE WHEN gone = 1 THEN FALSE ELSE TRUE END",
    "NOT other BETWEEN gone AND 1",
]


def judged(condition):
    tree = parse_one(f"SELECT 1 FROM t WHERE {condition}", dialect="duckdb").args["where"].this
    return can_be_true(tree, lambda column: column.name == "gone")


def seen(condition):
    """Whether DuckDB finds it true of some row in which ``gone`` is NULL."""
    rows = "(VALUES (NULL::INT, NULL::INT), (NULL, 0), (NULL, 1), (NULL, 2), (NULL, 3)) AS t(gone, other)"
    return bool(duckdb.sql(f"SELECT 1 FROM {rows} WHERE {condition}").fetchall())


@pytest.mark.parametrize("condition", NEVER)
def test_never_true_of_null(condition):
    assert not judged(condition)
    assert not seen(condition)


@pytest.mark.parametrize("condition", POSSIBLE)
def test_may_be_true_of_null(condition):
    assert judged(condition)
    assert seen(condition)


@pytest.mark.parametrize("dialect", ["postgres", "bigquery", "snowflake", "spark", "duckdb", "tsql", "mysql"])
@pytest.mark.parametrize(
    "condition", ["gone IS NOT NULL", "gone NOT IN (1)", "gone NOT LIKE 'x'", "NOT gone > 1"]
)
def test_a_negation_means_the_same_in_every_dialect(condition, dialect):
    tree = parse_one(f"SELECT 1 FROM t WHERE {condition}", dialect=dialect).args["where"].this
    assert not can_be_true(tree, lambda column: column.name == "gone")
