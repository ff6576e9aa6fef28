"""A condition in WHERE throws away the rows that the outer join was written to keep.

**Why** Rows without a partner hold NULL on the joined side, and a comparison with NULL is not true: they are gone
again. Whoever reads the text takes the join for an outer one, and an engine that does not see through it joins
more rows than it has to. If the rows were meant to stay, the condition belongs into ON.

**Valid when**
1. The join is a LEFT JOIN with ON or USING, written out in one piece.
2. A conjunct of the same query's WHERE is never true where the joined side is NULL.

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

**Sources** It follows from SQL's three-valued logic; PostgreSQL's planner reduces such joins itself
(https://www.postgresql.org/docs/current/explicit-joins.html, checked 2026-11-23).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.scopes import conjuncts
from sqlopt.query.text.forms import strict_operands
from sqlopt.rules import Context, Edit, Fix, Hit, Related, Rule, Safety, Severity
from sqlopt.span import Span

from ._links import bare, selects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query
    from sqlopt.query.bind.model import Source

_LEFT = re.compile(r"\bLEFT(?:\s+OUTER)?\s+JOIN\b", re.IGNORECASE)
_STRICT = (
    exp.Column, exp.Paren, exp.Cast, exp.Lower, exp.Upper, exp.Trim, exp.Neg, exp.Add, exp.Sub, exp.Mul, exp.Abs,
    exp.Length, exp.Literal,
)  # fmt: skip
"""What is NULL where a column in it is: nothing else is looked through."""


class OuterJoinTurnedInner(Rule):
    id = "JON006"
    severity = Severity.WARNING
    match = "statement"

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        del context
        for scope in selects(target):
            where = scope.node.args.get("where")
            for source in scope.sources.values():
                join = source.join
                # 1.
                if join is None or (join.side or "").upper() != "LEFT" or where is None:
                    continue
                if (join.kind or "").upper() in ("SEMI", "ANTI", "ASOF", "ARRAY") or join.method:
                    continue
                if not join.args.get("on") and not join.args.get("using"):
                    continue
                # 2.
                killer = next((one for one in conjuncts(where.this) if _rejects(one, source, target)), None)
                if killer is not None:
                    yield Hit(
                        target.span(killer),
                        f"this is never true for the rows that the LEFT JOIN keeps without {source.name}: "
                        "it is an inner join",
                        related=(Related(target.span(source.node), "the joined side"),),
                        data=join,
                    )

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        query = context.query
        span = query.span(hit.data)
        text = span.of(query.source)
        found = _LEFT.match(text)
        if found is None:
            return None  # a comment stands between the words, or the span begins elsewhere
        edit = Edit(Span(span.start, span.start + found.end()), _cased("JOIN", found.group()))
        return Fix("write it as the inner join that it is", (edit,), Safety.EXACT)


def _cased(word: str, like: str) -> str:
    return word.lower() if like.islower() else word


def _rejects(node: exp.Expr, source: Source, query: Query) -> bool:
    """Whether a condition is never true where all columns of ``source`` are NULL."""
    node = bare(node)
    if isinstance(node, exp.Or):
        return all(_rejects(one, source, query) for one in node.flatten())
    if isinstance(node, exp.And):
        return any(_rejects(one, source, query) for one in conjuncts(node))
    return any(_null(one, source, query) for one in strict_operands(node))


def _null(node: exp.Expr, source: Source, query: Query) -> bool:
    """Whether an expression is NULL where ``source`` is: strict all through, with a column of it inside."""
    parts = [
        one for one in node.walk() if not isinstance(one, (exp.Identifier, exp.DataType, exp.DataTypeParam))
    ]
    if not all(isinstance(one, _STRICT) for one in parts):
        return False
    return any(
        isinstance(one, exp.Column)
        and (binding := query.binding(one)) is not None
        and binding.source is source
        and not binding.path
        for one in parts
    )
