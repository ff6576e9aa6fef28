"""A DuckDB database, or a folder of Parquet files, read into a catalog."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sqlopt.catalog import Catalog, Column, ForeignKey, Index, Table
from sqlopt.catalog.fields import split_at_commas
from sqlopt.errors import CatalogError
from sqlopt.warehouses.duckdb.frequent import with_values
from sqlopt.warehouses.duckdb.parquet import find_tables, read_table
from sqlopt.warehouses.duckdb.statistics import quoted, scan
from sqlopt.warehouses.duckdb.storage import Storage, read_storage

Progress = Callable[[str, int, int], None]
"""Called before each table with its name, the number done, and the number of all."""

_HOW: Final = "bytes estimated from block offsets, distinct counts of large tables approximate"
_SETTINGS: Final = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
_COLUMNS: Final = """
SELECT schema_name, table_name, column_name, data_type, is_nullable, comment
FROM duckdb_columns()
WHERE database_name = current_database() AND NOT internal
ORDER BY schema_name, table_name, column_index
"""
_TABLES: Final = """
SELECT schema_name, table_name, 'table', comment FROM duckdb_tables()
WHERE database_name = current_database() AND NOT internal
UNION ALL
SELECT schema_name, view_name, 'view', comment FROM duckdb_views()
WHERE database_name = current_database() AND NOT internal
ORDER BY ALL
"""
_CONSTRAINTS: Final = """
SELECT schema_name, table_name, constraint_type, constraint_column_names, referenced_table,
       referenced_column_names
FROM duckdb_constraints()
WHERE database_name = current_database()
ORDER BY schema_name, table_name, constraint_index
"""
_INDEXES: Final = """
SELECT schema_name, table_name, index_name, is_unique, expressions FROM duckdb_indexes()
WHERE database_name = current_database()
ORDER BY schema_name, table_name, index_name
"""

_Key = tuple[str, str]


def read_database(path: str | Path, progress: Progress | None = None, *, values: bool = False) -> Catalog:
    """Read a DuckDB file, opened read-only: tables, views, keys, indexes and statistics.

    Each table is scanned once. Rows, NULL shares, minima and maxima are exact; distinct counts are
    approximate (HyperLogLog) and bytes are estimated from the places of segments in their blocks. Tables of
    the schema ``main`` go by their bare name. With ``values`` frequent values and quantiles are read, too.

    Raises `CatalogError`.
    """
    import duckdb

    if not Path(path).is_file():
        raise CatalogError(f"{path}: no such file")
    try:
        with duckdb.connect(str(path), read_only=True, config=dict(_SETTINGS)) as connection:
            return _read_database(connection, Path(path), progress, values=values)
    except duckdb.Error as error:
        raise CatalogError(f"{path}: DuckDB can't read it: {_first_line(error)}") from None


def read_parquet(folder: str | Path, progress: Progress | None = None, *, values: bool = False) -> Catalog:
    """Read a folder of Parquet files (or one file): a table a file or a subfolder.

    Folders named ``column=value`` are the partitions of their table. Bytes are compressed bytes, from the
    files' own metadata, as are the row groups' ranges; distinct counts are approximate. A table whose files
    can't be read is left out with a warning. Raises `CatalogError` where there is no table at all.
    """
    import duckdb

    tables = find_tables(Path(folder))
    if not tables:
        raise CatalogError(f"{folder}: there is no Parquet file in it")
    found: list[Table] = []
    warnings: list[str] = []
    with duckdb.connect(":memory:", config=dict(_SETTINGS)) as connection:
        _in_utc(connection)
        for done, files in enumerate(tables):
            if progress:
                progress(files.name, done, len(tables))
            try:
                table = read_table(connection, _root(Path(folder), files.paths), files, values=values)
            except (duckdb.Error, OSError) as error:
                warnings.append(f"table {files.name}: left out, {_first_line(error)}")
                continue
            found.append(replace(table, origin=f"parquet:{Path(folder).as_posix()}"))
    if not found:
        raise CatalogError(f"{folder}: {warnings[0]}")
    return Catalog(found, dialect="duckdb", warnings=warnings)


def _root(folder: Path, paths: tuple[Path, ...]) -> Path:
    """Return the folder that partition folders are read from."""
    return folder if folder.is_dir() else paths[0].parent


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


def _in_utc(connection: Any) -> None:
    """Read timestamps with a time zone as UTC, where this build of DuckDB knows time zones."""
    import duckdb

    try:
        connection.execute("SET TimeZone = 'UTC'")
    except duckdb.Error:
        return


def _read_database(connection: Any, path: Path, progress: Progress | None, *, values: bool) -> Catalog:
    _in_utc(connection)
    columns: dict[_Key, dict[str, Column]] = defaultdict(dict)
    for schema, table, name, kind, nullable, comment in connection.execute(_COLUMNS).fetchall():
        columns[schema, table][name] = Column(name, kind, nullable=nullable, comment=comment)
    listed = connection.execute(_TABLES).fetchall()
    keys = [(row[0], row[1]) for row in listed if row[2] == "table"]
    types = {_sql_name(key): {c.name: c.type or "" for c in columns[key].values()} for key in keys}
    storages = read_storage(connection, types)
    tables: dict[_Key, Table] = {}
    warnings: list[str] = []
    for done, (schema, name, kind, comment) in enumerate(listed):
        key = (schema, name)
        dotted = _dotted(key)
        if progress:
            progress(dotted, done, len(listed))
        table = Table(
            dotted, columns[key], kind=kind, comment=comment, origin=f"duckdb:{path.as_posix()}; {_HOW}"
        )
        if kind == "view":
            unknown = {column.name: replace(column, nullable=None) for column in columns[key].values()}
            tables[key] = replace(table, columns=unknown, origin=f"duckdb:{path.as_posix()}")
            continue
        storage = storages[_sql_name(key)]
        if storage.left_out:
            warnings.append(f"table {dotted}: its {storage.left_out} row groups are left out")
        tables[key] = _measured(connection, table, _sql_name(key), storage, path)
        if values:
            tables[key] = with_values(connection, _sql_name(key), tables[key])
    _add_keys(connection, tables)
    return Catalog(tables.values(), dialect="duckdb", warnings=warnings)


def _measured(connection: Any, table: Table, relation: str, storage: Storage, path: Path) -> Table:
    types = {column.name: column.type or "" for column in table.columns.values()}
    rows, statistics = scan(connection, relation, types)
    columns = {
        name: replace(
            column,
            distinct=statistics[name].distinct,
            min=statistics[name].min,
            max=statistics[name].max,
            nulls=statistics[name].nulls,
            average_bytes=statistics[name].average_bytes,
            bytes=storage.bytes.get(name),
        )
        for name, column in table.columns.items()
    }
    return replace(
        table,
        columns=columns,
        rows=rows,
        bytes=sum(storage.bytes.values()) if storage.bytes else None,
        row_groups=storage.groups,
        updated=datetime.fromtimestamp(int(path.stat().st_mtime), tz=UTC),
    )


def _add_keys(connection: Any, tables: dict[_Key, Table]) -> None:
    """Add primary, unique and foreign keys, which DuckDB enforces, and indexes."""
    for schema, name, kind, names, target, to in connection.execute(_CONSTRAINTS).fetchall():
        table = tables.get((schema, name))
        if table is None:
            continue
        columns = tuple(names)
        if kind == "PRIMARY KEY":
            table = replace(table, primary_key=columns, enforced=True)
            if len(columns) == 1:
                table = _exactly_distinct(table, columns[0])
        elif kind == "UNIQUE":
            table = replace(table, unique=(*table.unique, columns), enforced=True)
        elif kind == "FOREIGN KEY":
            key = ForeignKey(columns, _dotted((schema, target)), tuple(to), enforced=True)
            table = replace(table, foreign_keys=(*table.foreign_keys, key))
        tables[schema, name] = table
    for schema, name, index, unique, expressions in connection.execute(_INDEXES).fetchall():
        table = tables.get((schema, name))
        if table is not None:
            keys = tuple(key.strip("'\"") for key in split_at_commas(expressions.strip("[]")))
            new = Index(keys, name=index, unique=unique, method="art")
            tables[schema, name] = replace(table, indexes=(*table.indexes, new))


def _exactly_distinct(table: Table, name: str) -> Table:
    """Give the column of a primary key as many distinct values as there are rows."""
    column = replace(table.columns[name], distinct=table.rows)
    return replace(table, columns={**table.columns, name: column})


def _dotted(key: _Key) -> str:
    return key[1] if key[0] == "main" else f"{key[0]}.{key[1]}"


def _sql_name(key: _Key) -> str:
    return f"{quoted(key[0])}.{quoted(key[1])}"
