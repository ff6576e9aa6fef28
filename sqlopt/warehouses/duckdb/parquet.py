"""A folder of Parquet files as tables."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from sqlopt.catalog import Column, Partitioning, PartitionKind, RowGroup, Table
from sqlopt.errors import CatalogError
from sqlopt.warehouses.duckdb.frequent import with_values
from sqlopt.warehouses.duckdb.statistics import parsed, scan, text
from sqlopt.warehouses.duckdb.storage import MOST_ROW_GROUPS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlopt.catalog import Value

_SUFFIX: Final = ".parquet"
_NO_VALUE: Final = "__HIVE_DEFAULT_PARTITION__"
_METADATA: Final = """
SELECT file_name, row_group_id, row_group_num_rows, path_in_schema, stats_min_value, stats_max_value,
       total_compressed_size
FROM parquet_metadata({})
ORDER BY file_name, row_group_id, column_id
"""


@dataclass(frozen=True, slots=True)
class Files:
    """The files of one table; ``partitions`` names its hive partition columns, outermost first."""

    name: str
    paths: tuple[Path, ...]
    partitions: tuple[str, ...] = ()


def find_tables(folder: Path) -> list[Files]:
    """Return the tables of a folder, by name.

    A file is a table, and so is a folder with files or ``column=value`` folders in it; a folder that only
    holds such folders is a schema. The folder itself is one table if it is hive-partitioned.
    """
    try:
        if folder.is_file():
            return [Files(_stem(folder), (folder,))]
        if not folder.is_dir():
            raise CatalogError(f"{folder}: no such file or folder")
        if any(_is_hive(child) for child in folder.iterdir()):
            return [_one_table(folder, _stem(folder.resolve()))]
        return sorted(_tables(folder, ""), key=lambda files: files.name)
    except OSError as error:
        raise CatalogError(f"{folder}: can't be read: {error.strerror or error}") from None


def _tables(folder: Path, schema: str) -> Iterator[Files]:
    for child in sorted(folder.iterdir()):
        if child.name.startswith((".", "_")):
            continue
        name = schema + _stem(child)
        if child.is_file():
            if child.suffix == _SUFFIX:
                yield Files(name, (child,))
        elif child.is_dir():
            inside = list(child.iterdir())
            if any(_is_hive(item) or (item.suffix == _SUFFIX and item.is_file()) for item in inside):
                yield _one_table(child, name)
            else:
                yield from _tables(child, name + ".")


def _one_table(folder: Path, name: str) -> Files:
    hidden = (".", "_")
    paths = tuple(
        path
        for path in sorted(folder.rglob(f"*{_SUFFIX}"))
        if path.is_file() and not any(part.startswith(hidden) for part in path.relative_to(folder).parts)
    )
    levels = [tuple(_hive_values(folder, path)) for path in paths]
    same = bool(levels) and all(level == levels[0] for level in levels)
    return Files(name, paths, levels[0] if same else ())


def _hive_values(folder: Path, path: Path) -> dict[str, str]:
    pairs = (part.split("=", 1) for part in path.relative_to(folder).parts[:-1] if "=" in part)
    return {name: unquote(value) for name, value in pairs}


def _is_hive(path: Path) -> bool:
    return path.is_dir() and re.fullmatch(r"[^=._][^=]*=.*", path.name) is not None


def _stem(path: Path) -> str:
    return path.name.removesuffix(_SUFFIX)


def relation(files: Files) -> str:
    """Return the expression that reads a table's files in DuckDB's SQL."""
    listed = "[" + ", ".join(text(_escaped(path)) for path in files.paths) + "]"
    hive = "true" if files.partitions else "false"
    return f"read_parquet({listed}, hive_partitioning = {hive}, union_by_name = true)"


def read_table(connection: Any, folder: Path, files: Files, *, values: bool = False) -> Table:
    """Read one table's schema, statistics and row groups. Raises `duckdb.Error` for a broken file."""
    listed = "[" + ", ".join(text(_escaped(path)) for path in files.paths) + "]"
    source = relation(files)
    described = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()  # noqa: S608
    types = {row[0]: row[1] for row in described}
    rows, statistics = scan(connection, source, types)
    metadata = connection.execute(_METADATA.format(listed)).fetchall()
    sizes = _sizes(metadata, types)
    groups = _row_groups(metadata, types, folder, files)
    columns = {
        name: Column(
            name,
            type=kind,
            bytes=sizes.get(name, 0),
            distinct=statistics[name].distinct,
            min=statistics[name].min,
            max=statistics[name].max,
            nulls=statistics[name].nulls,
            average_bytes=statistics[name].average_bytes,
        )
        for name, kind in types.items()
    }
    table = Table(
        files.name,
        columns,
        rows=rows,
        bytes=sum(sizes.values()),
        updated=_updated(files),
        row_groups=groups if len(groups) <= MOST_ROW_GROUPS else (),
    )
    if values:
        table = with_values(connection, source, table)
    return replace(table, partition_by=_partitioning(folder, files)) if files.partitions else table


def _escaped(path: Path) -> str:
    """Return a path whose wildcards stand for themselves."""
    return re.sub(r"[*?\[]", r"[\g<0>]", path.as_posix())


def _updated(files: Files) -> datetime:
    latest = max(path.stat().st_mtime for path in files.paths)
    return datetime.fromtimestamp(int(latest), tz=UTC)


def _top(path: str, types: Mapping[str, str]) -> str:
    """Return the column that a path in the schema belongs to: ``st, x`` to ``st``."""
    return path if path in types else path.split(", ", 1)[0]


def _sizes(metadata: list[Any], types: Mapping[str, str]) -> dict[str, int]:
    sizes: dict[str, int] = defaultdict(int)
    for row in metadata:
        sizes[_top(row[3], types)] += row[6]
    return sizes


def _row_groups(
    metadata: list[Any], types: Mapping[str, str], folder: Path, files: Files
) -> tuple[RowGroup, ...]:
    ranges: dict[tuple[str, int], dict[str, tuple[Value, Value]]] = {}
    sizes: dict[tuple[str, int], dict[str, int]] = {}
    rows: dict[tuple[str, int], int] = {}
    for file, group, count, path, low_text, high_text, size in metadata:
        key = (file, group)
        if key not in ranges:
            ranges[key] = _partition_ranges(folder, Path(file), types) if files.partitions else {}
            sizes[key] = defaultdict(int)
        rows[key] = count
        sizes[key][_top(path, types)] += size
        kind = types.get(path, "")
        low, high = parsed(low_text, kind), parsed(high_text, kind)
        if low is not None and high is not None:
            ranges[key][path] = (low, high)
    return tuple(
        RowGroup(rows[key], sum(sizes[key].values()), ranges[key], dict(sizes[key])) for key in ranges
    )


def _partition_ranges(folder: Path, path: Path, types: Mapping[str, str]) -> dict[str, tuple[Value, Value]]:
    values = _hive_values(folder, path) if path.is_relative_to(folder) else {}
    found = {name: parsed(value, types.get(name, "")) for name, value in values.items() if value != _NO_VALUE}
    return {name: (value, value) for name, value in found.items() if value is not None}


def _partitioning(folder: Path, files: Files) -> Partitioning:
    values = {tuple(_hive_values(folder, path).values()) for path in files.paths}
    return Partitioning(files.partitions, PartitionKind.VALUE, count=len(values))
