"""The partition column is compared with another column, or computed on together with one.

`TIMESTAMP_ADD(event_ts, INTERVAL ttl SECOND) > x` is decided row by row: no partition can be left out.

**Why** A filter that needs a second column to be computed does not prune partitions. If the other column is
bounded (`ttl` is at most an hour), add the constant filter that follows from it
(`event_ts > x - 1 hour`): that one prunes.

**Valid when** No rewrite: the bound on the other column is for a person to know.

**Bad**
```sql
-- catalog: bigquery
SELECT * EXCEPT(payload) FROM p.d.events_ts
WHERE TIMESTAMP_ADD(event_ts, INTERVAL ttl SECOND) > TIMESTAMP '2026-01-01'
```
```sql
-- catalog: bigquery
SELECT e.user_id FROM p.d.events_ts AS e WHERE e.event_ts > e.updated_ts
```
```sql
-- catalog: bigquery
SELECT user_id FROM (SELECT user_id, event_date, event_ts FROM p.d.events) AS x
WHERE x.event_date = DATE(x.event_ts)
```

**Good**
```sql
-- catalog: bigquery
SELECT * EXCEPT(payload) FROM p.d.events_ts
WHERE event_ts > TIMESTAMP_SUB(TIMESTAMP '2026-01-01', INTERVAL 3600 SECOND)
```
```sql
-- catalog: bigquery
-- The constant bound prunes; the mixed predicate does no harm beside it.
SELECT user_id FROM p.d.events_ts
WHERE event_ts > TIMESTAMP '2025-12-31'
  AND TIMESTAMP_ADD(event_ts, INTERVAL ttl SECOND) > TIMESTAMP '2026-01-01'
```
```sql
-- catalog: bigquery
SELECT user_id FROM p.d.events_ts WHERE event_ts >= TIMESTAMP '2026-01-01' AND updated_ts > event_ts
```

**Sources** https://docs.cloud.google.com/bigquery/docs/querying-partitioned-tables (checked 2026-11-23): a
filter that needs data of several fields does not prune; the example compares the partition column with
another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rules import Context, Hit, Rule, Severity
from sqlopt.rules.rule import SPARK
from sqlopt.warehouses.pruning import Form

from ._partitions import blocked, column_name, hit, predicate, shown, unpruned
from ._reading import of_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Blocker, Scan


class PartitionComparedWithColumn(Rule):
    id = "PRN004"
    severity = Severity.WARNING
    dialects = frozenset({"bigquery"}) | SPARK
    match = "scan"

    def guard(self, target: Scan, context: Context) -> Iterator[Hit]:
        pruning = unpruned(target)
        if pruning is None or pruning.column == "_table_suffix":
            return
        found = [one for one in blocked(pruning, (Form.OTHER_COLUMN,)) if _same_row(target, one)]
        if not found:
            return
        column = column_name(target, pruning)
        what = shown(context.query, predicate(found[0]))
        mixed = f"{what} mixes the partition column {column} of {target.name} with other columns"
        known = f"{mixed}: every partition is read; add a constant bound"
        unknown = f"{mixed}, which is not known to prune: add a constant bound"
        yield hit(context, target, found, (known, unknown), pruning)


def _same_row(scan: Scan, blocker: Blocker) -> bool:
    """Whether the other column is one of the same table that is no partition column."""
    by = scan.table.partition_by if scan.table is not None else None
    keys = {name.casefold() for name in by.columns} if by is not None else set()
    node = predicate(blocker)
    if node.find(exp.Query) is not None:
        return False
    names = list(of_table(scan, node, blocker.filter))
    return None not in names and bool(set(names) - keys)
