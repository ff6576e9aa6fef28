"""How predicates flow down to the base tables that a statement reads.

A predicate reaches a scan from its own WHERE and ON clauses, and through derived tables and CTEs from
the queries that read them, as far as an engine can push it down without changing the result. One that
stops on the way is kept with the reason, since people believe that it prunes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.model import Scope, ScopeKind, Source
from sqlopt.query.bind.nodes import conjuncts
from sqlopt.query.bind.trace import Step, Traced, trace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlopt.query.query import Query

# A scan that is read over more paths than this is not followed further: its pruning is unknown.
MOST_READINGS = 24


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
            if isinstance(node.find_ancestor(exp.Pivot, exp.Query), exp.Pivot):
                continue  # PIVOT's, not the SELECT's
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
