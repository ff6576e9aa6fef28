"""Statements that are no queries: compared by the rows that they store, meet or change."""

from __future__ import annotations

import pytest

import sqlopt
from sqlopt import Catalog, Verdict

TABLES = Catalog.from_ddl(
    "CREATE TABLE t (a INT PRIMARY KEY, b INT, c INT); CREATE TABLE u (a INT, d INT)", "postgres"
)
QUERY = "SELECT a, b FROM t WHERE {} > 1"
SAME = ("t.b", "(t.b)")


def verdict(before, after, dialect="postgres"):
    return sqlopt.prove(before, after, catalog=TABLES, dialect=dialect, effort="low").verdict


FORMS = [
    "CREATE TABLE o AS " + QUERY,
    "CREATE OR REPLACE VIEW o AS " + QUERY,
    "CREATE OR REPLACE VIEW o (x, y) AS (" + QUERY + ")",
    "CREATE MATERIALIZED VIEW o AS " + QUERY,
    "INSERT INTO o (x, y) " + QUERY,
    "INSERT INTO o WITH w AS (" + QUERY + ") SELECT * FROM w",
    "WITH w AS (" + QUERY + ") INSERT INTO o SELECT a, b FROM w",
    "DELETE FROM t WHERE {} > 1",
    "DELETE FROM t AS t USING u WHERE u.a = t.a AND {} > 1",
    "UPDATE t SET c = b + 1 WHERE {} > 1",
    "UPDATE t SET c = {} WHERE a = 3",
    "UPDATE t AS t SET c = d FROM u WHERE u.a = t.a AND {} > 1",
    "MERGE INTO u USING (" + QUERY + ") AS s ON s.a = u.a WHEN MATCHED THEN UPDATE SET d = s.b",
]


@pytest.mark.parametrize("form", FORMS)
def test_the_same_rows_are_the_same_statement(form):
    before, after = (form.format(one) for one in SAME)
    assert verdict(before, after) in (Verdict.PROVED, Verdict.TESTED)


@pytest.mark.parametrize("form", FORMS)
def test_other_rows_are_another_one(form):
    assert verdict(form.format("t.b"), form.format("t.c")) is Verdict.REFUTED


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("CREATE TABLE o AS SELECT a FROM t", "CREATE TABLE p AS SELECT a FROM t"),
        ("CREATE TABLE o AS SELECT a FROM t", "CREATE VIEW o AS SELECT a FROM t"),
        ("CREATE TABLE o AS SELECT a FROM t", "CREATE TABLE o AS SELECT a AS b FROM t"),
        ("CREATE TABLE o AS SELECT COUNT(a) FROM t", "CREATE TABLE o AS SELECT COUNT(*) FROM t"),
        ("CREATE VIEW o (x, y) AS SELECT a, b FROM t", "CREATE VIEW o (y, x) AS SELECT a, b FROM t"),
        ("INSERT INTO o (x, y) SELECT a, b FROM t", "INSERT INTO o (y, x) SELECT a, b FROM t"),
        ("INSERT INTO o SELECT a FROM t RETURNING x", "INSERT INTO o SELECT a FROM t"),
        ("UPDATE t SET b = 1 WHERE a = 1", "UPDATE t SET c = 1 WHERE a = 1"),
        ("DELETE FROM t USING u WHERE t.a = u.a", "DELETE FROM t USING u AS x WHERE t.a = x.a"),
        ("DELETE FROM t WHERE a = 1 RETURNING a", "DELETE FROM t WHERE 1 = a RETURNING a"),
        (
            "MERGE INTO u USING (SELECT a FROM t) AS s ON s.a = u.a WHEN MATCHED THEN DELETE",
            "MERGE INTO u USING (SELECT a FROM t) AS s ON s.a = u.a AND TRUE WHEN MATCHED THEN DELETE",
        ),
    ],
)
def test_what_differs_outside_of_the_rows_is_not_judged(before, after):
    assert verdict(before, after) is Verdict.UNKNOWN


def test_an_order_of_stored_rows_is_no_free_choice():
    assert verdict("CREATE TABLE o AS SELECT b FROM t ORDER BY b", "CREATE TABLE o AS SELECT b FROM t") is (
        Verdict.REFUTED
    )
