"""The blocks of a statement around a change: where one of them keeps its rows, the statement keeps its result.

A block is a query inside the statement that depends on no row outside of it. The CTEs that it reads are put in as
tables of which nothing is known but their columns' names, so what holds of the block holds whatever they are. The
rest of the statement need not be understood, nor run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.catalog import Catalog, Column, Table
from sqlopt.query.bind.model import BoundTo, ScopeKind, SourceKind
from sqlopt.rewrite.edits import Edit, edited
from sqlopt.rewrite.prove.chance import choices
from sqlopt.span import Span, changed_middle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query
    from sqlopt.query.bind.model import Scope, Source

_PART = "sqlopt_part"
_ENDS = ("limit", "offset", "fetch", "with_")


@dataclass(frozen=True, slots=True)
class Block:
    """A block before and after, with the catalog that knows the CTEs it reads.

    ``same_items`` says that what it selects is the same text, so that its columns have the same types.
    """

    before: str
    after: str
    catalog: Catalog
    same_items: bool


def blocks(before: Query, after: Query) -> Iterator[Block]:
    """Yield the blocks around what differs between two statements, the innermost first, without the whole."""
    start, tail = changed_middle(before.source, after.source)
    stretch = Span(start, len(before.source) - tail)
    shift = len(after.source) - len(before.source)
    theirs = {after.span(one.node): one for one in after.scopes if isinstance(one.node, exp.Query)}
    unordered = not any(True for one in (before, after) for _ in choices(one))
    mine = [
        (before.span(one.node), one)
        for one in before.scopes
        if isinstance(one.node, exp.Query) and one.node is not before.tree
    ]
    for span, scope in sorted(mine, key=lambda each: each[0].end - each[0].start):
        other = theirs.get(Span(span.start, span.end + shift))
        if (
            not span.covers(stretch)
            or other is None
            or _names(scope) is None
            or _names(scope) != _names(other)
        ):
            continue
        sides = [_closed(before, scope, span), _closed(after, other, Span(span.start, span.end + shift))]
        if sides[0] is None or sides[1] is None or sides[0].keys() != sides[1].keys():
            continue
        tables = [_table(name, source) for name, source in sides[0].items()]
        if any(one is None for one in tables):
            continue
        texts = [
            # What is stored, or is the result, may be wanted in its order.
            _text(query, one, sources or {}, unordered=unordered and one.kind is not ScopeKind.ROOT)
            for query, one, sources in ((before, scope, sides[0]), (after, other, sides[1]))
        ]
        known = before.catalog
        catalog = Catalog(
            (*known.tables.values(), *(one for one in tables if one is not None)),
            known.dialect,
            known.default_database,
            known.default_schema,
        )
        yield Block(texts[0], texts[1], catalog, _items(before, scope) == _items(after, other))


def _names(scope: Scope) -> list[str] | None:
    """Return the names of what a block gives; None where one has none of its own, or not all are known."""
    names = [one.name for one in scope.outputs]
    named = all(
        one.expr is None or isinstance(one.expr, exp.Column) or isinstance(one.expr.parent, exp.Alias)
        for one in scope.outputs
    )
    return names if named and all(names) and not scope.open else None


def _items(query: Query, scope: Scope) -> list[str]:
    return [query.text(one) for select in scope.node.find_all(exp.Select) for one in select.expressions]


def _closed(query: Query, scope: Scope, span: Span) -> dict[str, Source] | None:
    """Return the CTEs from outside that a block reads, by name; None where it depends on more than those."""
    for column in query.nodes(exp.Column):
        if span.covers(query.span(column)):
            binding = query.binding(column)
            if binding is None or binding.to is BoundTo.UNRESOLVED:
                return None
            if binding.source is not None and not span.covers(query.span(binding.source.scope.node)):
                return None
    found: dict[str, Source] = {}
    for source in query.sources:
        if not span.covers(query.span(source.node)) or source.node is scope.node:
            continue
        inner = source.inner
        if inner is None or span.covers(query.span(inner.node)):
            continue
        name = str(source.node.name).casefold()
        known = found.get(name)
        plain = isinstance(source.node, exp.Table) and source.kind is SourceKind.QUERY
        more = {key for key, value in source.node.args.items() if value} - {"this", "alias"}
        if not plain or more or source.renames or inner.recursive or (known and known.inner is not inner):
            return None
        found[name] = source
    return found


def _table(name: str, source: Source) -> Table | None:
    """Return a CTE as a table of which nothing but the columns' names is known."""
    outputs = source.inner.outputs if source.inner is not None else []
    names = [one.name for one in outputs]
    if source.inner is None or source.inner.open or not all(names) or len(set(names)) < len(names):
        return None
    return Table(f"{_PART}_{name}", {one: Column(one) for one in names})


def _text(query: Query, scope: Scope, sources: dict[str, Source], *, unordered: bool) -> str:
    """Return a block's text over those tables; without its order, where nothing depends on that."""
    span = query.span(scope.node)
    edits = []
    for source in query.sources:
        place = query.span(source.node)
        name = str(source.node.name).casefold()
        if name not in sources or not span.covers(place) or source.inner is not sources[name].inner:
            continue
        identifier = query.span(source.node.this)
        written = identifier.of(query.source)
        alias = "" if source.node.args.get("alias") is not None else f" AS {written}"
        edits.append(Edit(_within(identifier, span), f"{_PART}_{name}{alias}"))
    order = scope.node.args.get("order")
    if unordered and isinstance(order, exp.Order) and not any(scope.node.args.get(one) for one in _ENDS):
        edits.append(Edit(_within(query.span(order), span), ""))
    return edited(span.of(query.source), edits)


def _within(place: Span, span: Span) -> Span:
    return Span(place.start - span.start, place.end - span.start)
