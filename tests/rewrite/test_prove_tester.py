"""`sqlopt.prove`: what is refuted, what is not, what counterexamples look like, and how long it takes."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

import sqlopt
from sqlopt import Catalog, Verdict

CORPORA = Path(__file__).parents[3] / "shared" / "corpora" / "rewrites"
SHOP = Catalog.from_ddl(
    """CREATE TABLE customers (id INT PRIMARY KEY, name VARCHAR, town VARCHAR, since DATE NOT NULL);
    CREATE TABLE orders (id INT PRIMARY KEY, customer INT NOT NULL REFERENCES customers (id), total DECIMAL(10, 2),
      placed TIMESTAMP, state VARCHAR NOT NULL);""",
    "duckdb",
)


def verdict(before, after, catalog=SHOP, dialect="duckdb", effort="low"):
    return sqlopt.prove(before, after, catalog=catalog, dialect=dialect, effort=effort)


DIFFERENT = [
    ("SELECT name FROM customers", "SELECT DISTINCT name FROM customers"),
    ("SELECT count(total) FROM orders", "SELECT count(*) FROM orders"),
    ("SELECT id FROM orders WHERE total > 100", "SELECT id FROM orders WHERE total >= 100"),
    ("SELECT id FROM orders WHERE state <> 'open'", "SELECT id FROM orders WHERE state <> 'Open'"),
    (
        "SELECT id FROM customers WHERE year(since) = 2021",
        "SELECT id FROM customers WHERE since > DATE '2021-01-01' AND since < DATE '2022-01-01'",
    ),
    (
        "SELECT id FROM orders WHERE date_trunc('month', placed) = TIMESTAMP '2022-03-01'",
        "SELECT id FROM orders WHERE placed BETWEEN '2022-03-01' AND '2022-03-31'",
    ),
    (
        "SELECT c.id, sum(total) FROM customers c LEFT JOIN orders o ON customer = c.id GROUP BY c.id",
        "SELECT c.id, sum(o.total) FROM customers c JOIN orders o ON o.customer = c.id GROUP BY c.id",
    ),
    (
        "SELECT id FROM customers WHERE town NOT IN (SELECT state FROM orders) ",
        "SELECT id FROM customers c WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.state = c.town)",
    ),
    (
        "SELECT state, count(*) FROM orders GROUP BY state HAVING count(*) > 2",
        "SELECT state, count(*) FROM orders GROUP BY state HAVING count(*) > 3",
    ),
    ("SELECT id FROM orders ORDER BY total, id", "SELECT id FROM orders ORDER BY total DESC, id"),
    ("SELECT id FROM orders ORDER BY id LIMIT 2", "SELECT id FROM orders ORDER BY id LIMIT 3"),
    (
        "SELECT name FROM customers UNION ALL SELECT state FROM orders",
        "SELECT name FROM customers UNION SELECT state FROM orders",
    ),
    ("SELECT id, name FROM customers", "SELECT id FROM customers"),
]
ALIKE = [
    ("SELECT id FROM customers", "SELECT DISTINCT id FROM customers"),
    ("SELECT o.id FROM orders o JOIN customers c ON c.id = o.customer", "SELECT id FROM orders"),
    (
        "SELECT id FROM customers WHERE year(since) = 2021",
        "SELECT id FROM customers WHERE since >= DATE '2021-01-01' AND since < DATE '2022-01-01'",
    ),
    ("SELECT id FROM orders ORDER BY total", "SELECT id FROM orders ORDER BY total, id"),
    ("SELECT avg(total) FROM orders", "SELECT sum(total) / count(total) FROM orders"),
    (
        "SELECT count(*) FROM orders WHERE state IN ('a', 'b')",
        "SELECT count(*) FROM orders WHERE state = 'a' OR state = 'b'",
    ),
    ("SELECT now(), id FROM orders", "SELECT now(), id FROM orders WHERE TRUE"),
]


@pytest.mark.parametrize(("before", "after"), DIFFERENT)
def test_what_differs_is_refuted(before, after):
    assert verdict(before, after).verdict is Verdict.REFUTED


@pytest.mark.parametrize(("before", "after"), ALIKE)
def test_what_is_alike_is_not(before, after):
    proof = verdict(before, after, effort="low")
    assert proof.verdict in (Verdict.TESTED, Verdict.PROVED), proof


def test_a_counterexample_is_small_and_runs():
    proof = verdict("SELECT count(total) FROM orders", "SELECT count(*) FROM orders")
    connection = duckdb.connect()
    connection.execute(proof.counterexample)
    assert connection.execute("SELECT count(*), count(total) FROM orders").fetchone() == (1, 0)
    assert "-- before: 1 row of" in proof.counterexample


def test_declared_keys_are_kept_in_what_is_generated():
    proof = verdict("SELECT id FROM customers", "SELECT DISTINCT id FROM customers", effort="low")
    assert proof.verdict is not Verdict.REFUTED
    loose = Catalog.from_ddl("CREATE TABLE customers (id INT)", "duckdb")
    assert (
        verdict("SELECT id FROM customers", "SELECT DISTINCT id FROM customers", loose).verdict
        is Verdict.REFUTED
    )


def test_a_key_that_nobody_enforces_is_no_fact():
    catalog = Catalog.from_ddl("CREATE TABLE customers (id INT PRIMARY KEY)", "snowflake")
    proof = verdict("SELECT id FROM customers", "SELECT DISTINCT id FROM customers", catalog, "snowflake")
    assert proof.verdict is Verdict.REFUTED


def test_without_a_catalog_columns_are_assumed_and_named():
    proof = verdict("SELECT a FROM t WHERE b = 'x'", "SELECT a FROM t WHERE b LIKE 'x%'", Catalog())
    assert proof.verdict is Verdict.REFUTED
    assert "assumed: t.b is VARCHAR, nullable" in proof.premises


def test_what_is_left_to_the_engine_is_no_difference():
    proof = verdict(
        "SELECT id FROM orders LIMIT 1", "SELECT id FROM orders ORDER BY id DESC LIMIT 1", effort="low"
    )
    assert proof.verdict is not Verdict.REFUTED
    random = verdict("SELECT random() FROM orders", "SELECT random() FROM orders")
    assert random.verdict is Verdict.UNKNOWN
    assert "random()" in random.reason


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("SELECT own_function(id) FROM orders", "SELECT id FROM orders", "own_function"),
        ("SELEC 1", "SELECT 1", "first statement"),
        ("SELECT 1; SELECT 2", "SELECT 1", "2 statements"),
        ("SELECT 1", "DELETE FROM orders", "no two queries: SELECT and DELETE"),
        ("SELECT 1", "", "0 statements"),
    ],
)
def test_what_can_not_be_judged_is_unknown_with_its_reason(before, after, why):
    proof = verdict(before, after)
    assert proof.verdict is Verdict.UNKNOWN
    assert why in proof.reason


def test_of_wide_tables_and_many_joins_one_that_differs_is_found():
    wide = Catalog.from_ddl(f"CREATE TABLE w ({', '.join(f'c{n} INT' for n in range(100))})", "duckdb")
    joins = "SELECT t0.c1 FROM w t0 " + " ".join(
        f"JOIN w t{n} ON t{n}.c{n} = t{n - 1}.c{n}" for n in range(1, 20)
    )
    assert verdict(joins, joins.replace("t19.c19", "t19.c18"), wide).verdict is Verdict.REFUTED


def test_what_was_never_compared_is_unknown():
    proof = sqlopt.prove("SELECT count(*) FROM range(100000000000)", "SELECT 1", seconds=0.3)
    assert (proof.verdict, proof.databases) == (Verdict.UNKNOWN, 0)
    assert proof.reason == "it was not done within the ceiling of 0.3 seconds"


@pytest.mark.parametrize("source", ["read_text('{0}')", "read_csv('{0}')", "glob('{0}')", "'{0}'"])
def test_statements_read_no_files(tmp_path, source):
    (tmp_path / "secret.csv").write_text("hidden\n1\n")
    proof = verdict(f"SELECT * FROM {source.format(tmp_path / 'secret.csv')}", "SELECT 1 AS x")
    assert "hidden" not in str(proof)
    assert "secret.csv" not in (proof.counterexample or "").partition("-- before")[2]


def test_the_same_call_gives_the_same_answer():
    pair = ("SELECT name FROM customers", "SELECT DISTINCT name FROM customers")
    assert verdict(*pair) == verdict(*pair)


def test_whole_division_follows_the_dialect():
    catalog = Catalog.from_ddl("CREATE TABLE t (a INT, b DOUBLE PRECISION)", "postgres")
    assert (
        verdict("SELECT a / 2 FROM t", "SELECT a * 0.5 FROM t", catalog, "postgres").verdict
        is Verdict.REFUTED
    )
    assert (
        verdict("SELECT b / 2 FROM t", "SELECT b * 0.5 FROM t", catalog, "postgres").verdict is Verdict.TESTED
    )


def cases(name):
    path = CORPORA / name
    if not path.exists():
        pytest.skip(f"{path} is absent")
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_traps_are_refuted_and_their_twins_are_not():
    caught = missed = 0
    for case in cases("traps.jsonl"):
        catalog = Catalog.from_ddl(case["schema_ddl"], "duckdb")
        proof = verdict(case["q1"], case["q2"], catalog, case["dialect"], "normal")
        if case["equivalent"]:
            assert proof.verdict is not Verdict.REFUTED, case["id"]
        else:
            assert proof.verdict is not Verdict.PROVED, case["id"]
            caught += proof.verdict is Verdict.REFUTED
            missed += proof.verdict is not Verdict.REFUTED
    assert caught >= 0.95 * (caught + missed)


@pytest.mark.parametrize("name", ["calcite232.jsonl", "spark.jsonl"])
def test_pairs_that_are_equal_by_construction_are_not_refuted(name):
    catalogs = {}
    for case in cases(name)[1::12]:  # others than test_prove_rules.py has
        ddl = case["schema_ddl"]
        catalog = catalogs.setdefault(ddl, Catalog.from_ddl(ddl, "duckdb"))
        proof = verdict(case["q1"], case["q2"], catalog, case["dialect"])
        assert proof.verdict is not Verdict.REFUTED, case["id"]
