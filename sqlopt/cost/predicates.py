"""The share of a relation's rows that a condition keeps: `Conditions` asks `selectivity` about each part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlglot import exp

from sqlopt.cost import selectivity
from sqlopt.cost.expressions import values_of
from sqlopt.cost.statistics import Values
from sqlopt.query.bind.nodes import conjuncts, is_query
from sqlopt.query.flow import Filter
from sqlopt.query.pruning.predicate import Judge
from sqlopt.query.scan import Scan
from sqlopt.query.text.forms import negation
from sqlopt.query.values.intervals import Ranges
from sqlopt.warehouses.pruning import PruningTable

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlopt.query import Query
    from sqlopt.query.bind.model import Scope, Source
    from sqlopt.query.pruning.outcome import Outcome

_LOGIC: Final = PruningTable("logic")
_ORDERED: Final = (exp.LT, exp.LTE, exp.GT, exp.GTE)
_MATCHES: Final = (exp.Like, exp.ILike, exp.RegexpLike, exp.RegexpILike, exp.SimilarTo)

Key = tuple[int, str]
"""A column of a source: ``(id(source), case-folded name)``."""


class Conditions:
    """Judges conditions of one scope over rows whose columns are known by ``values``.

    ``semi`` answers for IN (query) and EXISTS: the share of rows that find a partner.
    """

    def __init__(
        self,
        query: Query,
        scope: Scope,
        values: dict[Key, Values],
        rows: float,
        semi: Callable[[exp.Expr, Callable[[exp.Expr], Values]], float],
    ) -> None:
        self.query, self.scope, self.values, self.rows = query, scope, values, rows
        self._semi = semi

    def column(self, node: exp.Expr) -> Values:
        """Return what is known of a column here."""
        binding = self.query.binding(node)
        if binding is not None and binding.expr is not None:
            return values_of(binding.expr, self.column, self.rows)
        if binding is None or binding.source is None or binding.path:
            return Values(max(min(200.0, self.rows), 1.0))
        found = self.values.get((id(binding.source), binding.name))
        return found if found is not None else Values(max(min(200.0, self.rows), 1.0))

    def share(self, node: exp.Expr) -> float:
        """Return the share, from 0 to 1, of the rows for which ``node`` is true."""
        while isinstance(node, exp.Paren):
            node = node.this
        by_column = self._by_column(node)
        if by_column is not None:
            return by_column
        if isinstance(node, exp.And):
            return selectivity.damped(self.share(one) for one in conjuncts(node))
        if isinstance(node, exp.Or):
            return selectivity.either(self.share(one) for one in node.flatten())
        if isinstance(node, exp.Not):
            return 1.0 - self.share(node.this)
        return min(max(self._leaf(node), 0.0), 1.0)

    def together(self, conditions: list[exp.Expr]) -> tuple[list[float], list[exp.Expr]]:
        """Return the share of each column's conditions taken together, and the conditions that are left."""
        by_column, rest = self._ranges(conditions)
        found = [
            selectivity.of_ranges(ranges, self._known(key), self.rows) for key, ranges in by_column.items()
        ]
        return found, rest

    def limited(self, conditions: list[exp.Expr]) -> dict[Key, Values]:
        """Return what is known of each column that ``conditions`` limit, in the rows that they keep."""
        by_column, _ = self._ranges(conditions)
        found = {}
        for key, ranges in by_column.items():
            share = selectivity.of_ranges(ranges, self._known(key), self.rows)
            found[key] = self._known(key).limited(ranges, share)
        return found

    def _ranges(self, conditions: list[exp.Expr]) -> tuple[dict[Key, Ranges], list[exp.Expr]]:
        by_column: dict[Key, Ranges] = {}
        rest = []
        for node in conditions:
            judged = self._judged(node)
            if judged is None or not judged[1].logical.exact:
                rest.append(node)
                continue
            key, outcome = judged
            by_column[key] = by_column.get(key, Ranges.ALL).intersect(outcome.logical.true)
        return by_column, rest

    def _known(self, key: Key) -> Values:
        return self.values.get(key) or Values(max(min(200.0, self.rows), 1.0))

    def _by_column(self, node: exp.Expr) -> float | None:
        """Return the share by the values that one column may have; None where several decide, or none."""
        judged = self._judged(node)
        if judged is None:
            return None
        key, outcome = judged
        truth = outcome.logical
        kept = selectivity.of_ranges(truth.true, self._known(key), self.rows)
        plain, negated = negation(node)
        if truth.exact or not isinstance(plain, _MATCHES):
            return kept
        negated ^= bool(plain.args.get("negate"))  # NOT LIKE ANY (...)
        return max(kept - selectivity.MATCH, 0.0) if negated else min(kept, selectivity.MATCH)

    def _judged(self, node: exp.Expr) -> tuple[Key, Outcome] | None:
        """Return the one column that ``node`` speaks of, and what it says of it."""
        if node.find(exp.Subquery, exp.Select, exp.Exists) is not None:
            return None
        owners: set[tuple[int, str]] = set()
        source: Source | None = None
        for column in node.find_all(exp.Column):
            binding = self.query.binding(column)
            if binding is None or binding.source is None or binding.path or binding.expr is not None:
                return None
            source = binding.source
            owners.add((id(source), binding.name))
        if len(owners) != 1 or source is None:
            return None
        ((_, name),) = owners
        scan = Scan(self.query, source, source.table)
        outcome = Judge(scan, (name,), source.column(name), None, _LOGIC).predicate(
            node, Filter(node, self.scope)
        )
        if not outcome.touches or outcome.logical.true.is_all or outcome.opaque:
            return None
        return (id(source), name), outcome

    def _leaf(self, node: exp.Expr) -> float:
        if isinstance(node, exp.Boolean):
            return 1.0 if node.this else 0.0
        if isinstance(node, exp.Exists) or (isinstance(node, exp.In) and node.args.get("query") is not None):
            return self._semi(node, self.column)
        if isinstance(node, (exp.EQ, exp.NullSafeEQ)):
            return self._equal(node)
        if isinstance(node, exp.NEQ):
            return 1.0 - self._equal(node)
        if isinstance(node, exp.In):
            return min(len(node.expressions) * self._one(node.this), 1.0)
        if isinstance(node, exp.Between):
            return selectivity.RANGE / 3
        if isinstance(node, _ORDERED):
            return selectivity.RANGE
        if isinstance(node, exp.Is) and isinstance(node.expression, exp.Null):
            return values_of(node.this, self.column, self.rows).nulls
        if isinstance(node, _MATCHES):
            return 1.0 - selectivity.MATCH if node.args.get("negate") else selectivity.MATCH
        return selectivity.OTHER

    def _equal(self, node: exp.Expr) -> float:
        keys = [key for side in (node.this, node.expression) if is_query(side) for key in self._keys(side)]
        if keys:  # x = (SELECT MIN(x) ... WHERE k = outer.k): a row for each k
            return min(max(keys) / max(self.rows, 1.0), 1.0)
        sides = [one for one in (node.this, node.expression) if not is_query(one)]
        known = [values_of(one, self.column, self.rows) for one in sides if one.find(exp.Column) is not None]
        if not known:
            return 1.0 if node.this == node.expression else selectivity.OTHER
        return min(selectivity.equal(one, self.rows) for one in known)

    def _keys(self, subquery: exp.Expr) -> list[float]:
        """Return the distinct values of the outer columns that an aggregating subquery is correlated by."""
        while isinstance(subquery, (exp.Subquery, exp.Paren)):
            subquery = subquery.this
        if not isinstance(subquery, exp.Select) or not subquery.expressions[0].find(exp.Min, exp.Max):
            return []
        where = subquery.args.get("where")
        sides = [
            side
            for one in conjuncts(where.this if where is not None else None)
            if isinstance(one, exp.EQ)
            for side in (one.this, one.expression)
        ]
        return [
            self.column(one).distinct
            for one in sides
            if (found := self.query.binding(one)) is not None and found.outer
        ]

    def _one(self, node: exp.Expr) -> float:
        return selectivity.equal(values_of(node, self.column, self.rows), self.rows)


def common(node: exp.Expr) -> list[exp.Expr]:
    """Return the equalities of columns that stand in every arm of an OR: they hold whichever arm does."""
    while isinstance(node, exp.Paren):
        node = node.this
    if not isinstance(node, exp.Or):
        return []
    arms = [list(conjuncts(arm)) for arm in node.flatten()]
    return [
        one
        for one in arms[0]
        if isinstance(one, exp.EQ)
        and isinstance(one.this, exp.Column)
        and isinstance(one.expression, exp.Column)
        and all(one in arm for arm in arms[1:])
    ]
