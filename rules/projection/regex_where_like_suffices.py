"""A regular expression without metacharacters, where LIKE says the same.

**Why** A regular expression costs more CPU a row than LIKE, and LIKE with a fixed beginning can use
clustering or an index, which a regular expression can't.

**Valid when**
1. The engine searches the pattern anywhere in the text (BigQuery, PostgreSQL, DuckDB, Spark), so that a
   leading or trailing `.*` means nothing; where `^` or `$` stands beside `.*` there is no rewrite, since `.`
   matches no line end and `%` does.
2. The rest has no metacharacter, and no `%`, `_` or backslash, which LIKE would read differently.
3. Where the pattern ends in `$`, that is the text's end. In Java (Spark) it is also the place before a last line end.
4. What is searched has no collation of its own and is no CHAR; where CHAR is padded its type has to be known.

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

DuckDB looks for such a text as fast either way (0.99, on TPC-H at scale factor 0.1, 2026-12-01): nothing is said there.

**Sources** https://cloud.google.com/bigquery/docs/best-practices-performance-compute (checked 2026-11-23):
functions like regular expressions need additional computation; https://github.com/google/re2/wiki/Syntax
for `^` and `$` as the text's ends. https://docs.oracle.com/javase/8/docs/api/java/util/regex/Pattern.html (checked
2026-12-01): `$` matches before a final line terminator.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rules import SPARK, Context, Edit, Fix, Hit, Rule, Safety, Severity
from sqlopt.warehouses.semantics import semantics

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query

_META = set(".^$*+?()[]{}|\\")
_CHARACTERS = frozenset({"char", "character", "bpchar", "nchar"})
_PADDING = frozenset({"postgres", "redshift", "trino"})
"""Where a CHAR is filled up with blanks, which LIKE sees and = does not (PostgreSQL 18: run 2026-12-01)."""
_TIGHT = (exp.Paren, exp.Dot, exp.DPipe)
"""What binds tighter than LIKE in every dialect."""
_LOOSE = (
    exp.Where,
    exp.Having,
    exp.Qualify,
    exp.And,
    exp.Or,
    exp.Paren,
    exp.Join,
    exp.If,
    exp.Alias,
    exp.Select,
)
"""What binds less than LIKE, or encloses it."""


class RegexWhereLikeSuffices(Rule):
    id = "SCN005"
    severity = Severity.INFO
    # 1. Snowflake matches the whole text and is left out of the rewrite, see `_like`.
    dialects = frozenset({"bigquery", "postgres", "duckdb", "redshift", "snowflake", "trino"}) | SPARK
    unprofitable = frozenset({"duckdb"})
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
        query, pattern = context.query, target.expression.name
        # 1.
        if context.dialect == "snowflake" or (pattern.strip("^$") != pattern and ".*" in pattern):
            return None
        # 3.
        if pattern.endswith("$") and not semantics(context.dialect).dollar_before_newline.only(value=False):
            return None
        # 2.
        if any(char in "%_\\'\"\n" for char in literal) or isinstance(target.parent, exp.Not):
            return None
        # 4.
        kept = _kept_as_written(target.this, query)
        if kept is False or (kept is None and context.dialect in _PADDING):
            return None
        text = query.text(target.this)
        if isinstance(target.this, (exp.Binary, exp.Unary)) and not isinstance(target.this, _TIGHT):
            text = f"({text})"
        found = f"{'' if start else '%'}{literal}{'' if end else '%'}"
        value = f"{text} {'=' if start and end and kept else 'LIKE'} '{found}'"
        if not isinstance(target.parent, _LOOSE):
            value = f"({value})"
        return Fix("use LIKE", (Edit(query.span(target), value),), Safety.EXACT)


def _kept_as_written(node: exp.Expr, query: Query) -> bool | None:
    """Whether what is searched is text that = and LIKE see as a regular expression does; None where that is not known.

    They see CHAR with other blanks behind it, and some collations take several letters for one.
    """
    if node.find(exp.Collate) is not None:
        return False
    found = [_plain_text(one, query) for one in node.find_all(exp.Column)]
    return False if False in found else None if None in found or not isinstance(node, exp.Column) else True


def _plain_text(column: exp.Expr, query: Query) -> bool | None:
    origin = query.origin(column)
    facts = origin[0].column(origin[1]) if origin is not None else None
    if facts is None or facts.type is None:
        return None
    kind = facts.type.casefold()
    return "collate" not in kind and kind.split("(")[0].strip() not in _CHARACTERS


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
