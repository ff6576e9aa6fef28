"""NATURAL JOIN, or USING on columns that are no key of either table.

**Why** NATURAL JOIN takes every column name that both tables have. A column added to one of them, `updated_at` or
`email`, silently becomes part of the condition, and rows vanish. USING on a column that identifies no row, such as
`country`, multiplies rows where a join by a key was meant.

**Valid when**
1. All columns of both tables are known, and each common one stands in one table on the left.
2. Some column is common.

**Bad**
```sql
-- catalog: snowflake
SELECT COUNT(*) FROM ORDERS NATURAL JOIN USERS
```
```sql
-- catalog: postgres
SELECT o.amount FROM orders o NATURAL LEFT JOIN users u
```
```sql
-- catalog: snowflake
SELECT COUNT(*) FROM USERS AS u JOIN PARTNERS AS p USING (country)
```

**Fixed**
```sql
-- catalog: snowflake
SELECT COUNT(*) FROM ORDERS JOIN USERS USING (user_id, email)
```
```sql
-- catalog: postgres
SELECT o.amount FROM orders o LEFT JOIN users u USING (user_id, email)
```

**Good**
```sql
-- catalog: snowflake
SELECT COUNT(*) FROM ORDERS AS o JOIN USERS AS u USING (user_id)
```
```sql
-- catalog: snowflake
-- More than the key is still a key.
SELECT COUNT(*) FROM USERS AS u JOIN PARTNERS AS p USING (user_id, country)
```
```sql
-- dialect: snowflake
-- Nothing is known of these.
SELECT COUNT(*) FROM a JOIN b USING (i)
```

**Sources** https://docs.snowflake.com/en/sql-reference/constructs/join and
https://www.postgresql.org/docs/current/queries-table-expressions.html (checked 2026-11-23): NATURAL is short for a
USING list of all column names that both inputs have; the latter warns of new columns.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rules import Context, Edit, Fix, Hit, Rule, Safety, Severity
from sqlopt.span import Span

from ._links import keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query, Scope, Source

_NATURAL = "NATURAL"
_PLAIN_NAME = re.compile(
    r"[a-z_][a-z0-9_]*"
)  # others may have to be quoted, in letters that are not known here


class NaturalOrLooseUsing(Rule):
    id = "JON022"
    severity = Severity.WARNING
    match = (exp.Join,)

    def guard(self, target: exp.Join, context: Context) -> Iterator[Hit]:
        query = context.query
        natural = (target.method or "").upper() == _NATURAL
        if not natural and not target.args.get("using"):
            return
        scope, source = _joined(target, query)
        if scope is None or source is None:
            return
        if natural:
            span = query.span(target)
            common = _common(scope, target, query)
            names = f" ({', '.join(common)} today)" if common else ""
            yield Hit(
                Span(span.start, span.start + len(_NATURAL)),
                f"NATURAL JOIN joins by every column name that both sides have{names}: "
                "a new column changes the result",
                data=(target, common),
            )
        else:
            yield from _loose(target, scope, source, query)

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        query = context.query
        if hit.data is None:
            return None
        join, common = hit.data
        span = query.span(join)
        written = span.of(query.source)
        # 1. and 2.
        if not common or not written.upper().startswith(_NATURAL):
            return None
        blanks = len(written[len(_NATURAL) :]) - len(written[len(_NATURAL) :].lstrip())
        edits = (
            Edit(Span(span.start, span.start + len(_NATURAL) + blanks), ""),
            Edit(Span(span.end, span.end), f" USING ({', '.join(common)})"),
        )
        return Fix("name the columns", edits, Safety.EXACT)


def _joined(join: exp.Join, query: Query) -> tuple[Scope | None, Source | None]:
    for scope in query.scopes:
        for source in scope.sources.values():
            if source.join is join:
                return scope, source
    return None, None


def _before(scope: Scope, source: Source) -> list[Source]:
    sources = list(scope.sources.values())
    return sources[: sources.index(source)]


def _common(scope: Scope, join: exp.Join, query: Query) -> list[str] | None:
    """Return the columns that a NATURAL JOIN takes, in the left side's order; None if that can't be told."""
    shared = scope.shared.get(id(join))
    if shared is None or any(one.open for one in (*shared.left, *shared.right)):
        return None
    names = [name for one in shared.left for name in one.columns if name in shared.names]
    plain = _PLAIN_NAME.fullmatch
    if len(set(names)) < len(names) or not all(plain(name) and not _is_quoted(name, query) for name in names):
        return None
    return names


def _is_quoted(name: str, query: Query) -> bool:
    """Whether a column of this folded name may have to be quoted for its letters' case."""
    known = {
        column.name
        for one in query.sources
        if one.table is not None and (column := one.table.column(name)) is not None
    }
    written = {
        one.name for one in query.tree.find_all(exp.Identifier) if one.quoted and one.name.casefold() == name
    }
    return not known | written <= ({name} if query.dialect == "postgres" else {name, name.upper()})


def _loose(join: exp.Join, scope: Scope, source: Source, query: Query) -> Iterator[Hit]:
    columns = {one.name.casefold() for one in join.args["using"]}
    left = [one for one in _before(scope, source) if columns <= set(one.columns)]
    for one in (*left, source):
        found, _ = keys(one, query)
        if not found or any(key <= columns for key in found):
            return  # a key, or no key is known
    if not left:
        return
    written = [query.span(one) for one in join.args["using"]]
    names = ", ".join(sorted(columns))
    yield Hit(
        written[0].hull(written[-1]),
        f"{names} identifies no row of {left[0].name} or {source.name}: the join multiplies rows",
    )
