"""Spans stand for their nodes: the text of one, parsed alone, gives the node again."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError

from sqlopt.query.spans.spans import Spans
from sqlopt.query.text.forms import settled
from sqlopt.query.text.parse import Statement, parse
from tests.tpcds import queries

if TYPE_CHECKING:
    from collections.abc import Iterator

CORPUS = [
    (path.stem, text)
    for path in sorted((Path(__file__).parent.parent / "text" / "statements").glob("*.sql"))
    for text in path.read_text(encoding="utf-8").split("\n;\n")
]


def cases() -> Iterator[tuple[str, str, Statement]]:
    for dialect, text in [*CORPUS, *(("duckdb", query) for query in queries())]:
        for statement in parse(text, dialect):
            yield dialect, text, statement


def alone(text: str, dialect: str) -> exp.Expr | None:
    try:
        (tree,) = Dialect.get_or_raise(dialect).parse(text)
    except (SqlglotError, ValueError):
        return None
    return settled(tree) if tree is not None else None


def stands_for(node: exp.Expr, text: str, dialect: str) -> bool:
    """Whether ``text`` parses to ``node``, in the surroundings that its kind needs."""
    if isinstance(node, exp.If):
        case = alone(f"CASE {text} END", dialect)
        if isinstance(case, exp.Case) and case.args["ifs"] == [node]:
            return True
    if isinstance(node, (exp.Subquery, exp.Unnest)):
        select = alone(f"SELECT * FROM {text}", dialect)
        if isinstance(select, exp.Select) and select.args["from_"].this == node:
            return True
    tree = alone(text, dialect)
    return tree == node or (isinstance(tree, exp.Not) and tree.this == node)  # a NOT IN b is Not(In)


# What the parser makes up, or reads only in its place. Each stands for its text all the same.
MADE_UP = (
    exp.PropertyEQ,  # 1 AS a in STRUCT(1 AS a)
    exp.Kwarg,  # input => x
    exp.TsOrDsToDate,  # around an argument of date functions
)


def made_up(node: exp.Literal, spans: Spans, text: str) -> bool:
    """Whether the parser made the literal (arr[1] has index 0), or its type (7 in DATE_SUB is '7')."""
    assert node.parent is not None
    span = spans.of(node)
    return span in {spans.of(node.parent), spans.of(node.parent.parent or node)} or span.of(text).startswith(
        node.name
    )


def explained(node: exp.Expr, spans: Spans, text: str) -> bool:
    parent = node.parent
    return (
        (isinstance(node, exp.Literal) and made_up(node, spans, text))
        or isinstance(node, MADE_UP)
        or node.find_ancestor(exp.Lambda) is not None  # x in x -> x + 1 is no column
        or (isinstance(node, (exp.Mul, exp.Neg)) and isinstance(parent, (exp.TsOrDsAdd, exp.Mul)))  # DATE_SUB
        or isinstance(parent, (exp.IgnoreNulls, exp.Pivot))  # ARRAY_AGG(a IGNORE NULLS), b IN ('x' AS x)
        or (isinstance(node, exp.Window) and isinstance(parent, exp.Select))  # WINDOW w AS (...)
        or node.find_ancestor(exp.ToMap) is not None  # MAP {...}['a']
        or (isinstance(node, exp.Array) and not isinstance(parent, exp.Select))  # its context is in its args
        or (isinstance(node, (exp.Is, exp.Null)) and node.find_ancestor(exp.If) is not None)  # NVL2
        or (isinstance(node, exp.Subquery) and isinstance(parent, exp.SetOperation))  # precedence made plain
    )


def test_the_text_of_a_span_parses_to_its_node():
    wrong = []
    seen = 0
    for dialect, text, statement in cases():
        assert statement.tree is not None, (dialect, text, statement.error)
        spans = Spans(text, statement.tokens, statement.tree)
        for node in statement.tree.walk():
            if isinstance(node, (exp.Condition, exp.Query)) and not isinstance(node, exp.Star):
                seen += 1
                found = spans.of(node).of(text)
                if not stands_for(node, found, dialect) and not explained(node, spans, text):
                    wrong.append((dialect, type(node).__name__, found, node.sql(dialect)))
    assert wrong == []
    assert seen > 12_000


def test_children_lie_within_their_parents_and_all_within_the_statement():
    for dialect, text, statement in cases():
        assert statement.tree is not None
        spans = Spans(text, statement.tokens, statement.tree)
        for node in statement.tree.walk():
            assert statement.span.covers(spans.of(node)), (dialect, text, node)
            if node.parent is not None:
                assert spans.of(node.parent).covers(spans.of(node)), (dialect, text, node)


def test_siblings_do_not_overlap():
    overlapping = set()
    for _, text, statement in cases():
        assert statement.tree is not None
        spans = Spans(text, statement.tokens, statement.tree)
        for node in statement.tree.walk():
            whole = spans.of(node)
            found = sorted({spans.of(child) for child in node.iter_expressions()} - {whole})
            for one, other in itertools.pairwise(found):
                if other.start < one.end:
                    overlapping.add((type(node).__name__, one.of(text), other.of(text)))
    kinds = {kind for kind, *_ in overlapping}
    # LISTAGG(a, ',') WITHIN GROUP (ORDER BY b) reads as an ordered `a`, and a separator;
    # UNNEST(...) WITH ORDINALITY AS u (x, n) takes `n` out of the alias
    assert kinds <= {"GroupConcat", "Unnest"}, overlapping


def span_of(text: str, kind: type[exp.Expr], dialect: str) -> list[str]:
    """The texts of the nodes of a kind, in the order of the text."""
    (statement,) = parse(text, dialect)
    assert statement.tree is not None
    spans = Spans(text, statement.tokens, statement.tree)
    return [span.of(text) for span in sorted(spans.of(node) for node in statement.tree.find_all(kind))]


CLAUSES = """SELECT DISTINCT a, -- é
  b AS "x y"
FROM p.s.t AS u /* one */
LEFT JOIN (SELECT 1 AS c) AS v (c)
  ON u.a = v.c AND v.c > 1
, w
WHERE /* two */ NOT a IS NULL
GROUP BY a, b
HAVING count(*) > 1
ORDER BY a DESC NULLS LAST, b
LIMIT 10 -- 😀"""


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (exp.From, ["FROM p.s.t AS u"]),
        (exp.Table, ["p.s.t AS u", "w"]),
        (exp.Join, ["LEFT JOIN (SELECT 1 AS c) AS v (c)\n  ON u.a = v.c AND v.c > 1", ", w"]),
        (exp.Subquery, ["(SELECT 1 AS c) AS v (c)"]),
        (exp.Where, ["WHERE /* two */ NOT a IS NULL"]),
        (exp.Not, ["NOT a IS NULL"]),
        (exp.Group, ["GROUP BY a, b"]),
        (exp.Having, ["HAVING count(*) > 1"]),
        (exp.Order, ["ORDER BY a DESC NULLS LAST, b"]),
        (exp.Ordered, ["a DESC NULLS LAST", "b"]),
        (exp.Limit, ["LIMIT 10"]),
        (exp.Alias, ['b AS "x y"', "1 AS c"]),
        (exp.Distinct, ["DISTINCT"]),
    ],
)
def test_clauses(kind, expected):
    assert span_of(CLAUSES, kind, "duckdb") == expected


@pytest.mark.parametrize(
    ("text", "dialect", "kind", "expected"),
    [
        (
            "WITH a AS (SELECT 1), b (x) AS (SELECT 2) SELECT * FROM a",
            "duckdb",
            exp.CTE,
            ["a AS (SELECT 1)", "b (x) AS (SELECT 2)"],
        ),
        ("WITH a AS (SELECT 1) SELECT * FROM a", "duckdb", exp.With, ["WITH a AS (SELECT 1)"]),
        ("SELECT (SELECT 1) + 2", "duckdb", exp.Select, ["SELECT (SELECT 1) + 2", "SELECT 1"]),
        ("SELECT * FROM `p.d.t` x", "bigquery", exp.Table, ["`p.d.t` x"]),
        ("SELECT * FROM a JOIN b USING (c, d) WHERE e", "duckdb", exp.Join, ["JOIN b USING (c, d)"]),
        (
            "SELECT * EXCEPT (a) REPLACE (1 AS b) FROM t",
            "bigquery",
            exp.Star,
            ["* EXCEPT (a) REPLACE (1 AS b)"],
        ),
        (
            "SELECT a FROM t QUALIFY row_number() OVER (ORDER BY b) = 1",
            "snowflake",
            exp.Qualify,
            ["QUALIFY row_number() OVER (ORDER BY b) = 1"],
        ),
        ("SELECT a::NUMERIC(10, 2), CAST(b AS DATE)", "postgres", exp.DataType, ["NUMERIC(10, 2)", "DATE"]),
        (
            "SELECT sum(a) OVER (ORDER BY b ROWS 1 PRECEDING)",
            "duckdb",
            exp.Window,
            ["sum(a) OVER (ORDER BY b ROWS 1 PRECEDING)"],
        ),
        ("SELECT a:b.c[0]::INT", "snowflake", exp.JSONExtract, ["a:b.c[0]"]),
        ("SELECT 1 WHERE a NOT IN (1, 2)", "duckdb", exp.Not, ["a NOT IN (1, 2)"]),
        ("CREATE TABLE t (a INT NOT NULL, b TEXT) ", "duckdb", exp.ColumnDef, ["a INT NOT NULL", "b TEXT"]),
    ],
)
def test_kinds(text, dialect, kind, expected):
    assert span_of(text, kind, dialect) == expected


def test_merge_branches():
    text = (
        "MERGE INTO t USING s ON t.a = s.a WHEN MATCHED AND s.b THEN DELETE "
        "WHEN MATCHED THEN UPDATE SET c = s.c WHEN NOT MATCHED THEN INSERT (a) VALUES (s.a)"
    )
    assert span_of(text, exp.When, "bigquery") == [
        "WHEN MATCHED AND s.b THEN DELETE",
        "WHEN MATCHED THEN UPDATE SET c = s.c",
        "WHEN NOT MATCHED THEN INSERT (a) VALUES (s.a)",
    ]


def test_positions_are_those_of_the_whole_text():
    text = "SELECT 1; -- é😀\nCREATE FUNCTION f() RETURNS int AS $x$ SELECT é + 1 FROM t $x$ LANGUAGE sql"
    inner = parse(text, "postgres")[-1]
    assert inner.tree is not None
    spans = Spans(text, inner.tokens, inner.tree)
    assert [spans.of(node).of(text) for node in inner.tree.find_all(exp.Add)] == ["é + 1"]


def test_what_has_no_text_gets_the_span_of_the_node_above():
    text = "SELECT a FROM t WHERE d >= DATE_SUB(x, INTERVAL 7 DAY)"
    (statement,) = parse(text, "spark")
    assert statement.tree is not None
    statement.tree.args["where"].this.this.replace(exp.column("made_up"))
    spans = Spans(text, statement.tokens, statement.tree)
    made_up = next(one for one in statement.tree.find_all(exp.Identifier) if one.name == "made_up")
    assert statement.span.covers(spans.of(made_up))


def test_defaults_of_types_have_no_position_of_their_own():
    text = "SELECT xyz, abc::NUMBER FROM t"
    assert span_of(text, exp.DataTypeParam, "snowflake") == ["NUMBER", "NUMBER"]
