"""A table is joined that gives no column and can't change which rows there are.

**Why** The engine reads the table and matches every row for nothing, unless it finds out by itself: PostgreSQL and
DuckDB drop such outer joins, most warehouses know of no key that would allow it.

**Valid when**
1. No column of the joined table is read but in the join's own condition, and no star gives them out.
2. Equalities of its condition, in ON or USING, cover a key of the joined table: at most one partner.
3. It is a LEFT JOIN; or an inner one of nothing but equalities of columns which are a foreign key to that key, none of
   them NULL: exactly one.
4. The keys are enforced, or a test stands behind them; else the fix needs that fact.
5. The join is written out in one piece without a comment in it, not in parentheses, and nothing is joined through
   the table.

**Bad**
```sql
-- catalog: postgres
SELECT o.order_id, o.amount FROM orders o LEFT JOIN users u ON u.user_id = o.user_id
```
```sql
-- catalog: postgres
SELECT o.order_id, o.amount FROM orders o LEFT JOIN users u USING (user_id)
```
```sql
-- catalog: postgres
SELECT o.order_id, o.user_id FROM orders o LEFT JOIN users u ON u.user_id = o.user_id AND u.country = 'NL'
WHERE o.amount > 5
```

**Fixed**
```sql
-- catalog: postgres
SELECT o.order_id, o.amount FROM orders o
```
```sql
-- catalog: postgres
SELECT o.order_id, o.amount FROM orders o
```
```sql
-- catalog: postgres
SELECT o.order_id, o.user_id FROM orders o
WHERE o.amount > 5
```

**Good**
```sql
-- catalog: postgres
SELECT o.order_id, u.country FROM orders o LEFT JOIN users u ON u.user_id = o.user_id
```
```sql
-- catalog: postgres
SELECT o.order_id FROM orders o JOIN users u ON u.user_id = o.user_id
```
```sql
-- catalog: postgres
SELECT u.user_id FROM users u LEFT JOIN orders o ON o.user_id = u.user_id
```
```sql
-- catalog: postgres
SELECT * FROM orders o LEFT JOIN users u ON u.user_id = o.user_id
```
```sql
-- catalog: postgres
-- A condition of an inner join chooses rows.
SELECT o.order_id FROM orders o JOIN users u ON u.user_id = o.user_id AND u.country = 'NL'
```
```sql
-- catalog: postgres
SELECT user_id FROM orders o FULL JOIN users u USING (user_id)
```

**Sources** https://www.postgresql.org/docs/current/explicit-joins.html and
https://docs.snowflake.com/en/user-guide/join-elimination (checked 2026-11-23): a join on a key that nothing else
reads from is redundant; Snowflake drops it only where the key is declared RELY.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.nodes import conjuncts
from sqlopt.rules import Context, Edit, Fix, Hit, Related, Rule, Safety, Severity
from sqlopt.span import Span

from ._links import Equality, equality, keys, selects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.cost.estimate import Estimate
    from sqlopt.query import Query
    from sqlopt.query.bind.model import Scope, Source


class UnnecessaryJoin(Rule):
    id = "JON007"
    absence = True
    severity = Severity.WARNING
    match = "statement"

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        for scope in selects(target):
            for source in scope.sources.values():
                join = source.join
                if join is None or join.method or not _alone(source, target):
                    continue
                # 2.
                found, sure = keys(source, target)
                columns = _found_by(join, source, scope, target)
                if not any(key and key <= columns for key in found):
                    continue
                # 3.
                side, kind = (join.side or "").upper(), (join.kind or "").upper()
                if kind in ("SEMI", "ANTI", "ASOF") or side not in ("", "LEFT"):
                    continue
                if side == "":
                    edges = _edges(join, source, scope, target)
                    if edges is None or not _always_one(edges, source, target):
                        continue
                saving, evidence = _price(source, target, context)
                yield Hit(
                    target.span(source.node),
                    f"{source.name} gives no column and changes no row: the join does nothing",
                    saving,
                    severity=None if sure else Severity.INFO,
                    related=(Related(target.span(join), "the join"),),
                    evidence=evidence,
                    data=(join, sure),
                )

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        join, sure = hit.data
        query = context.query
        span = query.span(join)
        text = span.of(query.source)
        start = span.start
        while start > 0 and query.source[start - 1].isspace():
            start -= 1
        # 5.
        if not isinstance(join.parent, exp.Select) or "--" in text or "/*" in text:
            return None
        if not text.lstrip().upper().startswith(("LEFT", "JOIN", "INNER")) or query.source[
            :start
        ].rstrip().endswith(","):
            return None
        if "--" in query.source[query.source.rfind("\n", 0, start) + 1 : start]:
            return None
        # 4.
        safety = Safety.EXACT if sure else Safety.NEEDS_FACTS
        return Fix("leave the join out", (Edit(Span(start, span.end), ""),), safety)


def _alone(source: Source, query: Query) -> bool:
    """Whether nothing but the join's own condition reads the source."""
    # 1.
    join = source.join
    read = query.reads.of(source)
    if read.whole or source.pivoted:
        return False
    on = join.args.get("on") if join is not None else None
    inside = {id(one) for one in on.find_all(exp.Column)} if on is not None else set()
    return all(id(one.node) in inside or one.node is join for one in read.places)


def _found_by(join: exp.Join, source: Source, scope: Scope, query: Query) -> set[str]:
    """Return the source's columns that the join makes equal to what stands before it."""
    sources = list(scope.sources.values())
    before = sources[: sources.index(source)]
    return {name for at, name in query.facts.equated(join, source, before) if at == id(source)}


def _edges(join: exp.Join, source: Source, scope: Scope, query: Query) -> list[Equality] | None:
    on = join.args.get("on")
    if on is None:
        merged = query.facts.merged(scope)
        shared = [Equality(left, name, source, name, join) for own, left, _, name in merged if own is join]
        return shared if len(shared) == len(join.args.get("using") or ()) else None
    found = [equality(one, scope, query) for one in conjuncts(on)]
    edges = [one for one in found if one is not None and isinstance(one.node, exp.EQ)]
    return (
        edges if len(edges) == len(found) and all(source in (one.left, one.right) for one in edges) else None
    )


def _own(edge: Equality, source: Source) -> tuple[str, Source, str]:
    """Return the source's column, and the other side's source and column."""
    if edge.right is source:
        return edge.other, edge.left, edge.name
    return edge.name, edge.right, edge.other


def _always_one(edges: list[Equality], source: Source, query: Query) -> bool:
    """Whether a foreign key, enforced and never NULL, gives each row of the other side exactly one partner."""
    pairs = {_own(one, source)[0]: (_own(one, source)[1], _own(one, source)[2]) for one in edges}
    others = {id(other) for other, _ in pairs.values()}
    if len(others) != 1 or source.table is None or source.inner is not None:
        return False
    other = next(iter(pairs.values()))[0]
    if other.table is None or other.nullable:
        return False
    if any(query.facts.source_not_null(other, name) is not True for _, name in pairs.values()):
        return False
    where = source.table.name.casefold()
    for key in other.table.foreign_keys:
        enforced = key.enforced if key.enforced is not None else other.table.enforced
        referred = query.catalog.table(key.references)
        if enforced is False or referred is None or referred.name.casefold() != where:
            continue
        if enforced is None and query.dialect not in ("postgres", "duckdb"):
            continue
        mapped = {to.casefold(): column.casefold() for column, to in zip(key.columns, key.to, strict=True)}
        if mapped == {name: column for name, (_, column) in pairs.items()}:
            return True
    return False


def _price(
    source: Source, query: Query, context: Context
) -> tuple[Estimate | None, tuple[tuple[str, str], ...]]:
    scan = next((one for one in query.scans if one.source is source), None)
    return context.price(scan, 0.0) if scan is not None else (None, ())
