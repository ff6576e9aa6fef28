"""A Spark or Hive partition column is filtered through a cast or a function.

`CAST(dt AS INT) = 20260101`, `substr(dt, 1, 6) = '202601'`, a UDF: the metastore can't answer this, so all
partitions are listed first.

**Why** Comparisons of the bare column with constants are handed to the metastore, which returns only the
partitions wanted. Spark evaluates other deterministic expressions on the values of all partitions, which
saves reading the files but not the listing: with many partitions that takes long. What it can't evaluate
reads every file.

**Valid when**
1. The predicate is a condition of its own, `CAST(dt AS INT) = n` or `substr(dt, 1, n) = 'digits'`, of a text column.
2. All values have one width: `CAST(dt AS INT) = 20260101` also takes `' 20260101'`. That is a fact of the data, so
   the fix needs it.
3. Of a date column: the function can be turned round exactly, as for PRN002.

**Bad**
```sql
-- catalog: spark
SELECT COUNT(*) FROM ev WHERE CAST(dt AS INT) = 20260101
```
```sql
-- catalog: spark
SELECT user_id FROM ev WHERE substr(dt, 1, 6) = '202601'
```
```sql
-- catalog: spark
-- dialect: hive
SELECT user_id FROM ev WHERE to_date(from_unixtime(unix_timestamp(dt, 'yyyyMMdd'))) = '2026-01-01'
```

**Fixed**
```sql
-- catalog: spark
SELECT COUNT(*) FROM ev WHERE dt = '20260101'
```
```sql
-- catalog: spark
SELECT user_id FROM ev WHERE dt >= '202601' AND dt < '202602'
```

**Good**
```sql
-- catalog: spark
SELECT COUNT(*) FROM ev WHERE dt = '20260101'
```
```sql
-- catalog: spark
-- Dynamic partition pruning: the days come from the filtered table while the query runs.
SELECT SUM(ev.amount) FROM ev JOIN days ON ev.dt = days.dt WHERE days.is_holiday
```
```sql
-- catalog: spark
SELECT user_id FROM ev WHERE dt >= '20260101' AND dt < '20260201' AND substr(dt, 7, 2) = '01'
```
```sql
-- catalog: spark
SELECT user_id FROM ev WHERE dt = date_format(current_date(), 'yyyyMMdd')
```

**Sources**
https://docs.aws.amazon.com/prescriptive-guidance/latest/spark-tuning-glue-emr/pruning-dynamic-partitions
(checked 2026-11-23): Spark 3 prunes dynamically by itself. Measured with Spark 4.3: casts and arithmetic on
the partition column are still partition filters, evaluated on the partition values; what the metastore can
answer was not found documented. So this is information where they prune.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rules import Context, Edit, Fix, Hit, Rule, Safety, Severity
from sqlopt.rules.ranges import as_range
from sqlopt.rules.rule import SPARK

from ._partitions import CASTS, blocked, column_name, hit, only_through, shown, unpruned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Scan


class PartitionColumnInFunction(Rule):
    id = "PRN016"
    severity = Severity.WARNING
    dialects = SPARK
    match = "scan"

    def guard(self, target: Scan, context: Context) -> Iterator[Hit]:
        if target.table is None or target.table.partition_by is None or not target.readings:
            return
        pruning = unpruned(target)
        found = blocked(pruning, CASTS) if pruning is not None else only_through(target.pruning, CASTS)
        if not found:
            return
        pruning = target.pruning
        column = column_name(target, pruning)
        at = shown(context.query, found[0].at)
        known = (
            f"{at} keeps {target.name} from being pruned: every partition is read; compare {column} itself"
        )
        unknown = (
            f"the metastore can't evaluate {at}, so all partitions of {target.name} are listed: "
            f"compare {column} itself"
        )
        yield hit(context, target, found, (known, unknown), pruning)

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        scan, blocker, name = hit.data
        node = blocker.filter.node
        span = context.query.span(node)
        # 3.
        exact = as_range(scan, name, blocker.filter)
        if exact is not None:
            return Fix("compare with a range", (Edit(span, exact),), Safety.EXACT)
        text = _texts(node, context)
        # 2.
        return Fix("compare the text itself", (Edit(span, text),), Safety.NEEDS_FACTS) if text else None


def _texts(node: exp.Expr, context: Context) -> str | None:
    """Return the comparison of a text column that a cast to a number, or a prefix, stands for."""
    # 1.
    if not isinstance(node, exp.EQ) or not isinstance(node.expression, exp.Literal):
        return None
    call, value = node.this, node.expression
    if (
        not isinstance(call, (exp.Cast, exp.Substring))
        or not isinstance(call.this, exp.Column)
        or not value.this.isdigit()
    ):
        return None
    column = context.query.text(call.this)
    if isinstance(call, exp.Cast):
        return f"{column} = '{value.this}'" if not value.is_string and value.this[0] != "0" else None
    start, length = call.args.get("start"), call.args.get("length")
    if not isinstance(start, exp.Literal) or start.this != "1" or not isinstance(length, exp.Literal):
        return None
    if length.this != str(len(value.this)) or not value.is_string or value.this.strip("9") == "":
        return None
    following = str(int(value.this) + 1).zfill(len(value.this))
    return f"{column} >= '{value.this}' AND {column} < '{following}'"
