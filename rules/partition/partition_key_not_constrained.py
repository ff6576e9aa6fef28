"""A query on a partitioned PostgreSQL table touches all of its partitions.

Either nothing limits the partition key, or what does wraps the key in a function.

**Why** PostgreSQL leaves partitions out by comparing the bare partition key with constants when it plans, and
with parameters, `current_date` or a scalar subquery when it starts. It does not look through `date_trunc`,
`extract`, casts or `coalesce`: there every partition is opened and scanned.

**Valid when**
1. The predicate is one comparison or BETWEEN with constants, a condition of its own joined by AND only.
2. The function can be turned round exactly: the year, a cast to a date, a truncation to a day, month, quarter or
   year, a shift by days or hours, a format of digits from the year down; and no time zone decides.
3. The values for which it is true are one range.

**Bad**
```sql
-- catalog: postgres
SELECT event_id FROM events WHERE date_trunc('month', event_date) = '2026-01-01'
```
```sql
-- catalog: postgres
SELECT count(*) FROM events WHERE user_id = 42
```
```sql
-- catalog: postgres
SELECT count(*) FROM events AS e WHERE event_date + 30 > current_date
```

**Fixed**
```sql
-- catalog: postgres
SELECT event_id FROM events WHERE event_date >= '2026-01-01' AND event_date < '2026-02-01'
```

**Good**
```sql
-- catalog: postgres
SELECT count(*) FROM events WHERE event_date >= '2026-01-01' AND event_date < '2026-02-01' AND user_id = 42
```
```sql
-- catalog: postgres
-- Partitions are left out when the query starts.
SELECT count(*) FROM events WHERE event_date = current_date
```
```sql
-- catalog: postgres
SELECT count(*) FROM events WHERE event_date >= date_trunc('month', DATE '2026-01-15')
```
```sql
-- catalog: postgres
WITH e AS (SELECT * FROM events) SELECT user_id FROM e WHERE event_date = '2026-01-01'
```
```sql
-- catalog: postgres
SELECT * FROM events LIMIT 10
```

**Sources** https://www.postgresql.org/docs/current/ddl-partitioning.html (checked 2026-11-23): partitions are
pruned by the query's WHERE clause and the partition bounds, also with values known at execution only.
Measured with PostgreSQL 15: no pruning through date_trunc, extract, to_char, coalesce or c + 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.rewrite.edits import Edit, Fix, Safety
from sqlopt.rules import Context, Hit, Rule, Severity
from sqlopt.rules.ranges import as_range
from sqlopt.warehouses.pruning import Form

from ._partitions import CASTS, PATTERNS, blocked, column_name, hit, shown, unpruned
from ._reading import defines_view, early_limit, from_metadata, sampled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Pruning, Scan

_FORMS = CASTS | PATTERNS | {Form.OTHER_COLUMN, Form.IN_SUBQUERY, Form.ROW_VALUE}


class PartitionKeyNotConstrained(Rule):
    id = "PRN017"
    severity = Severity.WARNING
    dialects = frozenset({"postgres"})
    match = "scan"

    def guard(self, target: Scan, context: Context) -> Iterator[Hit]:
        pruning = unpruned(target)
        if pruning is None or target.table is None:
            return
        if pruning.touched:
            yield from _wrapped(target, context, pruning)
        elif not (_whole_is_wanted(target) or target.target or defines_view(context.query)):
            saving, evidence = context.price(target)
            key = column_name(target, pruning)
            yield Hit(
                context.query.span(target.node),
                f"{target.name} is partitioned by {key}, and no filter limits it: every partition is scanned",
                saving,
                evidence=evidence,
            )

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        if hit.data is None:
            return None
        scan, blocker, name = hit.data
        text = as_range(scan, name, blocker.filter)
        edit = Edit(context.query.span(blocker.filter.node), text or "")
        return Fix("compare with a range", (edit,), Safety.EXACT) if text else None


def _wrapped(scan: Scan, context: Context, pruning: Pruning) -> Iterator[Hit]:
    found = blocked(pruning, _FORMS)
    if found:
        key = column_name(scan, pruning)
        at = shown(context.query, found[0].at)
        known = (
            f"PostgreSQL can't prune {scan.name} by {at}: every partition is scanned; compare {key} itself"
        )
        unknown = (
            f"PostgreSQL is not known to prune {scan.name} by {at}: look at EXPLAIN, or compare {key} itself"
        )
        yield hit(context, scan, found, (known, unknown), pruning)


def _whole_is_wanted(scan: Scan) -> bool:
    """Whether the query asks for a few rows of any partition, or for the extremes of the table."""
    extremes = scan.columns != frozenset() and from_metadata(scan.query, scan.scope) and not scan.filters()
    return sampled(scan) or extremes or early_limit(scan) is not None
