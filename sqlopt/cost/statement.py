"""What one run of a statement costs: `StatementCost`."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from sqlopt.cost.bytes import scan_bytes
from sqlopt.cost.estimate import Basis, Estimate
from sqlopt.cost.money import billed_bytes, price
from sqlopt.cost.terms import Terms
from sqlopt.plan import Kind

if TYPE_CHECKING:
    from sqlopt.cost.calibration import Calibration
    from sqlopt.plan import Operator, Plan
    from sqlopt.query import Query, Scan
    from sqlopt.span import Span, UnreadPlace

_PAGE: Final = 8192
_SLOWEST, _USUAL, _FASTEST = 20e6, 100e6, 1e9
"""Bytes a second that one unit of compute reads: nobody publishes it, so it is assumed, and wide on purpose."""
_START: Final = (0.05, 0.5, 5.0)
"""Seconds that a statement takes however little it reads: assumed."""
_SIZES: Final = {
    name: 2.0**place for place, name in enumerate(("XS", "S", "M", "L", "XL", "2XL", "3XL", "4XL"))
}
_STEP_FACTOR: Final = 1.7
"""How much each estimated step (a filter, a join, a group) may be off; see the README's measured part."""


@dataclass(frozen=True, slots=True)
class TableCost:
    """What a statement reads of one table: ``share`` of its partitions, and why."""

    table: str
    bytes: Estimate | None
    share: float | None
    why: str
    span: Span

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, for JSON."""
        size = self.bytes.to_dict() if self.bytes is not None else None
        return {"table": self.table, "bytes": size, "share": self.share, "why": self.why}


@dataclass(frozen=True, slots=True)
class StatementCost:
    """What one run of a statement costs. An estimate is None where nothing is known; ``unknown`` says what is missing.

    ``bytes_scanned`` are read, ``bytes_billed`` are charged for (BigQuery); ``rows`` leave the statement;
    ``planner_cost`` is in PostgreSQL's unit; ``money`` is in the terms' currency. ``because`` are the prices
    and assumptions that it was computed from, ``plan`` is our own plan of it. ``span`` is in the text, and so are the
    places of it that were not read, ``unread``.
    """

    span: Span
    bytes_scanned: Estimate | None = None
    bytes_billed: Estimate | None = None
    rows: Estimate | None = None
    seconds: Estimate | None = None
    credits: Estimate | None = None
    money: Estimate | None = None
    planner_cost: Estimate | None = None
    tables: tuple[TableCost, ...] = ()
    unknown: tuple[str, ...] = ()
    because: tuple[str, ...] = ()
    plan: Plan | None = None
    unread: tuple[UnreadPlace, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, for JSON; the plan has its own `to_dict`."""
        names = ("bytes_scanned", "bytes_billed", "rows", "seconds", "credits", "money", "planner_cost")
        found: dict[str, Any] = {"start": self.span.start, "end": self.span.end}
        for name in names:
            value = getattr(self, name)
            found[name] = value.to_dict() if value is not None else None
        found["tables"] = [one.to_dict() for one in self.tables]
        found["unread"] = [one.to_dict() for one in self.unread]
        return found | {"unknown": list(self.unknown), "because": list(self.because)}


def statement_cost(
    query: Query, terms: Terms | None = None, calibration: Calibration | None = None
) -> StatementCost:
    """Return what one run of a bound statement costs, by what the catalog knows and the terms say."""
    from sqlopt.cost.planner import plan

    terms = terms or Terms()
    own = plan(query)
    scans = [one for one in query.scans if one.readings or one.target]
    tables = tuple(_table(one) for one in scans)
    unknown = tuple(dict.fromkeys(f"{one.table}: {one.why}" for one in tables if one.bytes is None))
    scanned = summed(tables) if not unknown else None
    billed = billed_of(query.dialect, tables) if not unknown else None
    found = StatementCost(
        query.statement.span,
        scanned,
        billed if query.dialect == "bigquery" else None,
        _rows(own, known=not any(one.table is None or one.table.rows is None for one in scans)),
        tables=tables,
        unknown=unknown,
        because=tuple(dict.fromkeys(f"{one.table}: {one.why}" for one in tables if "estimated" in one.why)),
        plan=own,
        unread=tuple(one.place for one in query.unread),
    )
    if query.dialect == "postgres":
        found = replace(found, planner_cost=_planner_cost(own))
    return priced(found, query.statement.fingerprint, query.dialect, terms, calibration)


def priced(
    found: StatementCost, fingerprint: str, dialect: str, terms: Terms, calibration: Calibration | None
) -> StatementCost:
    """Return a cost with its seconds, credits and money filled in from its bytes."""
    seconds, words = _seconds(found.bytes_scanned, fingerprint, terms, calibration)
    bill = price(dialect, found.bytes_billed or found.bytes_scanned, seconds, terms)
    return replace(
        found,
        seconds=seconds,
        credits=bill.credits,
        money=bill.money,
        because=(*found.because, *words, *bill.because),
    )


def _table(scan: Scan) -> TableCost:
    span = scan.query.span(scan.node)
    read = scan_bytes(scan)
    if read is None:
        lacks = "not in the catalog" if scan.table is None else "neither rows nor bytes are known"
        return TableCost(scan.name, None, None, lacks, span)
    share = read.now.expected / read.whole if read.whole else 1.0
    origin = scan.table.origin if scan.table is not None else None
    if origin is not None and origin.startswith("estimated from"):
        return TableCost(scan.name, read.now, share, f"its rows are {origin}", span)
    why = scan.pruning.why if scan.table is not None and scan.table.partition_by is not None else ""
    if scan.table is not None and scan.table.row_groups and share < 1:
        why = "row groups outside the filters are skipped"
    return TableCost(scan.name, read.now, share, why, span)


def summed(tables: tuple[TableCost, ...]) -> Estimate:
    """Return the bytes of all tables together."""
    parts = [one.bytes for one in tables if one.bytes is not None]
    basis = Basis.STATISTICS if all(one.basis is Basis.STATISTICS for one in parts) else Basis.ASSUMED
    return Estimate(
        sum(one.low for one in parts),
        sum(one.expected for one in parts),
        sum(one.high for one in parts),
        "bytes",
        basis,
    )


def billed_of(dialect: str, tables: tuple[TableCost, ...]) -> Estimate | None:
    """Return the bytes billed: of each table referenced, however often it is."""
    if dialect != "bigquery" or not tables:
        return None
    ends = []
    for end in ("low", "expected", "high"):
        by_table: dict[str, float] = {}
        for one in tables:
            by_table[one.table] = by_table.get(one.table, 0.0) + getattr(one.bytes, end)
        ends.append(billed_bytes(by_table.values()))
    return Estimate(ends[0], ends[1], ends[2], "bytes", summed(tables).basis)


def _rows(own: Plan, *, known: bool) -> Estimate | None:
    """Return the rows that leave the statement; each estimated step on the way widens the range."""
    if not own.roots or own.roots[0].estimated_rows is None:
        return None
    rows = own.roots[0].estimated_rows
    if not known:
        return None
    steps = sum(_is_guess(one) for one in own.walk())
    factor = _STEP_FACTOR ** math.sqrt(steps)
    most = _most(own.roots[0])
    return Estimate(
        rows / factor, rows, min(max(rows * factor, rows), max(most, rows)), "rows", Basis.STATISTICS
    )


def _is_guess(one: Operator) -> bool:
    if one.kind in (Kind.JOIN, Kind.FILTER) or (one.kind is Kind.SCAN and one.condition):
        return True
    return one.kind is Kind.AGGREGATE and (one.estimated_rows or 0.0) > 1


def _most(one: Operator) -> float:
    """Return the most rows that an operator can give."""
    below = [_most(child) for child in one.children]
    if one.kind is Kind.JOIN:
        return math.prod(max(size, 1.0) for size in below)
    if one.kind in (Kind.LIMIT, Kind.VALUES) or not below:
        return math.inf if one.kind is Kind.OTHER or one.condition else one.estimated_rows or 0.0
    if one.kind is Kind.AGGREGATE and one.estimated_rows == 1:
        return 1.0
    return sum(below)


def _planner_cost(own: Plan) -> Estimate | None:
    """Return a cost in PostgreSQL's unit: pages read in sequence, rows and conditions worked on.

    Its formula for a sequential scan and its default constants: https://www.postgresql.org/docs/current/using-explain.html
    and https://www.postgresql.org/docs/current/runtime-config-query.html (checked 2026-11-23). Indexes, sorts and
    hashes are left out, so that it is an upper end for a scan that an index serves.
    """
    cost = 0.0
    for one in own.walk():
        if one.kind is Kind.SCAN:
            if one.bytes is None:
                return None
            cost += one.bytes / _PAGE * 1.0
        cost += (one.estimated_rows or 0.0) * (0.01 + (0.0025 if one.condition else 0.0))
    return Estimate(cost * 0.05, cost, cost * 3.0, "planner cost", Basis.ASSUMED)


def _seconds(
    scanned: Estimate | None, fingerprint: str, terms: Terms, calibration: Calibration | None
) -> tuple[Estimate | None, tuple[str, ...]]:
    """Return how long a run takes: from history, else a wide range that is assumed."""
    if calibration is not None:
        found = calibration.seconds(
            scanned.expected if scanned is not None else None, terms.warehouse, fingerprint
        )
        if found is not None:
            return found
    if scanned is None:
        return None, ()
    reading = seconds_of_bytes(scanned, terms)
    seconds = Estimate(
        _START[0] + reading.low,
        _START[1] + reading.expected,
        _START[2] + reading.high,
        "seconds",
        Basis.ASSUMED,
    )
    words = "seconds are assumed: 20 MB to 1 GB a second and unit of compute; --history FILE settles them"
    return seconds, (words,)


def seconds_of_bytes(scanned: Estimate, terms: Terms) -> Estimate:
    """Return how long it takes to read so many bytes with the terms' warehouse: assumed, and wide."""
    size = _SIZES.get(terms.warehouse or "XS", 1.0)
    ends = (
        scanned.low / (_FASTEST * size),
        scanned.expected / (_USUAL * size),
        scanned.high / (_SLOWEST * size),
    )
    return Estimate(*ends, "seconds", Basis.ASSUMED)
