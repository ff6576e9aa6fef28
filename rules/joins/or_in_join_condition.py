"""A join is made by OR over different columns, so that no one column finds the partners.

**Why** Engines find partners by hashing or sorting one set of columns. An OR between different columns leaves them
nothing but comparing every pair of rows.

**Valid when** No rewrite: two joins put together by UNION ALL are the usual answer, the second of them without the
rows that the first has (`AND (first condition) IS NOT TRUE`), and only where the join is an inner one.

**Bad**
```sql
-- catalog: snowflake
SELECT COUNT(*) FROM ORDERS AS o JOIN USERS AS u ON o.user_id = u.user_id OR o.email = u.email
```
```sql
-- catalog: postgres
SELECT o.order_id FROM orders o, users u WHERE o.user_id = u.user_id OR o.email = u.email
```
```sql
-- catalog: snowflake
SELECT COUNT(*) FROM ORDERS AS o JOIN USERS AS u ON u.user_key IN (o.email, o.status)
```
```sql
-- catalog: postgres
SELECT o.order_id FROM users u LEFT JOIN orders o ON u.user_id = ANY (ARRAY[o.user_id, o.approver_id])
```

**Good**
```sql
-- catalog: snowflake
SELECT COUNT(*) FROM ORDERS AS o JOIN USERS AS u ON o.user_id = u.user_id AND (u.country = 'NL' OR u.country = 'BE')
```
```sql
-- catalog: snowflake
SELECT COUNT(*) FROM ORDERS AS o JOIN USERS AS u
  ON o.user_id = u.user_id OR (o.user_id IS NULL AND u.user_id IS NULL)
```
```sql
-- catalog: snowflake
SELECT COUNT(*) FROM ORDERS AS o JOIN USERS AS u
  ON (o.user_id = u.user_id AND u.country = 'NL') OR (o.user_id = u.user_id AND o.amount > 10)
```
```sql
-- catalog: snowflake
SELECT COUNT(*) FROM ORDERS AS o JOIN USERS AS u ON o.user_id = u.user_id AND u.email IN (o.email, o.status)
```
```sql
-- catalog: snowflake
SELECT COUNT(*) FROM ORDERS AS o JOIN USERS AS u ON o.user_id = u.user_id AND o.status IN ('paid', 'open')
```

**Sources** https://docs.snowflake.com/en/user-guide/performance-query-insights (checked 2026-11-23): a join with a
disjunction in its condition is named as inefficient.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.nodes import conjuncts
from sqlopt.rules import Context, Hit, Related, Rule, Severity

from ._links import bare, conditions, equalities, made_up, one_row, owners, rows, selects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query
    from sqlopt.query.bind.model import Scope, Source

Pair = frozenset[tuple[int, str]]


class OrInJoinCondition(Rule):
    id = "JON002"
    severity = Severity.WARNING
    match = "statement"
    options = {"rows": 1000}  # noqa: RUF012 - a source of fewer rows may be compared with every row

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        for scope in selects(target):
            plain = {frozenset((id(one.left), id(one.right))) for one in equalities(scope, target)}
            for one in conditions(scope, target):
                arms = _arms(one.node, scope, target)
                # An arm without an equality lets any pair through, which is another fault.
                if len(arms) <= 1 or not all(arms) or set.intersection(*arms):
                    continue
                tables = {source for arm in arms for pair in arm for source, _ in pair}
                if frozenset(tables) in plain or self._few(one.owners, target, context):
                    continue
                yield Hit(
                    target.span(one.node),
                    "the join is made by OR over different columns: no one column finds the partners",
                    related=tuple(
                        Related(target.span(source.node), "a table joined by it") for source in one.owners
                    ),
                )

    @staticmethod
    def _few(sources: tuple[Source, ...], query: Query, context: Context) -> bool:
        sizes = [rows(one) for one in sources]
        small = any(size is not None and size <= context.options["rows"] for size in sizes)
        return small or any(made_up(one) or one_row(one, query) for one in sources)


def _arms(node: exp.Expr, scope: Scope, query: Query) -> list[set[Pair]]:
    """Return what each arm of an OR makes equal; `k IN (a, b)` and `k = ANY (ARRAY[a, b])` are one, too."""
    if isinstance(node, exp.Or):
        return [_pairs(arm, scope, query) for arm in node.flatten()]
    values: list[exp.Expr] = []
    if isinstance(node, exp.In) and not node.args.get("negate"):
        values = node.expressions
    elif isinstance(node, exp.EQ) and isinstance(node.expression, exp.Any):
        listed = bare(node.expression.this)
        values = listed.expressions if isinstance(listed, exp.Array) else []
    pairs = [_pair(node.this, value, scope, query) for value in values]
    return [{pair} if pair is not None else set() for pair in pairs]


def _pair(left: exp.Expr, right: exp.Expr, scope: Scope, query: Query) -> Pair | None:
    sides = [(side, owners(side, scope, query)) for side in (left, right)]
    if any(len(each) != 1 for _, each in sides) or sides[0][1] == sides[1][1]:
        return None
    return frozenset((id(each[0]), _name(side, query)) for side, each in sides)


def _pairs(arm: exp.Expr, scope: Scope, query: Query) -> set[Pair]:
    """Return the pairs of columns that an arm makes equal; NULL on both sides counts as equal."""
    found: set[Pair] = set()
    nulls: list[tuple[int, str]] = []
    for one in conjuncts(bare(arm)):
        node = bare(one)
        if isinstance(node, (exp.EQ, exp.NullSafeEQ)):
            pair = _pair(node.this, node.expression, scope, query)
            found |= {pair} if pair is not None else set()
        if isinstance(node, exp.Is) and isinstance(node.expression, exp.Null) and not node.args.get("negate"):
            binding = query.binding(bare(node.this))
            if binding is not None and binding.source is not None:
                nulls.append((id(binding.source), binding.name))
    found |= {frozenset({a, b}) for a in nulls for b in nulls if a[0] != b[0]}
    return found


def _name(side: exp.Expr, query: Query) -> str:
    """Return what tells a side of an equality from others: its column, or its text."""
    binding = query.binding(bare(side))
    return binding.name if binding is not None else side.sql().casefold()
