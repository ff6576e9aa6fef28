"""What is known of tables. Unknown is ``None``, never ``False`` or 0."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

Value = int | float | str | bool | date | datetime
"""A column's minimum or maximum, as the catalog file holds it."""


class PartitionKind(StrEnum):
    """How a table's rows are divided."""

    TIME = "time"
    INTEGER_RANGE = "integer range"
    INGESTION = "ingestion"
    SHARDED = "sharded"
    RANGE = "range"
    LIST = "list"
    HASH = "hash"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class Column:
    """A column. ``nulls`` is a share from 0 to 1; ``type`` is in the catalog's dialect, or None.

    ``collation`` is the one that its texts are declared to have, None for the engine's own.
    ``common`` are (value, share of all rows) of its most frequent values, most frequent first; ``quantiles``
    divide its other values into equal parts, from the least to the greatest.
    """

    name: str
    type: str | None = None
    nullable: bool | None = None
    distinct: int | None = None
    min: Value | None = None
    max: Value | None = None
    nulls: float | None = None
    average_bytes: float | None = None
    bytes: int | None = None
    tags: tuple[str, ...] = ()
    comment: str | None = None
    masking_policy: str | None = None
    policy_tag: str | None = None
    collation: str | None = None
    common: tuple[tuple[Value, float], ...] = ()
    quantiles: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """``columns`` of this table hold values of ``to`` in the table ``references``."""

    columns: tuple[str, ...]
    references: str
    to: tuple[str, ...]
    enforced: bool | None = None


@dataclass(frozen=True, slots=True)
class Partitioning:
    """How a table is partitioned.

    ``columns`` holds the partition columns, outermost first; ``expression`` the partition expression
    where it is not a plain column. ``granularity`` is hour, day, month or year for time partitions;
    ``step`` the width of an integer range; ``count`` the number of partitions where known.
    """

    columns: tuple[str, ...]
    kind: PartitionKind | None = None
    granularity: str | None = None
    require_filter: bool | None = None
    expression: str | None = None
    format: str | None = None
    start: int | None = None
    end: int | None = None
    step: int | None = None
    count: int | None = None

    @property
    def column(self) -> str:
        """The first partition column."""
        return self.columns[0]


@dataclass(frozen=True, slots=True)
class Index:
    """An index: its key expressions in order, as text; ``method`` such as btree or gin."""

    keys: tuple[str, ...]
    name: str | None = None
    unique: bool = False
    method: str = "btree"
    where: str | None = None


@dataclass(frozen=True, slots=True)
class RowGroup:
    """A Parquet row group (or DuckDB one), or a partition: rows, bytes, and each column's (min, max) and bytes."""

    rows: int
    bytes: int
    ranges: Mapping[str, tuple[Value, Value]] = field(default_factory=dict)
    column_bytes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Table:
    """A table, view or dated set of shards.

    ``name`` is dotted, as the catalog file writes it. ``columns`` maps the written name to its
    `Column`, in table order. ``enforced`` says whether the engine enforces its keys (or a dbt test
    stands behind them); None is unknown. ``micro_partitions`` and ``clustering_depth`` are Snowflake's: how
    many there are, and how many overlap at a value on average (1 is best). ``grants`` maps a privilege to
    those who hold it, ``definition`` is a view's query. ``origin`` says where the facts came from, ``stamp``
    in which state of the table they were read: as long as the warehouse gives the same one, they need not be
    read again.
    """

    name: str
    columns: Mapping[str, Column] = field(default_factory=dict)
    primary_key: tuple[str, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    partition_by: Partitioning | None = None
    cluster_by: tuple[str, ...] = ()
    micro_partitions: int | None = None
    clustering_depth: float | None = None
    indexes: tuple[Index, ...] = ()
    rows: int | None = None
    bytes: int | None = None
    updated: datetime | None = None
    enforced: bool | None = None
    kind: str = "table"
    comment: str | None = None
    tags: tuple[str, ...] = ()
    row_access_policy: str | None = None
    search_optimization: tuple[str, ...] | None = None
    row_groups: tuple[RowGroup, ...] = ()
    grants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    definition: str | None = None
    origin: str | None = None
    stamp: str | None = None

    def column(self, name: str) -> Column | None:
        """Return the column of this name, compared without case, or None."""
        found = self.columns.get(name)
        if found is not None:
            return found
        folded = name.casefold()
        return next((c for key, c in self.columns.items() if key.casefold() == folded), None)


class Catalog:
    """The tables that are known, looked up by whole or partial dotted name.

    Names compare without case. A name with fewer parts than the catalog's matches if it is the
    tail of exactly one table; `default_database` and `default_schema` complete it first.
    ``warnings`` says what was repaired or passed over while it was read, for a person to see.
    """

    def __init__(
        self,
        tables: Iterable[Table] = (),
        dialect: str | None = None,
        default_database: str | None = None,
        default_schema: str | None = None,
        warnings: Iterable[str] = (),
    ) -> None:
        self.dialect = dialect
        self.default_database = default_database
        self.default_schema = default_schema
        self.warnings = tuple(warnings)
        self.tables: dict[str, Table] = {}
        self._tails: dict[str, list[Table]] = {}
        self._shards: list[tuple[str, Table]] = []
        for table in tables:
            self._add(table)

    def __eq__(self, other: object) -> bool:
        """Whether both hold the same facts; warnings and the order of tables do not count."""
        if not isinstance(other, Catalog):
            return NotImplemented
        return (
            self.tables == other.tables
            and self.dialect == other.dialect
            and self.default_database == other.default_database
            and self.default_schema == other.default_schema
        )

    def __hash__(self) -> int:
        return hash((self.dialect, self.default_database, self.default_schema, len(self.tables)))

    def _add(self, table: Table) -> None:
        key = table.name.casefold()
        self.tables[key] = table
        parts = key.split(".")
        for cut in range(len(parts)):
            self._tails.setdefault(".".join(parts[cut:]), []).append(table)
        if key.endswith("*"):
            self._shards.append((key[:-1], table))

    def table(self, name: str) -> Table | None:
        """Return the table of this dotted name, or None when none or several match.

        ``p.d.logs_2026*`` and ``p.d.logs_20260101`` find the date-sharded ``p.d.logs_*``.
        """
        key = name.replace("`", "").replace('"', "").casefold()
        found = self.tables.get(key)
        if found is not None:
            return found
        for qualified in self._completed(key):
            if qualified in self.tables:
                return self.tables[qualified]
        tails = self._tails.get(key, ())
        if len(tails) == 1:
            return tails[0]
        if tails:
            return None
        return self._longer_name(key) or self._shard(key)

    def _completed(self, key: str) -> Iterable[str]:
        parts = key.count(".")
        if parts == 0 and self.default_schema:
            if self.default_database:
                yield f"{self.default_database}.{self.default_schema}.{key}".casefold()
            yield f"{self.default_schema}.{key}".casefold()
        elif parts == 1 and self.default_database:
            yield f"{self.default_database}.{key}".casefold()

    def _longer_name(self, key: str) -> Table | None:
        """Find the tail of a name written with more parts than the catalog file gives."""
        parts = key.split(".")
        for cut in range(1, len(parts)):
            found = self.tables.get(".".join(parts[cut:]))
            if found is not None:
                return found
        return None

    def _shard(self, key: str) -> Table | None:
        for prefix, table in self._shards:
            tail = prefix.rsplit(".", 1)[-1]
            if key.startswith(prefix) or key.rsplit(".", 1)[-1].startswith(tail):
                return table
        return None

    @classmethod
    def load(cls, path: str | Path) -> Catalog:
        """Read a catalog file, YAML or JSON. Raises `CatalogError` naming the file and the key."""
        from sqlopt.catalog.file import load

        return load(path)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Catalog:
        """Read a catalog given as plain data in the catalog file's shape. Raises `CatalogError`."""
        from sqlopt.catalog.file import from_dict

        return from_dict(data)

    @classmethod
    def from_ddl(cls, text: str, dialect: str) -> Catalog:
        """Read CREATE and ALTER TABLE, CREATE INDEX and COMMENT statements. Raises `CatalogError`."""
        from sqlopt.catalog.ddl import from_ddl

        return from_ddl(text, dialect)
