"""Two tables are combined without any condition: every row of one with every row of the other.

**Why** The result has as many rows as the two have together multiplied, which is rarely meant, and takes the time
and the memory of all of them.

**Valid when** No rewrite: which condition is missing, the text does not say. A source of one row, of few rows, or
made of no table (a calendar, a generator, UNNEST and FLATTEN) is combined on purpose.

**Bad**
```sql
-- catalog: snowflake
SELECT u.user_id, o.amount FROM USERS AS u, ORDERS AS o WHERE u.country = 'NL'
```
```sql
-- catalog: snowflake
SELECT COUNT(*) FROM USERS u CROSS JOIN ORDERS o
```
```sql
-- catalog: postgres
SELECT u.user_id FROM users u JOIN orders o ON o.status = 'paid'
```

**Good**
```sql
-- catalog: snowflake
SELECT u.user_id, o.amount FROM USERS AS u, ORDERS AS o WHERE u.user_id = o.user_id
```
```sql
-- catalog: snowflake
SELECT o.amount / t.total FROM ORDERS o CROSS JOIN (SELECT SUM(amount) AS total FROM ORDERS) t
```
```sql
-- catalog: postgres
SELECT u.user_id, d.day FROM users u CROSS JOIN generate_series(date '2026-01-01', date '2026-01-31', '1 day') AS d(day)
```
```sql
-- catalog: snowflake
WITH days AS (SELECT SEQ4() AS n FROM TABLE(GENERATOR(ROWCOUNT => 31)))
SELECT u.user_id, d.n FROM USERS u CROSS JOIN days d
```

**Sources** https://docs.snowflake.com/en/user-guide/querying-joins (checked 2026-11-23): a cross join combines each
row of one table with each row of the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.rules import Context, Hit, Related, Rule, Severity

from ._links import connected, made_up, one_row, rows, selects, unbound

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query
    from sqlopt.query.bind.model import Source


class CartesianJoin(Rule):
    id = "JON001"
    severity = Severity.WARNING
    match = "statement"
    options = {"rows": 1000}  # noqa: RUF012 - a source of fewer rows is combined on purpose

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        for scope in selects(target):
            if unbound(scope, target):
                continue
            groups = [
                group
                for group in connected(scope, target)
                if not all(self._small(one, target, context) for one in group)
            ]
            for group in groups[1:]:
                first = groups[0][0]
                yield Hit(
                    target.span(group[0].node),
                    f"nothing connects {group[0].name} with {first.name}: every row meets every row",
                    related=(Related(target.span(first.node), "of this table"),),
                    evidence=_sizes(first, group[0]),
                )

    @staticmethod
    def _small(source: Source, query: Query, context: Context) -> bool:
        if one_row(source, query) or made_up(source):
            return True
        count = rows(source)
        return count is not None and count <= context.options["rows"]


def _sizes(one: Source, other: Source) -> tuple[tuple[str, str], ...]:
    left, right = rows(one), rows(other)
    if left is None or right is None:
        return ()
    return ((f"rows of {one.name}", f"{left:,.0f}"), (f"rows of {other.name}", f"{right:,.0f}"))
