"""One form for what sqlglot writes in two: every tree is settled once, before anybody reads it.

1. A negated predicate is `exp.Not` around the plain one. The parsers of some dialects write ``negate=True`` on
   `exp.Is`, `exp.Like` and `exp.ILike` instead, others do not. The word stays where two engines differ: in front
   of ANY and ALL, and on a row (``(a, b) IS NOT NULL`` is no negation of ``(a, b) IS NULL`` in PostgreSQL 18).
2. A NOT inside of what binds closer stands in brackets, so that the tree can be written as SQL.
3. ``x <> ALL (SELECT ...)`` is NOT IN, as which Snowflake's parser reads it, and the other way round.

What one node says by its arguments is asked here, too: `bounds` of a BETWEEN, `row_limit` of a query.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp
from sqlglot.tokenizer_core import TokenType

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["RowLimit", "bounds", "is_row", "negation", "row_limit", "sample", "settled", "strict_operands"]

_SETTLED = frozenset({exp.Is, exp.Like, exp.ILike, exp.NEQ, exp.Not})
_TOKENS = (TokenType.NOT, TokenType.NOTNULL, TokenType.ALL)
# What binds closer than NOT, so that one inside of it needs brackets.
_TIGHT = (exp.Binary, exp.Unary, exp.Between, exp.In, exp.Bracket)
_LOOSE = (exp.Connector, exp.Not, exp.Paren)


def settled(tree: exp.Expr, kinds: Collection[TokenType] | None = None) -> exp.Expr:
    """Return ``tree`` in its one form; it is changed in place, its root perhaps replaced.

    ``kinds`` are those of the tokens that it was parsed from, where they are known: most statements hold nothing
    that could stand in two forms, and need no look.
    """
    if kinds is not None and not any(one in kinds for one in _TOKENS):
        return tree
    for node in [one for one in tree.walk(bfs=False) if type(one) in _SETTLED]:
        replaced = None
        if isinstance(node, exp.Not):
            _bracketed(node)
        elif isinstance(node, exp.NEQ):
            replaced = _in_query(node)
        elif node.args.get("negate"):
            replaced = _plain(node)
        if replaced is not None and replaced[0] is tree:
            tree = replaced[1]
    return tree


def _plain(node: exp.Expr) -> tuple[exp.Expr, exp.Expr] | None:
    """Turn ``negate`` into a NOT around the node, and around its ESCAPE; return what was replaced by what."""
    if (isinstance(node, exp.Is) and is_row(node.this)) or isinstance(
        node.args.get("expression"), (exp.Any, exp.All)
    ):
        return None
    node.set("negate", None)
    return _negate(node.parent if isinstance(node.parent, exp.Escape) else node)


def is_row(node: exp.Expr) -> bool:
    """Whether an expression makes a row: ``(a, b)``, ``ROW(a, b)``."""
    node = node.unnest()
    called = isinstance(node, exp.Anonymous) and node.name.upper() == "ROW"
    return called or isinstance(node, (exp.Tuple, exp.Struct))


def _negate(whole: exp.Expr) -> tuple[exp.Expr, exp.Expr]:
    outer = exp.Not()
    whole.replace(outer)
    outer.set("this", whole)
    _bracketed(outer)
    return whole, outer


def _bracketed(node: exp.Not) -> None:
    """Put a NOT into brackets where what stands around it binds closer: ``(NOT a LIKE 'x') = b``."""
    if isinstance(node.parent, _TIGHT) and not isinstance(node.parent, _LOOSE):
        inside = exp.Paren()
        node.replace(inside)
        inside.set("this", node)


def _in_query(node: exp.Expr) -> tuple[exp.Expr, exp.Expr] | None:
    """Turn ``x <> ALL (SELECT ...)`` into NOT IN."""
    every = node.expression
    if not isinstance(every, exp.All) or not isinstance(every.this, exp.Query):
        return None
    query = every.this
    inside = exp.In(
        this=node.this, query=query if isinstance(query, exp.Subquery) else exp.Subquery(this=query)
    )
    inside.comments = node.comments
    node.replace(inside)
    _, outer = _negate(inside)
    return node, outer


def negation(node: exp.Expr) -> tuple[exp.Expr, bool]:
    """Return a condition without its parentheses and NOTs, and whether it stands negated."""
    negated = False
    while isinstance(node, (exp.Paren, exp.Not)):
        negated ^= isinstance(node, exp.Not)
        node = node.this
    return node, negated


_COMPARISONS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Like, exp.ILike)


def strict_operands(node: exp.Expr) -> tuple[exp.Expr, ...]:
    """Return the operands of one condition of which none is NULL where it is true.

    ``x = ALL (...)``, and NOT IN a query, are true for no rows whatever ``x`` is, and so have none.
    """
    node, negated = negation(node)
    if isinstance(node, exp.Is):
        holds = negated if isinstance(node.expression, exp.Null) else not negated
        asked = isinstance(node.expression, (exp.Null, exp.Boolean)) and not node.args.get("negate")
        return (node.this,) if holds and asked else ()
    if isinstance(node, exp.In):
        return (node.this,) if node.expressions or not negated else ()
    if isinstance(node, exp.Between):
        return (node.this,)
    if not isinstance(node, _COMPARISONS):
        return ()
    if isinstance(node.expression, (exp.Any, exp.All)):
        return (node.this,) if isinstance(node.expression, exp.Any) and not negated else ()
    return (node.this, node.expression)


def bounds(node: exp.Expr) -> tuple[tuple[exp.Expr, exp.Expr], ...]:
    """Return the pairs of low and high of which one must hold; BETWEEN SYMMETRIC takes its bounds either way."""
    low, high = node.args["low"], node.args["high"]
    return ((low, high), (high, low)) if node.args.get("symmetric") else ((low, high),)


def sample(node: exp.Expr) -> exp.Expr | None:
    """Return the sample that is taken of a FROM item, wherever it is written; None where all of it is read.

    TABLESAMPLE stands with the table; DuckDB's USING SAMPLE and ClickHouse's SAMPLE with the SELECT, and there
    they are of all that FROM gives.
    """
    own = node.args.get("sample")
    if isinstance(own, exp.Expr):
        return own
    around = node.find_ancestor(exp.Select, exp.Subquery)
    found = around.args.get("sample") if around is not None else None
    return found if isinstance(found, exp.Expr) else None


@dataclass(frozen=True, slots=True)
class RowLimit:
    """How many rows a query keeps: of LIMIT, TOP and FETCH alike.

    ``count`` is what is written, None for ``FETCH FIRST ROW ONLY``. ``most`` is the number of rows that are kept if
    there are so many; None where that is not a plain number: a parameter, LIMIT ALL, a share of the rows (PERCENT),
    rows beside them (WITH TIES), or so many of each group (ClickHouse's LIMIT n BY x).
    """

    node: exp.Expr
    count: exp.Expr | None
    most: int | None


def row_limit(query: exp.Expr) -> RowLimit | None:
    """Return what limits the rows of a query, without its OFFSET; None where nothing does."""
    node = query.args.get("limit")
    if node is None:
        return None
    count = node.args.get("count") if isinstance(node, exp.Fetch) else node.args.get("expression")
    options = node.args.get("limit_options")
    more = options is not None and (options.args.get("percent") or options.args.get("with_ties"))
    most = None
    if not more and not node.expressions:
        if count is None:
            most = 1
        elif isinstance(count, exp.Literal) and not count.is_string and count.name.isdigit():
            most = int(count.name)
    return RowLimit(node, count, most)
