"""OR between different indexed columns.

**Why** One index can't answer both arms. PostgreSQL may read both and combine the bitmaps; where it doesn't, it
reads the whole table.

**Valid when** No rewrite: UNION ALL of two queries needs `(first arm) IS NOT TRUE` in the second, and the plan
may be good as it is. Look at EXPLAIN for a BitmapOr first.

**Bad**
```sql
-- catalog: postgres
SELECT order_id FROM orders WHERE user_id = 5 OR status = 'open'
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

from sqlopt.rules import Context, Hit, Rule, Severity

from ._indexes import against_constant, bare_column, column_name, leading_keys, uses_an_index

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Scan


class OrAcrossColumns(Rule):
    id = "SCN009"
    severity = Severity.INFO
    dialects = frozenset({"postgres"})
    match = "scan"
    options = {"rows": 10_000}  # noqa: RUF012 - a smaller table is read whole anyway

    def guard(self, target: Scan, context: Context) -> Iterator[Hit]:
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
