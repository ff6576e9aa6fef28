"""The filter on the partition column keeps more days than a query usually needs.

**Why** Every day kept is read and billed in every run. A range of years, written once to be safe, grows no
smaller when the page that shows it is about this month.

**Valid when** No rewrite: how far back the question goes is for a person to say.

**Bad**
```sql
-- catalog: bigquery
SELECT SUM(amount) FROM p.d.events WHERE event_date >= DATE_SUB(CURRENT_DATE(), INTERVAL 5 YEAR)
```
```sql
-- catalog: bigquery
SELECT SUM(amount) FROM p.d.events WHERE event_date BETWEEN DATE '2021-01-01' AND DATE '2025-12-31'
```
```sql
-- catalog: bigquery
WITH o AS (SELECT order_date, amount FROM p.d.orders)
SELECT SUM(amount) FROM o WHERE order_date > DATE '2023-06-30'
```

**Good**
```sql
-- catalog: bigquery
SELECT SUM(amount) FROM p.d.events WHERE event_date >= DATE_SUB(CURRENT_DATE(), INTERVAL 30 DAY)
```
```sql
-- catalog: bigquery
-- A long range, but on a column that decides nothing about what is read.
SELECT COUNT(*) FROM p.d.users WHERE signup_date >= DATE_SUB(CURRENT_DATE(), INTERVAL 5 YEAR)
```
```sql
-- catalog: bigquery
-- Two days, years apart.
SELECT SUM(amount) FROM p.d.events WHERE event_date IN (DATE '2021-01-01', DATE '2026-01-01')
```
```sql
-- catalog: bigquery
SELECT SUM(amount) FROM p.d.events
WHERE event_date >= DATE '2021-01-01' AND event_date >= DATE_SUB(CURRENT_DATE(), INTERVAL 7 DAY)
```

**Sources** https://cloud.google.com/bigquery/docs/querying-partitioned-tables (checked 2026-11-23): the
partitions that a filter keeps are read. How long is too long is an opinion: set `days`.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, ClassVar

from sqlopt.catalog import PartitionKind
from sqlopt.query.pruning.predicate import Judge
from sqlopt.rules import Context, Hit, Rule, Severity
from sqlopt.rules.rule import SPARK
from sqlopt.warehouses.pruning import pruning_table

from ._reading import defines_view

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from sqlopt.query import Scan

_NOT_TIME = (PartitionKind.INTEGER_RANGE, PartitionKind.SHARDED, PartitionKind.HASH)


class LongDateRange(Rule):
    id = "PRN026"
    severity = Severity.INFO
    dialects = frozenset({"bigquery"}) | SPARK
    match = "scan"
    options: ClassVar[Mapping[str, Any]] = {"days": 365}

    def guard(self, target: Scan, context: Context) -> Iterator[Hit]:
        table, pruning = target.table, target.pruning
        if table is None or table.partition_by is None or table.partition_by.kind in _NOT_TIME:
            return
        if target.target or not target.readings or not pruning.filters or defines_view(context.query):
            return  # a filter that keeps everything is PRN006's
        if target.columns == frozenset():
            return
        days = _days(target)
        most = context.options["days"]
        if days is None or days <= most + 1:
            return
        share = None if pruning.share is None else pruning.share * most / days
        saving, evidence = context.price(target, share)
        yield Hit(
            context.query.span(pruning.filters[0].node),
            f"{days:,} days of {table.name} are read; more than {most:,} are seldom needed",
            saving,
            evidence=(*evidence, ("days", f"{days:,}")),
        )


def _days(scan: Scan) -> int | None:
    """Return how many days the engine reads, up to today or the newest known; None if that is open."""
    table, pruning = scan.table, scan.pruning
    column = table.column(pruning.column or "") if table is not None else None
    first = _day(column.min) if column is not None else None
    newest = _day(column.max) if column is not None else None
    last = scan.query.today if newest is None else min(newest, scan.query.today)
    if _opaque(scan):
        return None  # a parameter may keep a day or ten years
    total = 0
    for one in pruning.ranges.intervals:
        low, high = _day(one.low), _day(one.high)
        if (one.low is not None and low is None) or (one.high is not None and high is None):
            return None
        start = max(low, first) if low is not None and first is not None else low or first
        if start is None:
            return None
        end = last if high is None else high if newest is None else min(high, newest)
        total += max((end - start).days + 1, 0)
    return total


def _opaque(scan: Scan) -> bool:
    """Whether a filter's values are not known here."""
    table, pruning = scan.table, scan.pruning
    if table is None or pruning.column is None:
        return True
    column = table.column(pruning.column)
    judge = Judge(scan, (pruning.column,), column, table.partition_by, pruning_table(scan.query.dialect))
    return any(judge.filter(one).opaque for one in pruning.filters)


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None
