"""What BigQuery's incremental materialized views may hold; others need `allow_non_incremental_definition`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlopt.warehouses.limits import Feature, Limits, Source, Sure

if TYPE_CHECKING:
    from collections.abc import Mapping

_VIEWS: Final = Source("https://cloud.google.com/bigquery/docs/materialized-views-create")
_BELIEVED: Final = Source(_VIEWS.where, Sure.BELIEVED)
_AGGREGATES: Final = frozenset(
    {"ANY_VALUE", "APPROX_DISTINCT", "ARRAY_AGG", "AVG", "BIT_AND", "BIT_OR", "BIT_XOR", "COUNT", "COUNT_IF", "HLL",
     "LOGICAL_AND", "LOGICAL_OR", "MAX", "MIN", "SUM"}
)  # fmt: skip

LIMITS: Final[Mapping[str, Limits]] = {
    "bigquery": Limits(
        "BigQuery",
        exists=True,
        allowed=frozenset({Feature.JOIN, Feature.CTE}),
        refused={
            Feature.OUTER_JOIN: _VIEWS,
            Feature.SET_OPERATION: _VIEWS,
            Feature.HAVING: _VIEWS,
            Feature.WINDOW: _VIEWS,
            **dict.fromkeys(
                (
                    Feature.SELF_JOIN,
                    Feature.CROSS_JOIN,
                    Feature.SUBQUERY,
                    Feature.DISTINCT,
                    Feature.DISTINCT_AGGREGATE,
                    Feature.ORDER_BY,
                    Feature.LIMIT,
                    Feature.GROUPING_SETS,
                    Feature.USER_FUNCTION,
                    Feature.UNSTABLE,
                ),
                _BELIEVED,
            ),
        },
        aggregates=_AGGREGATES,
        aggregates_source=_VIEWS,
        rewrites=True,
        automatic=True,
        incremental=True,
        source=_VIEWS,
        notes=("with joins, only rows added to the first table are refreshed incrementally",),
        instead=("incremental model", "table"),
    ),
}
