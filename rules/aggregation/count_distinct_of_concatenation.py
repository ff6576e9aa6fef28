"""COUNT(DISTINCT a || b) counts texts, not pairs.

**Why** 'ab' with 'c' and 'a' with 'bc' make the same text, and a NULL on either side makes the whole NULL, which is
not counted. Building a text for each row costs besides.

**Valid when** The fix changes the result: pairs with a NULL are counted, and pairs that made the same text apart.
It is given where the engine counts rows of several columns.

**Bad**
```sql
-- catalog: postgres
SELECT COUNT(DISTINCT first_name || last_name) FROM users
```
```sql
-- catalog: snowflake
SELECT COUNT(DISTINCT CONCAT(country, zip)) FROM USERS
```

**Fixed**
```sql
-- catalog: postgres
SELECT COUNT(DISTINCT (first_name, last_name)) FROM users
```
```sql
-- catalog: snowflake
SELECT COUNT(DISTINCT country, zip) FROM USERS
```

**Good**
```sql
-- catalog: postgres
SELECT COUNT(DISTINCT (first_name, last_name)) FROM users
```
```sql
-- catalog: postgres
SELECT COUNT(DISTINCT 'user ' || email) FROM users
```
```sql
-- catalog: postgres
SELECT COUNT(first_name || last_name) FROM users
```

**Sources** https://www.postgresql.org/docs/current/functions-string.html and
https://docs.snowflake.com/en/sql-reference/functions/count (checked 2026-11-23): concatenation with NULL is NULL in
the operator ||; Snowflake counts distinct combinations of several columns, those with a NULL left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rules import SPARK, Context, Edit, Fix, Hit, Rule, Safety, Severity
from sqlopt.rules.wording import has_comment

from ._groups import bare

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROWS = frozenset({"postgres", "duckdb"})
_LISTS = frozenset({"snowflake", "mysql"}) | SPARK


class CountDistinctOfConcatenation(Rule):
    id = "AGG008"
    severity = Severity.WARNING
    match = (exp.Count,)

    def guard(self, target: exp.Count, context: Context) -> Iterator[Hit]:
        distinct = target.this
        if not isinstance(distinct, exp.Distinct) or len(distinct.expressions) != 1:
            return
        parts = list(_parts(distinct.expressions[0]))
        varying = [one for one in parts if one.find(exp.Column) is not None]
        if len(parts) == 1 or len({one.sql() for one in varying}) <= 1:
            return
        apart = len(parts) > len(varying)  # something stands between them
        yield Hit(
            context.query.span(target),
            "different values can make the same text, and a NULL in one makes all of it NULL: count the columns",
            severity=Severity.INFO if apart else None,
            data=(distinct.expressions[0], varying),
        )

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        whole, parts = hit.data
        query = context.query
        span = query.span(whole)
        if has_comment(span.of(query.source)):
            return None
        listed = ", ".join(query.text(one) for one in parts)
        if context.dialect in _ROWS:
            listed = f"({listed})"
        elif context.dialect not in _LISTS:
            return None
        return Fix("count the columns", (Edit(span, listed),), Safety.CHANGES_RESULTS)


def _parts(node: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the operands of a concatenation, through casts to text and COALESCE none."""
    node = bare(node)
    if isinstance(node, exp.DPipe):
        yield from _parts(node.this)
        yield from _parts(node.expression)
    elif isinstance(node, (exp.Concat, exp.ConcatWs)):
        for one in node.expressions:
            yield from _parts(one)
    else:
        yield node
