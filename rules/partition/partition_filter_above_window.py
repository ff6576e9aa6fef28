"""A partition filter stands outside of a query that it can't be pushed into.

A CTE or view computes a window function or groups its rows; the date filter comes after that. Pushed inside
it would change what the window sees, so the whole table is read first.

**Why** A filter moves down through plain CTEs and derived tables by itself. It stops at a window unless every
PARTITION BY holds the filtered column, at a GROUP BY unless the column is grouped by, and at HAVING. Write it
inside, if that is what is meant.

**Valid when** No rewrite: moved inside, a window sees other rows, and the result changes.

**Bad**
```sql
-- catalog: bigquery
WITH w AS (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY event_ts) AS rn FROM p.d.events
)
SELECT user_id FROM w WHERE event_date = DATE '2026-01-01' AND rn = 1
```
```sql
-- catalog: bigquery
SELECT user_id, total FROM (
  SELECT user_id, order_date, SUM(amount) OVER (PARTITION BY user_id) AS total FROM p.d.orders
) AS o WHERE o.order_date = DATE '2026-01-01'
```
```sql
-- catalog: postgres
SELECT user_id
FROM (SELECT user_id, event_date, lag(user_id) OVER (ORDER BY event_id) AS before FROM events) AS e
WHERE event_date >= '2026-01-01'
```

**Good**
```sql
-- catalog: bigquery
-- The filtered column is in PARTITION BY of every window.
WITH w AS (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY user_id, event_date ORDER BY event_ts) AS rn FROM p.d.events
)
SELECT user_id FROM w WHERE event_date = DATE '2026-01-01' AND rn = 1
```
```sql
-- catalog: bigquery
-- A plain CTE.
WITH e AS (SELECT user_id, event_date, amount * 2 AS twice FROM p.d.events)
SELECT user_id FROM e WHERE event_date = DATE '2026-01-01'
```
```sql
-- catalog: bigquery
SELECT user_id FROM (
  SELECT user_id, event_date, COUNT(*) AS n FROM p.d.events GROUP BY user_id, event_date
) WHERE event_date = DATE '2026-01-01' AND n > 1
```
```sql
-- catalog: bigquery
WITH w AS (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY event_ts) AS rn FROM p.d.events
  WHERE event_date = DATE '2026-01-01'
)
SELECT user_id FROM w WHERE event_date = DATE '2026-01-01' AND rn = 1
```

**Sources** That a filter can't pass a window or an aggregate follows from what these mean.
https://www.postgresql.org/docs/current/queries-with.html (checked 2026-11-23): a materialized CTE is computed
whole. Whether an engine moves a HAVING condition on a grouped column into WHERE is documented by none of
them: that is reported as information.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.rules import Context, Hit, Rule, Severity
from sqlopt.rules.rule import SPARK
from sqlopt.warehouses.pruning import Prunes

from ._partitions import shown, unpruned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Filter, Pruning, Scan

_REASONS = {
    "window": "applied after a window function",
    "aggregate": "applied after the rows are grouped",
    "having": "applied after the rows are grouped",
    "materialized": "applied to a CTE that is computed whole",
}


class PartitionFilterAboveWindow(Rule):
    id = "PRN030"
    severity = Severity.WARNING
    dialects = frozenset({"bigquery", "postgres", "snowflake"}) | SPARK
    match = "scan"

    def guard(self, target: Scan, context: Context) -> Iterator[Hit]:
        pruning = unpruned(target) or _by_cluster(target)
        found = _stopped(pruning) if pruning is not None and pruning.verdict is Prunes.NO else None
        if pruning is None or found is None:
            return
        query = context.query
        saving, evidence = context.price(target)
        yield Hit(
            query.span(found.node),
            f"{shown(query, found.node)} is {_REASONS[found.stopped]} and can't be pushed down to "
            f"{target.name}, which is read whole",
            saving,
            Severity.INFO if found.stopped == "having" else Severity.WARNING,
            evidence=evidence,
        )


def _by_cluster(scan: Scan) -> Pruning | None:
    """Return the first clustering key's pruning where there are no partitions, as in Snowflake."""
    if scan.table is None or scan.table.partition_by is not None or scan.query.dialect != "snowflake":
        return None
    if any(one.verdict is not Prunes.NO for one in scan.clustering):
        return None
    return next((one for one in scan.clustering if one.stopped), None)


def _stopped(pruning: Pruning) -> Filter | None:
    return next((one for one in pruning.stopped if one.stopped in _REASONS), None)
