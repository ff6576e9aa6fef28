"""A table partitioned by loading time is filtered on a date of its own, not on `_PARTITIONTIME`.

`DATE(created_ts) = DATE '2026-01-01'` reads well, but the partitions hold what was loaded on a day,
whatever its `created_ts`: none can be left out.

**Why** Only `_PARTITIONTIME` and `_PARTITIONDATE` limit the partitions of such a table. They are in no
schema, so it is easy not to know of them.

**Valid when** No rewrite: rows that arrive late lie in a later partition, so the added filter may change the
result. Add `_PARTITIONTIME >= ...` with room for the latest arrivals.

**Bad**
```sql
-- catalog: bigquery
SELECT COUNT(*) FROM p.d.ingest WHERE DATE(created_ts) = DATE '2026-01-01'
```
```sql
-- catalog: bigquery
WITH i AS (SELECT created_ts AS at, payload_str FROM p.d.ingest)
SELECT payload_str FROM i WHERE at >= TIMESTAMP '2026-01-01'
```

**Good**
```sql
-- catalog: bigquery
SELECT COUNT(*) FROM p.d.ingest
WHERE _PARTITIONTIME = TIMESTAMP '2026-01-01' AND DATE(created_ts) = DATE '2026-01-01'
```
```sql
-- catalog: bigquery
SELECT payload_str FROM p.d.ingest
WHERE _PARTITIONDATE >= DATE '2026-01-01' AND created_ts >= TIMESTAMP '2026-01-01'
```

**Sources** https://docs.cloud.google.com/bigquery/docs/querying-partitioned-tables (checked 2026-11-23): the
partitions of an ingestion-time table are pruned by filters on its pseudocolumns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.catalog import PartitionKind
from sqlopt.rules import Context, Hit, Rule, Severity

from ._partitions import by_date, shown, unpruned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Scan


class IngestionTableByPayloadDate(Rule):
    id = "PRN008"
    severity = Severity.WARNING
    dialects = frozenset({"bigquery"})
    match = "scan"

    def guard(self, target: Scan, context: Context) -> Iterator[Hit]:
        pruning = unpruned(target)
        if pruning is None or pruning.touched or target.table is None:
            return
        by = target.table.partition_by
        found = next((one for one in target.filters() if by_date(target, one)), None)
        if by is None or by.kind is not PartitionKind.INGESTION or found is None:
            return
        query = context.query
        saving, evidence = context.price(target)
        yield Hit(
            query.span(found.node),
            f"{target.name} is partitioned by loading time, which {shown(query, found.node)} does not limit: "
            "every partition is read; add a filter on _PARTITIONTIME",
            saving,
            evidence=evidence,
        )
