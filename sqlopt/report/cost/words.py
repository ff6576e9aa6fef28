"""The cells of a cost report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.cost.estimate import Basis
from sqlopt.report.words import amount

if TYPE_CHECKING:
    from sqlopt.cost.estimate import Estimate
    from sqlopt.project.costing import CostedStatement, CostReport

HEADS = ("bytes", "rows", "credits", "money", "a month", "the warehouse says")
_SMALL = 0.01


def quantity(value: float, unit: str) -> str:
    """Return a quantity for people; what is less than a cent is not shown as nothing."""
    if unit in ("bytes", "rows"):
        return amount(value, unit).removesuffix(" rows")
    if 0 < value < _SMALL:
        return f"<0.01 {unit}"
    return f"{value:,.2f} {unit}"


def cell(found: Estimate | None) -> str:
    """Return an estimate: what is expected, with a tilde where it is assumed, and the ends where they differ."""
    if found is None:
        return "unknown"
    middle = quantity(found.expected, found.unit)
    ends = [quantity(one, found.unit).split(" ")[0] for one in (found.low, found.high)]
    mark = "~" if found.basis is Basis.ASSUMED else ""
    if quantity(found.low, found.unit) == quantity(found.high, found.unit):
        return mark + middle
    if found.unit == "bytes":
        ends = [quantity(one, found.unit) for one in (found.low, found.high)]
    return f"{mark}{middle} ({ends[0]} to {ends[1]})"


def cells(one: CostedStatement) -> list[str]:
    """Return the cells of a statement, by `HEADS`."""
    cost = one.cost
    shown = [cost.bytes_scanned, cost.rows, cost.credits, cost.money or cost.planner_cost]
    found = [cell(part) for part in shown]
    if cost.rows is not None:  # their range is in the other formats
        found[1] = quantity(cost.rows.expected, "rows")
    if cost.credits is None:
        found[2] = ""
    if cost.money is None and cost.planner_cost is None:
        found[3] = "unknown" if cost.bytes_scanned is None else ""
    if one.runs is None:
        return [*found, "", answer(one)]
    unit = next((name for name in ("money", "credits") if getattr(cost, name) is not None), "bytes_scanned")
    return [*found, cell(one.monthly(unit)), answer(one)]


def answer(one: CostedStatement) -> str:
    """Return what the warehouse expects of a statement, where it was asked."""
    if one.refusal:
        return "refused"
    if one.answer is None:
        return ""
    totals = one.answer.totals
    rows = next((root.estimated_rows for root in one.answer.roots if root.estimated_rows is not None), None)
    cost = totals.cost if totals.cost is not None else next((root.cost for root in one.answer.roots), None)
    parts = (
        quantity(totals.bytes, "bytes") if totals.bytes is not None else "",
        f"{rows:,.0f} rows" if rows is not None else "",
        f"{cost:,.2f} planner cost" if cost is not None and totals.bytes is None else "",
    )
    return ", ".join(filter(None, parts))


def title(one: CostedStatement) -> str:
    """Return what a statement is and where it stands."""
    name = f" {one.name}" if one.name else ""
    variant = f" ({one.variant})" if one.variant else ""
    runs = f", {one.runs:,.4g} runs a month" if one.runs is not None else ""
    return f"{one.path}:{one.line}{name}{variant}{runs}"


def totals(report: CostReport) -> list[str]:
    """Return the sums as sentences: a run of each statement, and a month."""
    found = []
    for words, monthly in (("a run of each", False), ("a month", True)):
        parts = []
        for unit in ("bytes_scanned", "credits", "money"):
            total, missing = report.total(unit, monthly=monthly)
            if total is not None:
                without = (
                    f", without {missing:,} of unknown price" if missing and unit == "bytes_scanned" else ""
                )
                parts.append(cell(total) + without)
        if parts:
            found.append(f"{words}: {'; '.join(parts)}")
    return found
