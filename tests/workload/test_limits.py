"""What engines refuse in a materialized view."""

from __future__ import annotations

import duckdb
import pytest
import sqlglot

from sqlopt.warehouses.limits import limits, refusals

PLAIN = "SELECT a, SUM(b) AS s, COUNT(*) AS n FROM t WHERE c > 1 GROUP BY a"
FORMS = {
    "inner join": "SELECT t.a, SUM(b) AS s FROM t JOIN u ON u.i = t.i GROUP BY t.a",
    "outer join": "SELECT t.a, SUM(b) AS s FROM t LEFT JOIN u ON u.i = t.i GROUP BY t.a",
    "self-join": "SELECT x.a, SUM(x.b) AS s FROM t AS x JOIN t AS y ON x.i = y.i GROUP BY x.a",
    "HAVING": PLAIN + " HAVING COUNT(*) > 1",
    "ORDER BY": PLAIN + " ORDER BY a",
    "LIMIT": PLAIN + " LIMIT 3",
    "window function": "SELECT a, SUM(b) OVER (PARTITION BY a) AS s FROM t",
    "aggregate of distinct values": "SELECT a, COUNT(DISTINCT b) AS s FROM t GROUP BY a",
    "UNION": f"{PLAIN} UNION ALL {PLAIN}",
    "subquery": "SELECT a FROM (SELECT a, b FROM t) AS s",
    "ROLLUP": "SELECT a, SUM(b) AS s FROM t GROUP BY ROLLUP (a)",
    "clock": "SELECT a, SUM(b) AS s FROM t WHERE d < CURRENT_DATE GROUP BY a",
    "group key": "SELECT SUM(b) AS s FROM t GROUP BY a",
}
REFUSED = {
    "snowflake": set(FORMS),
    "bigquery": set(FORMS) - {"inner join", "group key"},
    "databricks": {"clock"},
    "postgres": {"clock"},
}


def said(sql, dialect):
    return " ".join(one.reason for one in refusals(sqlglot.parse_one(sql, read=dialect), dialect))


@pytest.mark.parametrize("dialect", list(REFUSED))
def test_forms_that_are_refused(dialect):
    assert not said(PLAIN, dialect)
    for form, sql in FORMS.items():
        if form in REFUSED[dialect]:
            assert form in said(sql, dialect), (form, said(sql, dialect))


@pytest.mark.parametrize("dialect", ["postgres", "databricks"])
def test_forms_that_are_allowed(dialect):
    for form in ("inner join", "outer join", "HAVING", "window function", "UNION", "subquery"):
        assert not said(FORMS[form], dialect), form


def test_duckdb_has_none():
    with pytest.raises(duckdb.ParserException):
        duckdb.connect().execute("CREATE MATERIALIZED VIEW v AS SELECT 1 AS a")
    assert "no materialized views" in said(PLAIN, "duckdb")


def test_an_engine_that_is_not_known_is_refused():
    assert limits("clickhouse") is None
    assert "nothing is known" in said(PLAIN, "clickhouse")


@pytest.mark.parametrize("dialect", ["snowflake", "bigquery", "databricks", "postgres", "duckdb", "spark"])
def test_every_limit_says_where_it_comes_from(dialect):
    known = limits(dialect)
    assert known.source.where.startswith("https://")
    assert all(one.where.startswith("https://") for one in known.refused.values())
    assert known.instead[-1] in ("table", "incremental model")
