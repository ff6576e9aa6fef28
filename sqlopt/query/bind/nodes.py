"""Small questions about nodes of a tree that every room asks: names folded, conjuncts, queries in parentheses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

if TYPE_CHECKING:
    from collections.abc import Iterator

QUERIES = (exp.Select, exp.SetOperation)
# What makes a query in parentheses more than the query itself.
_OF_ITS_OWN = ("with_", "joins", "laterals", "pivots", "sample", "limit", "offset", "order", "alias")


def fold(node: exp.Expr | str | None) -> str:
    """Return an identifier's name, case-folded; empty for none."""
    if node is None:
        return ""
    return (node if isinstance(node, str) else node.name).casefold()


def unwrap(node: exp.Expr | None) -> exp.Expr:
    """Take away parentheses around a query that add nothing to it."""
    while isinstance(node, (exp.Subquery, exp.Paren)) and not any(node.args.get(key) for key in _OF_ITS_OWN):
        node = node.this
    return node if node is not None else exp.Null()


def alias_columns(node: exp.Expr) -> tuple[str, ...]:
    """Return the columns that an alias lists: ``AS t(a, b)``."""
    alias = node.args.get("alias")
    if not isinstance(alias, exp.TableAlias):
        return ()
    return tuple(fold(one) for one in alias.args.get("columns") or ())


def conjuncts(node: exp.Expr | None) -> Iterator[exp.Expr]:
    """Yield the parts of a conjunction, left to right, without recursion and without parentheses."""
    stack = [node] if node is not None else []
    while stack:
        one = stack.pop()
        if isinstance(one, exp.And):
            stack.append(one.expression)
            stack.append(one.this)
        elif isinstance(one, exp.Paren) and isinstance(one.this, (exp.And, exp.Paren)):
            stack.append(one.this)
        else:
            yield one


def is_query(node: exp.Expr) -> bool:
    """Whether ``node`` is a query, perhaps in parentheses."""
    while isinstance(node, (exp.Subquery, exp.Paren)):
        node = node.this
    return isinstance(node, QUERIES)
