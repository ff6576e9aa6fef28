"""The conditions that every row of a scope fulfils, and the constants and intervals that follow."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.nodes import conjuncts, fold
from sqlopt.query.values.calendar import family
from sqlopt.query.values.constants import constant, fold_cast
from sqlopt.query.values.effects import one_value
from sqlopt.query.values.intervals import Ranges
from sqlopt.warehouses.semantics import semantics

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.catalog import Table
    from sqlopt.query.bind.model import Scope, Source
    from sqlopt.query.query import Query
    from sqlopt.query.values.constants import Constant

Place = tuple[int, str]
"""A column of a source: ``(id(source), name)``."""
# Joins whose result fulfils ON: a pair of rows, or (SEMI, ANY) a row that some partner fulfils it with.
_TEXT_TYPES = ("varchar", "char", "text", "string", "character", "nvarchar", "nchar", "bpchar", "citext")
_KEEPING = ("", "INNER", "CROSS", "SEMI", "ANY", "STRAIGHT_JOIN")


class Conditions:
    """What the clauses of a scope say of its rows."""

    def __init__(self, query: Query, *, trusting: bool = False) -> None:
        self.query = query
        self.trusting = trusting
        self._conditions: dict[int, tuple[exp.Expr, ...]] = {}
        self._constants: dict[int, dict[Place, Constant]] = {}

    def conditions(self, scope: Scope) -> tuple[exp.Expr, ...]:
        """The conjuncts of WHERE and of inner joins: true of every row before it is grouped."""
        known = self._conditions.get(id(scope))
        if known is None:
            # What UPDATE returns is what it made of the rows that WHERE found.
            where = scope.node.args.get("where") if isinstance(scope.node, exp.Select) else None
            found = list(conjuncts(where.this if where is not None else None))
            for join in self.inner_joins(scope):
                found += conjuncts(join.args.get("on"))
            known = self._conditions[id(scope)] = tuple(found)
        return known

    def late_conditions(self, scope: Scope) -> Iterator[exp.Expr]:
        """Yield the conjuncts of HAVING and QUALIFY: true of every row that is given out."""
        for clause in ("having", "qualify"):
            late = scope.node.args.get(clause)
            yield from conjuncts(late.this if late is not None else None)

    def inner_joins(self, scope: Scope) -> list[exp.Join]:
        """The joins of a scope that drop what does not fulfil them, and behind which no outer join adds it again."""
        found: list[exp.Join] = []
        for join in scope.node.args.get("joins") or ():
            side, kind, method = ((one or "").upper() for one in (join.side, join.kind, join.method))
            if side in ("RIGHT", "FULL") and kind != "SEMI":
                found.clear()
            elif (side in ("", "INNER") or kind == "SEMI") and kind in _KEEPING and method in ("", "NATURAL"):
                found.append(join)
        return found

    def place(self, node: exp.Expr) -> Place | None:
        """The column of a source that ``node`` is; None for a field of it or anything else."""
        binding = self.query.binding(node.unnest())
        if binding is None or binding.source is None or binding.path:
            return None
        return id(binding.source), binding.name

    def merged(self, scope: Scope) -> Iterator[tuple[exp.Join, Source, Source, str]]:
        """Yield (join, left, right, column) for what USING and NATURAL make equal, where there is one left side."""
        before: list[Source] = []
        for source in scope.sources.values():
            join = source.join
            if join is not None:
                names = [fold(one) for one in join.args.get("using") or ()]
                if (join.method or "").upper() == "NATURAL":
                    names = [one for one in source.columns if source in scope.merged.get(one, ())]
                for name in names:
                    lefts = [one for one in before if one.open or name in one.columns]
                    if len(lefts) == 1:
                        yield join, lefts[0], source, name
            before.append(source)

    def _types_differ(self, node: exp.Expr) -> bool:
        """Whether a text is compared with another type: '1' and '01' are two texts and, in some engines, one number."""
        kinds = {self._is_text(one) for one in (node.this, node.expression)}
        return kinds == {True, False}

    def _is_text(self, node: exp.Expr) -> bool | None:
        kind = self._type(node)
        return None if kind is None else kind.startswith(_TEXT_TYPES)

    def _type(self, node: exp.Expr) -> str | None:
        origin = self.query.origin(node.unnest()) if isinstance(node.unnest(), exp.Column) else None
        column = origin[0].column(origin[1]) if origin is not None else None
        return column.type.casefold() if column is not None and column.type else None

    # ---- constants and intervals

    def constant(self, node: exp.Expr) -> Constant | None:
        """The constant that ``node`` is, or that an equality in its scope fixes it to."""
        found = self._literal(node)
        if found is not None:
            return found
        scope = self.query.scope_of(node)
        if scope is None or not isinstance(node, exp.Column):
            return None
        place = self.place(node)
        return self.fixed(scope).get(place) if place is not None else None

    def _literal(self, node: exp.Expr) -> Constant | None:
        # A fact holds on every day: what the clock says is a constant of the run, of unknown value.
        found = constant(node, self.query.dialect, variables=self.query.variables)
        # ANY of some values is no value, and a function that nobody knows may give another each time.
        return found if found is None or found.known or one_value(node) else None

    def fixed(self, scope: Scope) -> dict[Place, Constant]:
        """The columns that equalities fix, before the rows are grouped."""
        known = self._constants.get(id(scope))
        if known is None:
            known = self._constants[id(scope)] = dict(self._equated_to_constants(self.conditions(scope)))
        return known

    def _equated_to_constants(self, conditions: tuple[exp.Expr, ...]) -> Iterator[tuple[Place, Constant]]:
        for one in conditions:
            node = one.unnest()
            if not isinstance(node, exp.EQ):
                continue
            for column, other in ((node.this, node.expression), (node.expression, node.this)):
                place = self.place(column) if isinstance(column.unnest(), exp.Column) else None
                value = self._literal(other) if place is not None else None
                if place is None or value is None or value.null:
                    continue
                other_type = value.clock or (value.known and not isinstance(value.value, str))
                if not (self._is_text(column) and other_type):
                    yield place, self._as_held(value, column)

    def _as_held(self, value: Constant, column: exp.Expr) -> Constant:
        """A constant as a column that equals it holds it: of '1' and '01' an integer makes one value."""
        if not value.known or value.value is None or self._is_text(column):
            return value
        dialect, kind = self.query.dialect, self._type(column) or ""
        # A text as an instant is the session's affair.
        sure = family(kind, dialect) not in ("", "instant") or not isinstance(value.value, str)
        held = fold_cast(value.value, kind, dialect) if sure else None
        return replace(value, value=held, known=held is not None and not isinstance(held, str))

    def interval(self, column: exp.Expr) -> Ranges:
        """The values that the column may have, on any day, in the rows its scope's WHERE keeps."""
        from sqlopt.query.pruning.predicate import Judge
        from sqlopt.query.scan import Scan
        from sqlopt.warehouses.pruning import PruningTable

        binding = self.query.binding(column)
        if binding is None or binding.source is None or binding.path:
            return Ranges.ALL
        source = binding.source
        scan = Scan(self.query, source, source.table)
        column_of = source.column(binding.name)
        judge = Judge(scan, (binding.name,), column_of, None, PruningTable("logic"), always=True)
        found = Ranges.ALL
        for one in self.query.flow.own(source.scope, source):
            if not one.stopped:
                found = found.intersect(judge.filter(one).logical.true)
        return found

    def _keeps_null_out(self, table: Table) -> bool:
        """Whether a primary key's columns are never NULL: in an engine that lets NULL in, only a row's own number."""
        known = semantics(self.query.dialect)
        if not (known.null_in_primary_key.only(value=True) and known.keys_enforced.only(value=True)):
            return True
        kinds = [column.type for name in table.primary_key if (column := table.column(name)) is not None]
        return [(one or "").casefold() for one in kinds] == ["integer"]

    def _enforced(self, source: Source) -> bool:
        table = source.table
        if table is None:
            return False
        if self.trusting:
            return True
        if table.enforced is not None:
            return table.enforced
        return semantics(self.query.dialect).keys_enforced.only(value=True)
