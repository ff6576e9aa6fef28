"""A MERGE finds its rows by key alone, so every partition of the target is read.

**Why** Partitions are ruled out before the statement starts, by constants in ON. Which keys the source
holds is known only later, and so each run reads the whole target, however few rows have come.

**Valid when** No rewrite. Where the partition column is part of the key, the days that the source holds
may be put into variables first and ON be given `AND t.order_date BETWEEN first_day AND last_day`. Where it is
not, that changes which rows match: a row of an older day would be inserted a second time.

**Bad**
```sql
-- catalog: bigquery
MERGE p.d.orders AS t USING p.d.orders_stg AS s ON t.order_id = s.order_id
WHEN MATCHED THEN UPDATE SET amount = s.amount
WHEN NOT MATCHED THEN INSERT ROW
```
```sql
-- catalog: bigquery
MERGE p.d.orders AS t
USING (SELECT order_id, order_date, amount FROM p.d.orders_stg WHERE order_date = DATE '2026-01-07') AS s
ON s.order_id = t.order_id AND t.order_date = s.order_date
WHEN MATCHED THEN UPDATE SET amount = s.amount
```

**Good**
```sql
-- catalog: bigquery
MERGE p.d.orders AS t USING p.d.orders_stg AS s
ON t.order_id = s.order_id AND t.order_date BETWEEN DATE '2026-01-01' AND DATE '2026-01-07'
WHEN MATCHED THEN UPDATE SET amount = s.amount
```
```sql
-- catalog: bigquery
DECLARE first_day DATE DEFAULT (SELECT MIN(order_date) FROM p.d.orders_stg);
MERGE p.d.orders AS t USING p.d.orders_stg AS s
ON t.order_id = s.order_id AND t.order_date = s.order_date AND t.order_date >= first_day
WHEN MATCHED THEN UPDATE SET amount = s.amount
```
```sql
-- catalog: bigquery
-- Whole days are put in the place of whole days.
MERGE p.d.orders AS t USING p.d.orders_stg AS s ON FALSE
WHEN NOT MATCHED BY SOURCE AND t.order_date = DATE '2026-01-07' THEN DELETE
WHEN NOT MATCHED BY TARGET THEN INSERT ROW
```
```sql
-- catalog: bigquery
MERGE p.d.users AS t USING p.d.orders_stg AS s ON t.user_id = s.order_id
WHEN MATCHED THEN DELETE
```

**Sources** https://cloud.google.com/bigquery/docs/using-dml-with-partitioned-tables (checked 2026-11-23):
a MERGE prunes the target by a constant filter in its source query, its search condition or its merge
condition; partitions are not pruned by a join with another table's column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sqlglot import exp

from sqlopt.query.bind import conjuncts
from sqlopt.rules import Context, Hit, Rule, Severity
from sqlopt.warehouses.pruning import Form, Prunes

from ._reading import big, owners

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from sqlopt.query import Query, Scan

_BY_KEY = (Form.JOIN, Form.OTHER_COLUMN)


class MergeScansWholeTarget(Rule):
    id = "PRN027"
    severity = Severity.WARNING
    dialects = frozenset({"bigquery"})
    match = "scan"
    options: ClassVar[Mapping[str, Any]] = {"gigabytes": 1}

    def guard(self, target: Scan, context: Context) -> Iterator[Hit]:
        table, query = target.table, context.query
        tree = query.tree
        if (
            not target.target
            or not isinstance(tree, exp.Merge)
            or table is None
            or table.partition_by is None
        ):
            return
        large = big(table, context.options["gigabytes"])
        if large is False or not _matches_by_key(query, tree):
            return
        pruning = target.pruning
        if pruning.filters or pruning.verdict in (Prunes.YES, Prunes.PARTIALLY, Prunes.AT_RUN_TIME):
            return
        if any(one.form not in _BY_KEY for one in pruning.blockers):
            return  # a wrapped or computed filter on the partition column has rules of its own
        sure = pruning.verdict is Prunes.NO and large
        saving, evidence = context.price(target)
        yield Hit(
            query.span(tree.args["on"]),
            f"no constant in ON limits {table.partition_by.column}: every partition of {table.name} is read",
            saving,
            None if sure else Severity.INFO,
            evidence=evidence,
        )


def _matches_by_key(query: Query, tree: exp.Merge) -> bool:
    """Whether ON compares target and source, and no clause asks for the target's other rows."""
    whens = tree.args["whens"].expressions if tree.args.get("whens") else []
    if any(one.args.get("source") for one in whens):
        return False  # rows without a match are wanted too: they lie anywhere
    on = tree.args.get("on")
    return any(
        isinstance(one, (exp.EQ, exp.NullSafeEQ)) and len(owners(query, one)) > 1 for one in conjuncts(on)
    )
