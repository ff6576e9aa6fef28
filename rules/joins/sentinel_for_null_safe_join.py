"""A join replaces NULL by a made-up value on both sides, to let NULL meet NULL.

**Why** The function hides the columns: no index, no pruning, and statistics say nothing of its result. And a row that
really holds the made-up value meets all rows without one. The null-safe comparison says what is meant.

**Valid when**
1. The made-up value is none that either column holds.

**Bad**
```sql
-- dialect: snowflake
SELECT COUNT(*) FROM A AS a JOIN B AS b ON NVL(a.k, '~') = NVL(b.k, '~')
```
```sql
-- catalog: postgres
SELECT o.order_id FROM orders o JOIN users u ON COALESCE(u.email, '') = COALESCE(o.email, '')
```
```sql
-- dialect: spark
SELECT a.v FROM a, b WHERE ifnull(a.k, -1) = ifnull(b.k, -1)
```
```sql
-- dialect: snowflake
SELECT COUNT(*) FROM A AS a JOIN B AS b ON CASE WHEN a.k IS NULL THEN '~' ELSE a.k END = IFF(b.k IS NOT NULL, b.k, '~')
```

**Fixed**
```sql
-- dialect: snowflake
SELECT COUNT(*) FROM A AS a JOIN B AS b ON EQUAL_NULL(a.k, b.k)
```
```sql
-- catalog: postgres
SELECT o.order_id FROM orders o JOIN users u ON u.email IS NOT DISTINCT FROM o.email
```
```sql
-- dialect: spark
SELECT a.v FROM a, b WHERE a.k <=> b.k
```
```sql
-- dialect: snowflake
SELECT COUNT(*) FROM A AS a JOIN B AS b ON EQUAL_NULL(a.k, b.k)
```

**Good**
```sql
-- dialect: snowflake
SELECT COUNT(*) FROM A AS a JOIN B AS b ON EQUAL_NULL(a.k, b.k)
```
```sql
-- dialect: snowflake
-- NULL meets nothing here: the values differ.
SELECT COUNT(*) FROM A AS a JOIN B AS b ON NVL(a.k, '~a') = NVL(b.k, '~b')
```
```sql
-- dialect: snowflake
SELECT COUNT(*) FROM A AS a WHERE NVL(a.k, '~') = NVL(a.j, '~')
```
```sql
-- dialect: snowflake
SELECT COUNT(*) FROM A AS a FULL JOIN B AS b ON a.k = b.k JOIN C AS c ON COALESCE(a.k, b.k) = c.k
```

**Sources** https://docs.snowflake.com/en/sql-reference/functions/equal_null (checked 2026-11-23): treats NULL as a
known value. https://www.postgresql.org/docs/current/functions-comparison.html (checked 2026-11-23): IS NOT DISTINCT
FROM. https://spark.apache.org/docs/latest/sql-ref-null-semantics.html (checked 2026-11-23): `<=>`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rules import Context, Edit, Fix, Hit, Rule, Safety, Severity
from sqlopt.rules.rule import SPARK

from ._sentinels import replaced

if TYPE_CHECKING:
    from collections.abc import Iterator

_DISTINCT_FROM = frozenset({"postgres", "bigquery", "duckdb", "trino", "sqlite", "tsql"})


class SentinelForNullSafeJoin(Rule):
    id = "JON017"
    severity = Severity.WARNING
    match = (exp.EQ,)

    def guard(self, target: exp.EQ, context: Context) -> Iterator[Hit]:
        query = context.query
        left, right = replaced(target.this), replaced(target.expression)
        if left is None or right is None or left[1] != right[1]:
            return
        one, other = query.binding(left[0]), query.binding(right[0])
        if one is None or other is None or one.source is None or other.source is None:
            return
        if one.source is other.source:
            return
        yield Hit(
            query.span(target),
            f"{query.text(left[1])} stands for NULL on both sides of the join: compare "
            f"{query.text(left[0])} and {query.text(right[0])} by the null-safe comparison",
            data=(target, left[0], right[0]),
        )

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        node, left, right = hit.data
        query = context.query
        one, other = query.text(left), query.text(right)
        if context.dialect == "snowflake":
            text = f"EQUAL_NULL({one}, {other})"
        elif context.dialect in SPARK or context.dialect == "mysql":
            text = f"{one} <=> {other}"
        elif context.dialect in _DISTINCT_FROM:
            text = f"{one} IS NOT DISTINCT FROM {other}"
        else:
            return None
        # 1. is a fact that no catalog tells.
        return Fix("compare null-safely", (Edit(query.span(node), text),), Safety.NEEDS_FACTS)
