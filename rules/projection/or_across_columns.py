"""OR between different indexed columns.

**Why** One index can't answer both arms. PostgreSQL may read both and combine the bitmaps; where it doesn't, it
reads the whole table.

The columns may as well be of two joined tables. Then no bitmap helps: the tables are joined whole before the OR is
asked.

**Valid when** Of two joined tables each arm may be asked by itself, in two queries put together by UNION ALL, of which
the second leaves out what the first has found (`(first arm) IS NOT TRUE`), if
1. The SELECT neither groups, sorts, limits nor numbers its rows, has no DISTINCT, and is no part of a set operation.
2. It joins tables by inner joins; its rows depend on no chance, and the OR holds no subquery.
3. By the statistics, each arm leaves at most 1,000 rows of its table.

Of columns of one table there is no rewrite: look at EXPLAIN for a BitmapOr first.

**Bad**
```sql
-- catalog: postgres
SELECT o.order_id, u.country FROM orders AS o JOIN users AS u ON u.user_id = o.user_id
WHERE o.order_id = 7 OR u.user_id = 5
```
```sql
-- catalog: postgres
SELECT order_id FROM orders WHERE user_id = 5 OR status = 'open'
```

**Fixed**
```sql
-- catalog: postgres
SELECT o.order_id, u.country FROM orders AS o JOIN users AS u ON u.user_id = o.user_id
WHERE o.order_id = 7
UNION ALL
SELECT o.order_id, u.country FROM orders AS o JOIN users AS u ON u.user_id = o.user_id
WHERE u.user_id = 5 AND (o.order_id = 7) IS NOT TRUE
```

**Good**
```sql
-- catalog: postgres
SELECT order_id FROM orders WHERE status = 'open' OR status = 'new'
```
```sql
-- catalog: postgres
SELECT order_id FROM orders WHERE order_id = 7 AND (user_id = 5 OR status = 'open')
```

**Sources** https://www.postgresql.org/docs/current/indexes-bitmap-scans.html (checked 2026-11-23): a single
index can't serve an OR of two columns; the system can combine several indexes with a bitmap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rules import Context, Fix, Hit, Rule, Safety, Severity
from sqlopt.rules.indexes import leading_keys

from ._indexes import against_constant, bare_column, column_name, uses_an_index
from ._split_or import as_union, over_two_tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query, Scan


class OrAcrossColumns(Rule):
    id = "SCN009"
    severity = Severity.INFO
    dialects = frozenset({"postgres"})
    match = "statement"
    options = {"rows": 10_000}  # noqa: RUF012 - a smaller table is read whole anyway

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        for scan in target.scans:
            yield from self._of_one_table(scan, context)
        for scope in target.scopes:
            for found in over_two_tables(scope, target, context.options["rows"]):
                listed = ", ".join(f"{source.name}.{name}" for _, source, name in found.arms)
                yield Hit(
                    target.span(found.node),
                    f"an OR over two tables is asked after they are joined whole: indexes have {listed}",
                    evidence=(("indexed columns", listed),),
                    data=(found, scope),
                )

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        # 1. and 2.
        if hit.data is None:
            return None
        found, scope = hit.data
        edits = as_union(found, scope, context.query)
        return Fix("ask each arm by itself", edits, Safety.EXACT) if edits else None

    def _of_one_table(self, target: Scan, context: Context) -> Iterator[Hit]:
        table = target.table
        if table is None or (table.rows is not None and table.rows < context.options["rows"]):
            return
        leading = set(leading_keys(table))
        for one in target.filters():
            node = one.node
            while isinstance(node, exp.Paren):
                node = node.this
            if not isinstance(node, exp.Or):
                continue
            names = [_indexed(arm, target, leading) for arm in node.flatten()]
            if None in names or len(set(names)) < 2 or uses_an_index(target):  # noqa: PLR2004 - two columns
                continue
            saving, evidence = context.price(target)
            listed = ", ".join(sorted({name for name in names if name}))
            yield Hit(
                context.query.span(node),
                f"no single index of {table.name} answers this OR of {listed}; look for a BitmapOr in EXPLAIN",
                saving,
                evidence=(*evidence, ("indexed columns", listed)),
            )


def _indexed(arm: exp.Expr, scan: Scan, leading: set[str]) -> str | None:
    """The indexed column that an arm compares with constants, also where further conditions are ANDed."""
    while isinstance(arm, exp.Paren):
        arm = arm.this
    if isinstance(arm, exp.And):
        return next(
            (name for part in arm.flatten() if (name := _indexed(part, scan, leading)) is not None), None
        )
    compared = against_constant(arm, scan.query)
    column = bare_column(compared[0]) if compared is not None else None
    name = column_name(column, scan) if column is not None else None
    return name if name in leading else None
