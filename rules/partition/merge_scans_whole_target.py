"""A MERGE finds its rows by key alone, so every partition of the target is read.

**Why** Partitions are ruled out by constants, in ON or in the conditions of the WHEN clauses. Which keys
the source holds is no constant, and so each run reads the whole target, however few rows have come. The same
holds for `WHEN NOT MATCHED BY SOURCE` without a condition: rows without a match may lie anywhere.

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

```sql
-- catalog: bigquery
-- The days in ON don't limit the rows that have no match.
MERGE p.d.orders AS t USING p.d.orders_stg AS s
ON t.order_id = s.order_id AND t.order_date >= DATE '2026-01-01'
WHEN MATCHED THEN UPDATE SET amount = s.amount
WHEN NOT MATCHED BY SOURCE THEN DELETE
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
-- The clauses themselves say which days may change.
MERGE p.d.orders AS t USING p.d.orders_stg AS s ON t.order_id = s.order_id
WHEN MATCHED AND t.order_date = DATE '2026-01-07' THEN UPDATE SET amount = s.amount
WHEN NOT MATCHED BY SOURCE AND t.order_date = DATE '2026-01-07' THEN DELETE
```
```sql
-- catalog: bigquery
MERGE p.d.users AS t USING p.d.orders_stg AS s ON t.user_id = s.order_id
WHEN MATCHED THEN DELETE
```

**Sources** https://cloud.google.com/bigquery/docs/using-dml-with-partitioned-tables (checked 2026-11-23):
the target is pruned by a filter on its partition column in the merge condition, or by the union of the
conditions of the WHEN clauses; with a constant false merge condition by those of its clauses; WHEN NOT
MATCHED BY SOURCE without a condition reads the whole target.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sqlglot import exp

from sqlopt.query import Filter
from sqlopt.query.bind import conjuncts
from sqlopt.query.predicate import Judge
from sqlopt.rules import Context, Hit, Rule, Severity
from sqlopt.warehouses.pruning import Form, Prunes, pruning_table

from ._reading import big, owners

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from sqlopt.query import Query, Scan

_BY_KEY = (Form.JOIN, Form.OTHER_COLUMN)
_PSEUDO = ("_partitiontime", "_partitiondate")


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
        if large is False or not _matches_by_key(query, tree) or _clauses_limit(target, tree):
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
            f"no constant limits {table.partition_by.column}: every partition of {table.name} is read",
            saving,
            None if sure else Severity.INFO,
            evidence=evidence,
        )


def _matches_by_key(query: Query, tree: exp.Merge) -> bool:
    """Whether ON compares target and source, as ``ON FALSE`` does not."""
    parts = list(conjuncts(tree.args.get("on")))
    return any(isinstance(one, (exp.EQ, exp.NullSafeEQ)) and len(owners(query, one)) > 1 for one in parts)


def _clauses_limit(target: Scan, tree: exp.Merge) -> bool:
    """Whether each clause that changes rows of the target says in which partitions."""
    table = target.table
    by = table.partition_by if table is not None else None
    whens = tree.args["whens"].expressions if tree.args.get("whens") else []
    changing = [one for one in whens if one.args.get("matched") or one.args.get("source")]
    if table is None or by is None or not changing:
        return False
    name = by.column.casefold()
    names = _PSEUDO if name in _PSEUDO else (name,)
    judge = Judge(target, names, table.column(by.column), by, pruning_table(target.query.dialect))
    conditions = [one.args.get("condition") for one in changing]
    return all(
        one is not None
        and (outcome := judge.filter(Filter(one, target.scope, where=False))).touches
        # What is not known to be of no use may be of use.
        and (outcome.restricts or outcome.at_run_time or outcome.unknown)
        for one in conditions
    )
