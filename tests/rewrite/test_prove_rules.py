"""The rules of proof: what they prove, what they must never, which facts they name, and that tests agree."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest

import sqlopt
from sqlopt import Catalog, Verdict
from sqlopt.rewrite.prove.effort import Effort, Limits, Work
from sqlopt.rewrite.prove.pair import Pair, Unsupported
from sqlopt.rewrite.prove.rules import by_rules
from sqlopt.rewrite.prove.testing import tester
from tests.rewrite.random_queries import SCHEMA, changed, statement

CORPORA = Path(__file__).parents[3] / "shared" / "corpora" / "rewrites"
FACTS = Catalog.from_ddl(SCHEMA, "duckdb")
LOOSE = Catalog.from_ddl(
    SCHEMA.replace("PRIMARY KEY", "")
    .replace("REFERENCES p (id)", "")
    .replace("UNIQUE", "")
    .replace("NOT NULL", ""),
    "duckdb",
)


def few():
    return Work(Limits(Effort.LOW, 600))


def proof(before, after, catalog=FACTS, dialect="duckdb"):
    return by_rules(Pair(before, after, dialect, catalog), Work(Limits(seconds=600)))


PROVED = [
    ("SELECT k FROM p WHERE k > 3 AND k >= 4", "SELECT k FROM p WHERE NOT (k <= 3)"),
    ("SELECT k FROM p WHERE k + 1 > 10", "SELECT k FROM p WHERE k > 9"),
    ("SELECT k FROM p WHERE k IN (1, 2, 1)", "SELECT k FROM p WHERE k = 2 OR k = 1"),
    ("SELECT k FROM p WHERE k BETWEEN 1 AND 1", "SELECT 1 AS k FROM p WHERE k = 1"),
    ("SELECT id FROM p WHERE coalesce(k, 0) = 0", "SELECT id FROM p WHERE k = 0 OR k IS NULL"),
    ("SELECT id FROM p WHERE d < DATE '2024-03-01'", "SELECT id FROM p WHERE d <= '2024-02-29'"),
    ("SELECT p.id FROM p, c WHERE p.id = c.pid", "SELECT x.id FROM c y JOIN p x ON y.pid = x.id"),
    ("SELECT c.id FROM c JOIN p ON p.id = c.pid", "SELECT id FROM c"),
    ("SELECT c.id FROM c LEFT JOIN p ON p.id = c.k", "SELECT id FROM c"),
    ("SELECT c.id FROM p LEFT JOIN c ON c.k = p.k WHERE c.v > 1",
     "SELECT c.id FROM p JOIN c ON c.k = p.k WHERE c.v > 1"),
    ("SELECT p.k FROM p LEFT JOIN c ON c.pid = p.id", "SELECT p.k FROM c RIGHT JOIN p ON c.pid = p.id"),
    ("SELECT DISTINCT id, k FROM p", "SELECT id, k FROM p"),
    ("SELECT DISTINCT k FROM p", "SELECT k FROM p GROUP BY k"),
    ("SELECT id FROM p WHERE k IN (SELECT k FROM c)",
     "SELECT id FROM p WHERE EXISTS (SELECT 1 FROM c WHERE c.k = p.k)"),
    ("SELECT v FROM p WHERE v NOT IN (SELECT pid FROM c)",
     "SELECT v FROM p WHERE NOT EXISTS (SELECT 1 FROM c WHERE c.pid = p.v)"),
    ("SELECT p.k FROM p WHERE NOT EXISTS (SELECT 1 FROM c WHERE c.k = p.k)",
     "SELECT p.k FROM p LEFT JOIN c ON c.k = p.k WHERE c.id IS NULL"),
    ("SELECT p.id FROM p JOIN c ON p.k = c.k WHERE p.k > 3", "SELECT p.id FROM p JOIN c ON p.k = c.k WHERE c.k > 3"),
    ("SELECT id FROM p WHERE k = 1 UNION SELECT id FROM p WHERE v = 2", "SELECT id FROM p WHERE k = 1 OR v = 2"),
    ("SELECT id FROM p WHERE v = 1 UNION SELECT id FROM p WHERE v = 2",
     "SELECT id FROM p WHERE v = 1 UNION ALL SELECT id FROM p WHERE v = 2"),
    ("SELECT DISTINCT k, COUNT(*) FROM p GROUP BY k", "SELECT k, COUNT(*) FROM p GROUP BY k"),
    ("SELECT id, 1 AS x FROM p UNION SELECT id, 2 AS x FROM p", "SELECT id, 1 FROM p UNION ALL SELECT id, 2 FROM p"),
    ("SELECT DISTINCT k, 1 FROM p UNION SELECT DISTINCT k, 2 FROM p",
     "SELECT DISTINCT k, 1 FROM p UNION ALL SELECT DISTINCT k, 2 FROM p"),
    ("SELECT id FROM p WHERE (SELECT COUNT(*) FROM c WHERE c.k = p.k) > 0",
     "SELECT id FROM p WHERE EXISTS (SELECT 1 FROM c WHERE c.k = p.k)"),
    ("SELECT id FROM p WHERE (SELECT COUNT(c.v) FROM c WHERE c.k = p.k) = 0",
     "SELECT id FROM p WHERE NOT EXISTS (SELECT 1 FROM c WHERE c.k = p.k AND c.v IS NOT NULL)"),
    ("SELECT id FROM p WHERE v > 1 EXCEPT SELECT id FROM p WHERE v > 3", "SELECT id FROM p WHERE v BETWEEN 2 AND 3"),
    ("SELECT v FROM p INTERSECT SELECT pid FROM c", "SELECT DISTINCT p.v FROM p JOIN c ON c.pid = p.v"),
    ("SELECT k, sum(v) FROM p WHERE k > 1 GROUP BY k", "SELECT k, sum(v) FROM p GROUP BY k HAVING k > 1"),
    ("SELECT k, sum(v) FROM p GROUP BY k",
     "SELECT k, sum(w) FROM (SELECT k, s, sum(v) AS w FROM p GROUP BY k, s) q GROUP BY k"),
    ("SELECT k, count(*) FROM p GROUP BY k",
     "SELECT k, sum(w) FROM (SELECT k, s, count(*) AS w FROM p GROUP BY k, s) q GROUP BY k"),
    ("SELECT count(*) FROM p", "SELECT count(v) FROM p"),
    ("SELECT count(DISTINCT k) FROM p", "SELECT count(k) FROM (SELECT DISTINCT k FROM p) q"),
    ("SELECT count(CASE WHEN k = 1 THEN 1 END) FROM p", "SELECT count(*) FROM p WHERE k = 1"),
    ("SELECT sum(v) FILTER (WHERE k = 1) FROM p", "SELECT sum(CASE WHEN k = 1 THEN v END) FROM p"),
    ("SELECT id, max(k) FROM p GROUP BY id", "SELECT id, k FROM p"),
    ("SELECT id, k, sum(v) FROM p GROUP BY id, k", "SELECT id, any_value(k), sum(v) FROM p GROUP BY id"),
    ("SELECT p.id, (SELECT max(c.v) FROM c WHERE c.k = p.k) FROM p",
     "SELECT p.id, q.m FROM p LEFT JOIN (SELECT k, max(v) AS m FROM c GROUP BY k) q ON q.k = p.k"),
    ("WITH q AS (SELECT * FROM p WHERE k = 1) SELECT a.id FROM q a JOIN q b ON a.id = b.id",
     "SELECT id FROM p WHERE k = 1"),
    ("SELECT id FROM p ORDER BY id LIMIT 2", "SELECT id FROM (SELECT * FROM p ORDER BY id LIMIT 2) q ORDER BY id"),
    ("SELECT id FROM p ORDER BY k", "SELECT id FROM p ORDER BY k, id"),
    ("SELECT id FROM p WHERE year(d) = 2024", "SELECT id FROM p WHERE d BETWEEN '2024-01-01' AND '2024-12-31'"),
    ("SELECT id FROM p WHERE date_trunc('month', d) <= DATE '2024-02-01'", "SELECT id FROM p WHERE d < '2024-03-01'"),
    ("SELECT * FROM (SELECT id, k, row_number() OVER (PARTITION BY k ORDER BY id) AS r FROM p) q WHERE k = 1",
     "SELECT id, k, row_number() OVER (PARTITION BY k ORDER BY id) AS r FROM p WHERE k = 1"),
    ("SELECT k, sum(v) OVER (PARTITION BY k ORDER BY v) FROM p",
     "SELECT k, sum(v) OVER (PARTITION BY k ORDER BY v RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM p"),
    ("SELECT id FROM p QUALIFY row_number() OVER (ORDER BY id) <= 2", "SELECT id FROM p ORDER BY id LIMIT 2"),
    ("SELECT id, max(v) OVER (PARTITION BY k) FROM p WHERE k IS NOT NULL",
     "SELECT p.id, q.m FROM p JOIN (SELECT k, max(v) AS m FROM p GROUP BY k) q ON q.k = p.k"),
    ("SELECT id FROM p WHERE f", "SELECT id FROM p WHERE f = TRUE"),
    ("SELECT id FROM p WHERE k = 1 AND k = 2", "SELECT id FROM p WHERE FALSE"),
]  # fmt: skip
NOT = [
    ("SELECT DISTINCT COUNT(*) FROM p GROUP BY k", "SELECT COUNT(*) FROM p GROUP BY k"),
    ("SELECT k, 1 AS x FROM p UNION SELECT k, 2 AS x FROM p", "SELECT k, 1 AS x FROM p UNION ALL SELECT k, 2 FROM p"),
    ("SELECT id FROM p WHERE v = 1 UNION SELECT id FROM p WHERE v >= 1",
     "SELECT id FROM p WHERE v = 1 UNION ALL SELECT id FROM p WHERE v >= 1"),
    ("SELECT id FROM p WHERE (SELECT COUNT(*) FROM c WHERE c.k = p.k) > 1",
     "SELECT id FROM p WHERE EXISTS (SELECT 1 FROM c WHERE c.k = p.k)"),
    ("SELECT id FROM p WHERE (SELECT COUNT(c.v) FROM c WHERE c.k = p.k) > 0",
     "SELECT id FROM p WHERE EXISTS (SELECT 1 FROM c WHERE c.k = p.k)"),
    ("SELECT k FROM p", "SELECT DISTINCT k FROM p"),
    ("SELECT id FROM p WHERE m + 1 > 10", "SELECT id FROM p WHERE m >= 9.01"),
    ("SELECT id FROM p WHERE k <> 1", "SELECT id FROM p WHERE NOT (k IS NOT DISTINCT FROM 1)"),
    ("SELECT c.id FROM c JOIN p ON p.id = c.k", "SELECT id FROM c"),
    ("SELECT c.id FROM c LEFT JOIN p ON p.k = c.k", "SELECT id FROM c"),
    ("SELECT u FROM t", "SELECT DISTINCT u FROM t"),
    ("SELECT id FROM p WHERE k NOT IN (SELECT k FROM c)",
     "SELECT id FROM p WHERE NOT EXISTS (SELECT 1 FROM c WHERE c.k = p.k)"),
    ("SELECT count(*) FROM p", "SELECT count(k) FROM p"),
    ("SELECT sum(v) FROM p WHERE k = 1", "SELECT coalesce(sum(v), 0) FROM p WHERE k = 1"),
    ("SELECT count(*) FROM p", "SELECT sum(w) FROM (SELECT k, count(*) AS w FROM p GROUP BY k) q"),
    ("SELECT avg(v) FROM p", "SELECT avg(w) FROM (SELECT k, avg(v) AS w FROM p GROUP BY k) q"),
    ("SELECT p.id, (SELECT count(*) FROM c WHERE c.k = p.k) FROM p",
     "SELECT p.id, q.m FROM p LEFT JOIN (SELECT k, count(*) AS m FROM c GROUP BY k) q ON q.k = p.k"),
    ("SELECT id FROM p ORDER BY k LIMIT 2", "SELECT id FROM (SELECT * FROM p ORDER BY k LIMIT 2) q"),
    ("SELECT id FROM p ORDER BY k", "SELECT id FROM p"),
    ("SELECT id FROM p ORDER BY k", "SELECT id FROM p ORDER BY k DESC"),
    ("SELECT max(s) FROM p", "SELECT min(s) FROM p"),
    ("SELECT * FROM (SELECT k, rank() OVER (ORDER BY v) AS r FROM p) q WHERE k = 1",
     "SELECT k, rank() OVER (ORDER BY v) AS r FROM p WHERE k = 1"),
    ("SELECT id, row_number() OVER (ORDER BY k) FROM p", "SELECT id, rank() OVER (ORDER BY k) FROM p"),
    ("SELECT sum(v) OVER (PARTITION BY k) FROM p",
     "SELECT sum(v) OVER (PARTITION BY k ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM p"),
    ("SELECT sum(v) OVER (ORDER BY k) FROM p",
     "SELECT sum(v) OVER (ORDER BY k ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM p"),
    ("SELECT id FROM p WHERE year(d) = 2024", "SELECT id FROM p WHERE d BETWEEN '2024-01-01' AND '2024-12-30'"),
    ("SELECT id FROM p WHERE date_trunc('month', d) < DATE '2024-02-05'", "SELECT id FROM p WHERE d < '2024-02-01'"),
    ("SELECT count(k) FILTER (WHERE v = 1) FROM p", "SELECT count(*) FILTER (WHERE v = 1) FROM p"),
    ("SELECT any_value(k) FROM p", "SELECT max(k) FROM p"),
    ("SELECT m / 2 FROM p", "SELECT id / 2 FROM p"),
    ("SELECT k FROM p UNION ALL SELECT k FROM c", "SELECT k FROM p UNION SELECT k FROM c"),
    ("SELECT random() FROM p", "SELECT random() FROM p"),
    ("SELECT own(k) FROM p", "SELECT own(k) FROM p"),
    ("SELECT id, k FROM p", "SELECT k, id FROM p"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), PROVED)
def test_what_rules_prove_tests_do_not_refute(before, after):
    found = proof(before, after)
    assert found is not None
    assert found.verdict is Verdict.PROVED
    assert tester.Tester(Pair(before, after, "duckdb", FACTS), few()).judge().verdict is not Verdict.REFUTED


@pytest.mark.parametrize(("before", "after"), NOT)
def test_what_is_not_so_is_not_proved(before, after):
    try:
        assert proof(before, after) is None
        assert proof(before, after, LOOSE) is None
    except Unsupported:
        pass


@pytest.mark.parametrize(
    ("before", "after", "premises"),
    [
        ("SELECT k FROM p WHERE k > 3", "SELECT k FROM p WHERE k >= 4", ()),
        ("SELECT DISTINCT id FROM p", "SELECT id FROM p", ("p (id) is its primary key", "p.id is NOT NULL")),
        (
            "SELECT c.id FROM c JOIN p ON p.id = c.pid",
            "SELECT id FROM c",
            ("p (id) is its primary key", "c (pid) refers to p (id)", "c.pid is NOT NULL"),
        ),
        ("SELECT count(v) FROM p", "SELECT count(*) FROM p", ("p.v is NOT NULL",)),
    ],
)
def test_a_proof_names_the_facts_that_it_needs(before, after, premises):
    found = proof(before, after)
    assert len(found.premises) == len(premises)
    for one in premises:
        assert any(sentence.startswith(one) for sentence in found.premises), found.premises
    assert (proof(before, after, LOOSE) is None) == bool(premises)


ALIKE = [
    ("SELECT a.id, row_number() OVER (PARTITION BY a.k ORDER BY a.v) FROM p a",
     "SELECT b.id, row_number() OVER (PARTITION BY b.k ORDER BY b.v) AS n FROM p b"),
    ("SELECT k FROM p LIMIT 3", "SELECT x.k FROM p x LIMIT 3"),
    ("SELECT k, count(*) FROM p GROUP BY ROLLUP (k)", "SELECT y.k, count(*) FROM p AS y GROUP BY ROLLUP (y.k)"),
    ("WITH q AS (SELECT k AS a, v AS b FROM p LIMIT 2) SELECT a FROM q",
     "WITH r AS (SELECT k AS c, v AS d FROM p LIMIT 2) SELECT c FROM r"),
]  # fmt: skip
UNLIKE = [
    ("SELECT a FROM (SELECT k AS a, v AS b FROM p LIMIT 2) q",
     "SELECT a FROM (SELECT k AS b, v AS a FROM p LIMIT 2) q"),
    ("SELECT id FROM (SELECT id, k FROM p LIMIT 9) x JOIN (SELECT k AS id, id AS k FROM p LIMIT 9) y USING (id)",
     "SELECT k FROM (SELECT id, k FROM p LIMIT 9) x JOIN (SELECT id, k FROM p LIMIT 9) y USING (k)"),
    ("(SELECT k AS a, v AS b FROM p) UNION ALL (SELECT v, k FROM p) ORDER BY a LIMIT 1",
     "(SELECT k AS b, v AS a FROM p) UNION ALL (SELECT v, k FROM p) ORDER BY a LIMIT 1"),
    ("WITH q AS (SELECT k FROM p LIMIT 1), r AS (SELECT v FROM p LIMIT 1) SELECT * FROM q",
     "WITH q AS (SELECT k FROM p LIMIT 1), r AS (SELECT v FROM p LIMIT 1) SELECT * FROM r"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), ALIKE)
def test_statements_that_differ_in_names_alone_are_proved(before, after):
    found = proof(before, after, LOOSE)
    assert found is not None
    assert "but for names" in found.reason


@pytest.mark.parametrize(("before", "after"), UNLIKE)
def test_names_that_mean_something_else_are_no_names_alone(before, after):
    assert proof(before, after) is None


def test_keys_that_nobody_enforces_prove_nothing():
    catalog = Catalog.from_ddl("CREATE TABLE a (id INT NOT NULL PRIMARY KEY)", "snowflake")
    assert proof("SELECT DISTINCT id FROM a", "SELECT id FROM a", catalog, "snowflake") is None


def test_texts_that_compare_equal_need_not_be_the_same():
    pair = ("SELECT s FROM p WHERE s = 'x'", "SELECT 'x' AS s FROM p WHERE s = 'x'")
    assert proof(*pair) is not None
    assert proof(*pair, dialect="mysql") is None
    twice = "SELECT p.s, {} FROM p JOIN c ON c.s = p.s GROUP BY p.s, c.s"
    assert proof(twice.format("p.s"), twice.format("c.s")) is not None
    assert proof(twice.format("p.s"), twice.format("c.s"), dialect="mysql") is None
    grouped = (
        "SELECT s, count(*) FROM p GROUP BY s",
        "SELECT q.s, q.n FROM (SELECT s, count(*) AS n FROM p GROUP BY s) q",
    )
    assert proof(*grouped, dialect="mysql") is not None


def test_numbers_may_overflow_into_others_in_some_dialects():
    pair = ("SELECT k FROM p WHERE k + 1 > 10", "SELECT k FROM p WHERE k > 9")
    assert proof(*pair, dialect="spark") is None


def test_types_that_are_only_guessed_prove_nothing():
    pair = ("SELECT a FROM x WHERE a > 9", "SELECT a FROM x WHERE a >= 10")
    assert proof(*pair, Catalog()) is None
    assert proof("SELECT a FROM x WHERE a > 9 AND TRUE", pair[0], Catalog()) is not None


def test_prove_says_proved_first():
    found = sqlopt.prove("SELECT DISTINCT id FROM p", "SELECT id FROM p", catalog=FACTS)
    assert found.verdict is Verdict.PROVED
    assert found.databases == 0
    assert found.premises


def cases(name):
    path = CORPORA / name
    if not path.exists():
        pytest.skip(f"{path} is absent")
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.parametrize(
    ("name", "floor"), [("calcite232.jsonl", 0.85), ("spark.jsonl", 0.85), ("traps.jsonl", 0.6)]
)
def test_most_pairs_that_are_equal_are_proved_and_no_others(name, floor):
    catalogs, proved, equal = {}, 0, 0
    for number, case in enumerate(cases(name)[::4]):  # all of them: tests/benchmarks/test_proofs.py
        ddl = case["schema_ddl"]
        catalog = catalogs.setdefault(ddl, Catalog.from_ddl(ddl, "duckdb"))
        pair = Pair(case["q1"], case["q2"], case["dialect"], catalog)
        found = by_rules(pair, Work(Limits(seconds=600)))
        assert found is None or case["equivalent"], case["id"]
        equal += case["equivalent"]
        proved += found is not None
        if found is not None and number % 6 == 0:
            assert tester.Tester(pair, few()).judge().verdict is not Verdict.REFUTED, case["id"]
    assert proved >= floor * equal


@pytest.mark.parametrize("seed", range(3))
def test_small_changes_are_never_proved_where_tests_refute_them(seed):
    random = Random(seed)
    proved = 0
    for _ in range(25):
        before = statement(random)
        after = changed(before, random) or before
        catalog = random.choice([FACTS, LOOSE])
        pair = Pair(before, after, "duckdb", catalog)
        found = by_rules(pair, few())
        if found is not None and before != after:
            proved += 1
            assert tester.Tester(pair, few()).judge().verdict is not Verdict.REFUTED, (before, after)
    assert proved
