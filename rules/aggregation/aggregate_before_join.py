"""A large table is joined row by row, though only its totals by the join's key are used.

**Why** Every row of the fact table is carried through the join to be added up behind it. Added up by the key first,
one row a key is joined.

**Valid when**
1. The SELECT groups by columns of one other table, joined to the large one by equalities of plain columns, in an
   inner join written with ON; everything it computes of the large one is SUM, MIN, MAX or COUNT.
2. Each condition of WHERE speaks of one of the two tables alone.
3. The values added are whole or decimal numbers: floating point numbers add up differently in another order.
4. Statistics show at least ten rows a key; where they show less nothing is said, where there are none it is a hint
   without a fix.

**Bad**
```sql
-- catalog: bigquery
SELECT u.country, SUM(e.amount) FROM p.d.events AS e JOIN p.d.users AS u ON u.user_id = e.user_id
WHERE e.event_date = DATE '2026-01-01' GROUP BY u.country
```
```sql
-- catalog: snowflake
SELECT u.country, SUM(o.amount) AS amount, COUNT(*) AS orders FROM ORDERS o
JOIN USERS u ON u.user_id = o.user_id WHERE o.status = 'paid' AND u.signup_date > DATE '2026-01-01' GROUP BY u.country
```

**Good**
```sql
-- catalog: bigquery
SELECT u.country, SUM(e.a) FROM (
  SELECT user_id, SUM(amount) AS a FROM p.d.events WHERE event_date = DATE '2026-01-01' GROUP BY user_id) AS e
JOIN p.d.users AS u ON u.user_id = e.user_id GROUP BY u.country
```
```sql
-- catalog: snowflake
SELECT o.status, SUM(o.amount) FROM ORDERS o JOIN USERS u ON u.user_id = o.user_id GROUP BY o.status
```
```sql
-- catalog: snowflake
SELECT u.country, COUNT(DISTINCT o.email) FROM ORDERS o JOIN USERS u ON u.user_id = o.user_id GROUP BY u.country
```

DuckDB and PostgreSQL on one machine join faster than they group twice (docs/savings.md): nothing is said there.

**Sources** https://docs.cloud.google.com/bigquery/docs/best-practices-performance-compute (checked 2026-11-23): reduce
the data before a join, aggregate early where it makes the rows many fewer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlglot import exp

from sqlopt.query.bind.model import SourceKind
from sqlopt.query.bind.nodes import conjuncts
from sqlopt.query.values.calendar import family
from sqlopt.rules import Context, Edit, Fix, Hit, Related, Rule, Safety, Severity
from sqlopt.rules.wording import has_comment
from sqlopt.span import Span

from ._groups import bare, plain_group, selects, where_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from sqlopt.query import Query, Scope
    from sqlopt.query.bind.model import Source

_SPLIT = (exp.Sum, exp.Min, exp.Max, exp.Count)
_MORE = ("having", "qualify", "distinct", "windows", "laterals", "with_")


@dataclass(frozen=True, slots=True)
class _Star:
    """A large table joined to one other: the join, the large table's keys, what is computed of it."""

    scope: Scope
    fact: Source
    other: Source
    keys: tuple[str, ...]
    calls: tuple[exp.Expr, ...]


class AggregateBeforeJoin(Rule):
    id = "AGG016"
    severity = Severity.INFO
    unprofitable = frozenset({"duckdb", "postgres"})
    match = "statement"
    options: ClassVar[Mapping[str, Any]] = {"rows": 100_000, "reduction": 10}

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        for scope in selects(target):
            star = _star(scope, target)
            if star is None or star.fact.table is None:
                continue
            rows = star.fact.table.rows
            if rows is None or rows < context.options["rows"]:
                continue
            # 4.
            reduction = _reduction(star, rows)
            if reduction is not None and reduction < context.options["reduction"]:
                continue
            keys = ", ".join(star.keys)
            known = f": about {reduction:,.0f} rows a key" if reduction is not None else ""
            yield Hit(
                target.span(star.calls[0]),
                f"only totals of {star.fact.name} by {keys} are used: add them up before the join{known}",
                related=(Related(target.span(star.fact.node), "joined row by row"),),
                evidence=(
                    (
                        "rows a key",
                        f"{reduction:,.0f}" if reduction is not None else "unknown: no statistics",
                    ),
                ),
                data=(star, reduction),
            )

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        star, reduction = hit.data
        query, node = context.query, star.scope.node
        if reduction is None or any(node.args.get(one) for one in _MORE):
            return None
        # 3.
        if not all(_exact(call, star, query) for call in star.calls):
            return None
        where = node.args.get("where")
        parts = where_of(star.scope)
        # 2.
        mine = [one for one in parts if _owners(one, query) == {id(star.fact)}]
        rest = [one for one in parts if one not in mine]
        if any(_owners(one, query) - {id(star.other)} for one in rest):
            return None
        if has_comment(query.text(node)):
            return None
        edits = [_within(star, mine, query)]
        edits += [Edit(query.span(call), _outer(call, star)) for call in star.calls]
        if mine and where is not None:
            begin = query.span(where)
            kept = f"WHERE {' AND '.join(query.text(one) for one in rest)}" if rest else ""
            start = begin.start if rest else len(query.source[: begin.start].rstrip())
            edits.append(Edit(Span(start, begin.end), kept))
        return Fix("add up before the join", tuple(edits), Safety.EXACT)


def _star(scope: Scope, query: Query) -> _Star | None:
    # 1.
    if len(scope.sources) != 1 + 1 or not plain_group(scope) or query.flow.windows(scope) or scope.merged:
        return None
    pair = list(scope.sources.values())
    join = pair[1].join
    if join is None or join.side or join.method or (join.kind or "").upper() not in ("", "INNER"):
        return None
    calls = [one for one in query.nodes(exp.AggFunc) if query.scope_of(one) is scope]
    if not calls or not all(isinstance(one, _SPLIT) and not one.find(exp.Distinct) for one in calls):
        return None
    read = {owner for one in calls for owner in _owners(one, query)}
    facts = [one for one in pair if id(one) in read]
    if len(facts) != 1 or len(read) != 1:
        return None
    fact = facts[0]
    other = pair[0] if fact is pair[1] else pair[1]
    if fact.kind is not SourceKind.TABLE or fact.pivoted or query.reads.of(fact).whole:
        return None
    keys: list[str] = []
    for one in conjuncts(join.args.get("on")):
        name = _key(one, fact, other, query)
        if not name:
            return None
        keys.append(name)
    inside = {id(column) for one in calls for column in one.find_all(exp.Column)}
    inside |= {id(column) for one in where_of(scope) for column in one.find_all(exp.Column)}
    inside |= {id(column) for column in join.find_all(exp.Column)}
    if any(b.source is fact and key not in inside for key, b in query.bindings.items()) or not keys:
        return None
    return _Star(scope, fact, other, tuple(dict.fromkeys(keys)), tuple(calls))


def _key(node: exp.Expr, fact: Source, other: Source, query: Query) -> str:
    node = bare(node)
    if not isinstance(node, exp.EQ):
        return ""
    sides = [query.binding(one) for one in (node.this, node.expression)]
    for mine, its in (sides, sides[::-1]):
        if (
            mine is not None
            and its is not None
            and mine.source is fact
            and its.source is other
            and not mine.path
        ):
            return mine.name
    return ""


def _owners(node: exp.Expr, query: Query) -> set[int]:
    found = set()
    for column in node.find_all(exp.Column):
        binding = query.binding(column)
        found.add(id(binding.source) if binding is not None and binding.source is not None else 0)
    return found


def _reduction(star: _Star, rows: int) -> float | None:
    """Return the rows a key of the large table, by its distinct counts or by the size of the table it refers to."""
    most = 1.0
    for name in star.keys:
        column = star.fact.column(name)
        if column is None or not column.distinct:
            most = 0.0
            break
        most *= column.distinct
    return rows / min(most, rows) if most else None


def _exact(call: exp.Expr, star: _Star, query: Query) -> bool:
    if isinstance(call, exp.Count):
        return isinstance(call.this, (exp.Star, exp.Column))
    binding = query.binding(call.this)
    column = star.fact.column(binding.name) if binding is not None else None
    if column is None:
        return False
    return not isinstance(call, exp.Sum) or family(column.type or "", query.dialect) in ("integer", "decimal")


def _named(call: exp.Expr) -> str:
    counted = call.this.name if isinstance(call.this, exp.Column) else "rows"
    return f"{type(call).__name__.lower()}_{counted}".casefold()


def _outer(call: exp.Expr, star: _Star) -> str:
    name = "SUM" if isinstance(call, exp.Count) else type(call).__name__.upper()
    return f"{name}({star.fact.name}.{_named(call)})"


def _within(star: _Star, mine: list[exp.Expr], query: Query) -> Edit:
    """Return the edit that puts the grouped table in the place of the large one."""
    table = star.fact.node
    inner = {_named(call): f"{query.text(call)} AS {_named(call)}" for call in star.calls}
    columns = ", ".join([*star.keys, *inner.values()])
    where = f" WHERE {' AND '.join(query.text(one) for one in mine)}" if mine else ""
    text = f"(SELECT {columns} FROM {query.text(table)}{where} GROUP BY {', '.join(star.keys)}) AS {star.fact.name}"
    return Edit(query.span(table), text)
