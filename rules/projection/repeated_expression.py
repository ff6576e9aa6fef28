"""The same regular expression, JSON parse or user function is written several times in one query.

**Why** Most engines find common subexpressions, but not through every function, and a reader has to compare
them letter by letter. A name computes it once.

**Valid when** No rewrite: an alias that others may refer to in the same SELECT is known to some engines
only; elsewhere a CTE does it. Only for functions that answer the same each time.

**Bad**
```sql
-- catalog: snowflake
SELECT CASE WHEN REGEXP_SUBSTR(ua, '[0-9]+') = '1' THEN 'a' WHEN REGEXP_SUBSTR(ua, '[0-9]+') = '2' THEN 'b' END,
  REGEXP_SUBSTR(ua, '[0-9]+')
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

from sqlglot import exp

from sqlopt.rules import Context, Hit, Related, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query

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
            if isinstance(node.parent, _PATHS):
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
            )


def _grouped(node: exp.Expr) -> bool:
    """Whether it stands in GROUP BY or ORDER BY, which repeat the select list by their nature."""
    up = node.parent
    while up is not None and not isinstance(up, exp.Select):
        if isinstance(up, (exp.Group, exp.Order)):
            return True
        up = up.parent
    return False
