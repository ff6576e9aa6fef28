"""What is known of tables: columns, keys, partitioning, statistics, and where it came from."""

from sqlopt.catalog.model import (
    Catalog,
    Column,
    ForeignKey,
    Index,
    Partitioning,
    PartitionKind,
    RowGroup,
    Table,
    Value,
)

__all__ = [
    "Catalog",
    "Column",
    "ForeignKey",
    "Index",
    "PartitionKind",
    "Partitioning",
    "RowGroup",
    "Table",
    "Value",
]
