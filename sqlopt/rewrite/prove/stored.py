"""Statements that are no queries, compared by the rows that decide what they do.

What stores a query's rows (CREATE TABLE AS, views, INSERT ... SELECT) does the same where the query gives the same
rows under the same names, in the same order if it has one, and all else is the same text. What changes rows in place
does the same where it meets the same rows, with the same new values: those are put into a query. Of MERGE only its
source may differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rewrite.prove.pair import Unsupported
from sqlopt.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlopt.query.query import Query


def queries(before: Query, after: Query) -> tuple[str, str]:
    """Return the texts of two queries that are equal only if the statements do the same.

    Raises `Unsupported` where no such are known.
    """
    kinds = (exp.Create, exp.Insert, exp.Update, exp.Delete, exp.Merge)
    if type(before.tree) is not type(after.tree) or not isinstance(before.tree, kinds):
        names = (type(one.tree).__name__.upper() for one in (before, after))
        raise Unsupported(f"no two queries: {' and '.join(names)}")
    parts = [_parts(one) for one in (before, after)]
    if _rest(before, parts[0][1]) != _rest(after, parts[1][1]):
        raise Unsupported(
            "the statements differ outside of the query that they store or the rows that they change"
        )
    if _stored_names(before) != _stored_names(after):
        raise Unsupported("the columns that are stored may get other names")
    return parts[0][0], parts[1][0]


def _stored_names(query: Query) -> list[str]:
    """Return the names that stored columns take from the query; none where they are given, or stored by position."""
    tree = query.tree
    named = isinstance(tree, exp.Create) or tree.args.get("by_name")
    scope = query.scope_of(_body(tree.args.get("expression"))) if named else None
    if scope is None:
        return []
    # What an expression without alias is called is the engine's choice, many take its text.
    return [
        query.text(one.expr)
        if one.expr is not None
        and not isinstance(one.expr, (exp.Column, exp.Dot))
        and not isinstance(one.expr.parent, exp.Alias)
        else one.name
        for one in scope.outputs
    ]


def _body(tree: exp.Expr | None) -> exp.Expr:
    while isinstance(tree, (exp.Subquery, exp.Paren)):
        tree = tree.this
    return tree if tree is not None else exp.Null()


def _parts(query: Query) -> tuple[str, list[exp.Expr]]:
    """Return the query that stands for a statement, and the nodes of its text that are in it."""
    tree = query.tree
    if isinstance(tree, (exp.Create, exp.Insert)):
        return _rows_stored(query, tree)
    if isinstance(tree, exp.Merge):
        source = tree.args.get("using")
        if not isinstance(source, exp.Subquery):
            raise Unsupported("the source of MERGE is no query")
        inner = source.this
        return _with(query, query.text(inner)), [*_ctes(query), inner]
    return _rows_changed(query)


def _rows_stored(query: Query, tree: exp.Expr) -> tuple[str, list[exp.Expr]]:
    inner = tree.args.get("expression")
    if isinstance(tree, exp.Create) and str(tree.args.get("kind")).upper() not in ("TABLE", "VIEW"):
        inner = None
    body = _body(inner)
    if not isinstance(inner, exp.Expr) or not isinstance(body, (exp.Select, exp.SetOperation)):
        raise Unsupported(f"a {type(tree).__name__.upper()} without a query")
    if tree.args.get("returning") is not None or tree.args.get("conflict") is not None:
        raise Unsupported("what it returns, or does on a conflict, is not compared")
    ctes = _ctes(query)
    if ctes and body.args.get("with_") is not None:
        raise Unsupported("CTEs before INSERT and in its query")
    return _with(query, query.text(inner)), [*ctes, inner]


def _rows_changed(query: Query) -> tuple[str, list[exp.Expr]]:
    """Return the query of all rows that UPDATE or DELETE meets, with the new values."""
    tree = query.tree
    if any(tree.args.get(key) for key in ("returning", "order", "limit", "tables", "cluster")):
        raise Unsupported("what it returns, or which of the rows it takes, is not compared")
    target, where = tree.this, tree.args.get("where")
    others = tree.args.get("using") if isinstance(tree, exp.Delete) else tree.args.get("from_")
    if not isinstance(target, exp.Table) or target.args.get("joins"):
        raise Unsupported("several tables are named as the one that is changed")
    if others is not None and query.dialect in ("tsql", "fabric"):
        raise Unsupported("the table that is changed may be one of FROM")
    tables = [query.text(target), *(query.text(one) for one in _tables(others))]
    values: list[exp.Expr] = []
    if isinstance(tree, exp.Update):
        if not all(isinstance(one, exp.EQ) for one in tree.expressions):
            raise Unsupported("SET of something else than single columns")
        values = [one.expression for one in tree.expressions]
    items = ", ".join(["*", *(query.text(one) for one in values)])
    text = f"SELECT {items} FROM {', '.join(tables)}"  # noqa: S608 - it is read, and run in a database of its own
    if where is not None:
        text += f" WHERE {query.text(where.this)}"
    # A statement without WHERE and one with it differ in that word alone.
    inside = [*_ctes(query), *values, *([where] if where is not None else [])]
    return _with(query, text), inside


def _tables(others: exp.Expr | list[exp.Expr] | None) -> Iterable[exp.Expr]:
    found = [others.this] if isinstance(others, exp.From) else others or []
    for one in found if isinstance(found, list) else [found]:
        if not isinstance(one, exp.Table) or one.args.get("joins") or one.args.get("laterals"):
            raise Unsupported("what it is joined with is more than tables")
        yield one


def _ctes(query: Query) -> list[exp.Expr]:
    found = query.tree.args.get("with_")
    return [found] if isinstance(found, exp.With) else []


def _with(query: Query, text: str) -> str:
    return " ".join([*(query.text(one) for one in _ctes(query)), text])


def _rest(query: Query, inside: list[exp.Expr]) -> list[str]:
    """Return the words of a statement outside of some of its nodes, each of which leaves its place."""
    spans = sorted(query.span(one) for one in inside)
    words = []
    for token in query.tokens:
        place = Span(token.start, token.end + 1)
        within = next((number for number, one in enumerate(spans) if one.covers(place)), None)
        if within is None:
            words.append(place.of(query.source))
        elif not words or words[-1] != "\0":
            words.append("\0")
    return [one for one in words if one != "\0"] if isinstance(query.tree, exp.Delete) else words
