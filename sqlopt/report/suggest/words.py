"""The sentences of suggestions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.report.cost.words import cell, quantity
from sqlopt.report.words import plural

if TYPE_CHECKING:
    from sqlopt.warehouses.limits import Refusal
    from sqlopt.workload.suggest import Profit, Suggested, Suggestion


def size(one: Suggestion) -> str:
    """Return what a view is and how large: ``table mv_orders: ~1,200 rows in place of 6,000,000``."""
    head = f"{one.made.form} {one.name}"
    if one.rows is None or one.base_rows is None:
        return f"{head}: its size is not known: the catalog lacks rows, or distinct values of its keys"
    stored = f", ~{quantity(one.bytes, 'bytes')}" if one.bytes is not None else ""
    return f"{head}: ~{one.rows:,} rows{stored} in place of {one.base_rows:,}"


def month(one: Suggestion) -> list[str]:
    """Return what a month saves, net, and what of."""
    unit = next((unit for unit in ("money", "credits", "bytes_scanned") if one.net(unit) is not None), None)
    if unit is None:
        return ["saves an unknown amount"]
    parts = [
        f"{cell(one.gross(unit))} saved",
        f"{cell(one.refresh(unit))} for {one.refreshes:,.4g} refreshes",
    ]
    if unit == "money" and one.storage is not None:
        parts.append(f"{cell(one.storage)} of storage")
    lines = [f"a month saves {cell(one.net(unit))} net: {', '.join(parts)}"]
    if unit != "bytes_scanned" and one.net("bytes_scanned") is not None:
        lines.append(f"a month reads {cell(one.net('bytes_scanned'))} less, net of refreshes")
    return lines


def refusal(one: Refusal) -> str:
    """Return why something is refused, with where that is said."""
    return f"no materialized view: {one.reason}; {one.source}"


def verdict(one: Profit) -> str:
    """Return the verdict on a statement, and what it rests on."""
    return f"{one.proof.verdict}: {one.proof.reason}" if one.proof.reason else str(one.proof.verdict)


def saved(one: Profit) -> str:
    """Return what a statement saves a run."""
    for unit in ("money", "credits", "bytes_scanned"):
        found = one.saved(unit)
        if found is not None:
            return f"{cell(found)} a run, {one.runs:,.4g} runs a month"
    return f"an unknown amount a run, {one.runs:,.4g} runs a month"


def summary(found: Suggested) -> str:
    """Return what was looked at and found, in a line."""
    views = plural(len(found.suggestions), "view")
    profits = {(one.path, one.line) for each in found.suggestions for one in each.profits}
    if not found.suggestions:
        return f"no view is worth it for {plural(found.statements, 'statement')}"
    return f"{views} for {len(profits):,} of {plural(found.statements, 'statement')}"
