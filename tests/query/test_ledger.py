"""The ledger is complete: nothing that sqlglot knows, and nothing that any SQL here holds, is without a line."""

from __future__ import annotations

import pytest
from sqlglot import exp

import sqlopt
from sqlopt.query.bind import standings
from sqlopt.query.bind.ledger import Standing, standing, strays, why
from sqlopt.query.text.parse import parse
from sqlopt.query.understand import understand
from sqlopt.rewrite.prove import Verdict
from tests.texts import texts

CLASSES = sorted(
    {one for one in vars(exp).values() if isinstance(one, type) and issubclass(one, exp.Expr)},
    key=lambda one: one.__name__,
)


def lines() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for text in (standings.READ, *standings.IRRELEVANT.values(), *standings.UNREAD.values()):
        for row in text.strip().splitlines():
            names, _, arguments = row.partition(":")
            for name in names.split():
                mine = found.setdefault(name, set())
                twice = mine & set(arguments.split())
                assert not twice, (name, twice)
                mine.update(arguments.split())
    return found


def test_every_class_and_every_argument_of_sqlglot_has_a_line() -> None:
    known = lines()
    missing = []
    for kind in CLASSES:
        if kind.__name__ in standings.ABSTRACT:
            continue
        if kind.__name__ not in known and not issubclass(kind, exp.Func):
            missing.append((kind.__name__, "*"))
        missing += [(kind.__name__, key) for key in kind.arg_types if standing(kind, key) is None]
    assert missing == []


def test_every_line_speaks_of_something_that_sqlglot_has() -> None:
    arguments = {one.__name__: set(one.arg_types) for one in CLASSES}
    stale = {
        (name, key)
        for name, keys in lines().items()
        for key in keys
        if name not in arguments or (key != "*" and key not in arguments[name])
    }
    assert stale == set()
    functions = {key for one in CLASSES if issubclass(one, exp.Func) for key in one.arg_types}
    assert functions >= standings.VALUES | standings.SWITCHES
    assert not standings.VALUES & standings.SWITCHES


def test_all_sql_at_hand_is_in_the_ledger() -> None:
    missing = set()
    read = 0
    for dialect, text in texts():
        for statement in parse(text, dialect):
            for node in statement.tree.walk() if statement.tree is not None else ():
                read += 1
                for key, value in node.args.items():
                    if value not in (None, False, []) and standing(type(node), key) is None:
                        missing.add((type(node).__name__, key))
    assert missing == set()
    assert read > 30_000


def test_what_is_irrelevant_or_unread_says_why() -> None:
    assert standing(exp.Select, "hint") is Standing.IRRELEVANT
    assert "hint" in why(exp.Select, "hint")
    assert standing(exp.Select, "for_") is Standing.UNREAD
    assert "document" in why(exp.Select, "for_")
    assert why(exp.Select, "where") == ""


@pytest.mark.parametrize(
    ("dialect", "text", "place", "what"),
    [
        ("tsql", "SELECT fee FROM loan FOR JSON AUTO", "", "document"),
        (
            "snowflake",
            "SELECT total FROM SEMANTIC_VIEW(loans METRICS total)",
            "loans METRICS total",
            "semantic view",
        ),
        (
            "postgres",
            (
                "WITH RECURSIVE r AS (SELECT a FROM loan UNION ALL SELECT a FROM r) SEARCH DEPTH FIRST BY a SET o "
                "SELECT * FROM r"
            ),
            "",
            "recursion",
        ),
        ("snowflake", "CALL settle_all(1)", "CALL settle_all(1)", "the command CALL"),
        ("tsql", "EXEC settle_all 1", "", "procedure"),
        ("bigquery", "EXECUTE IMMEDIATE CONCAT('SELECT ', x)", "", "the command EXECUTE"),
        ("postgres", "PREPARE due AS SELECT fee FROM loan", "", "the command PREPARE"),
        ("postgres", "settle everything", "settle everything", "no statement"),
    ],
)
def test_a_statement_says_what_of_it_was_not_read(dialect: str, text: str, place: str, what: str) -> None:
    (query,) = understand(text, dialect, sqlopt.Catalog())
    assert query.unread
    first = query.unread[0]
    assert what in str(first)
    assert first.span.of(text) == query.text(first.node)
    if place:
        assert first.span.of(text) == place


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        (
            "postgres",
            "SELECT DISTINCT ON (a) a, b FROM loan TABLESAMPLE SYSTEM (5) ORDER BY a NULLS LAST FOR UPDATE",
        ),
        ("duckdb", "SELECT COLUMNS(*) FROM loan"),
        ("duckdb", "SELECT * EXCLUDE (fee) REPLACE (at::date AS at) FROM loan"),
        ("snowflake", "CREATE OR REPLACE TABLE lib.x CLUSTER BY (a) COMMENT = 'x' AS SELECT a FROM loan"),
        ("postgres", "VACUUM loan"),
        ("postgres", "LISTEN desk"),
        ("postgres", "CREATE UNIQUE INDEX by_fee ON loan (fee) NULLS NOT DISTINCT"),
        ("snowflake", "CREATE OR REPLACE WAREHOUSE small WAREHOUSE_SIZE = XSMALL"),
        ("snowflake", "CREATE STORAGE INTEGRATION lake TYPE = EXTERNAL_STAGE ENABLED = TRUE"),
        ("snowflake", "SHOW TABLES"),
        ("snowflake", "CREATE STREAM s ON TABLE loan"),
        ("redshift", "UNLOAD ('SELECT a FROM loan') TO 's3://x/'"),
        ("postgres", "DO $$ BEGIN DELETE FROM loan; END $$"),
        ("bigquery", "EXECUTE IMMEDIATE 'SELECT a FROM loan'"),
        ("snowflake", "SELECT f.value FROM loan, LATERAL FLATTEN(input => loan.tags) f"),
        ("snowflake", "SELECT * FROM TABLE(make_rows(1))"),
    ],
)
def test_what_is_read_or_does_not_matter_is_not_told(dialect: str, text: str) -> None:
    assert [str(one) for query in understand(text, dialect, sqlopt.Catalog()) for one in query.unread] == []


def test_a_table_of_from_that_is_no_source_is_told() -> None:
    (query,) = understand("SELECT x.a FROM loan AS x JOIN fine AS y ON x.a = y.a", "duckdb", sqlopt.Catalog())
    tables = query.nodes(exp.Table)
    sources = [id(one.node) for one in query.sources]
    assert list(strays(tables, sources)) == []
    assert [query.text(node) for node, _ in strays(tables, sources[:1])] == ["fine AS y"]


PLAIN = "SELECT a FROM loan"


@pytest.mark.parametrize(
    ("dialect", "one", "other"),
    [
        ("postgres", "SELECT a FROM ONLY loan", PLAIN),
        ("postgres", f"{PLAIN} FOR UPDATE SKIP LOCKED", PLAIN),
        ("clickhouse", "SELECT a FROM loan FINAL", PLAIN),
        ("clickhouse", "SELECT a FROM loan PREWHERE b = 1", PLAIN),
        ("tsql", "SELECT a FROM loan WITH (READPAST)", PLAIN),
        ("mysql", "SELECT a FROM loan PARTITION (p0)", PLAIN),
        (
            "postgres",
            f"{PLAIN} ORDER BY a FETCH FIRST 2 ROWS WITH TIES",
            f"{PLAIN} ORDER BY a FETCH FIRST 2 ROWS ONLY",
        ),
        ("tsql", "SELECT TOP 2 WITH TIES a FROM loan ORDER BY a", "SELECT TOP 2 a FROM loan ORDER BY a"),
        (
            "oracle",
            "SELECT x.a FROM loan x, fine y WHERE x.a = y.a(+)",
            "SELECT x.a FROM loan x, fine y WHERE x.a = y.a",
        ),
        (
            "hive",
            "SELECT a FROM loan LATERAL VIEW OUTER explode(array(1)) x AS y",
            "SELECT a FROM loan LATERAL VIEW explode(array(1)) x AS y",
        ),
        (
            "postgres",
            "SELECT a FROM loan WHERE (a, b) IS NOT NULL",
            "SELECT a FROM loan WHERE NOT (a, b) IS NULL",
        ),
        (
            "postgres",
            "SELECT loan.a FROM loan WHERE loan IS NOT NULL",
            "SELECT loan.a FROM loan WHERE NOT loan IS NULL",
        ),
        ("snowflake", "SELECT a FROM loan AT (OFFSET => -60)", PLAIN),
        ("postgres", "SELECT a FROM loan TABLESAMPLE BERNOULLI (10)", PLAIN),
    ],
)
def test_an_argument_that_no_rule_looks_at_proves_and_tests_nothing(
    dialect: str, one: str, other: str
) -> None:
    catalog = sqlopt.Catalog.from_dict(
        {"tables": {name: {"columns": {"a": "int", "b": "int"}} for name in ("loan", "fine")}}
    )
    for pair in ((one, other), (other, one)):
        found = sqlopt.prove(*pair, catalog=catalog, dialect=dialect, effort="low")
        assert found.verdict is Verdict.UNKNOWN, found


@pytest.mark.parametrize(
    ("dialect", "one"),
    [
        ("mysql", "SELECT SQL_NO_CACHE a FROM loan"),
        ("mysql", "SELECT /*+ NO_INDEX(loan) */ a FROM loan"),
        ("postgres", "WITH x AS MATERIALIZED (SELECT a FROM loan) SELECT a FROM x"),
    ],
)
def test_what_the_ledger_calls_irrelevant_is_no_obstacle(dialect: str, one: str) -> None:
    catalog = sqlopt.Catalog.from_dict({"tables": {"loan": {"columns": {"a": "int", "b": "int"}}}})
    assert sqlopt.prove(one, PLAIN, catalog=catalog, dialect=dialect).verdict is Verdict.PROVED
