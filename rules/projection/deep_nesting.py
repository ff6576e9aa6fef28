"""Subqueries nested too deep, or a statement too large to be understood.

**Why** Nobody reviews a query in a query in a query; a CTE for each level costs nothing in the engines that
inline them, and each level can be tested alone.

**Valid when** No rewrite: the names of the levels are for a person to find.

**Bad**
```sql
-- catalog: postgres
SELECT 1 FROM (SELECT 1 FROM (SELECT 1 FROM (SELECT 1 FROM (SELECT 1 FROM (SELECT user_id FROM users) a) b) c) d) e
```

**Good**
```sql
-- catalog: postgres
WITH a AS (SELECT user_id FROM users) SELECT 1 FROM a
```
```sql
-- catalog: postgres
SELECT name FROM users WHERE user_id IN (SELECT user_id FROM orders WHERE amount > (SELECT avg(amount) FROM orders))
```

**Sources** A matter of taste, not of an engine: reported as information.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query import Query, Scope, ScopeKind
from sqlopt.rules import Context, Hit, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator


class DeepNesting(Rule):
    id = "SCN020"
    severity = Severity.INFO
    match = "statement"
    options = {"levels": 5, "tokens": 10_000}  # noqa: RUF012

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        size = len(target.tokens)
        if size > context.options["tokens"]:
            yield Hit(
                target.span(target.tree),
                f"the statement has {size:,} tokens; split it",
                evidence=(("tokens", f"{size:,}"),),
            )
            return
        if len(target.scopes) <= context.options["levels"]:
            return
        deepest = max(((_depth(one), one) for one in target.scopes), key=lambda pair: pair[0])
        if deepest[0] >= context.options["levels"]:
            yield Hit(
                target.span(deepest[1].node),
                f"a subquery {deepest[0]} levels deep; give the levels names with WITH",
                evidence=(("levels", str(deepest[0])), ("threshold", str(context.options["levels"]))),
            )


def _depth(scope: Scope) -> int:
    """How many queries stand around a query, up to the statement or the CTE that holds it."""
    depth = 0
    node = scope.node
    if scope.kind in (ScopeKind.CTE, ScopeKind.ROOT):
        return 0
    up = node.parent
    while up is not None and not isinstance(up, exp.CTE):
        if isinstance(up, exp.Select):
            depth += 1
        up = up.parent
    return depth
