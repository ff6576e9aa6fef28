"""Costs of statements in the words of `sqlopt cost`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.cost.units import human_bytes

if TYPE_CHECKING:
    from sqlopt.cost.estimate import Estimate
    from sqlopt.cost.statement import StatementCost
    from sqlopt.editor.analysis import Analysis, Spot
    from sqlopt.project.costing import CostedStatement

PRICE = "sqlopt.price"
"""The command that asks for `summary`."""
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


def summary(analysis: Analysis) -> dict[str, str] | None:
    """Return what all of a document costs, ``text`` for a status bar and ``detail`` in the words of `sqlopt cost`.

    None where it holds no statement.
    """
    from sqlopt.project.costing import CostReport, terms_of
    from sqlopt.report.cost.words import totals

    if not analysis.costs:
        return None
    terms = terms_of(analysis.project.settings(analysis.document.path))
    report = CostReport(analysis.costs, terms)
    sums = [
        (report.total(unit, monthly=monthly)[0], span)
        for span, monthly in (("a month", True), ("a run", False))
        for unit in ("money", "credits", "bytes_scanned")
    ]
    text = next(
        (f"{figure(one.expected, one.unit)} {span}" for one, span in sums if one is not None), "cost unknown"
    )
    unknown = dict.fromkeys(words for one in analysis.costs for words in one.cost.unknown)
    return {"text": text, "detail": "\n".join([*totals(report), *(f"unknown: {one}" for one in unknown)])}


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
