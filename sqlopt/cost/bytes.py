"""Bytes that a scan reads: columns x partitions left x widths.

Widths come from the catalog (a column's bytes, its average width, its type), or from the table's bytes
shared out over its columns. Where neither rows nor bytes are known there is no estimate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlopt.cost.chunks import groups_left
from sqlopt.cost.estimate import Basis, Estimate
from sqlopt.cost.width import width
from sqlopt.warehouses.pruning import Prunes

if TYPE_CHECKING:
    from sqlopt.catalog import RowGroup, Table
    from sqlopt.query import Query, Scan


@dataclass(frozen=True, slots=True)
class ScanBytes:
    """What a scan reads now: an estimate, and the bytes of all its columns without any pruning."""

    now: Estimate
    whole: float
    columns: int | None


def scan_bytes(scan: Scan) -> ScanBytes | None:
    """Return the bytes that ``scan`` reads a run, or None when the table's size is not known."""
    return scan.once("bytes", _scan_bytes)  # several ask: the statement, its plan, a finding's price


def _scan_bytes(scan: Scan) -> ScanBytes | None:
    table = scan.table
    if table is None:
        return None
    names = scan.columns
    count = len(names) if names is not None else None
    by_group = _by_group(scan, table, names)
    if by_group is not None:
        return ScanBytes(*by_group, count)
    if table.bytes is None and table.rows is None:
        return None
    whole, basis = _columns_bytes(table, names, scan.query.dialect)
    least = whole
    if scan.unknown:
        least, basis = _columns_bytes(table, scan.named, scan.query.dialect)[0], Basis.ASSUMED
    low, expected, high = _left(scan)
    return ScanBytes(Estimate(least * low, whole * expected, whole * high, "bytes", basis), whole, count)


def table_bytes(table: Table, dialect: str = "") -> float | None:
    """Return the bytes of the whole table, from its rows and widths where it gives none; None if unknown."""
    if table.bytes is not None:
        return float(table.bytes)
    if table.rows is None:
        return None
    return table.rows * sum(width(one, dialect).bytes for one in table.columns.values())


def _by_group(scan: Scan, table: Table, names: frozenset[str] | None) -> tuple[Estimate, float] | None:
    """Return the bytes of the chunks of columns in the row groups that are read, now and of all of them."""
    if not table.row_groups or not all(one.column_bytes for one in table.row_groups):
        return None
    found = groups_left(scan)
    if found is None:
        return None
    wanted, read = ([_chunk_bytes(one, names) for one in groups] for groups in found)
    whole = sum(_chunk_bytes(one, names) for one in table.row_groups)
    now = Estimate(float(sum(wanted)), float(sum(read)), float(sum(read)), "bytes", Basis.STATISTICS)
    return now, float(whole)


def _chunk_bytes(group: RowGroup, names: frozenset[str] | None) -> int:
    if names is None:
        return sum(group.column_bytes.values())
    return sum(size for name, size in group.column_bytes.items() if name.casefold() in names)


def _columns_bytes(table: Table, names: frozenset[str] | None, dialect: str) -> tuple[float, Basis]:
    """Return the bytes of the columns ``names`` (None: all) over the whole table."""
    columns = list(table.columns.values())
    read = columns if names is None else [one for one in columns if one.name.casefold() in names]
    if read and all(one.bytes is not None for one in read):
        return float(sum(one.bytes or 0 for one in read)), Basis.STATISTICS
    widths = {one.name: width(one, dialect) for one in columns}
    sure = all(widths[one.name].sure for one in read)
    # BigQuery's bytes follow from types, so that rows tell them to the byte; others compress.
    if table.rows is not None and (table.bytes is None or (dialect == "bigquery" and sure)):
        total = table.rows * sum(widths[one.name].bytes for one in read)
        return float(round(total)), Basis.STATISTICS if sure else Basis.ASSUMED
    assert table.bytes is not None  # noqa: S101 - scan_bytes asked for one of the two
    if len(read) == len(columns):
        return float(table.bytes), Basis.STATISTICS
    whole = sum(one.bytes for one in widths.values()) or 1.0
    share = sum(widths[one.name].bytes for one in read) / whole
    measured = all(one.average_bytes is not None for one in columns)
    return table.bytes * share, Basis.STATISTICS if measured else Basis.ASSUMED


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
