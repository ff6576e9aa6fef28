"""A text search with a leading wildcard is the only filter on a big table.

**Why** The smallest and largest value of a block, and a B-tree, tell where texts begin with something.
What they end with or hold they don't tell: every row is read and compared.

**Valid when** No rewrite: the pattern is what is asked for. Another filter, such as a date, limits what is
read; so does an index made for substrings: search optimization `ON SUBSTRING(column)` in Snowflake, a
trigram index (pg_trgm) in PostgreSQL.

**Bad**
```sql
-- catalog: snowflake
SELECT user_id FROM USERS WHERE email LIKE '%@example.com'
```
```sql
-- catalog: snowflake
SELECT user_id FROM USERS WHERE CONTAINS(email, 'example')
```
```sql
-- catalog: snowflake
WITH u AS (SELECT user_id, LOWER(email) AS mail FROM USERS)
SELECT user_id FROM u WHERE mail ILIKE '%@example.com' OR mail LIKE '%@example.org'
```

**Good**
```sql
-- catalog: snowflake
SELECT user_id FROM USERS WHERE email LIKE 'jan%'
```
```sql
-- catalog: snowflake
SELECT user_id FROM EVENTS WHERE event_date = '2026-01-01' AND name LIKE '%jan%'
```
```sql
-- catalog: snowflake
SELECT user_id FROM USERS WHERE email_domain = 'example.com' AND email LIKE '%jan%'
```
```sql
-- catalog: snowflake
SELECT user_id FROM USERS WHERE email NOT LIKE '%@example.com'
```

**Sources** https://docs.snowflake.com/en/user-guide/search-optimization/substring-queries (checked
2026-11-23): substring search, LIKE with a leading wildcard among it, is helped by search optimization on
that column, for pieces of five characters or more.
https://www.postgresql.org/docs/current/indexes-types.html (checked 2026-11-23): a B-tree serves LIKE only
if the pattern is anchored at its beginning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sqlglot import exp

from sqlopt.rules import Context, Hit, Rule, Severity

from ._reading import big, limits, of_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from sqlopt.catalog import Table
    from sqlopt.query import Filter, Scan

_LIKES = (exp.Like, exp.ILike)
_HOLDS = (exp.Contains, exp.EndsWith)
# What removes few rows, or nobody knows how many, and lets no engine skip anything.
_WEAK = (exp.Not, exp.NEQ, exp.Is, exp.Column, exp.Boolean)


class LeadingWildcard(Rule):
    id = "PRN014"
    severity = Severity.WARNING
    dialects = frozenset({"snowflake", "postgres"})
    match = "scan"
    options: ClassVar[Mapping[str, Any]] = {"gigabytes": 1, "rows": 1_000_000}

    def guard(self, target: Scan, context: Context) -> Iterator[Hit]:
        table = target.table
        if table is None or target.target or target.pruning.filters:
            return
        if not big(table, context.options["gigabytes"]) and (table.rows or 0) < context.options["rows"]:
            return
        found = {_only_search(target, reading, table) for reading in target.readings}
        for one, name in (pair for pair in found if pair is not None):
            saving, evidence = context.price(target)
            yield Hit(
                context.query.span(one.node),
                f"the search inside {name} skips nothing of {table.name}, and no other filter limits it",
                saving,
                evidence=evidence,
            )
            return


def _only_search(scan: Scan, reading: tuple[Filter, ...], table: Table) -> tuple[Filter, str] | None:
    """Return the filter with a leading wildcard and its column, if nothing else limits the reading."""
    found = None
    for one in reading:
        if not limits(scan, one):
            continue
        node = one.node.unnest()
        name = _searched(scan, node, one)
        if name is not None:
            column = table.column(name)
            found = found or (one, column.name if column else name)
        elif not isinstance(node, _WEAK):
            return None
    return None if found is None or _indexed(table, found[1]) else found


def _searched(scan: Scan, node: exp.Expr, one: Filter) -> str | None:
    """Return the column of this table that ``node`` searches inside, in each arm of an OR."""
    node = node.unnest()
    if isinstance(node, exp.Or):
        arms = [_searched(scan, arm, one) for arm in node.flatten()]
        return arms[0] if None not in arms else None
    if isinstance(node, exp.Escape):
        node = node.this
    anchored = not isinstance(node, _HOLDS)
    if anchored and not (isinstance(node, _LIKES) and _leading_wildcard(node.args["expression"])):
        return None
    if node.args["expression"].find(exp.Column) is not None:
        return None
    names = list(of_table(scan, node.this, one))
    return names[0] if len(names) == 1 else _within(scan, node.this, one)


def _within(scan: Scan, node: exp.Expr, one: Filter) -> str | None:
    return next((name for name in of_table(scan, node, one) if name is not None), None)


def _leading_wildcard(pattern: exp.Expr) -> bool:
    """Whether a pattern starts with a wildcard; of ``LIKE ANY (...)``, whether one does."""
    pattern = pattern.unnest()
    while isinstance(pattern, (exp.DPipe, exp.Concat)):
        pattern = pattern.expressions[0] if isinstance(pattern, exp.Concat) else pattern.this
    if isinstance(pattern, (exp.Any, exp.Tuple)):
        inner = pattern.this if isinstance(pattern, exp.Any) else pattern
        return any(_leading_wildcard(item) for item in inner.unnest().expressions)
    if not isinstance(pattern, exp.Literal) or not pattern.is_string:
        return False
    whole = isinstance(pattern.parent, _LIKES) and not pattern.this.strip("%")
    return pattern.this[:1] in ("%", "_") and not whole  # LIKE '%' asks for nothing


def _indexed(table: Table, name: str) -> bool:
    """Whether an index made for substrings covers the column."""
    folded = name.casefold()
    if any(folded in one.casefold() for one in table.search_optimization or ()):
        return True
    return any(
        one.method in ("gin", "gist") and folded in " ".join(one.keys).casefold() for one in table.indexes
    )
