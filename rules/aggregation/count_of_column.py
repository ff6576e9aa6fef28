"""COUNT of a column: leaves out the rows where it is NULL, or reads the column for nothing.

**Why** COUNT(x) counts the rows in which x is not NULL. Where x can be NULL that is often not what was meant. Where
it can't, it is COUNT(*), which reads no column.

**Valid when**
1. COUNT of one plain column, not DISTINCT and without FILTER, of a table that no outer join may fill with NULLs.
2. The query does not count rows besides: then the difference is meant.
3. The fix keeps the result only where the column is NOT NULL by its declaration or by WHERE; elsewhere it changes it.

**Bad**
```sql
-- catalog: duckdb
SELECT COUNT(signup_date) FROM users
```
```sql
-- catalog: duckdb
SELECT COUNT(user_id) FROM users
```

**Fixed**
```sql
-- catalog: duckdb
SELECT COUNT(*) FROM users
```
```sql
-- catalog: duckdb
SELECT COUNT(*) FROM users
```

**Good**
```sql
-- catalog: duckdb
SELECT COUNT(*) FROM users
```
```sql
-- catalog: duckdb
SELECT COUNT(*) AS users, COUNT(signup_date) AS signed_up FROM users
```
```sql
-- catalog: duckdb
SELECT u.user_id, COUNT(o.order_id) FROM users u LEFT JOIN orders o ON o.user_id = u.user_id GROUP BY u.user_id
```
```sql
-- catalog: duckdb
SELECT COUNT(DISTINCT signup_date) FROM users
```

PostgreSQL counts both as fast (docs/savings.md): there nothing is said of a column that can't be NULL.

**Sources** https://www.postgresql.org/docs/current/functions-aggregate.html (checked 2026-11-23): count(*) computes
the number of input rows, count(x) of those in which x is not null.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query import BoundTo
from sqlopt.rules import Context, Edit, Fix, Hit, Rule, Safety, Severity
from sqlopt.rules.wording import has_comment

if TYPE_CHECKING:
    from collections.abc import Iterator


_COUNTED_ALIKE = frozenset({"postgres"})


class CountOfColumn(Rule):
    id = "AGG017"
    severity = Severity.INFO
    match = (exp.Count,)

    def guard(self, target: exp.Count, context: Context) -> Iterator[Hit]:
        query = context.query
        column = target.this
        # 1.
        if not isinstance(column, exp.Column) or target.expressions:
            return
        if isinstance(target.parent, (exp.Filter, exp.Window, exp.IgnoreNulls, exp.RespectNulls)):
            return
        binding = query.binding(column)
        if binding is None or binding.to is not BoundTo.COLUMN or binding.source is None or binding.path:
            return
        source, scope = binding.source, query.scope_of(target)
        if source.nullable or source.pivoted or scope is None or source.scope is not scope:
            return
        # 2.
        if any(
            not isinstance(one.this, (exp.Column, exp.Distinct)) and query.scope_of(one) is scope
            for one in query.nodes(exp.Count)
        ):
            return
        sure = query.facts.not_null(column) is True
        if sure and context.dialect in _COUNTED_ALIKE:
            return
        known = source.column(binding.name)
        if not sure and (known is None or known.nullable is not True):
            return
        yield Hit(
            query.span(target),
            f"{column.name} is never NULL: COUNT(*) counts the same and reads no column"
            if sure
            else f"rows without {column.name} are not counted: COUNT(*) counts all",
            data=(column, sure),
        )

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        column, sure = hit.data
        text, place = hit.span.of(context.query.source), context.query.span(column)
        before = text[: place.start - hit.span.start].rstrip()
        if has_comment(text) or not before.endswith("("):
            return None  # COUNT(ALL x)
        # 3.
        edit = Edit(place, "*")
        return Fix("count rows", (edit,), Safety.EXACT if sure else Safety.CHANGES_RESULTS)
