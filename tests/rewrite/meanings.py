"""Expressions of the dialects with an engine at hand, and the rows that they are computed of there and in DuckDB."""

import math
from decimal import Decimal

from sqlopt.catalog import Catalog
from sqlopt.rewrite.prove.effort import Limits, Work
from sqlopt.rewrite.prove.engine.compare import Failed
from sqlopt.rewrite.prove.engine.engine import Engine
from sqlopt.rewrite.prove.pair import Pair, Unsupported

COLUMNS = "i INTEGER, j INTEGER, b BIGINT, n DECIMAL(10, 2), x DOUBLE PRECISION, w VARCHAR(20), v VARCHAR(20), d DATE"
ROWS = [
    (1, 7, 2, 5, Decimal("2.50"), 2.5, "abc", "b", "2024-02-29"),
    (2, -7, 2, -5, Decimal("-3.50"), -3.5, "", "x", "2024-12-31"),
    (3, 8, 3, 2**40, Decimal("0.01"), 0.5, "aBc", "a", "2021-01-03"),
    (4, 0, 5, 0, Decimal("100.00"), 1.5, "12", "%", "2021-01-04"),
    (5, None, 1, None, None, None, None, "q", None),
    (6, 3, None, 9, Decimal("4.49"), 4.5, "a_c", None, "2024-06-16"),
]
COMMON = """i / j; i / 2; b / i; n / 3; n / j; x / 2; i % j; (i + j) / 2; CAST(n AS INTEGER); CAST(x AS INTEGER)
CAST(i AS VARCHAR(10)); CAST(d AS VARCHAR(10)); CAST(w AS VARCHAR(2)); ROUND(x); ROUND(n); ROUND(n, 1); ABS(i)
SUBSTR(w, 0, 2); SUBSTR(w, 1, 2); SUBSTR(w, 2); SUBSTR(w, j, 2); w || v; w || '-' || i; COALESCE(w, v); NULLIF(i, j)
CASE WHEN i > 2 THEN w ELSE v END; w LIKE 'a%'; w LIKE 'a\\_c'; w LIKE v; UPPER(w); LOWER(w); LENGTH(w); TRIM(w)
REPLACE(w, 'a', 'z'); w = 'ABC'; w < 'b'; i = j; i <> j OR i IS NULL; i BETWEEN 1 AND 7; i IN (7, 8); NOT (x < 2)
x > 1 AND NOT x > 2; i + j * 2; -i; CEIL(x); FLOOR(x); x IS NULL; CAST(i AS DECIMAL(12, 2)) / 7
SUM(i) OVER (ORDER BY k.id)
AVG(i) OVER (PARTITION BY j); SUM(i) OVER () / COUNT(*) OVER (); SUM(b) OVER () / 7; AVG(n) OVER (); COUNT(i) OVER ()
LAST_VALUE(i) OVER (ORDER BY k.id); FIRST_VALUE(w) OVER (ORDER BY i DESC, k.id); RANK() OVER (ORDER BY i)
ROW_NUMBER() OVER (ORDER BY i DESC, k.id); LAG(i) OVER (ORDER BY k.id); MIN(w) OVER (); MAX(d) OVER ()
(SELECT SUM(z.i) / 2 FROM k z); (SELECT AVG(z.j) FROM k z WHERE z.i > 0); (SELECT COUNT(DISTINCT z.j) FROM k z)
EXISTS (SELECT 1 FROM k z WHERE z.i = k.j); i > ALL (SELECT z.j FROM k z WHERE z.id > 9)"""


def expressions(*more: str) -> list[str]:
    """Return the common expressions and others, one by one."""
    return [one.strip() for text in (COMMON, *more) for line in text.splitlines() for one in line.split(";")]


def statement(expression: str) -> str:
    """Return the statement that computes an expression of each row."""
    return f"SELECT k.id, {expression} AS found FROM k"


def in_duckdb(expression: str, dialect: str) -> dict[int, object] | str:
    """Return what the tester computes, by row; a text says why it computes nothing."""
    text = statement(expression)
    catalog = Catalog.from_ddl(f"CREATE TABLE k (id INTEGER, {COLUMNS})", "duckdb")
    try:
        pair = Pair(text, text, dialect, catalog)
        engine = Engine(pair, Work(Limits()))
    except Unsupported as error:
        return str(error)
    try:
        ((found, _),) = engine.both([{"k": ROWS}])
        return str(found) if isinstance(found, Failed) else plain(found)
    finally:
        engine.close()


def plain(rows: list[tuple[object, ...]]) -> dict[int, object]:
    """Return results by row in one form: numbers rounded, truth as 0 and 1."""
    return {int(key): _plain(value) for key, value in rows}


def _plain(value: object) -> object:
    if isinstance(value, (bool, int)):
        return int(value)
    if isinstance(value, (float, Decimal)):
        return round(float(value), 3) if math.isfinite(value) else str(value)
    return value if value is None else str(value)[:10] if not isinstance(value, str) else value
