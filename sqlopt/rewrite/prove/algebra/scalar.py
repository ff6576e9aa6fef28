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
from sqlopt.rewrite.prove.algebra.dates import part
from sqlopt.rewrite.prove.algebra.operations import Operations
from sqlopt.rewrite.prove.algebra.typed import DOUBLE, WHOLE, number_type
from sqlopt.rewrite.prove.logic.terms import (
    NO,
    NULL,
    NUMBERS,
    YES,
    Node,
    both,
    case,
    cmp,
    const,
    either,
    fn,
    integer,
    joined,
    kind_of,
    lift,
    negated,
    notnull,
    null,
    truth,
)
from sqlopt.rewrite.prove.pair import Unsupported
from sqlopt.rewrite.prove.words import word

if TYPE_CHECKING:
    from sqlopt.rewrite.prove.algebra.frames import Frame

_OPERATORS: dict[type[exp.Expr], str] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">="}  # fmt: skip
_ARITHMETIC: dict[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*"}
_CONDITIONS: tuple[type[exp.Expr], ...] = (
    exp.And, exp.Or, exp.Xor, exp.Not, exp.In, exp.Between, exp.Exists, exp.Is, exp.NullSafeEQ, exp.NullSafeNEQ,
    *_OPERATORS,
)  # fmt: skip


class Scalar(Operations):
    """Translates expressions for a `Reader`."""

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
            equal = self.alike(self.value(node.this, frame), self.value(node.expression, frame))
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
        false = ("exists", _where(relation, lambda row: self.refused(operator, value, row[0])))
        if isinstance(other, exp.Any):
            return true, (
                "none",
                _where(relation, lambda row: negated(self.refused(operator, value, row[0]))),
            )
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
            same = word(self.reader.query, node) in ("", "COALESCE")
            same = same or self.cells.ifnull_keeps_first_type.only(value=False)
            if not same and len({self.types.of(one) for one in items}) > 1:
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
