"""A filter computes on the partition column, and BigQuery's planner can't turn the function round.

`EXTRACT(MONTH FROM d) = 3`, `FORMAT_DATE(...)`, `CAST(d AS STRING)`, `d + INTERVAL 1 DAY`: the filter is
right, but no partition can be ruled out by it before the table is read.

**Why** BigQuery prunes by comparisons of the bare partition column with constants, and through a short list
of functions (`DATE(ts)`, `TIMESTAMP_TRUNC`, `DATE_TRUNC` and a few more). Anything else reads and bills every
partition. `EXTRACT(YEAR ...)`, `DATE_ADD` and `FORMAT_TIMESTAMP('%F', ...)` have come onto that list; where
a query rests on one of these alone it is pointed out as information, since a plain range never depends on it.

**Valid when**
1. The predicate is one comparison or BETWEEN with constants, a condition of its own joined by AND only.
2. The function can be turned round exactly: the year, a cast to a date, a truncation to a day, month, quarter or
   year, a shift by days or hours, a format of digits from the year down; and no time zone decides.
3. The values for which it is true are one range. What the clock says is no such value: there only a shift is turned
   round, by moving it to the clock's side as it is written.

A NULL date makes both forms NULL, and the row is dropped either way.

**Bad**
```sql
-- catalog: bigquery
SELECT COUNT(*) FROM p.d.events WHERE EXTRACT(YEAR FROM event_date) = 2026
```
```sql
-- catalog: bigquery
SELECT user_id FROM p.d.events WHERE FORMAT_DATE('%Y-%m', event_date) = '2026-01'
```
```sql
-- catalog: bigquery
WITH recent AS (SELECT user_id, event_ts FROM p.d.events_ts)
SELECT user_id FROM recent WHERE event_ts + INTERVAL 1 DAY > CURRENT_TIMESTAMP()
```
```sql
-- catalog: bigquery
SELECT SUM(amount) FROM p.d.orders AS o WHERE CAST(o.order_date AS STRING) LIKE '2026-01%'
```

**Fixed**
```sql
-- catalog: bigquery
SELECT COUNT(*) FROM p.d.events WHERE event_date >= DATE '2026-01-01' AND event_date < DATE '2027-01-01'
```
```sql
-- catalog: bigquery
SELECT user_id FROM p.d.events WHERE event_date >= DATE '2026-01-01' AND event_date < DATE '2026-02-01'
```

**Good**
```sql
-- catalog: bigquery
SELECT COUNT(*) FROM p.d.events WHERE event_date >= DATE '2026-01-01' AND event_date < DATE '2027-01-01'
```
```sql
-- catalog: bigquery
SELECT user_id FROM p.d.events_ts WHERE DATE(event_ts) = DATE '2026-01-01'
```
```sql
-- catalog: bigquery
SELECT user_id FROM p.d.events_ts WHERE TIMESTAMP_TRUNC(event_ts, DAY) = TIMESTAMP '2026-01-01'
```
```sql
-- catalog: bigquery
-- The range prunes; the function only picks among the rows that are left.
SELECT user_id FROM p.d.events
WHERE event_date >= DATE '2026-01-01' AND EXTRACT(DAYOFWEEK FROM event_date) = 2
```
```sql
-- catalog: bigquery
-- The function is on the other side, or on a column that is no partition column.
SELECT user_id FROM p.d.events
WHERE event_date >= DATE_TRUNC(DATE '2026-03-05', MONTH) AND EXTRACT(HOUR FROM event_ts) = 7
```

**Sources** https://docs.cloud.google.com/bigquery/docs/querying-partitioned-tables (checked 2026-11-23):
lists the functions that support pruning, says that others need a full scan, and shows FORMAT_DATE, EXTRACT of
MONTH and HOUR, and `ts + INTERVAL` as filters that don't prune.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rewrite.edits import Edit, Fix, Safety
from sqlopt.rules import Context, Hit, Rule, Severity
from sqlopt.rules.ranges import as_range
from sqlopt.warehouses.pruning import Cell, Form, Prunes

from ._partitions import (
    FUNCTIONS,
    PATTERNS,
    blocked,
    column_name,
    hit,
    only_through,
    shown,
    time_partitioned,
    unpruned,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Blocker, Pruning, Scan

# Functions that many rely on, and that are documented to prune for long.
_TRUSTED = frozenset({Form.CAST_DATE, Form.TRUNCATE})
_DAY_FORMATS = frozenset({"%F", "%Y-%m-%d", "%Y%m%d"})
_UNSURE = Cell(Prunes.UNKNOWN, "documented for FORMAT_TIMESTAMP only", "believed")


class FunctionOnPartitionColumn(Rule):
    id = "PRN002"
    severity = Severity.WARNING
    dialects = frozenset({"bigquery"})
    match = "scan"

    def guard(self, target: Scan, context: Context) -> Iterator[Hit]:
        if target.table is None or not time_partitioned(target.table) or not target.readings:
            return
        pruning = unpruned(target)
        if pruning is not None:
            found = blocked(pruning, FUNCTIONS | PATTERNS)
        else:
            pruning = target.pruning
            found = only_through(pruning, FUNCTIONS - _TRUSTED)
        found = [_day_text(one) for one in found]
        if found:
            yield hit(context, target, found, _sentences(target, context, found[0], pruning), pruning)

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        scan, blocker, name = hit.data
        text = as_range(scan, name, blocker.filter)
        edit = Edit(context.query.span(blocker.filter.node), text or "")
        return Fix("compare with a range", (edit,), Safety.EXACT) if text else None


def _sentences(scan: Scan, context: Context, blocker: Blocker, pruning: Pruning) -> tuple[str, str]:
    column = column_name(scan, pruning)
    at = shown(context.query, blocker.at)
    known = f"BigQuery can't prune {scan.name} through {at}: every partition is read; compare {column} itself"
    unknown = (
        f"whether BigQuery prunes {scan.name} through {at} is not sure: confirm with a dry run, or compare "
        f"{column} itself"
    )
    return known, unknown


def _day_text(blocker: Blocker) -> Blocker:
    """Return ``blocker``, unsure where it is FORMAT_TIMESTAMP of a day, which is documented to prune."""
    node = blocker.at
    days = isinstance(node, exp.TimeToStr) and node.text("format") in _DAY_FORMATS
    return replace(blocker, cell=_UNSURE) if days else blocker
