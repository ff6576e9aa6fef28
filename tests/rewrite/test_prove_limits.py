"""LIMIT below the top: needless below another, or a choice of rows that both statements leave to the engine."""

from __future__ import annotations

import pytest

from sqlopt import Catalog, Verdict
from sqlopt.rewrite.prove.effort import Limits, Work
from sqlopt.rewrite.prove.pair import Pair
from sqlopt.rewrite.prove.rules import by_rules
from sqlopt.rewrite.prove.testing import tester

CATALOG = Catalog.from_ddl(
    'CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, v INT NOT NULL, s VARCHAR, r VARCHAR COLLATE "C")',
    "postgres",
)


def proof(before, after):
    return by_rules(Pair(before, after, "postgres", CATALOG), Work(Limits()))


SAME = [
    ("SELECT a FROM t UNION ALL SELECT b FROM t LIMIT 5",
     "(SELECT a FROM t LIMIT 7) UNION ALL (SELECT b FROM t LIMIT 5) LIMIT 5"),
    ("SELECT id, a FROM t ORDER BY a LIMIT 5 OFFSET 2",
     "SELECT id, a FROM (SELECT id, a FROM t ORDER BY a LIMIT 7) q ORDER BY a LIMIT 5 OFFSET 2"),
    ("SELECT t.id, t.a, u.v FROM t LEFT JOIN t u ON u.a = t.b ORDER BY t.a LIMIT 5",
     ("SELECT q.id, q.a, u.v FROM (SELECT id, a, b FROM t ORDER BY a LIMIT 5) q LEFT JOIN t u ON u.a = q.b "
     "ORDER BY q.a LIMIT 5")),
    ("SELECT v + 1 FROM (SELECT v FROM t LIMIT 3) q WHERE v > 1",
     "SELECT 1 + v FROM (SELECT v FROM t LIMIT 3) q WHERE NOT v <= 1"),
    ("SELECT DISTINCT v FROM (SELECT v FROM t LIMIT 1) q", "SELECT v FROM (SELECT v FROM t LIMIT 1) q"),
    ("SELECT count(*) FROM (SELECT v FROM t LIMIT 3) q", "SELECT count(v) FROM (SELECT v FROM t LIMIT 3) q"),
    ("(SELECT id FROM t WHERE id = 1) ORDER BY id", "SELECT id FROM t WHERE id = 1"),
    ("((SELECT v FROM t LIMIT 0) UNION ALL (SELECT v FROM t LIMIT 1)) ORDER BY v",
     "(SELECT v FROM t LIMIT 0) UNION ALL (SELECT v FROM t LIMIT 1)"),
]  # fmt: skip
OTHER = [
    ("SELECT a FROM t UNION ALL SELECT b FROM t LIMIT 5",
     "(SELECT a FROM t LIMIT 4) UNION ALL (SELECT b FROM t LIMIT 5) LIMIT 5"),
    ("SELECT a FROM t UNION ALL SELECT b FROM t LIMIT 5",
     "(SELECT a FROM t ORDER BY a LIMIT 5) UNION ALL (SELECT b FROM t LIMIT 5) LIMIT 5"),
    ("SELECT a FROM t UNION ALL SELECT b FROM t LIMIT 5 OFFSET 1",
     "(SELECT a FROM t LIMIT 5) UNION ALL (SELECT b FROM t LIMIT 5) LIMIT 5 OFFSET 1"),
    ("SELECT a FROM t UNION SELECT b FROM t LIMIT 5",
     "(SELECT a FROM t LIMIT 5) UNION (SELECT b FROM t LIMIT 5) LIMIT 5"),
    ("SELECT a FROM t UNION ALL SELECT b FROM t ORDER BY 1 LIMIT 5",
     "(SELECT a FROM t LIMIT 5) UNION ALL (SELECT b FROM t LIMIT 5) ORDER BY 1 LIMIT 5"),
    ("SELECT a FROM t UNION ALL SELECT b FROM t ORDER BY a LIMIT 5",
     "(SELECT a FROM t ORDER BY a DESC LIMIT 5) UNION ALL (SELECT b FROM t ORDER BY b LIMIT 5) ORDER BY a LIMIT 5"),
    ("SELECT s FROM t UNION ALL SELECT s FROM t ORDER BY s LIMIT 5",
     "(SELECT id FROM t ORDER BY id LIMIT 5) UNION ALL (SELECT s FROM t) ORDER BY id LIMIT 5"),
    ("SELECT id FROM t WHERE v > 1 LIMIT 5", "SELECT id FROM (SELECT id, v FROM t LIMIT 5) q WHERE v > 1 LIMIT 5"),
    ("SELECT t.id, u.v FROM t JOIN t u ON u.a = t.b LIMIT 5",
     "SELECT q.id, u.v FROM (SELECT id, b FROM t LIMIT 5) q JOIN t u ON u.a = q.b LIMIT 5"),
    ("SELECT t.id, u.v FROM t LEFT JOIN t u ON u.a = t.b LIMIT 5",
     "SELECT t.id, q.v FROM t LEFT JOIN (SELECT a, v FROM t LIMIT 5) q ON q.a = t.b LIMIT 5"),
    ("SELECT t.id, u.v FROM t LEFT JOIN t u ON u.a = t.b ORDER BY u.v LIMIT 5",
     ("SELECT q.id, u.v FROM (SELECT id, v, b FROM t ORDER BY v LIMIT 5) q LEFT JOIN t u ON u.a = q.b "
     "ORDER BY u.v LIMIT 5")),
    ("SELECT count(*) FROM t LIMIT 5", "SELECT count(*) FROM (SELECT id FROM t LIMIT 5) q LIMIT 5"),
    ("SELECT v, count(*) OVER () FROM t LIMIT 5",
     "SELECT v, count(*) OVER () FROM (SELECT v FROM t LIMIT 5) q LIMIT 5"),
    ("SELECT DISTINCT v FROM t LIMIT 5", "SELECT DISTINCT v FROM (SELECT v FROM t LIMIT 5) q LIMIT 5"),
    ("SELECT DISTINCT v FROM (SELECT v FROM t LIMIT 2) q", "SELECT v FROM (SELECT v FROM t LIMIT 2) q"),
    ("SELECT count(*) FROM (SELECT a FROM t LIMIT 3) q", "SELECT count(a) FROM (SELECT a FROM t LIMIT 3) q"),
    ("SELECT v FROM (SELECT v FROM t LIMIT 3) q", "SELECT v FROM (SELECT v FROM t LIMIT 4) q"),
    ("SELECT v FROM (SELECT v FROM t LIMIT 3) q", "SELECT v FROM (SELECT v FROM t ORDER BY v LIMIT 3) q"),
    ("SELECT v FROM (SELECT v FROM t LIMIT 3) q", "SELECT v FROM (SELECT v FROM t LIMIT 3 OFFSET 1) q"),
    ("SELECT v FROM (SELECT v, a FROM t ORDER BY a LIMIT 3) q",
     "SELECT v FROM (SELECT v, a FROM t ORDER BY b LIMIT 3) q"),
    ("SELECT x.v FROM (SELECT v FROM t LIMIT 1) x, (SELECT v FROM t LIMIT 1) y",
     "SELECT x.v FROM (SELECT v FROM t LIMIT 1) x, (SELECT v FROM t LIMIT 1) y WHERE x.v = y.v"),
    ("WITH q AS (SELECT v FROM t LIMIT 1) SELECT x.v FROM q x JOIN q y ON x.v = y.v",
     "WITH q AS (SELECT v FROM t LIMIT 1) SELECT x.v FROM q x, q y"),
    ("SELECT id, (SELECT u.v FROM t u LIMIT 1) AS w FROM t",
     "SELECT t.id, q.v FROM t CROSS JOIN (SELECT v FROM t LIMIT 1) q"),
    ("SELECT id FROM t WHERE v IN (SELECT v FROM t LIMIT 1)",
     "SELECT t.id FROM t JOIN (SELECT v FROM t LIMIT 1) q ON q.v = t.v"),
    ("SELECT a FROM t UNION (SELECT b FROM t LIMIT 1)", "SELECT a FROM t UNION SELECT b FROM t"),
    ("SELECT id FROM t ORDER BY id", "(SELECT id FROM t)"),
    ("SELECT s FROM t UNION ALL SELECT r FROM t ORDER BY s LIMIT 3",
     "(SELECT s FROM t ORDER BY s LIMIT 3) UNION ALL (SELECT r FROM t ORDER BY r LIMIT 3) ORDER BY s LIMIT 3"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), SAME)
def test_the_same_choice_is_left_to_the_engine(before, after):
    found = proof(before, after)
    assert found is not None
    assert found.verdict is Verdict.PROVED
    pair = Pair(before, after, "postgres", CATALOG)
    assert tester.Tester(pair, Work(Limits())).judge().verdict is not Verdict.REFUTED


@pytest.mark.parametrize(("before", "after"), OTHER)
def test_another_choice_proves_nothing(before, after):
    assert proof(before, after) is None


def test_a_proof_says_what_it_leaves_to_the_engine():
    found = proof("SELECT a FROM t LIMIT 2", "SELECT a FROM (SELECT a FROM t LIMIT 2) q LIMIT 2")
    assert found is not None
    assert "left to the engine: LIMIT without ORDER BY" in found.notes
