"""A subquery counts all rows to learn whether there is one.

**Why** COUNT reads every row that matches; EXISTS stops at the first, and engines turn it into a semi-join.

**Valid when**
1. The subquery is one COUNT without GROUP BY, HAVING, window or LIMIT, and is compared with 0 or 1 so that only
   none and some can be told apart.
2. It counts rows, or a column that is never NULL.
3. The comparison stands alone or among AND, OR and NOT, and no comment stands in what is replaced.

**Bad**
```sql
-- catalog: snowflake
SELECT user_id FROM USERS AS u WHERE (SELECT COUNT(*) FROM ORDERS AS o WHERE o.user_id = u.user_id) > 0
```
```sql
-- catalog: postgres
SELECT user_id FROM users u WHERE country = 'NL' AND 0 = (SELECT count(1) FROM orders o WHERE o.user_id = u.user_id)
```

**Fixed**
```sql
-- catalog: snowflake
SELECT user_id FROM USERS AS u WHERE EXISTS (SELECT 1 FROM ORDERS AS o WHERE o.user_id = u.user_id)
```
```sql
-- catalog: postgres
SELECT user_id FROM users u WHERE country = 'NL' AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.user_id = u.user_id)
```

**Good**
```sql
-- catalog: snowflake
SELECT user_id FROM USERS AS u WHERE EXISTS (SELECT 1 FROM ORDERS AS o WHERE o.user_id = u.user_id)
```
```sql
-- catalog: snowflake
SELECT user_id FROM USERS AS u WHERE (SELECT COUNT(*) FROM ORDERS AS o WHERE o.user_id = u.user_id) > 5
```
```sql
-- catalog: snowflake
SELECT user_id FROM USERS AS u WHERE (SELECT SUM(amount) FROM ORDERS AS o WHERE o.user_id = u.user_id) > 0
```

DuckDB counts per key, once for all rows, faster than it asks for each with EXISTS (docs/savings.md): nothing is said
there.

**Sources** https://www.postgresql.org/docs/current/functions-subquery.html (checked 2026-11-23): EXISTS is evaluated
only long enough to determine whether at least one row is returned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rules import Context, Edit, Fix, Hit, Rule, Safety, Severity
from sqlopt.rules.wording import has_comment, like

from ._groups import bare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query

_FLIPPED = {
    exp.GT: exp.LT,
    exp.LT: exp.GT,
    exp.GTE: exp.LTE,
    exp.LTE: exp.GTE,
    exp.EQ: exp.EQ,
    exp.NEQ: exp.NEQ,
}
# What `COUNT op number` asks: True whether there is a row, False whether there is none.
_ASKED = {
    (exp.GT, "0"): True, (exp.GTE, "1"): True, (exp.NEQ, "0"): True,
    (exp.EQ, "0"): False, (exp.LT, "1"): False, (exp.LTE, "0"): False,
}  # fmt: skip


class ExistenceByCount(Rule):
    id = "AGG018"
    severity = Severity.WARNING
    unprofitable = frozenset({"duckdb"})
    match = (exp.GT, exp.GTE, exp.LT, exp.LTE, exp.EQ, exp.NEQ)

    def guard(self, target: exp.Binary, context: Context) -> Iterator[Hit]:
        left, right = bare(target.this), bare(target.expression)
        kind = type(target)
        if isinstance(right, exp.Subquery) and isinstance(left, exp.Literal):
            left, right, kind = right, left, _FLIPPED[kind]
        if not isinstance(left, exp.Subquery) or not isinstance(right, exp.Literal):
            return
        # 1.
        asked = _ASKED.get((kind, right.this))
        count = _count(left)
        if asked is None or count is None:
            return
        yield Hit(
            context.query.span(target),
            f"this counts all rows to learn whether there is {'one' if asked else 'none'}; "
            f"{'EXISTS' if asked else 'NOT EXISTS'} stops at the first",
            data=(target, left, count, asked),
        )

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        target, subquery, count, asked = hit.data
        query = context.query
        # 2.
        if not _counts_rows(count, query):
            return None
        # 3.
        parent = target.parent
        if not isinstance(
            parent, (exp.And, exp.Or, exp.Not, exp.Where, exp.Paren, exp.If, exp.Having, exp.Alias)
        ):
            return None
        whole, inner, counted = (
            query.span(target),
            query.span(subquery),
            query.span(subquery.this.expressions[0]),
        )
        text = query.source[inner.start : counted.start] + "1" + query.source[counted.end : inner.end]
        outside = query.source[whole.start : inner.start] + query.source[inner.end : whole.end]
        if has_comment(outside) or has_comment(counted.of(query.source)):
            return None
        word = "EXISTS " if asked else "NOT EXISTS "
        edit = Edit(whole, like(word, inner.of(query.source).lstrip("( ")[:6]) + text)
        return Fix("ask with EXISTS" if asked else "ask with NOT EXISTS", (edit,), Safety.EXACT)


def _count(subquery: exp.Subquery) -> exp.Count | None:
    """Return the one COUNT that a subquery gives, if it is nothing but that."""
    select = subquery.this
    if not isinstance(select, exp.Select) or len(select.expressions) != 1:
        return None
    if any(
        select.args.get(one) for one in ("group", "having", "limit", "offset", "qualify", "distinct", "with_")
    ):
        return None
    found = select.expressions[0].unalias()
    return found if isinstance(found, exp.Count) else None


def _counts_rows(count: exp.Count, query: Query) -> bool:
    counted = count.this
    if isinstance(counted, exp.Distinct):
        counted = counted.expressions[0] if len(counted.expressions) == 1 else None
    if count.expressions or counted is None:
        return False
    if isinstance(counted, (exp.Star, exp.Literal)):
        return True
    bound = [query.binding(column) for column in counted.find_all(exp.Column)]
    if any(one is None or one.outer for one in bound):
        return False  # an aggregate of columns from outside is the outer query's
    return query.facts.not_null(counted) is True
