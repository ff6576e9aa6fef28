"""What PostgreSQL's materialized views may hold: any query; but nothing refreshes them and nothing uses them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlopt.warehouses.limits import Feature, Limits, Source, Sure

if TYPE_CHECKING:
    from collections.abc import Mapping

_VIEWS: Final = Source("https://www.postgresql.org/docs/current/sql-creatematerializedview.html", Sure.RUN)

LIMITS: Final[Mapping[str, Limits]] = {
    "postgres": Limits(
        "PostgreSQL",
        exists=True,
        allowed=frozenset(Feature) - {Feature.UNSTABLE, Feature.USER_FUNCTION},
        refused={},
        rewrites=False,
        automatic=False,
        incremental=False,
        source=_VIEWS,
        notes=(
            "stands still until REFRESH MATERIALIZED VIEW; CONCURRENTLY needs a unique index on columns alone",
        ),
        instead=("table",),
    ),
}
