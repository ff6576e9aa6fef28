"""Which expressions are never NULL, and which may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.facts.conditions import Conditions
from sqlopt.query.facts.grouping import group_items, has_sets, is_item, sets_made
from sqlopt.query.values.truth import can_be_true
from sqlopt.warehouses.semantics import Failure, semantics

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlopt.query.bind.model import Output, Scope, Source

_VALUES = (exp.Literal, exp.Boolean, exp.Count, exp.CountIf, exp.CurrentDate, exp.CurrentTimestamp)
# Functions that answer NULL when an argument is NULL and otherwise a value.
_STRICT = (exp.Add, exp.Sub, exp.Mul, exp.Neg, exp.Upper, exp.Lower, exp.Length, exp.Trim, exp.Abs, exp.DPipe)
# What is NULL where it is empty, if the dialect holds '' to be NULL.
_TEXTS = (exp.Upper, exp.Lower, exp.Length, exp.Trim, exp.DPipe)
# Aggregates that are NULL only where every value is. Of a group there is at least one.
_EXTREMES = (exp.Max, exp.Min, exp.Sum, exp.Avg, exp.AnyValue)
_NUMBERS = (exp.RowNumber, exp.Rank, exp.DenseRank)


class Nulls(Conditions):
    """NOT NULL, by declarations, conditions and the way a value is made."""

    def not_null(self, node: exp.Expr) -> bool | None:
        """Whether ``node`` can't be NULL in the rows that its scope keeps.

        False where nothing keeps NULL away: a column that is declared nullable, an outer join's filling, the total
        of a ROLLUP. None when unknown.
        """
        node = node.unnest()
        if isinstance(node, exp.Null):
            return False
        if isinstance(node, _VALUES) or (isinstance(node, exp.Window) and isinstance(node.this, _NUMBERS)):
            return True
        if isinstance(node, exp.Coalesce):
            parts = [self.not_null(one) for one in (node.this, *node.expressions)]
            return True if any(parts) else _all(parts)
        if isinstance(node, (exp.Case, exp.If)):
            return self._chosen(node)
        if isinstance(node, exp.Window):
            return self._over(node)
        if isinstance(node, _EXTREMES):
            return self._aggregate(node)
        if isinstance(node, exp.Column):
            return self._column(node)
        if isinstance(node, exp.Filter):
            return True if isinstance(node.this, exp.Count) else None
        return self._computed(node)

    def _computed(self, node: exp.Expr) -> bool | None:
        cells = semantics(self.query.dialect)
        # Where CAST fails rather than answers NULL. Snowflake casts JSON's null to NULL.
        if type(node) is exp.Cast and cells.text_to_integer.only(Failure.ERROR) and not node.args.get("safe"):
            return self.not_null(node.this)
        if isinstance(node, _STRICT) and not (
            cells.empty_is_null.only(value=True) and isinstance(node, _TEXTS)
        ):
            parts = [one for one in node.iter_expressions() if not isinstance(one, exp.DataType)]
            return _all([self.not_null(one) for one in parts]) if parts else None
        return None

    def _chosen(self, node: exp.Expr) -> bool | None:
        branches = node.args["ifs"] if isinstance(node, exp.Case) else [node]
        last = node.args.get("default" if isinstance(node, exp.Case) else "false")
        values = [one.args["true"] for one in branches] + ([last] if last is not None else [])
        found = _all([self.not_null(one) for one in values])
        return None if last is None and found is not False else found

    def _over(self, node: exp.Window) -> bool | None:
        """An aggregate over a window: without a frame of its own the row itself is among its rows."""
        if isinstance(node.this, exp.Count):
            return True
        plain = (
            isinstance(node.this, _EXTREMES) and node.args.get("spec") is None and not node.args.get("alias")
        )
        return self.not_null(node.this.this) if plain else None

    def _aggregate(self, node: exp.Expr) -> bool | None:
        scope = self.query.scope_of(node)
        group = scope.node.args.get("group") if scope is not None else None
        if scope is None or isinstance(node.parent, (exp.Filter, exp.WithinGroup, exp.Window)):
            return None
        if group is None or not group_items(group) or has_sets(group):
            return None  # a total of no rows is NULL
        return self.not_null(node.this)

    def _column(self, node: exp.Expr) -> bool | None:
        binding = self.query.binding(node)
        if binding is None or binding.path:
            return None
        if binding.source is None:
            return self.not_null(binding.expr) if binding.expr is not None else None
        scope = self.query.scope_of(node)
        if scope is None:
            return self.source_not_null(binding.source, binding.name)
        made = self._total(node, scope)
        if self.kept_not_null(scope, binding.source, binding.name, node):
            return True
        if made is not False:
            return False if made else None
        present = not _deciding(node, scope) and self._present(scope, binding.source)
        found = self.source_not_null(binding.source, binding.name, present=present)
        # USING gives the other side's value where one side of an outer join has none.
        merged = not node.args.get("table") and binding.name in scope.merged
        return None if merged and not found else found

    def _total(self, node: exp.Expr, scope: Scope) -> bool | None:
        """Whether a column stands for a key of grouping sets, which the rows of the other sets have as NULL."""
        group = scope.node.args.get("group")
        if group is None or not has_sets(group) or _in_aggregate(node):
            return False
        if any(self._equal(one, node) for one in sets_made(group)):
            return True
        plain = any(self._equal(one, node) for one in group_items(group))
        return False if plain else None

    def _equal(self, item: exp.Expr, node: exp.Expr) -> bool:
        place = self.place(item)
        return item == node or (place is not None and place == self.place(node))

    # ---- sources and outputs

    def source_not_null(self, source: Source, name: str, *, present: bool = False) -> bool | None:
        """Whether a source's column can't be NULL where the source is read; as `not_null`.

        ``present`` says that an outer join's filling is dropped again.
        """
        if source.pivoted or source.node.args.get("cross_apply") is False:
            return None
        if source.nullable and not present:
            return False
        if source.inner is not None:
            return self.output_not_null(source.inner, source.renames.get(name, name))
        column = source.column(name)
        if column is None:
            return None
        if column.nullable is False:
            return True
        table = source.table
        keys = {one.casefold() for one in table.primary_key} if table is not None else ()
        in_key = source.renames.get(name, name) in keys and self._enforced(source)
        if in_key and table is not None and self._keeps_null_out(table):
            return True
        return False if column.nullable or column.nulls else None

    def output_not_null(self, scope: Scope, name: str) -> bool | None:
        """Whether an output (case-folded) of a scope is never NULL; as `not_null`."""
        if scope.branches:
            return self._united(scope, name)
        output = scope.output(name)
        if output is None or scope.recursive:
            return None
        group = scope.node.args.get("group")
        if group is not None and any(is_item(one, output, scope) for one in sets_made(group)):
            return self._rejected(scope, output)
        if output.expr is not None:
            return self.not_null(output.expr)
        if output.source is None:
            return None
        if self.kept_not_null(scope, output.source, output.column):
            return True
        present = self._present(scope, output.source)
        return self.source_not_null(output.source, output.column, present=present)

    def _rejected(self, scope: Scope, output: Output) -> bool:
        place = self.place(output.expr) if output.expr is not None else (id(output.source), output.column)
        return place is not None and self._never_null(self.late_conditions(scope), place)

    def _united(self, scope: Scope, name: str) -> bool | None:
        """A column of a set operation: of UNION both sides give rows, of EXCEPT the first, of INTERSECT either."""
        at = scope.position(name)
        nodes = list(_set_operations(scope))
        if at is None or scope.recursive or any(one.args.get("by_name") for one in nodes):
            return None
        if any(at >= len(one.outputs) for one in scope.branches):
            return None
        found = [self.output_not_null(one, one.outputs[at].name) for one in scope.branches]
        if all(isinstance(one, exp.Intersect) for one in nodes) and any(found):
            return True
        if all(isinstance(one, exp.Except) for one in nodes):
            return True if found[0] else None
        united = _all(found)
        return united if united or all(type(one) is exp.Union for one in nodes) else None

    def kept_not_null(self, scope: Scope, source: Source, name: str, node: exp.Expr | None = None) -> bool:
        """Whether ``scope`` drops the rows in which the column ``name`` of ``source`` is NULL.

        ``node`` is where that is asked: a clause that stands before or decides on the dropping says nothing there.
        """
        if node is not None and _deciding(node, scope):
            return False
        place = (id(source), name)
        if self._never_null(self.conditions(scope), place):
            return True
        inner = self.inner_joins(scope)
        if any(
            place in ((id(left), column), (id(right), column)) and any(join is one for one in inner)
            for join, left, right, column in self.merged(scope)
        ):
            return True
        return self._never_null(self.late_conditions(scope), place)

    def _present(self, scope: Scope, source: Source) -> bool:
        """Whether ``scope`` drops the rows that an outer join filled with NULLs in place of ``source``."""
        return source.nullable and any(
            not can_be_true(
                one, lambda column: (place := self.place(column)) is not None and place[0] == id(source)
            )
            for one in (*self.conditions(scope), *self.late_conditions(scope))
        )

    def _never_null(self, conditions: Iterable[exp.Expr], place: tuple[int, str]) -> bool:
        return any(
            not can_be_true(one, lambda column: self.place(column) == place)
            for one in conditions
            if any(self.place(column) == place for column in one.find_all(exp.Column))
        )


def _all(parts: list[bool | None]) -> bool | None:
    return False if False in parts else None if None in parts else True


def _in_aggregate(node: exp.Expr) -> bool:
    """Whether ``node`` is taken row by row, before the rows are grouped."""
    up = node.parent
    while up is not None and not isinstance(up, exp.Query):
        if isinstance(up, exp.AggFunc) and not isinstance(up.parent, exp.Window):
            return True
        up = up.parent
    return False


def _deciding(node: exp.Expr, scope: Scope) -> bool:
    """Whether ``node`` stands in a clause that itself drops rows of ``scope``."""
    up: exp.Expr | None = node
    while up is not None and up is not scope.node:
        if up.parent is scope.node and isinstance(up, (exp.Where, exp.Join, exp.Having, exp.Qualify)):
            return True
        up = up.parent
    return False


def _set_operations(scope: Scope) -> Iterable[exp.Expr]:
    """Yield the set operations that a scope's branches are put together by: its left spine."""
    node = scope.node.unnest()
    for _ in scope.branches[1:]:
        if not isinstance(node, exp.SetOperation):
            return
        yield node
        node = node.this.unnest()


__all__ = ["Nulls"]
