"""A large table without partitions is asked for a range of dates.

**Why** The filter removes rows after they were read: all of the columns named is billed, whichever days are
wanted. Partitioned by that column, only those days would be.

**Valid when** No rewrite: the table has to be made again, `CREATE TABLE ... PARTITION BY` the date. Take
months where there are more than 10,000 days, and mind the quotas of streaming and DML.

**Bad**
```sql
-- catalog: bigquery
SELECT SUM(amount) FROM p.d.big_unpartitioned WHERE created_date = DATE '2026-01-01'
```
```sql
-- catalog: bigquery
WITH b AS (SELECT user_id, created_date AS day FROM p.d.big_unpartitioned)
SELECT user_id FROM b WHERE day BETWEEN '2026-01-01' AND '2026-01-31'
```
```sql
-- catalog: bigquery
SELECT COUNT(*) FROM p.d.big_unpartitioned
WHERE created_date >= DATE_SUB(CURRENT_DATE(), INTERVAL 7 DAY) AND name LIKE 'a%'
```

**Good**
```sql
-- catalog: bigquery
SELECT SUM(amount) FROM p.d.small_unpartitioned WHERE created_date = DATE '2026-01-01'
```
```sql
-- catalog: bigquery
SELECT SUM(amount) FROM p.d.events WHERE event_date = DATE '2026-01-01'
```
```sql
-- catalog: bigquery
-- Every date is asked for: partitions would not help.
SELECT SUM(amount) FROM p.d.big_unpartitioned WHERE created_date IS NOT NULL AND user_id = 7
```
```sql
-- catalog: bigquery
-- A month of every year lies in all parts of the table.
SELECT SUM(amount) FROM p.d.big_unpartitioned WHERE EXTRACT(MONTH FROM created_date) = 12
```

**Sources** https://cloud.google.com/bigquery/docs/partitioned-tables (checked 2026-11-23): a filter on the
partitioning column limits the bytes read; at most 10,000 partitions a table. From which size it is worth
the trouble is an opinion: set `gigabytes`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sqlopt.catalog.model import Partitioning
from sqlopt.cost.bytes import table_bytes
from sqlopt.cost.units import human_bytes
from sqlopt.query.pruning.predicate import Judge
from sqlopt.query.values.intervals import Ranges
from sqlopt.rules import Context, Hit, Rule, Severity
from sqlopt.warehouses.pruning import pruning_table

from ._reading import big, of_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from sqlopt.catalog import Column, Table
    from sqlopt.query import Filter, Scan

_DATES = ("date", "timestamp", "datetime")


class UnpartitionedTableByDate(Rule):
    id = "PRN018"
    severity = Severity.WARNING
    dialects = frozenset({"bigquery"})
    match = "scan"
    options: ClassVar[Mapping[str, Any]] = {"gigabytes": 10}

    def guard(self, target: Scan, context: Context) -> Iterator[Hit]:
        table = target.table
        if table is None or table.partition_by is not None or table.kind != "table" or target.target:
            return
        if not target.readings or not big(table, context.options["gigabytes"]):
            return
        found = _dated(target, table)
        if found is None:
            return
        column, one, left = found
        saving, evidence = context.price(target, left)
        size = human_bytes(table_bytes(table) or 0.0)
        yield Hit(
            context.query.span(one.node),
            f"{table.name} ({size}) has no partitions: the filter on {column} does not lower what is read",
            saving,
            evidence=evidence,
        )


def _dated(scan: Scan, table: Table) -> tuple[str, Filter, float | None] | None:
    """Find a date column limited in every reading; return its name, the filter and the share left."""
    leading = table.cluster_by[0].casefold() if table.cluster_by else ""
    names = {
        name: table.column(name)
        for one in scan.filters()
        for name in of_table(scan, one.node, one)
        if name is not None and name != leading
    }
    for name, column in names.items():
        if column is None or (column.type or "").casefold() not in _DATES:
            continue
        limited = [_limited(scan, reading, name, column) for reading in scan.readings]
        if limited and all(one is not None for one in limited):
            first, _ = next(one for one in limited if one is not None)
            shares = [one[1] for one in limited if one is not None]
            known = [one for one in shares if one is not None]
            return column.name, first, max(known) if len(known) == len(shares) else None
    return None


def _limited(
    scan: Scan, reading: tuple[Filter, ...], name: str, column: Column
) -> tuple[Filter, float | None] | None:
    """Return the filter that limits the column, and the share of its values left."""
    judge = Judge(scan, (name,), column, Partitioning((name,)), pruning_table(scan.query.dialect))
    first = None
    left = Ranges.ALL
    for one in reading:
        outcome = judge.filter(one)
        if one.stopped or not outcome.touches:
            continue
        true = outcome.logical.true
        if outcome.restricts or not Ranges.NOT_NULL.is_subset(true):
            first = first or one
            left = left.intersect(true)
    if first is None or Ranges.NOT_NULL.is_subset(left):
        return None if first is None else (first, None)
    return first, judge.share(left)
