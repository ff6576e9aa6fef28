"""A partitioned table is scanned with no filter on its partition column.

Every partition is read, whatever else the WHERE clause says. A filter on another column removes rows
only after they were read and billed.

**Why** BigQuery bills the bytes of all partitions that it can't rule out before it starts. A filter on
the partition column is the only thing that rules them out.

**Valid when** No rewrite: which dates are wanted is for a person to say.

**Bad**
```sql
-- catalog: bigquery
SELECT user_id, amount FROM p.d.events WHERE country = 'NL'
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

**Sources** https://cloud.google.com/bigquery/docs/querying-partitioned-tables (checked 2026-11-23): a
query without a filter on the partitioning column scans the whole table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.catalog import PartitionKind
from sqlopt.rules import Context, Hit, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Scan

# Ingestion-time and date-sharded tables have rules of their own (PRN008, PRN007).
_OTHERS = (PartitionKind.INGESTION, PartitionKind.SHARDED)


class PartitionFilterMissing(Rule):
    id = "PRN001"
    severity = Severity.WARNING
    dialects = frozenset({"bigquery"})
    match = "scan"

    def guard(self, target: Scan, context: Context) -> Iterator[Hit]:
        table = target.table
        if table is None or table.partition_by is None or table.partition_by.kind in _OTHERS:
            return
        if target.target or not target.readings:
            return  # DML has PRN027 and PRN028
        columns = {name.casefold() for name in table.partition_by.columns}
        if target.columns is not None and target.columns <= columns:
            return  # COUNT(*) reads no column, MAX(event_date) asks for the partitions themselves
        if target.pruning.touched:
            return  # a filter that does not help is another rule's
        saving, evidence = context.price(target)
        column = table.partition_by.column
        yield Hit(
            context.query.span(target.node),
            f"{table.name} is partitioned by {column}, and no filter limits it: every partition is read",
            saving,
            evidence=evidence,
        )
