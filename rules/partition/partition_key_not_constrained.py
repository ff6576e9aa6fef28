"""A query on a partitioned PostgreSQL table touches all of its partitions.

Either nothing limits the partition key, or what does wraps the key in a function.

**Why** PostgreSQL leaves partitions out by comparing the bare partition key with constants when it plans, and
with parameters, `current_date` or a scalar subquery when it starts. It does not look through `date_trunc`,
`extract`, casts or `coalesce`: there every partition is opened and scanned.

**Valid when**

1. The predicate is `date_trunc('month' or 'year', c) = DATE constant` or `extract(year FROM c) = n`, a
   condition of its own joined by AND only.
2. The key is a `date` or a `timestamp` without time zone, so that the session's TimeZone decides nothing.
3. The constant is a plain date, and the first day of the month or year: else no row matches at all.

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

from sqlglot import exp

from sqlopt.query.constants import constant
from sqlopt.rewrite.edits import Edit, Fix, Safety
from sqlopt.rules import Context, Hit, Rule, Severity
from sqlopt.warehouses.pruning import Form

from ._partitions import CASTS, PATTERNS, blocked, column_name, hit, shown, unpruned
from ._ranges import spelled
from ._reading import defines_view, early_limit, from_metadata, sampled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Blocker, Pruning, Scan

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
        scan, blocker = hit.data
        text = _range(scan, blocker, context)
        span = context.query.span(blocker.node)
        return Fix("compare with a range", (Edit(span, text),), Safety.EXACT) if text else None


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


def _range(scan: Scan, blocker: Blocker, context: Context) -> str | None:
    """Return the range that the predicate means, if the page's conditions hold."""
    # 1. a conjunct of its own: date_trunc(unit, c) = constant, extract(year FROM c) = n
    node, call = blocker.node, blocker.at
    if not isinstance(node, exp.EQ) or node.this is not call:
        return None
    inner = call.expression if isinstance(call, exp.Extract) else call.this
    if not isinstance(inner, exp.Column) or call.args.get("zone") is not None:
        return None
    # 2. a date, or a timestamp without time zone
    column = scan.table.column(scan.pruning.column or "") if scan.table is not None else None
    kind = (column.type or "").casefold() if column is not None else ""
    if kind not in ("date", "timestamp", "timestamp without time zone"):
        return None
    # 3. the first day of the month or year
    value = constant(node.expression, "postgres")
    if value is None or not value.known or value.clock:
        return None
    return spelled(context.query.text(inner), call, value.value)
