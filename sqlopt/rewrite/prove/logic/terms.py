"""Expressions and formulas of proofs: immutable nodes with smart constructors.

A query is a sum of products: a relation is a tuple of terms (their bags added up), a term binds row variables,
keeps the rows for which its conditions hold and gives its outputs. Nodes are tuples whose first item is the tag:

- values: ``const kind value``, ``col variable name kind``, ``fn name kind arguments``,
  ``case branches otherwise``, ``agg name kind relation``, ``scalar kind relation``;
- formulas, true or false and never unknown: ``true``, ``false``, ``and parts``, ``or parts``,
  ``cmp operator a b`` (the comparison is true, so neither is NULL), ``null e``, ``notnull e``,
  ``same a b`` and ``diff a b`` (NULL is the same as NULL), ``exists relation``, ``none relation``;
- ``term variables conditions outputs``, ``var number source``; a source is ``table key``, ``value`` (a single
  value of any kind) or an operation that is kept whole.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from sqlopt.rewrite.prove.effort import spend
from sqlopt.warehouses.semantics import semantics

if TYPE_CHECKING:
    from collections.abc import Callable

Node = tuple[Any, ...]

NULL: Node = ("const", "null", None)
YES: Node = ("const", "bool", True)
NO: Node = ("const", "bool", False)
TOP: Node = ("true",)
BOTTOM: Node = ("false",)

DISCRETE = frozenset({"int", "date"})
EXACT = frozenset({"int", "num"})
NUMBERS = EXACT | {"float"}
_MOST_BRANCHES = 12
_START = datetime(1, 1, 1)  # noqa: DTZ001 - a scale without zone
STRICT = frozenset({"+", "-", "*", "neg", "upper", "lower", "key", "to", "collate", "as_ts", "like", "ilike"})
"""Functions that are NULL exactly where an argument is."""
PASSING = STRICT | {"nonan"}
"""Functions that are NULL where an argument is, and perhaps elsewhere."""


def const(kind: str, value: Any) -> Node:
    """Return a constant."""
    return ("const", kind, value)


def integer(value: int) -> Node:
    """Return a whole number."""
    return ("const", "int", value)


def col(variable: int, name: str, kind: str) -> Node:
    """Return a variable's column."""
    return ("col", variable, name, kind)


def kind_of(node: Node) -> str:
    """Return a value's kind; ``?`` where it is not known."""
    tag = node[0]
    if tag in ("const", "scalar"):
        return str(node[1])
    if tag == "col":
        return str(node[3])
    if tag in ("fn", "agg"):
        return str(node[2])
    return joined([kind_of(one) for _, one in node[1]] + [kind_of(node[2])]) if tag == "case" else "?"


def joined(kinds: list[str]) -> str:
    """Return the kind that values of several kinds get in one column."""
    found = {one for one in kinds if one != "null"}
    if len(found) == 1:
        return found.pop()
    if not found:
        return "null"
    if found <= NUMBERS:
        return "float" if "float" in found else "num"
    return "|".join(sorted({part for one in found for part in one.split("|")}))


PLAIN = frozenset({"int", "bool", "date", "ts"})
"""Kinds whose equal values are interchangeable in every engine."""
COMPARABLE = frozenset({"int", "num", "text", "date", "ts", "bool", "null"})
"""Kinds whose values ORDER BY puts in the order of ``<``."""
BINARY = frozenset({"snowflake", "presto", "athena", "hive", "spark2", "databricks"})
"""Dialects of whose texts the semantics say nothing yet, and which compare them byte by byte."""


def interchangeable(kind: str, dialect: str) -> bool:
    """Whether equal values of a kind are the same: texts are, where neither case nor blanks are left aside."""
    if kind != "text":
        return kind in PLAIN
    cells = semantics(dialect)
    apart = cells.text_case.only(value=True) or (not cells.text_case.known and dialect in BINARY)
    return apart and not cells.pads_blanks.only(value=True)


def identity(value: Node, dialect: str) -> Node:
    """Return what decides whether two values of one column are equal: of some, themselves."""
    kind = kind_of(value)
    if kind == "null" or interchangeable(kind, dialect):
        return value
    if kind == "text":
        return fn("collate", "text", (value,))
    return fn("key", "num", (value,)) if kind == "num" else fn("as " + kind, kind, (value,))


def lift(node: Node, kind: str) -> Node:
    """Return a value as one of a wider kind."""
    if node == NULL or kind_of(node) == kind:
        return node
    return fn("to", kind, (node,))


def bare(node: Node) -> Node:
    """Return a value without conversions that keep its number: a binary float does not hold every number."""
    while node[0] == "fn" and node[1] == "to" and node[2] in EXACT and kind_of(node[3][0]) in EXACT:
        node = node[3][0]
    return node


def nonan(value: Node) -> Node:
    """Return a value, or NULL for a NaN."""
    return value if value[0] == "const" else fn("nonan", kind_of(value), (value,))


# ---- values


def fn(name: str, kind: str, arguments: tuple[Node, ...]) -> Node:
    """Return a function's value, worked out where that is safe."""
    if name in PASSING and NULL in arguments:
        return NULL
    if kind == "int" and name in ("+", "-", "*", "neg"):
        return _whole(name, arguments)
    if name in ("+", "*") and kind in NUMBERS:  # of texts, + may join
        arguments = tuple(sorted(arguments, key=repr))
    if arguments and arguments[0][:2] == ("fn", "spelled"):
        value = arguments[0]
        if name == {"text": "collate", "num": "key"}.get(value[2], f"as {value[2]}"):
            return value[3][0]  # type: ignore[no-any-return]  # what stands for a group has the group's key
    folded = _FOLDS[name](name, kind, arguments) if name in _FOLDS else None
    return folded if folded is not None else ("fn", name, kind, arguments)


def _key(name: str, kind: str, arguments: tuple[Node, ...]) -> Node | None:
    """Return the key of a number."""
    if kind != "num":
        return None
    inner = bare(arguments[0])
    if inner[0] == "const" and isinstance(inner[2], (int, Decimal)):
        return const("num", Fraction(inner[2]))
    return ("fn", name, kind, (inner,))


def _spelled(_name: str, kind: str, arguments: tuple[Node, ...]) -> Node | None:
    """Return the number of a key, or which of a group's equal values stands for it, if that is settled."""
    key = arguments[0]
    if key == NULL:
        return NULL
    if kind == "num":
        return lift(key[3][0], "num") if key[:2] == ("fn", "key") else None
    return arguments[1] if arguments[1][0] != "agg" else None


def _midnight(_name: str, _kind: str, arguments: tuple[Node, ...]) -> Node | None:
    day = arguments[0]
    return const("ts", datetime.combine(day[2], datetime.min.time())) if day[0] == "const" else None


def _quotient(_name: str, kind: str, arguments: tuple[Node, ...]) -> Node | None:
    """Divide whole constants where nothing is left over."""
    if kind != "int" or any(one[:2] != ("const", "int") for one in arguments):
        return None
    above, below = (one[2] for one in arguments)
    return integer(above // below) if below and above % below == 0 else None


def _again(name: str, kind: str, arguments: tuple[Node, ...]) -> Node | None:
    """UPPER of UPPER changes nothing more."""
    inner = arguments[0]
    return ("fn", name, kind, inner[3]) if inner[:2] == ("fn", name) else None


_FOLDS: dict[str, Callable[[str, str, tuple[Node, ...]], Node | None]] = {
    "key": _key,
    "spelled": _spelled,
    "as_ts": _midnight,
    "/": _quotient,
    "upper": _again,
    "lower": _again,
}


Sum = tuple[dict[Node, int], int]


def linear(node: Node) -> Sum:
    """Return a whole number's value as multiples of its parts, and a constant."""
    if node[0] == "const":
        return {}, int(node[2])
    if node[0] == "fn" and node[2] == "int":
        if node[1] == "+":
            return _added([linear(one) for one in node[3]])
        if node[1] == "*" and node[3][0][0] == "const":
            parts, constant = linear(node[3][1])
            return {one: n * node[3][0][2] for one, n in parts.items()}, constant * node[3][0][2]
    return {node: 1}, 0


def _added(sums: list[Sum]) -> Sum:
    parts: dict[Node, int] = {}
    constant = 0
    for mine, extra in sums:
        constant += extra
        for one, count in mine.items():
            parts[one] = parts.get(one, 0) + count
    return parts, constant


def _whole(name: str, arguments: tuple[Node, ...]) -> Node:
    """Work out whole numbers; parts that cancel stay, as they may be NULL."""
    sums = [linear(one) for one in arguments]
    if name == "neg":
        sums = [_times(sums[0], -1)]
    elif name == "-":
        sums = [sums[0], _times(sums[1], -1)]
    elif name == "*":
        plain = [one for one in sums if not one[0]]
        others = [one for one in sums if one[0]]
        factor = 1
        for one in plain:
            factor *= one[1]
        if len(others) == 1 and factor:
            sums = [_times(others[0], factor)]
        elif not others:
            return integer(factor)
        else:
            return ("fn", "*", "int", tuple(sorted(arguments, key=repr)))
    parts, constant = _added(sums)
    if 0 in parts.values():
        return ("fn", name, "int", arguments)
    return summed(parts, constant)


def _times(one: Sum, factor: int) -> Sum:
    return {part: count * factor for part, count in one[0].items()}, one[1] * factor


def summed(parts: dict[Node, int], constant: int) -> Node:
    """Return the node of a sum."""
    found = [
        part if count == 1 else ("fn", "*", "int", (integer(count), part))
        for part, count in sorted(parts.items(), key=repr)
    ]
    if constant or not found:
        found.append(integer(constant))
    return found[0] if len(found) == 1 else ("fn", "+", "int", tuple(found))


def case(branches: tuple[tuple[Node, Node], ...], otherwise: Node) -> Node:
    """Return the value of the first branch whose formula holds."""
    kept: list[tuple[Node, Node]] = []
    for formula, value in branches:
        if formula == BOTTOM:
            continue
        if formula == TOP:
            otherwise = value
            break
        kept.append((formula, value))
    while kept and kept[-1][1] == otherwise:
        kept.pop()
    if not kept:
        return otherwise
    if otherwise == NULL and len(kept) == 1 and kept[0][0] == notnull(kept[0][1]):
        return kept[0][1]
    if otherwise == NULL and len(kept) == 2 and (kept[0][1], kept[1][1]) == (YES, NO):  # noqa: PLR2004
        value = next((one for one in kept[0][0][2:] if one not in (YES, NO)), NULL)
        if kind_of(value) == "bool" and (kept[0][0], kept[1][0]) == (
            cmp("=", value, YES),
            cmp("=", value, NO),
        ):
            return value
    return ("case", tuple(kept), otherwise)


def truth(true: Node, false: Node) -> Node:
    """Return the Boolean value that is true and false where these formulas hold, else NULL."""
    return case(((true, YES), (false, NO)), NULL)


def _paths(node: Node) -> list[tuple[Node, Node]]:
    """Return when a CASE takes which value."""
    found = []
    before: list[Node] = []
    for formula, value in node[1]:
        found.append((both([*before, formula]), value))
        before.append(negated(formula))
    return [*found, (both(before), node[2])]


# ---- formulas


def both(parts: list[Node]) -> Node:
    """Return the conjunction."""
    flat: list[Node] = []
    for one in parts:
        if one == BOTTOM:
            return BOTTOM
        spend(1 + len(flat))
        for part in one[1] if one[0] == "and" else (one,):
            if part != TOP and part not in flat:
                flat.append(part)
    return flat[0] if len(flat) == 1 else ("and", tuple(flat)) if flat else TOP


def either(parts: list[Node]) -> Node:
    """Return the disjunction."""
    flat: list[Node] = []
    for one in parts:
        if one == TOP:
            return TOP
        spend(1 + len(flat))
        for part in one[1] if one[0] == "or" else (one,):
            if part != BOTTOM and part not in flat:
                flat.append(part)
    if len(flat) > 1:
        return _factored(flat)
    return flat[0] if flat else BOTTOM


def _factored(parts: list[Node]) -> Node:
    """Return a disjunction with what all its parts demand outside of it."""
    demands = [one[1] if one[0] == "and" else (one,) for one in parts]
    common = [one for one in demands[0] if all(one in other for other in demands[1:])]
    if not common:
        return ("or", tuple(parts))
    rests = [both([one for one in other if one not in common]) for other in demands]
    return both([*common, either(rests)])


def conjuncts(parts: list[Node]) -> tuple[Node, ...]:
    """Return the parts of a conjunction, each once; of a false one, that."""
    whole = both(parts)
    return whole[1] if whole[0] == "and" else () if whole == TOP else (whole,)


def null(node: Node) -> Node:
    """Return the formula that a value is NULL."""
    tag = node[0]
    if tag == "const":
        return TOP if node == NULL else BOTTOM
    if tag == "case" and len(node[1]) <= _MOST_BRANCHES:
        return either([both([when, null(value)]) for when, value in _paths(node)])
    if tag == "fn" and node[1] == "spelled":
        return null(node[3][0])
    if tag == "fn" and node[1] in STRICT:
        return either([null(one) for one in node[3]])
    if tag == "agg" and node[1] == "count":
        return BOTTOM
    return ("null", node)


def notnull(node: Node) -> Node:
    """Return the formula that a value is not NULL."""
    return negated(null(node))


def number(node: Node) -> Fraction | None:
    """Return a constant's place on its scale, None for one without."""
    value = node[2] if node[0] == "const" else None
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, datetime):
        return Fraction((value - _START) // timedelta(microseconds=1))
    if isinstance(value, date):
        return Fraction(value.toordinal())
    return Fraction(value) if isinstance(value, (int, Decimal, Fraction)) else None


def cmp(operator: str, one: Node, other: Node) -> Node:
    """Return the formula that a comparison is true: its operator is one of = <> < <= > >=."""
    if operator in (">", ">="):
        operator, one, other = operator.replace(">", "<"), other, one
    if NULL in (one, other):
        return BOTTOM
    if one[0] == "case" and len(one[1]) <= _MOST_BRANCHES:
        return either([both([when, cmp(operator, value, other)]) for when, value in _paths(one)])
    if other[0] == "case" and len(other[1]) <= _MOST_BRANCHES:
        return either([both([when, cmp(operator, one, value)]) for when, value in _paths(other)])
    if one == other:
        return notnull(one) if operator in ("=", "<=") else BOTTOM
    if one[0] == other[0] == "const":
        return _settled(operator, one, other)
    return _ordered(operator, one, other)


def _ordered(operator: str, one: Node, other: Node) -> Node:
    """Return the formula of a comparison that can't be worked out, in one form."""
    kinds = {kind_of(one), kind_of(other)}
    if kinds == {"int"}:
        return _compared(operator, one, other)
    if kinds == {"ts"}:
        for of, constant, turned in ((one, other, False), (other, one, True)):
            if of[:2] == ("fn", "as_ts") and constant[0] == "const":
                return _of_day(operator, of[3][0], constant[2], turned=turned)
    if operator == "<" and kinds == {"date"}:
        if other[0] == "const":
            return ("cmp", "<=", one, const("date", other[2] - timedelta(days=1)))
        if one[0] == "const":
            return ("cmp", "<=", const("date", one[2] + timedelta(days=1)), other)
    if operator == "<>" and kinds == {"bool"} and {one, other} & {YES, NO}:
        value, fixed = (one, other) if other in (YES, NO) else (other, one)
        return cmp("=", value, NO if fixed == YES else YES)
    if operator in ("=", "<>") and repr(one) > repr(other):
        one, other = other, one
    return ("cmp", operator, one, other)


def _of_day(operator: str, day: Node, moment: datetime, *, turned: bool) -> Node:
    """Compare the midnight of a day with a moment (or, ``turned``, that with it) by the days alone."""
    bound = const("date", moment.date())
    if moment.time() != time(0):
        if operator in ("=", "<>"):
            return BOTTOM if operator == "=" else notnull(day)
        operator = "<" if turned else "<="  # the midnight before is below, that after it above
    return cmp(operator, bound, day) if turned else cmp(operator, day, bound)


def equal_constants(one: Node, other: Node) -> bool | None:
    """Whether two constants are equal, None where that takes a conversion."""
    if one[1] == other[1]:
        return bool(one[2] == other[2])
    if {one[1], other[1]} <= EXACT:
        return number(one) == number(other)
    return None


def _settled(operator: str, one: Node, other: Node) -> Node:
    """Compare constants; texts only for equality, as their order is the engine's."""
    if operator in ("=", "<>"):
        equal = equal_constants(one, other)
        if equal is None:
            return ("cmp", operator, one, other)
        return TOP if equal == (operator == "=") else BOTTOM
    low, high = number(one), number(other)
    if one[1] == other[1] == "bool":
        low, high = Fraction(one[2]), Fraction(other[2])
    if low is None or high is None:
        return ("cmp", operator, one, other)
    return TOP if (low < high or (operator == "<=" and low == high)) else BOTTOM


def _compared(operator: str, one: Node, other: Node) -> Node:
    """Compare whole numbers: parts on the side where they are positive, ``<`` as ``<=``."""
    parts, constant = _added([linear(one), _times(linear(other), -1)])
    if 0 in parts.values() or not parts:
        return ("cmp", operator, one, other)
    if operator == "<":
        operator, constant = "<=", constant + 1
    known = _existence(operator, parts, constant)
    if known is not None:
        return known
    left = {part: count for part, count in parts.items() if count > 0}
    right = {part: -count for part, count in parts.items() if count < 0}
    if operator in ("=", "<>") and (not left or (right and repr(sorted(left)) > repr(sorted(right)))):
        left, right, constant = right, left, -constant
    if not left:
        return ("cmp", operator, integer(constant), summed(right, 0))
    return ("cmp", operator, summed(left, 0), summed(right, -constant))


def _existence(operator: str, parts: dict[Node, int], constant: int) -> Node | None:
    """Return what a comparison of a count with 0 or 1 asks: whether there is a row. None for any other."""
    ((part, times),) = parts.items() if len(parts) == 1 else (((), 0),)
    if abs(times) != 1 or part[:2] != ("agg", "count"):
        return None
    rows = tuple((*term[:3], ()) for term in part[3])
    if operator == "<=" and times < 0:  # count >= constant
        return TOP if constant <= 0 else ("exists", rows) if constant == 1 else None
    value = -constant if times > 0 else constant
    if value > 0:
        return None
    if operator == "<>":
        return TOP if value < 0 else ("exists", rows)
    return BOTTOM if value < 0 else ("none", rows)


def same(one: Node, other: Node) -> Node:
    """Return the formula that two values are identical, NULL being identical to NULL."""
    if one == other:
        return TOP
    for node, rest in ((one, other), (other, one)):
        if node == NULL:
            return null(rest)
        if node[0] == "case" and len(node[1]) <= _MOST_BRANCHES:
            return either([both([when, same(value, rest)]) for when, value in _paths(node)])
    equal = equal_constants(one, other) if one[0] == other[0] == "const" else None
    if equal is not None:
        return TOP if equal else BOTTOM
    return ("same", one, other) if repr(one) < repr(other) else ("same", other, one)


def negated(node: Node) -> Node:
    """Return the formula that holds exactly where this one does not."""
    tag = node[0]
    if tag in ("and", "or"):
        return (either if tag == "and" else both)([negated(one) for one in node[1]])
    if tag == "cmp":
        _, operator, one, other = node
        turned = {"=": "<>", "<>": "=", "<": "<=", "<=": "<"}[operator]
        if operator in ("<", "<="):
            one, other = other, one
        return either([cmp(turned, one, other), null(one), null(other)])
    opposites = {"true": "false", "false": "true", "null": "notnull", "notnull": "null", "same": "diff",
                 "diff": "same", "exists": "none", "none": "exists"}  # fmt: skip
    return (opposites[tag], *node[1:])
