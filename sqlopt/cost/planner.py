"""Our own plan of a statement: scans, joins, groups, each with the rows that leave it.

One pass from the scans outwards. A scope is a `Step`: an operator of the plan tree and what is known of its rows.
Inner joins are taken in the order that keeps them small, as engines do; outer joins in the order written.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from sqlglot import exp

from sqlopt.cost import selectivity
from sqlopt.cost.bytes import scan_bytes
from sqlopt.cost.expressions import values_of
from sqlopt.cost.groups import groups, having_share
from sqlopt.cost.joins import Edge, Join
from sqlopt.cost.predicates import Conditions, Key, common
from sqlopt.cost.statistics import Values
from sqlopt.plan import Kind, Operator, Plan
from sqlopt.query.bind.model import Output, Scope, ScopeKind, Source, SourceKind
from sqlopt.query.bind.nodes import conjuncts, is_query
from sqlopt.query.text.forms import row_limit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlopt.query import Query
    from sqlopt.span import Span

UNKNOWN_ROWS: Final = 1000.0
"""Rows of a table of which nothing is known."""
UNNESTED: Final = 10.0
"""Rows of an array, or of a table function, of which nothing is known."""
CORRELATED: Final = 0.7
"""The most rows that a correlated comparison other than an equality is expected to let through: an assumption."""
RECURSIONS: Final = 10.0
"""Rows that a recursive CTE gives for each of its first, as PostgreSQL assumes (costsize.c)."""


@dataclass(frozen=True, slots=True)
class Step:
    """An operator with what is known of its rows.

    ``values`` are those of its columns: by (source, name) within a scope, by (0, name) once it is whole.
    ``known`` is False where the size of a table on the way is not known.
    """

    operator: Operator
    rows: float
    values: dict[Key, Values] = field(default_factory=dict)
    known: bool = True

    def over(self, kind: Kind, name: str, rows: float, span: Span, condition: str | None = None) -> Step:
        """Return the step of an operator on top of this one."""
        children = (self.operator,)
        top = Operator(kind, name, span, children, condition=condition, estimated_rows=rows)
        return replace(self, operator=top, rows=rows)


def plan(query: Query) -> Plan:
    """Return our own plan of a statement, with estimated rows at every operator, and bytes at scans."""
    planner = Planner(query)
    top = planner.root()
    roots = (top.operator,) if top is not None else ()
    return Plan("sqlopt", roots, statement=query.statement.span.of(query.source), span=query.statement.span)


class Planner:
    """The steps of one statement's scopes, each made once."""

    def __init__(self, query: Query) -> None:
        self.query = query
        self._steps: dict[int, Step] = {}
        self._rows: dict[int, float] = {}
        self._scans = {id(one.source): one for one in query.scans}

    def root(self) -> Step | None:
        """Return the step of the whole statement; None for one that reads and gives no rows."""
        kinds = (ScopeKind.DML, ScopeKind.ROOT)
        tops = [one for one in self.query.scopes if one.kind in kinds and one.branch_of is None]
        if not tops:
            return None
        top = self.step(tops[0])
        node = self.query.tree
        if isinstance(node, exp.Query):
            return top
        return top.over(Kind.WRITE, type(node).__name__, top.rows, self.query.statement.span)

    def step(self, scope: Scope) -> Step:
        """Return the step of a query expression."""
        known = self._steps.get(id(scope))
        if known is None:
            span = self.query.span(scope.node)
            # A recursive CTE meets itself here: its first rows are not known yet.
            self._steps[id(scope)] = Step(
                Operator(Kind.VALUES, "Recursion", span), UNKNOWN_ROWS, {}, known=False
            )
            known = self._steps[id(scope)] = self._union(scope) if scope.branches else self._select(scope)
        return known

    # ---- SELECT

    def _select(self, scope: Scope) -> Step:
        node = scope.node
        current = self.joined(scope)
        current = self._grouped(scope, current)
        having = node.args.get("having")
        if having is not None:
            below = current.operator.children[0].estimated_rows if current.operator.children else None
            column = self._conditions(scope, current).column
            share = selectivity.damped(
                having_share(one, current.rows, below, column) for one in conjuncts(having.this)
            )
            current = current.over(Kind.FILTER, "Having", current.rows * share, self.query.span(having))
        windows = self.query.flow.windows(scope)
        if windows:
            current = current.over(Kind.WINDOW, "Window", current.rows, self.query.span(windows[0]))
        qualify = node.args.get("qualify")
        if qualify is not None:
            conditions = self._conditions(scope, current)
            share = selectivity.damped(conditions.share(one) for one in conjuncts(qualify.this))
            current = current.over(Kind.FILTER, "Qualify", current.rows * share, self.query.span(qualify))
        current = self._whole(scope, current)
        if node.args.get("distinct"):
            rows = groups(current.rows, [self._output(current, one) for one in scope.outputs], self._rows)
            current = self._kept(current.over(Kind.AGGREGATE, "Distinct", rows, self.query.span(node)))
        return self._ended(scope, current)

    def _ended(self, scope: Scope, current: Step) -> Step:
        node = scope.node
        order, limit = node.args.get("order"), row_limit(node)
        if order is not None:
            current = current.over(Kind.SORT, "Sort", current.rows, self.query.span(order))
        if limit is not None and limit.most is not None:
            rows = min(float(limit.most), current.rows)
            current = self._kept(current.over(Kind.LIMIT, "Limit", rows, self.query.span(limit.node)))
        return current

    def _whole(self, scope: Scope, current: Step) -> Step:
        """Return the step with the scope's outputs for values."""
        conditions = self._conditions(scope, current)
        values: dict[Key, Values] = {}
        for one in scope.outputs:
            if one.expr is not None:
                values[0, one.name] = values_of(one.expr, conditions.column, current.rows)
            elif one.source is not None:
                values[0, one.name] = current.values.get((id(one.source), one.column), Values())
            else:
                values[0, one.name] = Values()
        return self._kept(replace(current, values=values))

    @staticmethod
    def _kept(current: Step) -> Step:
        """Return the step with no more distinct values in a column than it has rows."""
        most = max(current.rows, 1.0)
        values = {
            key: replace(one, distinct=most, domain=min(one.domain, most)) if one.distinct > most else one
            for key, one in current.values.items()
        }
        return replace(current, values=values)

    def _conditions(self, scope: Scope, current: Step) -> Conditions:
        return Conditions(self.query, scope, current.values, current.rows, self._semi(current))

    # ---- sources and joins

    def filtered_rows(self, scope: Scope) -> list[float]:
        """Return the rows of each source of a scope after the conditions on it alone, in the order written.

        Of a condition on a column of which nothing is known, only the rows before it are sure.
        """
        local, _, _ = self._sorted(scope)
        found = []
        for one in scope.sources.values():
            whole = self._source(one)
            asked = {
                (id(one), binding.name)
                for node in local.get(id(one), [])
                for column in node.find_all(exp.Column)
                if (binding := self.query.binding(column)) is not None
            }
            sure = all((values := whole.values.get(key)) is not None and values.known for key in asked)
            found.append(self._filtered(scope, one, local.get(id(one), [])).rows if sure else whole.rows)
        return found

    def joined(self, scope: Scope) -> Step:
        """Return the FROM clause with all that WHERE says."""
        sources = list(scope.sources.values())
        if not sources:
            return Step(Operator(Kind.VALUES, "Row", self.query.span(scope.node), estimated_rows=1.0), 1.0)
        local, edges, later = self._sorted(scope)
        steps = {id(one): self._filtered(scope, one, local.get(id(one), [])) for one in sources}
        self._rows |= {key: one.rows for key, one in steps.items()}
        current = Join(self.query, scope, steps, edges).all()
        for one in later:
            share = self._conditions(scope, current).share(one)
            current = self._applied(current, one, share)
        return current

    def _sorted(self, scope: Scope) -> tuple[dict[int, list[exp.Expr]], list[Edge], list[exp.Expr]]:
        """Part the conditions: those on one source, equalities of two, and what is judged after the joins."""
        local: dict[int, list[exp.Expr]] = {}
        edges: list[Edge] = []
        later: list[exp.Expr] = []
        for node, join in self._written(scope):
            owners = self._owners(node, scope)
            outer = join is not None and bool(join.side)
            if len(owners) == 1 and not (join is None and owners[0].nullable):
                if not outer or owners[0].join is join:
                    local.setdefault(id(owners[0]), []).append(node)
                continue
            edge = self._edge(node, owners, join)
            if edge is not None:
                edges.append(edge)
            elif not outer and owners:
                later.append(node)
        for name, merged in scope.merged.items():
            edges += [Edge(merged[0], name, one, name, one.join) for one in merged[1:]]
        return local, edges, later

    @staticmethod
    def _written(scope: Scope) -> Iterable[tuple[exp.Expr, exp.Join | None]]:
        """Yield the conjuncts of WHERE and of each ON with its join."""
        where = scope.node.args.get("where")
        for one in conjuncts(where.this if where is not None else None):
            yield from ((part, None) for part in (*common(one), one))
        joins = dict.fromkeys(one.join for one in scope.sources.values() if one.join is not None)
        for join in joins:
            for one in conjuncts(join.args.get("on")):
                yield one, join
        if isinstance(scope.node, exp.Merge):
            for one in conjuncts(scope.node.args.get("on")):
                yield one, None

    def _owners(self, node: exp.Expr, scope: Scope) -> list[Source]:
        """Return the sources of ``scope`` whose columns occur in ``node``, subqueries' correlations too."""
        own = set(map(id, scope.sources.values()))
        found: dict[int, Source] = {}
        for column in node.find_all(exp.Column):
            binding = self.query.binding(column)
            if binding is not None and binding.source is not None and id(binding.source) in own:
                found[id(binding.source)] = binding.source
        return list(found.values())

    def _edge(self, node: exp.Expr, owners: list[Source], join: exp.Join | None) -> Edge | None:
        """Return the equality of two columns of two sources that ``node`` is."""
        while isinstance(node, exp.Paren):
            node = node.this
        if not isinstance(node, (exp.EQ, exp.NullSafeEQ)) or len(owners) != 2:  # noqa: PLR2004 - two sides
            return None
        sides = []
        for side in (node.this, node.expression):
            columns = [one for one in side.find_all(exp.Column) if self.query.binding(one) is not None]
            binding = self.query.binding(columns[0]) if len(columns) == 1 and not is_query(side) else None
            if binding is None or binding.source is None or binding.path:
                return None
            sides.append((binding.source, binding.name))
        (left, name), (right, other) = sides
        return Edge(left, name, right, other, join) if left is not right else None

    def _filtered(self, scope: Scope, source: Source, conditions: list[exp.Expr]) -> Step:
        """Return a source with the conditions on it alone."""
        current = self._source(source)
        if not conditions:
            return current
        judge = Conditions(self.query, scope, current.values, current.rows, self._semi(current))
        shares = self._shares(judge, conditions)
        rows = current.rows * selectivity.damped(shares)
        values = {key: one.among(rows, current.rows) for key, one in current.values.items()}
        values |= judge.limited(conditions)
        text = " AND ".join(self.query.text(one) for one in conditions)
        if current.operator.kind is Kind.SCAN:
            scan = replace(current.operator, condition=text, estimated_rows=rows)
            return replace(current, operator=scan, rows=rows, values=values)
        span = self.query.span(conditions[0])
        return replace(current.over(Kind.FILTER, "Filter", rows, span, text), values=values)

    @staticmethod
    def _shares(judge: Conditions, conditions: list[exp.Expr]) -> list[float]:
        """Return a share for each column that conditions speak of, and for each other condition."""
        together, rest = judge.together(conditions)
        return [*together, *(judge.share(one) for one in rest)]

    def _source(self, source: Source) -> Step:
        if source.inner is not None:
            inner = self.step(source.inner)
            back = {inner_name: outer for outer, inner_name in source.renames.items()}
            values = {(id(source), back.get(name, name)): one for (_, name), one in inner.values.items()}
            return replace(inner, values=values)
        span = self.query.span(source.node)
        if source.kind is SourceKind.TABLE:
            return self._scan(source, span)
        if source.kind is SourceKind.VALUES:
            rows = float(len(source.node.expressions) or 1)
            return Step(Operator(Kind.VALUES, "Values", span, estimated_rows=rows), rows)
        return Step(Operator(Kind.OTHER, "Unnest", span, estimated_rows=UNNESTED), UNNESTED)

    def _scan(self, source: Source, span: Span) -> Step:
        table = source.table
        rows = float(table.rows) if table is not None and table.rows is not None else UNKNOWN_ROWS
        known = table is not None and table.rows is not None
        values = self._table_values(source, rows)
        scan = self._scans.get(id(source))
        read = scan_bytes(scan) if scan is not None else None
        groups = table.row_groups if table is not None else ()
        left = None
        if scan is not None and groups:
            from sqlopt.cost.chunks import groups_left

            found = groups_left(scan)
            left = len(found[1]) if found is not None else None
        operator = Operator(
            Kind.SCAN,
            "Scan",
            span,
            table=table.name if table is not None else source.table_name,
            estimated_rows=rows,
            bytes=read.now.expected if read is not None else None,
            partitions_scanned=left,
            partitions_total=len(groups) or None,
        )
        return Step(operator, rows, values, known)

    @staticmethod
    def _table_values(source: Source, rows: float) -> dict[Key, Values]:
        table = source.table
        if table is None:
            return {}
        keys = {one[0].casefold() for one in (table.primary_key, *table.unique) if len(one) == 1}
        back = {inner: outer for outer, inner in source.renames.items()}
        names = {name.casefold(): column for name, column in table.columns.items()}
        return {
            (id(source), back.get(name, name)): Values.of(column, rows, unique=name in keys)
            for name, column in names.items()
        }

    def _applied(self, current: Step, node: exp.Expr, share: float) -> Step:
        """Return the step with a condition on the joined rows; a subquery in it is a further input."""
        rows = current.rows * share
        values = {key: one.among(rows, current.rows) for key, one in current.values.items()}
        top = current.over(Kind.FILTER, "Filter", rows, self.query.span(node), self.query.text(node))
        return replace(top, values=values)

    def _semi(self, current: Step) -> Callable[[exp.Expr, Callable[[exp.Expr], Values]], float]:
        """Return what answers for IN (query) and EXISTS."""

        def share(node: exp.Expr, column: Callable[[exp.Expr], Values]) -> float:
            query = node.args.get("query") if isinstance(node, exp.In) else node.this
            while isinstance(query, (exp.Subquery, exp.Paren)):
                query = query.this
            scope = self.query.scope_of(query) if query is not None else None
            if scope is None or scope.node is not query:
                return selectivity.OTHER
            inner = self.step(scope)
            pairs = list(self._correlated(scope))
            if isinstance(node, exp.In) and scope.outputs:
                outer = values_of(node.this, column, current.rows)
                first = inner.values.get((0, scope.outputs[0].name), Values())
                pairs.append((outer, first))
            if not pairs:
                return 1.0 if inner.rows >= 1 else selectivity.OTHER
            found = min(
                (1.0 - outer.nulls) * min(one.distinct / max(outer.domain, 1.0), 1.0) for outer, one in pairs
            )
            # What else the subquery asks of the outer row is not judged: some rows fail it, and some don't.
            return min(found, CORRELATED) if self._asks_more(scope) else found

        return share

    def _asks_more(self, scope: Scope) -> bool:
        """Whether a subquery compares with the outer row by anything but an equality."""
        where = scope.node.args.get("where")
        return any(
            not isinstance(one, exp.EQ)
            and any(
                (found := self.query.binding(column)) is not None and found.outer
                for column in one.find_all(exp.Column)
            )
            for one in conjuncts(where.this if where is not None else None)
        )

    def _correlated(self, scope: Scope) -> Iterable[tuple[Values, Values]]:
        """Yield the (outer, inner) columns that a subquery's WHERE equates."""
        where = scope.node.args.get("where")
        for one in conjuncts(where.this if where is not None else None):
            if not isinstance(one, exp.EQ):
                continue
            sides = [(side, self.query.binding(side)) for side in (one.this, one.expression)]
            for (_, mine), (_, other) in (sides, sides[::-1]):
                if mine is None or other is None or mine.source is None or other.source is None:
                    continue
                if mine.outer and not other.outer:
                    yield self._base(mine.source, mine.name), self._base(other.source, other.name)

    def _base(self, source: Source, name: str) -> Values:
        return self._source(source).values.get((id(source), name), Values())

    # ---- groups and set operations

    def _grouped(self, scope: Scope, current: Step) -> Step:
        if not self.query.flow.aggregates(scope):
            return current
        group = scope.node.args.get("group")
        if group is None:
            return self._kept(current.over(Kind.AGGREGATE, "Aggregate", 1.0, self.query.span(scope.node)))
        conditions = self._conditions(scope, current)
        keys = [self._key(one, scope, conditions) for one in group.expressions]
        rows = groups(current.rows, keys, self._rows)
        for kind in ("rollup", "cube", "grouping_sets"):
            for part in group.args.get(kind) or ():
                more = [self._key(one, scope, conditions) for one in part.expressions]
                sizes = [
                    groups(current.rows, keys + more[:size], self._rows) for size in range(len(more) + 1)
                ]
                rows = max(rows, min(sum(sizes), current.rows + 1))
        return self._kept(current.over(Kind.AGGREGATE, "Aggregate", rows, self.query.span(group)))

    def _output(self, current: Step, output: Output) -> tuple[int, Values]:
        owner = self._owner(output.expr) if output.expr is not None else id(output.source)
        return owner, current.values[0, output.name]

    def _key(self, node: exp.Expr, scope: Scope, conditions: Conditions) -> tuple[int, Values]:
        """Return the values of a GROUP BY item: an expression, an alias, or a place in the SELECT list."""
        if isinstance(node, exp.Literal) and node.is_int and 0 < int(node.this) <= len(scope.outputs):
            output = scope.outputs[int(node.this) - 1]
            node = output.expr if output.expr is not None else node
        return self._owner(node), values_of(node, conditions.column, conditions.rows)

    def _owner(self, node: exp.Expr) -> int:
        """Return which source all columns of an expression come from; 0 for several or none."""
        found = {
            id(binding.source)
            for column in node.find_all(exp.Column)
            if (binding := self.query.binding(column)) is not None and binding.source is not None
        }
        return found.pop() if len(found) == 1 else 0

    def _union(self, scope: Scope) -> Step:
        parts = [self.step(one) for one in scope.branches]
        node = scope.node
        sizes = [one.rows for one in parts]
        distinct = bool(node.args.get("distinct"))
        if isinstance(node, exp.Intersect):
            rows = min(sizes) * 0.5
        elif isinstance(node, exp.Except):
            rows = sizes[0] * 0.5
        else:
            rows = sum(sizes) * (RECURSIONS if scope.recursive else 1.0)
        values: dict[Key, Values] = {}
        for place, output in enumerate(scope.outputs):
            found = [
                part.values.get((0, branch.outputs[place].name), Values())
                for part, branch in zip(parts, scope.branches, strict=True)
                if place < len(branch.outputs)
            ]
            nulls = sum(one.nulls for one in found) / max(len(found), 1)
            values[0, output.name] = Values(max(sum(one.distinct for one in found), 1.0), nulls=nulls)
        name = type(node).__name__ + ("" if distinct else " all")
        children = tuple(one.operator for one in parts)
        operator = Operator(Kind.UNION, name, self.query.span(node), children, estimated_rows=rows)
        current = Step(operator, rows, values, all(one.known for one in parts))
        if distinct and isinstance(node, exp.Union):
            rows = groups(current.rows, [(0, one) for one in values.values()], self._rows)
            current = current.over(Kind.AGGREGATE, "Distinct", rows, self.query.span(node))
        return self._ended(scope, self._kept(current))
