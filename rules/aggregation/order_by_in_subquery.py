"""ORDER BY sorts rows whose order nobody promises to keep.

**Why** A derived table, a CTE, a view or a stored table has no order: the engine may sort and then lose it. A sort of
everything is the dearest thing that a query can do, and on some engines one worker does it. ORDER BY belongs to the
outermost query, to LIMIT, or into the window or aggregate that needs it.

**Valid when**
1. The query has no LIMIT, OFFSET, FETCH or DISTINCT ON, and its rows are read as a table, not as an array or a value.
2. Nothing that reads them depends on their order: no LIMIT, no window or aggregate that would want one, no function
   that is not known, and the outermost SELECT or INSERT does not just hand them on unsorted. Where a LIMIT or a window
   has an order of its own, that ties are not told apart by this one is a fact that the fix needs.
3. The rows that a CREATE TABLE AS or an INSERT stores are not sorted by it: that may be wanted, to cluster them.

**Bad**
```sql
-- catalog: snowflake
CREATE TABLE T AS SELECT * FROM (SELECT user_id, amount FROM ORDERS ORDER BY amount) AS s
```
```sql
-- catalog: snowflake
SELECT u.name, o.amount FROM USERS AS u
JOIN (SELECT user_id, amount FROM ORDERS ORDER BY order_date) AS o ON o.user_id = u.user_id
```
```sql
-- catalog: snowflake
SELECT name FROM USERS WHERE user_id IN (SELECT user_id FROM ORDERS ORDER BY user_id)
```

**Fixed**
```sql
-- catalog: snowflake
CREATE TABLE T AS SELECT * FROM (SELECT user_id, amount FROM ORDERS) AS s
```
```sql
-- catalog: snowflake
SELECT u.name, o.amount FROM USERS AS u
JOIN (SELECT user_id, amount FROM ORDERS) AS o ON o.user_id = u.user_id
```
```sql
-- catalog: snowflake
SELECT name FROM USERS WHERE user_id IN (SELECT user_id FROM ORDERS)
```

**Good**
```sql
-- catalog: snowflake
SELECT user_id, amount FROM ORDERS ORDER BY amount LIMIT 100
```
```sql
-- catalog: snowflake
SELECT user_id, amount FROM ORDERS ORDER BY amount
```
```sql
-- catalog: snowflake
WITH top AS (SELECT user_id, amount FROM ORDERS ORDER BY amount DESC LIMIT 10) SELECT user_id FROM top
```
```sql
-- catalog: snowflake
SELECT user_id, ROW_NUMBER() OVER (ORDER BY amount) AS place FROM ORDERS
```
```sql
-- catalog: bigquery
SELECT u.name, ARRAY(SELECT o.amount FROM p.d.orders AS o WHERE o.user_id = u.user_id ORDER BY o.order_date) AS amounts
FROM p.d.users AS u
```

**Sources** https://docs.cloud.google.com/bigquery/docs/best-practices-performance-compute (checked 2026-11-23): use
ORDER BY only in the outermost query or within window clauses. https://www.postgresql.org/docs/current/queries-order.html
(checked 2026-11-23): without a sort chosen by the query itself, rows come in an order that must not be relied on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query import ScopeKind
from sqlopt.query.values.effects import one_value
from sqlopt.query.values.volatility import chance
from sqlopt.rules import SPARK, Context, Edit, Fix, Hit, Rule, Safety, Severity

from ._groups import clause, persisted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query, Scope

_ENDS = ("limit", "offset", "fetch")
# Aggregates whose result is the same in whichever order rows come; of any other that is not known.
_UNORDERED = (
    exp.Count, exp.CountIf, exp.Sum, exp.Avg, exp.Min, exp.Max, exp.Stddev, exp.StddevPop, exp.StddevSamp,
    exp.Variance, exp.VariancePop, exp.LogicalAnd, exp.LogicalOr, exp.BitwiseAndAgg, exp.BitwiseOrAgg,
    exp.BitwiseXorAgg, exp.ApproxDistinct, exp.Corr, exp.CovarPop, exp.CovarSamp, exp.Median, exp.PercentileCont,
    exp.PercentileDisc, exp.Grouping, exp.GroupingId,
)  # fmt: skip
_ORDERED_NAMES = ("agg", "list", "first", "last", "concat", "collect", "any_value", "arbitrary", "string")
_COUNTED = frozenset({"rownum", "rowid"})  # of Oracle: rows as they come


class OrderByInSubquery(Rule):
    id = "AGG001"
    severity = Severity.WARNING
    match = "statement"

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        del context
        for scope in target.scopes:
            order = scope.node.args.get("order")
            # 1.
            if order is None or any(scope.node.args.get(end) for end in (*_ENDS, "locks")):
                continue
            if picks_first(scope.node):
                continue
            place = _place(scope, target)
            if not place or any(wants_order(one, target) for one in _readers(scope)):
                continue
            # 3.
            stored = scope.kind is ScopeKind.ROOT and place != "a view"
            # 2.
            shown = not stored and (
                _handed_on(scope, target) or any(_picks(one, target) for one in _readers(scope))
            )
            yield Hit(
                target.span(order),
                f"{place} has no order: this sort is done for nothing"
                if not stored
                else f"{place} promises no order: sort here only to have the stored rows clustered",
                severity=Severity.INFO if stored or shown else None,
                data=(order, stored, shown),
            )

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        order, stored, shown = hit.data
        cut = clause(context.query, order)
        if cut is None or stored:
            return None
        return Fix("leave the sort out", (Edit(cut, ""),), Safety.NEEDS_FACTS if shown else Safety.EXACT)


def _place(scope: Scope, query: Query) -> str:
    """Name what the scope's rows become, where that has no order; nothing where it has one."""
    if scope.kind is ScopeKind.CTE:
        return "a CTE"
    if scope.kind is ScopeKind.DERIVED:
        return "a derived table"
    if scope.kind is ScopeKind.BRANCH:
        return "a branch of a set operation" if isinstance(scope.node.parent, exp.Subquery) else ""
    if scope.kind is ScopeKind.SUBQUERY:
        parent = scope.node.parent
        while isinstance(parent, (exp.Subquery, exp.Paren)):
            parent = parent.parent
        return "the list of an IN or EXISTS" if isinstance(parent, (exp.In, exp.Exists)) else ""
    if scope.kind is ScopeKind.ROOT and persisted(query) and query.dialect not in SPARK:
        if isinstance(query.tree, exp.Create) and query.tree.kind == "VIEW":
            return ""  # a view is often all that a report reads: its order is seen
        return "a table"
    return ""


def _readers(scope: Scope) -> list[Scope]:
    """Return the scopes that read this one's rows, directly or handed on by others."""
    found: list[Scope] = []
    todo = [scope]
    while todo:
        one = todo.pop()
        above = [user.scope for user in one.users]
        if one.branch_of is not None:
            above.append(one.branch_of)
        for each in above:
            if each not in found:
                found.append(each)
                todo.append(each)
    return found


def picks_first(node: exp.Expr) -> bool:
    """Whether a query is SELECT DISTINCT ON, which keeps the first row of each group."""
    distinct = node.args.get("distinct")
    return isinstance(distinct, exp.Distinct) and distinct.args.get("on") is not None


def wants_order(scope: Scope, query: Query) -> bool:
    """Whether what a scope gives depends on the order in which its rows come."""
    node = scope.node
    if any(node.args.get(end) for end in _ENDS) and node.args.get("order") is None:
        return True
    if picks_first(node) or _gives_an_array(scope) or chance(node) or ":=" in query.text(node):
        return True
    if any((join.method or "").upper() in ("POSITIONAL", "ASOF") for join in node.args.get("joins") or ()):
        return True
    if any(window.args.get("order") is None for window in query.flow.windows(scope)):
        return True
    calls = query.nodes(exp.AggFunc, exp.Anonymous, exp.AnonymousAggFunc)
    if any(query.scope_of(call) is scope and _of_order(call) for call in calls):
        return True
    return any(
        column.name.casefold() in _COUNTED and query.scope_of(column) is scope for column in query.unresolved
    )


def _gives_an_array(scope: Scope) -> bool:
    """Whether a scope's rows become one value: ARRAY(SELECT ...)."""
    parent = scope.node.parent
    while isinstance(parent, (exp.Subquery, exp.Paren)):
        parent = parent.parent
    return scope.kind is ScopeKind.SUBQUERY and not isinstance(parent, (exp.In, exp.Exists))


def _of_order(call: exp.Expr) -> bool:
    """Whether a call may give something else for the same rows in another order."""
    if isinstance(call, _UNORDERED) or isinstance(call.parent, exp.Window):
        return False
    if isinstance(call, exp.Anonymous) and one_value(call):
        return any(part in call.name.casefold() for part in _ORDERED_NAMES)
    return True


def _picks(scope: Scope, query: Query) -> bool:
    """Whether a scope takes some of its rows before others by an order that may leave ties."""
    node = scope.node
    ended = any(node.args.get(end) for end in _ENDS)
    return ended or any(window.args.get("order") is not None for window in query.flow.windows(scope))


def _handed_on(scope: Scope, query: Query) -> bool:
    """Whether the outermost SELECT gives the rows as they come: the sort shows, though nothing promises it."""
    if isinstance(query.tree, (exp.Create, exp.Merge)):
        return False  # INSERT may number the rows that it stores
    while len(scope.users) == 1:
        above = scope.users[0].scope
        node = above.node
        if node.args.get("order") is not None or query.flow.aggregates(above) or len(above.sources) > 1:
            return False
        if above.kind is ScopeKind.ROOT:
            return True
        scope = above
    return False
