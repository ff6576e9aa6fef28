"""LIMIT on a big table without a filter: all of the columns named is billed for a few rows.

**Why** BigQuery bills what a query has to read, not what it returns. On a table without clustering, LIMIT
comes after the columns were read from end to end.

**Valid when** The sample has other rows, and on a small table perhaps none. It is for a look at the data, so
the fix is never made unasked. The console's preview costs nothing at all.

**Bad**
```sql
-- catalog: bigquery
SELECT user_id, name FROM p.d.big_unpartitioned LIMIT 10
```
```sql
-- catalog: bigquery
WITH b AS (SELECT user_id, name, amount FROM p.d.big_unpartitioned)
SELECT user_id, amount FROM b LIMIT 100
```

**Fixed**
```sql
-- catalog: bigquery
SELECT user_id, name FROM p.d.big_unpartitioned TABLESAMPLE SYSTEM (1 PERCENT) LIMIT 10
```
```sql
-- catalog: bigquery
WITH b AS (SELECT user_id, name, amount FROM p.d.big_unpartitioned TABLESAMPLE SYSTEM (1 PERCENT))
SELECT user_id, amount FROM b LIMIT 100
```

**Good**
```sql
-- catalog: bigquery
SELECT user_id, name FROM p.d.big_unpartitioned TABLESAMPLE SYSTEM (1 PERCENT) LIMIT 10
```
```sql
-- catalog: bigquery
-- Clustered: reading may stop early.
SELECT user_id, name FROM p.d.users_clustered LIMIT 10
```
```sql
-- catalog: bigquery
-- The ten largest: every row has to be seen.
SELECT user_id, amount FROM p.d.big_unpartitioned ORDER BY amount DESC LIMIT 10
```
```sql
-- catalog: bigquery
SELECT name, COUNT(*) AS n FROM p.d.big_unpartitioned GROUP BY name LIMIT 10
```
```sql
-- catalog: bigquery
SELECT amount FROM p.d.small_unpartitioned LIMIT 10
```
```sql
-- catalog: bigquery
SELECT order_id FROM p.d.orders WHERE order_date = DATE '2026-01-01' LIMIT 10
```

**Sources** https://cloud.google.com/bigquery/docs/best-practices-costs (checked 2026-11-23): LIMIT does not
lower what is read on a table without clustering. https://cloud.google.com/bigquery/docs/table-sampling
(checked 2026-11-23): TABLESAMPLE reads, and bills, about that share of the blocks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sqlopt.catalog import PartitionKind
from sqlopt.rules import Context, Edit, Fix, Hit, Rule, Safety, Severity
from sqlopt.span import Span

from ._reading import big, defines_view, early_limit, sampled, unfiltered

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from sqlopt.query import Scan


class LimitToReduceCost(Rule):
    id = "PRN029"
    severity = Severity.WARNING
    dialects = frozenset({"bigquery"})
    match = "scan"
    options: ClassVar[Mapping[str, Any]] = {"gigabytes": 10}

    def guard(self, target: Scan, context: Context) -> Iterator[Hit]:
        table = target.table
        if table is None or table.cluster_by or table.kind != "table" or target.target:
            return
        if table.partition_by is not None and table.partition_by.kind is PartitionKind.SHARDED:
            return
        if target.columns == frozenset() or not big(table, context.options["gigabytes"]):
            return
        if sampled(target) or not unfiltered(target) or defines_view(context.query):
            return
        limit = early_limit(target)
        if limit is None or limit.most == 0:
            return
        saving, evidence = context.price(target, 0.01)
        yield Hit(
            context.query.span(limit.node),
            f"LIMIT does not lower what is read: the columns named are read from all of {table.name}",
            saving,
            evidence=evidence,
            data=target,
        )

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        end = context.query.span(hit.data.node).end
        edit = Edit(Span(end, end), " TABLESAMPLE SYSTEM (1 PERCENT)")
        return Fix("read a sample of one percent", (edit,), Safety.CHANGES_RESULTS)
