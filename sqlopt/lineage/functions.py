"""Functions whose text is known: SQL functions, table functions and macros that a script creates, seen through."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.lineage.edge import ColumnRef, Transformation
from sqlopt.lineage.feeds import Tracer
from sqlopt.lineage.uses import Feeds, add
from sqlopt.lineage.variables import read
from sqlopt.lineage.written import Written
from sqlopt.query.bind.model import BoundTo, Scope, Source
from sqlopt.query.bind.nodes import fold
from sqlopt.query.query import Query
from sqlopt.query.text.parse import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlopt.lineage.feeds import Names
    from sqlopt.query.text.parse import Statement

_ARGUMENT = "\0argument"  # stands for a table in references to a function's own arguments
_KINDS = frozenset({"FUNCTION", "MACRO"})
_TEXTS = (exp.Heredoc, exp.RawString, exp.Literal)


@dataclass(frozen=True, slots=True)
class Body:
    """What a scalar function computes: ``feeds`` may name its arguments."""

    arguments: tuple[str, ...]
    feeds: Feeds


class Functions:
    """The scalar functions of a script, by case-folded last name and number of arguments."""

    def __init__(self) -> None:
        self.bodies: Mapping[tuple[str, int], Body] = {}

    def feeds(self, node: exp.Expr, tracer: Tracer) -> Feeds | None:
        """Return what feeds a call of such a function; None for any other node."""
        if not self.bodies or not isinstance(node, exp.Anonymous):
            return None
        body = self._body(node)
        if body is None:
            return None
        given = dict(zip(body.arguments, node.expressions, strict=False))
        given |= {
            fold(one.this): one.expression
            for one in node.expressions
            if isinstance(one, (exp.PropertyEQ, exp.Kwarg))
        }
        found: Feeds = {}
        for (ref, use), (masked, at) in body.feeds.items():
            if ref.table != _ARGUMENT:
                add(found, {(ref, use): (masked, at)}, Transformation.IDENTITY, node)
            elif ref.column in given:
                add(found, tracer.expression(given[ref.column]), use, node, masked=masked)
        return found

    def _body(self, node: exp.Anonymous) -> Body | None:
        name, count = node.name.casefold(), len(node.expressions)
        exact = self.bodies.get((name, count))
        defaults = (body for (one, more), body in self.bodies.items() if one == name and more > count)
        return exact or next(defaults, None)

    def note(self, query: Query, names: Names) -> Written | None:
        """Take in the function that a statement creates; return the columns of one that gives a table."""
        tree = query.tree
        if not creates(tree):
            return None
        arguments = _arguments(tree)
        inner = _body_query(query, tree)
        if inner is None:
            return None
        tracer = _tracer(inner, names, arguments)
        if _gives_table(tree):
            body = _body(tree) if inner is query else None
            scope = inner.scope_of(body if body is not None else inner.tree)
            return _table(tree, scope, tracer) if scope is not None else None
        body = _body(tree)
        feeds = tracer.expression(body) if inner is query and body is not None else read(tracer).feeds
        self.bodies = {**self.bodies, (_name(tree), len(arguments)): Body(tuple(arguments), feeds)}
        return None


def creates(tree: exp.Expr) -> bool:
    """Whether a statement creates a function or macro."""
    return isinstance(tree, exp.Create) and (tree.kind or "").upper() in _KINDS


def known_arguments(statement: Statement) -> Statement:
    """Return the statement with the arguments of the function that it creates among its variables."""
    tree = statement.tree
    if not isinstance(tree, exp.Create) or not creates(tree):
        return statement
    return replace(statement, variables=statement.variables | frozenset(_arguments(tree)))


def called(source: Source) -> str:
    """Return what the result of a table function in FROM is kept as; empty for other items."""
    node = source.node
    for _ in range(3):  # LATERAL and TABLE( ... ) around the call
        if isinstance(node, exp.Anonymous):
            return f"{node.name}()"
        inner = node.this
        if not isinstance(inner, exp.Expr):
            break
        node = inner
    return f"{node.name}()" if isinstance(node, exp.Anonymous) else ""


def _table(tree: exp.Expr, scope: Scope, tracer: Tracer) -> Written:
    written = Written(f"{_name(tree)}()", influences=_without_arguments(tracer.influences(scope)))
    written.temporary, written.replaces, written.open = True, True, scope.open
    listed = _returned(tree)
    for place, one in enumerate(scope.outputs):
        feeds = _without_arguments(tracer.output(scope, place))
        written.columns.append((listed[place] if place < len(listed) else one.name, feeds))
    for source in tracer.open_stars(scope):
        written.columns.append(("*", tracer.column_of(source, "*", scope.node)))
    return written


def _without_arguments(feeds: Feeds) -> Feeds:
    return {key: held for key, held in feeds.items() if key[0].table != _ARGUMENT}


def _tracer(query: Query, names: Names, arguments: list[str]) -> Tracer:
    """Return a tracer in which the function's arguments stand for themselves."""
    tracer = Tracer(query, names)
    for node in query.nodes(exp.Column, exp.Parameter):
        name = fold(node.parts[0]) if isinstance(node, exp.Column) else fold(node.this)
        if name in arguments and _unbound(query, node):
            ref = ColumnRef(_ARGUMENT, name)
            tracer.given[id(node)] = {(ref, Transformation.IDENTITY): (False, node)}
    return tracer


def _unbound(query: Query, node: exp.Expr) -> bool:
    binding = query.binding(node)
    return binding is None or binding.to in {BoundTo.VARIABLE, BoundTo.UNRESOLVED}


# ---- the parts of CREATE FUNCTION


def _name(tree: exp.Expr) -> str:
    table = tree.this.this if isinstance(tree.this, exp.UserDefinedFunction) else tree.this
    return fold(table)


def _arguments(tree: exp.Expr) -> list[str]:
    several = tree.this.expressions if isinstance(tree.this, exp.UserDefinedFunction) else ()
    return [fold(one.this) if isinstance(one.this, exp.Expr) else fold(one) for one in several]


def _body(tree: exp.Expr) -> exp.Expr | None:
    node = tree.args.get("expression")
    while isinstance(node, (exp.Return, exp.Paren, exp.Subquery)):
        node = node.this
    return node if isinstance(node, exp.Expr) else None


def _properties(tree: exp.Expr) -> Iterator[exp.Expr]:
    holder = tree.args.get("properties")
    yield from holder.expressions if isinstance(holder, exp.Properties) else ()


def _returned(tree: exp.Expr) -> list[str]:
    """The columns that ``RETURNS TABLE (a INT, b INT)`` lists."""
    for one in _properties(tree):
        if isinstance(one, exp.ReturnsProperty) and isinstance(one.this, exp.Schema):
            return [fold(column) for column in one.this.expressions]
    return []


def _gives_table(tree: exp.Expr) -> bool:
    if any(isinstance(one, exp.ReturnsProperty) and one.args.get("is_table") for one in _properties(tree)):
        return True
    # BigQuery's CREATE TABLE FUNCTION: a query that stands there without parentheses.
    return isinstance(tree.args.get("expression"), (exp.Select, exp.SetOperation))


def _body_query(query: Query, tree: exp.Expr) -> Query | None:
    """Return the statement in which the body stands: this one, or the text that it quotes."""
    body = _body(tree)
    if not isinstance(body, _TEXTS):
        return query if body is not None else None
    language = next((one.name for one in _properties(tree) if isinstance(one, exp.LanguageProperty)), "")
    if language.casefold() not in {"", "sql"} or (isinstance(body, exp.Literal) and not body.is_string):
        return None
    text = body.name.strip().rstrip(";")
    if not text.upper().startswith(("SELECT", "WITH")):
        text = f"SELECT {text}"
    found = [one for one in parse(text, query.dialect) if one.tree is not None]
    if len(found) != 1:
        return None
    inner = replace(found[0], variables=query.variables | frozenset(_arguments(tree)))
    made = Query(text, query.dialect, inner, query.catalog, query.today)
    return made if made.scope_of(made.tree) is not None else None
