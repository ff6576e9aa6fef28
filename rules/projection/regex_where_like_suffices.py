"""A regular expression without metacharacters, where LIKE says the same.

**Why** A regular expression costs more CPU a row than LIKE, and LIKE with a fixed beginning can use
clustering or an index, which a regular expression can't.

**Valid when**
1. The engine searches the pattern anywhere in the text (BigQuery, PostgreSQL, DuckDB, Spark), so that a
   leading or trailing `.*` means nothing; where `^` or `$` stands beside `.*` there is no rewrite, since `.`
   matches no line end and `%` does.
2. The rest has no metacharacter, and no `%`, `_` or backslash, which LIKE would read differently.

**Bad**
```sql
-- catalog: bigquery
SELECT title FROM p.d.pages WHERE REGEXP_CONTAINS(title, '.*shakespeare.*')
```
```sql
-- catalog: bigquery
SELECT title FROM p.d.pages WHERE REGEXP_CONTAINS(title, r'^shake')
```

**Fixed**
```sql
-- catalog: bigquery
SELECT title FROM p.d.pages WHERE title LIKE '%shakespeare%'
```
```sql
-- catalog: bigquery
SELECT title FROM p.d.pages WHERE title LIKE 'shake%'
```

**Good**
```sql
-- catalog: bigquery
SELECT title FROM p.d.pages WHERE REGEXP_CONTAINS(title, r'^[0-9]{4}-shake')
```
```sql
-- catalog: bigquery
SELECT title FROM p.d.pages WHERE REGEXP_CONTAINS(title, r'(?i)shakespeare')
```
```sql
-- catalog: bigquery
SELECT title FROM p.d.pages WHERE REGEXP_CONTAINS(title, r'shake|bacon')
```

**Sources** https://cloud.google.com/bigquery/docs/best-practices-performance-compute (checked 2026-11-23):
functions like regular expressions need additional computation; https://github.com/google/re2/wiki/Syntax
for `^` and `$` as the text's ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rules import SPARK, Context, Edit, Fix, Hit, Rule, Safety, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

_META = set(".^$*+?()[]{}|\\")


class RegexWhereLikeSuffices(Rule):
    id = "SCN005"
    severity = Severity.INFO
    # 1. Snowflake matches the whole text and is left out of the rewrite, see `_like`.
    dialects = frozenset({"bigquery", "postgres", "duckdb", "redshift", "snowflake", "trino"}) | SPARK
    match = (exp.RegexpLike,)

    def guard(self, target: exp.RegexpLike, context: Context) -> Iterator[Hit]:
        pattern = target.expression
        if not isinstance(pattern, (exp.Literal, exp.RawString)) or target.args.get("flag") is not None:
            return
        if isinstance(pattern, exp.Literal) and not pattern.is_string:
            return
        found = _plain(pattern.name)
        if found is None:
            return
        literal, start, end = found
        if context.dialect == "snowflake" and not (
            pattern.name.startswith(".*") or pattern.name.endswith(".*")
        ):
            return  # the whole text must match: that is an equality, said in another way
        what = "an equality" if start and end else "LIKE"
        yield Hit(
            context.query.span(target),
            f"this regular expression only looks for the text {literal!r}; {what} says the same for less",
            evidence=(("pattern", pattern.name), ("text", literal)),
            data=(target, literal, start, end),
        )

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        target, literal, start, end = hit.data
        query = context.query
        # 1.
        if (
            context.dialect == "snowflake"
            or (start and ".*" in target.expression.name)
            or (end and ".*" in target.expression.name)
        ):
            return None
        # 2.
        if any(char in "%_\\'\"\n" for char in literal):
            return None
        operator = "NOT LIKE" if isinstance(target.parent, exp.Not) else "LIKE"
        if operator == "NOT LIKE":
            return None
        text = f"{'' if start else '%'}{literal}{'' if end else '%'}"
        value = (
            f"{query.text(target.this)} LIKE '{text}'"
            if not (start and end)
            else f"{query.text(target.this)} = '{text}'"
        )
        return Fix("use LIKE", (Edit(query.span(target), value),), Safety.EXACT)


def _plain(pattern: str) -> tuple[str, bool, bool] | None:
    """The text a pattern looks for, and whether it must begin and end there; None for a real pattern."""
    start, end = pattern.startswith("^"), pattern.endswith("$") and not pattern.endswith("\\$")
    body = pattern[start : len(pattern) - end]
    body = body.removeprefix(".*").removesuffix(".*")
    return (
        (body, start and not pattern.startswith("^.*"), end and not pattern.endswith(".*$"))
        if body and not set(body) & _META
        else None
    )
