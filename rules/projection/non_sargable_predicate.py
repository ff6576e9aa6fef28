"""A function or arithmetic on an indexed column keeps the index from being used.

**Why** A B-tree finds values of the column, not of `lower(column)` or `column + 1`: the engine reads the whole
table and computes the expression for each row.

**Valid when**
1. The predicate is one comparison or BETWEEN with constants, a condition of its own joined by AND only.
2. The function can be turned round exactly: the year, a cast to a date, a truncation to a day, month, quarter or
   year, a shift by days or hours; and no time zone decides.
3. The values for which it is true are one range. What the clock says is no such value: there only a shift is turned
   round, by moving it to the clock's side as it is written.
4. A sum of whole numbers overflows for no value that the statistics know of.

Else index the expression: `CREATE INDEX ON users (lower(email))`. Interval arithmetic with months can't be turned
round at month ends, nor `timestamptz + '1 day'` across a change of clocks.

**Bad**
```sql
-- catalog: postgres
SELECT order_id FROM orders WHERE date_trunc('month', order_date) = '2026-01-01'
```
```sql
-- catalog: postgres
SELECT user_id FROM users WHERE lower(email) = 'a@b.c'
```
```sql
-- catalog: postgres
SELECT status FROM orders WHERE order_id + 1 = 100
```
```sql
-- catalog: postgres
SELECT order_id FROM orders WHERE order_date::text = '2026-01-01'
```
```sql
-- catalog: postgres
SELECT user_id FROM users WHERE lower(email) = 'a@b.c' OR lower(email) = 'd@e.f'
```
```sql
-- catalog: postgres
SELECT o.amount FROM orders o JOIN users u ON u.user_id = o.user_id WHERE lower(u.email) = 'a@b.c'
```
```sql
-- catalog: postgres
WITH u AS (SELECT user_id, email AS address FROM users) SELECT user_id FROM u WHERE lower(address) = 'a@b.c'
```
```sql
-- catalog: postgres
SELECT user_id FROM (SELECT user_id, lower(email) AS address FROM users) AS u WHERE address = 'a@b.c'
```

**Fixed**
```sql
-- catalog: postgres
SELECT order_id FROM orders WHERE order_date >= '2026-01-01' AND order_date < '2026-02-01'
```

**Good**
```sql
-- catalog: postgres
SELECT user_id FROM users_le WHERE lower(email) = 'a@b.c'
```
```sql
-- catalog: postgres
SELECT order_id FROM orders WHERE order_id = 100 - 1
```
```sql
-- catalog: postgres
SELECT lower(email) FROM users WHERE user_id = 5
```
```sql
-- catalog: postgres
SELECT user_id FROM users WHERE user_id = 5 AND lower(email) = 'a@b.c'
```
```sql
-- catalog: postgres
-- The email is a text as it is.
SELECT user_id FROM users WHERE email::text = 'a@b.c'
```
```sql
-- catalog: postgres
-- A few orders, and for each its user by the key.
SELECT o.amount FROM orders o JOIN users u ON u.user_id = o.user_id WHERE o.order_id = 5 AND lower(u.email) = 'a@b.c'
```
```sql
-- catalog: postgres
SELECT user_id FROM users WHERE lower(email) NOT LIKE 'a%'
```

**Sources** https://www.postgresql.org/docs/current/indexes-expressional.html (checked 2026-11-23): a query can
use an index on lower(col) if one has been defined on the result of that function.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.trace import trace
from sqlopt.rules import Context, Edit, Fix, Hit, Rule, Safety, Severity
from sqlopt.rules.indexes import leading_keys, plain
from sqlopt.rules.ranges import as_range

from ._indexes import bare_column, column_name, compared, uses_an_index

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.catalog import Column
    from sqlopt.query import Filter, Scan


_TEXTS = ("text", "varchar", "character varying", "char", "bpchar", "citext", "name")


class NonSargablePredicate(Rule):
    id = "SCN007"
    severity = Severity.WARNING
    dialects = frozenset({"postgres"})
    match = "scan"
    options = {"rows": 10_000}  # noqa: RUF012 - a smaller table is read whole anyway

    def guard(self, target: Scan, context: Context) -> Iterator[Hit]:
        table = target.table
        if (
            table is None
            or not target.readings
            or (table.rows is not None and table.rows < context.options["rows"])
        ):
            return
        leading = set(leading_keys(table))
        if not leading:
            return
        for one in target.filters():
            found = compared(one.node, target.query)
            side = _computing(found[0], one, target) if found is not None else None
            if found is None or side is None:
                continue
            columns = list(side.find_all(exp.Column))
            at = one if side is found[0] else None
            names = {column_name(column, target, at) for column in columns}
            name = names.pop() if len(names) == 1 else None
            if name is None or name not in leading or side.find(exp.Select) is not None:
                continue
            if not _computed(side, table.column(name)):
                continue
            written = plain(context.query.text(side))
            unqualified = written.replace(plain(columns[0].sql("postgres")), name)
            expressions = leading - {name}
            if unqualified in expressions or written in expressions or uses_an_index(target):
                continue
            saving, evidence = context.price(target)
            yield Hit(
                context.query.span(side),
                f"the index on {table.name} ({name}) can't be used for {context.query.text(side)}",
                saving,
                evidence=(
                    *evidence,
                    ("index", name),
                    ("or add", f"CREATE INDEX ON {table.name} (({unqualified}))"),
                ),
                data=(target, name, one),
            )

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        scan, name, one = hit.data
        # 1. to 4.
        text = as_range(scan, name, one)
        edit = Edit(context.query.span(one.node), text or "")
        return Fix("compare with a range", (edit,), Safety.EXACT) if text else None


def _computing(side: exp.Expr, one: Filter, scan: Scan) -> exp.Expr | None:
    """Return what a filter computes of a row: what it says, or what the column of a CTE stands for."""
    column = bare_column(side)
    if column is None:
        return side
    found = trace(scan.query, column, one.path)
    if not isinstance(found, exp.Expr) or bare_column(found) is not None:
        return None
    return found if found.find(exp.AggFunc, exp.Window, exp.Query) is None else None


def _computed(node: exp.Expr, column: Column | None) -> bool:
    """Whether something is done to the column that an index does not see through."""
    node = node.unnest()
    text = isinstance(node, exp.Cast) and node.to.this in exp.DataType.TEXT_TYPES and not node.to.expressions
    if text and bare_column(node.this):
        # varchar to text is the same bytes: PostgreSQL looks through it.
        kind = (column.type or "").casefold() if column is not None else ""
        return bool(kind) and not kind.startswith(_TEXTS)
    return isinstance(node, (exp.Func, exp.Binary, exp.Neg, exp.Case))
