"""A condition in WHERE throws away the rows that the outer join was written to keep.

**Why** Rows without a partner hold NULL on the joined side, and a comparison with NULL is not true: they are gone
again. Whoever reads the text takes the join for an outer one, and an engine that does not see through it joins
more rows than it has to. If the rows were meant to stay, the condition belongs into ON.

**Valid when**
1. The join is a LEFT, RIGHT or FULL JOIN with ON, or a LEFT JOIN with USING, written out in one piece.
2. A conjunct of the same query's WHERE is never true where the side that the join fills with NULLs is NULL. A FULL
   JOIN of which one side is wanted is a LEFT or a RIGHT JOIN.

**Bad**
```sql
-- catalog: postgres
SELECT u.user_id FROM users u LEFT JOIN orders o ON o.user_id = u.user_id WHERE o.status = 'paid'
```
```sql
-- catalog: postgres
SELECT u.user_id FROM users u LEFT OUTER JOIN orders o ON o.user_id = u.user_id
WHERE o.order_id IS NOT NULL AND u.country = 'NL'
```
```sql
-- catalog: postgres
SELECT o.order_id FROM users u RIGHT JOIN orders o ON o.user_id = u.user_id WHERE u.country = 'NL'
```
```sql
-- catalog: postgres
SELECT u.user_id, o.order_id FROM users u FULL JOIN orders o ON o.user_id = u.user_id WHERE u.country = 'NL'
```
```sql
-- catalog: postgres
SELECT u.user_id FROM users u FULL OUTER JOIN orders o ON o.user_id = u.user_id
WHERE u.country = 'NL' AND o.order_date::date >= '2026-01-01'
```

**Fixed**
```sql
-- catalog: postgres
SELECT u.user_id FROM users u JOIN orders o ON o.user_id = u.user_id WHERE o.status = 'paid'
```
```sql
-- catalog: postgres
SELECT u.user_id FROM users u JOIN orders o ON o.user_id = u.user_id
WHERE o.order_id IS NOT NULL AND u.country = 'NL'
```
```sql
-- catalog: postgres
SELECT o.order_id FROM users u JOIN orders o ON o.user_id = u.user_id WHERE u.country = 'NL'
```
```sql
-- catalog: postgres
SELECT u.user_id, o.order_id FROM users u LEFT JOIN orders o ON o.user_id = u.user_id WHERE u.country = 'NL'
```
```sql
-- catalog: postgres
SELECT u.user_id FROM users u JOIN orders o ON o.user_id = u.user_id
WHERE u.country = 'NL' AND o.order_date::date >= '2026-01-01'
```

**Good**
```sql
-- catalog: postgres
SELECT u.user_id FROM users u LEFT JOIN orders o ON o.user_id = u.user_id AND o.status = 'paid'
```
```sql
-- catalog: postgres
SELECT u.user_id FROM users u LEFT JOIN orders o ON o.user_id = u.user_id WHERE o.order_id IS NULL
```
```sql
-- catalog: postgres
SELECT u.user_id FROM users u LEFT JOIN orders o ON o.user_id = u.user_id WHERE COALESCE(o.status, 'none') = 'none'
```
```sql
-- catalog: postgres
SELECT u.user_id FROM users u LEFT JOIN orders o ON o.user_id = u.user_id WHERE (o.status = 'paid') IS NOT TRUE
```
```sql
-- catalog: postgres
SELECT u.user_id FROM users u LEFT JOIN orders o ON o.user_id = u.user_id WHERE o.status = 'paid' OR u.country = 'NL'
```
```sql
-- catalog: postgres
SELECT o.order_id FROM users u RIGHT JOIN orders o ON o.user_id = u.user_id WHERE o.status = 'paid'
```
```sql
-- catalog: postgres
-- The merged column has the value of either side.
SELECT user_id FROM users u FULL JOIN orders o USING (user_id) WHERE user_id > 5
```
```sql
-- catalog: postgres
-- Never true at all.
SELECT u.user_id FROM users u LEFT JOIN orders o ON o.user_id = u.user_id WHERE o.status = NULL
```

**Sources** It follows from SQL's three-valued logic; PostgreSQL's planner reduces such joins itself
(https://www.postgresql.org/docs/current/explicit-joins.html, checked 2026-11-23). ClickHouse fills the missing side
with zeros and empty texts (https://clickhouse.com/docs/operations/settings/settings#join_use_nulls, checked
2026-12-01), so nothing is said there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.nodes import conjuncts
from sqlopt.query.values.truth import can_be_true
from sqlopt.rules import Context, Edit, Fix, Hit, Related, Rule, Safety, Severity
from sqlopt.span import Span

from ._links import selects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlglot import exp

    from sqlopt.query import Query
    from sqlopt.query.bind.model import Scope, Source

_JOIN = re.compile(r"\b(LEFT|RIGHT|FULL)(?:\s+OUTER)?\s+JOIN\b", re.IGNORECASE)


class OuterJoinTurnedInner(Rule):
    id = "JON006"
    severity = Severity.WARNING
    match = "statement"

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        if context.dialect == "clickhouse":
            return
        for scope in selects(target):
            where = scope.node.args.get("where")
            parts = list(conjuncts(where.this)) if where is not None else []
            before: list[Source] = []
            for source in scope.sources.values():
                join = source.join
                if join is not None and _is_comma(join):
                    before = []
                elif join is not None and parts and _outer(join):
                    yield from _turned(join, source, before, parts, target)
                before.append(source)

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        query = context.query
        join, side = hit.data
        if (join.side or "").upper() != "LEFT" and join.args.get("using"):
            return None  # the merged column would be another side's
        span = query.span(join)
        text = span.of(query.source)
        found = _JOIN.match(text)
        if found is None:
            return None  # a comment stands between the words, or the span begins elsewhere
        word = f"{side} JOIN".strip()
        edit = Edit(Span(span.start, span.start + found.end()), _cased(word, found.group()))
        name = "inner" if not side else side.lower()
        return Fix(f"write it as the {name} join that it is", (edit,), Safety.EXACT)


def _outer(join: exp.Join) -> bool:
    # 1.
    if (join.side or "").upper() not in ("LEFT", "RIGHT", "FULL"):
        return False
    if (join.kind or "").upper() in ("SEMI", "ANTI", "ASOF", "ARRAY", "ANY") or join.method:
        return False
    return bool(join.args.get("on") or join.args.get("using"))


def _is_comma(join: exp.Join) -> bool:
    """Whether a join may be a comma: it binds less than JOIN does, and what stands before is not filled."""
    return not any(join.args.get(one) for one in ("on", "using", "side", "kind", "method"))


def _turned(
    join: exp.Join, source: Source, before: list[Source], parts: list[exp.Expr], query: Query
) -> Iterator[Hit]:
    side = (join.side or "").upper()
    # 2.
    right = _killer(parts, [source], query) if side in ("LEFT", "FULL") else None
    whole = before and join.parent is source.scope.node
    left = _killer(parts, before, query) if side in ("RIGHT", "FULL") and whole else None
    killer = right if right is not None else left
    if killer is None:
        return
    kept = (
        ""
        if side != "FULL" or (left is not None and right is not None)
        else "LEFT"
        if left is not None
        else "RIGHT"
    )
    missing = source.name if right is not None else " and ".join(one.name for one in before)
    yield Hit(
        query.span(killer),
        f"this is never true for the rows that the {side} JOIN keeps without {missing}: "
        f"it is {'an inner' if not kept else f'a {kept}'} join",
        related=(Related(query.span(source.node), "the joined side"),),
        data=(join, kept),
    )


def _killer(parts: list[exp.Expr], filled: list[Source], query: Query) -> exp.Expr | None:
    """Return the condition that is never true where all columns of the sources ``filled`` are NULL."""
    scope: Scope = filled[0].scope
    places = {id(one) for one in filled}

    def null(column: exp.Expr) -> bool:
        binding = query.binding(column)
        if binding is None or id(binding.source) not in places or binding.candidates:
            return False
        return bool(column.args.get("table")) or binding.name not in scope.merged

    never = (one for one in parts if not can_be_true(one, null))
    # What is never true anyway is another fault.
    return next((one for one in never if can_be_true(one, lambda _: False)), None)


def _cased(word: str, like: str) -> str:
    return word.lower() if like.islower() else word
