"""Every row is joined with every other: no condition joins the two sides.

A nested loop whose inner side looks up what the outer one gives is none, and neither is one with a side of a
single row.

**Why** The work grows with the product of both sides.

**Valid when** No rewrite: the plan is not the statement.

**Bad**
```plan
{"Operations": [[
 {"id": 0, "operation": "Result"},
 {"id": 1, "parentOperators": [0], "operation": "CartesianJoin"},
 {"id": 2, "parentOperators": [1], "operation": "TableScan", "objects": ["SHOP.PUBLIC.EVENTS"], "partitionsAssigned": 4, "partitionsTotal": 4, "bytesAssigned": 64000000},
 {"id": 3, "parentOperators": [1], "operation": "TableScan", "objects": ["SHOP.PUBLIC.USERS"], "partitionsAssigned": 5, "partitionsTotal": 5, "bytesAssigned": 80000000}
]]}
```
```plan
[{"Plan": {"Node Type": "Nested Loop", "Join Type": "Inner", "Plan Rows": 1000000, "Plans": [
 {"Node Type": "Seq Scan", "Relation Name": "orders", "Plan Rows": 20000},
 {"Node Type": "Seq Scan", "Relation Name": "lines", "Plan Rows": 50000}]}}]
```

**Good**
```plan
[{"Plan": {"Node Type": "Nested Loop", "Join Type": "Inner", "Plan Rows": 1000000, "Plans": [
 {"Node Type": "Seq Scan", "Relation Name": "orders", "Plan Rows": 20000},
 {"Node Type": "Index Scan", "Relation Name": "lines", "Index Cond": "(o_id = orders.o_id)", "Plan Rows": 3}]}}]
```
```plan
[{"Plan": {"Node Type": "Nested Loop", "Join Type": "Inner", "Plan Rows": 1000000, "Plans": [
 {"Node Type": "Seq Scan", "Relation Name": "orders", "Plan Rows": 20000},
 {"Node Type": "Seq Scan", "Relation Name": "settings", "Plan Rows": 1}]}}]
```
```plan
[{"Plan": {"Node Type": "Nested Loop", "Join Type": "Inner", "Plan Rows": 1000000, "Join Filter": "(lines.a > orders.b)", "Plans": [
 {"Node Type": "Seq Scan", "Relation Name": "orders", "Plan Rows": 20000},
 {"Node Type": "Seq Scan", "Relation Name": "lines", "Plan Rows": 50000}]}}]
```
```plan
{"Operations": [[
 {"id": 0, "operation": "CartesianJoin"},
 {"id": 1, "parentOperators": [0], "operation": "TableScan", "objects": ["SHOP.PUBLIC.EVENTS"]},
 {"id": 2, "parentOperators": [0], "operation": "Aggregate", "expressions": ["aggExprs: [AVG(E.AMOUNT)]"]},
 {"id": 3, "parentOperators": [2], "operation": "TableScan", "objects": ["SHOP.PUBLIC.EVENTS"]}
]]}
```

**Sources** https://docs.snowflake.com/en/sql-reference/functions/get_query_operator_stats (checked
2026-11-23): CartesianJoin.
https://docs.snowflake.com/en/user-guide/query-insights (checked 2026-11-23): a join without a condition.
https://docs.aws.amazon.com/redshift/latest/dg/query-performance-improvement-opportunities.html (checked
2026-11-23): a nested loop is usually a cross join.
https://www.postgresql.org/docs/current/using-explain.html (checked 2026-11-23): nested loops.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from sqlopt.plan import Kind
from sqlopt.rules import Hit, Severity
from sqlopt.rules.plans import PlanRule, evidence, seconds_spent

from ._reports import reported, rows_each_time, rows_of

_NAMES = ("cartesian", "crossproduct", "crossjoin")
_SIDES = 2

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlopt.plan import Operator, Plan


class CrossJoin(PlanRule):
    id = "PLN003"
    severity = Severity.INFO
    options: ClassVar[Mapping[str, Any]] = {"rows": 100}

    def look(self, plan: Plan, options: Mapping[str, Any]) -> Iterator[Hit]:
        codes = ("QUERY_INSIGHT_JOIN_WITH_NO_JOIN_CONDITION",)
        for hit in reported(plan, codes, "the engine reports a join without a condition"):
            yield replace(hit, severity=Severity.WARNING)
        tells_rows = any(rows_of(one) is not None for one in plan.walk())
        for one in plan.walk():
            if one.kind == Kind.JOIN and _crosses(one):
                rows = [rows_each_time(child) for child in one.children]
                if any(count is not None and count <= options["rows"] for count in rows):
                    continue
                known = None not in rows
                if not known and tells_rows:
                    continue  # other operators have numbers: these sides may be small
                sizes = " by ".join(f"{count:,.0f}" for count in rows if count is not None)
                what = f"{sizes} rows" if known else "the rows of its two sides"
                yield Hit(
                    one.span,
                    f"a cross join: no condition joins {what}",
                    seconds_spent(plan, one),
                    Severity.WARNING if known else None,
                    evidence=evidence(one),
                )


def _crosses(join: Operator) -> bool:
    name = join.name.casefold().replace("_", "").replace(" ", "")
    if join.condition is not None or len(join.children) != _SIDES or any(map(_is_single, join.children)):
        return False
    if any(one in name for one in _NAMES):
        return True
    if "nestedloop" not in name or "broadcast" in name:
        return False
    # A condition anywhere on the inner side may be the join's, which is looked up there; so may a function's
    # arguments be.
    inner = list(join.children[1].walk())
    return all(one.condition is None and one.kind != Kind.VALUES for one in inner)


def _is_single(side: Operator) -> bool:
    """Whether a side gives one row: an aggregate without groups, or what a limit leaves."""
    while side.kind in (Kind.PROJECT, Kind.EXCHANGE, Kind.RESULT, Kind.OTHER) and len(side.children) == 1:
        side = side.children[0]
    if side.kind == Kind.LIMIT:
        return True
    grouped = any(
        "group" in f"{label} {value}".casefold() or "keys = [" in value for label, value in side.details
    )
    return side.kind == Kind.AGGREGATE and not grouped
