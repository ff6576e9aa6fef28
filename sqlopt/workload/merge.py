"""Blocks that one view serves.

The view holds the tables and equalities that all of them share, and the conditions that all of them set. It is
grouped by whatever any of them needs outside: its group keys, the columns that it joins to other tables, those of
its other conditions. So each block is computed from the view's rows by conditions, joins and aggregates again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlopt.workload.calendar import UNITS, coarse
from sqlopt.workload.expressions import ColumnKey, Expression, column, mapped
from sqlopt.workload.part import Part, renamed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True)
class View:
    """What a materialized view holds, by canonical forms.

    ``classes`` are the columns that it equates; ``tests`` its conditions, ``keys`` what it is grouped by, and
    ``measures`` its aggregates, each by its canonical text. ``types`` are those of columns, where known.
    """

    labels: frozenset[str]
    classes: tuple[frozenset[ColumnKey], ...]
    tests: dict[str, Expression]
    keys: dict[str, Expression]
    measures: dict[str, Expression]
    types: dict[ColumnKey, str]
    dialect: str

    def name(self, key: ColumnKey) -> ColumnKey:
        """Return the column that stands for ``key``: the first one that it equals and shares the type of."""
        kind = self.types.get(key)
        for one in self.classes:
            if key in one and kind is not None:
                return min(each for each in one if self.types.get(each) == kind)
        return key

    def equal(self, pair: frozenset[ColumnKey]) -> bool:
        """Whether the view equates two columns."""
        return any(pair <= one for one in self.classes)

    @property
    def signature(self) -> tuple[object, ...]:
        """What two views share that are the same."""
        return (
            self.labels,
            frozenset(self.classes),
            frozenset(self.tests),
            frozenset(self.keys),
            frozenset(self.measures),
        )


def merge(parts: Sequence[Part]) -> View | None:
    """Return the view that serves all of ``parts``, which ask for the same tables; None where there is none."""
    labels, dialect = parts[0].labels, parts[0].block.query.dialect
    classes = _classes(parts[0].equal)
    for one in parts[1:]:
        classes = _common(classes, _classes(one.equal))
    if not _connected(labels, classes):
        return None
    shared = set(parts[0].tests).intersection(*(one.tests for one in parts[1:]))
    tests = {key: parts[0].tests[key][0] for key in sorted(shared)}
    empty = View(labels, tuple(classes), tests, {}, {}, _types(parts), dialect)
    keys: dict[str, Expression] = {}
    measures: dict[str, Expression] = {}
    for one in parts:
        for expression in _needed(one, empty):
            mine = mapped(expression, empty.name, dialect)
            keys[mine.key] = mine
        for measure in one.measures.values():
            for kept in renamed(measure, empty.name, dialect).kept:
                measures[kept.key] = kept
    columns = {one.column for one in keys.values()} - {None}
    keys = {key: one for key, one in keys.items() if one.column is not None or not one.columns <= columns}
    for expression in list(keys.values()):
        _finest(expression, keys, empty)
    if _unfiltered(parts[0], tests.values()) or _masked(
        parts[0], [*keys.values(), *measures.values(), *tests.values()]
    ):
        return None
    if not keys and any(_has_groups(one) for one in parts):
        return None  # without keys a view of an empty table has a row
    return View(labels, tuple(classes), tests, keys, measures, empty.types, dialect)


def _finest(one: Expression, keys: dict[str, Expression], view: View) -> None:
    """Drop a column's year where its month is a key, too."""
    for key in one.columns:
        cut = [coarse(key, unit, view.types.get(key), view.dialect) for unit in UNITS]
        there = [each.key for each in cut if each is not None and each.key in keys]
        for each in there[:-1]:
            del keys[each]


def _masked(one: Part, expressions: Iterable[Expression]) -> bool:
    """Whether one of the columns is shown to some users only: a view would show it as its maker sees it."""
    found = [one.block.sources[label].column(name) for each in expressions for label, name in each.columns]
    return any(each is not None and (each.masking_policy or each.policy_tag) for each in found)


def _unfiltered(one: Part, tests: Iterable[Expression]) -> bool:
    """Whether a table that may only be read with a filter on its partitions would be read without one."""
    filtered = {key for test in tests for key in test.columns}
    for label in one.labels:
        table = one.block.sources[label].table
        by = table.partition_by if table is not None else None
        if by is not None and by.require_filter and (label, by.column.casefold()) not in filtered:
            return True
    return False


def _has_groups(one: Part) -> bool:
    node = one.block.node
    return node.args.get("group") is not None or node.args.get("distinct") is not None


def _needed(one: Part, view: View) -> Iterable[Expression]:
    """Yield what a block needs of the view's columns outside of it."""
    yield from one.atoms.values()
    for key, (_, needed) in one.tests.items():
        if key not in view.tests:
            yield from needed
    for pair in one.equal:
        if not view.equal(pair):
            yield from (column(key, view.dialect) for key in sorted(pair))


def _types(parts: Sequence[Part]) -> dict[ColumnKey, str]:
    found: dict[ColumnKey, str] = {}
    sources = parts[0].block.sources
    for label in parts[0].labels:
        table = sources[label].table
        for name, one in (table.columns if table is not None else {}).items():
            if one.type is not None:
                found[label, name.casefold()] = one.type.casefold()
    return found


def _classes(pairs: Iterable[frozenset[ColumnKey]]) -> list[frozenset[ColumnKey]]:
    """Return the classes of columns that pairs of equal ones make."""
    classes: list[frozenset[ColumnKey]] = []
    for pair in pairs:
        touched = [one for one in classes if one & pair]
        classes = [one for one in classes if not one & pair]
        classes.append(pair.union(*touched))
    return classes


def _common(
    left: Iterable[frozenset[ColumnKey]], right: Sequence[frozenset[ColumnKey]]
) -> list[frozenset[ColumnKey]]:
    return [both for one in left for other in right if len(both := one & other) > 1]


def _connected(labels: frozenset[str], classes: Iterable[frozenset[ColumnKey]]) -> bool:
    """Whether equalities join all tables."""
    reached = {min(labels)}
    links = [{label for label, _ in one} for one in classes]
    for _ in labels:
        for link in links:
            if link & reached:
                reached |= link
    return reached == labels


def connected(one: Part) -> bool:
    """Whether the part's own equalities join all of its tables."""
    return _connected(one.labels, _classes(one.equal))
