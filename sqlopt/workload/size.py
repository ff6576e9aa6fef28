"""How many rows a view has.

Our planner spreads a table's rows evenly over the table that it joins. A view that is kept needs more care: a
dimension such as a calendar reaches far beyond the rows that there are. Where the values of the largest table's
foreign key are a run without gaps, the dimension counts for that run alone, and so do its columns that grow with it:
those with values enough for the run to hold at least one (years and days, but not days of the week).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlglot import exp

from sqlopt.cost.expressions import values_of
from sqlopt.cost.groups import groups
from sqlopt.cost.planner import Planner
from sqlopt.cost.statistics import Values
from sqlopt.query.bind.nodes import conjuncts
from sqlopt.query.values.scalars import neighbours, place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query
    from sqlopt.query.bind.model import Scope, Source

_COVERED: Final = 0.5
"""A dimension of which at least so much is used counts whole."""
_UNIQUE: Final = 0.8
"""A column with distinct values in so many of its rows is a key."""
_GAPS: Final = 2.0
"""A run of values may be so many times as long as there are values in it: counts are estimates too."""


@dataclass(frozen=True, slots=True)
class Size:
    """The rows of a view, those of its joins and conditions before they are grouped, and those of its fact table."""

    rows: float
    joined: float
    base: float


def size(definition: Query) -> Size | None:
    """Return how many rows a view's defining query gives; None where the catalog does not say enough."""
    scope = next((one for one in definition.scopes if one.parent is None), None)
    if scope is None or any(one.table is None or not one.table.rows for one in scope.sources.values()):
        return None
    return _Sizer(definition, scope).size()


class _Sizer:
    def __init__(self, query: Query, scope: Scope) -> None:
        self.query, self.scope = query, scope
        self.sources = list(scope.sources.values())
        self.fact = self._fact()
        planner = Planner(query)
        self.joined = planner.joined(scope).rows
        filtered = planner.filtered_rows(scope)
        self.filtered = {id(one): rows for one, rows in zip(self.sources, filtered, strict=True)}
        self.covered = {id(one): self._covered(one) for one in self.sources}
        self.base = _rows(self.fact)
        self.sure = True

    def size(self) -> Size | None:
        """Return the rows, joined and grouped."""
        joined = self.joined
        tested = {id(source) for source, name in self._tested() if self._grows(source, name)}
        for one in tested:
            joined /= self.covered[one]
        joined = min(joined, max(self.joined, self.base))
        group = self.scope.node.args.get("group")
        if group is None:
            return Size(1.0, joined, self.base)
        keys = [(self._owner(one), values_of(one, self._values, joined)) for one in group.expressions]
        most = {
            id(one): min(self.filtered[id(one)], _rows(one) * self.covered[id(one)]) for one in self.sources
        }
        return Size(groups(joined, keys, most), joined, self.base) if self.sure else None

    def _fact(self) -> Source:
        """Return the largest of the tables that no other one refers to."""
        referred = set()
        for left, right in self._equalities():
            for source, name in (left, right):
                column = source.column(name)
                if column is not None and (column.distinct or 0) > _rows(source) * _UNIQUE:
                    referred.add(id(source))
        free = [one for one in self.sources if id(one) not in referred]
        return max(free or self.sources, key=_rows)

    def _values(self, node: exp.Expr) -> Values:
        found = self._column(node)
        column = found[0].column(found[1]) if found is not None else None
        if found is None or column is None:
            self.sure = False
            return Values()
        source, name = found
        rows = _rows(source)
        values = Values.of(
            column, rows, unique=source.table is not None and source.table.primary_key == (name,)
        )
        self.sure = self.sure and values.known
        values = values.among(self.filtered[id(source)], rows)
        if self._grows(source, name):
            most = max(values.distinct, 1.0)
            whole = Values.of(column, rows).distinct * self.covered[id(source)]
            return Values(max(min(most, whole), 1.0), values.low, values.high, values.nulls, known=True)
        return values

    def _grows(self, source: Source, name: str) -> bool:
        """Whether a column has so many values that it must grow along a dimension of which a part is used."""
        column = source.column(name)
        covered = self.covered[id(source)]
        return covered < 1 and column is not None and (column.distinct or 0) * covered >= 1

    def _covered(self, source: Source) -> float:
        """Return which share of a dimension the largest table's rows refer to, if they refer to a run of it."""
        if source is self.fact:
            return 1.0
        for left, right in self._equalities():
            for (mine, name), (other, there) in ((left, right), (right, left)):
                if mine is source and other is self.fact:
                    column, key = mine.column(name), other.column(there)
                    if column is None or key is None or not column.distinct or not key.distinct:
                        continue
                    share = key.distinct / column.distinct
                    if share < _COVERED and _is_run(key.min, key.max, key.distinct):
                        return share
        return 1.0

    def _equalities(self) -> Iterator[tuple[tuple[Source, str], tuple[Source, str]]]:
        for node in self._conditions():
            if isinstance(node, exp.EQ):
                sides = [self._column(one) for one in (node.this, node.expression)]
                if sides[0] is not None and sides[1] is not None:
                    yield sides[0], sides[1]

    def _conditions(self) -> Iterator[exp.Expr]:
        where = self.scope.node.args.get("where")
        yield from conjuncts(where.this if where is not None else None)
        for join in self.scope.node.args.get("joins") or ():
            yield from conjuncts(join.args.get("on"))

    def _tested(self) -> Iterator[tuple[Source, str]]:
        """Yield the columns that WHERE compares."""
        where = self.scope.node.args.get("where")
        for node in where.find_all(exp.Column) if where is not None else ():
            found = self._column(node)
            if found is not None:
                yield found

    def _column(self, node: exp.Expr) -> tuple[Source, str] | None:
        binding = self.query.binding(node) if isinstance(node, exp.Column) else None
        return (binding.source, binding.name) if binding is not None and binding.source is not None else None

    def _owner(self, node: exp.Expr) -> int:
        owners = {
            id(found[0]) for one in node.find_all(exp.Column) if (found := self._column(one)) is not None
        }
        return owners.pop() if len(owners) == 1 else 0


def _rows(source: Source) -> float:
    return float(source.table.rows or 0) if source.table is not None else 0.0


def _is_run(low: object, high: object, distinct: int) -> bool:
    """Whether values between two ends leave few gaps."""
    if low is None or high is None:
        return False
    first, last, step = place(low), place(high), neighbours(low, high)  # type: ignore[arg-type]
    if first is None or last is None or not step:
        return False
    return float((last - first) / step + 1) <= distinct * _GAPS
