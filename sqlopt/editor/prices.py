"""Costs of statements in the words of `sqlopt cost`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.cost.units import human_bytes

if TYPE_CHECKING:
    from sqlopt.cost.estimate import Estimate
    from sqlopt.cost.statement import StatementCost
    from sqlopt.editor.analysis import Analysis, Spot
    from sqlopt.project.costing import CostedStatement

_CENT = 0.01


def costed(analysis: Analysis, spot: Spot) -> CostedStatement | None:
    """Return the price of a statement as `sqlopt cost` gives it; None for one that is not of the present text."""
    place = spot.reading.place(spot.query.statement.span)
    if spot.moved is not None:
        return None
    variant = spot.reading.script.variant
    return next(
        (one for one in analysis.costs if one.cost.span == place and one.variant == variant),
        None,
    )


def cost_of(analysis: Analysis, spot: Spot) -> StatementCost | None:
    """Return what a run of a statement costs."""
    found = costed(analysis, spot)
    return found.cost if found is not None else None


def priced(found: StatementCost) -> str:
    """Return a price in a line: bytes, rows and money, each as a range where it is one."""
    parts = [
        between(one)
        for one in (found.bytes_scanned, found.rows, found.credits, found.money, found.planner_cost)
        if one is not None
    ]
    return ", ".join(parts) or "not known"


def between(one: Estimate) -> str:
    """Return an estimate: its expected value, with its ends where they differ, marked ``~`` where assumed."""
    low, expected, high = (figure(value, one.unit) for value in (one.low, one.expected, one.high))
    mark = "~" if str(one.basis) == "assumed" else ""
    return f"{mark}{expected}" if low == high else f"{mark}{expected} ({low} to {high})"


def figure(value: float, unit: str) -> str:
    """Return one figure with its unit."""
    if unit == "bytes":
        return human_bytes(value)
    if unit in ("rows", "planner cost"):
        return f"{value:,.0f} {unit}"
    return f"<{_CENT} {unit}" if 0 < value < _CENT else f"{value:,.2f} {unit}"
