"""What Spark's partition pruning understands.

Measured with Spark 4.3.0 (files that the scan reads of a Parquet table with 12 partitions): the driver
computes the predicate for each partition's values, so every built-in function of partition columns alone
prunes. Tables of a Hive metastore with very many partitions differ in one way: what the metastore can't
evaluate is still pruned, but all partitions are listed first (https://github.com/apache/spark/pull/30708,
https://github.com/apache/spark/pull/19602). What file formats and Delta skip inside a partition
(``cluster``) is not measured.
"""

from __future__ import annotations

from sqlopt.warehouses.pruning import Cell, Form, Prunes, PruningTable

_RAN = "measured: Spark 4.3.0, files read of a partitioned Parquet table"

_LATE = (Form.SUBQUERY, Form.IN_SUBQUERY, Form.JOIN)
_MIXED = (Form.OTHER_COLUMN, Form.OR_OTHER, Form.ROW_VALUE)
_COMPUTED = tuple(form for form in Form if form not in (*_LATE, *_MIXED, Form.USER_FUNCTION, Form.LIMIT))

TABLE = PruningTable(
    "spark",
    partition={
        **dict.fromkeys(_COMPUTED, Cell(Prunes.YES, _RAN, "measured")),
        **dict.fromkeys(_LATE, Cell(Prunes.AT_RUN_TIME, f"{_RAN}, by dynamic partition pruning", "measured")),
        **dict.fromkeys(_MIXED, Cell(Prunes.NO, _RAN, "measured")),
        Form.USER_FUNCTION: Cell(
            Prunes.UNKNOWN, f"{_RAN}: a function written in SQL prunes, one in Python doesn't", "measured"
        ),
        Form.LIMIT: Cell(
            Prunes.UNKNOWN,
            f"{_RAN}: all partitions are chosen, but the run stops when it has its rows",
            "measured",
        ),
    },
)
