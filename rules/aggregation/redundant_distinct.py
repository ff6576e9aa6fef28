"""DISTINCT over rows that are all different already.

**Why** To find no duplicates the engine sorts or hashes every row with all its columns, and holds them in memory.
Where a key is among the columns, or the rows are groups, there is nothing to find.

**Valid when**
1. The query is SELECT DISTINCT without ON.
2. A key of its rows is among the columns: a primary key or a unique one without NULL that no join repeats, all keys
   of a GROUP BY, the one row of an aggregate.
3. The key is enforced, or a test stands behind it; else the fix needs that fact.

**Bad**
```sql
-- catalog: snowflake
SELECT DISTINCT user_id, name FROM USERS
```
```sql
-- catalog: postgres
SELECT DISTINCT country, COUNT(*) AS users FROM users GROUP BY country
```
```sql
-- catalog: postgres
SELECT DISTINCT o.order_id, u.country FROM orders o JOIN users u ON u.user_id = o.user_id
```

**Fixed**
```sql
-- catalog: snowflake
SELECT user_id, name FROM USERS
```
```sql
-- catalog: postgres
SELECT country, COUNT(*) AS users FROM users GROUP BY country
```
```sql
-- catalog: postgres
SELECT o.order_id, u.country FROM orders o JOIN users u ON u.user_id = o.user_id
```

**Good**
```sql
-- catalog: snowflake
SELECT DISTINCT country FROM USERS
```
```sql
-- catalog: postgres
SELECT DISTINCT u.user_id, u.name FROM users u JOIN orders o ON o.user_id = u.user_id
```
```sql
-- catalog: postgres
SELECT DISTINCT COUNT(*) AS users FROM users GROUP BY country
```
```sql
-- catalog: postgres
SELECT DISTINCT user_id, UNNEST(STRING_TO_ARRAY(name, ' ')) AS word FROM users
```

**Sources** https://docs.snowflake.com/en/user-guide/query-insights (checked 2026-11-23): the insight
QUERY_INSIGHT_INEFFICIENT_AGGREGATE tells of an aggregation that removes nothing. Which keys are enforced:
https://docs.snowflake.com/en/sql-reference/constraints-overview and
https://www.postgresql.org/docs/current/ddl-constraints.html (checked 2026-11-23).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.rules import Context, Fix, Hit, Rule, Safety, Severity

from ._groups import selects, without_distinct

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query


class RedundantDistinct(Rule):
    id = "AGG003"
    severity = Severity.WARNING
    match = "statement"

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        del context
        for scope in selects(target):
            distinct = scope.node.args.get("distinct")
            # 1.
            if distinct is None or distinct.args.get("on") is not None or distinct.expressions:
                continue
            # 2.
            names = frozenset(one.name for one in scope.outputs)
            held = [key for key in target.facts.keys_before_distinct(scope) if key <= names]
            declared = held or [key for key in target.declared.keys_before_distinct(scope) if key <= names]
            if not declared:
                continue
            key = min(declared, key=lambda one: (len(one), sorted(one)))
            why = f"{', '.join(sorted(key))} identifies each of them" if key else "there is but one"
            yield Hit(
                target.span(distinct),
                f"the rows are all different already: {why}",
                # 3.
                severity=None if held else Severity.INFO,
                evidence=() if held else (("key", "declared; the engine does not enforce it"),),
                data=(distinct, bool(held)),
            )

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        distinct, held = hit.data
        edit = without_distinct(context.query, distinct)
        if edit is None:
            return None
        return Fix("leave DISTINCT out", (edit,), Safety.EXACT if held else Safety.NEEDS_FACTS)
