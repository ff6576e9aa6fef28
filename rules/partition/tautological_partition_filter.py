"""The only filter on the partition column keeps every partition.

`d IS NOT NULL`, `d >= '1970-01-01'`, `d = d`: it looks like a partition filter, and satisfies a table that
requires one, but nothing is left out.

**Why** The whole table is read and billed, and the safeguard that a required filter was meant to be is gone.
Whether a bound keeps everything is told from the column's minimum and maximum in the catalog; without them a
bound before the year 2000 or after today is taken to keep everything.

**Valid when** No rewrite: which dates are wanted is for a person to say.

**Bad**
```sql
-- catalog: bigquery
SELECT COUNT(*) FROM p.d.events WHERE event_date IS NOT NULL
```
```sql
-- catalog: bigquery
SELECT user_id FROM p.d.events AS e WHERE e.event_date >= DATE '1970-01-01' AND e.country = 'NL'
```
```sql
-- catalog: bigquery
SELECT user_id FROM p.d.events_ts WHERE event_ts = event_ts
```
```sql
-- catalog: bigquery
SELECT user_id FROM p.d.events WHERE event_date IS NULL OR event_date IS NOT NULL
```
```sql
-- catalog: bigquery
SELECT user_id FROM p.d.events WHERE event_date BETWEEN '1900-01-01' AND '2099-12-31'
```

**Good**
```sql
-- catalog: bigquery
SELECT COUNT(*) FROM p.d.events WHERE event_date BETWEEN DATE '2026-01-01' AND DATE '2026-01-31'
```
```sql
-- catalog: bigquery
-- One side is open, the other limits.
SELECT user_id FROM p.d.events WHERE event_date >= DATE '1970-01-01' AND event_date < DATE '2020-02-01'
```
```sql
-- catalog: bigquery
SELECT user_id FROM p.d.events WHERE event_date IS NOT NULL AND event_date = DATE '2026-01-01'
```
```sql
-- catalog: bigquery
SELECT user_id FROM p.d.events WHERE event_date = DATE '2026-01-01' AND event_ts IS NOT NULL
```

**Sources** https://docs.cloud.google.com/bigquery/docs/querying-partitioned-tables (checked 2026-11-23):
partitions that can't match the filter are skipped; that none is follows from the filter itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rules import Context, Hit, Rule, Severity
from sqlopt.rules.finding import Related
from sqlopt.rules.rule import SPARK
from sqlopt.warehouses.pruning import Prunes

from ._partitions import column_name, shown, unpruned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Filter, Scan

_CLOCKS = (exp.CurrentDate, exp.CurrentTimestamp, exp.CurrentDatetime)


class TautologicalPartitionFilter(Rule):
    id = "PRN006"
    severity = Severity.WARNING
    dialects = frozenset({"bigquery", "postgres"}) | SPARK
    match = "scan"

    def guard(self, target: Scan, context: Context) -> Iterator[Hit]:
        pruning = unpruned(target)
        if pruning is None or pruning.verdict is not Prunes.NO or pruning.column == "_table_suffix":
            return
        if not pruning.idle or pruning.blockers or pruning.stopped:
            return
        query = context.query
        saving, evidence = context.price(target)
        column = column_name(target, pruning)
        first, *others = pruning.idle
        yield Hit(
            query.span(first.node),
            f"{shown(query, first.node)} keeps every partition of {target.name}; bound {column}",
            saving,
            Severity.INFO if _until_now(target, first) else None,
            tuple(Related(query.span(one.node), f"nor does this limit {column}") for one in others),
            evidence,
        )


def _until_now(scan: Scan, one: Filter) -> bool:
    """Whether it keeps all but the future, of which the table may hold some for all the catalog tells."""
    column = scan.table.column(scan.pruning.column or "") if scan.table is not None else None
    return (column is None or column.max is None) and one.node.find(*_CLOCKS) is not None
