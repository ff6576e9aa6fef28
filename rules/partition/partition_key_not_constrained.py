"""A query on a partitioned PostgreSQL table touches all of its partitions.

Nothing limits the partition key, or it is only told what it must not be, or what limits it wraps the key in a
function, or it is limited only by being equal to a column of a joined table.

**Why** PostgreSQL leaves partitions out by comparing the bare partition key with constants when it plans, and
with parameters, `current_date` or a scalar subquery when it starts. It does not look through `date_trunc`,
`extract`, casts or `coalesce`: there every partition is opened and scanned. Nor does it carry a range from one side
of a join to the other: `e.event_date = o.order_date AND o.order_date >= ...` reads all of `e` in a hash join.

**Valid when**
1. The predicate is one comparison or BETWEEN with constants, a condition of its own joined by AND only.
2. The function can be turned round exactly: the year, a cast to a date, a truncation to a day, month, quarter or
   year, a shift by days or hours; and no time zone decides.
3. The values for which it is true are one range. What the clock says is no such value: there only a shift is turned
   round, by moving it to the clock's side as it is written.

A range is said of the key as well if
4. The key equals a column of another table in WHERE, in the ON of an inner join, or in that of the LEFT JOIN which
   adds the partitioned table; the SELECT has no other kinds of joins.
5. WHERE compares that column, bare, with constants, and both columns are of one type.

**Bad**
```sql
-- catalog: postgres
SELECT event_id FROM events WHERE date_trunc('month', event_date) = '2026-01-01'
```
```sql
-- catalog: postgres
SELECT o.order_id FROM orders AS o JOIN events AS e ON e.event_date = o.order_date AND e.user_id = o.user_id
WHERE o.order_date BETWEEN '2026-01-01' AND '2026-01-31'
```
```sql
-- catalog: postgres
SELECT count(*) FROM events WHERE user_id = 42
```
```sql
-- catalog: postgres
SELECT count(*) FROM events AS e WHERE event_date + 30 > current_date
```
```sql
-- catalog: postgres
SELECT count(*) FROM events WHERE event_date <> '2026-01-01'
```
```sql
-- catalog: postgres
SELECT count(*) FROM events WHERE event_date NOT IN ('2026-01-01', '2026-01-02') AND user_id = 42
```

**Fixed**
```sql
-- catalog: postgres
SELECT event_id FROM events WHERE event_date >= '2026-01-01' AND event_date < '2026-02-01'
```
```sql
-- catalog: postgres
SELECT o.order_id FROM orders AS o JOIN events AS e ON e.event_date = o.order_date AND e.user_id = o.user_id
WHERE o.order_date BETWEEN '2026-01-01' AND '2026-01-31' AND e.event_date BETWEEN '2026-01-01' AND '2026-01-31'
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
Measured with PostgreSQL 15: no pruning through date_trunc, extract, to_char, coalesce or c + 1. Measured with
PostgreSQL 18 (2026-11-24): a hash join scans all partitions of the one side while the other has a range.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rewrite.edits import Edit, Fix, Safety
from sqlopt.rules import Context, Hit, Related, Rule, Severity
from sqlopt.rules.ranges import as_range
from sqlopt.warehouses.pruning import Form

from ._implied import implied
from ._partitions import CASTS, PATTERNS, blocked, column_name, hit, shown, unpruned
from ._reading import defines_view, early_limit, from_metadata, of_table, sampled

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
        excluding = _excluding(target)
        if excluding is not None:
            yield _all_but(excluding, target, context)
            return
        pruning = unpruned(target)
        if pruning is None or target.table is None:
            return
        if pruning.touched:
            wrapped = list(_wrapped(target, context, pruning))
            yield from wrapped or _by_join(target, context, pruning)
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
        if isinstance(hit.data, Edit):
            return Fix("say the range of both", (hit.data,), Safety.EXACT)
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


def _by_join(scan: Scan, context: Context, pruning: Pruning) -> Iterator[Hit]:
    found = implied(scan, pruning.column or "")
    if found is None or pruning.filters:
        return
    equality, ranges, edit = found
    query = context.query
    saving, evidence = context.price(scan)
    key = column_name(scan, pruning)
    yield Hit(
        query.span(ranges[0]),
        f"PostgreSQL does not carry this range over to {key} of {scan.name}: a hash join scans every partition",
        saving,
        Severity.INFO,  # a nested loop may leave partitions out while it runs
        related=(Related(query.span(equality), "they are equal here"),),
        evidence=evidence,
        data=edit,
    )


def _excluding(scan: Scan) -> exp.Expr | None:
    """Return the first of the conditions on the partition key, if all of them only say what it must not be."""
    if scan.table is None or scan.table.partition_by is None or not scan.readings or not scan.exhaustive:
        return None
    key = scan.pruning.column
    about = [one for one in scan.filters() if key in of_table(scan, one.node, one)]
    return about[0].node if about and all(_excludes(one.node) for one in about) else None


def _all_but(node: exp.Expr, scan: Scan, context: Context) -> Hit:
    saving, evidence = context.price(scan)
    key = column_name(scan, scan.pruning)
    return Hit(
        context.query.span(node),
        f"{shown(context.query, node)} leaves nearly every partition of {scan.name} to be scanned; bound {key}",
        saving,
        evidence=evidence,
    )


def _excludes(node: exp.Expr) -> bool:
    """Whether a condition is `<>` or NOT IN."""
    node = node.unnest()
    if isinstance(node, exp.Not):
        inner = node.this.unnest()
        return isinstance(inner, exp.EQ) or (isinstance(inner, exp.In) and bool(inner.expressions))
    return isinstance(node, exp.NEQ) or (isinstance(node, exp.In) and bool(node.args.get("negate")))


def _whole_is_wanted(scan: Scan) -> bool:
    """Whether the query asks for a few rows of any partition, or for the extremes of the table."""
    extremes = scan.columns != frozenset() and from_metadata(scan.query, scan.scope) and not scan.filters()
    return sampled(scan) or extremes or early_limit(scan) is not None
