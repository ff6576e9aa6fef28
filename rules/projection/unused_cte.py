"""A CTE that no part of the statement names.

**Why** PostgreSQL skips it, other engines still plan it; the reader has to understand it before seeing that
it does nothing.

**Valid when**
1. It does not change data: a CTE with INSERT, UPDATE, DELETE or MERGE runs even when nothing names it.
2. No comment stands in the text that is removed.

**Bad**
```sql
-- catalog: postgres
WITH a AS (SELECT user_id FROM users), b AS (SELECT order_id FROM orders) SELECT user_id FROM a
```

**Fixed**
```sql
-- catalog: postgres
WITH a AS (SELECT user_id FROM users) SELECT user_id FROM a
```

**Good**
```sql
-- catalog: postgres
WITH a AS (SELECT user_id FROM users) SELECT user_id FROM a
```
```sql
-- catalog: postgres
WITH moved AS (DELETE FROM orders WHERE order_id = 5 RETURNING order_id) SELECT 1
```
```sql
-- catalog: postgres
WITH a AS (SELECT user_id FROM users), b AS (SELECT user_id FROM a) SELECT user_id FROM b
```

**Sources** https://www.postgresql.org/docs/current/queries-with.html (checked 2026-11-23): data-modifying
statements in WITH are executed exactly once and always to completion, whether or not the query reads them;
a SELECT in WITH only as far as the query demands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rules import Context, Edit, Fix, Hit, Rule, Safety, Severity

from ._ctes import cut_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query


class UnusedCte(Rule):
    id = "SCN003"
    absence = True
    severity = Severity.WARNING
    match = (exp.CTE,)

    def guard(self, target: exp.CTE, context: Context) -> Iterator[Hit]:
        query = context.query
        body = target.this
        while isinstance(body, (exp.Subquery, exp.Paren)):
            body = body.this
        scope = query.scope_of(body)
        # 1.
        if scope is None or scope.cte is not target or scope.users or not isinstance(body, exp.Query):
            return
        if target.find(exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Command) is not None:
            return
        if _named_elsewhere(target, query):
            return
        name = target.args["alias"].this
        yield Hit(query.span(name), f"nothing reads the CTE {target.alias}", data=target)

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        # 2.
        cut = cut_of(hit.data, context.query)
        if cut is None:
            return None
        return Fix("delete the CTE", (Edit(cut, ""),), Safety.EXACT)


def _named_elsewhere(cte: exp.CTE, query: Query) -> bool:
    """Whether some table of the same name could mean it in a place that scopes do not reach."""
    name = cte.alias.casefold()
    known = {id(source.node) for source in query.sources}
    return any(
        table.name.casefold() == name and not table.args.get("db") and id(table) not in known
        for table in query.nodes(exp.Table)
    ) or any(scope.recursive and scope.cte is cte for scope in query.scopes)
