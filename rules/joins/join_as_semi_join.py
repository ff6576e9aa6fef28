"""A table is joined only to see whether there is a partner, and repeats the rows that have several.

**Why** No column of it is used: the join asks whether a partner is there. Where there are several, each row comes out
as often, which is rarely meant, and costs as much as it multiplies. IN or EXISTS asks just the question.

**Valid when** The fix changes the result, and that is its point: EXISTS gives each row once. It is made where
1. The join is the last one, an inner join with ON, and nothing in the query is random.
2. The query does not depend on how often a row comes: no aggregate, window, DISTINCT or LIMIT stands in it.

**Bad**
```sql
-- catalog: bigquery
SELECT c.amount FROM p.d.orders AS c
JOIN (SELECT user_id FROM p.d.events WHERE event_date = DATE '2026-01-01') AS e ON e.user_id = c.user_id
```

**Fixed**
```sql
-- catalog: bigquery
SELECT c.amount FROM p.d.orders AS c
WHERE EXISTS (
    SELECT 1
    FROM (SELECT user_id FROM p.d.events WHERE event_date = DATE '2026-01-01') AS e
    WHERE e.user_id = c.user_id
)
```

**Good**
```sql
-- catalog: bigquery
SELECT c.amount FROM p.d.orders AS c WHERE c.user_id IN (SELECT user_id FROM p.d.users)
```
```sql
-- catalog: bigquery
SELECT c.amount FROM p.d.orders AS c JOIN (
  SELECT DISTINCT user_id FROM p.d.events WHERE event_date = DATE '2026-01-01') AS e ON e.user_id = c.user_id
```
```sql
-- catalog: bigquery
SELECT c.amount, e.event_ts FROM p.d.orders AS c
JOIN p.d.events AS e ON e.user_id = c.user_id WHERE e.event_date = DATE '2026-01-01'
```
```sql
-- catalog: bigquery
SELECT COUNT(*) FROM p.d.orders AS c
JOIN p.d.events AS e ON e.user_id = c.user_id WHERE e.event_date = DATE '2026-01-01'
```

**Sources** https://docs.cloud.google.com/bigquery/docs/best-practices-performance-compute (checked 2026-11-23):
joins that give more rows than they take in are to be avoided; a semi-join gives each row once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.nodes import conjuncts
from sqlopt.rules import Context, Fix, Hit, Related, Rule, Safety, Severity
from sqlopt.rules.semi_join import as_exists

from ._links import conditions, equality, keys, made_up, one_row, repeats, selects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query
    from sqlopt.query.bind.model import Scope, Source


class JoinAsSemiJoin(Rule):
    id = "JON010"
    absence = True
    severity = Severity.WARNING
    match = "statement"

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        del context
        for scope in selects(target):
            if target.flow.aggregates(scope) or scope.node.args.get("distinct"):
                continue
            for source in scope.sources.values():
                join = source.join
                if join is None or join.side or (join.kind or "").upper() not in ("", "INNER"):
                    continue
                if (join.method or "").upper() not in ("", "NATURAL"):
                    continue
                columns = _joined_by(join, source, scope, target)
                if not columns or not _unused(source, scope, target):
                    continue
                if made_up(source) or one_row(source, target) or _once(source, columns, target):
                    continue
                known = _repeats(source, columns, target)
                yield Hit(
                    target.span(source.node),
                    f"no column of {source.name} is used: each row comes out once for each of its partners; "
                    "IN or EXISTS asks whether there is one",
                    severity=None if known else Severity.INFO,
                    related=(Related(target.span(join), "the join"),),
                    data=(scope, source),
                )

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        scope, source = hit.data
        query = context.query
        # 2.
        if scope.node.args.get("limit") is not None or query.flow.windows(scope):
            return None
        if source.join is None or source.join.args.get("on") is None:
            return None
        # 1.
        edit = as_exists(scope, source, query)
        return Fix("ask with EXISTS", (edit,), Safety.CHANGES_RESULTS) if edit is not None else None


def _joined_by(join: exp.Join, source: Source, scope: Scope, query: Query) -> set[str]:
    """Return the source's columns that the join equates; nothing if it says anything else."""
    on = join.args.get("on")
    if on is None:
        shared = scope.shared.get(id(join))
        return set(shared.names) if shared is not None else set()
    found = [equality(one, scope, query) for one in conjuncts(on)]
    if any(one is None or source not in (one.left, one.right) for one in found):
        return set()
    return {one.other if one.right is source else one.name for one in found if one is not None}


def _unused(source: Source, scope: Scope, query: Query) -> bool:
    """Whether nothing but join and filter conditions reads the source."""
    if query.reads.of(source).whole or scope.stars:
        return False
    quiet: set[int] = {id(source.join)}  # USING names the key
    parts = [source.join.args.get("on")] if source.join is not None else []
    # A filter on it alone asks about the partner, too.
    parts += [one.node for one in conditions(scope, query) if one.join is None and one.owners == (source,)]
    for part in parts:
        if part is not None:
            quiet.update(id(column) for column in part.find_all(exp.Column))
    return all(id(one.node) in quiet for one in query.reads.of(source).places)


def _once(source: Source, columns: set[str], query: Query) -> bool:
    found, _ = keys(source, query)
    return any(key <= columns for key in found)


def _repeats(source: Source, columns: set[str], query: Query) -> bool:
    """Whether the source is known to repeat the columns; of a subquery, whether the table that it filters does."""
    if source.inner is None:
        count = repeats(source, columns, query)
        return count is not None and count > 1
    inner = source.inner
    return not inner.branches and len(inner.sources) == 1 and not _folded(inner)


def _folded(scope: Scope) -> bool:
    """Whether a subquery gives each value once, or so it seems."""
    return bool(scope.node.args.get("group") or scope.node.args.get("distinct"))
