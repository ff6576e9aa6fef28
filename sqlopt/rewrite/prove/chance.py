"""What a statement leaves to chance: row choice without an order, ties, random values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.values.volatility import dependence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query.query import Query

_RANDOM = (exp.Rand, exp.Randn, exp.Randstr, exp.Uuid, exp.NextValueFor)
_PICKING = (exp.AnyValue, exp.First, exp.Last, exp.ArgMax, exp.ArgMin)
_GATHERING = (exp.ArrayAgg, exp.GroupConcat, exp.ArrayUniqueAgg)
_RANKING = (exp.RowNumber, exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue, exp.NthValue, exp.Ntile)


def random_part(query: Query) -> str | None:
    """Return the first random part of a statement, or None; its two runs can't be compared."""
    for node in query.tree.walk():
        if isinstance(node, _RANDOM):
            return query.text(node)
        if isinstance(node, exp.Anonymous) and not node.expressions and dependence(node, frozenset()) is None:
            return query.text(node)
        if isinstance(node, exp.TableSample):
            return "a sample of rows"
    return None


def choices(query: Query) -> Iterator[str]:
    """Yield what the engine may choose freely in a statement, in words."""
    for node in query.tree.walk():
        if isinstance(node, exp.Query) and (node.args.get("limit") or node.args.get("offset")):
            if node.args.get("order") is None:
                yield "LIMIT without ORDER BY"
            else:
                yield "LIMIT, where rows tie in its ORDER BY"
        elif isinstance(node, _PICKING):
            yield f"{node.sql_name()} of a group"
        elif isinstance(node, _GATHERING) and node.find(exp.Order) is None:
            yield f"{node.sql_name()} without ORDER BY"
        elif isinstance(node, _RANKING):
            yield f"{node.sql_name()}, where rows tie"
        elif isinstance(node, exp.Distinct) and node.args.get("on") is not None:
            yield "DISTINCT ON, where rows tie"
