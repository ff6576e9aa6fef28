"""A cost report as CSV: a line a statement, for spreadsheets."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from sqlopt.project.costing import UNITS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.project.costing import CostReport

_ENDS = ("low", "expected", "high")
_QUANTITIES = ("bytes_scanned", "bytes_billed", "rows", "seconds", "credits", "money")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def render(report: CostReport, top: int | None = None) -> Iterator[str]:
    """Yield the header, then a line a statement; what is not known is empty."""
    head = ["path", "line", "name", "variant", "dialect", "runs_per_month"]
    head += [f"{name}_{end}" for name in _QUANTITIES for end in _ENDS]
    head += [f"{unit}_month" for unit in UNITS]
    yield _line([*head, "currency", "basis", "unknown"])
    for one in report.statements[:top]:
        row: list[object] = [_safe(one.path), one.line, _safe(one.name), one.variant, one.dialect, one.runs]
        for name in _QUANTITIES:
            found = getattr(one.cost, name)
            row += [getattr(found, end) if found is not None else None for end in _ENDS]
        months = [one.monthly(unit) for unit in UNITS]
        row += [month.expected if month is not None else None for month in months]
        money, scanned = one.cost.money, one.cost.bytes_scanned
        row += [
            money.unit if money else None,
            scanned.basis if scanned else None,
            "; ".join(one.cost.unknown),
        ]
        yield _line(row)


def _safe(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _line(row: list[object]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(row)
    return out.getvalue()
