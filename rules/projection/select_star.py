"""`SELECT *` hands on every column of a columnar base table.

A star that reaches the result (or the table that is being built) reads every column, wanted or not. A star
over a CTE that names its columns, in `EXISTS (SELECT * ...)` or narrowed further out costs nothing.

**Why** Columnar engines store and bill column by column: what is not named is not read.

**Valid when**
1. The catalog knows all columns of the table, and the star stands alone over one table.
2. Every name can be written without quotes.

**Bad**
```sql
-- catalog: bigquery
SELECT * FROM p.d.events WHERE event_date = DATE '2026-01-01'
```
```sql
-- catalog: bigquery
WITH e AS (SELECT * FROM p.d.events WHERE event_date = DATE '2026-01-01') SELECT * FROM e
```

**Good**
```sql
-- catalog: bigquery
WITH e AS (SELECT user_id, amount FROM p.d.events WHERE event_date = DATE '2026-01-01') SELECT * FROM e
```
```sql
-- catalog: bigquery
WITH e AS (SELECT * FROM p.d.events WHERE event_date = DATE '2026-01-01') SELECT user_id FROM e
```
```sql
-- catalog: bigquery
SELECT u.name FROM p.d.users AS u
WHERE EXISTS (SELECT * FROM p.d.orders AS o WHERE o.user_id = u.user_id AND o.order_date = '2026-01-01')
```
```sql
-- catalog: bigquery
SELECT * EXCEPT (payload) FROM p.d.events WHERE event_date = DATE '2026-01-01'
```

**Sources** https://docs.cloud.google.com/bigquery/docs/best-practices-performance-input (checked
2026-11-23): query only the columns that you need; SELECT * EXCEPT reads less; LIMIT on SELECT * does not
reduce what is billed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.cost.bytes import scan_bytes
from sqlopt.cost.estimate import Basis, Estimate
from sqlopt.query import Query, Scope, ScopeKind, Source, SourceKind
from sqlopt.rules import SPARK, Context, Edit, Fix, Hit, Rule, Safety, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

_PLAIN = re.compile(r"[A-Za-z_]\w*")


class SelectStar(Rule):
    id = "SCN001"
    severity = Severity.WARNING
    dialects = frozenset({"bigquery", "snowflake", "duckdb", "redshift", "trino", "athena"}) | SPARK
    match = "statement"
    options = {"columns": 4}  # noqa: RUF012 - a table of fewer columns has little to leave out

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        scans = {id(scan.source): scan for scan in target.scans}
        seen: set[int] = set()
        for scope in target.scopes:
            if scope.kind is not ScopeKind.ROOT:
                continue
            for star, source in _stars(scope):
                scan = scans.get(id(source))
                if scan is None or id(star) in seen or (scan.table is None and context.catalog.tables):
                    continue
                if "*" not in target.text(star):
                    continue  # nobody wrote it: FROM t, a pipe's SET, the rows of a pipeline
                seen.add(id(star))
                columns = len(scan.table.columns) if scan.table is not None else None
                if columns is not None and columns < context.options["columns"]:
                    continue
                saving, evidence = context.price(scan)
                read = scan_bytes(scan)
                if saving is not None and read is not None:
                    # Which columns are wanted is not known: anything between none and nearly all is saved.
                    saving = Estimate(0.0, read.now.expected / 2, read.now.high, "bytes", Basis.ASSUMED)
                count = f"all {columns} columns" if columns else "every column"
                yield Hit(
                    target.span(star),
                    f"SELECT * reads {count} of {scan.name}; name the columns that are used",
                    saving,
                    evidence=evidence,
                    data=(star, scan),
                )

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        star, scan = hit.data
        scope = scan.scope
        # 1.
        if (
            scan.table is None
            or star.args.get("replace")
            or len(scope.sources) != 1
            or star.parent is not scope.node
        ):
            return None
        # 2.
        names = list(scan.table.columns)
        if not all(_PLAIN.fullmatch(name) for name in names):
            return None
        edit = Edit(context.query.span(star), ", ".join(names))
        return Fix("name the columns", (edit,), Safety.NEEDS_FACTS)


def _stars(scope: Scope) -> Iterator[tuple[exp.Expr, Source]]:
    """The stars whose columns reach the outputs of ``scope`` whole, with the base table of each."""
    if scope.branches:
        for branch in scope.branches:
            yield from _stars(branch)
        return
    if not isinstance(scope.node, exp.Select) or isinstance(scope.node.parent, exp.Exists) or scope.recursive:
        return
    for item in scope.node.expressions:
        if not item.is_star:
            continue
        star = item if isinstance(item, exp.Star) else item.this
        if star.args.get("except_"):
            continue  # somebody chose the columns
        table = item.args.get("table") if item is not star else None
        named = scope.sources.items() if table is None else [(table.name.casefold(), None)]
        for source in [scope.sources.get(key) for key, _ in named]:
            if source is not None and source.kind is SourceKind.TABLE:
                yield star, source
            elif source is not None and source.inner is not None:
                yield from _stars(source.inner)
