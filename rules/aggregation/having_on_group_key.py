"""HAVING filters by a group's key: after all rows were grouped.

**Why** WHERE throws the rows away before they are hashed or sorted into groups, can use an index and can skip
partitions. HAVING is for what only a finished group knows.

**Valid when**
1. The query has a GROUP BY of plain keys, no ROLLUP, CUBE or GROUPING SETS, and some key is given.
2. The condition stands by itself among those that AND connects, and reads nothing but keys: no aggregate, window,
   subquery or function of chance, and no name that is a column and an alias of something else.
3. No comment stands in or beside the clauses that are edited.

**Bad**
```sql
-- catalog: snowflake
SELECT country, COUNT(*) FROM USERS GROUP BY country HAVING country = 'NL'
```
```sql
-- catalog: snowflake
SELECT country, COUNT(*) FROM USERS WHERE signup_date > DATE '2026-01-01'
GROUP BY country HAVING COUNT(*) > 10 AND country <> 'NL'
```

**Fixed**
```sql
-- catalog: snowflake
SELECT country, COUNT(*) FROM USERS WHERE country = 'NL' GROUP BY country
```
```sql
-- catalog: snowflake
SELECT country, COUNT(*) FROM USERS WHERE signup_date > DATE '2026-01-01' AND country <> 'NL'
GROUP BY country HAVING COUNT(*) > 10
```

**Good**
```sql
-- catalog: snowflake
SELECT country, COUNT(*) FROM USERS GROUP BY country HAVING COUNT(*) > 10
```
```sql
-- catalog: snowflake
SELECT country, COUNT(*) FROM USERS GROUP BY ROLLUP (country) HAVING country = 'NL'
```
```sql
-- catalog: snowflake
SELECT country, COUNT(*) FROM USERS GROUP BY country HAVING country = 'NL' OR COUNT(*) > 10
```
```sql
-- catalog: snowflake
SELECT COUNT(*) FROM USERS HAVING COUNT(*) > 10
```

DuckDB and PostgreSQL drop the rows early by themselves (docs/savings.md): nothing is said there.

**Sources** https://www.postgresql.org/docs/current/tutorial-agg.html (checked 2026-11-23): WHERE selects the rows that
go into the groups, HAVING the groups; a condition without an aggregate is more efficient in WHERE.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query import BoundTo
from sqlopt.query.bind.nodes import conjuncts
from sqlopt.query.values.volatility import chance
from sqlopt.rules import Context, Edit, Fix, Hit, Related, Rule, Safety, Severity
from sqlopt.rules.wording import has_comment, like
from sqlopt.span import Span

from ._groups import bare, clause, plain_group, selects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query, Scope


class HavingOnGroupKey(Rule):
    id = "AGG007"
    severity = Severity.WARNING
    unprofitable = frozenset({"duckdb", "postgres"})
    match = "statement"

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        del context
        for scope in selects(target):
            having = scope.node.args.get("having")
            # 1.
            if having is None or not plain_group(scope):
                continue
            parts = list(conjuncts(having.this))
            movable = [one for one in parts if _of_keys(one, scope, target)]
            if not movable:
                continue
            group = target.span(scope.node.args["group"])
            yield Hit(
                target.span(movable[0]),
                "this asks nothing but a group's key: WHERE would drop the rows before they are grouped",
                related=(
                    Related(group, "the keys"),
                    *(Related(target.span(one), "so does this") for one in movable[1:]),
                ),
                data=(scope, parts, movable),
            )

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        scope, parts, movable = hit.data
        query, node = context.query, scope.node
        having, where = node.args["having"], node.args.get("where")
        cut = clause(query, having)
        moved = [_text(one, query) for one in movable]
        # 3.
        if cut is None or any(one is None or has_comment(one) for one in moved):
            return None
        word = having_word = query.text(having)[:6]
        kept = [query.text(one) for one in parts if one not in movable]
        left = ""
        if kept:
            left = query.source[cut.start : query.span(having).start] + f"{word} " + " AND ".join(kept)
        condition = " AND ".join(one for one in moved if one is not None)
        if where is not None:
            span = query.span(where.this)
            text = span.of(query.source)
            if clause(query, where) is None:
                return None
            first = f"({text})" if isinstance(where.this, (exp.Or, exp.Xor)) else text
            edit = Edit(span, f"{first} {like('AND', having_word)} {condition}")
        else:
            group = clause(query, node.args["group"])
            if group is None:
                return None
            edit = Edit(Span(group.start, group.start), f" {like('WHERE', having_word)} {condition}")
        return Fix("move it to WHERE", (edit, Edit(cut, left)), Safety.EXACT)


def _of_keys(node: exp.Expr, scope: Scope, query: Query) -> bool:
    """Whether a condition reads keys of the scope's groups, at least one, and nothing else."""
    # 2.
    if node.find(exp.AggFunc, exp.Window, exp.Query, exp.Anonymous, exp.AnonymousAggFunc) or chance(node):
        return False
    if any(_means_two(column, scope) for column in node.find_all(exp.Column)):
        return False
    group = scope.node.args["group"]
    found = False
    covered: set[int] = set()
    for part in node.walk(bfs=False):
        if id(part) in covered:
            continue
        if not isinstance(part, (exp.Column, exp.Literal)) and any(
            part == bare(key) for key in group.expressions
        ):
            covered.update(id(one) for one in part.walk())
            found = True
            continue
        if not isinstance(part, exp.Column):
            continue
        binding = query.binding(part)
        if binding is None or binding.to is BoundTo.UNRESOLVED:
            return False
        if binding.to is BoundTo.VARIABLE or binding.outer:
            continue
        if not _is_key(part, scope, query):
            return False
        found = True
    return found


def _means_two(column: exp.Column, scope: Scope) -> bool:
    """Whether a bare name is a column and an alias of something else: engines differ in which HAVING means."""
    name = column.name.casefold()
    return not column.args.get("table") and any(
        isinstance(item, exp.Alias)
        and item.alias.casefold() == name
        and not (isinstance(item.this, exp.Column) and item.this.name.casefold() == name)
        and any(name in source.columns for source in scope.sources.values())
        for item in scope.node.expressions
    )


def _is_key(column: exp.Column, scope: Scope, query: Query) -> bool:
    binding = query.binding(column)
    group = scope.node.args["group"]
    if binding is None:
        return False
    if binding.to is BoundTo.ALIAS:
        expr = binding.expr
        if expr is None or expr.find(exp.AggFunc, exp.Window, exp.Query) is not None:
            return False
    else:
        expr = column
    if group.args.get("all"):
        return True
    for key in group.expressions:
        one = bare(key)
        if isinstance(one, exp.Literal) and not one.is_string and one.this.isdigit():
            place = int(one.this) - 1
            items = scope.node.expressions
            one = items[place].unalias() if 0 <= place < len(items) else one
        if one == expr or _same(one, column, query):
            return True
    return False


def _same(one: exp.Expr, other: exp.Expr, query: Query) -> bool:
    left, right = query.binding(one), query.binding(other)
    if left is None or right is None:
        return False
    if BoundTo.ALIAS in (left.to, right.to):
        return left.expr is not None and left.expr is right.expr
    return (
        left.source is not None
        and left.source is right.source
        and left.name == right.name
        and left.path == right.path
    )


def _text(node: exp.Expr, query: Query) -> str | None:
    """Return a condition's text as WHERE can hold it: an alias of the SELECT list gives way to what it names."""
    span = query.span(node)
    text = span.of(query.source)
    names = [
        (query.span(column), binding.expr)
        for column in node.find_all(exp.Column)
        if (binding := query.binding(column)) is not None and binding.to is BoundTo.ALIAS
    ]
    for place, expr in sorted(names, key=lambda one: one[0], reverse=True):
        if expr is None:
            return None
        inner = query.text(expr)
        inner = inner if isinstance(expr, (exp.Column, exp.Func, exp.Paren)) else f"({inner})"
        text = text[: place.start - span.start] + inner + text[place.end - span.start :]
    return f"({text})" if isinstance(node, (exp.Or, exp.Xor)) and not text.startswith("(") else text
