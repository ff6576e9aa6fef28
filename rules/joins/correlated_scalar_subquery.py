"""A subquery that computes one value is run again for every row outside: an aggregate, or a look-up.

**Why** PostgreSQL runs a correlated subquery that stands for a value once for each outer row. With an index on what
it is correlated by that is a lookup a row; without one it is a scan a row.

**Valid when** A LEFT JOIN of the subquery, grouped by what it is correlated by, gives the same if
1. The subquery reads one table and gives one MIN, MAX, SUM, AVG or COUNT of a column, perhaps in sums and products
   with constants: over no rows these are NULL, as a row without a partner has it, and a COUNT alone is made 0.
2. All that ties it to the row outside are equalities of plain columns of one type, none of them a floating point
   number; what is added up is none either.
3. It stands in WHERE, or with an alias in the SELECT list of a query that does not group. The query outside names
   its columns (no `*`) and joins with ON.
4. Its other conditions compare columns with constants: a division or a cast could fail for a row that was not asked.
5. By the statistics the groups of the whole table cost less than looking them up for each row outside: no index
   leads with what it is correlated by, or the rows outside are many.

**Bad**
```sql
-- catalog: postgres
SELECT u.user_id, (SELECT MAX(o.order_date) FROM orders o WHERE o.user_id = u.user_id) AS last_order FROM users u
```
```sql
-- catalog: postgres
SELECT o.order_id FROM orders o
WHERE o.amount > (SELECT AVG(i.amount) FROM orders i WHERE i.user_id = o.user_id)
```
```sql
-- catalog: postgres
SELECT o.order_id, (SELECT u.name FROM users u WHERE u.user_id = o.user_id) AS buyer FROM orders o
```
```sql
-- catalog: postgres
SELECT u.user_id, (SELECT o.status FROM orders o WHERE o.user_id = u.user_id ORDER BY o.order_date DESC LIMIT 1) AS last
FROM users u
```

**Good**
```sql
-- catalog: postgres
SELECT u.user_id, l.last_order FROM users u
LEFT JOIN (SELECT user_id, MAX(order_date) AS last_order FROM orders GROUP BY user_id) l ON l.user_id = u.user_id
```
```sql
-- catalog: postgres
SELECT u.user_id FROM users u WHERE EXISTS (SELECT 1 FROM orders o WHERE o.user_id = u.user_id)
```
```sql
-- catalog: postgres
SELECT u.user_id, (SELECT MAX(order_date) FROM orders) AS last_order FROM users u
```
```sql
-- catalog: postgres
SELECT u.user_id, ARRAY(SELECT o.order_id FROM orders o WHERE o.user_id = u.user_id) AS orders FROM users u
```
```sql
-- catalog: postgres
SELECT o.order_id, u.name AS buyer FROM orders o LEFT JOIN users u ON u.user_id = o.user_id
```

**Sources** https://www.postgresql.org/docs/current/using-explain.html (SubPlan; checked 2026-11-23): a subplan is
executed for each row of the plan above it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.model import ScopeKind
from sqlopt.rules import Context, Fix, Hit, Related, Rule, Safety, Severity

from ._decorrelate import as_join, correlated, pays

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query, Scope

_ROWS = (exp.Exists, exp.In, exp.Any, exp.All, exp.Array)


class CorrelatedScalarSubquery(Rule):
    id = "JON009"
    severity = Severity.WARNING
    dialects = frozenset({"postgres", "redshift", "mysql"})
    match = "statement"

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        del context
        for scope in target.scopes:
            node = scope.node
            if (
                scope.kind is not ScopeKind.SUBQUERY
                or not isinstance(node, exp.Select)
                or len(scope.outputs) != 1
            ):
                continue
            if isinstance(node.parent, _ROWS) or (
                isinstance(node.parent, exp.Subquery) and isinstance(node.parent.parent, _ROWS)
            ):
                continue
            aggregate = target.flow.aggregates(scope)
            if node.args.get("group") is not None or not (aggregate or _in_select(scope)):
                continue
            if not any(
                source.table is not None or source.inner is not None for source in scope.sources.values()
            ):
                continue
            outer = _outer(scope, target)
            if outer is not None:
                cut = node.args.get("limit") is not None
                yield Hit(
                    target.span(node),
                    "this aggregate is computed anew for every row outside"
                    if aggregate
                    else "this is looked up anew for every row outside; a LEFT JOIN finds all of them at once",
                    severity=None if aggregate or cut else Severity.INFO,
                    related=(Related(target.span(outer), "it depends on this column of the row"),),
                    data=scope if aggregate else None,
                )

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        scope, query = hit.data, context.query
        if scope is None:
            return None
        outer = scope.parent
        # 1. to 5.
        found = (
            correlated(scope, outer, query) if outer is not None and context.dialect == "postgres" else None
        )
        if found is None or not pays(found, query):
            return None
        edits = as_join(found, query)
        return Fix("group once and join", edits, Safety.EXACT) if edits else None


def _in_select(scope: Scope) -> bool:
    """Whether a subquery stands in a SELECT, rather than in what an UPDATE sets."""
    return scope.parent is not None and isinstance(scope.parent.node, exp.Select)


def _outer(scope: Scope, query: Query) -> exp.Expr | None:
    """Return a column inside the subquery that belongs to a query around it."""
    for column in scope.node.find_all(exp.Column):
        binding = query.binding(column)
        if binding is None or not binding.outer or binding.source is None:
            continue
        above: exp.Expr | None = binding.source.scope.node
        while above is not None and above is not scope.node:
            above = above.parent
        if above is None:
            return column
    return None
