"""ORDER BY RANDOM() sorts a whole table to draw a few rows.

**Why** Every row is read and gets a number, and all are sorted. Sampling reads only the blocks that it takes.

**Valid when** The fix changes the result: SYSTEM sampling takes whole blocks, so rows that were stored together come
together. It is given for a single table without a filter, with a share that expects several times the rows wanted.

**Bad**
```sql
-- catalog: postgres
SELECT user_id FROM users ORDER BY RANDOM() LIMIT 100
```
```sql
-- catalog: postgres
SELECT user_id, RANDOM() AS draw FROM users ORDER BY draw LIMIT 100
```
```sql
-- catalog: postgres
SELECT RANDOM(), user_id FROM users ORDER BY 1 LIMIT 100
```

**Fixed**
```sql
-- catalog: postgres
SELECT user_id FROM users TABLESAMPLE SYSTEM (1) LIMIT 100
```

**Good**
```sql
-- catalog: postgres
SELECT user_id FROM users TABLESAMPLE SYSTEM (1) LIMIT 100
```
```sql
-- catalog: postgres
SELECT user_id, RANDOM() AS draw FROM users ORDER BY user_id LIMIT 100
```
```sql
-- catalog: postgres
SELECT name FROM tiny ORDER BY RANDOM() LIMIT 5
```

**Sources** https://www.postgresql.org/docs/current/sql-select.html (checked 2026-11-23): SYSTEM sampling is
significantly faster than BERNOULLI for small shares, and less random, since it takes blocks.
https://cloud.google.com/bigquery/docs/table-sampling (checked 2026-11-23).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sqlglot import exp

from sqlopt.query.text.forms import row_limit
from sqlopt.rules import Context, Edit, Fix, Hit, Rule, Safety, Severity
from sqlopt.span import Span

from ._groups import clause, input_rows, one_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from sqlopt.query import Query, Scope

_DRAWS = (exp.Rand, exp.Uuid)
_NAMES = frozenset(
    {
        "newid",
        "uuid",
        "gen_random_uuid",
        "generate_uuid",
        "uuid_string",
        "random",
        "rand",
        "dbms_random.value",
    }
)
_SAMPLE = {
    "postgres": "TABLESAMPLE SYSTEM ({})", "snowflake": "SAMPLE SYSTEM ({})", "duckdb": "TABLESAMPLE SYSTEM ({}%)",
    "bigquery": "TABLESAMPLE SYSTEM ({} PERCENT)",
}  # fmt: skip


_ALL = 100.0
"""Per cent: no sample any more."""


class OrderByRandom(Rule):
    id = "AGG012"
    severity = Severity.WARNING
    match = (exp.Order,)
    options: ClassVar[Mapping[str, Any]] = {"rows": 10_000}

    def guard(self, target: exp.Order, context: Context) -> Iterator[Hit]:
        first = target.expressions[0] if target.expressions else None
        if first is None or not isinstance(target.parent, exp.Query):
            return
        query = context.query
        scope = query.scope_of(target.parent)
        if scope is None or not isinstance(scope.node, exp.Select) or not scope.sources:
            return
        if not _draws(_meant(first.this, scope, query)):
            return
        rows = input_rows(scope, query)
        if rows is not None and rows < context.options["rows"]:
            return
        count = f"about {rows:,.0f}" if rows is not None else "all"
        yield Hit(
            query.span(target),
            f"{count} rows are numbered at random and sorted; sampling reads only what it takes",
            evidence=(("rows", f"about {rows:,.0f}"),) if rows is not None else (),
            data=(scope, target, rows),
        )

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        scope, order, rows = hit.data
        source, limit = one_table(scope), row_limit(scope.node)
        template = _SAMPLE.get(context.dialect)
        cut = clause(context.query, order)
        if source is None or limit is None or template is None or cut is None or rows is None:
            return None
        if scope.node.args.get("where") is not None or len(order.expressions) > 1:
            return None
        if context.query.flow.aggregates(scope) or limit.most is None:
            return None
        share = max(1.0, float(limit.most) / rows * 1000)
        if share >= _ALL:
            return None
        end = context.query.span(source.node).end
        sample = Edit(Span(end, end), " " + template.format(f"{share:g}"))
        return Fix("take a sample", (sample, Edit(cut, "")), Safety.CHANGES_RESULTS)


def _meant(key: exp.Expr, scope: Scope, query: Query) -> exp.Expr:
    """Return what a sort key stands for: an item of a SELECT list, by its name or its place, or itself."""
    if isinstance(key, exp.Literal) and key.is_int:
        place = int(key.this) - 1
        found = scope.outputs[place].expr if 0 <= place < len(scope.outputs) else None
    else:
        binding = query.binding(key)
        found = binding.expr if binding is not None else None
        if binding is not None and binding.source is not None and not binding.path:
            origin = query.origin_of(binding.source, binding.name)
            found = origin if isinstance(origin, exp.Expr) else None
    return found if found is not None else key


def _draws(ordered: exp.Expr) -> bool:
    """Whether a sort key is nothing but a random value."""
    if ordered.find(exp.Column) is not None:
        return False
    return any(
        isinstance(one, _DRAWS) or (isinstance(one, exp.Anonymous) and one.name.casefold() in _NAMES)
        for one in ordered.walk()
    )
