"""Expressions in a form that is the same wherever a statement spells them: columns by table and name."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.values.volatility import CLOCK_NAMES, dependence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ColumnKey = tuple[str, str]
"""A column: the label of its table in the block, and its case-folded name."""


class Stability(StrEnum):
    """Whether an expression gives the same value for the same row tomorrow."""

    STABLE = "stable"
    RUN = "for one run"  # the clock, the session: may stand beside a view, never in it
    UNKNOWN = "unknown"  # chance, user functions


@dataclass(frozen=True, slots=True)
class Expression:
    """A canonical expression: ``key`` is its text, ``tree`` has columns written ``label.name``.

    Two are equal when their keys are.
    """

    key: str
    tree: exp.Expr = field(compare=False, repr=False)
    columns: frozenset[ColumnKey] = field(compare=False)

    @property
    def column(self) -> ColumnKey | None:
        """The column that it is, if it is no more than one."""
        return next(iter(self.columns)) if isinstance(self.tree, exp.Column) else None

    @property
    def labels(self) -> frozenset[str]:
        """The tables that it reads."""
        return frozenset(label for label, _ in self.columns)


def bare(node: exp.Expr) -> exp.Expr:
    """Return an expression without its alias and the parentheses around it."""
    while isinstance(node, (exp.Paren, exp.Alias)):
        node = node.this
    return node


def canonical(
    node: exp.Expr, resolve: Callable[[exp.Expr], exp.Expr | None], dialect: str
) -> Expression | None:
    """Return the canonical form of ``node``; ``resolve`` gives that of each of its columns, None if there is none."""
    node = bare(node)
    copy = node.copy()
    found: dict[int, exp.Expr] = {}
    for written, mine in zip(node.walk(bfs=False), copy.walk(bfs=False), strict=True):
        mine.comments = None
        if isinstance(written, exp.Column):
            tree = resolve(written)
            if tree is None:
                return None
            alone = isinstance(tree, exp.Column) or written is node or isinstance(written.parent, exp.AggFunc)
            found[id(mine)] = tree.copy() if alone else exp.Paren(this=tree.copy())

    def resolved(mine: exp.Expr) -> exp.Expr:
        return found.get(id(mine), mine)

    tree = copy.transform(resolved, copy=False) if found else copy
    columns = frozenset((one.table, one.name) for one in tree.find_all(exp.Column))
    return Expression(tree.sql(dialect=dialect, comments=False), tree, columns)


def column_tree(key: ColumnKey) -> exp.Column:
    """Return a column as canonical trees write it."""
    return exp.Column(
        this=exp.Identifier(this=key[1], quoted=True), table=exp.Identifier(this=key[0], quoted=True)
    )


def column(key: ColumnKey, dialect: str) -> Expression:
    """Return the expression that is no more than a column."""
    tree = column_tree(key)
    return Expression(tree.sql(dialect=dialect), tree, frozenset((key,)))


def mapped(expression: Expression, name: Callable[[ColumnKey], ColumnKey], dialect: str) -> Expression:
    """Return the expression with other columns in place of its own."""
    columns = {key: name(key) for key in expression.columns}
    if all(key == other for key, other in columns.items()):
        return expression

    def renamed(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column):
            return column_tree(columns[node.table, node.name])
        return node

    tree = expression.tree.transform(renamed)
    return Expression(tree.sql(dialect=dialect, comments=False), tree, frozenset(columns.values()))


def stability(node: exp.Expr) -> Stability:
    """Return whether an expression over rows may stand in a view; subqueries make it `RUN`."""
    found = Stability.STABLE
    for one in nodes(node):
        if isinstance(one, exp.Query):
            found = Stability.RUN
        elif isinstance(one, (exp.UDTF, exp.Placeholder, exp.Parameter, exp.SessionParameter)):
            return Stability.UNKNOWN
        elif isinstance(one, exp.Anonymous):
            if one.name.casefold() not in CLOCK_NAMES:
                return Stability.UNKNOWN
            found = Stability.RUN
        elif isinstance(one, exp.Func) and not isinstance(one, (exp.AggFunc, exp.Connector)):
            alone = type(one)()  # what the function itself depends on, whatever it is given
            depends = dependence(alone, frozenset())
            if depends is None:
                return Stability.UNKNOWN
            if depends.clock or depends.session:
                found = Stability.RUN
    return found


def nodes(node: exp.Expr) -> Iterator[exp.Expr]:
    """Yield a node and all below it, of queries inside it only their top."""
    yield node
    if not isinstance(node, exp.Query):
        for child in node.iter_expressions():
            yield from nodes(child)
