"""A MERGE finds its rows by key alone, so every partition of the target is read.

**Why** Partitions are ruled out by constants, in ON or in the conditions of the WHEN clauses. Which keys
the source holds is no constant, and so each run reads the whole target, however few rows have come. The same
holds for `WHEN NOT MATCHED BY SOURCE` without a condition: rows without a match may lie anywhere.

**Valid when** The days that the source holds are put into variables first, and ON is given
`AND t.order_date BETWEEN first_order_date AND last_order_date`. That changes nothing if
1. ON says that the partition column equals a column of the source, of the same type: where it does not, a row of an
   older day would be inserted a second time.
2. No clause is about rows that the source does not hold.
3. The statement is the whole script, and the source says the same when it is read twice: that is for a person to
   know, and so the fix is never made unasked.

**Bad**
```sql
-- catalog: bigquery
MERGE p.d.orders AS t USING p.d.orders_stg AS s
ON s.order_id = t.order_id AND t.order_date = s.order_date
WHEN MATCHED THEN UPDATE SET amount = s.amount
```
```sql
-- catalog: bigquery
MERGE p.d.orders AS t USING p.d.orders_stg AS s ON t.order_id = s.order_id
WHEN MATCHED THEN UPDATE SET amount = s.amount
WHEN NOT MATCHED THEN INSERT ROW
```
```sql
-- catalog: bigquery
-- The days in ON don't limit the rows that have no match.
MERGE p.d.orders AS t USING p.d.orders_stg AS s
ON t.order_id = s.order_id AND t.order_date >= DATE '2026-01-01'
WHEN MATCHED THEN UPDATE SET amount = s.amount
WHEN NOT MATCHED BY SOURCE THEN DELETE
```

**Fixed**
```sql
-- catalog: bigquery
DECLARE first_order_date DATE DEFAULT (SELECT MIN(s.order_date) FROM p.d.orders_stg AS s);
DECLARE last_order_date DATE DEFAULT (SELECT MAX(s.order_date) FROM p.d.orders_stg AS s);
MERGE p.d.orders AS t USING p.d.orders_stg AS s
ON s.order_id = t.order_id AND t.order_date = s.order_date AND t.order_date BETWEEN first_order_date AND last_order_date
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
from sqlopt.query.bind.nodes import conjuncts
from sqlopt.query.pruning.predicate import Judge
from sqlopt.rewrite.edits import Edit, Fix, Safety
from sqlopt.rules import Context, Hit, Rule, Severity
from sqlopt.span import Span
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
            data=(target, tree),
        )

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        target, tree = hit.data
        query = context.query
        column = target.table.column(target.table.partition_by.column)
        # 2. and 3.
        whens = tree.args["whens"].expressions if tree.args.get("whens") else []
        if column is None or any(one.args.get("source") for one in whens) or len(context.script) > 1:
            return None
        # 1.
        pair = next(filter(None, (_same_day(one, target, query) for one in conjuncts(tree.args["on"]))), None)
        names = [f"{end}_{column.name}" for end in ("first", "last")]
        if pair is None or any(one.casefold() in query.source.casefold() for one in names):
            return None
        mine, its = (query.text(one) for one in pair)
        source = query.text(tree.args["using"])
        declared = "".join(
            f"DECLARE {name} {column.type} DEFAULT (SELECT {least}({its}) FROM {source});\n"
            for name, least in zip(names, ("MIN", "MAX"), strict=True)
        )
        start, end = query.statement.span.start, query.span(tree.args["on"]).end
        edits = (
            Edit(Span(start, start), declared),
            Edit(Span(end, end), f" AND {mine} BETWEEN {names[0]} AND {names[1]}"),
        )
        return Fix("name the days that the source holds", edits, Safety.NEEDS_FACTS)


def _same_day(node: exp.Expr, target: Scan, query: Query) -> tuple[exp.Expr, exp.Expr] | None:
    """Return the partition column in ``node`` and the column of the source that it equals."""
    table = target.table
    if not isinstance(node, exp.EQ) or table is None or table.partition_by is None:
        return None
    sides = [(one, query.binding(one)) for one in (node.this, node.expression) if isinstance(one, exp.Column)]
    for (mine, binding), (its, other) in (sides, sides[::-1]) if len(sides) == 2 else ():  # noqa: PLR2004 - both
        if binding is None or other is None or binding.path or other.path or other.source is None:
            continue
        if binding.source is target.source and binding.name == table.partition_by.column.casefold():
            origin = query.origin(its)
            column = origin[0].column(origin[1]) if origin is not None else None
            mine_too = table.column(table.partition_by.column)
            alike = column is not None and mine_too is not None and column.type == mine_too.type
            return (mine, its) if alike and other.source is not target.source else None
    return None


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
