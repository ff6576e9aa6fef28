"""The same table is joined twice by the same key: both joins find the same row.

**Why** The table is read and joined twice, for a row that is there already.

**Valid when**
1. The joined columns are a key of the table that the engine, or a test, keeps; where the table is joined to itself
   they are never NULL.
2. Both joins are inner ones with the same partner, or both LEFT with the same condition.
3. The second join has no condition but the key's, and all its columns are qualified by its name.

**Bad**
```sql
-- catalog: postgres
SELECT u1.country, u2.name FROM orders o JOIN users u1 ON u1.user_id = o.user_id JOIN users u2 ON u2.user_id = o.user_id
```
```sql
-- catalog: postgres
SELECT a.country, b.name FROM orders o LEFT JOIN users a ON a.user_id = o.user_id
LEFT JOIN users b ON b.user_id = o.user_id WHERE o.status = 'paid'
```
```sql
-- catalog: postgres
SELECT u2.country FROM users u1 JOIN users u2 ON u2.user_id = u1.user_id WHERE u1.country = 'NL'
```

**Fixed**
```sql
-- catalog: postgres
SELECT u1.country, u1.name FROM orders o JOIN users u1 ON u1.user_id = o.user_id
```
```sql
-- catalog: postgres
SELECT a.country, a.name FROM orders o LEFT JOIN users a ON a.user_id = o.user_id WHERE o.status = 'paid'
```
```sql
-- catalog: postgres
SELECT u1.country FROM users u1 WHERE u1.country = 'NL'
```

**Good**
```sql
-- catalog: postgres
-- Two roles: the keys differ.
SELECT u1.country, u2.country FROM orders o JOIN users u1 ON u1.user_id = o.user_id
JOIN users u2 ON u2.user_id = o.approver_id
```
```sql
-- catalog: postgres
-- user_id is no key of orders.
SELECT a.amount, b.amount FROM users u JOIN orders a ON a.user_id = u.user_id JOIN orders b ON b.user_id = u.user_id
```
```sql
-- catalog: postgres
-- Each LEFT JOIN finds another part of the rows.
SELECT a.name, b.name FROM orders o LEFT JOIN users a ON a.user_id = o.user_id AND a.country = 'NL'
LEFT JOIN users b ON b.user_id = o.user_id AND b.country = 'BE'
```

PostgreSQL 18 leaves the second join out by itself (enable_self_join_elimination, run 2026-12-01).

**Sources** It follows from what a key is; PostgreSQL enforces keys:
https://www.postgresql.org/docs/current/ddl-constraints.html (checked 2026-11-23).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlglot import exp

from sqlopt.query.bind.nodes import conjuncts
from sqlopt.rules import Context, Edit, Fix, Hit, Related, Rule, Safety, Severity
from sqlopt.span import Span

from ._links import INNER, equalities, equality, keys, selects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query, Scope, Source

Place = tuple[int, str]


class _Twice(NamedTuple):
    first: Source
    second: Source
    key: frozenset[str]
    enforced: bool


class SameTableJoinedTwice(Rule):
    id = "JON018"
    severity = Severity.WARNING
    match = "statement"

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        for scope in selects(target):
            for one in _twice(scope, target):
                scan = next((each for each in target.scans if each.source is one.second), None)
                saving, evidence = context.price(scan) if scan is not None else (None, ())
                yield Hit(
                    target.span(one.second.node),
                    f"{one.second.name} is the same row of {one.second.table_name} as {one.first.name}: "
                    "join it once",
                    saving,
                    severity=None if one.enforced else Severity.INFO,
                    related=(Related(target.span(one.first.node), "joined here already"),),
                    evidence=evidence,
                    data=one,
                )

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        one, query = hit.data, context.query
        join = one.second.join
        # 3.
        alone = join is None or not isinstance(join.parent, exp.Select)
        if alone or not query.reads.of(one.second).plain or not _only_key(one, query):
            return None
        span = query.span(join)
        before = query.source[: span.start].rstrip()
        edits = [Edit(Span(len(before), span.end), "")]
        if "--" in edits[0].span.of(query.source) or "/*" in edits[0].span.of(query.source):
            return None
        inside = {id(node) for node in join.walk()}
        name = one.first.node.args["alias"].this if one.first.node.args.get("alias") else one.first.node.this
        for column in query.nodes(exp.Column):
            binding = query.binding(column)
            if binding is None or binding.source is not one.second or id(column) in inside:
                continue
            qualifier = column.args.get("table")
            if qualifier is None or column.args.get("db"):
                return None
            edits.append(Edit(query.span(qualifier), query.text(name)))
        # 1. and 2. are the guard's; a key that nothing keeps is a fact to be checked.
        safety = Safety.EXACT if one.enforced else Safety.NEEDS_FACTS
        return Fix("join it once", tuple(edits), safety)


def _twice(scope: Scope, query: Query) -> Iterator[_Twice]:
    sources = [one for one in scope.sources.values() if one.table is not None and not one.pivoted]
    partners = _partners(scope, query)
    for place, second in enumerate(sources):
        for first in sources[:place]:
            if first.table is not second.table or not _alike(first, second):
                continue
            found, enforced = keys(second, query)
            # 1.
            key = next((each for each in found if each and _same(first, second, each, partners, query)), None)
            if key is not None and _conditions_alike(first, second, key, query):
                yield _Twice(first, second, key, enforced)
                break


def _partners(scope: Scope, query: Query) -> dict[Place, set[Place]]:
    found: dict[Place, set[Place]] = {}
    for one in equalities(scope, query):
        if isinstance(one.node, exp.NullSafeEQ):
            continue
        left, right = (id(one.left), one.name), (id(one.right), one.other)
        found.setdefault(left, set()).add(right)
        found.setdefault(right, set()).add(left)
    return found


def _same(
    first: Source, second: Source, key: frozenset[str], partners: dict[Place, set[Place]], query: Query
) -> bool:
    for name in key:
        one, other = (id(first), name), (id(second), name)
        # A row whose key is NULL does not find itself.
        direct = one in partners.get(other, ()) and query.facts.source_not_null(first, name) is True
        if not direct and not partners.get(one, set()) & partners.get(other, set()):
            return False
    return True


def _side(source: Source) -> str:
    return (source.join.side or "").upper() if source.join is not None else ""


def _alike(first: Source, second: Source) -> bool:
    # 2.
    kinds = {(one.join.kind or "").upper() for one in (first, second) if one.join is not None}
    if second.join is None or not kinds <= set(INNER) | {"OUTER"}:
        return False
    if any(one.node.args.get(arg) for one in (first, second) for arg in ("sample", "version", "when")):
        return False
    side = _side(second)
    return side in ("", "LEFT") and (side == _side(first) or side == "") and first.nullable == second.nullable


def _conditions_alike(first: Source, second: Source, key: frozenset[str], query: Query) -> bool:
    """Whether LEFT JOINs have no condition but the key's; inner ones may have any."""
    if _side(second) != "LEFT":
        return True
    return all(_key_only(one, key, query) for one in (first, second))


def _only_key(one: _Twice, query: Query) -> bool:
    return _key_only(one.second, one.key, query)


def _key_only(source: Source, key: frozenset[str], query: Query) -> bool:
    on = source.join.args.get("on") if source.join is not None else None
    if on is None:
        return False
    for node in conjuncts(on):
        found = equality(node, source.scope, query)
        if found is None:
            return False
        name = found.name if found.left is source else found.other if found.right is source else None
        if name not in key:
            return False
    return True
