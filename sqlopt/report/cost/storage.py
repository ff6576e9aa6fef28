"""What a month of storing tables costs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlopt.project.costing import added
from sqlopt.report.cost.words import cell, quantity
from sqlopt.report.words import escape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.project.costing import StorageReport


def render(report: StorageReport, form: str, top: int | None = None) -> Iterator[str]:
    """Yield the tables, the largest first, as JSON or as text, which all other forms are here."""
    if form == "json":
        yield json.dumps(report.to_dict(), indent=2, allow_nan=False) + "\n"
        return
    if not report.tables:
        yield "no table of known size is in the catalog\n"
        return
    rows = [
        (quantity(size, "bytes"), cell(money) if money is not None else "unknown", name)
        for name, size, money in report.tables[:top]
    ]
    widths = [max(len(row[place]) for row in rows) for place in range(2)]
    for size, money, name in rows:
        yield f"{size.rjust(widths[0])}  {money.rjust(widths[1])}  {escape(name)}\n"
    total = added([money for _, _, money in report.tables if money is not None])
    yield "\n" + (f"a month: {cell(total)}\n" if total is not None else "no price of storage is known here\n")
    yield from (f"  {escape(words)}\n" for words in report.because)
