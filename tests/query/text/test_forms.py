"""A predicate means the same in whatever dialect it is read, and what the engines say that it means."""

from __future__ import annotations

import itertools

import duckdb
import pytest
from sqlglot import exp

import sqlopt
from sqlopt.query.text.forms import bounds, negation, row_limit, sample
from sqlopt.query.text.parse import parse
from sqlopt.query.understand import understand
from sqlopt.rewrite.prove import Verdict

DIALECTS = [
    "postgres",
    "redshift",
    "duckdb",
    "snowflake",
    "bigquery",
    "spark",
    "databricks",
    "trino",
    "mysql",
    "tsql",
    "oracle",
    "sqlite",
    "clickhouse",
    "hive",
]
EVERYWHERE = [
    "m IS NULL",
    "m IS NOT NULL",
    "NOT m IS NULL",
    "NOT m IS NOT NULL",
    "m IN (3, 8)",
    "m NOT IN (3, 8)",
    "NOT m NOT IN (3, 8)",
    "m BETWEEN 3 AND 8",
    "m NOT BETWEEN 3 AND 8",
    "NOT m NOT BETWEEN 3 AND 8",
    "m BETWEEN 8 AND 3",
    "s LIKE 'o%'",
    "s NOT LIKE 'o%'",
    "NOT s NOT LIKE 'o%'",
    "s NOT LIKE '%!_' ESCAPE '!'",
    "(s NOT LIKE 'o%') = (m IS NOT NULL)",
    "(m IS NOT NULL) IS TRUE",
    "(m = 3) IS NOT TRUE",
    "(m = 3) IS NOT FALSE",
    "m IS DISTINCT FROM 3",
    "m IS NOT DISTINCT FROM 3",
    "NOT m IS NOT DISTINCT FROM 3",
    "m NOT IN (SELECT 3)",
    "m <> ALL (SELECT 3)",
    "NOT m <> ALL (SELECT 3)",
]
SOME = {
    "m NOTNULL": "postgres duckdb snowflake sqlite",
    "m ISNULL": "postgres duckdb snowflake sqlite",
    "(m = 3) IS NOT UNKNOWN": "postgres snowflake mysql",
    "(m = 3) IS UNKNOWN": "postgres snowflake mysql",
    "s !~~ 'o%'": "postgres duckdb",
    "NOT s !~~ 'o%'": "postgres duckdb",
    "s NOT ILIKE 'O%'": "postgres duckdb snowflake redshift",
    "m BETWEEN SYMMETRIC 8 AND 3": "postgres",
    "m NOT BETWEEN SYMMETRIC 8 AND 3": "postgres",
    "m BETWEEN ASYMMETRIC 8 AND 3": "postgres",
}
ROWS = list(itertools.product((None, 1, 3, 5, 8, 9), (None, "one", "two_", "Oak")))
# As DuckDB spells what it has no word for.
DUCKDB = {
    "m BETWEEN SYMMETRIC 8 AND 3": "m BETWEEN 3 AND 8",
    "m NOT BETWEEN SYMMETRIC 8 AND 3": "m NOT BETWEEN 3 AND 8",
    "m BETWEEN ASYMMETRIC 8 AND 3": "m BETWEEN 8 AND 3",
    "(m = 3) IS NOT UNKNOWN": "(m = 3) IS NOT NULL",
    "(m = 3) IS UNKNOWN": "(m = 3) IS NULL",
}
CASES = [
    *((one, dialect) for one in EVERYWHERE for dialect in DIALECTS),
    *((one, dialect) for one, some in SOME.items() for dialect in some.split()),
]

Value = int | str | bool | None


def both(one: Value, other: Value) -> Value:
    return False if False in (one, other) else None if None in (one, other) else True


def opposite(one: Value) -> Value:
    return None if one is None else not one


def either(one: Value, other: Value) -> Value:
    return opposite(both(opposite(one), opposite(other)))


def compared(one: Value, other: Value, answer: bool) -> Value:
    return None if None in (one, other) else answer


def meaning(node: exp.Expr, row: dict[str, Value]) -> Value:  # noqa: C901, PLR0912 - one case a class
    """Evaluate a settled condition by its class alone: what any reader of the tree takes it for."""
    this = node.args.get("this")
    match node:
        case exp.Paren() | exp.Subquery():
            return meaning(node.this, row)
        case exp.Select():
            return meaning(node.expressions[0], row)
        case exp.Column():
            return row[node.name]
        case exp.Literal():
            return node.name if node.is_string else int(node.name)
        case exp.Null() | exp.Boolean():
            return None if isinstance(node, exp.Null) else bool(this)
        case exp.Not():
            return opposite(meaning(node.this, row))
        case exp.Escape():
            return like(meaning(node.this.this, row), node.this.expression.name, node.expression.name)
        case exp.Like() | exp.ILike():
            fold = str.casefold if isinstance(node, exp.ILike) else str
            value = meaning(node.this, row)
            return like(fold(value) if isinstance(value, str) else None, fold(node.expression.name), "")
        case exp.Is():
            value = meaning(node.this, row)
            return value is meaning(node.expression, row)
        case exp.In():
            items = node.expressions or [node.args["query"]]
            value = meaning(node.this, row)
            found: Value = False
            for one in items:
                listed = meaning(one, row)
                found = either(found, compared(value, listed, value == listed))
            return found
        case exp.Between():
            value = meaning(node.this, row)
            found = False
            for low, high in ((meaning(one, row), meaning(other, row)) for one, other in bounds(node)):
                assert isinstance(low, int)
                assert isinstance(high, int)
                found = either(found, None if not isinstance(value, int) else low <= value <= high)
            return found
        case exp.EQ():
            one, other = meaning(node.this, row), meaning(node.expression, row)
            return compared(one, other, one == other)
        case exp.NullSafeEQ() | exp.NullSafeNEQ():
            same = meaning(node.this, row) == meaning(node.expression, row)
            return same == isinstance(node, exp.NullSafeEQ)
    raise AssertionError(repr(node))


def like(value: Value, pattern: str, escape: str) -> Value:
    """LIKE for a pattern that is a prefix, or an escaped end."""
    if not isinstance(value, str):
        return None
    if escape:
        return value.endswith(pattern.removeprefix("%").replace(escape, ""))
    return value.startswith(pattern.removesuffix("%"))


def condition(text: str, dialect: str) -> exp.Expr:
    (statement,) = parse(f"SELECT n FROM shelf WHERE {text}", dialect)
    assert statement.tree is not None, (text, dialect, statement.error)
    where = statement.tree.args["where"]
    assert isinstance(where, exp.Where)
    return where.this  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def truth() -> dict[str, list[Value]]:
    """What DuckDB says that each predicate is, row by row."""
    database = duckdb.connect()
    database.execute("CREATE TABLE shelf (n INT, m INT, s TEXT)")
    database.executemany("INSERT INTO shelf VALUES (?, ?, ?)", [(i, *row) for i, row in enumerate(ROWS)])
    return {
        one: [
            row[0]
            for row in database.execute(f"SELECT {DUCKDB.get(one, one)} FROM shelf ORDER BY n").fetchall()
        ]
        for one in dict(CASES)
    }


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_predicate_means_what_an_engine_says_in_every_dialect(
    dialect: str, truth: dict[str, list[Value]]
) -> None:
    wrong = []
    for text, where in CASES:
        if where != dialect:
            continue
        tree = condition(text, dialect)
        assert not any(one.args.get("negate") for one in tree.walk()), text
        found = [meaning(tree, {"m": m, "s": s}) for m, s in ROWS]
        if found != truth[text]:
            wrong.append((text, repr(tree)))
    assert wrong == []


@pytest.mark.parametrize("dialect", ["postgres", "snowflake", "bigquery", "duckdb"])
def test_no_predicate_is_proved_equal_to_its_negation(dialect: str) -> None:
    catalog = sqlopt.Catalog.from_dict(
        {"tables": {"shelf": {"columns": {"n": "int", "m": "int", "s": "text"}}}}
    )
    for text in (
        "m IS NOT NULL",
        "s NOT LIKE 'o%'",
        "m NOT IN (3, 8)",
        "m NOT BETWEEN 3 AND 8",
        "m <> ALL (SELECT 3)",
    ):
        asked = f"SELECT n FROM shelf WHERE {text}"
        other = f"SELECT n FROM shelf WHERE NOT ({text})"
        again = f"SELECT n FROM shelf WHERE NOT NOT ({text})"
        assert sqlopt.prove(asked, other, catalog=catalog, dialect=dialect).verdict is not Verdict.PROVED
        assert sqlopt.prove(asked, again, catalog=catalog, dialect=dialect).verdict is Verdict.PROVED, text


def test_symmetric_bounds_hold_either_way() -> None:
    catalog = sqlopt.Catalog.from_dict({"tables": {"shelf": {"columns": {"n": "int", "m": "int"}}}})
    project = sqlopt.Project(catalog=catalog, dialect="postgres")
    text = "SELECT n FROM shelf WHERE m BETWEEN {} 8 AND 3"
    assert [
        one.rule for one in project.check(text.format("SYMMETRIC")).findings if one.rule == "SCN012"
    ] == []
    assert [one.rule for one in project.check(text.format("")).findings if one.rule == "SCN012"] == ["SCN012"]


@pytest.mark.parametrize("dialect", ["postgres", "snowflake", "duckdb", "bigquery", "spark", "trino"])
def test_an_outer_join_is_turned_inner_by_the_same_predicates_in_every_dialect(dialect: str) -> None:
    project = sqlopt.Project(dialect=dialect)
    turned = {}
    for text in (
        "IS NULL",
        "IS NOT NULL",
        "NOT LIKE 'o%'",
        "NOT IN ('o')",
        "NOT BETWEEN 'a' AND 'b'",
        "IS NOT TRUE",
    ):
        sql = f"SELECT x.n FROM shelf AS x LEFT JOIN box AS y ON y.n = x.n WHERE y.s {text}"
        turned[text] = "JON006" in {one.rule for one in project.check(sql).findings}
    assert turned == {text: text not in ("IS NULL", "IS NOT TRUE") for text in turned}


def test_the_word_stays_where_engines_differ() -> None:
    assert condition("(m, s) IS NOT NULL", "postgres").args["negate"]
    assert condition("s NOT LIKE ANY (ARRAY['o%'])", "postgres").args["negate"]


@pytest.mark.parametrize(
    ("text", "dialect", "most"),
    [
        ("SELECT n FROM shelf LIMIT 4", "postgres", 4),
        ("SELECT TOP 4 n FROM shelf", "tsql", 4),
        ("SELECT TOP (4) n FROM shelf", "tsql", 4),
        ("SELECT n FROM shelf FETCH FIRST 4 ROWS ONLY", "oracle", 4),
        ("SELECT n FROM shelf FETCH FIRST ROW ONLY", "oracle", 1),
        ("SELECT TOP 4 PERCENT n FROM shelf", "tsql", None),
        ("SELECT TOP 4 WITH TIES n FROM shelf ORDER BY n", "tsql", None),
        ("SELECT n FROM shelf ORDER BY n FETCH FIRST 4 ROWS WITH TIES", "postgres", None),
        ("SELECT n FROM shelf LIMIT 4 BY m", "clickhouse", None),
        ("SELECT n FROM shelf LIMIT 4%", "duckdb", None),
        ("SELECT n FROM shelf LIMIT ALL", "postgres", None),
    ],
)
def test_a_limit_is_a_number_of_rows_or_not_known(text: str, dialect: str, most: int | None) -> None:
    (query,) = understand(text, dialect, sqlopt.Catalog())
    limit = row_limit(query.tree)
    assert limit is not None
    assert limit.most == most


def test_a_negation_is_seen_through_brackets() -> None:
    node, negated = negation(condition("NOT (NOT (m NOT IN (3)))", "duckdb"))
    assert isinstance(node, exp.In)
    assert negated


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        ("SELECT n FROM shelf TABLESAMPLE SYSTEM (5)", "postgres"),
        ("SELECT n FROM shelf TABLESAMPLE SYSTEM (5 PERCENT)", "bigquery"),
        ("SELECT n FROM shelf SAMPLE (5)", "snowflake"),
        ("SELECT n FROM shelf USING SAMPLE 5%", "duckdb"),
        ("SELECT n FROM shelf SAMPLE 0.05", "clickhouse"),
    ],
)
def test_a_sample_is_seen_wherever_it_is_written(text: str, dialect: str) -> None:
    (query,) = understand(text, dialect, sqlopt.Catalog())
    (source,) = query.sources
    assert sample(source.node) is not None
    (query,) = understand("SELECT n FROM shelf", dialect, sqlopt.Catalog())
    (source,) = query.sources
    assert sample(source.node) is None


@pytest.mark.parametrize("dialect", ["postgres", "snowflake", "bigquery", "duckdb"])
@pytest.mark.parametrize(
    ("text", "rejects"),
    [
        ("s NOT LIKE 'o%'", True),
        ("NOT s LIKE 'o%'", True),
        ("s NOT IN ('o', 'p')", True),
        ("NOT (s = 'o')", True),
        ("'o' <> s", True),
        ("s IS NOT NULL", True),
        ("NOT s IS NULL", True),
        ("s IS NULL", False),
        ("NOT s IS NOT NULL", False),
        ("s IN (SELECT s FROM box)", True),
        ("s = ANY (SELECT s FROM box)", True),
        ("s NOT IN (SELECT s FROM box)", False),
        ("s = ALL (SELECT s FROM box)", False),
        ("s > ALL (SELECT s FROM box)", False),
        ("NOT s = ANY (SELECT s FROM box)", False),
        ("(s = 'o') IS TRUE", True),
        ("s <> ALL (SELECT s FROM box)", False),
        ("s IS DISTINCT FROM 'o'", False),
    ],
)
def test_what_drops_nulls_is_known_in_every_dialect(dialect: str, text: str, rejects: bool) -> None:
    (query,) = understand(f"SELECT s FROM shelf WHERE {text}", dialect, sqlopt.Catalog())
    assert bool(query.facts.not_null(query.tree.expressions[0])) is rejects
