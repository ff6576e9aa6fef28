"""A BigQuery project or dataset read into a catalog: tables, columns, partitions, policy tags."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from sqlopt.catalog import Column, ForeignKey, Table
from sqlopt.catalog.model import Partitioning, PartitionKind
from sqlopt.catalog.sync import Listed
from sqlopt.errors import CatalogError
from sqlopt.warehouses.bigquery.connection import Connection
from sqlopt.warehouses.bigquery.statements import BigQuery
from sqlopt.warehouses.door import MissingRightError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlopt.warehouses.address import Address

_KINDS: Final = {
    "TABLE": "table",
    "VIEW": "view",
    "MATERIALIZED_VIEW": "materialized view",
    "EXTERNAL": "external table",
    "SNAPSHOT": "snapshot",
}
_TYPES: Final = {"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL"}
"""Names that the API keeps from legacy SQL."""
_DAY: Final = 8
"""Digits of a partition of a day."""


class BigQueryReader:
    """Reads a project, or with ``/DATASET`` one dataset of it. Raises `CatalogError`.

    Names are ``project.dataset.table``.
    """

    dialect = "bigquery"

    def __init__(self, address: Address) -> None:
        if not address.host:
            raise CatalogError("bigquery: name a project: bigquery://PROJECT[/DATASET]")
        self.warnings: list[str] = []
        self._connection = Connection(address)
        self._dataset = address.part(0)
        self.default_database: str | None = self._connection.project
        self.default_schema = self._dataset
        self.source = f"bigquery://{self._connection.project}"

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    @property
    def rights(self) -> str:
        """The statement that grants what is needed."""
        return self._connection.grant(self._dataset or "")

    def tables(self) -> Iterator[Listed]:
        """Yield tables and views. The list says nothing of when they changed, so that each is read."""
        for dataset in [self._dataset] if self._dataset else self._connection.datasets():
            for entry in self._connection.tables(dataset):
                name = entry.table_id
                yield Listed(f"{self._connection.project}.{dataset}.{name}", None, (dataset, name))

    def read(self, batch: Sequence[Listed]) -> Iterator[Table]:
        """Yield the tables of a batch."""
        for dataset, group in groupby(batch, key=lambda one: str(one.key[0])):
            read = [(one.name, self._connection.table(dataset, one.key[1])) for one in group]
            divided = [
                found.table_id for _, found in read if found.time_partitioning or found.range_partitioning
            ]
            partitions = self._partitions(dataset, divided)
            for name, found in read:
                yield read_table(name, found, partitions.get(found.table_id), self.source)

    def _partitions(self, dataset: str, names: list[str]) -> Mapping[str, Any]:
        """Return the number of partitions and their ends; nothing, with a warning, where they can't be read."""
        if not names:
            return {}
        try:
            rows = self._connection.rows(BigQuery.PARTITIONS, dataset, [names])
        except MissingRightError as error:
            self.warnings.append(f"{dataset}: partitions are not counted: {error}")
            return {}
        return {row["table_name"]: row for row in rows}


def read_table(name: str, found: Any, partitions: Any, source: str) -> Table:
    """Return the table of a `tables.get` resource and a row of PARTITIONS, if there is one."""
    kind = _KINDS.get(found.table_type, str(found.table_type).lower())
    is_view = kind == "view"
    columns = {one.name: _column(one) for one in found.schema}
    partitioning = _partitioning(found)
    if partitioning is not None and partitions is not None:
        partitioning = replace(partitioning, count=partitions["partitions"])
        columns = _with_ends(columns, partitioning, partitions)
    constraints = getattr(found, "table_constraints", None)
    primary = tuple(constraints.primary_key.columns) if constraints and constraints.primary_key else ()
    return Table(
        name,
        columns,
        primary_key=primary,
        foreign_keys=tuple(_foreign(one) for one in (constraints.foreign_keys or ())) if constraints else (),
        partition_by=partitioning,
        cluster_by=tuple(found.clustering_fields or ()),
        rows=None if is_view else found.num_rows,
        bytes=None if is_view else found.num_bytes,
        updated=found.modified.astimezone(UTC) if found.modified else None,
        enforced=False
        if primary
        else None,  # https://docs.cloud.google.com/bigquery/docs/primary-foreign-keys
        kind=kind,
        comment=found.description or None,
        tags=tuple(f"{key}={value}" for key, value in sorted((found.labels or {}).items())),
        definition=found.view_query if is_view else getattr(found, "mview_query", None),
        origin=source,
    )


def _column(one: Any) -> Column:
    policies = one.policy_tags.names if one.policy_tags else ()
    return Column(
        one.name,
        _type(one),
        nullable={"REQUIRED": False, "NULLABLE": True}.get(one.mode or "NULLABLE"),
        comment=one.description or None,
        policy_tag=next(iter(policies), None),
    )


def _type(one: Any) -> str:
    kind = _TYPES.get(one.field_type, one.field_type)
    if kind in ("RECORD", "STRUCT"):
        kind = f"STRUCT<{', '.join(f'{field.name} {_type(field)}' for field in one.fields)}>"
    elif one.precision is not None:
        kind += f"({one.precision}, {one.scale})" if one.scale else f"({one.precision})"
    elif one.max_length is not None:
        kind += f"({one.max_length})"
    return f"ARRAY<{kind}>" if one.mode == "REPEATED" else str(kind)


def _partitioning(found: Any) -> Partitioning | None:
    required = found.require_partition_filter
    by_range, by_time = found.range_partitioning, found.time_partitioning
    if by_range is not None:
        limits = by_range.range_
        ends = (int(limits.start), int(limits.end), int(limits.interval))
        start, end, step = ends
        return Partitioning(
            (by_range.field,), PartitionKind.INTEGER_RANGE, None, required, start=start, end=end, step=step
        )
    if by_time is None:
        return None
    if by_time.field is None:
        return Partitioning(("_PARTITIONTIME",), PartitionKind.INGESTION, by_time.type_.lower(), required)
    return Partitioning((by_time.field,), PartitionKind.TIME, by_time.type_.lower(), required)


def _with_ends(columns: dict[str, Column], partitioning: Partitioning, partitions: Any) -> dict[str, Column]:
    """Return the columns with the first and last day of a column of dates that the table is divided by."""
    column = columns.get(partitioning.column)
    first, last = str(partitions["first"]), str(partitions["last"])
    if column is None or column.type != "DATE" or len(first) != _DAY or len(last) != _DAY:
        return columns
    try:
        ends = [date(int(one[:4]), int(one[4:6]), int(one[6:])) for one in (first, last)]
    except ValueError:
        return columns
    return {**columns, column.name: replace(column, min=ends[0], max=ends[1])}


def _foreign(one: Any) -> ForeignKey:
    to = one.referenced_table
    return ForeignKey(
        tuple(pair.referencing_column for pair in one.column_references),
        f"{to.project}.{to.dataset_id}.{to.table_id}",
        tuple(pair.referenced_column for pair in one.column_references),
        enforced=False,
    )
