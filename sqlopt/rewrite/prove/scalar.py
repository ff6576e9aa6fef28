"""Expressions of a statement as values and formulas.

A condition becomes two formulas: where it is true, and where it is false; elsewhere it is unknown. Values are
compared as they are where their kind makes equal values interchangeable (whole numbers, dates, texts under a
binary collation); others through a key, so that equality of keys never lets one value stand for another.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.model import BoundTo
from sqlopt.query.values.volatility import CLOCK_NAMES
from sqlopt.rewrite.prove.dates import bucketed, moment, part, shifted
from sqlopt.rewrite.prove.functions import DETERMINISTIC
from sqlopt.rewrite.prove.pair import Unsupported
from sqlopt.rewrite.prove.premises import FINITE
from sqlopt.rewrite.prove.terms import (
    NO,
    NULL,
    NUMBERS,
    PLAIN,
    TOP,
    YES,
    Node,
    both,
    case,
    cmp,
    const,
    either,
    fn,
    identity,
    integer,
    interchangeable,
    joined,
    kind_of,
    lift,
    negated,
    nonan,
    notnull,
    null,
    truth,
)
from sqlopt.rewrite.prove.typed import DOUBLE, WHOLE, declared_type, number_type
from sqlopt.rewrite.prove.types import Kind
from sqlopt.rewrite.prove.types import kind_of as kind_of_type
from sqlopt.rewrite.prove.words import word
from sqlopt.warehouses.semantics import Failure, Nan, Number, semantics

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlopt.rewrite.prove.frames import Frame
    from sqlopt.rewrite.prove.read import Reader

_OPERATORS: dict[type[exp.Expr], str] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">="}  # fmt: skip
_OPPOSITES = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_ARITHMETIC: dict[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*"}
_CONDITIONS: tuple[type[exp.Expr], ...] = (
    exp.And, exp.Or, exp.Xor, exp.Not, exp.In, exp.Between, exp.Exists, exp.Is, exp.NullSafeEQ, exp.NullSafeNEQ,
    *_OPERATORS,
)  # fmt: skip
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
_DAY = ("const", "date")
_MOMENTS = frozenset({exp.DType.TIMESTAMP, exp.DType.TIMESTAMPNTZ, exp.DType.DATETIME, exp.DType.DATETIME2})
_UNTYPED = frozenset({"text", "date", "bool", "null"})
"""Kinds whose values say all that a function sees of them."""
CLOCKS = (exp.CurrentDate, exp.CurrentTimestamp, exp.CurrentTimestampLTZ, exp.UtcDate, exp.UtcTimestamp,
           exp.Localtimestamp, exp.CurrentDatetime, exp.CurrentTime)  # fmt: skip


class Scalar:
    """Translates expressions for a `Reader`."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.dialect = reader.pair.dialect
        self.types = reader.types
        self.cells = semantics(self.dialect)
        self.total = self.cells.nan.value in (Nan.ABSENT, Nan.GREATEST)

    # ---- conditions

    def condition(self, node: exp.Expr, frame: Frame) -> tuple[Node, Node]:
        """Return where a condition is true and where it is false."""
        node = node.unnest()
        if isinstance(node, (exp.And, exp.Or)):
            parts = [self.condition(one, frame) for one in node.flatten()]
            held, refused = [one for one, _ in parts], [one for _, one in parts]
            if isinstance(node, exp.And):
                return both(held), either(refused)
            return either(held), both(refused)
        if isinstance(node, exp.Not):
            true, false = self.condition(node.this, frame)
            return false, true
        if type(node) in _OPERATORS:
            return self._comparison(node, frame)
        if isinstance(node, (exp.NullSafeEQ, exp.NullSafeNEQ)):
            one, other = self.value(node.this, frame), self.value(node.expression, frame)
            if self._unordered(one, other):
                raise Unsupported("whether NaN is distinct from NaN")
            equal = either([self.compare("=", one, other), both([null(one), null(other)])])
            return (equal, negated(equal)) if isinstance(node, exp.NullSafeEQ) else (negated(equal), equal)
        if isinstance(node, exp.Is):
            return self._is(node, frame)
        if isinstance(node, exp.In):
            return self._membership(node, frame)
        if isinstance(node, exp.Between):
            return self._between(node, frame)
        if isinstance(node, exp.Exists):
            relation = self.reader.relation(node.this, frame)
            return ("exists", relation), ("none", relation)
        return self.holds(self.value(node, frame))

    def holds(self, value: Node) -> tuple[Node, Node]:
        """Return where a value counts as true, and as false."""
        kind = kind_of(value)
        if kind == "int":
            return cmp("<>", value, integer(0)), cmp("=", value, integer(0))
        if kind not in ("bool", "null"):
            value = fn("truth", "bool", (value,))
        return cmp("=", value, YES), cmp("=", value, NO)

    def _comparison(self, node: exp.Expr, frame: Frame) -> tuple[Node, Node]:
        operator = _OPERATORS[type(node)]
        one, other = node.this.unnest(), node.expression.unnest()
        if isinstance(other, (exp.Any, exp.All)):
            return self._quantified(operator, one, other, frame)
        if isinstance(one, (exp.Any, exp.All)):
            raise Unsupported("ANY or ALL on the left")
        if isinstance(one, exp.Tuple) and isinstance(other, exp.Tuple):
            if operator not in ("=", "<>") or len(one.expressions) != len(other.expressions):
                raise Unsupported("rows compared by order")
            pairs = zip(one.expressions, other.expressions, strict=True)
            values = [(self.value(a, frame), self.value(b, frame)) for a, b in pairs]
            equal, apart = self._rows(values)
            return (equal, apart) if operator == "=" else (apart, equal)
        left, right = self.value(one, frame), self.value(other, frame)
        return self.compare(operator, left, right), self.refused(operator, left, right)

    def _rows(self, pairs: list[tuple[Node, Node]]) -> tuple[Node, Node]:
        """Return where rows are equal, and where they are certainly not."""
        return (
            both([self.compare("=", one, other) for one, other in pairs]),
            either([self.refused("=", one, other) for one, other in pairs]),
        )

    def _quantified(self, operator: str, one: exp.Expr, other: exp.Expr, frame: Frame) -> tuple[Node, Node]:
        listed = other.this.unnest() if isinstance(other, exp.Any) else None
        if isinstance(listed, exp.Array) and operator == "=":
            pairs = [[(self.value(one, frame), self.value(item, frame))] for item in listed.expressions]
            found = [self._rows(pair) for pair in pairs]
            return either([true for true, _ in found]), both([false for _, false in found])
        value = self.value(one, frame)
        relation = self.reader.relation(other.this, frame)
        true = ("exists", _where(relation, lambda row: self.compare(operator, value, row[0])))
        unlike = _OPPOSITES[operator]
        false = ("exists", _where(relation, lambda row: self.compare(unlike, value, row[0])))
        if isinstance(other, exp.Any):
            return true, ("none", _where(relation, lambda row: negated(self.compare(unlike, value, row[0]))))
        return ("none", _where(relation, lambda row: negated(self.compare(operator, value, row[0])))), false

    def _is(self, node: exp.Is, frame: Frame) -> tuple[Node, Node]:
        what = node.expression.unnest()
        if isinstance(what, exp.Null):
            if isinstance(node.this.unnest(), _CONDITIONS):
                true, false = self.condition(node.this, frame)
                known = either([true, false])
                return negated(known), known
            value = self.value(node.this, frame)
            return null(value), notnull(value)
        if isinstance(what, exp.Boolean):
            true, false = self.condition(node.this, frame)
            held = true if what.this else false
            return held, negated(held)
        raise Unsupported("IS with something else than NULL, TRUE or FALSE")

    def _membership(self, node: exp.In, frame: Frame) -> tuple[Node, Node]:
        if node.args.get("unnest") or node.args.get("field") or node.args.get("is_global"):
            raise Unsupported("IN over something else than a list or a query")
        this = node.this.unnest()
        values = [
            self.value(one, frame) for one in (this.expressions if isinstance(this, exp.Tuple) else [this])
        ]
        query = node.args.get("query")
        if query is not None:
            relation = self.reader.relation(query, frame)
            if any(len(term[3]) != len(values) for term in relation):
                raise Unsupported("rows of another width in IN")
            matching = _where(relation, lambda row: self._rows(list(zip(values, row, strict=True)))[0])
            maybe = _where(relation, lambda row: negated(self._rows(list(zip(values, row, strict=True)))[1]))
            return ("exists", matching), ("none", maybe)
        found = []
        for item in node.expressions:
            inner = item.unnest()
            row = inner.expressions if isinstance(inner, exp.Tuple) else [inner]
            if len(row) != len(values):
                raise Unsupported("rows of another width in IN")
            found.append(self._rows([(a, self.value(b, frame)) for a, b in zip(values, row, strict=True)]))
        return either([true for true, _ in found]), both([false for _, false in found])

    def _between(self, node: exp.Between, frame: Frame) -> tuple[Node, Node]:
        if node.args.get("symmetric"):
            raise Unsupported("BETWEEN SYMMETRIC")
        value = self.value(node.this, frame)
        low, high = self.value(node.args["low"], frame), self.value(node.args["high"], frame)
        return (
            both([self.compare(">=", value, low), self.compare("<=", value, high)]),
            either([self.refused(">=", value, low), self.refused("<=", value, high)]),
        )

    # ---- comparisons

    def compare(self, operator: str, one: Node, other: Node) -> Node:
        """Return the formula that a comparison is true."""
        return self._of_branches(self._compared, operator, one, other)

    def refused(self, operator: str, one: Node, other: Node) -> Node:
        """Return the formula that a comparison is false."""
        return self._of_branches(self._refused, operator, one, other)

    def _of_branches(
        self, ask: Callable[[str, Node, Node], Node], operator: str, one: Node, other: Node
    ) -> Node:
        """Return the formula of a comparison, for a CASE that of the branch taken."""
        for node, flip in ((one, False), (other, True)):
            if node[0] == "case":
                found = []
                before: list[Node] = []
                for when, value in (*node[1], (TOP, node[2])):
                    sides = (one, value) if flip else (value, other)
                    found.append(both([*before, when, self._of_branches(ask, operator, *sides)]))
                    before.append(negated(when))
                return either(found)
        return ask(operator, one, other)

    def _compared(self, operator: str, one: Node, other: Node) -> Node:
        if self._unordered(one, other):
            if operator == "<>":
                return both([notnull(one), notnull(other), negated(self._compared("=", one, other))])
            return cmp(operator, *self.keys(nonan(one), nonan(other)))
        ranges = bucketed(operator, one, other)
        if ranges is not None:
            if not self.cells.infinite_dates.only(value=False):
                self.reader.reasoner.knowledge.use(FINITE)
            return ranges
        return cmp(operator, *self.keys(one, other))

    def _refused(self, operator: str, one: Node, other: Node) -> Node:
        if self._unordered(one, other):
            if operator == "<>":
                return self._compared("=", one, other)
            return both([notnull(one), notnull(other), negated(self._compared(operator, one, other))])
        return self._compared(_OPPOSITES[operator], one, other)

    def _unordered(self, one: Node, other: Node) -> bool:
        """Whether one of two values may be a NaN that no comparison but <> holds for.

        Formulas that hold for such a NaN hold where NaN is a number like any other, so an engine of which that is
        not known counts as one that has it.
        """
        return not self.total and any(
            kind == "float" or kind.startswith("?") or "|" in kind for kind in map(kind_of, (one, other))
        )

    def keys(self, one: Node, other: Node) -> tuple[Node, Node]:
        """Return what a comparison of two values really compares."""
        kinds = kind_of(one), kind_of(other)
        if "null" in kinds:
            return one, other
        for place, (node, kind) in enumerate(((one, kinds[1]), (other, kinds[0]))):
            if node[:2] == ("const", "text") and kind in ("date", "ts") and self.dialect != "oracle":
                read = moment(node[2], kind, 0)
                if read is not None:
                    return (read, other) if place == 0 else (one, read)
        if kinds[0] == kinds[1] and interchangeable(kinds[0], self.dialect):
            return one, other
        if kinds == ("text", "text"):
            return fn("collate", "text", (one,)), fn("collate", "text", (other,))
        if set(kinds) == {"date", "ts"}:
            left, right = (
                node if kind_of(node) == "ts" else fn("as_ts", "ts", (node,)) for node in (one, other)
            )
            return left, right
        if set(kinds) <= {"int", "num"}:
            left, right = _tidy(one), _tidy(other)
            if kind_of(left) == kind_of(right) == "int":
                return left, right
            return fn("key", "num", (left,)), fn("key", "num", (right,))
        name = "as " + " or ".join(sorted(set(kinds)))
        return fn(name, name, (one,)), fn(name, name, (other,))

    def spelled(self, key: Node, kind: str, values: Callable[[], Node]) -> Node:
        """Return what stands for a group of equal values; ``values`` gives the group's rows with their values.

        Equal values that are interchangeable are the key itself. Of others the engine shows one of the group's.
        """
        if kind_of(key) == kind and (kind == "null" or interchangeable(kind, self.dialect)):
            return key
        if kind == "num":
            return fn("spelled", "num", (key,))
        return fn("spelled", kind, (key, ("agg", "spelled", kind, values())))

    def identity(self, value: Node) -> Node:
        """Return what decides whether two values of one column fall into one group."""
        return identity(value, self.dialect)

    # ---- values

    def value(self, node: exp.Expr, frame: Frame) -> Node:  # noqa: C901, PLR0912 - one case a class
        """Return an expression's value."""
        node = node.unnest() if isinstance(node, exp.Paren) else node
        if isinstance(node, exp.Alias):
            return self.value(node.this, frame)
        grouped = frame.grouped(node)
        if grouped is not None:
            return grouped
        if isinstance(node, exp.Column):
            return self._column(node, frame)
        if isinstance(node, (exp.Literal, exp.Boolean, exp.Null)):
            return NULL if self._is_nothing(node) else _literal(node, self.dialect)
        if isinstance(node, exp.Neg):
            inner = self.value(node.this, frame)
            if inner[0] == "const" and inner[1] in NUMBERS:
                return const(inner[1], -inner[2])
            return fn("neg", kind_of(inner), (inner,))
        if isinstance(node, _CONDITIONS):
            return truth(*self.condition(node, frame))
        if isinstance(node, (exp.Subquery, exp.Select, exp.SetOperation)):
            return self.reader.single(node, frame)
        if isinstance(node, exp.Window):
            return frame.window(node)
        if isinstance(node, exp.Grouping):
            return frame.grouping(node)
        if isinstance(node, (exp.AggFunc, exp.Filter, exp.IgnoreNulls)):
            return frame.aggregate(node)
        if isinstance(node, (exp.Case, exp.If, exp.Coalesce, exp.Nullif)):
            return self._choice(node, frame)
        if type(node) in _ARITHMETIC:
            return self._arithmetic(_ARITHMETIC[type(node)], node, frame)
        if isinstance(node, exp.Div):
            return self._division(node, frame)
        if isinstance(node, exp.Cast):
            return self._cast(node, frame)
        found = None if self.dialect == "oracle" else part(node, lambda one: self.value(one, frame))
        return found if found is not None else self._function(node, frame)

    def _is_nothing(self, node: exp.Expr) -> bool:
        """Oracle's empty text is NULL."""
        return self.dialect == "oracle" and isinstance(node, exp.Literal) and node.name == ""

    def _column(self, node: exp.Column, frame: Frame) -> Node:
        binding = self.reader.query.binding(node)
        if binding is None or binding.path or binding.row is not None:
            raise Unsupported(f"{node.sql()} is no plain column")
        if binding.to is BoundTo.ALIAS and binding.expr is not None:
            return self.value(binding.expr, frame)
        if binding.to is not BoundTo.COLUMN or binding.source is None:
            raise Unsupported(f"{node.sql()} can't be bound")
        return frame.lookup(binding.source, binding.name)

    def _choice(self, node: exp.Expr, frame: Frame) -> Node:
        if isinstance(node, exp.Nullif):
            one, other = self.value(node.this, frame), self.value(node.expression, frame)
            return case(((self.compare("=", one, other), NULL),), one)
        if isinstance(node, exp.Coalesce):
            items = [node.this, *node.expressions]
            named = word(self.reader.query, node) not in ("", "COALESCE")
            if named and not self.cells.ifnull_keeps_first_type.only(value=False):
                if len({self.types.of(one) for one in items}) > 1:
                    raise Unsupported("a COALESCE that may have its first argument's type")
            values = [self.value(one, frame) for one in items]
            branches = [(notnull(one), one) for one in values[:-1]]
            return _even(branches, values[-1])
        if isinstance(node, exp.If):
            true = self.condition(node.this, frame)[0]
            otherwise = self.value(node.args["false"], frame) if node.args.get("false") else NULL
            return _even([(true, self.value(node.args["true"], frame))], otherwise)
        branches = []
        subject = self.value(node.this, frame) if node.this is not None else None
        for one in node.args["ifs"]:
            if subject is None:
                when = self.condition(one.this, frame)[0]
            else:
                when = self.compare("=", subject, self.value(one.this, frame))
            branches.append((when, self.value(one.args["true"], frame)))
        default = node.args.get("default")
        return _even(branches, self.value(default, frame) if default is not None else NULL)

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
        if type(node).__name__ not in DETERMINISTIC:
            raise Unsupported(f"no rule knows {type(node).__name__}")
        names: list[str] = [type(node).__name__, word(self.reader.query, node)]
        arguments: list[Node] = []
        for key, found in sorted(node.args.items()):
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


def _even(branches: list[tuple[Node, Node]], otherwise: Node) -> Node:
    """Return a CASE whose values have one kind."""
    kind = joined([kind_of(value) for _, value in branches] + [kind_of(otherwise)])
    return case(tuple((when, lift(value, kind)) for when, value in branches), lift(otherwise, kind))


def _where(relation: Node, formula: object) -> Node:
    """Return a relation's rows that satisfy a formula of their outputs."""
    return tuple(
        ("term", term[1], (*term[2], formula(term[3])), ())  # type: ignore[operator]
        for term in relation
    )


def _literal(node: exp.Expr, dialect: str) -> Node:
    if isinstance(node, exp.Null):
        return NULL
    if isinstance(node, exp.Boolean):
        return YES if node.this else NO
    if node.is_string:
        return const("text", node.name)
    try:
        number = Decimal(node.name)
    except InvalidOperation:
        raise Unsupported(f"{node.name} is no number") from None
    kind = number_type(node.name, dialect)
    if kind in WHOLE:
        return integer(int(number))
    return const("float", Decimal(float(number))) if kind == DOUBLE else const("num", number)


def _tidy(node: Node) -> Node:
    """Return a decimal constant without a fraction as a whole number; where it is only compared."""
    if node[0] == "const" and node[1] == "num" and node[2] == int(node[2]):
        return integer(int(node[2]))
    return node
