"""The row that wins is not decided: the window's ORDER BY has ties, or ANY_VALUE chooses.

**Why** ANY_VALUE gives the value of whichever row it likes, and ROW_NUMBER breaks ties as it likes. Where the first
row is kept and several rows are first, another may win in the next run: an incremental model that is built again
gives other values, and no test shows it.

**Valid when** The fix changes which row wins, and keeps it so: it adds the table's key to the ORDER BY.

**Bad**
```sql
-- catalog: snowflake
SELECT user_id, ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY updated_at::DATE) AS rn
FROM ORDERS QUALIFY rn = 1
```
```sql
-- catalog: snowflake
SELECT user_id, ANY_VALUE(amount) AS amount FROM ORDERS GROUP BY user_id
```

**Fixed**
```sql
-- catalog: snowflake
SELECT user_id, ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY updated_at::DATE, order_id) AS rn
FROM ORDERS QUALIFY rn = 1
```

**Good**
```sql
-- catalog: snowflake
SELECT user_id, order_id FROM ORDERS
QUALIFY ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY updated_at DESC, order_id) = 1
```
```sql
-- catalog: snowflake
SELECT user_id, RANK() OVER (PARTITION BY user_id ORDER BY order_date) AS place FROM ORDERS QUALIFY place = 1
```
```sql
-- catalog: snowflake
SELECT DISTINCT user_id FROM ORDERS QUALIFY ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY user_id) = 1
```
```sql
-- catalog: snowflake
SELECT sku, ROW_NUMBER() OVER (PARTITION BY order_id ORDER BY sku) AS rn FROM ORDER_ITEMS QUALIFY rn = 1
```
```sql
-- catalog: snowflake
SELECT o.user_id, ANY_VALUE(u.name) AS name, COUNT(*) AS orders
FROM ORDERS AS o JOIN USERS AS u ON u.user_id = o.user_id GROUP BY o.user_id
```

**Sources** https://docs.snowflake.com/en/sql-reference/functions/row_number (checked 2026-11-23): the numbers of rows
that tie are not deterministic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query import BoundTo
from sqlopt.query.bind.nodes import conjuncts
from sqlopt.rules import Context, Edit, Fix, Hit, Rule, Safety, Severity
from sqlopt.span import Span

from ._groups import bare, one_table, selects, where_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query, Scope
    from sqlopt.query.bind.model import Source

# What gives the same for many values.
_COARSE = (
    exp.Cast,
    exp.TryCast,
    exp.TsOrDsToDate,
    exp.DateTrunc,
    exp.TimestampTrunc,
    exp.Date,
    exp.Round,
    exp.Floor,
    exp.Extract,
)


class ArbitraryPick(Rule):
    id = "AGG015"
    severity = Severity.INFO
    match = "statement"

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        del context
        for scope in selects(target):
            yield from _any_values(scope, target)
            for window in target.flow.windows(scope):
                if not isinstance(window.this, exp.RowNumber) or not window.args.get("partition_by"):
                    continue
                order = window.args.get("order")
                source = one_table(scope)
                if order is None or source is None or not _filtered(window, scope, target):
                    continue
                keys = target.declared.source_keys(source)
                sorts = [one.this for one in order.expressions]
                named = {_name(one, source, target) for one in (*sorts, *window.args["partition_by"])} - {""}
                if not keys or any(key <= named for key in keys) or _undecided(scope, window, named, target):
                    continue
                coarse = any(isinstance(bare(one), _COARSE) for one in sorts)
                key = min(keys, key=lambda one: (len(one), sorted(one)))
                yield Hit(
                    target.span(order),
                    f"several rows of {source.name} may tie here, and any of them may win; "
                    f"add {', '.join(sorted(key))} to decide",
                    severity=Severity.WARNING if coarse else None,
                    data=(order, key, source, len(scope.sources)),
                )

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        if hit.data is None:
            return None
        order, key, source, many = hit.data
        end = context.query.span(order).end
        prefix = f"{source.name}." if many > 1 else ""
        names = {name.casefold(): name for name in (source.table.columns if source.table is not None else ())}
        listed = ", ".join(prefix + names.get(name, name) for name in sorted(key))
        return Fix("decide ties by the key", (Edit(Span(end, end), f", {listed}"),), Safety.CHANGES_RESULTS)


def _any_values(scope: Scope, query: Query) -> Iterator[Hit]:
    """Yield the ANY_VALUE of columns that the groups, as far as keys tell, do not decide."""
    group = scope.node.args.get("group")
    if group is None or not query.nodes(exp.AnyValue):
        return
    for call in query.nodes(exp.AnyValue):
        if query.scope_of(call) is not scope or call.find(exp.HavingMax) is not None:
            continue
        columns = [query.binding(one) for one in call.find_all(exp.Column)]
        fixed = _decided(scope, query)
        for binding in columns:
            source = binding.source if binding is not None else None
            if source is None or source.scope is not scope:
                continue
            keys = query.declared.source_keys(source)
            if keys and not any({(id(source), name) for name in key} <= fixed for key in keys):
                yield Hit(
                    query.span(call),
                    "the rows of a group may differ in this, and any of them may be given; MIN or MAX decide",
                )
                break


def _decided(scope: Scope, query: Query) -> set[tuple[int, str]]:
    """Return the columns that are the same in all rows of a group: its keys, and what equalities make equal to them."""
    found = {_place(bare(key), scope, query) for key in scope.node.args["group"].expressions} - {None}
    pairs = [
        (_place(one.this, scope, query), _place(one.expression, scope, query))
        for one in [*where_of(scope), *_ons(scope)]
        if isinstance(one, exp.EQ)
    ]
    for _ in pairs:
        for left, right in pairs:
            if left is not None and right is not None and (left in found or right in found):
                found |= {left, right}
    return {one for one in found if one is not None}


def _ons(scope: Scope) -> list[exp.Expr]:
    return [
        one
        for source in scope.sources.values()
        if source.join is not None
        for one in conjuncts(source.join.args.get("on"))
    ]


def _place(node: exp.Expr, scope: Scope, query: Query) -> tuple[int, str] | None:
    if isinstance(node, exp.Literal) and not node.is_string and node.this.isdigit():
        place = int(node.this) - 1
        items = scope.node.expressions
        node = items[place].unalias() if 0 <= place < len(items) else node
    binding = query.binding(node)
    if binding is not None and binding.to is BoundTo.ALIAS and binding.expr is not None:
        binding = query.binding(bare(binding.expr))
    if binding is None or binding.source is None or binding.path:
        return None
    return id(binding.source), binding.name


def _name(node: exp.Expr, source: Source, query: Query) -> str:
    binding = query.binding(bare(node))
    if binding is not None and binding.to is BoundTo.ALIAS and binding.expr is not None:
        binding = query.binding(bare(binding.expr))
    return binding.name if binding is not None and binding.source is source and not binding.path else ""


def _undecided(scope: Scope, window: exp.Expr, named: set[str], query: Query) -> bool:
    """Whether nothing is given but what the rows that tie have in common: then it is all one which wins."""
    for one in scope.outputs:
        binding = query.binding(one.expr) if one.expr is not None else None
        if one.expr is window or binding is None or binding.name not in named:
            return False
    return True


def _filtered(window: exp.Expr, scope: Scope, query: Query) -> bool:
    """Whether QUALIFY, or WHERE of a query that reads this one, compares the window's value with a number."""
    names = {one.name for one in scope.outputs if one.expr is window}
    qualify = scope.node.args.get("qualify")
    if qualify is not None and any(
        one is window or (isinstance(one, exp.Column) and one.name.casefold() in names)
        for one in qualify.walk()
    ):
        return True
    for user in scope.users:
        where = user.scope.node.args.get("where")
        for column in where.find_all(exp.Column) if where is not None else ():
            binding = query.binding(column)
            if binding is not None and binding.source is user and binding.name in names:
                return True
    return False
