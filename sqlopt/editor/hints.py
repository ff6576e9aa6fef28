"""Inlay hints and code lenses: what `sqlopt cost` says, at the scans, joins and statements that it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from sqlopt.cost.units import human_share
from sqlopt.editor.prices import between, costed
from sqlopt.plan import Kind
from sqlopt.report.words import plural
from sqlopt.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.editor.analysis import Analysis, Spot
    from sqlopt.editor.lineage import ProjectLineage
    from sqlopt.editor.settings import Preferences
    from sqlopt.project.costing import CostedStatement


def inlay_hints(analysis: Analysis, wanted: types.Range, preferences: Preferences) -> list[types.InlayHint]:
    """Return the hints of a part of a document: bytes and partitions at scans, rows at joins."""
    places = analysis.document.places
    part = places.span(wanted)
    found: dict[tuple[int, str], types.InlayHint] = {}
    for spot in analysis.statements():
        price = costed(analysis, spot)
        if price is None:
            continue
        for place, words, why in _hints(spot, price, preferences):
            if part.start <= place <= part.end:
                found.setdefault(
                    (place, words),
                    types.InlayHint(places.position(place), words, tooltip=why, padding_left=True),
                )
    return [found[key] for key in sorted(found)]


def _hints(
    spot: Spot, price: CostedStatement, preferences: Preferences
) -> Iterator[tuple[int, str, str | None]]:
    if preferences.scans:
        for one in price.cost.tables:
            if one.bytes is None:
                continue
            words = between(one.bytes)
            if one.share is not None and one.share < 1:
                words += f", {human_share(one.share)} of its partitions"
            yield one.span.end, words, one.why or None
    if preferences.joins and price.cost.plan is not None and price.cost.plan.roots:
        for operator in price.cost.plan.walk():
            if operator.kind is Kind.JOIN and operator.estimated_rows is not None:
                place = spot.place(operator.span)
                if place is not None:
                    words = f"~{operator.estimated_rows:,.0f} rows"
                    yield place.end, words, "rows that this join is estimated to give"


def lenses(
    analysis: Analysis, preferences: Preferences, lineage: ProjectLineage | None
) -> list[types.CodeLens]:
    """Return the lenses above each statement: its price, its findings, and what reads the table that it fills."""
    places = analysis.document.places
    found: list[types.CodeLens] = []
    seen: set[tuple[int, str]] = set()
    for spot in analysis.statements():
        place = spot.place(spot.query.statement.span)
        if place is None or spot.moved is not None:
            continue
        shown = places.range(Span(place.start, place.start))
        for title in _titles(analysis, spot, place, preferences, lineage):
            if (place.start, title) not in seen:
                seen.add((place.start, title))
                found.append(types.CodeLens(shown, types.Command(title, "")))
    return found


def _titles(
    analysis: Analysis,
    spot: Spot,
    place: Span,
    preferences: Preferences,
    lineage: ProjectLineage | None,
) -> Iterator[str]:
    price = costed(analysis, spot)
    if preferences.price and price is not None:
        words = price_words(price)
        if words:
            variant = spot.reading.script.variant
            yield f"{words} ({variant})" if variant else words
    if preferences.findings:
        count = sum(place.start <= one.span.start < place.end for one in analysis.result.findings)
        if count:
            yield plural(count, "finding")
    if preferences.downstream and lineage is not None:
        for table in dict.fromkeys(_filled(spot)):
            readers = len(lineage.below(table, ""))
            yield f"read by {plural(readers, 'table')}" if readers else "read by no table"


def price_words(price: CostedStatement) -> str:
    """Return what a run and a month of a statement cost."""
    cost = price.cost
    run = cost.money or cost.credits or cost.bytes_scanned or cost.planner_cost
    if run is None:
        return ""
    words = [f"{between(run)} a run"]
    if cost.bytes_scanned is not None and run is not cost.bytes_scanned:
        words.insert(0, between(cost.bytes_scanned))
    month = price.monthly("money") or price.monthly("credits")
    if month is not None:
        words.append(f"{between(month)} a month")
    return ", ".join(words)


def _filled(spot: Spot) -> Iterator[str]:
    """Yield the tables that a statement fills: those it names, or the model's own."""
    from sqlglot import exp

    tree = spot.query.tree
    if isinstance(tree, exp.Create | exp.Insert | exp.Merge):
        target = tree.this.this if isinstance(tree.this, exp.Schema) else tree.this
        if isinstance(target, exp.Table):
            yield ".".join(part.name for part in target.parts)
    elif isinstance(tree, exp.Query) and spot.reading.script.target:
        queries = [one for one in spot.reading.queries if isinstance(one.tree, exp.Query)]
        if queries and queries[-1] is spot.query:
            yield spot.reading.script.target
