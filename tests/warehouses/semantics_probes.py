"""For each cell of `sqlopt.warehouses.semantics`, the statements that show it and how their answer is read.

A probe is asked of a running engine: its statements run one after another, and the last one's rows (or its error)
become the cell's value. `OTHERWISE` holds an engine's own spelling of the same question.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlopt.warehouses.semantics import Alias, Failure, Fold, Nan, Nulls, Number, Place, Rounding

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Answer:
    """What a statement gave: rows, or None for an error; the names of its columns."""

    rows: list[tuple[Any, ...]] | None
    names: tuple[str, ...] = ()

    @property
    def value(self) -> Any:
        """The first column of the first row."""
        assert self.rows, "no rows"
        return self.rows[0][0]


def number(answer: Answer) -> Number:
    """The kind of number that the first value is."""
    return {int: Number.INTEGER, Decimal: Number.DECIMAL, float: Number.DOUBLE}[type(answer.value)]


def failure(answer: Answer) -> Failure:
    """What came of a value that can't be had."""
    if answer.rows is None:
        return Failure.ERROR
    value = answer.value
    if value is None:
        return Failure.NULL
    if isinstance(value, float) and math.isinf(value):
        return Failure.INFINITY
    if value == 0:
        return Failure.ZERO
    return Failure.WRAPS if value < 0 else Failure.CLAMPS if value == 2**31 - 1 else Failure.WIDENS


def rounding(answer: Answer) -> Rounding:
    """How 2.5 and 3.5 became whole."""
    (row,) = answer.rows
    return {(2, 4): Rounding.HALF_EVEN, (3, 4): Rounding.HALF_AWAY, (2, 3): Rounding.TRUNCATE}[
        tuple(int(one) for one in row)
    ]


def nan(answer: Answer) -> Nan:
    """Whether NaN equals itself, is greater than 1, and is less than 1."""
    if answer.rows is None:
        return Nan.ABSENT
    row = tuple(map(bool, answer.rows[0]))
    return {(True, True, False): Nan.GREATEST, (False, False, False): Nan.UNORDERED}.get(row, Nan.ABSENT)


def null_place(answer: Answer) -> Place:
    """Where NULL stands."""
    return Place.FIRST if answer.value is None else Place.LAST


def nan_place(answer: Answer) -> Place:
    """Where NaN stands among what is not NULL."""
    rows = [one for (one,) in answer.rows if one is not None]
    return Place.FIRST if math.isnan(rows[0]) else Place.LAST


def text_null(answer: Answer) -> Nulls:
    """What joining 'a' and NULL gave."""
    return {None: Nulls.NULL, "a": Nulls.SKIPPED}[answer.value]


def greatest(answer: Answer) -> Nulls:
    """What the greater of 1 and NULL is."""
    return {None: Nulls.NULL, 1: Nulls.SKIPPED}[answer.value]


def pairs(answer: Answer) -> Nulls:
    """Whether a pair with a NULL was counted."""
    return Nulls.ABSENT if answer.rows is None else (Nulls.SKIPPED, Nulls.COUNTED)[answer.value]


def true(answer: Answer) -> bool:
    """Whether the first value is true."""
    return bool(answer.value)


def worked(answer: Answer) -> bool:
    """Whether it ran."""
    return answer.rows is not None


def failed(answer: Answer) -> bool:
    """Whether it was refused."""
    return answer.rows is None


def fold(answer: Answer) -> Fold:
    """What became of the letters of an unquoted name."""
    return {"abcd": Fold.LOWER, "ABCD": Fold.UPPER, "aBcD": Fold.KEEP}[answer.names[0]]


def escape(answer: Answer) -> str:
    r"""What escapes in '%' LIKE '\%'."""
    return "\\" if answer.value else ""


def length(answer: Answer) -> int:
    """How many characters were kept; 0 is all of 300."""
    return len(answer.value) % 300


def value(answer: Answer) -> Any:
    """The first value."""
    return answer.value


def whole(answer: Answer) -> int:
    """The first value as a whole number."""
    return int(answer.value)


def days(answer: Answer) -> tuple[int, ...]:
    """The numbers of Sunday and Monday."""
    return tuple(int(one) for one in answer.rows[0])


def week_start(answer: Answer) -> str:
    """Where the week of Sunday 2021-01-03 starts."""
    return {"2020-12-28": "monday", "2021-01-03": "sunday"}[str(answer.value)[:10]]


def digits(answer: Answer) -> int:
    """How many digits of a second's fraction came back, of 123456789."""
    return len(str(answer.value).partition(".")[2].partition("+")[0])


def scale(answer: Answer) -> int:
    """The digits after the point."""
    return -answer.value.as_tuple().exponent


@dataclass(frozen=True)
class Probe:
    """Statements, and what reads the last one's answer."""

    read: Callable[[Answer], Any]
    sql: tuple[str, ...]


@dataclass(frozen=True)
class Seen:
    """Two statements about an alias ``y``: beside a column ``y`` of other values, and where there is none.

    ``shows`` are the rows of the first statement if the column was read.
    """

    beside: str
    alone: str
    column: list[tuple[Any, ...]] | None

    def read(self, run: Callable[[str], Answer]) -> Alias:
        """Ask both."""
        if run(self.alone).rows is None:
            # An error beside a column too means that the alias hides the column, and may not be used.
            return Alias.HIDDEN
        return Alias.COLUMN if run(self.beside).rows == self.column else Alias.ALIAS


ONE = "(SELECT 1 AS x, 5 AS y) t"
LONE = "(SELECT 1 AS x) t"
TWO = "(SELECT 1 AS x, 1 AS y UNION ALL SELECT 2, 2) t"
TWO_LONE = "(SELECT 1 AS x UNION ALL SELECT 2) t"
D = "CAST({} AS DOUBLE PRECISION)"
N = "CAST({} AS DECIMAL(10, 2))"
NAN = "CAST('NaN' AS DOUBLE PRECISION)"


def probe(read: Callable[[Answer], Any], *sql: str) -> Probe:
    """Make a probe."""
    return Probe(read, sql)


PROBES: dict[str, Probe | Seen] = {
    "unquoted": probe(fold, "SELECT 1 AS aBcD"),
    "column_case": probe(worked, 'CREATE TABLE probe_a ("a" INT, "A" INT)'),
    "table_case": probe(worked, 'CREATE TABLE "probe_b" (a INT)', 'CREATE TABLE "PROBE_B" (a INT)'),
    "keys_enforced": probe(
        failed,
        "CREATE TABLE probe_c (a INT UNIQUE)",
        "INSERT INTO probe_c VALUES (1)",
        "INSERT INTO probe_c VALUES (1)",
    ),
    "foreign_keys_enforced": probe(
        failed,
        "CREATE TABLE probe_d (a INT PRIMARY KEY)",
        "CREATE TABLE probe_e (a INT REFERENCES probe_d(a))",
        "INSERT INTO probe_e VALUES (1)",
    ),
    "null_in_primary_key": probe(
        worked, "CREATE TABLE probe_f (a VARCHAR(9) PRIMARY KEY)", "INSERT INTO probe_f VALUES (NULL)"
    ),
    "child_tables": probe(
        worked, "CREATE TABLE probe_g (a INT PRIMARY KEY)", "CREATE TABLE probe_h () INHERITS (probe_g)"
    ),
    "alias_in_select": Seen(
        f"SELECT -x AS y, y * 10 AS z FROM {ONE}", f"SELECT -x AS y, y * 10 AS z FROM {LONE}", [(-1, 50)]
    ),
    "alias_in_where": Seen(
        f"SELECT -x AS y FROM {ONE} WHERE y < 0", f"SELECT -x AS y FROM {LONE} WHERE y < 0", []
    ),
    "alias_in_group_by": Seen(
        "SELECT x % 2 AS y, MAX(x) FROM (SELECT 1 AS x, 1 AS y UNION ALL SELECT 3, 2) t GROUP BY y",
        "SELECT x % 2 AS y, MAX(x) FROM (SELECT 1 AS x UNION ALL SELECT 3) t GROUP BY y",
        None,
    ),
    "alias_in_having": Seen(
        f"SELECT -x AS y FROM {ONE} GROUP BY x, t.y HAVING y < 0",
        f"SELECT -x AS y FROM {LONE} GROUP BY x HAVING y < 0",
        [],
    ),
    "alias_in_order_by": Seen(
        f"SELECT -x AS y FROM {TWO} ORDER BY y", f"SELECT -x AS y FROM {TWO_LONE} ORDER BY y", [(-1,), (-2,)]
    ),
    "alias_in_order_expression": Seen(
        f"SELECT -x AS y FROM {TWO} ORDER BY y + 0",
        f"SELECT -x AS y FROM {TWO_LONE} ORDER BY y + 0",
        [(-1,), (-2,)],
    ),
    "alias_in_qualify": Seen(
        f"SELECT -x AS y FROM {ONE} QUALIFY ROW_NUMBER() OVER (ORDER BY x) = 1 AND y < 0",
        f"SELECT -x AS y FROM {LONE} QUALIFY ROW_NUMBER() OVER (ORDER BY x) = 1 AND y < 0",
        [],
    ),
    "ordinal_in_group_by": probe(worked, f"SELECT x % 2, COUNT(*) FROM {TWO} GROUP BY 1"),
    "integer_division": probe(number, "SELECT 7 / 2"),
    "decimal_division": probe(number, f"SELECT {N.format(1)} / {N.format(3)}"),
    "quotient_digits": probe(scale, f"SELECT {N.format(1)} / {N.format(3)}"),
    "division_by_zero": probe(failure, "SELECT 1 / 0"),
    "float_division_by_zero": probe(failure, f"SELECT {D.format(1)} / 0"),
    "integer_overflow": probe(failure, "SELECT CAST(9223372036854775807 AS BIGINT) + 1"),
    "sum_of_integers": probe(number, "SELECT SUM(x) FROM (SELECT CAST(1 AS INTEGER) AS x) t"),
    "sum_of_bigints": probe(number, "SELECT SUM(x) FROM (SELECT CAST(1 AS BIGINT) AS x) t"),
    "sum_of_decimals": probe(number, f"SELECT SUM(x) FROM (SELECT {N.format(1)} AS x) t"),
    "average_of_integers": probe(number, "SELECT AVG(x) FROM (SELECT CAST(1 AS INTEGER) AS x) t"),
    "average_of_decimals": probe(number, f"SELECT AVG(x) FROM (SELECT {N.format(1)} AS x) t"),
    "float_to_integer": probe(
        rounding, f"SELECT CAST({D.format(2.5)} AS INTEGER), CAST({D.format(3.5)} AS INTEGER)"
    ),
    "decimal_to_integer": probe(
        rounding, f"SELECT CAST({N.format(2.5)} AS INTEGER), CAST({N.format(3.5)} AS INTEGER)"
    ),
    "float_round": probe(rounding, f"SELECT ROUND({D.format(2.5)}), ROUND({D.format(3.5)})"),
    "average_digits": probe(scale, f"SELECT AVG(x) FROM (SELECT {N.format(1)} AS x) t"),
    "fraction_literal": probe(number, "SELECT 2.5"),
    "decimal_round": probe(rounding, f"SELECT ROUND({N.format(2.5)}), ROUND({N.format(3.5)})"),
    "cast_cuts": probe(lambda one: one.value == "ab", "SELECT CAST('abcde' AS VARCHAR(2))"),
    "date_plus_days": probe(
        lambda one: one.rows is not None and str(one.value)[:10] == "2020-01-02",
        "SELECT DATE '2020-01-01' + 1",
    ),
    "nan": probe(nan, f"SELECT {NAN} = {NAN}, {NAN} > 1, {NAN} < 1"),
    "nan_ascending": probe(
        nan_place, f"SELECT x FROM (SELECT {NAN} AS x UNION ALL SELECT {D.format(1)}) t ORDER BY x"
    ),
    "variance_is_sample": probe(lambda one: one.value == 2, f"SELECT VARIANCE(x * 2 + 1) FROM {TWO}"),
    "stddev_is_sample": probe(lambda one: one.value > 1.2, f"SELECT STDDEV(x * 2 + 1) FROM {TWO}"),
    "number_as_condition": probe(worked, f"SELECT x FROM {ONE} WHERE 1"),
    "nulls_ascending": probe(null_place, "SELECT x FROM (SELECT 1 AS x UNION ALL SELECT NULL) t ORDER BY x"),
    "nulls_descending": probe(
        null_place, "SELECT x FROM (SELECT 1 AS x UNION ALL SELECT NULL) t ORDER BY x DESC"
    ),
    "concat": probe(text_null, "SELECT CONCAT('a', NULL)"),
    "bars": probe(text_null, "SELECT 'a' || NULL"),
    "greatest": probe(greatest, "SELECT GREATEST(1, NULL)"),
    "count_distinct_pairs": probe(
        pairs, "SELECT COUNT(DISTINCT x, y) FROM (SELECT 1 AS x, CAST(NULL AS INT) AS y) t"
    ),
    "row_of_nulls_is_null": probe(true, "SELECT ROW(NULL, NULL) IS NULL"),
    "empty_is_null": probe(true, "SELECT '' IS NULL"),
    "ifnull_keeps_first_type": probe(
        lambda one: one.value == 1 and type(one.value) is int,
        "SELECT IFNULL(x, 2.5) FROM (SELECT CAST(NULL AS INTEGER) AS x) t",
    ),
    "empty_in_list": probe(worked, "SELECT 1 IN ()"),
    "text_case": probe(lambda one: not one.value, "SELECT 'a' = 'A'"),
    "like_case": probe(lambda one: not one.value, "SELECT 'a' LIKE 'A'"),
    "pads_blanks": probe(true, "SELECT CAST('a' AS VARCHAR(5)) = CAST('a ' AS VARCHAR(5))"),
    "like_escape": probe(escape, "SELECT '%' LIKE '\\%'"),
    "dollar_before_newline": probe(true, "SELECT REGEXP_LIKE('xyz' || CHR(10), 'xyz$')"),
    "substring_from_zero": probe(value, "SELECT SUBSTR('abcdef', 0, 3)"),
    "substring_from_negative": probe(value, "SELECT SUBSTR('abcdef', -2, 2)"),
    "char_length": probe(length, f"SELECT CAST('{'x' * 300}' AS CHAR)"),
    "varchar_length": probe(length, f"SELECT CAST('{'x' * 300}' AS VARCHAR)"),
    "text_to_integer": probe(failure, "SELECT CAST('x' AS INTEGER)"),
    "blank_to_integer": probe(failure, "SELECT CAST('' AS INTEGER)"),
    "cast_overflow": probe(failure, "SELECT CAST(CAST(3000000000 AS BIGINT) AS INTEGER)"),
    "fraction_digits": probe(
        digits, "SELECT CAST(CAST('2020-01-01 00:00:00.123456789' AS TIMESTAMP) AS VARCHAR(40))"
    ),
    "infinite_dates": probe(worked, "SELECT CAST(CAST('infinity' AS DATE) AS VARCHAR(40))"),
    "day_of_week": probe(
        days, "SELECT EXTRACT(DOW FROM DATE '2021-01-03'), EXTRACT(DOW FROM DATE '2021-01-04')"
    ),
    "week_starts": probe(week_start, "SELECT DATE_TRUNC('week', DATE '2021-01-03')"),
    "week_number": probe(whole, "SELECT EXTRACT(WEEK FROM DATE '2021-01-03')"),
    "last_value_ends_at_row": probe(
        lambda one: one.value == 1, f"SELECT LAST_VALUE(x) OVER (ORDER BY x) FROM {TWO_LONE} ORDER BY x"
    ),
}
"""Cells that no probe shows: `null_order_setting` is a name."""

_GROUPED = PROBES["alias_in_group_by"]
assert isinstance(_GROUPED, Seen)

OTHERWISE: dict[str, dict[str, Probe | Seen]] = {
    "sqlite": {"alias_in_group_by": Seen(_GROUPED.beside, _GROUPED.alone, [(1, 1), (1, 3)])},
    "duckdb": {"dollar_before_newline": probe(true, "SELECT regexp_matches('xyz' || chr(10), 'xyz$')")},
    "spark": {
        "unquoted": probe(fold, "SELECT aBcD FROM (SELECT 1 AS aBcD) t"),
        "column_case": probe(worked, "SELECT `a` FROM (SELECT 1 AS `a`, 2 AS `A`) t"),
        "table_case": probe(
            worked,
            "CREATE TABLE `probe_b` (a INT) USING parquet",
            "CREATE TABLE `PROBE_B` (a INT) USING parquet",
        ),
        "char_length": probe(failed, "SELECT CAST('x' AS CHAR)"),
        "dollar_before_newline": probe(true, "SELECT CONCAT('xyz', CHR(10)) RLIKE 'xyz$'"),
        "fraction_digits": probe(
            digits, "SELECT CAST(CAST('2020-01-01 00:00:00.123456789' AS TIMESTAMP) AS STRING)"
        ),
        "infinite_dates": probe(true, "SELECT TRY_CAST('infinity' AS DATE) IS NOT NULL"),
        "like_escape": probe(escape, "SELECT '%' LIKE '\\\\%'"),
    },
}


def ask(dialect: str, cell: str, run: Callable[[str], Answer]) -> Any:
    """Return what an engine says of a cell; ``run`` runs one statement there."""
    asked = OTHERWISE.get(dialect, {}).get(cell) or PROBES[cell]
    if isinstance(asked, Seen):
        return asked.read(run)
    answers = [run(one) for one in asked.sql]
    assert all(one.rows is not None for one in answers[:-1]), f"{cell}: its tables could not be made"
    return asked.read(answers[-1])
