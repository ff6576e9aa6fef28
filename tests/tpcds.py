"""TPC-DS for tests: its queries, its tables, its data, from DuckDB's own extension."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import duckdb
import duckdb_extension_tpcds

from sqlopt.catalog import Catalog, Column, Table


def connect(database: str = ":memory:") -> duckdb.DuckDBPyConnection:
    """Open a database with the TPC-DS extension loaded from its package: nothing is downloaded."""
    extension = next(Path(duckdb_extension_tpcds.__file__).parent.rglob("*.duckdb_extension"))
    connection = duckdb.connect(database, config={"allow_unsigned_extensions": "true"})
    connection.execute(f"LOAD '{extension}'")
    return connection


@cache
def queries() -> list[str]:
    """The 99 queries."""
    with connect() as connection:
        return [
            row[0]
            for row in connection.execute("SELECT query FROM tpcds_queries() ORDER BY query_nr").fetchall()
        ]


@cache
def catalog() -> Catalog:
    """The tables without rows: names and types."""
    tables: dict[str, dict[str, Column]] = {}
    with connect() as connection:
        connection.execute("CALL dsdgen(sf = 0)")
        rows = connection.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns ORDER BY ALL"
        ).fetchall()
    for table, column, kind in rows:
        tables.setdefault(table, {})[column] = Column(column, kind)
    return Catalog([Table(name, columns=columns) for name, columns in tables.items()], "duckdb")


def write_parquet(folder: Path, scale: float) -> Path:
    """Generate the data at ``scale`` and write one Parquet file a table."""
    folder.mkdir(parents=True, exist_ok=True)
    with connect() as connection:
        connection.execute(f"CALL dsdgen(sf = {scale})")
        for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall():
            connection.execute(f"COPY {name} TO '{folder / name}.parquet' (FORMAT parquet)")
    return folder
