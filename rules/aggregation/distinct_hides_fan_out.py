"""DISTINCT takes back the duplicates that a join has just made.

**Why** Only one side's columns are given; the other side is joined to see whether there is a partner. Each row comes
out once for each of its partners, and DISTINCT sorts or hashes them all to find the first again. EXISTS asks just the
question: it makes no duplicates and stops at the first partner.

**Valid when**
1. The SELECT has DISTINCT, two tables, one inner join with ON, no GROUP BY, window, LIMIT or star, and everything it
   gives comes from the first table.
2. Nothing but the join's condition and WHERE reads the second one.
3. DISTINCT stays, unless a key of the first table, enforced, is given out.
4. No comment stands in the text that is rebuilt, from the join to the end of WHERE.

**Bad**
```sql
-- catalog: postgres
SELECT DISTINCT u.user_id FROM users AS u JOIN orders AS o ON o.user_id = u.user_id
```
```sql
-- catalog: postgres
SELECT DISTINCT u.country FROM users u INNER JOIN orders o ON o.user_id = u.user_id
WHERE u.signup_date > DATE '2026-01-01' AND o.status = 'paid'
```

**Fixed**
```sql
-- catalog: postgres
SELECT u.user_id FROM users AS u WHERE EXISTS (SELECT 1 FROM orders AS o WHERE o.user_id = u.user_id)
```
```sql
-- catalog: postgres
SELECT DISTINCT u.country FROM users u WHERE u.signup_date > DATE '2026-01-01'
AND EXISTS (SELECT 1 FROM orders o WHERE o.user_id = u.user_id AND o.status = 'paid')
```

**Good**
```sql
-- catalog: snowflake
SELECT u.user_id FROM USERS AS u WHERE EXISTS (SELECT 1 FROM ORDERS AS o WHERE o.user_id = u.user_id)
```
```sql
-- catalog: postgres
SELECT DISTINCT u.user_id, o.status FROM users u JOIN orders o ON o.user_id = u.user_id
```
```sql
-- catalog: postgres
SELECT DISTINCT o.status FROM orders o JOIN users u ON u.user_id = o.user_id
```
```sql
-- catalog: postgres
SELECT DISTINCT country FROM users
```

DuckDB groups the joined rows faster than it asks for each with EXISTS (docs/savings.md): nothing is said there.

**Sources** It follows from the meaning of DISTINCT and EXISTS. https://docs.snowflake.com/en/user-guide/query-insights
(checked 2026-11-23): joins that explode are told of, as are aggregations that remove nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.nodes import conjuncts
from sqlopt.rules import Context, Fix, Hit, Related, Rule, Safety, Severity
from sqlopt.rules.semi_join import as_exists, sources_read

from ._groups import selects, where_of, without_distinct

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query, Scope
    from sqlopt.query.bind.model import Source

_MORE = ("group", "having", "qualify", "limit", "offset", "order", "windows", "laterals", "sample")


class DistinctHidesFanOut(Rule):
    id = "AGG004"
    severity = Severity.WARNING
    unprofitable = frozenset({"duckdb"})
    match = "statement"

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        del context
        for scope in selects(target):
            distinct = scope.node.args.get("distinct")
            if distinct is None or distinct.args.get("on") is not None or len(scope.sources) == 1:
                continue
            if scope.node.args.get("group") is not None or target.flow.aggregates(scope) or scope.open:
                continue
            if any(target.reads.of(one).whole for one in scope.sources.values()) or target.flow.windows(
                scope
            ):
                continue
            given = sources_read(scope, scope.node.expressions, target)
            others = [one for one in scope.sources.values() if one not in (given or ())]
            if (
                given is None
                or len(given) != 1
                or not others
                or not all(_inner(one) for one in scope.sources.values())
            ):
                continue
            if _keyed(scope, target):
                continue  # there are no duplicates at all
            if not any(_multiplies(one, scope, target) for one in others):
                continue
            yield Hit(
                target.span(distinct),
                f"nothing of {' and '.join(one.name for one in others)} is given: the join makes duplicates of "
                f"{given[0].name}'s rows, and DISTINCT looks for them; EXISTS makes none",
                related=tuple(Related(target.span(one.node), "only asked for a partner") for one in others),
                data=(scope, given[0], others),
            )

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        scope, kept, others = hit.data
        query, node = context.query, scope.node
        if len(others) != 1 or any(node.args.get(one) for one in _MORE):
            return None
        # 1., 2. and 4.
        edit = as_exists(scope, others[0], query)
        if edit is None:
            return None
        edits = [edit]
        # 3.
        names = {_name(one.unalias(), query) for one in node.expressions}
        if any(key and key <= names for key in query.facts.source_keys(kept)):
            plain = without_distinct(query, node.args["distinct"])
            if plain is None:
                return None
            edits.append(plain)
        return Fix("ask with EXISTS", tuple(edits), Safety.EXACT)


def _name(node: exp.Expr, query: Query) -> str:
    binding = query.binding(node)
    return binding.name if binding is not None and not binding.path else ""


def _inner(source: Source) -> bool:
    join = source.join
    if join is None:
        return True
    kind = (join.kind or "").upper()
    return not join.side and not join.method and kind in ("", "INNER", "CROSS")


def _keyed(scope: Scope, query: Query) -> bool:
    names = frozenset(one.name for one in scope.outputs)
    return any(key <= names for key in query.declared.keys_before_distinct(scope))


def _multiplies(source: Source, scope: Scope, query: Query) -> bool:
    """Whether the source may have several rows for one of the others: no key of it is equated."""
    equated: set[str] = {name for name, owners in scope.merged.items() if source in owners}
    parts = where_of(scope)
    if source.join is not None:
        parts += list(conjuncts(source.join.args.get("on")))
    for other in scope.sources.values():
        if other is not source and other.join is not None:
            parts += list(conjuncts(other.join.args.get("on")))
    for one in parts:
        if not isinstance(one, exp.EQ):
            continue
        for side in (one.this, one.expression):
            binding = query.binding(side)
            if binding is not None and binding.source is source:
                equated.add(binding.name)
    return not any(key <= equated for key in query.declared.source_keys(source))
