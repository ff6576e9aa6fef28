"""What Databricks' materialized views may hold; Spark and Hive get tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlopt.warehouses.limits import Feature, Limits, Source, Sure

if TYPE_CHECKING:
    from collections.abc import Mapping

_REFRESH: Final = Source("https://docs.databricks.com/en/optimizations/incremental-refresh.html")
_NONE: Final = Source("https://spark.apache.org/docs/latest/sql-ref-syntax.html", Sure.BELIEVED)

LIMITS: Final[Mapping[str, Limits]] = {
    "databricks": Limits(
        "Databricks",
        exists=True,
        allowed=frozenset(Feature) - {Feature.UNSTABLE, Feature.USER_FUNCTION, Feature.AGGREGATE},
        refused={Feature.UNSTABLE: _REFRESH},
        rewrites=False,
        automatic=None,
        incremental=True,
        source=_REFRESH,
        notes=(
            "refreshed by serverless pipelines, on a schedule that is set",
            "incrementally only from Delta tables with row tracking",
        ),
        instead=("incremental model", "table"),
    ),
    **{
        name: Limits(title, exists=False, rewrites=False, automatic=False, incremental=False, source=_NONE,
                     instead=("incremental model", "table"))
        for name, title in (("spark", "Spark"), ("spark2", "Spark"), ("hive", "Spark"))
    },
}  # fmt: skip
