"""A large table is joined with one that fits into memory, and no hint says to broadcast it.

Spark does so by itself where it knows the size: look at the plan for SortMergeJoin first.

**Why** A broadcast sends the small table to every executor once. Without it both tables are shuffled and sorted by
the join's key, the large one too.

**Valid when**
1. The small table's size is known, and below `spark.sql.autoBroadcastJoinThreshold` (10 MB).
2. The SELECT has no hint yet. A hint never changes the result.

**Bad**
```sql
-- catalog: spark
SELECT SUM(ev.amount) FROM ev JOIN dim_small AS d ON ev.k = d.k
```
```sql
-- catalog: spark
SELECT d.name, ev.amount FROM ev LEFT JOIN dim_small d ON d.k = ev.k WHERE ev.dt = '20260101'
```

**Fixed**
```sql
-- catalog: spark
SELECT /*+ BROADCAST(d) */ SUM(ev.amount) FROM ev JOIN dim_small AS d ON ev.k = d.k
```
```sql
-- catalog: spark
SELECT /*+ BROADCAST(d) */ d.name, ev.amount FROM ev LEFT JOIN dim_small d ON d.k = ev.k WHERE ev.dt = '20260101'
```

**Good**
```sql
-- catalog: spark
SELECT /*+ BROADCAST(d) */ SUM(ev.amount) FROM ev JOIN dim_small AS d ON ev.k = d.k
```
```sql
-- catalog: spark
-- The outer side of an outer join can't be broadcast.
SELECT d.name FROM dim_small d LEFT JOIN ev ON d.k = ev.k
```
```sql
-- catalog: spark
-- The size of days is not known.
SELECT ev.amount FROM ev JOIN days ON ev.dt = days.dt
```

**Sources** https://spark.apache.org/docs/latest/sql-performance-tuning.html (checked 2026-11-23): the threshold is
10 MB by default; adaptive execution turns a sort-merge join into a broadcast one when it sees the size.
https://spark.apache.org/docs/latest/sql-ref-syntax-qry-select-hints.html (checked 2026-11-23): BROADCAST.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sqlopt.cost.bytes import table_bytes
from sqlopt.rules import Context, Edit, Fix, Hit, Rule, Safety, Severity
from sqlopt.rules.rule import SPARK
from sqlopt.span import Span

from ._links import equalities, selects

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlopt.query import Query, Scope, Source

_SELECT = "SELECT"


class SmallTableWithoutBroadcast(Rule):
    id = "JON020"
    severity = Severity.INFO
    dialects = SPARK - {"hive"}
    match = "statement"
    options: ClassVar[Mapping[str, Any]] = {"bytes": 10 * 1024**2, "times": 10}

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        most = context.options["bytes"]
        for scope in selects(target):
            if scope.node.args.get("hint"):
                continue  # 2.
            told: set[int] = set()
            for one in equalities(scope, target):
                for small, large in ((one.left, one.right), (one.right, one.left)):
                    size, other = _size(small), _size(large)
                    # 1.
                    if (
                        size is None
                        or other is None
                        or size > most
                        or other < most * context.options["times"]
                    ):
                        continue
                    if id(small) in told or not _can(scope, small):
                        continue
                    told.add(id(small))
                    yield Hit(
                        target.span(small.node),
                        f"{small.name} fits into memory: broadcast it, unless the plan shows that Spark does",
                        evidence=((f"bytes of {small.name}", f"{size:,.0f}"),),
                        data=(scope.node, small),
                    )

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        select, small = hit.data
        query = context.query
        start = query.span(select).start
        if query.source[start : start + len(_SELECT)].upper() != _SELECT:
            return None
        alias = small.node.args.get("alias")
        name = query.text(alias.this if alias is not None else small.node.this)
        at = start + len(_SELECT)
        edit = Edit(Span(at, at), f" /*+ BROADCAST({name}) */")
        return Fix("broadcast the small table", (edit,), Safety.EXACT)


def _size(source: Source) -> float | None:
    return table_bytes(source.table) if source.table is not None else None


def _can(scope: Scope, small: Source) -> bool:
    """Whether no outer join keeps the rows of ``small``: only then every executor may hold it."""
    joins = [one.join for one in scope.sources.values() if one.join is not None]
    own = (small.join.side or "").upper() if small.join is not None else ""
    if any((join.side or "").upper() == "FULL" for join in joins) or own == "RIGHT":
        return False
    return small.join is not None or all((join.side or "").upper() != "LEFT" for join in joins)
