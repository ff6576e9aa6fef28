"""The ways of rebuilding a model, the cheapest first."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlopt.report.cost.words import cell
from sqlopt.report.words import escape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.cost.backfill import Backfill, Way


def render(found: Backfill, form: str) -> Iterator[str]:
    """Yield a backfill as ``text`` or ``json``."""
    if form == "json":
        yield json.dumps(found.to_dict(), indent=2, allow_nan=False) + "\n"
        return
    yield f"rebuilding {found.start} up to {found.end}, the cheapest way first:\n"
    rows = [_row(one) for one in found.ways]
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for row in rows:
        yield (
            "  " + "  ".join(text.ljust(size) for text, size in zip(row, widths, strict=True)).rstrip() + "\n"
        )
    yield "\n"
    unknown = found.ways[0].cost.unknown
    yield from (f"  unknown: {escape(words)}\n" for words in unknown)
    yield from (f"  {escape(words)}\n" for words in (*found.assumed, *found.ways[0].cost.because))


def _row(one: Way) -> list[str]:
    parts = (one.cost.bytes_scanned, one.cost.credits, one.cost.money)
    runs = f"{one.runs:,} run{'s' if one.runs > 1 else ''}"
    return [one.title, runs, *(cell(part) if part is not None else "" for part in parts)]
