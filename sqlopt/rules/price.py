"""Put a price on a finding about a scan, with the numbers that it was computed from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.cost.bytes import saving, scan_bytes, statement_bytes
from sqlopt.cost.estimate import Basis, Estimate
from sqlopt.cost.units import human_bytes, human_share
from sqlopt.warehouses.pricing import on_demand_price

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlopt.query import Query, Scan
    from sqlopt.rewrite.edits import Edit

Evidence = tuple[tuple[str, str], ...]


def price(scan: Scan, share: float | None = None) -> tuple[Estimate | None, Evidence]:
    """Return what a run saves if ``scan`` read only ``share`` of its partitions, and why.

    Without ``share`` the saving is up to all that is read now. The saving is None when the table's
    size is unknown; the evidence then says so, since an unknown price is an answer too.
    """
    evidence = list(_table(scan))
    read = scan_bytes(scan)
    if read is None:
        evidence.append(("price", f"unknown: the catalog has neither rows nor bytes of {scan.name}"))
        return None, tuple(evidence)
    if read.columns is not None and scan.table is not None:
        evidence.append(("columns read", f"{read.columns} of {len(scan.table.columns)}"))
    evidence.append(("bytes now", human_bytes(read.now.expected)))
    evidence += _money(scan.query.dialect, read.now.expected)
    if share is not None:
        evidence.append(("partitions after", human_share(share)))
        evidence.append(("bytes after", human_bytes(read.whole * share)))
    return saving(scan, share), tuple(evidence)


def reading(query: Query, evidence: Evidence) -> Evidence:
    """Return what the whole statement reads, for a finding whose own saving is not known; nothing if that is said."""
    if any(label in ("price", "bytes now", "statement reads") for label, _ in evidence):
        return ()
    read = statement_bytes(query)
    if read is None:
        lacks = [one.name for one in query.scans if one.readings and scan_bytes(one) is None]
        if not lacks:
            return ()
        return (
            (
                "price",
                f"unknown: the catalog has neither rows nor bytes of {', '.join(dict.fromkeys(lacks))}",
            ),
        )
    return (("statement reads", human_bytes(read.expected)), *_money(query.dialect, read.expected))


def saved(query: Query, edits: Sequence[Edit]) -> Estimate | None:
    """Return the bytes that the statement reads less with ``edits`` made; None where either is not known.

    Low is set against low and high against high, since what is not known of a table is the same before and after.
    """
    from sqlopt.query import understand

    text = query.source
    for one in sorted(edits, key=lambda one: one.span, reverse=True):
        text = text[: one.span.start] + one.text + text[one.span.end :]
    span = query.statement.span
    text = text[span.start : len(text) - (len(query.source) - span.end)]
    after = understand(text, query.dialect, query.catalog, query.today)
    now, then = statement_bytes(query), statement_bytes(after[0]) if len(after) == 1 else None
    if now is None or then is None:
        return None
    low, expected, high = sorted(
        max(getattr(now, one) - getattr(then, one), 0.0) for one in ("low", "expected", "high")
    )
    basis = now.basis if now.basis is then.basis else Basis.ASSUMED
    return Estimate(low, expected, high, "bytes", basis)


def _money(dialect: str, count: float) -> Evidence:
    """What scanning that many bytes costs, where the warehouse charges by the byte and the price is known."""
    found = on_demand_price(dialect)
    if found is None:
        return ()
    usd, source = found
    return (("price now", f"{count * usd:,.2f} USD on demand"), ("price of bytes", source))


def _table(scan: Scan) -> Evidence:
    table = scan.table
    if table is None:
        return (("table", scan.name),)
    pairs = [("table", table.name)]
    if table.partition_by is not None:
        by = table.partition_by
        grain = f" by {by.granularity}" if by.granularity else ""
        pairs.append(("partitioned by", ", ".join(by.columns) + grain))
    if table.cluster_by:
        pairs.append(("clustered by", ", ".join(table.cluster_by)))
    if table.rows is not None:
        pairs.append(("rows", f"{table.rows:,}"))
    if table.bytes is not None:
        pairs.append(("table size", human_bytes(table.bytes)))
    return tuple(pairs)
