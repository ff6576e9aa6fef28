"""A join key is dominated by one value: NULLs turned into a constant, or a value that most rows have.

**Why** Rows with the same key go to the same worker. When half of all rows share a value, one worker does half of
the work while the others wait. A NULL by itself meets nothing and is dropped early; `COALESCE(key, 0)` takes that away.

**Valid when** No rewrite: without COALESCE a NULL no longer meets the row whose key is the constant, if there is one.

**Bad**
```sql
-- catalog: bigquery
SELECT COUNT(*) FROM p.d.events AS e LEFT JOIN p.d.users AS u ON COALESCE(e.user_id, 0) = u.user_id
WHERE e.event_date = DATE '2026-01-01'
```
```sql
-- catalog: snowflake
SELECT o.amount, u.country FROM ORDERS o JOIN USERS u ON u.user_id = NVL(o.user_id, -1)
```
```sql
-- catalog: snowflake
SELECT o.amount, u.country FROM ORDERS o
JOIN USERS u ON u.user_id = CASE WHEN o.user_id IS NULL THEN -1 ELSE o.user_id END
```
```sql
-- catalog: bigquery
SELECT COUNT(*) FROM p.d.orders AS o JOIN p.d.users AS u ON u.user_id = IF(o.user_id IS NOT NULL, o.user_id, 0)
```

**Good**
```sql
-- catalog: bigquery
SELECT COUNT(*) FROM p.d.events AS e LEFT JOIN p.d.users AS u ON e.user_id = u.user_id
WHERE e.event_date = DATE '2026-01-01'
```
```sql
-- catalog: bigquery
-- The other column takes its place, no constant.
SELECT COUNT(*) FROM p.d.orders AS o JOIN p.d.users AS u ON COALESCE(o.user_id, o.order_id) = u.user_id
```
```sql
-- catalog: bigquery
-- No join.
SELECT COUNT(*) FROM p.d.users WHERE COALESCE(manager_id, 0) = user_id
```

**Sources** https://docs.cloud.google.com/bigquery/docs/best-practices-performance-compute (checked 2026-11-23): rows
with one join key go to the same shard; a key with many NULLs or one frequent value overloads it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sqlglot import exp

from sqlopt.rules import Context, Hit, Rule, Severity

from ._links import conditions, equality, selects
from ._sentinels import replaced

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlopt.query import Query, Scope, Source

_LARGE = 1_000_000  # rows below which no worker is overloaded


class SkewedJoinKey(Rule):
    id = "JON014"
    severity = Severity.WARNING
    match = "statement"
    options: ClassVar[Mapping[str, Any]] = {"share": 0.3}

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        for scope in selects(target):
            for one in conditions(scope, target):
                if isinstance(one.node, exp.EQ):
                    yield from _constant_for_null(one.node, target)
                    yield from _frequent(one.node, scope, target, context.options["share"])


def _constant_for_null(node: exp.EQ, query: Query) -> Iterator[Hit]:
    for side, other in ((node.this, node.expression), (node.expression, node.this)):
        wrapped, bare = side.unnest(), other.unnest()
        found = replaced(wrapped)
        if found is None or not isinstance(bare, exp.Column):
            continue
        column, value = found
        one, two = query.binding(column), query.binding(bare)
        if one is None or two is None or one.source is None or two.source is None or one.source is two.source:
            continue
        if query.facts.source_not_null(one.source, one.name) or _few(one.source):
            continue
        yield Hit(
            query.span(wrapped),
            f"every NULL of {query.text(column)} becomes {query.text(value)} and goes to one worker: "
            "join on the bare column",
        )


def _few(source: Source) -> bool:
    return source.table is not None and source.table.rows is not None and source.table.rows < _LARGE


def _frequent(node: exp.EQ, scope: Scope, query: Query, most: float) -> Iterator[Hit]:
    found = equality(node, scope, query)
    if found is None:
        return
    for source, name in ((found.left, found.name), (found.right, found.other)):
        column = source.column(name)
        table = source.table
        if column is None or table is None or (table.rows or 0) < _LARGE or not column.common:
            continue
        value, share = column.common[0]
        if share >= most:
            yield Hit(
                query.span(node),
                f"{share:.0%} of the rows of {table.name} have {column.name} = {value!r}: "
                "one worker joins them all",
                severity=Severity.INFO,
                evidence=(("most frequent value", f"{value!r}, {share:.1%} of the rows"),),
            )
