"""What it costs to rebuild a model for a stretch of time: at once, or part by part.

Tables divided by time are read for the stretch alone, by whichever way; all other tables are read whole in every
run. So many small runs pay again and again for the tables that are not divided, and for the least that a run is
billed; one large run pays once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlopt.catalog.model import PartitionKind
from sqlopt.cost.bytes import scan_bytes
from sqlopt.cost.estimate import Basis, Estimate
from sqlopt.cost.statement import StatementCost, TableCost, billed_of, priced, summed
from sqlopt.errors import SqloptError
from sqlopt.query.pruning.verdict import key_column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlopt.cost.calibration import Calibration
    from sqlopt.cost.terms import Terms
    from sqlopt.query import Query, Scan

_DAY: Final = timedelta(days=1)
_LENGTHS: Final = {"hour": 1 / 24, "day": 1.0, "month": 30.4375, "year": 365.25}
_WAYS: Final = (("at once", None), ("by month", 30.4375), ("by week", 7.0), ("by day", 1.0))


class BackfillError(SqloptError):
    """A stretch of time that can't be read, or a model that can't be rebuilt by it."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way of rebuilding: ``runs`` statements, and what they cost together."""

    title: str
    runs: int
    cost: StatementCost

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, for JSON."""
        return {"way": self.title, "runs": self.runs} | self.cost.to_dict()


@dataclass(frozen=True, slots=True)
class Backfill:
    """The ways of rebuilding a model from ``start`` up to, not including, ``end``. The first way is the cheapest."""

    start: date
    end: date
    ways: tuple[Way, ...]
    assumed: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, for JSON."""
        return {
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "ways": [one.to_dict() for one in self.ways],
            "assumed": list(self.assumed),
        }


def stretch(text: str) -> tuple[date, date]:
    """Return the days of ``2025-01-01..2026-01-01``, the second not included. Raises `BackfillError`."""
    first, dots, last = text.partition("..")
    try:
        start, end = date.fromisoformat(first.strip()), date.fromisoformat(last.strip())
    except ValueError:
        raise BackfillError(f"{text!r} is no stretch of time; write 2025-01-01..2026-01-01") from None
    if not dots or end <= start:
        raise BackfillError(f"{text!r} ends before it begins")
    return start, end


def backfill(
    query: Query, start: date, end: date, terms: Terms, calibration: Calibration | None = None
) -> Backfill:
    """Return what rebuilding from ``start`` to ``end`` costs each way. Raises `BackfillError`."""
    scans = [one for one in query.scans if one.readings and not one.target]
    shares = {id(one): _share(one, start, end) for one in scans}
    sliced = [one for one in scans if shares[id(one)] is not None]
    if not sliced:
        names = ", ".join(dict.fromkeys(one.name for one in scans)) or "it reads no table"
        raise BackfillError(
            f"no table that it reads is divided by time, as far as the catalog knows ({names}): every run reads all"
        )
    days = (end - start) / _DAY
    ways = []
    for title, width in _WAYS:
        runs = 1 if width is None else max(round(days / width), 1)
        if width is not None and runs == 1:
            continue
        tables = tuple(_table(one, shares[id(one)], runs) for one in scans)
        ways.append(Way(title, runs, _together(query, tables, runs, terms, calibration)))
    ways.sort(key=_order)
    return Backfill(start, end, tuple(ways), tuple(_assumed(scans, shares)))


def _share(scan: Scan, start: date, end: date) -> float | None:
    """Return the share of a table that lies in the stretch; None where it is not divided by time."""
    table, name = scan.table, _divided_by(scan)
    if table is None or name is None:
        return None
    column, by = table.column(name), table.partition_by
    low, high = (_day(column.min), _day(column.max)) if column is not None else (None, None)
    if low is not None and high is not None and high >= low:
        inside = (min(end, high + _DAY) - max(start, low)) / _DAY
        return min(max(inside, 0.0) / ((high - low) / _DAY + 1), 1.0)
    if by is not None and by.count and by.granularity in _LENGTHS:
        return min((end - start) / (_LENGTHS[by.granularity] * _DAY) / by.count, 1.0)
    return None


def _divided_by(scan: Scan) -> str | None:
    """Return the column of time that a table is partitioned by, or clustered by first."""
    table = scan.table
    if table is None:
        return None
    by = table.partition_by
    if by is not None:
        return by.column if by.kind in (PartitionKind.TIME, PartitionKind.INGESTION, None) else None
    return key_column(table.cluster_by[0], tuple(table.columns)) or None if table.cluster_by else None


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None


def _table(scan: Scan, share: float | None, runs: int) -> TableCost:
    """Return what one of ``runs`` runs reads of a table."""
    read = scan_bytes(scan)
    span = scan.query.span(scan.node)
    if read is None:
        return TableCost(scan.name, None, None, "neither rows nor bytes are known", span)
    if share is None:
        return TableCost(scan.name, read.now, 1.0, "read whole in every run", span)
    part = read.whole * share / runs
    basis = Basis.ASSUMED  # that each run is limited to its part
    return TableCost(
        scan.name, Estimate(part, part, part, "bytes", basis), share / runs, "its part alone", span
    )


def _together(
    query: Query, tables: tuple[TableCost, ...], runs: int, terms: Terms, calibration: Calibration | None
) -> StatementCost:
    unknown = tuple(dict.fromkeys(f"{one.table}: {one.why}" for one in tables if one.bytes is None))
    one = StatementCost(
        query.statement.span,
        summed(tables) if not unknown else None,
        billed_of(query.dialect, tables) if not unknown else None,
        tables=tables,
        unknown=unknown,
    )
    each = priced(one, "", query.dialect, terms, calibration)
    names = ("bytes_scanned", "bytes_billed", "seconds", "credits", "money")
    values: dict[str, Any] = {
        name: value.times(runs) if (value := getattr(each, name)) is not None else None for name in names
    }
    return replace(each, **values)


def _order(way: Way) -> tuple[bool, float, int]:
    found = way.cost.money or way.cost.credits or way.cost.bytes_scanned
    return found is None, found.expected if found is not None else 0.0, way.runs


def _assumed(scans: Sequence[Scan], shares: dict[int, float | None]) -> list[str]:
    lines = []
    for one in scans:
        share = shares[id(one)]
        if share is not None:
            lines.append(f"{one.name} is read for its part alone, by {_divided_by(one)}: {share:.1%} of it")
        else:
            lines.append(f"{one.name} is read whole in every run")
    return list(dict.fromkeys(lines))
