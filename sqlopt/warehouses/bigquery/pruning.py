"""What BigQuery's pruning understands: partitions (``partition``) and clustered blocks (``cluster``).

The documentation says that a filter must compare the partition column with a constant expression, lists the
functions of it that still prune, and says that all others need a full scan; that a clustered column must
stand alone. Some cells rest on what projects measured by dry run or by tables that require a partition
filter. ``TRUNCATE``, ``CAST_DATE`` and ``FORMAT`` hold for most spellings of their form only. Blocks are
skipped at run time: a dry run of a clustered table shows an upper bound.
"""

from __future__ import annotations

from sqlopt.warehouses.pruning import Cell, Form, Prunes, PruningTable

_CHECKED = "(checked 2026-11-23)"
_DOCS = "https://cloud.google.com/bigquery/docs"
_PARTITIONED = f"{_DOCS}/querying-partitioned-tables {_CHECKED}"
_FUNCTIONS = f"https://docs.cloud.google.com/bigquery/docs/querying-partitioned-tables {_CHECKED}"
_CLUSTERED = f"{_DOCS}/querying-clustered-tables {_CHECKED}"
_COMPUTE = f"{_DOCS}/best-practices-performance-compute {_CHECKED}"

_HIDDEN_FROM_BLOCKS = (
    Form.CAST_DATE, Form.CAST_TIMESTAMP, Form.CAST_STRING, Form.CAST_NUMBER, Form.TRUNCATE, Form.YEAR,
    Form.DATE_PART, Form.FORMAT, Form.SHIFT, Form.ARITHMETIC, Form.MODULO, Form.TIME_ZONE, Form.COALESCE,
    Form.CASE_FOLD, Form.SUBSTRING, Form.CONCAT, Form.PARSE, Form.USER_FUNCTION, Form.OTHER_FUNCTION,
)  # fmt: skip

_UNLISTED = (
    Form.MODULO, Form.CAST_STRING, Form.CAST_NUMBER, Form.COALESCE, Form.CASE_FOLD, Form.SUBSTRING,
    Form.CONCAT, Form.PARSE, Form.USER_FUNCTION, Form.OTHER_FUNCTION,
)  # fmt: skip


def _page(answer: Prunes, page: str, says: str) -> Cell:
    return Cell(answer, f"{page}: {says}")


def _others(answer: Prunes, says: str, *where: str) -> Cell:
    """Measured by other projects, in the issues and pull requests named."""
    return Cell(
        answer,
        f"measured by others: {says}; " + " ".join(f"https://github.com/{one}" for one in where),
        "measured",
    )


def _unknown(says: str) -> Cell:
    return Cell(Prunes.UNKNOWN, says, "believed")


TABLE = PruningTable(
    "bigquery",
    partition={
        Form.COMPARE: _page(Prunes.YES, _PARTITIONED, "a comparison of the column with a constant prunes"),
        Form.CLOCK: _page(Prunes.YES, _PARTITIONED, "CURRENT_TIMESTAMP() is a constant expression"),
        Form.IS_NULL: _page(Prunes.YES, _PARTITIONED, "_PARTITIONTIME IS NULL reads __UNPARTITIONED__ only"),
        Form.SUBQUERY: _page(
            Prunes.NO, _PARTITIONED, "a subquery's value is dynamic: all partitions are scanned"
        ),
        Form.OTHER_COLUMN: _page(Prunes.NO, _PARTITIONED, "a filter that needs a second field doesn't prune"),
        Form.OR_OTHER: _page(Prunes.NO, _PARTITIONED, "an OR with another column is no partition filter"),
        Form.SHIFT: _page(Prunes.YES, _FUNCTIONS, "DATE_ADD, TIMESTAMP_SUB, DATE_DIFF and their kin prune"),
        Form.YEAR: _page(Prunes.YES, _FUNCTIONS, "EXTRACT with the part YEAR prunes"),
        Form.ARITHMETIC: _page(
            Prunes.NO, _FUNCTIONS, "neither `ts + INTERVAL ...` nor a sum of an integer-range column prunes"
        ),
        Form.DATE_PART: _page(Prunes.NO, _FUNCTIONS, "EXTRACT of MONTH and HOUR don't prune"),
        Form.FORMAT: _page(
            Prunes.NO, _FUNCTIONS, "FORMAT_DATE doesn't prune; FORMAT_TIMESTAMP of a whole day does"
        ),
        **dict.fromkeys(
            _UNLISTED,
            _page(Prunes.NO, _FUNCTIONS, "functions that are not listed there need a full table scan"),
        ),
        Form.LIMIT: _page(Prunes.NO, _COMPUTE, "LIMIT doesn't change the amount of data read"),
        Form.IN_LIST: _others(
            Prunes.YES,
            "TIMESTAMP_TRUNC(c, DAY) IN (...) passes as a partition filter",
            "dbt-labs/dbt-core/pull/3386",
        ),
        Form.PARAMETER: Cell(
            Prunes.YES,
            "measured by others: a variable set before the statement prunes, the subquery in it doesn't; "
            f"https://nbyinfinity.com/bq-pruning-optimisation {_CHECKED}",
            "measured",
        ),
        Form.CAST_DATE: _others(
            Prunes.YES,
            "DATE(ts) prunes; CAST(ts AS DATE) was reported not to (dbt-labs/dbt_metrics/issues/111), nor to "
            "pass IS NULL (mozilla/bigquery-etl/pull/858)",
            "dbt-labs/metricflow/issues/712",
            "lightdash/lightdash/pull/26128",
        ),
        Form.TRUNCATE: _others(
            Prunes.YES,
            "TIMESTAMP_TRUNC(ts, DAY) and DATE_TRUNC(DATE(ts), MONTH) prune; DATETIME_TRUNC doesn't "
            "(dbt-labs/metricflow/issues/2078), nor does a CAST around the "
            "truncation (lightdash/lightdash/issues/25927)",
            "dbt-labs/dbt-core/pull/3386",
            "lightdash/lightdash/pull/27752",
        ),
        Form.TIME_ZONE: _others(
            Prunes.YES,
            "DATE(ts, 'zone') prunes; DATETIME(ts, 'zone') doesn't",
            "lightdash/lightdash/pull/27752",
            "lightdash/lightdash/pull/27678",
        ),
        Form.CAST_TIMESTAMP: _others(
            Prunes.NO,
            "TIMESTAMP(c) and CAST(c AS TIMESTAMP) scan all partitions (138 MB became 736 GB); of CAST(c AS "
            "DATETIME) reports differ",
            "dbt-labs/dbt-bigquery/issues/1476",
            "sodadata/soda-core/pull/2853",
            "stellar/stellar-dbt-public/issues/292",
        ),
        Form.JOIN: _unknown(
            "nothing documented; a MERGE ON equality alone read the whole target, 1.16 GB for 3.89 MB "
            "(https://github.com/OWOX/owox-data-marts/pull/1579)"
        ),
        Form.IN_SUBQUERY: _unknown("dynamic, but joins may prune at run time, which a dry run can't show"),
    },
    cluster={
        Form.COMPARE: _page(Prunes.YES, _CLUSTERED, "a filter on the bare clustered column skips blocks"),
        Form.LIKE_PREFIX: _page(Prunes.YES, _CLUSTERED, "its example of a good filter is a LIKE 'prefix%'"),
        Form.PARAMETER: _page(Prunes.YES, _CLUSTERED, "its code examples filter by a query parameter"),
        Form.OTHER_COLUMN: _page(Prunes.NO, _CLUSTERED, "compared with another column, blocks aren't pruned"),
        **dict.fromkeys(
            _HIDDEN_FROM_BLOCKS,
            _page(
                Prunes.NO,
                _CLUSTERED,
                "a clustered column in a function, such as CAST(), doesn't prune blocks",
            ),
        ),
    },
)
