"""LIMIT without ORDER BY, in what is stored: other rows each time.

**Why** Which rows come first is the engine's choice, and changes with the plan, the load and the layout of the files.
A table built so can't be rebuilt, and an incremental run adds others than it would have.

**Valid when** No rewrite: which rows are wanted is the author's to say.

**Bad**
```sql
-- catalog: postgres
CREATE TABLE sample AS SELECT user_id FROM users LIMIT 100
```
```sql
-- catalog: postgres
INSERT INTO tiny (name, email) SELECT name, email FROM (SELECT name, email FROM users LIMIT 10) AS u
```

**Good**
```sql
-- catalog: postgres
SELECT user_id FROM users ORDER BY user_id LIMIT 100
```
```sql
-- catalog: postgres
CREATE TABLE sample AS SELECT user_id FROM users ORDER BY user_id LIMIT 100
```
```sql
-- catalog: postgres
SELECT user_id FROM users LIMIT 100
```
```sql
-- catalog: postgres
CREATE TABLE empty_copy AS SELECT user_id FROM users LIMIT 0
```
```sql
-- catalog: postgres
CREATE TABLE known AS SELECT user_id FROM users u
WHERE EXISTS (SELECT 1 FROM orders o WHERE o.user_id = u.user_id LIMIT 1)
```

**Sources** https://www.postgresql.org/docs/current/queries-limit.html (checked 2026-11-23): without an ORDER BY that
constrains the rows into a unique order, LIMIT gives an unpredictable subset.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query import ScopeKind
from sqlopt.query.text.forms import row_limit
from sqlopt.rules import Context, Hit, Rule, Severity

from ._groups import persisted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query, Scope


class LimitWithoutOrder(Rule):
    id = "AGG014"
    severity = Severity.WARNING
    match = "statement"

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        del context
        if not persisted(target):
            return
        for scope in target.scopes:
            limit = row_limit(scope.node)
            if (
                limit is None
                or scope.node.args.get("order") is not None
                or not (scope.sources or scope.branches)
            ):
                continue
            if scope.kind is ScopeKind.SUBQUERY and isinstance(_above(scope.node), exp.Exists):
                continue
            if limit.most == 0:
                continue
            if _sorted_below(scope) or frozenset() in target.facts.keys_before_distinct(scope):
                continue
            yield Hit(
                target.span(limit.node),
                "without ORDER BY these are other rows each time, and they are stored",
            )


def _above(node: exp.Expr) -> exp.Expr | None:
    parent = node.parent
    while isinstance(parent, (exp.Subquery, exp.Paren)):
        parent = parent.parent
    return parent


def _sorted_below(scope: Scope) -> bool:
    """Whether the rows come from one query that sorts them: not promised, but meant."""
    if len(scope.sources) != 1:
        return False
    inner = next(iter(scope.sources.values())).inner
    return inner is not None and inner.node.args.get("order") is not None
