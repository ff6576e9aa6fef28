"""A derived table taken out of its FROM clause into a CTE of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.model import SourceKind
from sqlopt.query.text.parse import parse
from sqlopt.rewrite.edits import Edit
from sqlopt.span import Span

if TYPE_CHECKING:
    from sqlopt.editor.analysis import Analysis, Spot
    from sqlopt.query.bind.model import Source


def extraction(analysis: Analysis, span: Span) -> tuple[str, list[Edit]] | None:
    """Return the CTE's name and the edits that take the innermost derived table around ``span`` out.

    None where there is no derived table, where it reads from the query around it, or where its text is not the
    document's own.
    """
    spot = analysis.spot(span.start)
    if spot is None or spot.moved is not None or not spot.reading.script.source_map.is_identity:
        return None
    source = _around(spot, span)
    if source is None:
        return None
    query = spot.query
    inner = query.span(source.node)
    body = _indented(query.text(source.node.this), verbatim=_spans_lines(spot, inner))
    name = _free_name(spot, source)
    if _reads_outside(spot, inner):
        return None
    before = _before(spot, inner)
    if before is None:
        return None
    place, prefix, suffix = before
    alias = f" AS {source.name}" if source.name and source.name != name else ""
    edits = [Edit(Span(place, place), f"{prefix}{name} AS (\n{body}\n){suffix}"), Edit(inner, name + alias)]
    return (name, edits) if _still_read(spot, edits) else None


def _still_read(spot: Spot, edits: list[Edit]) -> bool:
    """Whether the statement can be read with the edits made."""
    text, span = spot.query.source, spot.query.statement.span
    pieces, at = [""], span.start
    for edit in sorted(edits, key=lambda one: one.span):
        pieces += (text[at : edit.span.start], edit.text)
        at = edit.span.end
    found = parse("".join((*pieces, text[at : span.end])), spot.query.dialect)
    return len(found) == 1 and found[0].error is None


def _around(spot: Spot, span: Span) -> Source | None:
    found = [
        one
        for one in spot.query.sources
        if one.kind is SourceKind.QUERY
        and not one.is_cte
        and isinstance(one.node, exp.Subquery)
        and isinstance(one.node.this, exp.Query)
        and not one.renames
        and not one.pivoted
        and isinstance(one.node.parent, exp.From | exp.Join)
        and isinstance(one.scope.node, exp.Select)
        and spot.query.span(one.node).covers(span)
    ]
    return min(
        found, key=lambda one: spot.query.span(one.node).end - spot.query.span(one.node).start, default=None
    )


def _free_name(spot: Spot, source: Source) -> str:
    """Return a name that no table, CTE or alias of the statement has but the derived table itself."""
    alias = source.node.args.get("alias")
    wanted = alias.name if alias is not None and alias.name else "extracted"
    taken = {one.alias.casefold() for one in spot.query.nodes(exp.CTE)}
    taken |= {one.table_name.rsplit(".", 1)[-1].casefold() for one in spot.query.sources}
    name, number = wanted, 2
    while name.casefold() in taken:
        name, number = f"{wanted}_{number}", number + 1
    return name


def _reads_outside(spot: Spot, inner: Span) -> bool:
    """Whether a column in the derived table is one of the query around it."""
    query = spot.query
    for column in query.nodes(exp.Column):
        if inner.covers(query.span(column)):
            binding = query.binding(column)
            if binding is None or binding.source is None:
                continue
            if not inner.covers(query.span(binding.source.node)):
                return True
    return False


def _before(spot: Spot, inner: Span) -> tuple[int, str, str] | None:
    """Return where the CTE goes, and what stands around it: after the CTEs that it may read."""
    query = spot.query
    top = query.tree if isinstance(query.tree, exp.Query) else query.tree.find(exp.Query)
    if top is None:
        return None
    with_ = top.args.get("with_") or query.tree.args.get("with_")
    if with_ is None:
        start = query.span(top).start
        return (start, "WITH ", "\n") if query.span(top).covers(inner) else None
    if with_.args.get("recursive"):
        return None
    for one in with_.expressions:
        if query.span(one).covers(inner):
            return query.span(one).start, "", ",\n"
    return query.span(with_.expressions[-1]).end, ",\n", ""


def _spans_lines(spot: Spot, inner: Span) -> bool:
    """Whether a string or name in the span goes over several lines, whose blanks are part of it."""
    text = spot.query.source
    return any(
        inner.start <= token.start and token.end < inner.end and "\n" in text[token.start : token.end + 1]
        for token in spot.query.tokens
    )


def _indented(body: str, *, verbatim: bool) -> str:
    if verbatim:
        return body
    lines = body.strip().splitlines()
    margins = [len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()]
    cut = min(margins, default=0)
    return "\n".join("  " + (line if number == 0 else line[cut:]) for number, line in enumerate(lines))
