"""The types of expressions, as the text and the catalog say them: what decides how an operation computes.

Two values that are equal may still divide, round or print differently: 1 and 1.0, an INTEGER and a BIGINT whose SUM
PostgreSQL makes a NUMERIC. An operation for which that matters carries its operands' types, so that it is the same
only for the same types. A type is a text: two that are alike are the same type; what is not known is named by where
it comes from, and so is like itself only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.model import BoundTo, SourceKind
from sqlopt.rewrite.prove.pair import Unsupported, identity
from sqlopt.rewrite.prove.words import word
from sqlopt.warehouses.semantics import Number, semantics

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlopt.query.bind.model import Scope, Source
    from sqlopt.query.query import Query
    from sqlopt.rewrite.prove.pair import Pair
    from sqlopt.warehouses.semantics import Cell

WHOLE = ("int1", "int2", "int3", "int4", "int8", "int16")
"""Whole numbers by their bytes, each fitting into those that follow."""
DOUBLE = "double"
_WHOLES = {
    exp.DType.TINYINT: "int1", exp.DType.SMALLINT: "int2", exp.DType.MEDIUMINT: "int3", exp.DType.INT: "int4",
    exp.DType.BIGINT: "int8", exp.DType.INT128: "int16", exp.DType.SMALLSERIAL: "int2", exp.DType.SERIAL: "int4",
    exp.DType.BIGSERIAL: "int8",
}  # fmt: skip
_TEXTS = frozenset({exp.DType.TEXT, exp.DType.VARCHAR, exp.DType.NVARCHAR})
_TEXTUAL = (
    exp.Upper,
    exp.Lower,
    exp.Substring,
    exp.Trim,
    exp.Concat,
    exp.DPipe,
    exp.Replace,
    exp.Left,
    exp.Right,
)
_CONDITIONS = (
    exp.Connector, exp.Not, exp.Predicate, exp.Boolean, exp.Is, exp.NullSafeEQ, exp.NullSafeNEQ, exp.StartsWith,
)  # fmt: skip
_FOUR_BYTES, _EIGHT_BYTES = 1 << 31, 1 << 63
EXACT_EXPONENTS = frozenset({"postgres", "redshift"})
"""Dialects where a constant with an exponent is a decimal. PostgreSQL 18.6: run; Redshift is one of it."""
FLOATING_POINTS = frozenset({"bigquery", "sqlite", "hive", "spark2", "presto", "athena"})
"""Dialects where a constant with a point is, or may be, a binary float.

https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical#floating_point_literals,
https://www.sqlite.org/lang_expr.html#literal_values_constants_ (checked 2026-12-01); of the others it is not known.
"""


def number_type(text: str, dialect: str) -> str:
    """Return the type of a number as it is written: by its size, or by its digits after the point."""
    if text.isdigit():
        value = int(text)
        return "int4" if value < _FOUR_BYTES else "int8" if value < _EIGHT_BYTES else "decimal 0"
    if "e" in text.lower():
        return f"decimal {text}" if dialect in EXACT_EXPONENTS else DOUBLE
    return DOUBLE if dialect in FLOATING_POINTS else f"decimal {len(text.partition('.')[2])}"


def declared_type(kind: exp.DataType, dialect: str) -> str:
    """Return a declared type; texts without padding are one."""
    if kind.this in _WHOLES and not kind.expressions:
        return _WHOLES[kind.this]
    if kind.this in _TEXTS:
        return "text"
    if kind.this is exp.DType.DOUBLE:
        return DOUBLE
    return kind.sql(dialect).lower()


def joined_type(found: Iterable[str]) -> str:
    """Return the type that values of several types get in one column."""
    kinds = {part for one in found for part in one.split(" ~ ")} - {"null"}
    if kinds and kinds <= set(WHOLE):
        return max(kinds, key=WHOLE.index)
    return " ~ ".join(sorted(kinds)) or "null"


def is_exact(kind: str) -> bool:
    """Whether a type is one of whole numbers or decimals, which hold each other's values."""
    return kind in WHOLE or kind.startswith(("decimal", "numeric"))


class Types:
    """The types of one statement's expressions. Raises `Unsupported` where a name can't be followed."""

    def __init__(self, pair: Pair, query: Query) -> None:
        self.pair = pair
        self.query = query
        self.cells = semantics(pair.dialect)
        self._known: dict[int, str] = {}

    def of(self, node: exp.Expr) -> str:
        """Return an expression's type."""
        found = self._known.get(id(node))
        if found is None:
            found = self._known[id(node)] = self._of(node)
        return found

    def column(self, source: Source, name: str) -> str:
        """Return the type of a FROM item's column."""
        name = source.renames.get(name, name)
        if source.inner is not None:
            return self.output(source.inner, source.inner.position(name))
        if source.kind is SourceKind.TABLE:
            key = identity(source)
            place = self.pair.relations[key].position(name)
            field = self.pair.relations[key].fields[place] if place is not None else None
            if field is not None and field.precise is not None and self.pair.dialect != "sqlite":
                return declared_type(field.precise, self.pair.catalog.dialect or self.pair.dialect)
            return f"of {key}.{name}"
        if source.kind is SourceKind.VALUES and name in source.columns:
            values = source.node if isinstance(source.node, exp.Values) else source.node.find(exp.Values)
            place = source.columns.index(name)
            rows = values.expressions if values is not None else []
            items = [one.expressions if isinstance(one, exp.Tuple) else [one] for one in rows]
            if items and all(place < len(one) for one in items):
                return joined_type(self.of(one[place]) for one in items)
        raise Unsupported(f"the type of {name} is not known")

    def output(self, scope: Scope, place: int | None) -> str:
        """Return the type of a query's output."""
        if scope.recursive or place is None:
            raise Unsupported("a recursive query")
        if scope.branches:
            return joined_type(self.output(one, place) for one in scope.branches)
        if place >= len(scope.outputs):
            raise Unsupported("branches of different widths")
        output = scope.outputs[place]
        if output.expr is not None:
            return self.of(output.expr)
        if output.source is None or output.path:
            raise Unsupported("a column that is not known")
        return self.column(output.source, output.column)

    def _of(self, node: exp.Expr) -> str:  # noqa: C901 - one case a class
        if isinstance(
            node, (exp.Paren, exp.Alias, exp.Neg, exp.Filter, exp.IgnoreNulls, exp.Window, exp.Distinct)
        ):
            return self.of(node.expressions[0] if isinstance(node, exp.Distinct) else node.this)
        if isinstance(node, exp.Column):
            return self._named(node)
        if isinstance(node, exp.Literal):
            return "text" if node.is_string else number_type(node.name, self.pair.dialect)
        if isinstance(node, exp.Null):
            return "null"
        if isinstance(node, (exp.Query, exp.Subquery)):
            scope = self.query.scope_of(node.unnest())
            return self.output(scope, 0) if scope is not None else self._unknown(node)
        if isinstance(node, exp.Cast):
            return declared_type(node.to, self.pair.dialect)
        if isinstance(node, (exp.Case, exp.If, exp.Coalesce)):
            return joined_type(map(self.of, _choices(node)))
        if isinstance(node, (exp.Nullif, exp.Max, exp.Min)):
            return self.of(node.this)
        if isinstance(node, (exp.Add, exp.Sub, exp.Mul, exp.Div)):
            return self._computed(node)
        if isinstance(node, (exp.Sum, exp.Avg)):
            return self._aggregated(node)
        if isinstance(node, (exp.Count, exp.CountIf, exp.RowNumber, exp.Rank, exp.DenseRank)):
            return "int8"
        if isinstance(node, _CONDITIONS):
            return "bool"
        return "text" if isinstance(node, _TEXTUAL) else self._unknown(node)

    def _unknown(self, node: exp.Expr) -> str:
        """Return a function's type: the same for the same function of the same types."""
        parts = [type(node).__name__, word(self.query, node)]
        for key, value in sorted(node.args.items()):
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, (exp.Var, exp.DataType, exp.Identifier)) or not isinstance(one, exp.Expr):
                    parts.append(f"{key}={one}")
                else:
                    parts.append(f"{key} {self.of(one)}")
        return f"({', '.join(parts)})"

    def _named(self, node: exp.Column) -> str:
        binding = self.query.binding(node)
        if binding is not None and not binding.path:
            if binding.to is BoundTo.ALIAS and binding.expr is not None:
                return self.of(binding.expr)
            if binding.to is BoundTo.COLUMN and binding.source is not None:
                return self.column(binding.source, binding.name)
        raise Unsupported(f"the type of {node.sql()} is not known")

    def _computed(self, node: exp.Expr) -> str:
        sides = [self.of(node.this), self.of(node.expression)]
        whole = set(sides) <= set(WHOLE)
        if isinstance(node, exp.Div):
            known = self._number(self.cells.integer_division) if whole else None
            if known is not None:
                return joined_type(sides) if known == "int" else known
        elif whole:
            return joined_type(sides)
        return DOUBLE if set(sides) == {DOUBLE} else f"({sides[0]} {type(node).__name__} {sides[1]})"

    def _aggregated(self, node: exp.Expr) -> str:
        inner = self.of(node.this)
        name = type(node).__name__.lower()
        if inner in WHOLE:
            cells = self.cells
            cell = cells.average_of_integers
            if name == "sum":
                cell = (
                    cells.sum_of_bigints
                    if WHOLE.index(inner) > WHOLE.index("int4")
                    else cells.sum_of_integers
                )
            known = self._number(cell)
            if known is not None:
                return "int8" if known == "int" else known
        return DOUBLE if inner == DOUBLE else f"{name}({inner})"

    @staticmethod
    def _number(cell: Cell[Number]) -> str | None:
        """Return the type of a result whose kind alone is known; None for decimals, whose digits are not."""
        return (
            {Number.INTEGER: "int", Number.DOUBLE: DOUBLE}.get(cell.value) if cell.value is not None else None
        )


def _choices(node: exp.Expr) -> list[exp.Expr]:
    """Return the expressions of which a CASE, an IF or a COALESCE gives one."""
    if isinstance(node, exp.Coalesce):
        return [node.this, *node.expressions]
    if isinstance(node, exp.If):
        return [one for one in (node.args["true"], node.args.get("false")) if one is not None]
    found = [one.args["true"] for one in node.args["ifs"]]
    default = node.args.get("default")
    return [*found, default] if default is not None else found
