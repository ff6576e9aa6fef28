"""What one block asks of a view over some of its tables: keys, measures, conditions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.workload.calendar import UNITS, coarse, needed_unit
from sqlopt.workload.expressions import (
    ColumnKey,
    Expression,
    Stability,
    bare,
    column,
    mapped,
    nodes,
    stability,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sqlopt.workload.blocks import Block, Conjunct

_COMPARISONS = (
    exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.In, exp.Between, exp.Is, exp.Like, exp.ILike,
)  # fmt: skip
_ROLLED = (exp.Sum, exp.Count, exp.CountIf, exp.Min, exp.Max, exp.Avg)
_ONCE = (exp.Min, exp.Max, exp.LogicalOr, exp.LogicalAnd)
"""Aggregates that do not mind how often a row is there."""


class UnservedError(Exception):
    """A block that a view over these tables can't serve."""


@dataclass(frozen=True, slots=True)
class Measure:
    """An aggregate of a block, and the aggregates that a view keeps for it.

    ``kind`` is ``sum``, ``count``, ``min``, ``max`` or ``avg``; ``kept`` holds one canonical aggregate, for ``avg``
    the sum and the count.
    """

    kind: str
    kept: tuple[Expression, ...]


@dataclass(eq=False, repr=False)
class Part:
    """What a block asks of a view over the tables ``labels``.

    ``atoms`` are what it groups, joins or compares by outside of them, whatever the view is; ``tests`` are its
    conditions on these tables alone, with the atoms that each needs where the view does not hold it already;
    ``measures`` are its aggregates by the id of their node.
    """

    block: Block
    labels: frozenset[str]
    atoms: dict[str, Expression] = field(default_factory=dict)
    tests: dict[str, tuple[Expression, tuple[Expression, ...]]] = field(default_factory=dict)
    equal: set[frozenset[ColumnKey]] = field(default_factory=set)
    measures: dict[int, Measure] = field(default_factory=dict)


def part(block: Block, labels: frozenset[str]) -> Part | None:
    """Return what a block asks of a view over some of its tables; None where no such view can serve it."""
    found = Part(block, labels)
    try:
        _fill(found)
    except UnservedError:
        return None
    return found


def _fill(one: Part) -> None:
    block = one.block
    for node in block.aggregates.values():
        measure = _measure(node, block, one.labels)
        if measure is not None:
            one.measures[id(node)] = measure
    for node in _clauses(block):
        _add(one.atoms, atoms(node, one))
    for condition in block.conditions:
        _condition(one, condition)
    for source in block.base.sources.values():
        inner = source.node if source.inner is not None else None
        if inner is not None and any(_own(each, one) for each in inner.find_all(exp.Column)):
            raise UnservedError  # a lateral source
        join = source.join
        if join is not None and join.side and join.args.get("on") is not None:
            _add(one.atoms, atoms(join.args["on"], one))


def _clauses(block: Block) -> Iterator[exp.Expr]:
    """Yield what stands in the block's clauses beside FROM, joins, WHERE and its CTEs."""
    for key, value in block.node.args.items():
        if key not in ("from_", "joins", "where", "with_"):
            yield from (one for one in (value if isinstance(value, list) else (value,)) if _is_node(one))


def _is_node(value: object) -> bool:
    return isinstance(value, exp.Expr)


def _add(found: dict[str, Expression], more: Iterable[Expression]) -> None:
    found |= {one.key: one for one in more}


def _own(node: exp.Expr, one: Part) -> ColumnKey | None:
    key = one.block.name(node)
    return key if key is not None and key[0] in one.labels else None


def inside(expression: Expression | None, labels: frozenset[str]) -> bool:
    """Whether an expression reads these tables, and no others."""
    return expression is not None and bool(expression.columns) and expression.labels <= labels


def _condition(one: Part, condition: Conjunct) -> None:
    if condition.equal is not None and {label for label, _ in condition.equal} <= one.labels:
        one.equal.add(condition.equal)
        return
    if condition.using is not None:
        if any(one.block.labels.get(id(source)) in one.labels for source in condition.using):
            raise UnservedError  # its column would have two names
        return
    needed = tuple(atoms(condition.node, one))
    expression = condition.expression
    if expression is not None and inside(expression, one.labels):
        one.tests[expression.key] = (expression, needed)
    else:
        _add(one.atoms, needed)


def atoms(node: exp.Expr, one: Part) -> Iterator[Expression]:
    """Yield the expressions that a view must give for ``node`` to be computed over it."""
    if id(node) in one.measures:
        return
    block = one.block
    key = _own(node, one) if isinstance(node, exp.Column) else None
    inner = block.behind(node) if block.through is not None and isinstance(node, exp.Column) else None
    if inner is not None:
        yield from atoms(inner, one)
    elif key is not None:
        yield by_calendar(node, key, block) or column(key, block.query.dialect)
    elif isinstance(node, exp.Query):
        for each in node.find_all(exp.Column):
            key = _own(each, one)
            if key is not None:
                yield column(key, block.query.dialect)
            elif block.through is not None and (inner := block.behind(each)) is not None:
                yield from atoms(inner, one)
    elif (whole := _whole(node, one)) is not None:
        yield whole
    else:
        for child in node.iter_expressions():
            yield from atoms(child, one)


def by_calendar(node: exp.Expr, key: ColumnKey, block: Block, unit: str | None = None) -> Expression | None:
    """Return the month or year of a column, where that is all that the statement asks of it here.

    With ``unit`` it is that one, if it is fine enough.
    """
    needed = needed_unit(node, block)
    if needed is None or (unit is not None and UNITS.index(unit) < UNITS.index(needed)):
        return None
    found = block.sources[key[0]].column(key[1])
    return coarse(key, unit or needed, found.type if found is not None else None, block.query.dialect)


def _whole(node: exp.Expr, one: Part) -> Expression | None:
    """Return an expression that a view had best give as it is: a group key, or what constants are compared with."""
    if isinstance(node, (exp.Column, exp.Literal, exp.Group, exp.Ordered, exp.Alias)):
        return None
    block = one.block
    if block.outside(node):
        return None
    if isinstance(node, (exp.Extract, exp.Year)):
        part = node.expression if isinstance(node, exp.Extract) else node.this
        key = _own(part, one) if isinstance(part, exp.Column) else None
        if key is not None and by_calendar(part, key, block) is not None:
            return None  # the year of the column's first of year
    if any(found.column is None for found in block.keys.values()):
        found = block.canonical(node) if _calculates(node) else None
        if found is not None and found.key in block.keys and inside(found, one.labels):
            return found
    parent = node.parent
    while isinstance(parent, exp.Paren):
        parent = parent.parent
    if not isinstance(parent, _COMPARISONS) or isinstance(node, exp.Query) or not _calculates(node):
        return None
    others = [child for child in parent.iter_expressions() if bare(child) is not bare(node)]
    if any(isinstance(part, (exp.Column, exp.Query)) for child in others for part in nodes(child)):
        return None
    found = block.canonical(node)
    return found if inside(found, one.labels) else None


def _calculates(node: exp.Expr) -> bool:
    """Whether a node computes one value from its row."""
    aggregate = (exp.AggFunc, exp.Window, exp.Query, exp.Predicate, exp.Connector, exp.Rollup, exp.Cube)
    if not isinstance(
        node, (exp.Func, exp.Binary, exp.Case, exp.Paren, exp.Cast, exp.Neg, exp.Extract, exp.Bracket)
    ):
        return False
    return (
        not any(isinstance(each, aggregate) for each in nodes(node)) and stability(node) is Stability.STABLE
    )


# ---- aggregates


def _measure(node: exp.Expr, block: Block, labels: frozenset[str]) -> Measure | None:
    """Return how a view serves an aggregate; None for one that is computed over the view's rows as it stands.

    Raises `UnservedError` where that would count rows that the view has put together.
    """
    call, condition = (node.this, node.expression) if isinstance(node, exp.Filter) else (node, None)
    canonical = block.canonical(node)
    counts_all = isinstance(call, exp.Count) and _counts_rows(call) and condition is None
    if counts_all or inside(canonical, labels):
        return _rolled(call, condition, block)
    if isinstance(call, _ONCE) or isinstance(call.this, exp.Distinct):
        return None
    raise UnservedError


def _counts_rows(call: exp.Count) -> bool:
    argument = call.this
    return not call.expressions and (
        argument is None
        or isinstance(argument, exp.Star)
        or (isinstance(argument, exp.Literal) and argument.is_number)
    )


def _rolled(call: exp.Expr, condition: exp.Expr | None, block: Block) -> Measure | None:
    if isinstance(call.this, exp.Distinct):
        return None  # its argument becomes a key
    if not isinstance(call, _ROLLED) or call.args.get("expressions"):
        if isinstance(call, _ONCE):
            return None
        raise UnservedError
    if any(value for key, value in call.args.items() if key not in ("this", "big_int", "zero_on_all_null")):
        raise UnservedError
    if stability(call) is not Stability.STABLE or isinstance(call.this, (exp.Order, exp.Having, exp.Limit)):
        raise UnservedError
    if condition is not None and stability(condition) is not Stability.STABLE:
        raise UnservedError
    kind = type(call).__name__.lower()
    argument = exp.Star() if isinstance(call, exp.Count) and _counts_rows(call) else call.this
    calls = {"avg": (exp.Sum, exp.Count)}.get(kind, (type(call),))
    kept = [_kept(one, argument, condition, block) for one in calls]
    return Measure("count" if kind == "countif" else kind, tuple(kept))


def _kept(kind: type[exp.Expr], argument: exp.Expr, condition: exp.Expr | None, block: Block) -> Expression:
    inner = (
        Expression("*", exp.Star(), frozenset())
        if isinstance(argument, exp.Star)
        else block.canonical(argument)
    )
    given = block.canonical(condition.this) if condition is not None else None
    if inner is None or (condition is not None and given is None):
        raise UnservedError
    columns = inner.columns
    tree: exp.Expr = kind(this=inner.tree.copy())
    if given is not None:
        tree = exp.Filter(this=tree, expression=exp.Where(this=given.tree.copy()))
        columns |= given.columns
    return Expression(tree.sql(dialect=block.query.dialect, comments=False), tree, columns)


def renamed(measure: Measure, name: Callable[[ColumnKey], ColumnKey], dialect: str) -> Measure:
    """Return a measure over other columns."""
    return Measure(measure.kind, tuple(mapped(one, name, dialect) for one in measure.kept))
