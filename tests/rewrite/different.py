"""Statements made different by one change of a name, a type or an engine's meaning, and made other by harmless ones.

`pairs` reads ``different_pairs.sql``: each expression stands in several statements. `databases` reads
``different_databases.sql``, whose pairs come with tables of their own. `run` says whether two statements differ on the
rows that are here, in DuckDB, PostgreSQL or SQLite; of other engines their documentation says so.
"""

from __future__ import annotations

import math
import sqlite3
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb

HERE = Path(__file__).parent
RUN = frozenset({"duckdb", "postgres", "sqlite"})
_TABLES = (
    "CREATE TABLE k(id {int} PRIMARY KEY, lo {int}, hi {int} NOT NULL, n {big} NOT NULL, m {exact}, f {float}, "
    "w {text}, d DATE, t {moment}, b {truth}); CREATE TABLE j(id {int}, lo {int}, w {text}, hi {int})"
)
_TYPES = {
    "int": "INTEGER", "big": "BIGINT", "exact": "DECIMAL(8, 2)", "float": "DOUBLE PRECISION", "text": "TEXT",
    "moment": "TIMESTAMP", "truth": "BOOLEAN",
}  # fmt: skip
_SPARK = {"int": "INT", "float": "DOUBLE", "text": "STRING", "moment": "TIMESTAMP_NTZ"}
_OTHERS = {
    "bigquery": {"int": "INT64", "big": "INT64", "exact": "NUMERIC", "float": "FLOAT64", "text": "STRING",
                 "moment": "DATETIME", "truth": "BOOL"},
    "tsql": {"text": "VARCHAR(9)", "float": "FLOAT", "moment": "DATETIME2", "truth": "BIT"},
    "redshift": {"text": "VARCHAR(20)"},
    "trino": {"text": "VARCHAR", "float": "DOUBLE"},
    "mysql": {"text": "VARCHAR(20)", "moment": "DATETIME"},
    "snowflake": {"exact": "NUMBER(8, 2)", "text": "VARCHAR", "moment": "TIMESTAMP_NTZ", "float": "FLOAT"},
    "oracle": {"int": "NUMBER(9)", "big": "NUMBER(19)", "exact": "NUMBER(8, 2)", "float": "BINARY_DOUBLE",
               "text": "VARCHAR2(20)", "truth": "NUMBER(1)"},
    **dict.fromkeys(("spark", "databricks", "hive"), _SPARK),
}  # fmt: skip
ROWS = """
INSERT INTO k VALUES
  (1, 1, 2, 9007199254740993, 1.50, 1.5, 'a', DATE '2025-03-01', TIMESTAMP '2025-03-01 10:30:00.25', TRUE),
  (2, 2, 2, 7, 2.00, 2.0, 'A', DATE '2025-03-31', TIMESTAMP '2025-03-31 23:59:59.999', FALSE),
  (3, NULL, 3, 9223372036854775807, NULL, NULL, NULL, NULL, NULL, NULL),
  (4, 7, 3, 5, -0.01, {nan}, 'a ', DATE '2024-02-29', TIMESTAMP '2024-02-29 00:00:00', TRUE),
  (5, 5, 0, -5, 10.25, -2.5, '', DATE '2025-01-01', TIMESTAMP '2025-01-01 00:00:01', FALSE),
  (6, 5, 1, 0, 3.33, 0.1, 'a%b_c', DATE '2025-03-01', TIMESTAMP '2025-03-01 12:00:00', NULL),
  (7, 3, 3, 1, 3.00, 1e20, 'xyz', DATE '1999-12-31', TIMESTAMP '1999-12-31 18:00:00', TRUE);
INSERT INTO j VALUES (1, 1, 'a', 5), (1, NULL, NULL, 2), (2, 2, 'B', 2), (NULL, 5, '', 1),
  (9, 3, 'xyz', 7), (4, 7, 'a', 3)
"""
_PLACES = {
    "value": [
        "SELECT {e} AS v FROM k",
        "SELECT q.v FROM (SELECT {e} AS v FROM k) q",
        "SELECT DISTINCT {e} AS v FROM k",
        "WITH q AS (SELECT {e} AS v FROM k) SELECT a.v FROM q a",
        "SELECT COUNT(*) AS c, {e} AS v FROM k GROUP BY {e}",
    ],
    "condition": [
        "SELECT id FROM k WHERE {e}",
        "SELECT id FROM k WHERE NOT ({e})",
        "SELECT id FROM k WHERE id IN (SELECT id FROM k WHERE {e})",
        "SELECT id, CASE WHEN {e} THEN 1 ELSE 0 END AS v FROM k",
        "SELECT COUNT(CASE WHEN {e} THEN 1 END) AS v FROM k",
    ],
    "aggregate": [
        "SELECT {e} AS v FROM k",
        "SELECT hi, {e} AS v FROM k GROUP BY hi",
        "SELECT q.v FROM (SELECT {e} AS v FROM k) q WHERE q.v IS NOT NULL",
    ],
    "query": ["{e}", "SELECT * FROM ({e}) q"],
}


@dataclass(frozen=True, slots=True)
class Different:
    """Two statements over the tables of ``ddl``, in one dialect."""

    kind: str
    dialect: str
    before: str
    after: str
    ddl: str
    rows: str


def pairs(dialect: str) -> list[Different]:
    """Return the pairs of a dialect over the two tables k and j: each expression in two of its places."""
    tables = _TABLES.format(**{**_TYPES, **_OTHERS.get(dialect, {})})
    found = []
    for head, lines in _sections("different_pairs.sql"):
        kind, _, rest = head.partition(": ")
        place, _, dialects = rest.partition("; ")
        if dialect not in dialects.split():
            continue
        for number, (one, other) in enumerate(_twos(lines)):
            places = _PLACES[place]
            chosen = {places[number % len(places)], places[(number + 1) % len(places)], places[0]}
            found += [
                Different(kind, dialect, at.replace("{e}", one), at.replace("{e}", other), tables, ROWS)
                for at in sorted(chosen)
            ]
    return found


def databases(dialect: str) -> list[Different]:
    """Return the pairs of a dialect that stand over tables of their own."""
    found = []
    for head, lines in _sections("different_databases.sql"):
        kind, _, dialects = head.partition("; ")
        if dialect not in dialects.split():
            continue
        tables = [one for one in lines if one.startswith("CREATE ")]
        rows = [one for one in lines if one.startswith("INSERT ")]
        rest = [one for one in lines if one not in tables and one not in rows]
        for one, other in _twos(rest):
            found += [
                Different(
                    kind,
                    dialect,
                    at.replace("{e}", one),
                    at.replace("{e}", other),
                    "\n".join(tables),
                    "\n".join(rows),
                )
                for at in _PLACES["query"]
            ]
    return found


def _sections(name: str) -> list[tuple[str, list[str]]]:
    found: list[tuple[str, list[str]]] = []
    for line in (HERE / name).read_text().splitlines():
        if line.startswith("== "):
            found.append((line[3:], []))
        elif line and not line.startswith("-- "):
            found[-1][1].append(line)
    return found


def _twos(lines: list[str]) -> list[tuple[str, str]]:
    return list(zip(lines[::2], lines[1::2], strict=True))


HARMLESS = [
    ("SELECT k.id, k.lo FROM k WHERE k.lo > 1 AND k.hi = 2",
     "select z.id , z.lo from k as z where z.hi=2 and (z.lo>1)"),
    ("SELECT lo + hi AS v FROM k", "SELECT ((lo) + (hi)) AS other FROM k"),
    ("SELECT hi, COUNT(*) AS c FROM k GROUP BY hi", "SELECT q.hi, COUNT(*) AS n FROM k q GROUP BY q.hi"),
    ("SELECT id FROM k WHERE lo IN (1, 2, 3)", "SELECT id FROM k WHERE lo IN (3, 2, 1, 2)"),
    ("SELECT id FROM k WHERE lo BETWEEN 1 AND 3", "SELECT id FROM k WHERE lo >= 1 AND 3 >= lo"),
    ("SELECT id FROM k WHERE NOT (lo = 1 OR hi = 2)", "SELECT id FROM k WHERE lo <> 1 AND hi <> 2"),
    ("SELECT id FROM k WHERE lo <> 1", "SELECT id FROM k WHERE NOT lo = 1"),
    ("SELECT k.id FROM k JOIN j ON k.id = j.id", "SELECT a.id FROM j AS b INNER JOIN k AS a ON b.id = a.id"),
    ("SELECT id FROM k WHERE EXISTS (SELECT 1 FROM j WHERE j.id = k.id)",
     "SELECT x.id FROM k x WHERE EXISTS (SELECT y.lo FROM j y WHERE x.id = y.id)"),
    ("WITH q AS (SELECT id, lo FROM k) SELECT id FROM q WHERE lo = 5",
     "SELECT p.id FROM (SELECT id, lo FROM k) p WHERE p.lo = 5"),
    ("SELECT CASE WHEN lo > 2 THEN 'x' ELSE 'y' END AS v FROM k",
     "SELECT CASE WHEN (2 < lo) THEN 'x' ELSE 'y' END AS w FROM k"),
    ("SELECT id, SUM(hi) OVER (PARTITION BY lo) AS s FROM k",
     "SELECT z.id, SUM(z.hi) OVER (PARTITION BY z.lo) AS t FROM k z"),
    ("SELECT lo FROM k UNION ALL SELECT hi FROM k", "SELECT hi FROM k UNION ALL SELECT lo FROM k"),
    ("SELECT id, lo FROM k ORDER BY id, lo", "SELECT id, lo FROM k AS q ORDER BY 1, 2"),
    ("SELECT n / 3 AS v FROM k", "SELECT (z.n / 3) AS v FROM k z"),
    ("SELECT AVG(m) AS a, SUM(f) AS s FROM k", "SELECT AVG(z.m) AS b, SUM(z.f) AS t FROM k z"),
    ("SELECT CAST(m AS INTEGER) AS v FROM k WHERE f < 2", "SELECT CAST(z.m AS INTEGER) FROM k z WHERE 2 > z.f"),
]  # fmt: skip
"""Equal pairs: other names, other layout, another order of what has none."""


# ---- running them


class Engine:
    """One engine with the tables and rows of pairs, made anew where another pair has others."""

    def __init__(self, dialect: str, connect) -> None:
        self.dialect = dialect
        self.connect = connect
        self._of = None
        self._run = None

    def differ(self, pair: Different) -> bool | None:
        """Whether two statements differ here, None where one of them fails."""
        if self._of != (pair.ddl, pair.rows):
            self._of = pair.ddl, pair.rows
            nan = "NULL" if self.dialect == "sqlite" else "CAST('NaN' AS DOUBLE PRECISION)"
            rows = pair.rows.replace("{nan}", nan)
            if self.dialect == "sqlite":
                rows = rows.replace("DATE '", "'").replace("TIMESTAMP '", "'")
            self._run = self.connect(pair.ddl, rows)
        try:
            one, other = self._run(pair.before), self._run(pair.after)
        except Exception:  # noqa: BLE001 - each engine has its own errors; a statement that fails shows nothing
            return None
        ordered = "ORDER BY" in pair.before.rsplit(")", 1)[-1].upper()
        return _shown(one, ordered) != _shown(other, ordered)


def in_duckdb(ddl: str, rows: str):
    """Return what runs a statement in a new DuckDB."""
    database = duckdb.connect()
    database.execute(f"SET TimeZone = 'UTC'; {ddl}")
    database.execute(rows)
    return lambda sql: database.execute(sql).fetchall()


def in_sqlite(ddl: str, rows: str):
    """Return what runs a statement in a new SQLite."""
    database = sqlite3.connect(":memory:")
    database.executescript(f"{ddl};{rows}")
    return lambda sql: database.execute(sql).fetchall()


def _shown(rows: list[tuple], ordered: bool) -> list[tuple]:
    found = [tuple(map(_value, row)) for row in rows]
    return found if ordered else sorted(found, key=repr)


def _value(value: object) -> object:
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, (int, Decimal)):
        return Decimal(value).normalize()
    if isinstance(value, float):
        return Decimal(repr(value)).normalize() if math.isfinite(value) else repr(value)
    return f"{type(value).__name__} {value!r}"
