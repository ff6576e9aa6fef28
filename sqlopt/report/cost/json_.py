"""A cost report as JSON: every statement with all its estimates, the totals, the prices used."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlopt.project.costing import UNITS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.project.costing import CostReport


def render(report: CostReport, top: int | None = None) -> Iterator[str]:
    """Yield the report."""
    totals: dict[str, Any] = {}
    for name, monthly in (("run", False), ("month", True)):
        for unit in UNITS:
            found, missing = report.total(unit, monthly=monthly)
            totals.setdefault(name, {})[unit] = {
                "sum": found.to_dict() if found is not None else None,
                "statements_not_in_it": missing,
            }
    data = {
        "statements": [one.to_dict() for one in report.statements[:top]],
        "totals": totals,
        "because": list(report.because),
        "problems": list(report.problems),
        "unread": [{"path": path, "line": line, "what": what} for path, line, what in report.unread],
    }
    yield json.dumps(data, indent=2, allow_nan=False, default=str) + "\n"
