"""A partitioned table is scanned with no filter on its partition column.

Every partition is read, whatever else the WHERE clause says. A filter on another column removes rows
only after they were read and billed.

**Why** BigQuery bills the bytes of all partitions that it can't rule out before it starts, and Spark and Hive
read the files of every partition that the filter does not rule out. A filter on the partition column, or a
join with a filtered table on it, is what rules them out.

**Valid when** No rewrite: which dates are wanted is for a person to say.

**Bad**
```sql
-- catalog: bigquery
SELECT user_id, amount FROM p.d.events WHERE country = 'NL'
```
```sql
-- catalog: bigquery
-- Of the two scans only one is limited.
WITH paid AS (SELECT user_id, amount FROM p.d.orders WHERE status = 'paid')
SELECT e.user_id FROM p.d.events AS e JOIN paid ON paid.user_id = e.user_id
WHERE e.event_date = DATE '2026-01-01'
```
```sql
-- catalog: spark
SELECT user_id, SUM(amount) FROM ev WHERE k = 7 GROUP BY user_id
```

**Good**
```sql
-- catalog: bigquery
SELECT user_id, amount FROM p.d.events WHERE event_date = DATE '2026-01-01' AND country = 'NL'
```
```sql
-- catalog: bigquery
-- The filter stands outside and is pushed through the plain CTE.
WITH e AS (SELECT * FROM p.d.events)
SELECT user_id FROM e WHERE event_date = DATE '2026-01-01'
```
```sql
-- catalog: bigquery
SELECT COUNT(*) FROM p.d.events
```
```sql
-- catalog: bigquery
SELECT MAX(event_date) FROM p.d.events
```

```sql
-- catalog: bigquery
-- Not partitioned.
SELECT user_id FROM p.d.users WHERE country = 'NL'
```
```sql
-- catalog: spark
-- The join limits the days while the query runs.
SELECT ev.user_id FROM ev JOIN days ON ev.dt = days.dt WHERE days.is_holiday
```

**Sources** https://docs.cloud.google.com/bigquery/docs/querying-partitioned-tables (checked 2026-11-23):
partitions are pruned by a filter on the partitioning column.
https://spark.apache.org/docs/latest/sql-data-sources-parquet.html (checked 2026-11-23): a partitioned table
keeps each partition's files in a folder of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.catalog import PartitionKind
from sqlopt.rules import Context, Hit, Rule, Severity
from sqlopt.rules.rule import SPARK

from ._partitions import filters_by_date
from ._reading import defines_view, early_limit, sampled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Scan

# Date-sharded tables have a rule of their own (PRN007).


class PartitionFilterMissing(Rule):
    id = "PRN001"
    severity = Severity.WARNING
    dialects = frozenset({"bigquery"}) | SPARK
    match = "scan"

    def guard(self, target: Scan, context: Context) -> Iterator[Hit]:
        table = target.table
        if table is None or table.partition_by is None or table.partition_by.kind is PartitionKind.SHARDED:
            return
        # DML has PRN027 and PRN028; who reads a view may filter.
        if target.target or not target.readings or not target.exhaustive or defines_view(context.query):
            return
        if target.pruning.touched or sampled(target):
            return  # a filter that does not help is another rule's
        columns = {name.casefold() for name in table.partition_by.columns}
        if target.columns is not None and target.columns <= columns:
            return  # COUNT(*) reads no column, MAX(event_date) asks for the partitions themselves
        if table.partition_by.kind is PartitionKind.INGESTION and filters_by_date(target):
            return  # PRN008's
        if context.dialect != "bigquery" and early_limit(target) is not None:
            return  # BigQuery bills the whole table even then
        saving, evidence = context.price(target)
        column = table.partition_by.column
        yield Hit(
            context.query.span(target.node),
            f"{table.name} is partitioned by {column}, and no filter limits it: every partition is read",
            saving,
            evidence=evidence,
        )
