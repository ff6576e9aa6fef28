"""GROUP BY or ORDER BY a column that WHERE fixes to one value.

**Why** All rows have the same value there: grouping and sorting by it does nothing but cost a hash or a sort.

**Valid when** No rewrite, ever: without GROUP BY an empty input gives one row instead of none.

**Bad**
```sql
-- catalog: postgres
SELECT country, COUNT(*) FROM users WHERE country = 'NL' GROUP BY country
```

**Good**
```sql
-- catalog: postgres
SELECT country, COUNT(*) FROM users WHERE country IN ('NL', 'BE') GROUP BY country
```
```sql
-- catalog: postgres
SELECT country, COUNT(*) FROM users WHERE country = 'NL' OR name = 'x' GROUP BY country
```

**Sources** https://www.postgresql.org/docs/current/sql-select.html#SQL-GROUPBY (checked 2026-11-23): rows with
equal values of the grouping expressions become one group; without GROUP BY an aggregate gives one row also
for no input.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rules import Context, Hit, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator


class GroupByConstant(Rule):
    id = "SCN019"
    severity = Severity.INFO
    match = (exp.Group, exp.Order)

    def guard(self, target: exp.Group | exp.Order, context: Context) -> Iterator[Hit]:
        query = context.query
        select = target.parent
        if not isinstance(select, exp.Select) or select.args.get("where") is None:
            return
        if any(target.args.get(kind) for kind in ("rollup", "cube", "grouping_sets", "all")):
            return
        for item in target.expressions:
            key = item.this if isinstance(item, exp.Ordered) else item
            if isinstance(key, exp.Literal) and not key.is_string and key.this.isdigit():
                place = int(key.this) - 1
                key = select.expressions[place].unalias() if 0 <= place < len(select.expressions) else key
            if not isinstance(key, exp.Column):
                continue
            value = query.facts.constant(key)
            if value is None:
                continue
            verb = "groups" if isinstance(target, exp.Group) else "sorts"
            shown = f" to {value.value!r}" if value.known and isinstance(value.value, str | int) else ""
            yield Hit(query.span(item), f"{key.name} is fixed{shown} by WHERE; it {verb} nothing")
