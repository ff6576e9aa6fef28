"""What Spark or Hive printed of its tables, read into a catalog: DESCRIBE EXTENDED or FORMATTED, and DDL.

The print-outs are those of spark-sql and beeline, and of ``show(truncate=False)``; their rows are (col_name,
data_type, comment), and headings begin with ``#``:
https://spark.apache.org/docs/latest/sql-ref-syntax-aux-describe-table.html and
https://cwiki.apache.org/confluence/display/Hive/LanguageManual+DDL (checked 2026-11-23). What SHOW CREATE TABLE
printed is read as DDL.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlopt.catalog import Catalog, Column, Table
from sqlopt.catalog.model import Partitioning, PartitionKind
from sqlopt.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlopt.catalog.sync import Progress

_ENDINGS: Final = ("*.txt", "*.log", "*.sql", "*.ddl", "*.out")
_DDL: Final = re.compile(r"^\s*CREATE\s+(?:EXTERNAL\s+)?(?:TABLE|VIEW)\b", re.IGNORECASE | re.MULTILINE)
_ASKED: Final = re.compile(r"^\s*(?:spark-sql.*?>|hive>|[\d:]+.*?>|>>>)?\s*DESC(?:RIBE)?\b", re.IGNORECASE)
_STATISTICS: Final = re.compile(r"(\d+) bytes(?:, (\d+) rows)?")
_GAP: Final = re.compile(r"\t| {2,}")
_MINUS: Final = "-1"
"""What Hive prints where it has no statistics."""


@dataclass
class _Described:
    """The rows of one table, by the heading that they stand under."""

    columns: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    partitions: list[str] = field(default_factory=list)
    details: dict[str, str] = field(default_factory=dict)


def read_described(path: str, progress: Progress | None = None) -> Catalog:
    """Read a file, or all text files of a folder. Raises `CatalogError` where there is no table in them.

    Names are ``catalog.database.table``, as far as the print-out says them. Rows and bytes are those that
    ANALYZE TABLE left; a table that was never analysed has none.
    """
    files = _files(Path(path))
    tables: list[Table] = []
    warnings: list[str] = []
    for done, file in enumerate(files):
        if progress is not None:
            progress(file.name, done, len(files))
        text = _text(file)
        if _DDL.search(text):
            found = Catalog.from_ddl(text, "spark")
            tables.extend(found.tables.values())
            warnings.extend(f"{file}: {one}" for one in found.warnings)
            continue
        described = [_table(one, file) for one in _split(text)]
        warnings.extend([] if described else [f"{file}: no DESCRIBE EXTENDED and no CREATE TABLE is in it"])
        tables.extend(described)
    if not tables:
        raise CatalogError(f"{path}: no DESCRIBE EXTENDED and no CREATE TABLE is in it")
    return Catalog(tables, "spark", warnings=tuple(warnings))


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(file for ending in _ENDINGS for file in path.rglob(ending))
    if not path.is_file():
        raise CatalogError(f"{path}: no such file")
    return [path]


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise CatalogError(f"{file}: {error.strerror}") from None


def _cells(line: str) -> Sequence[str]:
    """Return the cells of a line: in a frame, or between tabs, or wide gaps."""
    stripped = line.strip()
    if stripped.startswith("|"):
        return [cell.strip() for cell in stripped.strip("|").split("|")]
    return [cell.strip() for cell in _GAP.split(line.rstrip()) if cell.strip()]


def _split(text: str) -> Iterator[_Described]:
    """Yield the tables of a print-out. One begins at a DESCRIBE, or at a header row after another's details."""
    table, heading = _Described(), ""
    for line in text.splitlines():
        if line.strip().startswith("+--") or not line.strip():
            continue
        cells = _cells(line)
        first = next(iter(cells), "")
        starts = first.lstrip("# ") == "col_name" and "Partition" not in heading
        if _ASKED.match(line) or starts:
            if table.details:
                yield table
                table = _Described()
            heading = ""
        elif first.startswith("#") and first.lstrip("# ") != "col_name":
            heading = first.lstrip("# ")
        elif first and first.lstrip("# ") != "col_name":
            _put(table, heading, cells)
    if table.details:
        yield table


def _put(table: _Described, heading: str, cells: Sequence[str]) -> None:
    name = cells[0]
    if not heading and len(cells) > 1:
        comment = next(iter(cells[2:]), "")
        table.columns.setdefault(
            name, (cells[1], comment if comment.casefold() not in ("", "null") else None)
        )
    elif heading.startswith("Partition"):
        if len(cells) > 1 and name != "Part 0":
            table.partitions.append(name)
            table.columns.setdefault(name, (cells[1], None))
    elif heading and len(cells) > 1:
        table.details.setdefault(name.rstrip(":"), cells[1])


def _table(found: _Described, file: Path) -> Table:
    details = found.details
    parts = [details.get("Catalog"), details.get("Database"), details.get("Table")]
    name = ".".join(part for part in parts if part and part != "spark_catalog")
    if not details.get("Table"):
        # Hive's FORMATTED does not print the table's name, but its place ends with it.
        name = ".".join(
            [*([name] if name else []), details.get("Location", file.stem).rstrip("/").rpartition("/")[2]]
        )
    rows, size = _statistics(details)
    is_view = "VIEW" in details.get("Type", details.get("Table Type", "")).upper()
    return Table(
        name,
        {key: Column(key, kind, comment=comment) for key, (kind, comment) in found.columns.items()},
        partition_by=Partitioning(tuple(found.partitions), PartitionKind.VALUE) if found.partitions else None,
        rows=None if is_view else rows,
        bytes=None if is_view else size,
        kind="view" if is_view else "table",
        comment=details.get("Comment"),
        definition=details.get("View Text") if is_view else None,
        origin=f"DESCRIBE in {file.name}",
    )


def _statistics(details: dict[str, str]) -> tuple[int | None, int | None]:
    """Return rows and bytes."""
    said = _STATISTICS.search(details.get("Statistics", ""))
    if said is not None:
        return (int(said[2]) if said[2] else None), int(said[1])
    rows, size = (details.get(key, _MINUS) for key in ("numRows", "totalSize"))
    return (int(rows) if rows.isdigit() else None), (int(size) if size.isdigit() else None)
