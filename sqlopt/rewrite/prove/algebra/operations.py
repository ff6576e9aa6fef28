"""Operations that compute: arithmetic, casts and functions, each with the types that it computes with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.values.volatility import CLOCK_NAMES
from sqlopt.rewrite.prove.algebra.comparisons import Comparisons
from sqlopt.rewrite.prove.algebra.dates import moment, shifted
from sqlopt.rewrite.prove.algebra.functions import DETERMINISTIC
from sqlopt.rewrite.prove.algebra.typed import DOUBLE, WHOLE, declared_type
from sqlopt.rewrite.prove.logic.terms import (
    NO,
    NULL,
    NUMBERS,
    YES,
    Node,
    case,
    cmp,
    const,
    fn,
    integer,
    joined,
    kind_of,
)
from sqlopt.rewrite.prove.pair import Unsupported
from sqlopt.rewrite.prove.types import Kind
from sqlopt.rewrite.prove.types import kind_of as kind_of_type
from sqlopt.rewrite.prove.words import word
from sqlopt.warehouses.semantics import Failure, Number

if TYPE_CHECKING:
    from sqlopt.rewrite.prove.algebra.frames import Frame

_TEXTS = (
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
_WHOLES = (exp.Length, exp.Year, exp.Month, exp.Day, exp.Quarter)
_SMALLEST = {"int1": 2**7, "int2": 2**15, "int4": 2**31, "int8": 2**63}
_PARTS = frozenset({"YEAR", "QUARTER", "MONTH", "DAY", "HOUR", "MINUTE"})
"""Parts of dates that are whole numbers, whatever type they are given in."""
_MOVING = frozenset({"duckdb", "postgres"})
"""Dialects where a date plus an interval is a timestamp: PostgreSQL's documentation, 9.9 "Date/Time Functions and
Operators"; DuckDB 1.5.5, run on 2026-12-01."""
_COUNTING = frozenset({"mysql", "duckdb", "postgres"})
"""Dialects where a truth value is the whole number 1 or 0: https://dev.mysql.com/doc/refman/8.4/en/comparison-operators.html
(checked 2026-12-01); PostgreSQL 18.6 and DuckDB 1.5.5, run on 2026-12-01."""
_BUILT_IN = {"mysql": frozenset({"unix_timestamp"})}
"""Functions that the syntax tree has no class for, of their arguments alone where they have any: MySQL's manual,
"Date and Time Functions"; a function of the user's of the same name has to be called with its schema's ("Function
Name Parsing and Resolution"; checked 2026-12-01)."""
_DAY = ("const", "date")
_MOMENTS = frozenset({exp.DType.TIMESTAMP, exp.DType.TIMESTAMPNTZ, exp.DType.DATETIME, exp.DType.DATETIME2})
_UNTYPED = frozenset({"text", "date", "bool", "null"})
"""Kinds whose values say all that a function sees of them."""
CLOCKS = (exp.CurrentDate, exp.CurrentTimestamp, exp.CurrentTimestampLTZ, exp.UtcDate, exp.UtcTimestamp,
           exp.Localtimestamp, exp.CurrentDatetime, exp.CurrentTime)  # fmt: skip


class Operations(Comparisons):
    """Translates what computes; `value` translates the operands."""

    def value(self, node: exp.Expr, frame: Frame) -> Node:
        """Return an expression's value."""
        raise NotImplementedError

    def _typed(self, operator: str, *nodes: exp.Expr) -> Node:
        """Return what an operation computes with, besides the values: their types."""
        return const("type", f"{operator} {', '.join(map(self.types.of, nodes))}")

    def _arithmetic(self, name: str, node: exp.Expr, frame: Frame) -> Node:
        if isinstance(node.expression, exp.Interval) and self.dialect in _MOVING and name in ("+", "-"):
            day = self.value(node.this, frame)
            moved = shifted(day[2], node.expression, 1 if name == "+" else -1) if day[:2] == _DAY else None
            if moved is not None:
                return moved
        one, other = self.value(node.this, frame), self.value(node.expression, frame)
        kinds = {kind_of(one), kind_of(other)} - {"null"}
        kind = joined(list(kinds)) if kinds <= NUMBERS else f"?{self.types.of(node)}"
        if kind == "int":
            safe = self.cells.integer_overflow.value in (Failure.ERROR, Failure.WIDENS)
            if safe or one[0] == other[0] == "const":
                return fn(name, kind, (one, other))
            kind = "num"
        sides = [node.this, node.expression]
        if name in ("+", "*"):
            sides.sort(key=self.types.of)
        return fn(name, kind, (one, other, self._typed(name, *sides)))

    def _division(self, node: exp.Div, frame: Frame) -> Node:
        one, other = self.value(node.this, frame), self.value(node.expression, frame)
        if one[:2] == other[:2] == ("const", "int") and other[2] and one[2] % other[2] == 0:
            return integer(one[2] // other[2])  # nothing is left over: every engine gives the same number
        kind = f"?{self.types.of(node)}"
        if {self.types.of(node.this), self.types.of(node.expression)} <= set(WHOLE):
            found = self.cells.integer_division.value
            if found is Number.INTEGER and {kind_of(one), kind_of(other)} == {"int"}:
                return fn("/", "int", (one, other))
            kind = {Number.DECIMAL: "num", Number.DOUBLE: "float"}.get(found, kind) if found else kind
        elif self.types.of(node) == DOUBLE:
            kind = "float"
        return fn("/", kind, (one, other, self._typed("/", node.this, node.expression)))

    def _cast(self, node: exp.Cast, frame: Frame) -> Node:
        if any(node.args.get(key) for key in ("format", "default", "action")):
            raise Unsupported("a cast with a format")
        inner = self.value(node.this, frame)
        if inner == NULL:
            return NULL
        kind, precise = kind_of_type(node.to.sql(self.dialect), self.dialect)
        of, exact = kind_of(inner), precise is not None and not precise.expressions
        known = {
            Kind.INTEGER: "int", Kind.BIGINT: "int", Kind.DATE: "date", Kind.BOOLEAN: "bool", Kind.TIMESTAMP: "ts",
            Kind.DOUBLE: "float", Kind.DECIMAL: "num", Kind.TEXT: "text",
        }  # fmt: skip
        target = known.get(kind)
        if precise is not None and kind is Kind.BIGINT and precise.this in exp.DataType.REAL_TYPES:
            target = "num"
        if inner[:2] == ("const", "text") and exact:
            digits = self.cells.fraction_digits.value or 0
            plain = target == "date" or (target == "ts" and node.to.this in _MOMENTS)
            read = moment(inner[2], str(target), digits) if plain else None
            if read is not None:
                return read
        if of == target and (
            (target == "int" and self._fits(inner, node))
            or target in ("date", "bool")
            or (target == "text" and exact and self._unbounded(node.to))
        ):
            return inner
        if (of, target) == ("bool", "int") and self.dialect in _COUNTING:
            ones, zeros = cmp("=", inner, YES), cmp("=", inner, NO)
            return case(((ones, integer(1)), (zeros, integer(0))), NULL)
        if target == "date" and of == "ts" and self.dialect != "oracle":
            return fn("day", "date", (inner,))
        typed = "" if of in _UNTYPED else f" of {self.types.of(node.this)}"
        name = f"{type(node).__name__} {node.to.sql(self.dialect).upper()}{typed}"
        return fn(name, target or f"?{self.types.of(node)}", (inner,))

    def _unbounded(self, target: exp.DataType) -> bool:
        """Whether a text type without a length holds any text."""
        if target.this is exp.DType.TEXT:
            return self.dialect != "redshift"  # there it is a VARCHAR(256)
        return target.this in (exp.DType.VARCHAR, exp.DType.NVARCHAR) and self.cells.varchar_length.only(0)

    def _fits(self, value: Node, node: exp.Cast) -> bool:
        """Whether a cast keeps every value of a whole number, or fails."""
        target, given = declared_type(node.to, self.dialect), self.types.of(node.this)
        if value[0] == "const":
            return bool(abs(value[2]) < _SMALLEST.get(target, 0))
        if target not in WHOLE or given not in WHOLE:
            return False
        fails = not isinstance(node, exp.TryCast) and self.cells.cast_overflow.only(Failure.ERROR)
        return fails or WHOLE.index(given) <= WHOLE.index(target)

    def _function(self, node: exp.Expr, frame: Frame) -> Node:
        """Return a function whose value depends on its arguments alone."""
        if isinstance(node, CLOCKS) or (
            isinstance(node, exp.Anonymous) and node.name.casefold() in CLOCK_NAMES
        ):
            written = f"{word(self.reader.query, node)} {node.sql()}"
            return fn(f"clock {written}", f"?clock {written}", ())
        if type(node).__name__ not in DETERMINISTIC and not self._built_in(node):
            raise Unsupported(f"no rule knows {type(node).__name__}")
        names: list[str] = [type(node).__name__, word(self.reader.query, node)]
        arguments: list[Node] = []
        for key, found in sorted(node.args.items()):
            found = self._parts(node) if isinstance(node, exp.Concat) and key == "expressions" else found  # noqa: PLW2901
            for one in found if isinstance(found, list) else [found]:
                if isinstance(one, (exp.Var, exp.DataType, exp.Identifier)) or not isinstance(one, exp.Expr):
                    if one is not None and one is not False:
                        names.append(f"{key}={one.sql() if isinstance(one, exp.Expr) else one}")
                else:
                    value = self.value(one, frame)
                    typed = "" if kind_of(value) in _UNTYPED else f" of {self.types.of(one)}"
                    names.append(f"{key}{typed}")
                    arguments.append(value)
        return fn(*_named(node, names, self.types.of(node)), tuple(arguments))

    def _built_in(self, node: exp.Expr) -> bool:
        known = _BUILT_IN.get(self.dialect, frozenset())
        return isinstance(node, exp.Anonymous) and bool(node.expressions) and node.name.casefold() in known

    def _parts(self, node: exp.Concat) -> list[exp.Expr]:
        """Return what a CONCAT of texts puts together, with the parts of a CONCAT in it.

        1. It is known whether one NULL makes it NULL, or is left out. 2. All arguments are texts without padding.
        3. The inner one is called by the same word.
        """
        if not self.cells.concat.known or any(self.types.of(one) != "text" for one in node.expressions):
            return list(node.expressions)
        found: list[exp.Expr] = []
        rest = {key: value for key, value in node.args.items() if key != "expressions"}
        for one in node.expressions:
            inner = one.unnest()
            same = isinstance(inner, exp.Concat) and rest == {
                key: value for key, value in inner.args.items() if key != "expressions"
            }
            same = same and word(self.reader.query, inner) == word(self.reader.query, node)
            parts = self._parts(inner) if same else [one]
            texts = all(self.types.of(part) == "text" for part in parts)
            found += parts if texts else [one]
        return found


def _named(node: exp.Expr, names: list[str], type_: str) -> tuple[str, str]:
    """Return how a function is called among the nodes, and its value's kind."""
    if isinstance(node, (exp.Upper, exp.Lower)):
        return type(node).__name__.lower(), "text"
    if isinstance(node, (exp.Like, exp.ILike)) and len(names) == 4:  # noqa: PLR2004 - no more than two arguments
        return type(node).__name__.lower(), "bool"
    kind = "text" if isinstance(node, _TEXTS) else "int" if isinstance(node, _WHOLES) else f"?{type_}"
    if isinstance(node, exp.Extract) and node.this.name.upper() in _PARTS:
        kind = "int"
    if isinstance(node, (exp.Like, exp.ILike, exp.StartsWith, exp.RegexpLike)):
        kind = "bool"
    return " ".join(names), kind
