"""A selective filter on a large table that no index serves.

**Why** Without an index the whole table is read to find a few rows. An index costs some writing and disk.

**Valid when** No rewrite: `CREATE INDEX CONCURRENTLY ON orders (email)` is a decision about writes and disk;
try it with hypopg first.

**Bad**
```sql
-- catalog: postgres
SELECT order_id FROM orders WHERE email = 'a@b.c'
```
```sql
-- catalog: postgres
SELECT order_id FROM orders WHERE email = 'a@b.c' OR email = 'd@e.f'
```
```sql
-- catalog: postgres
SELECT user_id FROM users WHERE signup_date >= '2026-01-02' AND signup_date < '2026-01-03'
```
```sql
-- catalog: postgres
SELECT o.order_id, u.name FROM orders o JOIN users u ON u.user_id = o.user_id WHERE o.email = 'a@b.c'
```
```sql
-- catalog: postgres
WITH o AS (SELECT order_id, email AS address FROM orders) SELECT order_id FROM o WHERE address = 'a@b.c'
```

**Good**
```sql
-- catalog: postgres
SELECT order_id FROM orders WHERE user_id = 5
```
```sql
-- catalog: postgres
SELECT name FROM tiny WHERE email = 'a@b.c'
```
```sql
-- catalog: postgres
SELECT order_id FROM orders WHERE user_id = 5 AND email = 'a@b.c'
```
```sql
-- catalog: postgres
SELECT country, COUNT(*) FROM users WHERE country IN ('NL', 'BE') GROUP BY country
```
```sql
-- catalog: postgres
-- Most of the table.
SELECT user_id FROM users WHERE signup_date >= '2020-01-01'
```
```sql
-- catalog: postgres
SELECT user_id FROM users WHERE signup_date BETWEEN '2020-01-01' AND '2025-12-31'
```
```sql
-- catalog: postgres
WITH o AS (SELECT order_id, email, user_id AS buyer FROM orders) SELECT order_id FROM o WHERE email = 'x' AND buyer = 5
```

**Sources** https://www.postgresql.org/docs/current/indexes-intro.html (checked 2026-11-23): without an index the
system scans the table row by row to find the matching ones.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.pruning.predicate import Judge
from sqlopt.query.values.intervals import Ranges
from sqlopt.rules import Context, Hit, Rule, Severity
from sqlopt.warehouses.pruning import PruningTable

from ._indexes import bare_column, column_name, compared, selective, uses_an_index

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.catalog import Column
    from sqlopt.query import Filter, Scan

_RANGES = (exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Between)
_MONTH = timedelta(days=31)  # of a table whose dates nobody knows, a month and less is taken for little


class MissingIndex(Rule):
    id = "SCN015"
    severity = Severity.WARNING
    dialects = frozenset({"postgres"})
    match = "scan"
    options = {"rows": 100_000, "selectivity": 0.01}  # noqa: RUF012 - rows of the table, share that is kept

    def guard(self, target: Scan, context: Context) -> Iterator[Hit]:
        table = target.table
        if table is None or not target.readings or table.rows is None or table.rows < context.options["rows"]:
            return
        if table.partition_by is not None or table.kind != "table" or uses_an_index(target):
            return
        if not table.indexes and not table.primary_key:
            return  # the catalog holds no index of this table at all: perhaps nobody wrote them down
        for name, filters in _by_column(target).items():
            facts = table.column(name)
            if facts is None or any(name == key.casefold() for index in table.indexes for key in index.keys):
                continue  # a later key of an index, or another kind of index, may serve
            kept = _selective(target, facts, filters, table.rows, context.options["selectivity"])
            if kept is None:
                continue
            node = filters[0].node
            saving, evidence = context.price(target)
            distinct = f"{facts.distinct:,}" if facts.distinct is not None else "unknown"
            yield Hit(
                context.query.span(node),
                f"no index of {table.name} serves {context.query.text(node)}: {table.rows:,} rows are read",
                saving,
                severity=None if kept else Severity.INFO,
                evidence=(*evidence, ("distinct values", distinct)),
            )


def _by_column(scan: Scan) -> dict[str, list[Filter]]:
    """Return the filters that an index on one bare column could serve, by the column."""
    found: dict[str, list[Filter]] = {}
    for one in scan.filters():
        node = one.node.unnest()
        sides = compared(node, scan.query) if isinstance(node, (exp.EQ, exp.In, exp.Or, *_RANGES)) else None
        column = bare_column(sides[0]) if sides is not None else None
        name = column_name(column, scan, one) if column is not None else None
        if name is not None:
            found.setdefault(name, []).append(one)
    return found


def _selective(scan: Scan, column: Column, filters: list[Filter], rows: int, share: float) -> bool | None:
    """Whether the filters of one column keep few rows: False where that is only likely, None where it is not."""
    listed = [compared(one.node, scan.query) for one in filters if not isinstance(one.node.unnest(), _RANGES)]
    if any(one is not None and selective(column, rows, share, len(one[1])) for one in listed):
        return True
    judge = Judge(scan, (column.name.casefold(),), column, None, PruningTable("logic"))
    kept = Ranges.ALL
    for one in filters:
        if isinstance(one.node.unnest(), _RANGES):
            kept = kept.intersect(judge.filter(one).logical.true)
    found = judge.share(kept)
    if found is not None:
        return True if found <= share else None
    low, high = kept.lower, kept.upper
    short = (
        isinstance(low, date) and isinstance(high, date) and type(low) is type(high) and high - low <= _MONTH
    )
    return False if short else None
