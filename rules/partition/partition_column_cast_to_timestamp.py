"""The DATE partition column is cast to the type of the literal, instead of the literal to its type.

`CAST(event_date AS TIMESTAMP) >= TIMESTAMP '2026-01-01 00:00:00'`: the cast stands on the wrong side.

**Why** BigQuery prunes by comparisons of the bare column with constants and through a short list of
functions; casting a date up to a timestamp is not on it. On the constant's side a cast costs nothing.

**Valid when**

1. The predicate is one comparison with a literal, a condition of its own joined by AND only.
2. The column is a DATE, and nothing but the cast stands around it.
3. The literal is a midnight without a time zone: both sides are then read in the same zone, and days compare
   as their midnights do.

**Bad**
```sql
-- catalog: bigquery
SELECT COUNT(*) FROM p.d.events WHERE CAST(event_date AS TIMESTAMP) >= TIMESTAMP '2026-01-01 00:00:00'
```
```sql
-- catalog: bigquery
SELECT o.user_id FROM p.d.orders AS o WHERE DATETIME(o.order_date) = DATETIME '2026-01-01 00:00:00'
```

**Fixed**
```sql
-- catalog: bigquery
SELECT COUNT(*) FROM p.d.events WHERE event_date >= DATE '2026-01-01'
```

**Good**
```sql
-- catalog: bigquery
-- A text is read as a date.
SELECT COUNT(*) FROM p.d.events WHERE event_date >= '2026-01-01'
```
```sql
-- catalog: bigquery
SELECT COUNT(*) FROM p.d.events WHERE event_date >= CAST(TIMESTAMP '2026-01-01 00:00:00' AS DATE)
```
```sql
-- catalog: bigquery
-- The other direction is one of those that prune.
SELECT user_id FROM p.d.events_ts WHERE DATE(event_ts) = DATE '2026-01-01'
```

**Sources** https://docs.cloud.google.com/bigquery/docs/querying-partitioned-tables (checked 2026-11-23):
lists the functions through which partitions are pruned, and says that others need a full scan.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rewrite.edits import Edit, Fix, Safety
from sqlopt.rules import Context, Hit, Rule, Severity
from sqlopt.warehouses.pruning import Form

from ._partitions import blocked, column_name, hit, only_through, shown, time_partitioned, unpruned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Blocker, Scan

_MIDNIGHT = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[ T]00:00(?::00(?:\.0+)?)?)?")
_COMPARISONS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
_TYPES = frozenset({"timestamp", "timestamptz", "datetime"})


class PartitionColumnCastToTimestamp(Rule):
    id = "PRN009"
    severity = Severity.WARNING
    dialects = frozenset({"bigquery"})
    match = "scan"

    def guard(self, target: Scan, context: Context) -> Iterator[Hit]:
        if target.table is None or not time_partitioned(target.table) or not target.readings:
            return
        pruning = unpruned(target)
        forms = (Form.CAST_TIMESTAMP,)
        found = blocked(pruning, forms) if pruning is not None else only_through(target.pruning, forms)
        if not found:
            return
        pruning = target.pruning
        column = column_name(target, pruning)
        at = shown(context.query, found[0].at)
        known = f"{at} keeps BigQuery from pruning {target.name}: cast the constant, and leave {column} bare"
        unknown = (
            f"{at} may keep BigQuery from pruning {target.name} (confirm with a dry run): cast the constant "
            f"instead, and leave {column} bare"
        )
        yield hit(context, target, found, (known, unknown), pruning)

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        scan, blocker, _ = hit.data
        text = _bare(scan, blocker, context)
        span = context.query.span(blocker.node)
        return Fix("cast the constant", (Edit(span, text),), Safety.EXACT) if text else None


def _bare(scan: Scan, blocker: Blocker, context: Context) -> str | None:
    """Return the comparison without the cast, if the page's conditions hold."""
    # 1. one comparison, with the column on the left
    node, call = blocker.node, blocker.at
    sign = _COMPARISONS.get(type(node))
    if sign is None or node.this is not call:
        return None
    # 2. the cast of a bare DATE column
    inner = call.this
    column = scan.table.column(scan.pruning.column or "") if scan.table is not None else None
    if not isinstance(inner, exp.Column) or column is None or (column.type or "").upper() != "DATE":
        return None
    if any(call.args.get(key) for key in ("zone", "format", "expression", "expressions")):
        return None
    # 3. a midnight without a zone
    value = node.args["expression"]
    if not isinstance(value, exp.Cast) or not isinstance(value.this, exp.Literal):
        return None
    midnight = _MIDNIGHT.fullmatch(value.this.this) if value.this.is_string else None
    if midnight is None or value.to.this.value.casefold() not in _TYPES:
        return None
    return f"{context.query.text(inner)} {sign} DATE '{midnight[1]}'"
