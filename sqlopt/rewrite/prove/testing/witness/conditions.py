"""What makes a condition true: the rows that its subqueries need, and what must hold of values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.nodes import QUERIES, conjuncts
from sqlopt.rewrite.prove.testing.witness.sketch import Opaque

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.rewrite.prove.testing.witness.reading import Reader
    from sqlopt.rewrite.prove.testing.witness.rows import Row

_OPPOSITES: dict[type[exp.Expr], type[exp.Expr]] = {exp.And: exp.Or, exp.Or: exp.And}


def hold(reader: Reader, node: exp.Expr, row: Row, *, negated: bool = False) -> None:
    """Add what makes a condition true, or false, for a row; what is out of reach is left out."""
    for one in [node] if negated else conjuncts(node):
        reader.guarded(_hold, reader, one, row, negated)


def _hold(reader: Reader, node: exp.Expr, row: Row, negated: bool) -> None:
    while isinstance(node, (exp.Paren, exp.Not)):
        negated ^= isinstance(node, exp.Not)
        node = node.this
    if isinstance(node, (exp.And, exp.Or)):
        kind = _OPPOSITES[type(node)] if negated else type(node)
        sides = list(_alternatives(node))
        if kind is exp.Or:
            sides = [sides[reader.choices.pick((*reader.path, id(node)), [1] * len(sides))]]
        for side in sides:
            hold(reader, side, row, negated=negated)
    elif isinstance(node, exp.Exists) or (isinstance(node, exp.In) and node.args.get("query") is not None):
        if not negated:  # else there is hardly ever such a row by chance
            _member(reader, node, row)
    elif isinstance(node.args.get("expression"), (exp.Any, exp.All)):
        _require(reader, _quantified(reader, node, row), negated=negated)
    else:
        _require(reader, reader.term(node, row), negated=negated)


def _require(reader: Reader, found: exp.Expr, *, negated: bool) -> None:
    reader.sketch.conditions.append(exp.Not(this=exp.paren(found, copy=False)) if negated else found)


def _member(reader: Reader, node: exp.Expr, row: Row) -> None:
    result = reader.result(node.this if isinstance(node, exp.Exists) else node.args["query"], row.frame)
    if isinstance(node, exp.In):
        this = node.this.unnest()
        items = this.expressions if isinstance(this, exp.Tuple) else [this]
        for item, value in zip(items, result.values, strict=False):
            reader.sketch.conditions.append(exp.EQ(this=reader.term(item, row), expression=value()))


def _quantified(reader: Reader, node: exp.Expr, row: Row) -> exp.Expr:
    inner = node.expression.this
    inner = inner.unnest() if isinstance(inner, exp.Expr) else inner
    if not isinstance(inner, QUERIES):
        raise Opaque
    value = reader.result(inner, row.frame).values[0]()
    return type(node)(this=reader.term(node.this, row), expression=value)


def _alternatives(node: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the parts of a chain of one connector."""
    stack = [node.expression, node.this]
    while stack:
        one = stack.pop()
        if type(one) is type(node):
            stack += [one.expression, one.this]
        else:
            yield one
