"""What DuckDB skips: Hive partitions (``partition``) and Parquet row groups (``cluster``).

Every cell is measured, by tests/warehouses/test_pruning_measured.py. Hive: DuckDB computes the predicate
for each file's partition values, so every deterministic function of partition columns alone prunes. Row
groups: only comparisons that its optimizer can bring to the bare column meet the minimum and maximum;
tables in DuckDB's own format behaved the same (rows scanned, DuckDB 1.5.5).
"""

from __future__ import annotations

from sqlopt.warehouses.pruning import Cell, Form, Prunes, PruningTable

_HIVE = "measured: DuckDB 1.5.5, files read of a Hive-partitioned folder"
_GROUPS = "measured: DuckDB 1.5.5, row groups read of a Parquet file"
_MACRO = "a macro is written out in place, so its body decides"

# Known once the other side has run; a LIMIT stops reading when it has its rows.
_LATE = (Form.SUBQUERY, Form.IN_SUBQUERY, Form.JOIN, Form.LIMIT)
# Other columns of the row have a say.
_MIXED = (Form.OTHER_COLUMN, Form.OR_OTHER, Form.ROW_VALUE)
_COMPUTED = tuple(form for form in Form if form not in (*_LATE, *_MIXED, Form.USER_FUNCTION))

_STRAIGHT = (
    Form.COMPARE, Form.IN_LIST, Form.CLOCK, Form.PARAMETER, Form.LIKE_PREFIX, Form.TRUNCATE,
)  # fmt: skip
_HIDDEN = (
    Form.CAST_TIMESTAMP, Form.CAST_STRING, Form.YEAR, Form.DATE_PART, Form.FORMAT, Form.MODULO,
    Form.TIME_ZONE, Form.COALESCE, Form.CASE_FOLD, Form.SUBSTRING, Form.CONCAT, Form.PARSE,
    Form.OTHER_FUNCTION, Form.IS_NULL, Form.LIKE_WILDCARD, *_MIXED,
)  # fmt: skip


def _groups(answer: Prunes, why: str) -> Cell:
    return Cell(answer, f"{_GROUPS}: {why}", "measured")


TABLE = PruningTable(
    "duckdb",
    partition={
        **dict.fromkeys(_COMPUTED, Cell(Prunes.YES, _HIVE, "measured")),
        **dict.fromkeys(_LATE, Cell(Prunes.AT_RUN_TIME, _HIVE, "measured")),
        **dict.fromkeys(_MIXED, Cell(Prunes.NO, _HIVE, "measured")),
        Form.USER_FUNCTION: Cell(Prunes.UNKNOWN, f"{_HIVE}: {_MACRO}", "measured"),
    },
    cluster={
        **dict.fromkeys(_STRAIGHT, Cell(Prunes.YES, _GROUPS, "measured")),
        **dict.fromkeys(_LATE, Cell(Prunes.AT_RUN_TIME, _GROUPS, "measured")),
        **dict.fromkeys(_HIDDEN, Cell(Prunes.NO, _GROUPS, "measured")),
        Form.NOT_EQUAL: _groups(Prunes.PARTIALLY, "only a group that holds one number and nothing else"),
        Form.CAST_DATE: _groups(Prunes.UNKNOWN, "an equality prunes, a range doesn't"),
        Form.CAST_NUMBER: _groups(
            Prunes.UNKNOWN, "between whole numbers it prunes, to a fraction it doesn't"
        ),
        Form.SHIFT: _groups(Prunes.UNKNOWN, "whole numbers prune, dates and timestamps don't"),
        Form.ARITHMETIC: _groups(Prunes.UNKNOWN, "n * 2 prunes, n // 2 doesn't"),
        Form.USER_FUNCTION: _groups(Prunes.UNKNOWN, _MACRO),
    },
)
