"""DuckDB has no materialized views: a table made anew takes their place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlopt.warehouses.limits import Limits, Source, Sure

if TYPE_CHECKING:
    from collections.abc import Mapping

LIMITS: Final[Mapping[str, Limits]] = {
    "duckdb": Limits(
        "DuckDB",
        exists=False,
        rewrites=False,
        automatic=False,
        incremental=False,
        source=Source("https://motherduck.com/glossary/materialized-view/; DuckDB 1.5.5", Sure.RUN),
        instead=("table", "incremental model"),
    ),
}
