"""UPDATE ... FROM or DELETE ... USING whose source is tied to the target by no condition.

**Why** Every row of the target meets every row of the source. The update then takes the values of any of them, a
different one each time perhaps; the delete removes all rows, or none. It writes the whole table on the way.

**Valid when** No rewrite: which condition is missing, the text does not say.

**Bad**
```sql
-- catalog: postgres
UPDATE orders SET status = s.status FROM staging s
```
```sql
-- catalog: postgres
UPDATE orders o SET status = s.status FROM staging s WHERE o.order_date > date '2026-01-01' AND s.status <> 'new'
```
```sql
-- catalog: postgres
DELETE FROM orders o USING users u WHERE u.country = 'NL'
```

**Good**
```sql
-- catalog: postgres
UPDATE orders o SET status = s.status FROM staging s WHERE s.order_id = o.order_id
```
```sql
-- catalog: postgres
DELETE FROM orders o USING users u WHERE u.user_id = o.user_id AND u.country = 'NL'
```
```sql
-- catalog: postgres
-- The source has one row.
UPDATE orders SET discount = m.mean FROM (SELECT AVG(discount) AS mean FROM orders) m WHERE discount IS NULL
```
```sql
-- catalog: postgres
-- Tied through another table.
UPDATE orders o SET status = 'x' FROM users u JOIN tiny t ON t.email = u.email WHERE u.user_id = o.user_id
```

**Sources** https://www.postgresql.org/docs/current/sql-update.html (checked 2026-11-23): where several rows of the
FROM list meet a row of the target, only one of them is used, and which one can't be told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query import ScopeKind
from sqlopt.rules import Context, Hit, Related, Rule, Severity

from ._links import connected, made_up, one_row, unbound

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query, Scope


class UpdateWithoutJoinPredicate(Rule):
    id = "JON019"
    severity = Severity.WARNING
    match = "statement"

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        del context
        for scope in target.scopes:
            if scope.kind is not ScopeKind.DML or not isinstance(scope.node, (exp.Update, exp.Delete)):
                continue
            if len(scope.sources) > 1 and not _named_again(scope) and not unbound(scope, target):
                yield from _untied(scope, target)


def _untied(scope: Scope, query: Query) -> Iterator[Hit]:
    changed = next(iter(scope.sources.values()))
    updates = isinstance(scope.node, exp.Update)
    done = "takes the values of any of its rows" if updates else "meets all of its rows"
    for group in connected(scope, query):
        loose = [one for one in group if not one_row(one, query) and not made_up(one)]
        if loose and not any(one is changed for one in group):
            yield Hit(
                query.span(loose[0].node),
                f"no condition ties {loose[0].name} to {changed.name}: each row {done}",
                related=(Related(query.span(changed.node), "the target"),),
            )


def _named_again(scope: Scope) -> bool:
    """Whether FROM gives the target its name: ``UPDATE o SET ... FROM orders o``, in SQL Server and others."""
    changed, *others = scope.sources.values()
    return any(one.name == changed.table_name.casefold() for one in others)
