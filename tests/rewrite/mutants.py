"""Statements that differ from a given one by one small change, as a careless rewrite would make it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp, parse_one

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

_BESIDE = {exp.LT: exp.LTE, exp.LTE: exp.LT, exp.GT: exp.GTE, exp.GTE: exp.GT, exp.EQ: exp.GTE}
_OTHER = {exp.Sum: exp.Max, exp.Avg: exp.Sum, exp.Min: exp.Max, exp.Max: exp.Min, exp.Add: exp.Sub, exp.Sub: exp.Add,
          exp.Mul: exp.Add, exp.Intersect: exp.Except, exp.Except: exp.Intersect}  # fmt: skip


def mutants(text: str, dialect: str, random: Random, many: int) -> list[tuple[str, str]]:
    """Return up to ``many`` (kind of change, changed statement), of as many kinds as there are."""
    tree = parse_one(text, dialect=dialect)
    places = list(_changes(tree))
    random.shuffle(places)
    kinds: dict[str, list[int]] = {}
    for kind, number in places:
        kinds.setdefault(kind, []).append(number)
    found: list[tuple[str, str]] = []
    while kinds and len(found) < many:
        for kind in random.sample(sorted(kinds), len(kinds)):
            number = kinds[kind].pop()
            if not kinds[kind]:
                del kinds[kind]
            copy = tree.copy()
            node = next(one for i, one in enumerate(copy.walk()) if i == number)
            _change(kind, node)
            changed = copy.sql(dialect=dialect)
            if changed != tree.sql(dialect=dialect) and len(found) < many:
                found.append((kind, changed))
    return found


def _changes(tree: exp.Expr) -> Iterator[tuple[str, int]]:  # noqa: C901, PLR0912 - a case for each kind
    """Yield (kind of change, number of the node in the walk) for all that may be changed."""
    for number, node in enumerate(tree.walk()):
        if isinstance(node, exp.Literal) and not isinstance(
            node.parent, (exp.Limit, exp.Interval, exp.Ordered)
        ):
            if isinstance(node.parent, exp.Cast) or node.find_ancestor(exp.Order):
                yield from ([("date", number)] if _is_date(node) else [])
            elif not isinstance(node.parent, exp.Alias):
                yield ("date" if _is_date(node) else "text" if node.is_string else "number"), number
        if isinstance(node, exp.And):
            yield "conjunct dropped", number
            yield "and to or", number
        if isinstance(node, exp.Or):
            yield "alternative dropped", number
        if type(node) in _BESIDE and not isinstance(node.parent, exp.Having):
            yield "edge of a comparison", number
        if type(node) in _OTHER and node.find_ancestor(exp.Order) is None:
            yield "other operation", number
        if isinstance(node, exp.Join):
            yield "kind of join", number
        if isinstance(node, exp.Distinct):
            yield "distinct dropped", number
        if isinstance(node, exp.Union):
            yield "union all", number
        if isinstance(node, (exp.Exists, exp.In)):
            yield "negated", number
        if isinstance(node, exp.Ordered) and isinstance(
            node.find_ancestor(exp.Window, exp.Select), exp.Window
        ):
            yield "order of a window", number
        if isinstance(node, exp.Alias) and isinstance(node.this, (exp.AggFunc, exp.Column)):
            yield "plus one", number


def _change(kind: str, node: exp.Expr) -> None:  # noqa: C901, PLR0912 - a case for each kind
    match kind:
        case "number":
            node.replace(exp.Literal.number(_next(node.name)))
        case "text":
            node.replace(exp.Literal.string(_other_text(node.name)))
        case "date":
            node.replace(exp.Literal.string(_next_day(node.name)))
        case "conjunct dropped" | "alternative dropped":
            node.replace(node.right)
        case "and to or":
            node.replace(exp.paren(exp.Or(this=node.this.copy(), expression=node.expression.copy())))
        case "edge of a comparison":
            node.replace(_BESIDE[type(node)](**node.args))
        case "other operation":
            node.replace(_OTHER[type(node)](**node.args))
        case "kind of join":
            _other_join(node)
        case "distinct dropped":
            if isinstance(node.parent, exp.Select):
                node.parent.set("distinct", None)
            else:
                node.replace(node.expressions[0])
        case "union all":
            node.set("distinct", not node.args.get("distinct"))
        case "negated":
            if isinstance(node.parent, exp.Not):
                node.parent.replace(node)
            else:
                node.replace(exp.Not(this=node.copy()))
        case "order of a window":
            node.set("desc", not node.args.get("desc"))
        case "plus one":
            node.set("this", exp.Add(this=node.this.copy(), expression=exp.Literal.number(1)))


def _other_join(node: exp.Join) -> None:
    if node.args.get("side"):
        node.set("side", None)
        node.set("kind", None)
    elif node.args.get("on") is not None or node.args.get("using"):
        node.set("side", "LEFT")
        node.set("kind", None)


def _next(text: str) -> str:
    return str(int(text) + 1) if text.isdigit() else text + "1"


def _other_text(text: str) -> str:
    return text[:-1] + ("x" if text[-1:] != "x" else "y") if text else "x"


def _is_date(node: exp.Expr) -> bool:
    parts = node.name.split("-")
    return node.is_string and len(parts) == 3 and all(one.isdigit() for one in parts)


def _next_day(text: str) -> str:
    from datetime import date, timedelta

    year, month, day = map(int, text.split("-"))
    return str(date(year, month, day) + timedelta(days=1))
