"""What Snowflake's pruning of micro-partitions understands, by the minimum and maximum of each column.

Snowflake documents little of it: that filters on clustered columns prune, that subqueries don't, and that
expressions that keep a column's order still do. Functions that break the order (UPPER, MONTH, SUBSTR ...)
are unknown here; the query's own profile tells ("partitions scanned").
"""

from __future__ import annotations

from sqlopt.warehouses.pruning import Cell, Form, Prunes, PruningTable

_CHECKED = "(checked 2026-11-23)"
_MICRO = f"https://docs.snowflake.com/en/user-guide/tables-clustering-micropartitions {_CHECKED}"
_KEYS = f"https://docs.snowflake.com/en/user-guide/tables-clustering-keys {_CHECKED}"
_PAPER = f"https://arxiv.org/abs/2504.11540 {_CHECKED}"
_ORDER = "an expression that keeps the order, as TO_DATE(ts) or TRUNC, lets minimum and maximum prune"


def _unknown(says: str) -> Cell:
    return Cell(Prunes.UNKNOWN, says, "believed")


TABLE = PruningTable(
    "snowflake",
    cluster={
        Form.COMPARE: Cell(Prunes.YES, f"{_MICRO}: a filter on a range of values skips micro-partitions"),
        Form.CAST_DATE: Cell(Prunes.YES, f"{_KEYS}: {_ORDER}"),
        Form.TRUNCATE: Cell(Prunes.YES, f"{_KEYS}: {_ORDER}"),
        Form.PARAMETER: Cell(
            Prunes.YES,
            "measured by others: a session variable prunes where the subquery it replaced did not; "
            f"https://github.com/snowplow/data-models/issues/140 {_CHECKED}",
            "measured",
        ),
        Form.LIKE_PREFIX: Cell(Prunes.YES, f"{_PAPER}: minimum and maximum serve a LIKE with a prefix"),
        Form.LIKE_WILDCARD: Cell(Prunes.NO, f"{_PAPER}: minimum and maximum serve only a LIKE with a prefix"),
        Form.LIMIT: Cell(
            Prunes.YES, f"{_PAPER}: LIMIT without ORDER BY takes as few micro-partitions as suffice"
        ),
        Form.JOIN: Cell(Prunes.AT_RUN_TIME, f"{_PAPER}: the build side's values prune the probe side"),
        Form.SUBQUERY: _unknown(
            f"{_MICRO}: a predicate with a subquery doesn't prune; but MIN and MAX of a table come from "
            "metadata before pruning, except of text and floats, and then it does (measured by others, 2024)"
        ),
        Form.IN_SUBQUERY: _unknown(
            f"{_MICRO}: a predicate with a subquery doesn't prune; {_PAPER}: a join does"
        ),
        **dict.fromkeys((Form.IN_LIST, Form.CLOCK), _unknown("believed to prune; no documentation found")),
    },
)
