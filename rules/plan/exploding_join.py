"""A join gives many times the rows it takes.

Measured rows only: an estimate is not enough to say so.

**Why** A join on something that is unique on neither side multiplies rows; all that stands above it works on
the product.

**Valid when** No rewrite: the plan is not the statement.

**Bad**
```plan
[
 {"QUERY_ID": "q1", "OPERATOR_ID": 0, "OPERATOR_TYPE": "Join", "OPERATOR_STATISTICS": {"input_rows": 61500, "output_rows": 90000000}},
 {"QUERY_ID": "q1", "OPERATOR_ID": 1, "PARENT_OPERATORS": [0], "OPERATOR_TYPE": "TableScan", "OPERATOR_STATISTICS": {"output_rows": 1500}},
 {"QUERY_ID": "q1", "OPERATOR_ID": 2, "PARENT_OPERATORS": [0], "OPERATOR_TYPE": "TableScan", "OPERATOR_STATISTICS": {"output_rows": 60000}}
]
```

**Good**
```plan
[
 {"QUERY_ID": "q1", "OPERATOR_ID": 0, "OPERATOR_TYPE": "Join", "OPERATOR_STATISTICS": {"input_rows": 61500, "output_rows": 60000}},
 {"QUERY_ID": "q1", "OPERATOR_ID": 1, "PARENT_OPERATORS": [0], "OPERATOR_TYPE": "TableScan", "OPERATOR_STATISTICS": {"output_rows": 1500}},
 {"QUERY_ID": "q1", "OPERATOR_ID": 2, "PARENT_OPERATORS": [0], "OPERATOR_TYPE": "TableScan", "OPERATOR_STATISTICS": {"output_rows": 60000}}
]
```

**Sources** https://docs.snowflake.com/en/sql-reference/functions/get_query_operator_stats (checked
2026-11-23): more rows out than in can be a sign of an exploding join. The factor is stricter than that; set
`factor`.
https://docs.snowflake.com/en/user-guide/query-insights (checked 2026-11-23);
https://cloud.google.com/bigquery/docs/query-insights (checked 2026-11-23): high cardinality joins.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from sqlopt.plan import Kind
from sqlopt.rules import Hit, Severity
from sqlopt.rules.plans import PlanRule, evidence, seconds_spent

from ._reports import reported, rows_into

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlopt.plan import Plan


class ExplodingJoin(PlanRule):
    id = "PLN002"
    severity = Severity.INFO
    options: ClassVar[Mapping[str, Any]] = {"factor": 10, "rows": 1_000_000}

    def look(self, plan: Plan, options: Mapping[str, Any]) -> Iterator[Hit]:
        codes = (
            "QUERY_INSIGHT_EXPLODING_JOIN",
            "QUERY_INSIGHT_NESTED_EXPLODING_JOIN",
            "highCardinalityJoins",
        )
        for hit in reported(plan, codes, "the engine reports a join that multiplies rows"):
            yield replace(hit, severity=Severity.WARNING)
        for one in plan.walk():
            rows, out = rows_into(one), one.actual_rows
            if one.kind != Kind.JOIN or rows is None or out is None or out < options["rows"]:
                continue
            if out >= rows * options["factor"]:
                factor = out / max(rows, 1)
                message = (
                    f"{out:,.0f} rows leave this join, {rows:,.0f} enter it: {factor:,.0f} times as many"
                )
                severity = Severity.WARNING if plan.engine == "snowflake" else None
                yield Hit(one.span, message, seconds_spent(plan, one), severity, evidence=evidence(one))
