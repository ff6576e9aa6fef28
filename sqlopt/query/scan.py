"""`Scan`: a base table that a statement reads, and the predicates that reach it.

A predicate reaches a scan from its own WHERE and ON clauses, and through derived tables and CTEs from
the queries that read them, as far as an engine can push it down without changing the result. One that
stops on the way is kept with the reason, since people believe that it prunes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from sqlglot import exp

from sqlopt.query.bind import QUERIES, conjuncts
from sqlopt.query.scope import BoundTo, Output, Scope, ScopeKind, Source, SourceKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sqlopt.catalog import Table
    from sqlopt.query.pruning import Pruning
    from sqlopt.query.query import Query

Answer = TypeVar("Answer")
Traced = exp.Expr | tuple[Source, str]
"""What a column stands for further in: an expression, or (source, column) when it came through a star."""

# A scan that is read over more paths than this is not followed further: its pruning is unknown.
MOST_READINGS = 24


@dataclass(frozen=True, slots=True)
class Step:
    """One boundary on a predicate's way down: ``source`` was read, and ``scope`` lies behind it."""

    source: Source
    scope: Scope


@dataclass(frozen=True, slots=True)
class Filter:
    """A conjunct ``node`` that stands in ``scope`` and reaches a scan over ``path``, outermost first.

    ``where`` is False for an ON condition. ``stopped`` says what keeps it from being pushed down
    (``window``, ``aggregate``, ``having``, ``limit``, ``recursive``, ``materialized``), or is empty.
    """

    node: exp.Expr
    scope: Scope
    path: tuple[Step, ...] = ()
    where: bool = True
    stopped: str = ""


@dataclass(slots=True, eq=False)
class Scan:
    """One base table in one FROM clause (or the target of UPDATE, DELETE, MERGE).

    What a scan knows is computed when it is asked for: most scans are asked little.
    """

    query: Query
    source: Source
    table: Table | None
    target: bool = False
    _memo: dict[str, object] = field(default_factory=dict, repr=False)

    @property
    def scope(self) -> Scope:
        """The scope whose FROM clause names the table."""
        return self.source.scope

    @property
    def node(self) -> exp.Expr:
        """The table's node."""
        return self.source.node

    @property
    def name(self) -> str:
        """The table's name: the catalog's, else as written."""
        return self.table.name if self.table is not None else self.source.table_name

    @property
    def readings(self) -> tuple[tuple[Filter, ...], ...]:
        """The filters of each way the scan is read.

        A CTE that is named twice is two readings; one that nothing names is none.
        """
        if "readings" not in self._memo:
            flow = self.query.flow
            own = tuple(flow.own(self.scope, self.source))
            arrivals = flow.arrivals(self.scope)[:MOST_READINGS]
            self._memo["readings"] = tuple((*own, *arrived) for arrived in arrivals)
        return self._memo["readings"]  # type: ignore[return-value]

    @property
    def exhaustive(self) -> bool:
        """False when the scan is read in more ways than are followed."""
        return len(self.query.flow.arrivals(self.scope)) <= MOST_READINGS

    @property
    def columns(self) -> frozenset[str] | None:
        """The case-folded columns that must be read, or None when that can't be told."""
        if "columns" not in self._memo:
            self._memo["columns"] = columns_read(self)
        return self._memo["columns"]  # type: ignore[return-value]

    @property
    def pruning(self) -> Pruning:
        """What the engine can skip of the table's partitions."""
        if "pruning" not in self._memo:
            from sqlopt.query.pruning import partition_pruning

            self._memo["pruning"] = partition_pruning(self)
        return self._memo["pruning"]  # type: ignore[return-value]

    @property
    def clustering(self) -> tuple[Pruning, ...]:
        """What the engine can skip by each clustering key, in the keys' order."""
        if "clustering" not in self._memo:
            from sqlopt.query.pruning import cluster_pruning

            self._memo["clustering"] = cluster_pruning(self)
        return self._memo["clustering"]  # type: ignore[return-value]

    def once(self, name: str, make: Callable[[Scan], Answer]) -> Answer:
        """Return what ``make`` says of the scan; it is asked once and remembered under ``name``."""
        if name not in self._memo:
            self._memo[name] = make(self)
        return self._memo[name]  # type: ignore[return-value]

    def filters(self) -> tuple[Filter, ...]:
        """Every filter of every reading that reaches the scan, without repeats."""
        return tuple(dict.fromkeys(one for reading in self.readings for one in reading if not one.stopped))


def scans(query: Query) -> tuple[Scan, ...]:
    """Return the statement's scans in the order of its FROM clauses."""
    return tuple(
        _scan(query, source)
        for source in query.sources
        if source.kind is SourceKind.TABLE and not source.name.startswith("\0")
    )


def _scan(query: Query, source: Source) -> Scan:
    scope = source.scope
    target = scope.kind is ScopeKind.DML and next(iter(scope.sources.values()), None) is source
    return Scan(query, source, source.table, target)


class Flow:
    """How predicates flow down through a statement's scopes."""

    def __init__(self, query: Query) -> None:
        self.query = query
        self._arrivals: dict[int, list[tuple[Filter, ...]]] = {}

    @cached_property
    def _inside(self) -> dict[int, list[exp.Expr]]:
        """The window functions and aggregates that stand directly in each scope."""
        inside: dict[int, list[exp.Expr]] = {}
        for node in self.query.nodes(exp.Window, exp.AggFunc):
            scope = self.query.scope_of(node)
            if scope is not None and not (isinstance(node, exp.AggFunc) and _in_window(node)):
                inside.setdefault(id(scope), []).append(node)
        return inside

    def windows(self, scope: Scope) -> list[exp.Expr]:
        """The window functions computed in ``scope``."""
        return [one for one in self._inside.get(id(scope), ()) if isinstance(one, exp.Window)]

    def aggregates(self, scope: Scope) -> bool:
        """Whether ``scope`` groups its rows."""
        return scope.node.args.get("group") is not None or any(
            isinstance(one, exp.AggFunc) for one in self._inside.get(id(scope), ())
        )

    def arrivals(self, scope: Scope) -> list[tuple[Filter, ...]]:
        """The filters that come down to ``scope`` from each place that reads it."""
        known = self._arrivals.get(id(scope))
        if known is None:
            self._arrivals[id(scope)] = [()]  # a cycle, as in a recursive CTE, ends here
            known = self._arrivals[id(scope)] = list(self._arriving(scope))[: MOST_READINGS + 1]
        return known

    def _arriving(self, scope: Scope) -> Iterator[tuple[Filter, ...]]:
        if scope.branch_of is not None:
            for arrived in self.arrivals(scope.branch_of):
                yield tuple(self._through(one, scope, scope.branch_of) for one in arrived)
            return
        if scope.kind not in (ScopeKind.CTE, ScopeKind.DERIVED):
            yield ()
            return
        for user in scope.users:
            own = [self._down(one, user, scope) for one in self.own(user.scope, user)]
            for arrived in self.arrivals(user.scope):
                yield tuple(own + [self._down(one, user, scope) for one in arrived])

    def _down(self, one: Filter, user: Source, scope: Scope) -> Filter:
        moved = Filter(one.node, one.scope, (*one.path, Step(user, scope)), one.where, one.stopped)
        return self._stop(moved, scope)

    def _through(self, one: Filter, branch: Scope, whole: Scope) -> Filter:
        """Move a filter from a set operation into one of its branches."""
        if not one.path or one.path[-1].scope is not whole:
            return one
        step = Step(one.path[-1].source, branch)
        return self._stop(Filter(one.node, one.scope, (*one.path[:-1], step), one.where, one.stopped), branch)

    def _stop(self, one: Filter, scope: Scope) -> Filter:
        if one.stopped:
            return one
        reason = self._barrier(one, scope)
        return Filter(one.node, one.scope, one.path, one.where, reason) if reason else one

    def _barrier(self, one: Filter, scope: Scope) -> str:
        """Why ``one`` can't be pushed into ``scope``, or empty."""
        node = scope.node
        if scope.recursive:
            return "recursive"
        if node.args.get("limit") or node.args.get("offset"):
            return "limit"
        if self._materialized(scope):
            return "materialized"
        if scope.branches:
            return ""  # each branch is asked in its turn
        wanted = [
            found
            for column in one.node.find_all(exp.Column)
            if (found := trace(self.query, column, one.path)) is not None
        ]
        windows = self.windows(scope)
        if windows and not all(_in_keys(key, windows, self.query) for key in wanted):
            return "window"
        distinct = node.args.get("distinct")
        on = distinct.args.get("on") if distinct is not None else None
        if on is not None and not all(_among(key, on.expressions, self.query) for key in wanted):
            return "window"
        if self.aggregates(scope) and not all(self._grouped(key, scope) for key in wanted):
            return "aggregate"
        return ""

    def _materialized(self, scope: Scope) -> bool:
        """PostgreSQL computes a CTE once, unfiltered, when it is named twice or says MATERIALIZED.

        https://www.postgresql.org/docs/current/queries-with.html (checked 2026-11-23).
        """
        cte = scope.cte
        if cte is None:
            return False
        if cte.args.get("materialized") is not None:
            return bool(cte.args["materialized"])
        return self.query.dialect == "postgres" and len(scope.users) > 1

    def _grouped(self, key: Traced, scope: Scope) -> bool:
        group = scope.node.args.get("group")
        if group is None:
            return False
        if group.args.get("all"):
            return not isinstance(key, exp.Expr) or key.find(exp.AggFunc) is None
        if group.args.get("rollup") or group.args.get("cube") or group.args.get("grouping_sets"):
            return False
        if _among(key, group.expressions, self.query):
            return True
        names = {one.name.casefold() for one in group.expressions if isinstance(one, exp.Column)}
        for one in group.expressions:
            if isinstance(one, exp.Literal) and not one.is_string:
                place = int(one.this) - 1 if one.this.isdigit() else -1
                if 0 <= place < len(scope.outputs) and scope.outputs[place].expr is key:
                    return True
        # GROUP BY the alias of the expression.
        return any(one.expr is key and one.name in names for one in scope.outputs)

    # ---- the filters written in one scope

    def own(self, scope: Scope, source: Source) -> Iterator[Filter]:
        """Yield the conjuncts of ``scope``'s own clauses that hold for every row kept of ``source``."""
        node = scope.node
        if isinstance(node, exp.Merge):
            yield from self._merge(scope, source, node)
            return
        where = node.args.get("where")
        if where is not None:
            for one in conjuncts(where.this):
                yield Filter(one, scope)
        # HAVING and QUALIFY come after the rows were read and grouped; whether an engine moves a condition
        # on a grouping key down from there is not documented anywhere.
        for clause, reason in (("having", "having"), ("qualify", "window")):
            late = node.args.get(clause)
            for one in conjuncts(late.this if late is not None else None):
                yield Filter(one, scope, where=False, stopped=reason)
        later = False  # whether `source` came before the join at hand
        for other in scope.sources.values():
            join = other.join
            if join is not None and other is _first_of(scope, join) and _holds(join, source, later=later):
                for one in conjuncts(join.args.get("on")):
                    yield Filter(one, scope, where=False)
            later = later or other is source

    def _merge(self, scope: Scope, source: Source, node: exp.Merge) -> Iterator[Filter]:
        """ON limits which target rows are read, unless WHEN NOT MATCHED BY SOURCE needs them all."""
        first = next(iter(scope.sources.values()))
        whens = node.args["whens"].expressions if node.args.get("whens") else []
        if source is first:
            if not any(one.args.get("source") for one in whens):
                for one in conjuncts(node.args.get("on")):
                    yield Filter(one, scope, where=False)
        elif all(one.args.get("matched") for one in whens):
            for one in conjuncts(node.args.get("on")):
                yield Filter(one, scope, where=False)


def _first_of(scope: Scope, join: exp.Join) -> Source | None:
    return next((one for one in scope.sources.values() if one.join is join), None)


def _holds(join: exp.Join, source: Source, *, later: bool) -> bool:
    """Whether a join's ON condition removes rows of ``source``; ``later`` if it stands left of the join."""
    side, kind = (join.side or "").upper(), (join.kind or "").upper()
    right = source.join is join
    if kind == "ANTI" or side == "LEFT":
        return right or kind == "SEMI"
    if side == "RIGHT":
        return later and not right
    return side != "FULL" and (right or later)


def _in_window(node: exp.Expr) -> bool:
    parent = node.parent
    while isinstance(parent, (exp.IgnoreNulls, exp.RespectNulls, exp.Filter, exp.WithinGroup)):
        parent = parent.parent
    return isinstance(parent, exp.Window) and parent.this is not None


def _in_keys(key: Traced, windows: list[exp.Expr], query: Query) -> bool:
    return all(_among(key, window.args.get("partition_by") or (), query) for window in windows)


def _among(key: Traced, items: Iterable[exp.Expr], query: Query) -> bool:
    """Whether ``key`` is one of ``items``: the same text, or the same column."""
    if isinstance(key, exp.Expr):
        binding = query.binding(key)
        place = (binding.source, binding.name) if binding is not None and not binding.path else None
    else:
        place = key
    for item in items:
        if item == key:
            return True
        other = query.binding(item)
        if place is not None and place[0] is not None and other is not None and not other.path:
            if (other.source, other.name) == place:
                return True
            if other.expr is not None and other.expr is key:
                return True
    return False


def trace(query: Query, column: exp.Expr, path: tuple[Step, ...]) -> Traced | None:
    """Follow ``column`` inwards along ``path``.

    Answers the expression of the innermost scope that it stands for (perhaps a column of a source
    there), or (source, name) when it came through a star; None when it leaves the path.
    """
    binding = query.binding(column)
    if binding is None or binding.path:
        return None
    if binding.to is BoundTo.ALIAS:
        return binding.expr
    if binding.source is None:
        return None
    source, name = binding.source, binding.name
    found: Traced = column
    for step in path:
        if step.source is not source:
            continue
        output = _output(source, name, step.scope)
        if output is None:
            return None
        if output.expr is None:
            if output.source is None:
                return None
            source, name = output.source, output.column
            found = (source, name)
            continue
        found = output.expr
        inner = query.binding(output.expr)
        if inner is None or inner.source is None or inner.path:
            return found
        source, name = inner.source, inner.name
    return found


def _output(source: Source, name: str, scope: Scope) -> Output | None:
    """The output of ``scope`` (what lies behind ``source``, or one of its branches) called ``name``."""
    name = source.renames.get(name, name)
    whole = source.inner
    if whole is None or whole is scope:
        return scope.output(name)
    place = whole.position(name)
    if place is None or place >= len(scope.outputs):
        return None
    return scope.outputs[place]


def columns_read(scan: Scan) -> frozenset[str] | None:
    """The columns of ``scan`` that reach the result or a predicate on the way.

    Columns that a CTE or derived table only hands on are left out when nothing outside reads them.
    """
    source, scope, query = scan.source, scan.source.scope, scan.query
    live = live_outputs(scope)
    dead = [
        one.expr
        for one in scope.outputs
        if live is not None and one.name not in live and one.expr is not None
    ]
    if not dead:
        reads = set(source.reads)
    else:
        skip = {id(node) for expr in dead for node in expr.walk()}
        reads = {binding.name for key, binding in query.readers.get(id(source), ()) if key not in skip}
    if source.star:
        if live is None and source.open:
            return None
        for one in scope.outputs:
            if one.source is source and (live is None or one.name in live):
                reads.add(one.column)
        if source.open and live is not None:
            reads |= {name for name in live if scope.output(name) is None}
    return frozenset(source.renames.get(name, name) for name in reads)


def live_outputs(scope: Scope) -> frozenset[str] | None:
    """The outputs of ``scope`` that somebody reads, or None for all of them."""
    if scope.branch_of is not None:
        whole = scope.branch_of
        live = live_outputs(whole)
        plain = isinstance(whole.node, exp.Union) and not whole.node.args.get("distinct")
        if live is None or not plain:
            return None
        places = [i for i, one in enumerate(whole.outputs) if one.name in live]
        return frozenset(scope.outputs[i].name for i in places if i < len(scope.outputs))
    if scope.kind is ScopeKind.SUBQUERY and isinstance(scope.node.parent, exp.Exists):
        return frozenset()
    if scope.kind not in (ScopeKind.CTE, ScopeKind.DERIVED) or scope.recursive:
        return None
    if scope.node.args.get("distinct"):
        return None
    return _read_by_users(scope)


def _read_by_users(scope: Scope) -> frozenset[str] | None:
    names: set[str] = set()
    for user in scope.users:
        names.update(user.renames.get(name, name) for name in user.reads)
        if user.star:
            above = live_outputs(user.scope)
            if above is None:
                return None
            names.update(
                user.renames.get(one.column, one.column)
                for one in user.scope.outputs
                if one.source is user and one.name in above
            )
            if user.open:
                names.update(above)
    return frozenset(names)


def is_query(node: exp.Expr) -> bool:
    """Whether ``node`` is a query, perhaps in parentheses."""
    while isinstance(node, (exp.Subquery, exp.Paren)):
        node = node.this
    return isinstance(node, QUERIES)
