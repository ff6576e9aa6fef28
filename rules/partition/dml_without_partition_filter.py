"""An UPDATE or DELETE on a partitioned table says nothing of the partition column.

**Why** Every partition is read for the rows to change, and those that hold one are written anew. With a
filter on the partition column only those partitions are.

**Valid when** No rewrite: where the rows lie is for a person to say. An erasure on request has to look
everywhere; suppress the finding there, with that reason.

**Bad**
```sql
-- catalog: bigquery
DELETE FROM p.d.events WHERE user_id = 42
```
```sql
-- catalog: bigquery
UPDATE p.d.orders AS o SET status = 'void' WHERE o.user_id IN (7, 8)
```
```sql
-- catalog: bigquery
UPDATE p.d.orders AS o SET amount = s.amount FROM p.d.orders_stg AS s WHERE o.order_id = s.order_id
```

**Good**
```sql
-- catalog: bigquery
DELETE FROM p.d.events WHERE user_id = 42 AND event_date >= DATE '2026-01-01'
```
```sql
-- catalog: bigquery
-- Whole partitions: nothing is read.
DELETE FROM p.d.events WHERE event_date < DATE '2021-01-01'
```
```sql
-- catalog: bigquery
DELETE FROM p.d.events WHERE TRUE
```
```sql
-- catalog: bigquery
DELETE FROM p.d.users WHERE user_id = 42
```
```sql
-- catalog: bigquery
DECLARE day DATE DEFAULT '2026-01-01';
UPDATE p.d.orders SET status = 'void' WHERE user_id = 7 AND order_date = day
```

**Sources** https://cloud.google.com/bigquery/docs/querying-partitioned-tables (checked 2026-11-23): only a
filter on the partition column limits which partitions are read, in DML too.
https://cloud.google.com/bigquery/docs/using-dml-with-partitioned-tables (checked 2026-11-23): a DELETE of all
rows of a partition drops it without reading a byte.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sqlglot import exp

from sqlopt.rules import Context, Hit, Rule, Severity
from sqlopt.warehouses.pruning import Form, Prunes

from ._reading import big, limits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from sqlopt.query import Scan

_BY_KEY = (Form.JOIN, Form.OTHER_COLUMN)


class DmlWithoutPartitionFilter(Rule):
    id = "PRN028"
    severity = Severity.WARNING
    dialects = frozenset({"bigquery"})
    match = "scan"
    options: ClassVar[Mapping[str, Any]] = {"gigabytes": 1}

    def guard(self, target: Scan, context: Context) -> Iterator[Hit]:
        table, query = target.table, context.query
        if not target.target or not isinstance(query.tree, (exp.Update, exp.Delete)):
            return
        if table is None or table.partition_by is None or not target.readings:
            return
        large = big(table, context.options["gigabytes"])
        if large is False or _empties(target):
            return
        pruning = target.pruning
        if pruning.filters or pruning.verdict in (Prunes.YES, Prunes.PARTIALLY, Prunes.AT_RUN_TIME):
            return
        if pruning.idle or any(one.form not in _BY_KEY for one in pruning.blockers):
            return  # a filter on the partition column that does not help has rules of its own
        saving, evidence = context.price(target)
        verb = "update" if isinstance(query.tree, exp.Update) else "delete"
        yield Hit(
            query.span(target.node),
            f"no filter on {table.partition_by.column}: every partition of {table.name} "
            f"is read for the rows to {verb}",
            saving,
            None if pruning.verdict is Prunes.NO and large else Severity.INFO,
            evidence=evidence,
        )


def _empties(scan: Scan) -> bool:
    """Whether a DELETE takes all rows: that is done without reading them."""
    if not isinstance(scan.query.tree, exp.Delete):
        return False
    return not any(limits(scan, one) for reading in scan.readings for one in reading)
