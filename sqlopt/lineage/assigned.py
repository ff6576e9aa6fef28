"""Columns that SET assigns in UPDATE, MERGE and upserts: what they are called, and what feeds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.lineage.uses import fields
from sqlopt.query.bind.nodes import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sqlopt.lineage.feeds import Tracer
    from sqlopt.lineage.uses import Feeds
    from sqlopt.query.bind.model import Scope

    Root = Callable[[exp.Expr | None], Scope | None]

Assigned = tuple[str, "Feeds"]
"""A column, case-folded, with what feeds it. A field of a struct is called ``address.city``."""


def assigned(
    several: Iterable[exp.Expr], tracer: Tracer, root: Root, target: tuple[str, ...]
) -> Iterator[Assigned]:
    """Yield each column that ``several`` assignments set.

    ``root`` gives the scope of a query; ``target`` are the names, case-folded, that the target may be called by.
    """
    for one in several:
        if not isinstance(one, (exp.EQ, exp.PropertyEQ)):
            continue
        if isinstance(one.this, exp.Tuple):
            yield from _several(one, tracer, root, target)
        else:
            yield column_name(one.this, target), tracer.expression(one.expression)


def _several(one: exp.Expr, tracer: Tracer, root: Root, target: tuple[str, ...]) -> Iterator[Assigned]:
    """``SET (a, b) = (SELECT x, y ...)`` or ``= (x, y)``."""
    right = one.expression
    scope = root(right)
    for place, name in enumerate(one.this.expressions):
        if scope is not None and place < len(scope.outputs):
            yield column_name(name, target), tracer.output(scope, place)
        elif isinstance(right, exp.Tuple) and place < len(right.expressions):
            yield column_name(name, target), tracer.expression(right.expressions[place])


def column_name(node: exp.Expr, target: tuple[str, ...]) -> str:
    """Return what an assigned column is called: without the target's name, with the fields of a struct."""
    column, path = fields(node)
    if column is None:
        return fold(node)
    parts = [*(fold(one) for one in column.parts), *(one.casefold() for one in path)]
    for cut in range(len(parts) - 1, 0, -1):
        written = ".".join(parts[:cut])
        if any(name == written or name.endswith("." + written) for name in target):
            return ".".join(parts[cut:])
    return ".".join(parts)


def names_of(table: exp.Expr | None) -> tuple[str, ...]:
    """Return the names, case-folded, that a statement's target may be called by: its alias, or else its own."""
    if not isinstance(table, exp.Table):
        return ()
    return (fold(table.alias),) if table.alias else (".".join(fold(part) for part in table.parts),)
