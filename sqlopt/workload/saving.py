"""What a view costs and saves: its size, a refresh, its storage, and each statement before and after."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

from sqlglot import exp

from sqlopt.catalog import Catalog, Column, Table
from sqlopt.cost.bytes import scan_bytes
from sqlopt.cost.estimate import Basis, Estimate
from sqlopt.cost.money import storage
from sqlopt.cost.statement import StatementCost, statement_cost
from sqlopt.cost.width import width
from sqlopt.query.understand import understand
from sqlopt.workload.size import Size
from sqlopt.workload.size import size as size_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlopt.cost.calibration import Calibration
    from sqlopt.cost.terms import Terms
    from sqlopt.query import Query
    from sqlopt.workload.part import Part
    from sqlopt.workload.views import Written

DAYS: Final = 30.4375
"""Days of a month."""


class With(Catalog):
    """A catalog with one table more."""

    def __init__(self, base: Catalog, table: Table) -> None:
        super().__init__((table,), base.dialect, base.default_database, base.default_schema)
        self.base = base

    def table(self, name: str) -> Table | None:
        """Return the table of this dotted name, as `Catalog.table` does."""
        return super().table(name) or self.base.table(name)


class Rough(Catalog):
    """A catalog without row groups: what many views are compared by is soon told, and near enough."""

    def __init__(self, base: Catalog) -> None:
        super().__init__((), base.dialect, base.default_database, base.default_schema)
        self.base = base
        self._found: dict[str, Table | None] = {}

    def table(self, name: str) -> Table | None:
        """Return the table of this dotted name, as `Catalog.table` does."""
        if name not in self._found:
            found = self.base.table(name)
            self._found[name] = replace(found, row_groups=()) if found is not None else None
        return self._found[name]


@dataclass(frozen=True)
class Sized:
    """A view with its size: ``table`` as a catalog would hold it, its rows None where they can't be told.

    ``base_rows`` are those of the largest of its tables that no other one refers to. ``definition`` is its
    query, understood.
    """

    written: Written
    table: Table
    base_rows: int | None
    definition: Query
    size: Size | None = None

    @cached_property
    def reads(self) -> float | None:
        """The bytes that making it from nothing reads; None where a table's size is not known."""
        found = [scan_bytes(one) for one in self.definition.scans]
        known = [one.now.expected for one in found if one is not None]
        return sum(known) if len(known) == len(found) else None

    def build(self, terms: Terms, calibration: Calibration | None = None) -> StatementCost:
        """Return what it costs to make it from nothing."""
        return statement_cost(self.definition, terms, calibration)

    @cached_property
    def reduction(self) -> float | None:
        """How many rows of its largest table stand behind each of its own."""
        if self.table.rows is None or self.base_rows is None:
            return None
        return self.base_rows / max(self.table.rows, 1)

    @property
    def grouping(self) -> float | None:
        """How many joined and filtered rows stand behind each of its own."""
        return self.size.joined / max(self.size.rows, 1.0) if self.size is not None else None

    def stored(self, terms: Terms) -> Estimate | None:
        """Return what a month of storing it costs."""
        if self.table.bytes is None:
            return None
        return storage(self.written.view.dialect, float(self.table.bytes), terms).money


def sized(written: Written, part: Part, catalog: Catalog) -> Sized:
    """Return a view with its estimated size; ``part`` is one of those that it serves."""
    query = part.block.query
    (definition,) = understand(written.sql(pretty=False), query.dialect, catalog, query.today)
    tables = [part.block.sources[label].table for label in written.view.labels]
    estimated = size_of(definition)
    rows = max(round(estimated.rows), 1) if estimated is not None else None
    columns = {one.name: one for one in _columns(written, part, rows)}
    largest = max((one for one in tables if one is not None), key=lambda one: one.rows or 0, default=None)
    dialect = query.dialect
    size = None
    if rows is not None and largest is not None:
        wide = sum(width(one, dialect).bytes for one in columns.values())
        size = round(rows * wide * _density(largest, dialect))
    name = ".".join([*(one.name for one in written.qualifier), written.name])
    table = Table(name, columns, rows=rows, bytes=size, origin="estimated")
    base = round(estimated.base) if estimated is not None else None
    return Sized(written, table, base, definition, estimated)


def _columns(written: Written, part: Part, rows: int | None) -> Sequence[Column]:
    found = []
    for key, one in written.view.keys.items():
        base = None
        label, column = next(iter(one.columns))
        name = written.columns[key]
        if one.column is not None:
            base = part.block.sources[label].column(column)
        elif one.tree.find(exp.TimestampTrunc, exp.DateTrunc) is not None:
            found.append(Column(name, written.view.types.get((label, column))))
            continue
        if base is None:
            found.append(Column(name))
            continue
        distinct = base.distinct if base.distinct is None or rows is None else min(base.distinct, rows)
        found.append(replace(base, name=name, distinct=distinct, bytes=None, tags=(), comment=None))
    for key, one in written.view.measures.items():
        call = one.tree.this if isinstance(one.tree, exp.Filter) else one.tree
        kind = "BIGINT" if isinstance(call, exp.Count) else "DECIMAL(38, 2)"
        found.append(Column(written.columns[key], _spelled(kind, written.view.dialect)))
    return found


def _spelled(kind: str, dialect: str) -> str:
    if dialect == "bigquery":
        return {"BIGINT": "INT64"}.get(kind, "NUMERIC")
    return kind


def _density(table: Table, dialect: str) -> float:
    """Return how many bytes a table takes for each that its types say: what compression leaves."""
    if dialect == "bigquery" or not table.rows or not table.bytes or not table.columns:
        return 1.0
    wide = sum(width(one, dialect).bytes for one in table.columns.values())
    return min(table.bytes / (table.rows * wide), 1.0) if wide else 1.0


def cost_after(
    text: str, query: Query, view: Sized, terms: Terms, calibration: Calibration | None = None
) -> StatementCost | None:
    """Return what a rewritten statement costs; None if it can't be understood any more."""
    found = understand(text, query.dialect, With(query.catalog, view.table), query.today)
    if len(found) != 1 or found[0].statement.tree is None:
        return None
    if len(found[0].unresolved) > len(query.unresolved):
        return None
    return statement_cost(found[0], terms, calibration)


def difference(before: Estimate | None, after: Estimate | None) -> Estimate | None:
    """Return what is saved a run, from the ends that go together; None where either is not known."""
    if before is None or after is None:
        return None
    order = list(Basis)
    basis = max(before.basis, after.basis, Basis.ASSUMED, key=order.index)  # the view's size is assumed
    low, high = before.low - after.high, before.high - after.low
    expected = before.expected - after.expected
    return Estimate(min(low, expected), expected, max(high, expected), before.unit, basis)


def less(left: Estimate, right: Estimate) -> Estimate:
    """Return one estimate less another."""
    found = difference(left, right)
    assert found is not None  # noqa: S101 - both are there
    return found
