"""The partition filter is one arm of an OR, and another arm lets every partition through.

`d = DATE '2026-01-01' OR country = 'NL'` wants the Dutch rows of every day: all partitions are read.

**Why** A partition can be left out only if no arm of the OR can hold in it. An arm that says nothing of the
partition column can hold anywhere.

**Valid when** No rewrite: an arm must not be dropped. If the arms are separate questions, ask them in two
queries joined by UNION ALL, the second with `AND (first arm) IS NOT TRUE`; if the filter was meant to hold
for both, put parentheses around the OR of the rest.

**Bad**
```sql
-- catalog: bigquery
SELECT COUNT(*) FROM p.d.events WHERE event_date = DATE '2026-01-01' OR country = 'NL'
```
```sql
-- catalog: bigquery
-- AND binds tighter than OR.
SELECT user_id FROM p.d.events WHERE country = 'NL' OR country = 'BE' AND event_date = DATE '2026-01-01'
```
```sql
-- catalog: postgres
SELECT count(*) FROM events WHERE event_date >= '2026-01-01' OR user_id = 42
```

**Good**
```sql
-- catalog: bigquery
SELECT COUNT(*) FROM p.d.events
WHERE (event_date = DATE '2026-01-01' OR event_date = DATE '2026-01-03') AND country = 'NL'
```
```sql
-- catalog: bigquery
-- Each arm limits the days.
SELECT user_id FROM p.d.events
WHERE (event_date = DATE '2026-01-01' AND country = 'NL')
  OR (event_date = DATE '2026-01-02' AND country = 'BE')
```
```sql
-- catalog: bigquery
-- The OR does no harm beside a filter that prunes.
SELECT user_id FROM p.d.events
WHERE event_date >= DATE '2026-01-01' AND (event_date = DATE '2026-01-05' OR country = 'NL')
```

**Sources** https://docs.cloud.google.com/bigquery/docs/querying-partitioned-tables (checked 2026-11-23): with
OR instead of AND the partitions can't be pruned. Measured for PostgreSQL 15 and Spark 4.3: all partitions are
read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.rules import Context, Hit, Rule, Severity
from sqlopt.rules.finding import Related
from sqlopt.rules.rule import SPARK
from sqlopt.warehouses.pruning import Form, Prunes

from ._partitions import column_name, shown, unpruned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Scan


class PartitionFilterInOr(Rule):
    id = "PRN005"
    severity = Severity.WARNING
    dialects = frozenset({"bigquery", "postgres"}) | SPARK
    match = "scan"

    def guard(self, target: Scan, context: Context) -> Iterator[Hit]:
        pruning = unpruned(target)
        if pruning is None or pruning.column == "_table_suffix":
            return
        for blocker in pruning.blockers:
            if blocker.form is not Form.OR_OTHER:
                continue
            query = context.query
            saving, evidence = context.price(target)
            column = column_name(target, pruning)
            arm = shown(query, blocker.at)
            yield Hit(
                query.span(blocker.node),
                f"the OR lets every partition of {target.name} through: {arm} does not limit {column}",
                saving,
                Severity.WARNING if pruning.verdict is Prunes.NO else Severity.INFO,
                (Related(query.span(blocker.at), f"this arm can hold for any {column}"),),
                evidence,
            )
            return
