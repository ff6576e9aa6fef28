"""Bytes that a scan reads: columns x partitions left x widths.

Widths come from the catalog (a column's bytes, its average width, its type), or from the table's bytes
shared out over its columns. Where neither rows nor bytes are known there is no estimate.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlopt.cost.estimate import Basis, Estimate
from sqlopt.warehouses.pruning import Prunes

if TYPE_CHECKING:
    from sqlopt.catalog import Column, Table
    from sqlopt.query import Query, Scan

# Bytes of a value by type. BigQuery's logical sizes: INT64, FLOAT64, TIMESTAMP 8, BOOL 1, NUMERIC 16,
# STRING 2 + its UTF-8 length (sources and dates in facts of warehouses/bigquery/pricing.toml); other
# engines store less, which `Column.bytes` and `Table.bytes` tell better than any type.
_WIDTHS = (
    (re.compile(r"bool", re.IGNORECASE), 1.0),
    (re.compile(r"tinyint|int8\b|smallint|int16|int2\b", re.IGNORECASE), 2.0),
    (re.compile(r"^(int|integer|int32|int4|real|float4|float32)\b", re.IGNORECASE), 4.0),
    (re.compile(r"numeric|decimal|number|uuid|interval", re.IGNORECASE), 16.0),
    (re.compile(r"int|float|double|date|time|real|serial", re.IGNORECASE), 8.0),
)
_UNKNOWN_WIDTH = 24.0  # a string of middling length; the answer is marked `assumed`


@dataclass(frozen=True, slots=True)
class ScanBytes:
    """What a scan reads now: an estimate, and the bytes of all its columns without any pruning."""

    now: Estimate
    whole: float
    columns: int | None


def scan_bytes(scan: Scan) -> ScanBytes | None:
    """Return the bytes that ``scan`` reads a run, or None when the table's size is not known."""
    table = scan.table
    if table is None or (table.bytes is None and table.rows is None):
        return None
    names = scan.columns
    width, basis = _read_share(table, names)
    whole = width
    low, expected, high = _left(scan)
    now = Estimate(whole * low, whole * expected, whole * high, "bytes", basis)
    return ScanBytes(now, whole, len(names) if names is not None else None)


def table_bytes(table: Table) -> float | None:
    """Return the bytes of the whole table, from its rows and widths where it gives none; None if unknown."""
    if table.bytes is not None:
        return float(table.bytes)
    if table.rows is None:
        return None
    return table.rows * sum(_width(one) for one in table.columns.values())


def _read_share(table: Table, names: frozenset[str] | None) -> tuple[float, Basis]:
    """The bytes of the columns ``names`` (None: all) over the whole table."""
    columns = list(table.columns.values())
    read = columns if names is None else [one for one in columns if one.name.casefold() in names]
    rows = table.rows
    if read and all(one.bytes is not None for one in read):
        return float(sum(one.bytes or 0 for one in read)), Basis.STATISTICS
    if table.bytes is not None:
        weights = {one.name: _width(one) for one in columns}
        whole = sum(weights.values()) or 1.0
        share = sum(weights[one.name] for one in read) / whole
        exact = len(read) == len(columns) or all(one.average_bytes is not None for one in columns)
        return table.bytes * share, Basis.STATISTICS if exact else Basis.ASSUMED
    assert rows is not None  # noqa: S101 - scan_bytes asked for one of the two
    known = all(one.average_bytes is not None or _fixed_width(one) is not None for one in read)
    return rows * sum(_width(one) for one in read), Basis.STATISTICS if known else Basis.ASSUMED


def _width(column: Column) -> float:
    if column.average_bytes is not None:
        return column.average_bytes * (1 - (column.nulls or 0.0))
    fixed = _fixed_width(column)
    return fixed if fixed is not None else _UNKNOWN_WIDTH


def _fixed_width(column: Column) -> float | None:
    if column.type is None:
        return None
    base = column.type.split("<")[0]
    if base.casefold().startswith(("array", "struct", "map", "record", "json", "variant", "object")):
        return None
    return next((width for pattern, width in _WIDTHS if pattern.search(base)), None)


def _left(scan: Scan) -> tuple[float, float, float]:
    """The share of partitions left, as low, expected and high."""
    pruning = scan.pruning
    if scan.table is None or scan.table.partition_by is None:
        if scan.clustering:
            best = min((one.share for one in scan.clustering if one.share is not None), default=None)
            if best is not None:
                return best, best, 1.0
            if any(one.verdict is not Prunes.NO and one.touched for one in scan.clustering):
                return 0.0, 1.0, 1.0
        return 1.0, 1.0, 1.0
    if pruning.verdict is Prunes.YES:
        return (pruning.share,) * 3 if pruning.share is not None else (0.0, 0.5, 1.0)
    if pruning.verdict is Prunes.NO:
        return 1.0, 1.0, 1.0
    return 0.0, 1.0, 1.0


def saving(scan: Scan, share: float | None) -> Estimate | None:
    """Return what a run saves if only ``share`` of the partitions were read; None without sizes.

    Without ``share`` the saving lies between nothing and everything that is read now, expected to be
    all but what one partition in a hundred holds: that is marked as assumed.
    """
    read = scan_bytes(scan)
    if read is None:
        return None
    now = read.now
    if share is None:
        return Estimate(0.0, now.expected * 0.99, now.high, "bytes", Basis.ASSUMED)
    after = read.whole * share
    return Estimate(
        max(now.low - after, 0.0),
        max(now.expected - after, 0.0),
        max(now.high - after, 0.0),
        "bytes",
        now.basis,
    )


def statement_bytes(query: Query) -> Estimate | None:
    """Return the bytes that a statement's scans read together; None when one of them has no size."""
    parts = [scan_bytes(scan) for scan in query.scans if scan.readings]
    if not parts or any(part is None for part in parts):
        return None
    known = [part.now for part in parts if part is not None]
    basis = Basis.STATISTICS if all(one.basis is Basis.STATISTICS for one in known) else Basis.ASSUMED
    return Estimate(
        sum(one.low for one in known),
        sum(one.expected for one in known),
        sum(one.high for one in known),
        "bytes",
        basis,
    )
