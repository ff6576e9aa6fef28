"""A selective filter on a large table that no index serves.

**Why** Without an index the whole table is read to find a few rows. An index costs some writing and disk.

**Valid when** No rewrite: `CREATE INDEX CONCURRENTLY ON orders (email)` is a decision about writes and disk;
try it with hypopg first.

**Bad**
```sql
-- catalog: postgres
SELECT order_id FROM orders WHERE email = 'a@b.c'
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

**Sources** https://www.postgresql.org/docs/current/indexes-intro.html (checked 2026-11-23): without an index the
system scans the table row by row to find the matching ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rules import Context, Hit, Rule, Severity

from ._indexes import against_constant, bare_column, column_name, uses_an_index

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.catalog import Column
    from sqlopt.query import Scan

# Columns of these names rarely tell rows apart; the catalog's distinct count decides where there is one.
_FEW_VALUES = (
    "status",
    "state",
    "type",
    "kind",
    "country",
    "gender",
    "flag",
    "category",
    "level",
    "currency",
)


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
        for one in target.filters():
            node = one.node
            if not isinstance(node, exp.EQ):
                continue
            compared = against_constant(node, target.query)
            column = bare_column(compared[0]) if compared is not None else None
            name = column_name(column, target) if column is not None else None
            facts = table.column(name) if name is not None else None
            if name is None or facts is None or not _selective(facts, table.rows, context):
                continue
            if any(name == key.casefold() for index in table.indexes for key in index.keys):
                continue  # a later key of an index, or another kind of index, may serve
            saving, evidence = context.price(target)
            distinct = f"{facts.distinct:,}" if facts.distinct is not None else "unknown"
            yield Hit(
                context.query.span(node),
                f"no index of {table.name} serves {context.query.text(node)}: {table.rows:,} rows are read",
                saving,
                evidence=(*evidence, ("distinct values", distinct)),
            )


def _selective(column: Column, rows: int, context: Context) -> bool:
    """Whether an equality on ``column`` keeps few rows, by its distinct count or else by its name."""
    if column.distinct is not None:
        return (
            column.distinct > 0
            and 1 / column.distinct <= context.options["selectivity"]
            and column.distinct < 2 * rows
        )
    name = column.name.casefold()
    boolean = (column.type or "").casefold().startswith("bool")
    return not boolean and not name.startswith(("is_", "has_")) and not name.endswith(_FEW_VALUES)
