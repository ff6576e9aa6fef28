"""Rewrites as people and tools make them: groups before joins, extremes, disjunctions, dates and moments, ALL."""

from __future__ import annotations

import pytest

from sqlopt import Catalog, Verdict
from sqlopt.rewrite.prove.effort import Limits, Work
from sqlopt.rewrite.prove.pair import Pair
from sqlopt.rewrite.prove.rules import by_rules
from sqlopt.rewrite.prove.testing import tester

CATALOG = Catalog.from_ddl(
    """CREATE TABLE c (id INT PRIMARY KEY, name VARCHAR NOT NULL, area INT NOT NULL);
    CREATE TABLE o (id INT PRIMARY KEY, cid INT NOT NULL REFERENCES c (id), paid DECIMAL(12, 2) NOT NULL,
      day DATE NOT NULL, state VARCHAR NOT NULL);
    CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, v INT NOT NULL, s VARCHAR, d DATE, f DOUBLE)""",
    "postgres",
)


def proof(before, after, dialect="postgres"):
    return by_rules(Pair(before, after, dialect, CATALOG), Work(Limits()))


PROVED = [
    ("SELECT c.id, c.name, sum(paid) FROM c JOIN o ON cid = c.id GROUP BY c.id, c.name",
     "SELECT c.id, c.name, s FROM c JOIN (SELECT cid, sum(paid) AS s FROM o GROUP BY cid) q ON cid = c.id"),
    ("SELECT area, sum(paid) FROM c JOIN o ON cid = c.id GROUP BY area",
     "SELECT area, sum(s) FROM (SELECT cid, sum(paid) AS s FROM o GROUP BY cid) q JOIN c ON cid = c.id GROUP BY area"),
    ("SELECT c.id, count(o.id) FROM c LEFT JOIN o ON cid = c.id GROUP BY c.id",
     "SELECT c.id, coalesce(n, 0) FROM c LEFT JOIN (SELECT cid, count(*) AS n FROM o GROUP BY cid) q ON cid = c.id"),
    ("SELECT id FROM o x WHERE paid = (SELECT max(paid) FROM o y WHERE y.cid = x.cid)",
     "SELECT id FROM (SELECT id, rank() OVER (PARTITION BY cid ORDER BY paid DESC) AS r FROM o) q WHERE r = 1"),
    ("SELECT sum(paid) FROM o x WHERE paid < (SELECT 0.2 * avg(paid) FROM o y WHERE y.cid = x.cid)",
     ("SELECT sum(paid) FROM o JOIN (SELECT cid AS k, 0.2 * avg(paid) AS m FROM o GROUP BY cid) q ON k = cid "
     "WHERE paid < m")),
    ("SELECT id FROM t WHERE v = (SELECT max(v) FROM t)",
     "SELECT id FROM t WHERE NOT EXISTS (SELECT 1 FROM t u WHERE u.v > t.v)"),
    ("SELECT v FROM t WHERE v <= (SELECT max(a) FROM t)",
     "SELECT v FROM t WHERE EXISTS (SELECT 1 FROM t u WHERE u.a >= t.v)"),
    ("SELECT o.id FROM o, c WHERE (cid = c.id AND area = 1) OR (cid = c.id AND area = 2)",
     "SELECT o.id FROM o JOIN c ON cid = c.id WHERE area IN (1, 2)"),
    ("SELECT id FROM o WHERE day < DATE '1995-01-01' + INTERVAL '1 year'",
     "SELECT id FROM o WHERE day <= DATE '1995-12-31'"),
    ("SELECT id FROM t WHERE d >= TIMESTAMP '1995-01-01 12:00:00'", "SELECT id FROM t WHERE d > DATE '1995-01-01'"),
    ("SELECT id FROM t WHERE TIMESTAMP '1995-01-01 00:00:00' <= d", "SELECT id FROM t WHERE d >= DATE '1995-01-01'"),
    ("SELECT id, a FROM t EXCEPT ALL SELECT id, b FROM t", "SELECT id, a FROM t EXCEPT SELECT id, b FROM t"),
    ("SELECT id FROM o WHERE state = ANY (ARRAY['a', 'b'])", "SELECT id FROM o WHERE state IN ('a', 'b')"),
    ("SELECT id FROM c WHERE EXISTS (SELECT 1 FROM o WHERE paid > 1)",
     "SELECT id FROM c WHERE (SELECT 1 FROM o WHERE paid > 1 LIMIT 1) IS NOT NULL"),
    ("SELECT a FROM t UNION SELECT b FROM t UNION SELECT v FROM t",
     "SELECT v FROM t UNION (SELECT b FROM t UNION ALL SELECT a FROM t)"),
    ("SELECT DISTINCT a, s FROM (SELECT a, s FROM t UNION ALL SELECT a, s FROM t) q", "SELECT DISTINCT a, s FROM t"),
    ("SELECT * FROM (SELECT a FROM t UNION SELECT b FROM t) q UNION SELECT v FROM t",
     "SELECT a FROM t UNION SELECT v FROM t UNION SELECT b FROM t"),
    ("SELECT a FROM (SELECT a, s FROM t UNION ALL SELECT a, s FROM t) q GROUP BY a", "SELECT a FROM t GROUP BY a"),
    ("SELECT id FROM t WHERE CAST(a IS NULL AS INT) = 1", "SELECT id FROM t WHERE a IS NULL"),
    ("SELECT concat(s, concat('x', s)) FROM t", "SELECT concat(concat(s, 'x'), s) FROM t"),
    ("SELECT id FROM t WHERE (SELECT count(*) FROM t u WHERE u.v = t.v) > (SELECT count(a) FROM t u WHERE u.v = t.v)",
     "SELECT id FROM t WHERE EXISTS (SELECT 1 FROM t u WHERE u.v = t.v AND u.a IS NULL)"),
    ("SELECT id FROM t WHERE (SELECT count(*) FROM t u WHERE u.v = t.v) <> (SELECT count(a) FROM t u WHERE u.v = t.v)",
     "SELECT id FROM t WHERE EXISTS (SELECT 1 FROM t u WHERE u.v = t.v AND u.a IS NULL)"),
    ("SELECT (SELECT max(u.a) FROM t u WHERE u.v = t.v) AS m, count(*) FROM t GROUP BY m",
     "SELECT m, count(*) FROM (SELECT (SELECT max(u.a) FROM t u WHERE u.v = t.v) AS m FROM t) q GROUP BY m"),
    ("SELECT (SELECT max(u.a) FROM t u WHERE u.v = t.v), count(*) FROM t GROUP BY 1",
     "SELECT m, count(*) FROM (SELECT (SELECT max(u.a) FROM t u WHERE u.v = t.v) AS m FROM t) q GROUP BY m"),
    ("SELECT twice(a) FROM t WHERE a = 1 AND a = 2", "SELECT twice(b) FROM t WHERE a IS NULL AND a > 2"),
]  # fmt: skip
NOT = [
    ("SELECT area, sum(paid) FROM c JOIN o ON cid = c.id GROUP BY area",
     ("SELECT area, sum(s) FROM (SELECT cid, sum(paid) AS s FROM o GROUP BY cid, day) q JOIN c ON cid = c.id "
     "GROUP BY area, s")),
    ("SELECT a, sum(v) FROM t GROUP BY a",
     "SELECT t.a, sum(q.s) FROM t JOIN (SELECT a, sum(v) AS s FROM t GROUP BY a) q ON q.a = t.a GROUP BY t.a"),
    ("SELECT count(*) FROM t x JOIN t y ON x.a = y.a",
     "SELECT count(*) FROM t x JOIN (SELECT a, count(*) AS n FROM t GROUP BY a) q ON q.a = x.a"),
    ("SELECT id FROM t WHERE a = (SELECT max(a) FROM t)",
     "SELECT id FROM t WHERE NOT EXISTS (SELECT 1 FROM t u WHERE u.a > t.a)"),
    ("SELECT id FROM t WHERE f = (SELECT max(f) FROM t)",
     "SELECT id FROM t WHERE f IS NOT NULL AND NOT EXISTS (SELECT 1 FROM t u WHERE u.f > t.f)"),
    ("SELECT v FROM t WHERE v < (SELECT max(a) FROM t)",
     "SELECT v FROM t WHERE EXISTS (SELECT 1 FROM t u WHERE u.a >= t.v)"),
    ("SELECT v FROM t WHERE v > (SELECT max(a) FROM t)",
     "SELECT v FROM t WHERE NOT EXISTS (SELECT 1 FROM t u WHERE u.a >= t.v)"),
    ("SELECT id FROM t WHERE (a = 1 AND b = 2) OR (a = 1 AND b = 3)", "SELECT id FROM t WHERE a = 1 OR b IN (2, 3)"),
    ("SELECT id FROM t WHERE d < DATE '1995-01-31' + INTERVAL '1 month'",
     "SELECT id FROM t WHERE d <= DATE '1995-03-02'"),
    ("SELECT id FROM t WHERE d >= TIMESTAMP '1995-01-01 12:00:00'", "SELECT id FROM t WHERE d >= DATE '1995-01-01'"),
    ("SELECT a FROM t EXCEPT ALL SELECT b FROM t", "SELECT a FROM t WHERE a NOT IN (SELECT b FROM t)"),
    ("SELECT a FROM t INTERSECT ALL SELECT id FROM t", "SELECT a FROM t INTERSECT SELECT id FROM t"),
    ("SELECT (SELECT 1 FROM t WHERE a = 1 LIMIT 1)", "SELECT 1"),
    ("SELECT a FROM t UNION ALL (SELECT b FROM t UNION SELECT v FROM t)",
     "SELECT a FROM t UNION ALL (SELECT b FROM t UNION ALL SELECT v FROM t)"),
    ("SELECT a, s FROM (SELECT a, s FROM t UNION ALL SELECT a, s FROM t) q", "SELECT a, s FROM t"),
    ("SELECT a, count(*) FROM (SELECT a FROM t UNION ALL SELECT a FROM t) q GROUP BY a",
     "SELECT a, count(*) FROM t GROUP BY a"),
    ("SELECT * FROM (SELECT a FROM t UNION SELECT b FROM t) q UNION ALL SELECT v FROM t",
     "SELECT a FROM t UNION SELECT v FROM t UNION ALL SELECT b FROM t"),
    ("SELECT id FROM t WHERE CAST(a > 1 AS INT) = 0", "SELECT id FROM t WHERE a <= 1 OR a IS NULL"),
    ("SELECT concat(s, concat('x', s)) FROM t", "SELECT concat(concat('x', s), s) FROM t"),
    ("SELECT s || concat(s, 'x') FROM t", "SELECT concat(s, s, 'x') FROM t"),
    ("SELECT id FROM t WHERE (SELECT count(*) FROM t u WHERE u.v = t.v) > (SELECT count(a) FROM t u WHERE u.v = t.v)",
     "SELECT id FROM t WHERE EXISTS (SELECT 1 FROM t u WHERE u.a IS NULL)"),
    (("SELECT id FROM t WHERE (SELECT count(*) FROM t u WHERE u.v = t.v) > "
      "1 + (SELECT count(a) FROM t u WHERE u.v = t.v)"),
     "SELECT id FROM t WHERE EXISTS (SELECT 1 FROM t u WHERE u.v = t.v AND u.a IS NULL)"),
    ("SELECT id FROM t WHERE (SELECT count(*) FROM t u WHERE u.a = t.a) > (SELECT count(*) FROM t u WHERE u.b = t.a)",
     "SELECT id FROM t WHERE EXISTS (SELECT 1 FROM t u WHERE u.a = t.a AND u.b <> t.a)"),
    ("SELECT (SELECT max(u.a) FROM t u WHERE u.v = t.v) AS m, count(*) FROM t GROUP BY v",
     "SELECT (SELECT max(u.a) FROM t u WHERE u.v = t.v) AS m, count(*) FROM t GROUP BY m"),
    ("SELECT twice(a) FROM t WHERE a = 1", "SELECT twice(b) FROM t WHERE a = 1"),
    (("SELECT (SELECT max(a) FROM t) AS m, v, count(*) FROM t GROUP BY GROUPING SETS ((m, v), (v))"),
     ("SELECT (SELECT max(a) FROM t) AS m, v, n FROM (SELECT (SELECT max(a) FROM t) AS m, v, count(*) AS n FROM t "
      "GROUP BY GROUPING SETS ((m, v), (v))) q")),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), PROVED)
def test_rewrites_that_keep_rows_are_proved(before, after):
    found = proof(before, after)
    assert found is not None
    assert found.verdict is Verdict.PROVED
    pair = Pair(before, after, "postgres", CATALOG)
    assert tester.Tester(pair, Work(Limits())).judge().verdict is not Verdict.REFUTED


@pytest.mark.parametrize(("before", "after"), NOT)
def test_rewrites_that_lack_a_condition_are_not(before, after):
    assert proof(before, after) is None


def test_a_join_of_eight_tables_is_proved_where_conjuncts_differ_in_form_and_order():
    joins = " ".join(f"JOIN t{n} ON t{n}.k = t{n - 1}.k" for n in range(1, 8))
    tables = Catalog.from_ddl(
        "".join(f"CREATE TABLE t{n} (k int, v int, w text);" for n in range(8)), "duckdb"
    )
    before = f"SELECT t0.k FROM t0 {joins} WHERE t0.v + t1.v > 10 AND t7.w IN ('q', 'r')"
    after = f"SELECT t0.k FROM t0 {joins} WHERE (t7.w = 'r' OR t7.w = 'q') AND t1.v + t0.v >= 11"
    assert by_rules(Pair(before, after, "duckdb", tables), Work(Limits())) is not None
    assert by_rules(Pair(before, after.replace("11", "10"), "duckdb", tables), Work(Limits())) is None


@pytest.mark.parametrize(
    ("before", "after", "dialect", "proved"),
    [
        ("SELECT unix_timestamp(s) FROM t", "SELECT unix_timestamp(x.s) FROM t AS x", "mysql", True),
        ("SELECT unix_timestamp(s) FROM t", "SELECT unix_timestamp(d) FROM t", "mysql", False),
        (
            "SELECT unix_timestamp(s) + 0 FROM t",
            "SELECT unix_timestamp(x.s) + 0 FROM t AS x",
            "postgres",
            False,
        ),
        ("SELECT id FROM t WHERE CAST(a IS NULL AS SIGNED) < 2", "SELECT id FROM t", "mysql", True),
        ("SELECT id FROM t WHERE CAST(a = 1 AS SIGNED) < 2", "SELECT id FROM t", "mysql", False),
    ],
)
def test_what_an_engine_alone_knows_is_proved_there_alone(before, after, dialect, proved):
    assert (proof(before, after, dialect) is not None) is proved
