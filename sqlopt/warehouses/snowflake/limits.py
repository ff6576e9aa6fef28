"""What Snowflake's materialized views may hold. Joins and more go into dynamic tables, which nothing uses by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlopt.warehouses.limits import Feature, Limits, Source, Sure

if TYPE_CHECKING:
    from collections.abc import Mapping

_VIEWS: Final = Source(
    "https://docs.snowflake.com/en/user-guide/views-materialized#limitations-on-creating-materialized-views"
)
DYNAMIC: Final = Source("https://docs.snowflake.com/en/user-guide/dynamic-tables/supported-queries")
"""What dynamic tables may hold: joins, DISTINCT and GROUP BY are refreshed incrementally."""

LIMITS: Final[Mapping[str, Limits]] = {
    "snowflake": Limits(
        "Snowflake",
        exists=True,
        refused={
            **dict.fromkeys(
                (
                    Feature.JOIN,
                    Feature.SELF_JOIN,
                    Feature.OUTER_JOIN,
                    Feature.CROSS_JOIN,
                    Feature.SUBQUERY,
                    Feature.WINDOW,
                    Feature.HAVING,
                    Feature.ORDER_BY,
                    Feature.LIMIT,
                    Feature.GROUPING_SETS,
                    Feature.SET_OPERATION,
                    Feature.USER_FUNCTION,
                    Feature.UNSELECTED_KEY,
                    Feature.UNSTABLE,
                ),
                _VIEWS,
            ),
            Feature.DISTINCT_AGGREGATE: Source(_VIEWS.where, Sure.BELIEVED),
        },
        aggregates=frozenset({"AVG", "COUNT", "MAX", "MIN", "SUM", "APPROX_DISTINCT", "HLL"}),
        aggregates_source=_VIEWS,
        rewrites=True,
        automatic=True,
        incremental=True,
        source=_VIEWS,
        notes=("needs the Enterprise edition",),
        instead=("dynamic table", "incremental model", "table"),
    ),
}
