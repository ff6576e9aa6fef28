"""A table partitioned by ranges of an integer is filtered by something computed from that integer.

`MOD(customer_id, 10) = 3`, `customer_id + 1 = 42`, `CAST(customer_id AS STRING) = '41'`.

**Why** BigQuery does not prune integer ranges through functions or arithmetic: the whole table is read. Sums
and differences can be moved to the other side; a remainder lies in every range and can't.

**Valid when**

1. The predicate is one comparison of `c + n` or `c - n` with a whole number, a condition of its own joined
   by AND only.
2. The catalog knows the column's minimum and maximum, and adding `n` to either overflows nothing: the
   original would fail there.

**Bad**
```sql
-- catalog: bigquery
SELECT name FROM p.d.buckets WHERE customer_id + 1 = 42
```
```sql
-- catalog: bigquery
SELECT name FROM p.d.buckets WHERE MOD(customer_id, 10) = 3
```
```sql
-- catalog: bigquery
SELECT b.name FROM p.d.buckets AS b WHERE CAST(b.customer_id AS STRING) IN ('41', '42')
```

**Fixed**
```sql
-- catalog: bigquery
SELECT name FROM p.d.buckets WHERE customer_id = 41
```

**Good**
```sql
-- catalog: bigquery
SELECT name FROM p.d.buckets WHERE customer_id BETWEEN 30 AND 50
```
```sql
-- catalog: bigquery
SELECT name FROM p.d.buckets WHERE customer_id = 40 + 1
```
```sql
-- catalog: bigquery
SELECT name FROM p.d.buckets WHERE customer_id < 1000 AND MOD(customer_id, 10) = 3
```

**Sources** https://docs.cloud.google.com/bigquery/docs/querying-partitioned-tables (checked 2026-11-23):
pruning is not supported for functions over an integer-range partition column; its example is a sum.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rewrite.edits import Edit, Fix, Safety
from sqlopt.rules import Context, Hit, Rule, Severity
from sqlopt.warehouses.pruning import Cell, Prunes

from ._partitions import (
    CASTS,
    PATTERNS,
    blocked,
    by_integers,
    column_name,
    hit,
    only_through,
    shown,
    unpruned,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Blocker, Scan

_SOURCE = "https://docs.cloud.google.com/bigquery/docs/querying-partitioned-tables (checked 2026-11-23)"
_NO = Cell(Prunes.NO, _SOURCE)  # for every function, where the table partly tells of dates
_SIGNS: dict[type[exp.Expr], str] = {exp.EQ: "=", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">="}
_LARGEST = 2**63 - 1


class FunctionOnIntegerRange(Rule):
    id = "PRN010"
    severity = Severity.WARNING
    dialects = frozenset({"bigquery"})
    match = "scan"

    def guard(self, target: Scan, context: Context) -> Iterator[Hit]:
        if target.table is None or not by_integers(target.table) or not target.readings:
            return
        pruning = unpruned(target)
        forms = CASTS | PATTERNS
        found = blocked(pruning, forms) if pruning is not None else only_through(target.pruning, forms)
        if not found:
            return
        pruning = target.pruning
        found = [replace(one, cell=_NO) for one in found]
        column = column_name(target, pruning)
        at = shown(context.query, found[0].at)
        known = f"BigQuery can't prune integer ranges through {at}: compare {column} of {target.name} itself"
        yield hit(context, target, found, (known, known), replace(pruning, verdict=Prunes.NO))

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        scan, blocker, _ = hit.data
        text = _moved(scan, blocker, context)
        span = context.query.span(blocker.node)
        return Fix("move the number to the other side", (Edit(span, text),), Safety.EXACT) if text else None


def _moved(scan: Scan, blocker: Blocker, context: Context) -> str | None:
    """Return the comparison with the bare column, if the page's conditions hold."""
    # 1. c + n or c - n, compared with a whole number
    node, sum_ = blocker.node, blocker.at
    sign = _SIGNS.get(type(node))
    if sign is None or node.this is not sum_ or not isinstance(sum_, (exp.Add, exp.Sub)):
        return None
    amount, bound = _whole(sum_.expression), _whole(node.args["expression"])
    if amount is None or bound is None or not isinstance(sum_.this, exp.Column):
        return None
    amount = -amount if isinstance(sum_, exp.Sub) else amount
    # 2. no overflow
    column = scan.table.column(scan.pruning.column or "") if scan.table is not None else None
    if column is None or not isinstance(column.min, int) or not isinstance(column.max, int):
        return None
    if column.min + amount < -_LARGEST or column.max + amount > _LARGEST:
        return None
    return f"{context.query.text(sum_.this)} {sign} {bound - amount}"


def _whole(node: exp.Expr) -> int | None:
    if isinstance(node, exp.Neg):
        inner = _whole(node.this)
        return None if inner is None else -inner
    literal = isinstance(node, exp.Literal) and not node.is_string and node.this.isdigit()
    return int(node.this) if literal else None
