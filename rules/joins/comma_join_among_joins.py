"""A comma in a FROM clause that also has JOINs.

A clause of commas alone is a matter of style, and is left alone.

**Why** JOIN binds tighter than the comma: in `a, b JOIN c ON ...` the condition can't name `a`, and the join of `b` and
`c` stands on its own. What ties `a` to them hides in WHERE, where a forgotten condition makes a cartesian product.

**Valid when**
1. A condition in WHERE ties the table after the comma to the tables before it, by tables before it and itself alone.
2. All later joins are inner, cross or LEFT joins with a condition whose columns are all qualified.

**Bad**
```sql
-- catalog: postgres
SELECT u.user_id FROM users u, orders o JOIN rates r ON r.d = o.order_date WHERE u.user_id = o.user_id
```
```sql
-- catalog: postgres
SELECT u.user_id FROM users u JOIN tiny t ON t.email = u.email, orders o
WHERE o.status = 'paid' AND u.user_id = o.user_id AND t.name <> 'x'
```

**Fixed**
```sql
-- catalog: postgres
SELECT u.user_id FROM users u JOIN orders o ON u.user_id = o.user_id JOIN rates r ON r.d = o.order_date
```
```sql
-- catalog: postgres
SELECT u.user_id FROM users u JOIN tiny t ON t.email = u.email JOIN orders o ON u.user_id = o.user_id
WHERE o.status = 'paid' AND t.name <> 'x'
```

**Good**
```sql
-- catalog: postgres
SELECT u.user_id FROM users u JOIN orders o ON u.user_id = o.user_id JOIN rates r ON r.d = o.order_date
```
```sql
-- catalog: postgres
-- Commas alone.
SELECT u.user_id FROM users u, orders o WHERE u.user_id = o.user_id
```
```sql
-- dialect: bigquery
-- The comma stands before an array of the row.
SELECT u.id, c FROM t AS u JOIN v ON v.id = u.id, UNNEST(u.clicks) AS c
```
```sql
-- dialect: snowflake
SELECT r.id, f.value FROM RAW r JOIN RATES x ON x.ts = r.load_date, LATERAL FLATTEN(input => r.payload) f
```

**Sources** https://www.postgresql.org/docs/current/queries-table-expressions.html (checked 2026-11-23): JOIN binds more
tightly than comma.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query import ScopeKind, SourceKind
from sqlopt.query.bind.nodes import conjuncts
from sqlopt.rules import Context, Edit, Fix, Hit, Related, Rule, Safety, Severity
from sqlopt.span import Span

from ._links import owners, selects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query, Scope, Source


class CommaJoinAmongJoins(Rule):
    id = "JON013"
    severity = Severity.WARNING
    match = "statement"

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        del context
        for scope in selects(target):
            tables = [one for one in scope.sources.values() if _is_table(one)]
            joined = [one for one in tables if one.join is not None]
            unmarked = [one for one in joined if _unmarked(one.join)]
            if not unmarked or len(unmarked) == len(joined):
                continue  # before the text is asked for, which costs more
            commas = [one for one in unmarked if _comma(one, target)]
            if not commas:
                continue
            one = commas[0]
            places = [target.span(each.join) for each in commas if each.join is not None]
            yield Hit(
                Span(places[0].start, places[0].start + 1),
                f"a comma among JOINs binds looser than they do: write JOIN {one.name} ON ...",
                related=tuple(
                    Related(Span(each.start, each.start + 1), "another one") for each in places[1:]
                ),
                data=(scope, one),
            )

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        scope, source = hit.data
        query = context.query
        where = scope.node.args.get("where")
        sources = list(scope.sources.values())
        before = sources[: sources.index(source)]
        # 2.
        if where is None or not all(_harmless(one, query) for one in sources[sources.index(source) + 1 :]):
            return None
        parts = list(conjuncts(where.this))
        moved = [one for one in parts if _ties(one, source, before, scope, query)]
        # 1.
        if not moved:
            return None
        join = query.span(source.join)
        start = len(query.source[: join.start].rstrip())
        gap = Span(start, query.span(source.node).start)
        condition = " AND ".join(query.text(one) for one in moved)
        edits = [Edit(gap, " JOIN "), Edit(Span(join.end, join.end), f" ON {condition}")]
        edits += _without(moved, parts, where, query)
        if any("--" in one.span.of(query.source) or "/*" in one.span.of(query.source) for one in edits):
            return None
        return Fix("write the join out", tuple(edits), Safety.EXACT)


def _is_table(source: Source) -> bool:
    lateral = isinstance(source.node, (exp.Lateral, exp.Unnest)) or isinstance(
        source.node.parent, exp.Lateral
    )
    return source.kind in (SourceKind.TABLE, SourceKind.QUERY) and not lateral


def _unmarked(join: exp.Join | None) -> bool:
    """Whether a join may have been written as a comma."""
    return join is not None and not any(
        join.args.get(one) for one in ("side", "kind", "method", "on", "using")
    )


def _comma(source: Source, query: Query) -> bool:
    return source.join is not None and query.text(source.join).startswith(",")


def _harmless(source: Source, query: Query) -> bool:
    """Whether it is the same if the tables before the comma are joined first."""
    join = source.join
    if join is None or join.args.get("using") or join.method:
        return False
    if (join.side or "").upper() not in ("", "LEFT") or (join.kind or "").upper() not in (
        "",
        "INNER",
        "CROSS",
        "OUTER",
    ):
        return False
    on = join.args.get("on")
    if on is None:
        return (join.kind or "").upper() == "CROSS" or _comma(source, query)
    return all(column.args.get("table") for column in on.find_all(exp.Column)) and on.find(exp.Query) is None


def _ties(node: exp.Expr, source: Source, before: list[Source], scope: Scope, query: Query) -> bool:
    found = owners(node, scope, query)
    if node.find(exp.Query) is not None or len(found) < 2 or not any(one is source for one in found):  # noqa: PLR2004
        return False
    if any(
        (binding := query.binding(x)) is None or binding.source is None for x in node.find_all(exp.Column)
    ):
        return False
    return scope.kind is not ScopeKind.DML and all(one is source or one in before for one in found)


def _without(moved: list[exp.Expr], parts: list[exp.Expr], where: exp.Expr, query: Query) -> Iterator[Edit]:
    """Yield the edits that take conjuncts out of WHERE."""
    if len(moved) == len(parts):
        span = query.span(where)
        yield Edit(Span(len(query.source[: span.start].rstrip()), span.end), "")
        return
    gone = {id(one) for one in moved}
    spans = [(query.span(one), id(one) in gone) for one in parts]
    for place, (span, drop) in enumerate(spans):
        if not drop:
            continue
        if place + 1 < len(spans):
            yield Edit(Span(span.start, spans[place + 1][0].start), "")
        else:
            kept = next(i for i in range(place, -1, -1) if not spans[i][1])
            yield Edit(Span(spans[kept][0].end, span.end), "")
