"""A table is partitioned by too fine a grain.

**Why** BigQuery keeps metadata of each partition, and reads thousands of small ones slower than a few large
ones. A table has at most 10,000 partitions, and one job may change 4,000: a year has 8,760 hours.

**Valid when** No rewrite: readers that filter by the hour would read the day. Days, with the time as a
clustering column, serve most of them as well.

**Bad**
```sql
-- catalog: bigquery
CREATE TABLE p.d.h PARTITION BY TIMESTAMP_TRUNC(event_ts, HOUR) AS SELECT * FROM p.d.events_ts
```
```sql
-- catalog: bigquery
CREATE TABLE p.d.h (happened DATETIME, v INT64) PARTITION BY DATETIME_TRUNC(happened, HOUR)
```
```sql
-- catalog: bigquery
CREATE TABLE p.d.h (id INT64, v INT64) PARTITION BY RANGE_BUCKET(id, GENERATE_ARRAY(0, 1000000, 10))
```

**Good**
```sql
-- catalog: bigquery
CREATE TABLE p.d.h PARTITION BY DATE(event_ts) AS
SELECT user_id, event_ts FROM p.d.events_ts WHERE DATE(event_ts) >= DATE '2026-01-01'
```
```sql
-- catalog: bigquery
CREATE TABLE p.d.h (ts TIMESTAMP, v INT64) PARTITION BY TIMESTAMP_TRUNC(ts, MONTH)
```
```sql
-- catalog: bigquery
-- A week of hours is kept: 168 partitions.
CREATE TABLE p.d.h (ts TIMESTAMP, v INT64) PARTITION BY TIMESTAMP_TRUNC(ts, HOUR)
OPTIONS (partition_expiration_days = 7)
```
```sql
-- catalog: bigquery
CREATE TABLE p.d.h (id INT64, v INT64) PARTITION BY RANGE_BUCKET(id, GENERATE_ARRAY(0, 1000000, 1000))
```

**Sources** https://cloud.google.com/bigquery/docs/partitioned-tables (checked 2026-11-23): hours are for a
high volume of data over a short range of dates, typically less than six months.
https://cloud.google.com/bigquery/quotas#partitioned_tables (checked 2026-11-23): at most 10,000 partitions a
table; a job that would change more than 4,000 is rejected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sqlglot import exp

from sqlopt.catalog.model import Partitioning
from sqlopt.cost.bytes import table_bytes
from sqlopt.query.pruning.predicate import Judge
from sqlopt.query.values.constants import constant
from sqlopt.query.values.intervals import Ranges
from sqlopt.rules import Context, Hit, Rule, Severity
from sqlopt.warehouses.pruning import pruning_table

from ._reading import GIGABYTE
from ._tables import created_table, options, partitioned_by

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from sqlopt.query import Query, Scan

_A_TABLE, _A_JOB = 10_000, 4_000
_TRUNCATIONS = (exp.TimestampTrunc, exp.DatetimeTrunc, exp.DateTrunc)
_SHORT = 31  # days of hours that nobody minds


class PartitionsTooFine(Rule):
    id = "PRN023"
    severity = Severity.INFO
    dialects = frozenset({"bigquery"})
    match = "statement"
    options: ClassVar[Mapping[str, Any]] = {"gigabytes": 1}

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        table, by = created_table(target), partitioned_by(target)
        if table is None or by is None:
            return
        if isinstance(by, exp.RangeBucket):
            buckets = _buckets(target, by)
            if buckets is not None and buckets > _A_TABLE:
                message = f"{buckets:,} ranges: a table has at most {_A_TABLE:,} partitions"
                yield Hit(target.span(by), message, severity=Severity.WARNING)
            return
        if not isinstance(by, _TRUNCATIONS) or by.text("unit").upper() != "HOUR":
            return
        kept = options(target).get("partition_expiration_days")
        days = constant(kept, target.dialect) if kept is not None else None
        if days is not None and isinstance(days.value, (int, float)) and days.value <= _SHORT:
            return
        yield from _hours(target, by, context)


def _hours(query: Query, by: exp.Expr, context: Context) -> Iterator[Hit]:
    hours, size = _written(query, by)
    if hours is not None and hours <= _SHORT * 24:
        return
    if hours and size is not None and size / hours >= context.options["gigabytes"] * GIGABYTE:
        return
    evidence = (("partitions", f"{hours:,}"),) if hours else ()
    if hours is not None and hours > _A_JOB:
        message = f"{hours:,} partitions, one an hour: a job that writes more than {_A_JOB:,} is rejected"
        yield Hit(query.span(by), message, severity=Severity.WARNING, evidence=evidence)
        return
    message = "a partition an hour: many small ones are read slower than a few large ones"
    yield Hit(query.span(by), message, evidence=evidence)


def _written(query: Query, by: exp.Expr) -> tuple[int | None, float | None]:
    """Return how many hours a CREATE TABLE AS writes, and at most how many bytes; None where unknown."""
    body = query.tree.args.get("expression")
    column = by.find(exp.Column)
    scope = query.scope_of(body.unnest()) if isinstance(body, exp.Expr) else None
    scans = [one for one in query.scans if one.readings]
    if scope is None or column is None or len(scans) != 1 or scans[0].table is None:
        return None, None
    output = scope.output(column.name.casefold())
    if output is None:
        return None, None
    origin = next(
        (one for one in (output.expr.find_all(exp.Column) if output.expr is not None else ())), None
    )
    found = query.origin(origin) if origin is not None else None
    if found is None and output.source is not None:
        step = query.origin_of(output.source, output.column)
        found = step if not isinstance(step, exp.Expr) else query.origin(step)
    if found is None or found[0] is not scans[0].source:
        return None, None
    return _hours_of(scans[0], found[1])


def _hours_of(scan: Scan, name: str) -> tuple[int | None, float | None]:
    """Return the hours between the column's known bounds that the filters keep, and the bytes of them."""
    table = scan.table
    column = table.column(name) if table is not None else None
    if table is None or column is None or column.min is None or column.max is None:
        return None, None
    judge = Judge(scan, (name,), column, Partitioning((name,)), pruning_table(scan.query.dialect))
    kept = Ranges.ALL
    for one in scan.readings[0]:
        if not one.stopped:
            kept = kept.intersect(judge.filter(one).logical.true)
    share = judge.share(kept)
    days = _days(column.min, column.max)
    size = table_bytes(table)
    if share is None or days is None:
        return None, None
    return round(days * 24 * share), None if size is None else size * share


def _days(low: object, high: object) -> float | None:
    from sqlopt.query.values.constants import fold_cast

    first, last = fold_cast(low, "timestamp", ""), fold_cast(high, "timestamp", "")  # type: ignore[arg-type]
    try:
        return (last - first).total_seconds() / 86_400  # type: ignore[operator, union-attr]
    except (TypeError, AttributeError):
        return None


def _buckets(query: Query, by: exp.Expr) -> int | None:
    """Return the number of ranges that RANGE_BUCKET(column, GENERATE_ARRAY(from, to, step)) makes."""
    array = by.args.get("expression")
    if not isinstance(array, exp.GenerateSeries):
        return None
    numbers = []
    for key in ("start", "end", "step"):
        node = array.args.get(key)
        value = constant(node, query.dialect) if node is not None else None
        numbers.append(value.value if value is not None else 1 if key == "step" else None)
    start, end, step = numbers
    if not (isinstance(start, int) and isinstance(end, int) and isinstance(step, int)) or step <= 0:
        return None
    return (end - start) // step
