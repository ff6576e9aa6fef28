from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from sqlopt.catalog import Catalog, Column, Partitioning, Table
from sqlopt.errors import PackError
from sqlopt.rewrite.edits import Safety
from sqlopt.rules.packs import load_packs
from sqlopt.rules.page import page_of
from sqlopt.rules.run import check_text

if TYPE_CHECKING:
    from pathlib import Path

CATALOG = Catalog(
    [
        Table(
            "orders",
            {
                "id": Column("id", "BIGINT"),
                "day": Column("day", "DATE"),
                "name": Column("name", "VARCHAR"),
            },
            partition_by=Partitioning(("day",)),
            rows=5_000_000,
        )
    ]
)


def load(folder: Path, **spec):
    """Load one house rule, written as a file."""
    spec = {"id": "HSE001", "name": "of-the-house", "message": ":x found", **spec}
    path = folder / "house.yml"
    path.write_text(yaml.safe_dump([spec]))
    return load_packs([path])["HSE001"]


def found(rule, sql, dialect="duckdb"):
    result = check_text(sql, dialect, CATALOG, [rule])
    assert not result.errors
    return [one.span.of(sql) for one in result.findings]


@pytest.mark.parametrize(
    ("pattern", "sql", "hits"),
    [
        ("UPPER(:x) = :y", "SELECT 1 FROM t WHERE upper(a) = 'B' AND lower(a) = 'b'", ["upper(a) = 'B'"]),
        (":x = :x", "SELECT 1 FROM t WHERE t.a = t.a AND t.a = t.b", ["t.a = t.a"]),
        ("a = 1", "SELECT 1 FROM t WHERE t.A = 1 AND a = 2 AND b = 1", ["t.A = 1"]),
        ("t.a = 1", "SELECT 1 FROM t WHERE t.a = 1 AND a = 1", ["t.a = 1"]),
        (
            "COALESCE(:x, 0)",
            "SELECT COALESCE(a, 0), COALESCE(a, b, 0), COALESCE(a, 1) FROM t",
            ["COALESCE(a, 0)"],
        ),
        ("COALESCE(:any)", "SELECT COALESCE(a, 0, b), GREATEST(a, b) FROM t", ["COALESCE(a, 0, b)"]),
        ("(:x + 1) = :y", "SELECT 1 FROM t WHERE ((a + 1)) = 2 AND a + 2 = 2", ["((a + 1)) = 2"]),
        ("COUNT(DISTINCT :x)", "SELECT COUNT(DISTINCT a), COUNT(a) FROM t", ["COUNT(DISTINCT a)"]),
        ("my_udf(:x)", "SELECT my_udf(a), your_udf(a) FROM t", ["my_udf(a)"]),
        ("x = 'a:b'", "SELECT 1 FROM t WHERE x = 'a:b'", ["x = 'a:b'"]),
    ],
)
def test_what_a_pattern_matches(tmp_path, pattern, sql, hits):
    assert found(load(tmp_path, pattern=pattern), sql) == hits


def test_a_select_may_have_clauses_that_the_pattern_has_not(tmp_path):
    rule = load(tmp_path, pattern="SELECT :any FROM :t ORDER BY RANDOM()", message="sorts :t at random")
    sql = "SELECT a, b FROM shop.orders AS o WHERE a > 1 ORDER BY RANDOM() LIMIT 3"
    (finding,) = check_text(sql, "duckdb", CATALOG, [rule]).findings
    assert finding.message == "sorts shop.orders AS o at random"
    assert not found(rule, "SELECT a FROM t ORDER BY a")


@pytest.mark.parametrize("dialect", ["bigquery", "snowflake", "postgres", "spark", "duckdb", "trino"])
def test_a_pattern_without_dialect_holds_in_all(tmp_path, dialect):
    rule = load(tmp_path, pattern="SELECT :any FROM :t WHERE :x = :x")
    assert found(rule, "SELECT a FROM t WHERE b = b", dialect) == ["SELECT a FROM t WHERE b = b"]


def test_a_rule_of_one_dialect_holds_in_that(tmp_path):
    rule = load(tmp_path, pattern=":x = 1", dialect="snowflake")
    assert found(rule, "SELECT a FROM t WHERE b = 1", "snowflake") == ["b = 1"]
    assert found(rule, "SELECT a FROM t WHERE b = 1") == []


@pytest.mark.parametrize(
    ("where", "sides", "hits"),
    [
        ("x is column", ["id", "1", "id + 1"], ["id"]),
        ("x is not column", ["id", "1", "id + 1"], ["1", "id + 1"]),
        ("x is literal", ["id", "1", "'a'", "NULL"], ["1", "'a'"]),
        ("x is constant", ["id", "1 + 2", "CURRENT_DATE", "(SELECT 1)"], ["1 + 2", "CURRENT_DATE"]),
        ("x is null", ["id", "NULL"], ["NULL"]),
        ("x is function", ["id", "LOWER(name)"], ["LOWER(name)"]),
        ("x is subquery", ["id", "(SELECT 1)"], ["(SELECT 1)"]),
        ("x matches ^na", ["id", "name"], ["name"]),
        ("x not matches ^na", ["id", "name"], ["id"]),
        ("x in [ID, 7]", ["id", "name", "7", "8"], ["id", "7"]),
        ("x not in [id, 7]", ["id", "name", "7", "8"], ["name", "8"]),
        ("x is partition column", ["id", "day", "o.day", "unknown"], ["day", "o.day"]),
        ("x type is DATE", ["id", "day", "CAST(name AS DATE)", "unknown"], ["day", "CAST(name AS DATE)"]),
        ("x type is not VARCHAR", ["LOWER(name)"], []),
        ("x type is not date", ["id", "day", "unknown"], ["id"]),
        ("x type is int8", ["id", "day"], ["id"]),
        ("table x rows > 1_000_000", ["id", "unknown", "1"], ["id"]),
        ("table x rows > 9000000", ["id"], []),
        ("table x bytes > 0", ["id"], []),
    ],
)
def test_conditions(tmp_path, where, sides, hits):
    rule = load(tmp_path, pattern=":x = 99", where=[where])
    sql = " AND ".join(["SELECT 1 FROM orders AS o WHERE TRUE", *(f"{side} = 99" for side in sides)])
    assert found(rule, sql) == [f"{hit} = 99" for hit in hits]


def test_a_condition_on_a_table(tmp_path):
    rule = load(tmp_path, pattern="SELECT * FROM :t", where=["table t rows > 1000"], message=":t is large")
    assert found(rule, "SELECT * FROM orders") == ["SELECT * FROM orders"]
    assert found(rule, "SELECT * FROM unknown") == []


@pytest.mark.parametrize(
    ("pattern", "rewrite", "sql", "fixed"),
    [
        ("NVL(:x, :y)", "COALESCE(:x, :y)", "SELECT NVL( a.b , 'c' )", "SELECT COALESCE(a.b, 'c')"),
        (":x * 2", ":x + :x", "SELECT a * 2 * 3", "SELECT (a + a) * 3"),
        ("double(:x)", ":x * 2", "SELECT double(a + 1)", "SELECT (a + 1) * 2"),
        ("double(:x)", "twice(:x)", "SELECT double(a + 1)", "SELECT twice(a + 1)"),
        ("NOT :x = :y", ":x <> :y", "SELECT 1 WHERE NOT a = 1 AND b", "SELECT 1 WHERE a <> 1 AND b"),
        ("both(:x, :y)", ":x OR :y", "SELECT 1 WHERE both(a, b) AND c", "SELECT 1 WHERE (a OR b) AND c"),
        ("same(:x)", ":x", "SELECT 1 - same(a)", "SELECT 1 - a"),
        ("f(:x)", "':x' || :x", "SELECT f(a)", "SELECT ':x' || a"),
    ],
)
def test_a_rewrite_keeps_the_pieces_as_written(tmp_path, pattern, rewrite, sql, fixed):
    rule = load(tmp_path, pattern=pattern, rewrite=rewrite, exact=True)
    (finding,) = check_text(sql, "snowflake", CATALOG, [rule]).findings
    assert finding.fix is not None
    assert finding.fix.safety is Safety.EXACT
    assert finding.fix.apply(sql) == fixed


def test_a_rewrite_is_exact_only_if_it_says_so(tmp_path):
    rule = load(tmp_path, pattern="NVL(:x, 0)", rewrite=":x")
    (finding,) = check_text("SELECT NVL(a, 0)", "snowflake", CATALOG, [rule]).findings
    assert finding.fix is not None
    assert finding.fix.safety is Safety.CHANGES_RESULTS


def test_its_page_has_the_examples(tmp_path):
    bad = ["SELECT 1 FROM t WHERE a = 1", {"sql": "SELECT 2", "dialect": "bigquery", "catalog": "shop"}]
    page = page_of(
        load(tmp_path, pattern=":x = 1", bad=bad, good=["SELECT 3"], dialect="snowflake", why="It costs.")
    )
    assert [(one.sql, one.dialect, one.catalog) for one in page.bad] == [
        ("SELECT 1 FROM t WHERE a = 1", "snowflake", None),
        ("SELECT 2", "bigquery", "shop"),
    ]
    assert page.good[0].sql == "SELECT 3"
    assert page.why == "It costs."


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ({"patern": ":x = 1"}, "unknown key 'patern'; did you mean 'pattern'?"),
        ({}, "the key 'pattern' is missing"),
        ({"pattern": 7}, "pattern must be a str"),
        ({"pattern": ":x"}, "too general"),
        ({"pattern": "SELECT ((("}, "can't be parsed"),
        ({"pattern": ":x = 1", "where": ["x is colum"]}, "did you mean 'x is column'?"),
        ({"pattern": ":x = 1", "where": ["y is column"]}, "uses y"),
        ({"pattern": ":x = 1", "where": ["x matches ("]}, "no regular expression"),
        ({"pattern": ":x = 1", "rewrite": ":x = :z"}, "uses z"),
        ({"pattern": ":x = 1", "rewrite": "((("}, "can't be parsed"),
        ({"pattern": ":x = 1", "severity": "fatal"}, "info, warning, error"),
        ({"pattern": ":x = 1", "dialect": "bigqery"}, "did you mean 'bigquery'?"),
        ({"pattern": ":x = 1", "bad": [{"query": "SELECT 1"}]}, "an example is SQL"),
        ({"pattern": ":x = 1", "id": "house-1"}, "id must be"),
    ],
)
def test_a_broken_house_rule_is_named(tmp_path, spec, says):
    with pytest.raises(PackError) as raised:
        load(tmp_path, **spec)
    assert str(tmp_path / "house.yml") in str(raised.value)
    assert says in str(raised.value)


@pytest.mark.parametrize("text", ["a: [", "a: 1", "- 1", "\x00"])
def test_a_broken_file_is_named(tmp_path, text):
    path = tmp_path / "house.yml"
    path.write_text(text)
    with pytest.raises(PackError, match=r"house\.yml"):
        load_packs([path])
