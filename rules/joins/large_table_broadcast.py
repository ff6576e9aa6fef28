"""A hint broadcasts a table that is too large for it.

**Why** The whole table is gathered on the driver and sent to every executor, which has to keep it in memory. Beyond
8 GB Spark refuses; below that executors spill or die.

**Valid when**
1. The hint names a table whose bytes after pruning are known and above the limit. A hint never changes the result.

**Bad**
```sql
-- catalog: spark
SELECT /*+ BROADCAST(ev) */ SUM(ev.amount) FROM ev JOIN dim_small AS d ON ev.k = d.k
```
```sql
-- catalog: spark
SELECT /*+ MAPJOIN(e) */ e.amount, h.is_holiday FROM ev e JOIN days h ON e.dt = h.dt
```

**Fixed**
```sql
-- catalog: spark
SELECT /*+ BROADCAST(d) */ SUM(ev.amount) FROM ev JOIN dim_small AS d ON ev.k = d.k
```
```sql
-- catalog: spark
SELECT e.amount, h.is_holiday FROM ev e JOIN days h ON e.dt = h.dt
```

**Good**
```sql
-- catalog: spark
SELECT /*+ BROADCAST(d) */ SUM(ev.amount) FROM ev JOIN dim_small AS d ON ev.k = d.k
```
```sql
-- catalog: spark
-- Nothing is known of the size of days.
SELECT /*+ BROADCAST(days) */ SUM(ev.amount) FROM ev JOIN days ON ev.dt = days.dt
```
```sql
-- catalog: spark
SELECT /*+ MERGE(ev) */ SUM(ev.amount) FROM ev JOIN dim_small AS d ON ev.k = d.k
```

**Sources** https://spark.apache.org/docs/latest/sql-ref-syntax-qry-select-hints.html (checked 2026-11-23): the hinted
table is broadcast regardless of autoBroadcastJoinThreshold; BROADCASTJOIN and MAPJOIN are the same hint.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from sqlglot import exp

from sqlopt.cost.bytes import scan_bytes, table_bytes
from sqlopt.cost.units import human_bytes
from sqlopt.query.pruning.verdict import filtered
from sqlopt.rules import Context, Edit, Fix, Hit, Rule, Safety, Severity
from sqlopt.rules.rule import SPARK
from sqlopt.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlopt.query import Query, Scan, Scope

_BROADCAST = frozenset({"BROADCAST", "BROADCASTJOIN", "MAPJOIN"})
_SMALL = 10 * 1024**2  # spark.sql.autoBroadcastJoinThreshold


class LargeTableBroadcast(Rule):
    id = "JON021"
    severity = Severity.WARNING
    dialects = SPARK
    match = (exp.JoinHint,)
    options: ClassVar[Mapping[str, Any]] = {"bytes": 1024**3}

    def guard(self, target: exp.JoinHint, context: Context) -> Iterator[Hit]:
        query = context.query
        if str(target.this).upper() not in _BROADCAST:
            return
        select = target.find_ancestor(exp.Select)
        scope = query.scope_of(select) if select is not None else None
        for named in target.expressions:
            scan = _scan(named, scope, query)
            read = scan_bytes(scan) if scan is not None else None
            # 1.
            if scan is None or read is None or read.now.expected < context.options["bytes"]:
                continue
            place = _place(named, select, query)
            yield Hit(
                place or query.span(scan.node),
                f"the hint broadcasts {scan.name}, {human_bytes(read.now.expected)} of it, to every executor",
                severity=Severity.INFO if filtered(scan.source, scan) else None,
                evidence=(("bytes broadcast", human_bytes(read.now.expected)),),
                data=(target, place, scope),
            )

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        hint, place, scope = hit.data
        query = context.query
        if place is None:
            return None
        small = [
            one
            for one in scope.sources.values()
            if one.table is not None and (size := table_bytes(one.table)) is not None and size <= _SMALL
        ]
        if len(hint.expressions) == 1 and len(small) == 1 and len(scope.sources) == 2:  # noqa: PLR2004 - two tables
            alias = small[0].node.args.get("alias")
            name = query.text(alias.this if alias is not None else small[0].node.this)
            return Fix("broadcast the small table", (Edit(place, name),), Safety.EXACT)
        if len(hint.expressions) > 1 or len(hint.parent.expressions) > 1:
            return None
        start, end = query.source.rindex("/*+", 0, place.start), query.source.index("*/", place.end) + 2
        end += len(query.source[end:]) - len(query.source[end:].lstrip(" \t"))
        return Fix("drop the hint", (Edit(Span(start, end), ""),), Safety.EXACT)


def _place(named: exp.Expr, select: exp.Expr | None, query: Query) -> Span | None:
    """Return where the hint after SELECT names a table: a hint is one token, whose parts have no position."""
    if select is None:
        return None
    span = query.span(select)
    hint = re.compile(r"SELECT\s*/\*\+(.*?)\*/", re.IGNORECASE | re.DOTALL).match(
        query.source, span.start, span.end
    )
    if hint is None:
        return None
    found = re.compile(rf"\b{re.escape(named.name)}\b", re.IGNORECASE).search(query.source, *hint.span(1))
    return Span(*found.span()) if found is not None else None


def _scan(named: exp.Expr, scope: Scope | None, query: Query) -> Scan | None:
    source = scope.sources.get(named.name.casefold()) if scope is not None else None
    return next((one for one in query.scans if one.source is source), None) if source is not None else None
