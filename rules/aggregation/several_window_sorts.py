"""Window functions over several orders: the rows are sorted once for each.

**Why** Functions with the same PARTITION BY and ORDER BY share one sort; each other window sorts all rows again.

**Valid when** No rewrite: whether the windows may be the same is the author's to say.

**Bad**
```sql
-- catalog: snowflake
SELECT SUM(amount) OVER (PARTITION BY user_id ORDER BY order_date) AS a,
  SUM(amount) OVER (PARTITION BY email ORDER BY order_date) AS b,
  SUM(amount) OVER (PARTITION BY status ORDER BY order_date) AS c FROM ORDERS
```

**Good**
```sql
-- catalog: snowflake
SELECT SUM(amount) OVER (PARTITION BY user_id ORDER BY order_date) AS a,
  MAX(amount) OVER (PARTITION BY user_id ORDER BY order_date) AS b FROM ORDERS
```
```sql
-- catalog: snowflake
SELECT SUM(amount) OVER (PARTITION BY user_id) AS a, SUM(amount) OVER (PARTITION BY user_id ORDER BY order_date) AS b,
  MIN(amount) OVER (PARTITION BY user_id ORDER BY order_date, order_id) AS c FROM ORDERS
```

**Sources** No documentation of the warehouses says how windows share sorts; PostgreSQL's planner
(https://www.postgresql.org/docs/current/tutorial-window.html, checked 2026-11-23) lets functions over the same window
share a pass. Reported as information.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sqlopt.rules import Context, Hit, Related, Rule, Severity

from ._groups import selects

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from sqlglot import exp

    from sqlopt.query import Query

Keys = tuple[frozenset[str], tuple[str, ...]]


class SeveralWindowSorts(Rule):
    id = "AGG011"
    severity = Severity.INFO
    match = "statement"
    options: ClassVar[Mapping[str, Any]] = {"sorts": 3}

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        for scope in selects(target):
            sorts: list[tuple[Keys, exp.Expr]] = []
            for window in target.flow.windows(scope):
                keys = _keys(window)
                if not (keys[0] or keys[1]) or window.args.get("alias"):
                    continue
                if any(_serves(other, keys) for other, _ in sorts):
                    continue
                sorts = [(other, node) for other, node in sorts if not _serves(keys, other)]
                sorts.append((keys, window))
            if len(sorts) < context.options["sorts"]:
                continue
            first, *more = (node for _, node in sorts)
            yield Hit(
                target.span(first),
                f"{len(sorts)} different windows: the rows are sorted once for each",
                related=tuple(Related(target.span(one), "another window") for one in more),
            )


def _keys(window: exp.Expr) -> Keys:
    order = window.args.get("order")
    return (
        frozenset(one.sql() for one in window.args.get("partition_by") or ()),
        tuple(one.sql() for one in order.expressions) if order is not None else (),
    )


def _serves(sorted_by: Keys, wanted: Keys) -> bool:
    """Whether rows sorted by one window's keys are sorted by another's."""
    return sorted_by[0] == wanted[0] and sorted_by[1][: len(wanted[1])] == wanted[1]
