"""What kinds of values the expressions of a statement have, as its own engine types them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlglot import exp

from sqlopt.query.bind.model import BoundTo, SourceKind
from sqlopt.rewrite.prove.pair import identity
from sqlopt.rewrite.prove.types import Kind, kind_of
from sqlopt.warehouses.semantics import Cell, Number, semantics

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlopt.query.bind.model import Output, Scope, Source
    from sqlopt.query.query import Query
    from sqlopt.rewrite.prove.pair import Pair

WHOLE: Final = frozenset({Kind.INTEGER, Kind.BIGINT})
NUMBERS: Final = (Kind.INTEGER, Kind.BIGINT, Kind.DECIMAL, Kind.DOUBLE)
"""From the narrowest to the widest."""
_BY_NUMBER = {Number.INTEGER: Kind.BIGINT, Number.DECIMAL: Kind.DECIMAL, Number.DOUBLE: Kind.DOUBLE}
_DEEPEST = 60
_COUNTS = (exp.Count, exp.CountIf, exp.RowNumber, exp.Rank, exp.DenseRank, exp.Ntile, exp.IntDiv)
_LENGTHS = (exp.Length, exp.StrPosition, exp.Year, exp.Month, exp.Day, exp.Quarter, exp.Sign)
_TEXTS = (exp.Upper, exp.Lower, exp.Substring, exp.Trim, exp.Concat, exp.ConcatWs, exp.DPipe, exp.Replace, exp.Left,
          exp.Right, exp.TimeToStr, exp.Pad, exp.GroupConcat)  # fmt: skip
_DATES = (exp.Date, exp.TsOrDsToDate, exp.CurrentDate, exp.StrToDate)
_SAME = (exp.Paren, exp.Neg, exp.Min, exp.Max, exp.AnyValue, exp.FirstValue, exp.LastValue, exp.NthValue, exp.Lag,
         exp.Lead, exp.Abs, exp.Filter, exp.Window, exp.IgnoreNulls, exp.RespectNulls, exp.Distinct, exp.Nullif,
         exp.Alias, exp.WithinGroup, exp.DateTrunc)  # fmt: skip
_CONDITIONS = (exp.Predicate, exp.Connector, exp.Not, exp.Boolean, exp.Exists, exp.LogicalAnd, exp.LogicalOr)


class Kinds:
    """The kinds of one statement's expressions; None where they are not known, or NULL alone."""

    def __init__(self, pair: Pair, query: Query) -> None:
        self.pair = pair
        self.query = query
        self.semantics = semantics(pair.dialect)
        self._depth = 0

    def of(self, node: exp.Expr | None) -> Kind | None:
        """Return the kind of an expression that stands in the statement's own tree."""
        if node is None or self._depth > _DEEPEST:
            return None
        self._depth += 1
        try:
            found = self._of(node)
            # SQLite's decimals are whole numbers or floats, value by value.
            dynamic = found is Kind.DECIMAL and self.semantics.decimal_division.only(Number.INTEGER)
            return None if dynamic else found
        finally:
            self._depth -= 1

    def _of(self, node: exp.Expr) -> Kind | None:  # noqa: C901, PLR0912 - one line a case
        if isinstance(node, exp.Column):
            return self._column(node)
        if isinstance(node, exp.Literal):
            return self._literal(node)
        if isinstance(node, _SAME):
            return self.of(node.this if not isinstance(node, exp.Distinct) else node.expressions[0])
        if isinstance(node, exp.Sum):
            return self._total(node.this)
        if isinstance(node, exp.Avg):
            return self._average(node.this)
        if isinstance(node, exp.Cast):
            return kind_of(node.to.sql(), "")[0]
        if isinstance(node, (exp.Add, exp.Sub, exp.Mul, exp.Mod)):
            return self._arithmetic(node)
        if isinstance(node, (exp.Div, exp.SafeDivide)):
            return self.quotient(self.of(node.this), self.of(node.expression))
        if isinstance(node, (exp.Coalesce, exp.Greatest, exp.Least)):
            if node.args.get("is_null") and self.semantics.ifnull_keeps_first_type.value:
                return self.of(node.this)
            return widest(map(self.of, (node.this, *node.expressions)))
        if isinstance(node, (exp.Case, exp.If)):
            return self._chosen(node)
        if isinstance(node, exp.Extract):
            return Kind.DECIMAL if self.pair.dialect == "postgres" else Kind.INTEGER
        if isinstance(node, exp.Subquery):
            scope = self.query.scope_of(node.this)
            return self._output(scope, 0) if scope is not None else None
        for classes, kind in (
            (_COUNTS, Kind.BIGINT),
            (_LENGTHS, Kind.INTEGER),
            (_TEXTS, Kind.TEXT),
            (_DATES, Kind.DATE),
            (_CONDITIONS, Kind.BOOLEAN),
        ):
            if isinstance(node, classes):
                return kind
        return None

    def quotient(self, one: Kind | None, other: Kind | None) -> Kind | None:
        """Return the kind of one value divided by another."""
        if one in WHOLE and other in WHOLE:
            return _number(self.semantics.integer_division)
        both = widest((one, other)) if one is not None and other is not None else None
        return _number(self.semantics.decimal_division) if both is Kind.DECIMAL else both

    def _column(self, node: exp.Column) -> Kind | None:
        binding = self.query.binding(node)
        if binding is None or binding.path or binding.to is BoundTo.ROW:
            return None
        if binding.source is not None:
            return self._of_source(binding.source, binding.name)
        return self.of(binding.expr)

    def _of_source(self, source: Source, name: str) -> Kind | None:
        name = source.renames.get(name, name)
        if source.pivots is not None:
            return None
        if source.inner is not None:
            place = source.inner.position(name)
            return self._output(source.inner, place) if place is not None else None
        if source.kind is not SourceKind.TABLE:
            return None
        relation = self.pair.relations.get(identity(source))
        place = relation.position(name) if relation is not None else None
        if relation is None or place is None:
            return None
        field = relation.fields[place]
        if (
            field.precise is not None
            and field.precise.this in exp.DataType.REAL_TYPES
            and field.kind in WHOLE
        ):
            return Kind.DECIMAL
        return field.kind

    def _output(self, scope: Scope, place: int) -> Kind | None:
        if self._depth > _DEEPEST:
            return None
        if scope.branches and not scope.recursive:
            return widest(self._output(one, place) for one in scope.branches)
        if scope.open or place >= len(scope.outputs) or scope.branches:
            return None
        output: Output = scope.outputs[place]
        if output.expr is not None:
            return self.of(output.expr)
        if output.source is None or output.path:
            return None
        self._depth += 1
        try:
            return self._of_source(output.source, output.column)
        finally:
            self._depth -= 1

    def _literal(self, node: exp.Literal) -> Kind | None:
        text = node.name
        if node.is_string:
            return Kind.TEXT
        if text.isdigit():
            return Kind.INTEGER if int(text) < 2**31 else Kind.BIGINT
        return Kind.DOUBLE if "e" in text.casefold() else _number(self.semantics.fraction_literal)

    def _total(self, node: exp.Expr) -> Kind | None:
        kind = self.of(node)
        cells = {
            Kind.INTEGER: self.semantics.sum_of_integers,
            Kind.BIGINT: self.semantics.sum_of_bigints,
            Kind.DECIMAL: self.semantics.sum_of_decimals,
        }
        return _number(cells[kind]) if kind in cells else kind

    def _average(self, node: exp.Expr) -> Kind | None:
        kind = self.of(node)
        if kind in WHOLE:
            return _number(self.semantics.average_of_integers)
        return _number(self.semantics.average_of_decimals) if kind is Kind.DECIMAL else kind

    def _arithmetic(self, node: exp.Expr) -> Kind | None:
        one, other = self.of(node.this), self.of(node.expression)
        if one is None or other is None or one not in NUMBERS or other not in NUMBERS:
            if Kind.TEXT in (one, other) and isinstance(node, exp.Add) and one is other:
                return Kind.TEXT
            return one if one is Kind.DATE and other in WHOLE else None
        return widest((one, other))

    def _chosen(self, node: exp.Expr) -> Kind | None:
        branches = node.args["ifs"] if isinstance(node, exp.Case) else [node]
        last = node.args.get("default" if isinstance(node, exp.Case) else "false")
        values = [one.args["true"] for one in branches] + ([last] if last is not None else [])
        return widest(self.of(one) for one in values if not isinstance(one, exp.Null))


def widest(kinds: Iterable[Kind | None]) -> Kind | None:
    """Return the kind that values of all these kinds become; None where one is unknown, or they don't go together."""
    found = set(kinds)
    if len(found) == 1:
        return found.pop()
    if not found or not found <= set(NUMBERS):
        return None
    return max((one for one in found if one is not None), key=NUMBERS.index)


def _number(cell: Cell[Number]) -> Kind | None:
    return _BY_NUMBER[cell.value] if cell.value is not None else None
