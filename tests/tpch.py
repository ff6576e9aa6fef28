"""TPC-H for tests: its queries and data, from DuckDB's own extension."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import duckdb
import duckdb_extension_tpch


def connect(database: str = ":memory:") -> duckdb.DuckDBPyConnection:
    """Open a database with the TPC-H extension loaded from its package: nothing is downloaded."""
    extension = next(Path(duckdb_extension_tpch.__file__).parent.rglob("*.duckdb_extension"))
    connection = duckdb.connect(database, config={"allow_unsigned_extensions": "true"})
    connection.execute(f"LOAD '{extension}'")
    return connection


@cache
def queries() -> list[str]:
    """The 22 queries."""
    with connect() as connection:
        rows = connection.execute("SELECT query FROM tpch_queries() ORDER BY query_nr").fetchall()
    return [row[0] for row in rows]
