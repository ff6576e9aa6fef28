"""What must hold of a statement's rows: keys, NOT NULL, constants, intervals.

Every answer is what follows from declared facts and from the statement's own text, for every content of
the tables. What does not follow is None or empty, never guessed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.model import Scope, ScopeKind, Source, SourceKind
from sqlopt.query.bind.scopes import conjuncts
from sqlopt.query.text.forms import row_limit, strict_operands
from sqlopt.query.values.constants import constant
from sqlopt.query.values.intervals import Ranges

if TYPE_CHECKING:
    from sqlopt.query.query import Query
    from sqlopt.query.values.constants import Constant

Key = frozenset[str]
# Engines that refuse rows that break a declared key; elsewhere a key is a fact only if the catalog says
# that it is enforced. PostgreSQL: https://www.postgresql.org/docs/current/ddl-constraints.html; DuckDB:
# https://duckdb.org/docs/stable/sql/constraints.html (checked 2026-11-23).
ENFORCING = frozenset({"postgres", "duckdb", "mysql", "tsql", "oracle", "sqlite"})
# Where a function in the SELECT list may return several rows. PostgreSQL:
# https://www.postgresql.org/docs/current/xfunc-sql.html; DuckDB's unnest:
# https://duckdb.org/docs/stable/sql/query_syntax/unnest.html; Spark:
# https://spark.apache.org/docs/latest/sql-ref-syntax-qry-select-tvf.html (checked 2026-11-23).
_SETS_IN_LISTS = frozenset({"postgres", "redshift", "duckdb", "spark", "spark2", "databricks", "hive"})
_GENERATORS = (exp.UDTF, exp.Explode, exp.Posexplode, exp.Inline, exp.GenerateSeries)
_MOST_KEYS = 8  # a product of many joins has many keys; the smallest say enough

# Functions that answer NULL when an argument is NULL and otherwise a value.
_STRICT = (exp.Add, exp.Sub, exp.Mul, exp.Neg, exp.Upper, exp.Lower, exp.Length, exp.Trim, exp.Abs, exp.DPipe)


class Facts:
    """The facts of one statement. Answers are remembered.

    ``trusting`` takes keys that are declared and not enforced for kept.
    """

    def __init__(self, query: Query, *, trusting: bool = False) -> None:
        self.query = query
        self.trusting = trusting
        self._keys: dict[int, tuple[Key, ...]] = {}
        self._constants: dict[int, dict[tuple[int, str], Constant]] = {}

    # ---- NOT NULL

    def not_null(self, node: exp.Expr) -> bool | None:
        """Whether ``node`` can't be NULL in the rows that its scope keeps; None when unknown."""
        while isinstance(node, exp.Paren):
            node = node.this
        if isinstance(node, (exp.Literal, exp.Boolean, exp.Count, exp.CurrentDate, exp.CurrentTimestamp)):
            return True
        if isinstance(node, exp.Null):
            return False
        if isinstance(node, exp.Coalesce):
            return True if any(self.not_null(one) for one in (node.this, *node.expressions)) else None
        if isinstance(node, _STRICT):
            parts = [one for one in node.iter_expressions() if not isinstance(one, exp.DataType)]
            return True if parts and all(self.not_null(one) for one in parts) else None
        if isinstance(node, exp.Column):
            return self._column_not_null(node)
        return None

    def _column_not_null(self, node: exp.Expr) -> bool | None:
        binding = self.query.binding(node)
        if binding is None or binding.source is None or binding.path:
            return None
        scope = self.query.scope_of(node)
        if scope is not None and self._rejected(node, scope):
            return True
        return self.source_not_null(binding.source, binding.name)

    def source_not_null(self, source: Source, name: str) -> bool | None:
        """Whether a source's column can't be NULL where the source is read."""
        if source.nullable or source.pivoted:
            return None
        if source.inner is not None:
            return self._output_not_null(source.inner, source.renames.get(name, name))
        column = source.column(name)
        if column is None:
            return None
        if column.nullable is not None:
            return not column.nullable
        table = source.table
        if (
            table is not None
            and name in {one.casefold() for one in table.primary_key}
            and self._enforced(source)
        ):
            return True
        return None

    def _output_not_null(self, scope: Scope, name: str) -> bool | None:
        if scope.branches:
            place = scope.position(name)
            sides = [
                one.outputs[place].name
                for one in scope.branches
                if place is not None and place < len(one.outputs)
            ]
            if len(sides) == len(scope.branches) and all(
                self._output_not_null(one, side) for one, side in zip(scope.branches, sides, strict=True)
            ):
                return True
            return None
        output = scope.output(name)
        if output is None or scope.recursive:
            return None
        if output.expr is not None:
            return self.not_null(output.expr)
        return self.source_not_null(output.source, output.column) if output.source is not None else None

    def _rejected(self, column: exp.Expr, scope: Scope) -> bool:
        """Whether the scope's WHERE drops rows in which ``column`` is NULL."""
        binding = self.query.binding(column)
        where = scope.node.args.get("where")
        # A predicate says nothing of the column inside itself: it is what decides.
        if where is None or binding is None or _inside(column, where):
            return False
        return any(
            self._same(operand, binding.source, binding.name)
            for one in conjuncts(where.this)
            for operand in strict_operands(one)
        )

    def _same(self, node: exp.Expr, source: Source | None, name: str) -> bool:
        binding = self.query.binding(node)
        return binding is not None and binding.source is source and binding.name == name and not binding.path

    # ---- constants and intervals

    def constant(self, node: exp.Expr) -> Constant | None:
        """The constant that ``node`` is, or that an equality in its scope's WHERE fixes it to."""
        found = constant(node, self.query.dialect, variables=self.query.variables, today=self.query.today)
        if found is not None:
            return found
        scope = self.query.scope_of(node)
        if scope is None or not isinstance(node, exp.Column):
            return None
        return self._fixed(scope).get(self._name(node))

    def _name(self, node: exp.Expr) -> tuple[int, str]:
        binding = self.query.binding(node)
        return (id(binding.source), binding.name) if binding is not None else (0, "")

    def _fixed(self, scope: Scope) -> dict[tuple[int, str], Constant]:
        """The columns that equalities in the scope's WHERE fix, by (source, name)."""
        known = self._constants.get(id(scope))
        if known is None:
            known = self._constants[id(scope)] = self._equalities(scope)
        return known

    def _equalities(self, scope: Scope) -> dict[tuple[int, str], Constant]:
        where = scope.node.args.get("where")
        fixed: dict[tuple[int, str], Constant] = {}
        for one in conjuncts(where.this if where is not None else None):
            if not isinstance(one, exp.EQ):
                continue
            for column, other in ((one.this, one.expression), (one.expression, one.this)):
                if isinstance(column, exp.Column):
                    value = constant(
                        other, self.query.dialect, variables=self.query.variables, today=self.query.today
                    )
                    if value is not None and not value.null:
                        fixed[self._name(column)] = value
        return fixed

    def interval(self, column: exp.Expr) -> Ranges:
        """The values that the column may have in the rows its scope's WHERE keeps."""
        from sqlopt.query.pruning.predicate import Judge
        from sqlopt.query.scan import Scan
        from sqlopt.warehouses.pruning import PruningTable

        binding = self.query.binding(column)
        if binding is None or binding.source is None or binding.path:
            return Ranges.ALL
        source = binding.source
        scan = Scan(self.query, source, source.table)
        judge = Judge(scan, (binding.name,), source.column(binding.name), None, PruningTable("logic"))
        found = Ranges.ALL
        for one in self.query.flow.own(source.scope, source):
            if not one.stopped:
                found = found.intersect(judge.filter(one).logical.true)
        return found

    # ---- keys

    def keys(self, scope: Scope) -> tuple[Key, ...]:
        """The sets of outputs (case-folded names) of which no two rows of ``scope`` agree, smallest first.

        The empty set says that there is at most one row.
        """
        known = self._keys.get(id(scope))
        if known is None:
            self._keys[id(scope)] = ()  # a recursive CTE has no known key
            known = tuple(sorted(_minimal(self._derive(scope)), key=len)[:_MOST_KEYS])
            self._keys[id(scope)] = known
        return known

    def unique(self, scope: Scope, columns: frozenset[str]) -> bool:
        """Whether no two rows of ``scope`` agree on these outputs, as far as is known."""
        return any(key <= columns for key in self.keys(scope))

    def _derive(self, scope: Scope) -> set[Key]:
        node = scope.node
        names = frozenset(one.name for one in scope.outputs)
        if scope.branches:
            return {names} if node.args.get("distinct") and not scope.open else set()
        found = self.keys_before_distinct(scope)
        if isinstance(node, exp.Select) and not scope.recursive and not scope.open:
            distinct = node.args.get("distinct")
            if distinct is not None and distinct.args.get("on") is None:
                found.add(names)
        return found

    def keys_before_distinct(self, scope: Scope) -> set[Key]:
        """Return the keys that the rows of a SELECT have without its DISTINCT."""
        node = scope.node
        if not isinstance(node, exp.Select) or scope.recursive or self._makes_rows(scope):
            return set()
        found: set[Key] = set()
        group = node.args.get("group")
        if group is not None:
            found |= self._grouped(scope, group)
        elif self.query.flow.aggregates(scope):
            return {frozenset()}
        else:
            found |= self._from_sources(scope)
        limit = row_limit(node)
        if limit is not None and limit.most == 1:
            found.add(frozenset())
        return found

    def _makes_rows(self, scope: Scope) -> bool:
        """Whether an item of the SELECT list may give several rows: a function that returns sets, or a strange one."""
        loose = self.query.dialect in _SETS_IN_LISTS
        if not self.query.nodes(*_GENERATORS) and not (loose and self.query.nodes(exp.Anonymous)):
            return False
        return any(
            isinstance(one, _GENERATORS) or (loose and isinstance(one, exp.Anonymous))
            for output in scope.outputs
            if output.expr is not None and not isinstance(output.expr, (exp.Column, exp.Literal))
            for one in output.expr.walk(bfs=False)
        )

    def _grouped(self, scope: Scope, group: exp.Expr) -> set[Key]:
        if any(group.args.get(kind) for kind in ("rollup", "cube", "grouping_sets", "totals")):
            return set()
        if group.args.get("all"):
            return {
                frozenset(
                    one.name
                    for one in scope.outputs
                    if one.expr is None or one.expr.find(exp.AggFunc) is None
                )
            }
        key = set()
        for item in group.expressions:
            name = next(
                (
                    one.name
                    for one in scope.outputs
                    if one.expr is not None and _is_item(item, one.expr, one.name, scope)
                ),
                None,
            )
            if name is None:
                return set()  # grouped by something that is not given out
            key.add(name)
        return {frozenset(key)}

    def _from_sources(self, scope: Scope) -> set[Key]:
        """The keys that joins leave, expressed in the scope's outputs."""
        fixed = set(self._fixed(scope))
        rows: set[frozenset[tuple[int, str]]] = set()
        for source in scope.sources.values():
            if source.join is not None and (source.join.side or "").upper() == "FULL":
                return set()  # a NULL key of the left side and one of the right side give the same row
            own = {frozenset((id(source), name) for name in key) - fixed for key in self.source_keys(source)}
            if not rows and source.join is None:
                rows = own
                if not rows:
                    return set()
                continue
            if any(self._matched(key, source, scope) for key in own):
                continue  # at most one partner a row: the keys so far stand
            rows = {left | right for left in rows for right in own}
            if not rows:
                return set()
        given = {}
        for one in scope.outputs:
            if one.expr is None and one.source is not None:
                given[id(one.source), one.column] = one.name
            elif isinstance(one.expr, exp.Column):
                given[self._name(one.expr)] = one.name
        return {frozenset(given[pair] for pair in key) for key in rows if all(pair in given for pair in key)}

    def _matched(self, key: frozenset[tuple[int, str]], source: Source, scope: Scope) -> bool:
        """Whether the join equates every column of a key of ``source`` with something of the other side."""
        join = source.join
        if join is None or (join.side or "").upper() in ("RIGHT", "FULL"):
            return False
        equated = {(id(source), name) for name in scope.merged if source in scope.merged[name]}
        clauses = [join.args.get("on")]
        where = scope.node.args.get("where")
        if where is not None and not (join.side or ""):
            clauses.append(where.this)
        for clause in clauses:
            for one in conjuncts(clause):
                if isinstance(one, exp.EQ):
                    for column, other in ((one.this, one.expression), (one.expression, one.this)):
                        if isinstance(column, exp.Column) and not self._reads(other, source):
                            equated.add(self._name(column))
        return key <= equated

    def _reads(self, node: exp.Expr, source: Source) -> bool:
        return any(
            (binding := self.query.binding(column)) is None or binding.source is source
            for column in node.find_all(exp.Column)
        )

    def source_keys(self, source: Source) -> set[Key]:
        """The keys of what a FROM item gives, in its own column names."""
        if source.inner is not None and not source.pivoted:
            back = {inner: outer for outer, inner in source.renames.items()}
            return {frozenset(back.get(name, name) for name in key) for key in self.keys(source.inner)}
        table = source.table
        if (
            table is None
            or source.kind is not SourceKind.TABLE
            or source.pivoted
            or not self._enforced(source)
        ):
            return set()
        found = set()
        if table.primary_key:
            found.add(frozenset(name.casefold() for name in table.primary_key))
        for columns in table.unique:
            # Several rows may hold NULL in a unique column.
            if all(
                (column := table.column(name)) is not None and column.nullable is False for name in columns
            ):
                found.add(frozenset(name.casefold() for name in columns))
        return found

    def _enforced(self, source: Source) -> bool:
        table = source.table
        if table is None:
            return False
        if self.trusting:
            return True
        return table.enforced if table.enforced is not None else self.query.dialect in ENFORCING


def _is_item(item: exp.Expr, expr: exp.Expr, name: str, scope: Scope) -> bool:
    if item == expr:
        return True
    if isinstance(item, exp.Column) and not item.args.get("table"):
        return item.name.casefold() == name
    if isinstance(item, exp.Literal) and not item.is_string and item.this.isdigit():
        place = int(item.this) - 1
        return 0 <= place < len(scope.outputs) and scope.outputs[place].expr is expr
    return False


def _minimal(keys: set[Key]) -> set[Key]:
    return {key for key in keys if not any(other < key for other in keys)}


def _inside(node: exp.Expr, ancestor: exp.Expr) -> bool:
    up: exp.Expr | None = node
    while up is not None:
        if up is ancestor:
            return True
        up = up.parent
    return False


__all__ = ["ENFORCING", "Facts", "Key", "Scope", "ScopeKind"]
