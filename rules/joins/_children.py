"""Which joined tables repeat the rows of which. Helpers of this pack's rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.nodes import conjuncts

from ._links import base, conditions, counted, equalities, equality, fixed, keys, repeats

if TYPE_CHECKING:
    from sqlopt.query import Query
    from sqlopt.query.bind.model import Scope, Source

_TWICE = 2.0
_WHOLE = ("SEMI", "ANTI", "ASOF", "ANY")  # joins that repeat no row of the left side


@dataclass(frozen=True, slots=True)
class Child:
    """``source`` has several rows for one of ``parent``, which it names by the parent's columns ``place``.

    ``sure`` by statistics or by a longer key; ``likely`` by a key of other columns; else as far as is known.
    """

    source: Source
    parent: Source
    place: tuple[int, frozenset[str]]
    sure: bool
    likely: bool


@dataclass(frozen=True, slots=True)
class _Tie:
    """``columns`` of ``source`` that equal ``theirs`` of ``other``, and how many rows of it share a value of them."""

    source: Source
    columns: set[str]
    other: Source
    theirs: set[str]
    many: float | None


def children(scope: Scope, query: Query) -> list[Child]:
    """Return the pairs of sources of ``scope`` of which the one repeats the rows of the other."""
    ties: dict[tuple[int, int], tuple[Source, set[str], Source, set[str]]] = {}
    for one in equalities(scope, query):
        for left, name, right, other in (
            (one.left, one.name, one.right, one.other),
            (one.right, one.other, one.left, one.name),
        ):
            _, ours, _, theirs = ties.setdefault((id(left), id(right)), (left, set(), right, set()))
            ours.add(name)
            theirs.add(other)
    known = [_Tie(*tie, repeats(tie[0], tie[1], query)) for tie in ties.values()]
    many = {(id(one.source), id(one.other)): one.many for one in known}
    found = [
        _child(one, many[id(one.other), id(one.source)], known, many, query)
        for one in known
        if not _alike(one.source, one.other)
    ]
    return [one for one in found if one is not None]


def _alike(left: Source, right: Source) -> bool:
    """Whether a join keeps each row once, or gives of a table its own rows."""
    words = {
        (word or "").upper() for one in (left, right) if one.join for word in (one.join.kind, one.join.method)
    }
    return bool(words & set(_WHOLE)) or (left.table is not None and left.table is right.table)


def _child(
    tie: _Tie, few: float | None, ties: list[_Tie], many: dict[tuple[int, int], float | None], query: Query
) -> Child | None:
    source, ours = tie.source, tie.columns
    if tie.many is not None and tie.many < _TWICE:
        return None
    guess = tie.many is None or few != 1.0
    if guess and (few not in (1.0, None) or _first_column(source, ours, query) is not False):
        return None
    if few is None and not _first_column(tie.other, tie.theirs, query):
        return None
    # What else ties it down to one row: columns of tables that it does not look up.
    others = {
        name
        for one in ties
        if one.source is source and one.other is not tie.other and many[id(one.other), id(source)] != 1.0
        for name in one.columns
    }
    found, _ = keys(source, query)
    if any(key <= ours | others | fixed(source, query) for key in found):
        return None
    sure = not guess and (counted(source, ours, query) or any(ours < key for key in found))
    return Child(source, tie.other, (id(tie.other), frozenset(tie.theirs)), sure, not guess)


def _first_column(source: Source, columns: set[str], query: Query) -> bool | None:
    """Whether ``columns`` are a table's first column or its `id`, as keys mostly are; None if it is no table."""
    at = base(source, columns, query)
    table = at.source.table if at is not None else None
    if at is None or table is None or not table.columns:
        return None
    first = next(iter(table.columns)).casefold()
    return at.columns in ({first}, {"id"})


def chosen(source: Source, query: Query) -> bool:
    """Whether a condition may choose one row of those that repeat: a flag, a role, an open end, a range that meets."""
    inner = source.inner.node.args.get("where") if source.inner is not None else None
    if any(_chooses(one) for one in conjuncts(inner.this if inner is not None else None)):
        return True
    for one in conditions(source.scope, query):
        if source not in one.owners or equality(one.node, source.scope, query) is not None:
            continue
        if len(one.owners) > 1 or _chooses(one.node):
            return True
    return False


def _chooses(node: exp.Expr) -> bool:
    """Whether a condition wants one value rather than a range of them."""
    node = node.unnest()
    if isinstance(node, exp.Not):
        return not isinstance(node.this.unnest(), exp.Is)
    return isinstance(node, (exp.EQ, exp.Is, exp.Column, exp.Exists, exp.Or)) and not node.args.get("negate")
