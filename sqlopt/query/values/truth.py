"""SQL's three-valued logic: what a condition can answer where some columns are NULL.

The truth tables are those of the standard, as in
https://www.postgresql.org/docs/current/functions-logical.html (checked 2026-12-01); engines agree on them.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from sqlglot import exp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Answers = frozenset[bool | None]

_ANYTHING: Answers = frozenset({True, False, None})
_UNKNOWN: Answers = frozenset({None})
_NOT_TRUE: Answers = frozenset({False, None})
_COMPARED = (
    exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Like, exp.ILike, exp.RegexpLike, exp.RegexpILike,
    exp.SimilarTo,
)  # fmt: skip
# Functions that answer NULL in every engine when one of their arguments is NULL.
_STRICT = (
    exp.Neg, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.IntDiv, exp.Abs, exp.Round, exp.Floor, exp.Ceil,
    exp.Lower, exp.Upper, exp.Trim, exp.Length, exp.Substring, exp.Left, exp.Right, exp.Year, exp.Month, exp.Day,
    exp.DateTrunc, exp.TimestampTrunc, exp.Extract, exp.Date, exp.TsOrDsToDate,
)  # fmt: skip
# Those that answer NULL when the first is.
_PASSING = (
    exp.Cast, exp.Collate, exp.AtTimeZone, exp.Nullif, exp.JSONExtract, exp.JSONExtractScalar, exp.Bracket,
)  # fmt: skip
_VALUES = (exp.Literal, exp.Boolean, exp.CurrentDate, exp.CurrentTimestamp)


def can_be_true(condition: exp.Expr, null: Callable[[exp.Expr], bool]) -> bool:
    """Whether ``condition`` can be true of a row in which the columns that ``null`` says yes to are NULL."""
    return True in _Row(null).answers(condition)


def quantifier(node: exp.Expr) -> str:
    """Return "any" or "all" for what one of a comparison's sides asks of several values; nothing for a plain side."""
    name = node.name.casefold() if isinstance(node, exp.Anonymous) else ""  # ALL (ARRAY[1]), SOME (ARRAY[1])
    if isinstance(node, exp.Any) or name in ("any", "some"):
        return "any"
    return "all" if isinstance(node, exp.All) or name == "all" else ""


class _Row:
    """A row of which some columns are known to be NULL and nothing else is known."""

    def __init__(self, null: Callable[[exp.Expr], bool]) -> None:
        self.column = null

    def answers(self, node: exp.Expr) -> Answers:
        """All that a condition may answer; too much rather than too little."""
        node = node.unnest()
        if isinstance(node, (exp.And, exp.Or)):
            meet = _and if isinstance(node, exp.And) else _or
            return reduce(meet, (self.answers(one) for one in node.flatten()))
        if isinstance(node, exp.Not):
            return _not(self.answers(node.this))
        if isinstance(node, exp.Boolean):
            return frozenset({bool(node.this)})
        if isinstance(node, (exp.Coalesce, exp.Case, exp.If)):
            return self._chosen(node)
        found = self._predicate(node)
        return _not(found) if node.args.get("negate") else found

    def _predicate(self, node: exp.Expr) -> Answers:
        if isinstance(node, exp.Is):
            return self._is(node)
        if isinstance(node, (exp.NullSafeEQ, exp.NullSafeNEQ)):
            same = self._same(node)
            return same if isinstance(node, exp.NullSafeEQ) else _not(same)
        if isinstance(node, exp.In):
            if not self.null(node.this):
                return _ANYTHING
            # An empty list holds nothing, NULL neither: `NULL NOT IN (no rows)` is true.
            return _UNKNOWN if node.expressions else _NOT_TRUE
        if isinstance(node, exp.Between):
            if self.null(node.this):
                return _UNKNOWN
            return _NOT_TRUE if self.null(node.args["low"]) or self.null(node.args["high"]) else _ANYTHING
        if isinstance(node, _COMPARED):
            return self._compared(node)
        return _UNKNOWN if self.null(node) else _ANYTHING

    def _compared(self, node: exp.Expr) -> Answers:
        sides = (node.this, node.expression)
        asked = {quantifier(one) for one in sides}
        if "all" in asked:
            return _ANYTHING  # true of no rows at all
        if any(self.null(one) for one in sides):
            return _NOT_TRUE if "any" in asked else _UNKNOWN
        # Rows with NULLs inside: in DuckDB 1.5.5 they are structs, and (NULL, 1) = (NULL, 1) is true.
        return _ANYTHING

    def _is(self, node: exp.Is) -> Answers:
        wanted = node.expression.unnest()
        if isinstance(wanted, exp.Null):
            if self.null(node.this):
                return frozenset({True})
            value = node.this.unnest()
            given = isinstance(value, _VALUES) and value.this != ""  # to Oracle a text of no letters is NULL
            return frozenset({False}) if given else frozenset({True, False})
        if isinstance(wanted, exp.Boolean):
            return frozenset(one is bool(wanted.this) for one in self.answers(node.this))
        return _ANYTHING

    def _same(self, node: exp.Expr) -> Answers:
        """IS NOT DISTINCT FROM."""
        nulls = [self.null(one) for one in (node.this, node.expression)]
        if all(nulls):
            return frozenset({True})
        values = [isinstance(one.unnest(), _VALUES) for one in (node.this, node.expression)]
        return frozenset({False}) if any(nulls) and any(values) else frozenset({True, False})

    def _chosen(self, node: exp.Expr) -> Answers:
        """COALESCE, CASE and IF: the answers of the branches that can be taken."""
        if isinstance(node, exp.Coalesce):
            return _first([self.answers(one) for one in (node.this, *node.expressions)])
        found: set[bool | None] = set()
        subject = node.this if isinstance(node, exp.Case) else None
        for one in node.args["ifs"] if isinstance(node, exp.Case) else [node]:
            taken = (
                self.answers(one.this)
                if subject is None
                else _UNKNOWN
                if self.null(subject) or self.null(one.this)
                else _ANYTHING
            )
            if True in taken:
                found |= self.answers(one.args["true"])
            if taken == {True}:
                return frozenset(found)
        default = node.args.get("default" if isinstance(node, exp.Case) else "false")
        return frozenset(found) | (self.answers(default) if default is not None else _UNKNOWN)

    def null(self, node: exp.Expr) -> bool:
        """Whether an expression is sure to be NULL."""
        node = node.unnest()
        if isinstance(node, exp.Null):
            return True
        if isinstance(node, exp.Column):
            return self.column(node)
        if isinstance(node, _STRICT):
            return any(self.null(one) for one in node.iter_expressions() if not isinstance(one, exp.DataType))
        if isinstance(node, _PASSING):
            return self.null(node.this)
        if isinstance(node, exp.Coalesce):
            return all(self.null(one) for one in (node.this, *node.expressions))
        if isinstance(node, (exp.Not, *_COMPARED, exp.Between, exp.In)):
            return self.answers(node) == _UNKNOWN
        return False


def _not(answers: Answers) -> Answers:
    return frozenset(None if one is None else not one for one in answers)


def _and(left: Answers, right: Answers) -> Answers:
    return frozenset(
        False if False in (a, b) else None if None in (a, b) else True for a in left for b in right
    )


def _or(left: Answers, right: Answers) -> Answers:
    return _not(_and(_not(left), _not(right)))


def _first(answers: Iterable[Answers]) -> Answers:
    """The answers of COALESCE: of the first argument that is not NULL."""
    found: set[bool | None] = set()
    for one in answers:
        found |= one - _UNKNOWN
        if None not in one:
            return frozenset(found)
    return frozenset(found | _UNKNOWN)


__all__ = ["can_be_true", "quantifier"]
