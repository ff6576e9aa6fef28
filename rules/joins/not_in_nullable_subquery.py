"""NOT IN over a column that may hold NULL: a single NULL in it, and no row comes out.

**Why** `x NOT IN (1, NULL)` is never true. Engines that keep to that can't use an anti-join either, and compare
every row with the whole list (PostgreSQL: a subplan).

**Valid when**
1. The subquery is a plain SELECT of one bare column, without groups, DISTINCT, LIMIT or a set operation.
2. Leaving its NULLs out changes the result wherever there are some: the fix says so, and never applies by itself.

**Bad**
```sql
-- catalog: postgres
SELECT u.user_id FROM users u WHERE u.user_id NOT IN (SELECT o.user_id FROM orders o)
```

```sql
-- catalog: postgres
-- The same in other words.
SELECT u.user_id FROM users u WHERE u.user_id <> ALL (SELECT o.user_id FROM orders o)
```
```sql
-- catalog: postgres
-- The total of all countries has NULL for a country.
SELECT u.user_id FROM users u WHERE u.country NOT IN (SELECT country FROM users GROUP BY ROLLUP (country))
```

**Fixed**
```sql
-- catalog: postgres
SELECT u.user_id FROM users u WHERE u.user_id NOT IN (SELECT o.user_id FROM orders o WHERE o.user_id IS NOT NULL)
```

```sql
-- catalog: postgres
-- The same in other words.
SELECT u.user_id FROM users u WHERE u.user_id <> ALL (SELECT o.user_id FROM orders o WHERE o.user_id IS NOT NULL)
```

**Good**
```sql
-- catalog: postgres
SELECT u.user_id FROM users u WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.user_id = u.user_id)
```
```sql
-- catalog: postgres
SELECT o.order_id FROM orders o WHERE o.order_id NOT IN (SELECT u.user_id FROM users u)
```
```sql
-- catalog: postgres
SELECT u.user_id FROM users u WHERE u.user_id NOT IN (SELECT o.user_id FROM orders o WHERE o.user_id IS NOT NULL)
```
```sql
-- catalog: postgres
SELECT u.user_id FROM users u WHERE u.user_id NOT IN (1, 2, 3)
```
```sql
-- catalog: postgres
-- A NULL meets no row of the join.
SELECT u.user_id FROM users u WHERE u.user_id NOT IN (SELECT o.user_id FROM orders o JOIN users p USING (user_id))
```
```sql
-- catalog: postgres
SELECT u.user_id FROM users u WHERE u.user_id NOT IN (SELECT order_id FROM orders UNION SELECT user_id FROM users)
```

**Sources** https://www.postgresql.org/docs/current/functions-subquery.html (NOT IN; checked 2026-11-23): if the
subquery gives a NULL, the result is NULL where there is no equal row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rules import Context, Edit, Fix, Hit, Related, Rule, Safety, Severity
from sqlopt.span import Span

from ._links import bare

if TYPE_CHECKING:
    from collections.abc import Iterator

_PLAIN = ("group", "having", "distinct", "limit", "offset", "qualify", "order")


class NotInNullableSubquery(Rule):
    id = "JON008"
    severity = Severity.WARNING
    match = (exp.In, exp.NEQ, exp.EQ)

    def guard(self, target: exp.Expr, context: Context) -> Iterator[Hit]:
        query = context.query
        inner = _values_not_in(target)
        scope = query.scope_of(inner) if isinstance(inner, exp.Query) else None
        if scope is None or scope.node is not inner or len(scope.outputs) != 1:
            return
        whole = query.facts.output_not_null(scope, scope.outputs[0].name)
        if whole:
            return
        yield Hit(
            query.span(inner),
            "one NULL among these values, and NOT IN is true for no row"
            if whole is False
            else "if one of these values is NULL, NOT IN is true for no row; whether one can be is not known",
            severity=None if whole is False else Severity.INFO,
            related=(Related(query.span(target), "the NOT IN"),),
            data=scope,
        )

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        scope, query = hit.data, context.query
        node = scope.node
        # 1.
        if not isinstance(node, exp.Select) or any(node.args.get(part) for part in _PLAIN):
            return None
        column = node.expressions[0].unalias()
        if not isinstance(column, exp.Column) or len(node.expressions) != 1:
            return None
        text = f"{query.text(column)} IS NOT NULL"
        where = node.args.get("where")
        if where is None:
            end = query.span(node).end
            edits = (Edit(Span(end, end), f" WHERE {text}"),)
        elif isinstance(bare(where.this), exp.Or) and not isinstance(where.this, exp.Paren):
            return None
        else:
            end = query.span(where.this).end
            edits = (Edit(Span(end, end), f" AND {text}"),)
        # 2.
        return Fix("leave the NULLs out", edits, Safety.CHANGES_RESULTS)


def _values_not_in(target: exp.Expr) -> exp.Expr | None:
    """Return the query of NOT IN, of `<> ALL` and of NOT `= ANY`, which are the same."""
    above = target.parent
    while isinstance(above, exp.Paren):
        above = above.parent
    negated = bool(target.args.get("negate")) != isinstance(above, exp.Not)
    if isinstance(target, exp.In):
        inner = target.args.get("query")
    else:
        side = target.args["expression"]
        wanted = exp.All if isinstance(target, exp.NEQ) else exp.Any
        negated = negated != isinstance(target, exp.NEQ)
        inner = side.this if isinstance(side, wanted) else None
    while isinstance(inner, (exp.Subquery, exp.Paren)):
        inner = inner.this
    return inner if negated and isinstance(inner, exp.Query) else None
