"""The rows of joins: equalities by keys and distinct values, outer joins by the side that is kept."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sqlopt.cost.statistics import Values
from sqlopt.plan import Kind, Operator

if TYPE_CHECKING:
    from sqlglot import exp

    from sqlopt.cost.planner import Step
    from sqlopt.query import Query
    from sqlopt.query.bind.model import Scope, Source


_ALIKE: Final = 1.15
"""Distinct counts are approximate: within this factor they are taken to be the same."""


@dataclass(frozen=True, slots=True)
class Edge:
    """An equality of two columns of two sources; ``join`` is the join whose ON says it, None for WHERE."""

    left: Source
    name: str
    right: Source
    other: str
    join: exp.Join | None


class Join:
    """Puts the filtered sources of one scope together."""

    def __init__(self, query: Query, scope: Scope, steps: dict[int, Step], edges: list[Edge]) -> None:
        self.query, self.scope, self.steps, self.edges = query, scope, steps, edges
        self._sources = {id(one): one for one in scope.sources.values()}

    def all(self) -> Step:
        """Return the step of all sources joined."""
        order = [one for one in self._sources.values() if not self._bound(one)]
        waiting = [one for one in self._sources.values() if self._bound(one)]
        current, done = self._first(order)
        while order:
            best = min(order, key=lambda one: self._size(current, done, one))
            order.remove(best)
            current = self._with(current, done, best)
            done.add(id(best))
        for one in waiting:
            current = self._with(current, done, one)
            done.add(id(one))
        return current

    def _bound(self, source: Source) -> bool:
        """Whether a source's place in the order is fixed: outer, semi and anti joins.

        An outer join whose NULLs an equality in WHERE throws away again is an inner one.
        """
        join = source.join
        if any(one.join is None and source in (one.left, one.right) for one in self.edges):
            return False
        return join is not None and bool(join.side or (join.kind or "").upper() in ("SEMI", "ANTI"))

    def _first(self, order: list[Source]) -> tuple[Step, set[int]]:
        """Take the pair that gives the fewest rows, or the only source, out of ``order``."""
        pairs = [
            (self._size(self.steps[id(one)], {id(one)}, other), place, one)
            for place, one in enumerate(order)
            for other in order
            if other is not one and self._edges({id(one)}, other)
        ]
        first = (
            min(pairs, key=lambda one: one[:2])[2] if pairs else (order or list(self._sources.values()))[0]
        )
        if first in order:
            order.remove(first)
        return self.steps[id(first)], {id(first)}

    def _edges(self, done: set[int], source: Source) -> list[tuple[Source, str, str]]:
        """Return the equalities between ``source`` and what is joined, as (other source, its column, own)."""
        found = []
        for one in self.edges:
            if one.right is source and id(one.left) in done:
                found.append((one.left, one.name, one.other))
            elif one.left is source and id(one.right) in done:
                found.append((one.right, one.other, one.name))
        return found

    def _share(self, current: Step, done: set[int], source: Source) -> tuple[float, float]:
        """Return the share of pairs that the equalities keep, and that of rows on the left without NULLs."""
        step = self.steps[id(source)]
        by_column: dict[str, tuple[Source, Values, Values]] = {}
        for other, name, own in self._edges(done, source):
            left = current.values.get((id(other), name), Values())
            right = step.values.get((id(source), own), Values())
            if own not in by_column or by_column[own][1].domain < left.domain:
                by_column[own] = (other, left, right)
        if not by_column:
            return 1.0, 1.0
        filled = math.prod(1.0 - left.nulls for _, left, _ in by_column.values())
        kept = filled * math.prod(1.0 - right.nulls for _, _, right in by_column.values())
        for other in {id(one): one for one, _, _ in by_column.values()}.values():
            pairs = [(left, right) for one, left, right in by_column.values() if one is other]
            kept /= self._combinations(other, source, pairs)
        return kept, filled

    def _combinations(self, other: Source, source: Source, pairs: list[tuple[Values, Values]]) -> float:
        """Return the combinations of values that columns joined to one table have on the side that holds most.

        Several columns have at most as many as that side has rows. It is the side with the larger domains; where
        they are alike, the smaller table: the larger one refers to it. Columns joined to another table are
        independent of these.
        """
        found = math.prod(max(left.domain, right.domain, 1.0) for left, right in pairs)
        if len(pairs) == 1:
            return found
        left_rows, right_rows = self._table_rows(other), self._table_rows(source)
        left_size = math.prod(max(left.domain, 1.0) for left, _ in pairs)
        right_size = math.prod(max(right.domain, 1.0) for _, right in pairs)
        if max(left_size, right_size) <= min(left_size, right_size) * _ALIKE ** len(pairs):
            most = min(left_rows, right_rows)
        else:
            most = left_rows if left_size > right_size else right_rows
        return min(found, max(most, *(max(left.domain, right.domain) for left, right in pairs)))

    def _table_rows(self, source: Source) -> float:
        table = source.table
        rows = self.steps[id(source)].rows
        return max(float(table.rows), rows) if table is not None and table.rows is not None else rows

    def _size(self, current: Step, done: set[int], source: Source) -> float:
        rows = current.rows * self.steps[id(source)].rows * self._share(current, done, source)[0]
        # A product without a condition comes last, however small.
        return rows if self._edges(done, source) else rows * 1e12

    def _with(self, current: Step, done: set[int], source: Source) -> Step:
        step = self.steps[id(source)]
        share, _ = self._share(current, done, source)
        edges = self._edges(done, source)
        join = source.join
        side, kind = (join.side or "").upper() if join else "", (join.kind or "").upper() if join else ""
        inner = current.rows * step.rows * share
        rows, name = inner, "Inner join" if edges else "Cross join"
        matched = min(step.rows * share, 1.0) if edges else 1.0
        if kind in ("SEMI", "ANTI"):
            matched = self._matched(current, done, source)
            rows = current.rows * (matched if kind == "SEMI" else 1.0 - matched)
            name = f"{kind.capitalize()} join"
        elif side in ("LEFT", "FULL", "RIGHT") and self._bound(source):
            rows = max(inner, current.rows if side != "RIGHT" else 0.0, step.rows if side != "LEFT" else 0.0)
            name = f"{side.capitalize()} join"
        span = self.query.span(join if join is not None else source.node)
        operator = Operator(
            Kind.JOIN,
            name,
            span,
            (current.operator, step.operator),
            condition=self._text(source),
            estimated_rows=rows,
        )
        kept = side in ("LEFT", "FULL") and self._bound(source)
        values = self._values(current, step, edges, source, rows, kept=kept)
        if side == "LEFT" and rows > 0 and self._bound(source):
            missing = max(1.0 - matched, 0.0)
            values |= {
                key: replace(one, nulls=min(one.nulls + missing, 1.0))
                for key, one in values.items()
                if key[0] == id(source)
            }
        return replace(
            current, operator=operator, rows=rows, values=values, known=current.known and step.known
        )

    def _matched(self, current: Step, done: set[int], source: Source) -> float:
        step = self.steps[id(source)]
        shares = [
            step.values.get((id(source), own), Values()).distinct
            / max(current.values.get((id(other), name), Values()).domain, 1.0)
            for other, name, own in self._edges(done, source)
        ]
        return min(min(shares, default=1.0), 1.0)

    @staticmethod
    def _values(  # noqa: PLR0913 - the two sides of a join and what joins them
        current: Step,
        step: Step,
        edges: list[tuple[Source, str, str]],
        source: Source,
        rows: float,
        *,
        kept: bool,
    ) -> dict[tuple[int, str], Values]:
        values = {key: one.among(rows, current.rows) for key, one in current.values.items()}
        values |= {key: one.among(rows, step.rows) for key, one in step.values.items()}
        for other, name, own in edges:
            left, right = values.get((id(other), name)), values.get((id(source), own))
            if left is not None and right is not None:
                least = min(left.distinct, right.distinct)
                if not kept:
                    values[id(other), name] = replace(left, distinct=least)
                values[id(source), own] = replace(right, distinct=least)
        return values

    def _text(self, source: Source) -> str | None:
        on = source.join.args.get("on") if source.join is not None else None
        return self.query.text(on) if on is not None else None
