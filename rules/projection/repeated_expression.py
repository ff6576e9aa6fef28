"""The same regular expression, JSON parse or user function is written several times in one query.

**Why** Most engines find common subexpressions, but not through every function, and a reader has to compare
them letter by letter. A name computes it once.

**Valid when**
1. The engine knows an item's alias in the rest of the same SELECT list: Snowflake, Databricks, Redshift, DuckDB.
2. The expression is an item with an alias, which nothing else has as its name: no column of the tables read, no
   table, item, parameter or word of the engine; it reads nothing from outside. The others stand in items behind it,
   not in an aggregate or a window. No table read has columns that are not known.
3. It answers the same each time: user functions are left alone.

Elsewhere a CTE gives it a name.

**Bad**
```sql
-- catalog: snowflake
SELECT REGEXP_SUBSTR(ua, '[0-9]+') AS n, CASE WHEN REGEXP_SUBSTR(ua, '[0-9]+') = '1' THEN 'a' END AS kind
FROM EVENTS WHERE event_date = '2026-01-01'
```
```sql
-- catalog: snowflake
SELECT CASE WHEN REGEXP_SUBSTR(ua, '[0-9]+') = '1' THEN 'a' WHEN REGEXP_SUBSTR(ua, '[0-9]+') = '2' THEN 'b' END,
  REGEXP_SUBSTR(ua, '[0-9]+')
FROM EVENTS WHERE event_date = '2026-01-01'
```
```sql
-- catalog: snowflake
SELECT PARSE_JSON(ua):browser.name AS browser, PARSE_JSON(ua):device AS device FROM EVENTS
WHERE event_date = '2026-01-01'
```

**Fixed**
```sql
-- catalog: snowflake
SELECT REGEXP_SUBSTR(ua, '[0-9]+') AS n, CASE WHEN n = '1' THEN 'a' END AS kind
FROM EVENTS WHERE event_date = '2026-01-01'
```

**Good**
```sql
-- catalog: snowflake
SELECT REGEXP_SUBSTR(ua, '[0-9]+') AS n, CASE WHEN n = '1' THEN 'a' WHEN n = '2' THEN 'b' END
FROM EVENTS WHERE event_date = '2026-01-01'
```
```sql
-- catalog: snowflake
SELECT REGEXP_SUBSTR(ua, '[0-9]+') AS n, COUNT(*) FROM EVENTS WHERE event_date = '2026-01-01'
GROUP BY REGEXP_SUBSTR(ua, '[0-9]+')
```
```sql
-- catalog: snowflake
SELECT REGEXP_SUBSTR(ua, '[0-9]+'), REGEXP_SUBSTR(ua, '[a-z]+') FROM EVENTS WHERE event_date = '2026-01-01'
```

**Sources** https://cloud.google.com/bigquery/docs/best-practices-performance-compute (checked 2026-11-23): do
not transform the same data repeatedly. Which engine computes it once is documented nowhere: information.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp, parse_one

from sqlopt.query import BoundTo
from sqlopt.query.bind.columns import PSEUDO
from sqlopt.rules import Context, Edit, Fix, Hit, Related, Rule, Safety, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query, Scope

_HEAVY = (
    exp.RegexpExtract, exp.RegexpExtractAll, exp.RegexpReplace, exp.RegexpSplit, exp.RegexpCount, exp.ParseJSON,
    exp.Anonymous,
)  # fmt: skip
_PATHS = (exp.JSONExtract, exp.JSONExtractScalar, exp.RegexpLike)
_VOLATILE = {
    "random",
    "rand",
    "uuid_string",
    "nextval",
    "seq4",
    "seq8",
    "uniform",
    "randstr",
    "gen_random_uuid",
}


# https://docs.snowflake.com/en/sql-reference/sql/select,
# https://docs.databricks.com/sql/language-manual/sql-ref-name-resolution.html (lateral column aliases),
# https://docs.aws.amazon.com/redshift/latest/dg/r_SELECT_list.html,
# https://duckdb.org/docs/stable/sql/query_syntax/select (checked 2026-11-23).
_ALIASES = frozenset({"snowflake", "databricks", "redshift", "duckdb"})


class RepeatedExpression(Rule):
    id = "SCN013"
    severity = Severity.INFO
    match = "statement"
    options = {"times": 2, "path_times": 3}  # noqa: RUF012 - a JSON path is cheaper than a regular expression

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        found: dict[tuple[int, str], list[exp.Expr]] = {}
        for node in target.nodes(*_HEAVY, *_PATHS):
            if node.find(exp.Column) is None or _grouped(node) or node.name.casefold() in _VOLATILE:
                continue
            if isinstance(node, _PATHS) and isinstance(node.parent, _PATHS):
                continue  # a longer path tells the same
            scope = target.scope_of(node)
            found.setdefault((id(scope), target.text(node)), []).append(node)
        for nodes in found.values():
            first = nodes[0]
            least = context.options["path_times" if isinstance(first, _PATHS) else "times"]
            if len(nodes) < least:
                continue
            spans = sorted(target.span(node) for node in nodes)
            yield Hit(
                spans[0],
                f"{spans[0].of(target.source)} is written {len(nodes)} times in this query; give it a name once",
                related=tuple(Related(span, "again") for span in spans[1:]),
                evidence=(("times", str(len(nodes))),),
                data=nodes,
            )

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        query, nodes = context.query, hit.data
        scope = query.scope_of(nodes[0])
        # 1.
        if context.dialect not in _ALIASES or scope is None or not isinstance(scope.node, exp.Select):
            return None
        items = scope.node.expressions
        # 2. and 3.
        place = next(
            (i for i, one in enumerate(items) if isinstance(one, exp.Alias) and one.this in nodes), None
        )
        if place is None or any(isinstance(one, exp.Anonymous) for one in nodes):
            return None
        name = items[place].args["alias"]
        sources = scope.sources.values()
        if any(one.open or name.name.casefold() in one.columns for one in sources) or name.args.get("quoted"):
            return None
        if not _only_name(name, items[place], scope, query):
            return None
        others = [one for one in nodes if one is not items[place].this]
        if not all(_behind(one, items, place) for one in others):
            return None
        edits = tuple(Edit(query.span(one), query.text(name)) for one in others)
        return Fix(f"refer to it as {name.name}", edits, Safety.EXACT)


def _only_name(name: exp.Expr, item: exp.Expr, scope: Scope, query: Query) -> bool:
    """Whether a bare alias can't be anything but its item: another item's, a table's, a parameter's, the engine's."""
    text = name.name.casefold()
    columns = [query.binding(one) for one in item.find_all(exp.Column)]
    if any(one is None or one.outer for one in columns) or text in PSEUDO.get(query.dialect, ()):
        return False
    if not isinstance(parse_one(name.name, read=query.dialect), exp.Column):
        return False
    for one in scope.node.find_all(exp.Identifier):
        if one is name or one.name.casefold() != text:
            continue
        binding = query.binding(one.parent) if one.parent is not None else None
        if binding is None or binding.to is not BoundTo.ALIAS or binding.expr is not item.this:
            return False
    return True


def _behind(node: exp.Expr, items: list[exp.Expr], place: int) -> bool:
    """Whether a node stands in an item behind ``place``, outside of aggregates, windows and subqueries."""
    up = node
    while up.parent is not None and not isinstance(up.parent, exp.Select):
        up = up.parent
        if isinstance(up, (exp.AggFunc, exp.Window, exp.Query)):
            return False
    return any(up is one for one in items[place + 1 :])


def _grouped(node: exp.Expr) -> bool:
    """Whether it stands in GROUP BY or ORDER BY, which repeat the select list by their nature."""
    up = node.parent
    while up is not None and not isinstance(up, exp.Select):
        if isinstance(up, (exp.Group, exp.Order)):
            return True
        up = up.parent
    return False
