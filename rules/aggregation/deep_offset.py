"""OFFSET computes all the rows that it skips.

**Why** Page after page the query reads and sorts everything before the page, and throws it away. A page that starts
after the last key seen (`WHERE id > last ORDER BY id LIMIT n`) reads only itself, where an index or a sort key serves.

**Valid when** No rewrite: the last key seen is known to the caller only.

**Bad**
```sql
-- catalog: postgres
SELECT order_id FROM orders ORDER BY order_id LIMIT 50 OFFSET 1000000
```

**Good**
```sql
-- catalog: postgres
SELECT order_id FROM orders WHERE order_id > 1000000 ORDER BY order_id LIMIT 50
```
```sql
-- catalog: postgres
SELECT order_id FROM orders ORDER BY order_id LIMIT 50 OFFSET 100
```

**Sources** https://www.postgresql.org/docs/current/queries-limit.html (checked 2026-11-23): the rows skipped by OFFSET
still have to be computed inside the server; a large one might be inefficient.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sqlglot import exp

from sqlopt.rules import Context, Hit, Rule, Severity

from ._groups import bare

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any


class DeepOffset(Rule):
    id = "AGG013"
    severity = Severity.WARNING
    match = (exp.Offset, exp.Limit)
    options: ClassVar[Mapping[str, Any]] = {"rows": 10_000}

    def guard(self, target: exp.Expr, context: Context) -> Iterator[Hit]:
        given = target.expression if isinstance(target, exp.Offset) else target.args.get("offset")
        number = bare(given) if isinstance(given, exp.Expr) else None
        if not isinstance(number, exp.Literal) or number.is_string or not number.this.isdigit():
            return
        skipped = int(number.this)
        if skipped < context.options["rows"]:
            return
        yield Hit(
            context.query.span(target),
            f"{skipped:,} rows are computed and thrown away before the first is given; "
            "start after the last key seen instead",
        )
