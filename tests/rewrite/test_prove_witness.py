"""Databases for a proof: statements give rows on them, constraints and types are kept, differences show."""

from __future__ import annotations

from decimal import Decimal
from random import Random

import duckdb
import pytest

import sqlopt
from sqlopt import Catalog, Verdict
from sqlopt.rewrite.prove.effort import Effort, Limits, Work
from sqlopt.rewrite.prove.engine.columns import fitted
from sqlopt.rewrite.prove.engine.compare import same
from sqlopt.rewrite.prove.engine.engine import Engine
from sqlopt.rewrite.prove.pair import Field, Pair
from sqlopt.rewrite.prove.testing.databases import holds
from sqlopt.rewrite.prove.testing.supply import Supply
from sqlopt.rewrite.prove.testing.tester import Tester
from sqlopt.rewrite.prove.types import kind_of
from tests import tpcds
from tests.rewrite.mutants import mutants

LIBRARY = """
CREATE TABLE branch (branch INT PRIMARY KEY, town VARCHAR(20) NOT NULL, opened DATE);
CREATE TABLE book (book INT PRIMARY KEY, title VARCHAR, kind CHAR(2), price DECIMAL(6, 2), pages SMALLINT);
CREATE TABLE loan (loan INT PRIMARY KEY, book INT NOT NULL REFERENCES book (book),
  branch INT REFERENCES branch (branch), lent TIMESTAMP NOT NULL, back TIMESTAMP, fee DECIMAL(8, 2));
CREATE TABLE note (book INT, text VARCHAR, stars INT);
"""
CATALOG = Catalog.from_ddl(LIBRARY, "duckdb")
_STATEMENTS = """
SELECT title FROM book JOIN loan USING (book) JOIN branch b ON b.branch = loan.branch
WHERE b.town = 'Delft' AND year(lent) = 1987 AND month(lent) = 11 AND kind IN ('ab', 'cd') AND pages > 432;
SELECT town, count(*) FROM loan l JOIN branch b ON l.branch = b.branch WHERE b.town LIKE 'M%x'
GROUP BY town HAVING count(*) > 4 AND sum(fee) > 130;
SELECT title FROM book b WHERE EXISTS (SELECT 1 FROM loan l WHERE l.book = b.book AND hour(l.lent) = 17)
AND b.price > (SELECT 2 * avg(price) FROM book x WHERE x.kind = b.kind);
SELECT n.text FROM note n WHERE n.book IN (SELECT book FROM book WHERE lower(title) = 'dune') AND n.stars + 5 > 10;
SELECT l.loan FROM loan l LEFT JOIN branch b ON b.branch = l.branch AND b.town = 'Ede' WHERE b.branch IS NULL;
WITH t AS (SELECT 'in' AS way, book, fee FROM loan UNION ALL SELECT 'out', book, price FROM book)
SELECT a.book FROM t a JOIN t b ON a.book = b.book WHERE a.way = 'in' AND b.way = 'out' AND b.fee > 10 * a.fee
AND a.fee > 0;
SELECT * FROM (SELECT book, rank() OVER (PARTITION BY kind ORDER BY price DESC) AS r FROM book) z WHERE r = 2;
SELECT book FROM book WHERE kind = 'q' INTERSECT SELECT book FROM loan WHERE fee BETWEEN 77 AND 78;
SELECT substr(title, 3, 4) FROM book WHERE substr(title, 3, 4) = 'moby' AND length(title) > 8;
SELECT stars FROM note GROUP BY stars HAVING count(DISTINCT book) = 3;
SELECT max(lent) FROM loan WHERE date_trunc('hour', lent) = TIMESTAMP '2024-05-01 05:00:00'
AND back - lent > INTERVAL 2 DAY
"""
SELECTIVE = [one.strip() for one in _STATEMENTS.split(";")]


def filled(before: str, after: str, catalog: Catalog = CATALOG, many: int = 24) -> tuple[int, int]:
    """Return how many databases were made from the statements, and how many of these gave rows."""
    pair = Pair(before, after, "duckdb", catalog)
    engine = Engine(pair, Work(Limits(Effort.NORMAL, 120)))
    try:
        made = [one for one in Supply(pair, engine.texts, engine.ask, 6).batch(many) if one.rows is not None]
        results = engine.both([one.rows for one in made])
    finally:
        engine.close()
    assert all(holds(pair, one.rows) for one in made)
    from_statements = [two for one, two in zip(made, results, strict=True) if one.way == 0]
    return len(from_statements), sum(any(one) and one != results[0] for one in from_statements)


@pytest.mark.parametrize("statement", SELECTIVE)
def test_selective_statements_give_rows(statement):
    made, gave = filled(statement, statement)
    assert gave >= made / 3


def test_rows_are_made_for_both_statements():
    made, gave = filled("SELECT 1 FROM note WHERE stars = 41", "SELECT 1 FROM note WHERE stars = 87")
    assert gave == made


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("SELECT 1 FROM loan WHERE hour(lent) = 17", "SELECT 1 FROM loan WHERE minute(lent) = 17"),
        (
            "SELECT 1 FROM loan WHERE month(lent) = 4",
            "SELECT 1 FROM loan WHERE date_trunc('month', lent) = DATE '2025-04-01'",
        ),
        ("SELECT 1 FROM note WHERE text = 'x'", "SELECT 1 FROM note WHERE lower(text) = 'x'"),
        ("SELECT 1 FROM note WHERE book IS NOT DISTINCT FROM stars", "SELECT 1 FROM note WHERE book = stars"),
        (
            "SELECT sum(stars) FILTER (WHERE book > 1) FROM note",
            "SELECT sum(CASE WHEN book > 1 THEN stars ELSE 0 END) FROM note",
        ),
        (
            "SELECT count(DISTINCT text || '-' || stars) FROM note",
            "SELECT count(*) FROM (SELECT DISTINCT text, stars FROM note)",
        ),
        ("SELECT 1 FROM note WHERE substr(text, 2, 3) = 'abc'", "SELECT 1 FROM note WHERE text LIKE '_abc'"),
        ("SELECT 1 FROM note WHERE length(text) > 5", "SELECT 1 FROM note WHERE length(text) >= 5"),
        ("SELECT 1 FROM note WHERE coalesce(stars, 7) = 7", "SELECT 1 FROM note WHERE stars = 7"),
        (
            "SELECT 1 FROM book WHERE round(price) = 3",
            "SELECT 1 FROM book WHERE price >= 2.5 AND price <= 3.5",
        ),
        (
            "SELECT 1 FROM loan WHERE lent <= TIMESTAMP '2024-05-01 23:59:59'",
            "SELECT 1 FROM loan WHERE lent < TIMESTAMP '2024-05-02'",
        ),
        (
            "SELECT 1 FROM loan WHERE date_trunc('hour', lent) = TIMESTAMP '2024-01-01 05:00:00'",
            "SELECT 1 FROM loan WHERE lent BETWEEN TIMESTAMP '2024-01-01 05:00:00' AND TIMESTAMP '2024-01-01 05:59:59'",
        ),
        (
            "SELECT 1 FROM branch WHERE extract(dow FROM opened) = 0",
            "SELECT 1 FROM branch WHERE extract(isodow FROM opened) = 0",
        ),
        ("SELECT trim(text) FROM note", "SELECT text FROM note"),
        ("SELECT text FROM note WHERE text <> ''", "SELECT text FROM note WHERE text IS NOT NULL"),
    ],
)
def test_differences_inside_functions_are_found(before, after):
    proof = sqlopt.prove(before, after, catalog=CATALOG, effort="low")
    assert proof.verdict is Verdict.REFUTED, proof


def test_a_path_of_a_document_is_a_value():
    catalog = Catalog.from_ddl("CREATE TABLE k (j JSON)", "duckdb")
    for before, after in (
        ("SELECT j -> 0 FROM k", "SELECT j -> '0' FROM k"),
        ("SELECT 1 FROM k WHERE (j ->> '$.a.b') = 'q'", "SELECT 1 FROM k WHERE (j ->> '$.a.c') = 'q'"),
    ):
        assert sqlopt.prove(before, after, catalog=catalog, effort="low").verdict is Verdict.REFUTED


@pytest.mark.parametrize(
    ("condition", "always", "kind"),
    [
        ("n <> 2.005", "n IS NOT NULL", "NUMERIC(8, 2)"),
        ("n < 100000", "n IS NOT NULL", "NUMERIC(7, 2)"),
        ("n < 40000", "n IS NOT NULL", "SMALLINT"),
        ("n <> 'abcde'", "n IS NOT NULL", "VARCHAR(2)"),
        ("n = date_trunc('second', n)", "n IS NOT NULL", "TIMESTAMP(0)"),
    ],
)
def test_no_counterexample_breaks_a_declared_type(condition, always, kind):
    catalog = Catalog.from_ddl(f"CREATE TABLE k (n {kind})", "postgres")
    before, after = (f"SELECT 1 FROM k WHERE {one}" for one in (condition, always))
    proof = sqlopt.prove(before, after, catalog=catalog, effort="low")
    assert proof.verdict is not Verdict.REFUTED, proof.counterexample


def test_a_counterexample_fits_its_tables():
    proof = sqlopt.prove(
        "SELECT book FROM book WHERE price > 3 AND pages > 7 AND kind = 'ab'",
        "SELECT book FROM book WHERE price > 3 AND pages >= 7 AND kind = 'ab'",
        catalog=CATALOG,
    )
    connection = duckdb.connect()
    connection.execute(proof.counterexample)
    price, pages = connection.execute("SELECT price, pages FROM book").fetchone()
    assert (price > 3, pages) == (True, 7)
    assert "DECIMAL(6, 2)" in proof.counterexample


@pytest.mark.parametrize(
    ("declared", "value", "held"),
    [
        ("DECIMAL(4, 1)", Decimal("2.5"), Decimal("2.5")),
        ("DECIMAL(4, 1)", Decimal("2.55"), None),
        ("DECIMAL(4, 1)", 1000, None),
        ("TINYINT", 127, 127),
        ("TINYINT", 128, None),
        ("UTINYINT", -1, None),
        ("SMALLINT", Decimal("7.5"), None),
        ("VARCHAR(3)", "abc", "abc"),
        ("VARCHAR(3)", "abcd", None),
    ],
)
def test_what_a_column_holds(declared, value, held):
    kind, precise = kind_of(declared, "duckdb" if "INT" in declared else "postgres")
    assert fitted(value, [Field("n", kind, declared, nullable=True, precise=precise)]) == held


def test_what_never_gives_rows_is_not_tested():
    never = "SELECT book FROM note WHERE length(text) < 0"
    proof = sqlopt.prove(
        never, never.replace("book", "book + 0").replace("length", "strlen"), catalog=CATALOG
    )
    assert (proof.verdict, proof.reason, proof.databases) == (Verdict.UNKNOWN, "no database gave rows", 0)


def test_only_databases_that_give_rows_are_counted():
    proof = sqlopt.prove(
        "SELECT text FROM note WHERE stars = 86421 AND text LIKE 'z%'",
        "SELECT text FROM note WHERE stars = 86421 AND starts_with(text, 'z')",
        catalog=CATALOG,
        effort="low",
    )
    assert proof.verdict is Verdict.TESTED
    assert 5 <= proof.databases <= Effort.LOW.budget.attempts


def test_whole_numbers_and_decimals_compare_to_the_last_digit():
    assert not same([(10_000_000_000_001,)], [(10_000_000_000_002,)])
    assert not same([(Decimal("1.0000000001"),)], [(Decimal("1.0000000002"),)])
    assert same([(Decimal("1.50"),)], [(Decimal("1.5"),)])
    assert same([(0.1 + 0.2,), (0.3,)], [(0.3,), (0.3,)])
    assert not same([(0.1,), (0.2,)], [(0.1,), (0.3,)])
    assert same([("a", 1.0000000001), ("a", 1.0)], [("a", 1.0), ("a", 1.0000000001)])


@pytest.mark.parametrize("number", [3, 7, 42, 55, 79, 96])
def test_changed_queries_of_a_benchmark_are_refuted(number):
    text = tpcds.queries()[number - 1]
    changed = dict(mutants(text, "duckdb", Random(number), 12))
    for kind in ("number", "text", "other operation"):
        if kind not in changed:
            continue
        pair = Pair(text, changed[kind], "duckdb", tpcds.catalog())
        proof = Tester(pair, Work(Limits(Effort.NORMAL, 120))).judge()
        assert proof.verdict is Verdict.REFUTED, (kind, changed[kind])
        break
