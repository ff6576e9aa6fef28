"""Estimating functions by dialect, and their accuracy as documented. Helpers of this pack's rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlglot import exp

from sqlopt.rules import SPARK, Edit
from sqlopt.rules.wording import has_comment

if TYPE_CHECKING:
    from sqlopt.query import Query

# https://docs.snowflake.com/en/user-guide/querying-approximate-cardinality,
# https://docs.cloud.google.com/bigquery/docs/reference/standard-sql/approximate_aggregate_functions,
# https://spark.apache.org/docs/latest/api/sql/#approx_count_distinct,
# https://duckdb.org/docs/stable/sql/functions/aggregates, https://trino.io/docs/current/functions/aggregate.html
# (checked 2026-11-23).
DISTINCT: Final = {
    "snowflake": "APPROX_COUNT_DISTINCT",
    "bigquery": "APPROX_COUNT_DISTINCT",
    "duckdb": "approx_count_distinct",
    "trino": "approx_distinct",
    "athena": "approx_distinct",
    **dict.fromkeys(SPARK, "approx_count_distinct"),
}
PERCENTILE: Final = {
    "snowflake": "APPROX_PERCENTILE({}, {})",
    "bigquery": "APPROX_QUANTILES({}, 100)[OFFSET({percent})]",
    "duckdb": "approx_quantile({}, {})",
    "trino": "approx_percentile({}, {})",
    "athena": "approx_percentile({}, {})",
    **dict.fromkeys(SPARK, "approx_percentile({}, {})"),
}


def counted_by_sketch(call: exp.Count, query: Query) -> Edit | None:
    """Return the edit that makes COUNT(DISTINCT x) an estimate, where the dialect has one for a single argument."""
    name = DISTINCT.get(query.dialect)
    items = call.this.expressions
    span = query.span(call)
    text = span.of(query.source)
    if name is None or len(items) != 1 or isinstance(items[0], exp.Tuple) or has_comment(text):
        return None
    if text.islower() or text[:5] == "count":
        name = name.lower()
    return Edit(span, f"{name}({query.text(items[0])})")
