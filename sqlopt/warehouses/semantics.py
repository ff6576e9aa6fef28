"""What the same SQL means in each engine: the cells that each warehouse's table fills, with their sources.

Ask ``semantics(dialect).<cell>.value``: None is unknown, and then so is whatever needs the answer. Each value that
can be run stands beside the statement that shows it in ``tests/warehouses/semantics_probes.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from sqlopt.warehouses.limits import Source, Sure

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")


class Fold(StrEnum):
    """What an engine makes of the letters of a name without quotes."""

    UPPER = "upper"
    LOWER = "lower"
    KEEP = "keep"


class Number(StrEnum):
    """Kinds of numbers that compute differently."""

    INTEGER = "integer"
    DECIMAL = "decimal"
    DOUBLE = "double"


class Failure(StrEnum):
    """What comes of a value that can't be had."""

    ERROR = "error"
    NULL = "null"
    ZERO = "zero"
    INFINITY = "infinity"
    WRAPS = "wraps"
    WIDENS = "widens"
    CLAMPS = "clamps"


class Nan(StrEnum):
    """How NaN compares."""

    ABSENT = "absent"
    GREATEST = "greatest"  # equal to itself, greater than every other number
    UNORDERED = "unordered"  # IEEE 754: <> is true, every other comparison false


class Place(StrEnum):
    """Where a value stands in an order."""

    FIRST = "first"
    LAST = "last"


class Nulls(StrEnum):
    """What a function makes of a NULL argument beside others that are not."""

    NULL = "null"
    SKIPPED = "skipped"
    COUNTED = "counted"
    ABSENT = "absent"  # the engine has no such form


class Rounding(StrEnum):
    """How a number with a fraction becomes a whole one."""

    HALF_EVEN = "half even"
    HALF_AWAY = "half away from zero"
    TRUNCATE = "truncate"


class Alias(StrEnum):
    """What an alias of the SELECT list means in another clause."""

    HIDDEN = "hidden"  # only columns are seen
    COLUMN = "column"  # the alias is seen; a column of the same name goes before it
    ALIAS = "alias"  # the alias goes before a column of the same name


@dataclass(frozen=True, slots=True)
class Cell(Generic[T]):
    """One answer about an engine; a ``value`` of None is unknown. ``source`` says where it was read or run."""

    value: T | None = None
    source: Source | None = None

    @property
    def known(self) -> bool:
        """Whether there is an answer."""
        return self.value is not None

    def only(self, value: T) -> bool:
        """Whether the answer is known, and this one."""
        return self.value is not None and self.value == value


@dataclass(frozen=True, slots=True)
class Told:
    """Makes cells of one source."""

    where: str
    sure: Sure = Sure.DOCUMENTED
    checked: str = "2026-12-01"

    def __call__(self, value: T) -> Cell[T]:
        """Return a cell with that value."""
        return Cell(value, Source(self.where, self.sure, self.checked))


UNKNOWN: Final[Cell[Any]] = Cell()


@dataclass(frozen=True, slots=True, kw_only=True)
class Semantics:
    """What is known of one engine. The comment beside each cell says what is asked."""

    engine: str

    # Names
    unquoted: Cell[Fold] = UNKNOWN
    column_case: Cell[bool] = (
        UNKNOWN  # are two quoted columns of a table that differ in case only two columns?
    )
    table_case: Cell[bool] = UNKNOWN  # the same of two quoted tables
    keys_enforced: Cell[bool] = UNKNOWN  # are declared primary and unique keys kept?
    foreign_keys_enforced: Cell[bool] = UNKNOWN
    null_in_primary_key: Cell[bool] = UNKNOWN  # may a declared primary key, kept or not, hold NULL?
    child_tables: Cell[bool] = (
        UNKNOWN  # may a table's rows stand in inheriting tables, which keep no key of it?
    )

    # Aliases
    alias_in_select: Cell[Alias] = UNKNOWN  # in a later item of the same list
    alias_in_where: Cell[Alias] = UNKNOWN
    alias_in_group_by: Cell[Alias] = UNKNOWN
    alias_in_having: Cell[Alias] = UNKNOWN  # inside of no aggregate
    alias_in_order_by: Cell[Alias] = UNKNOWN  # as the whole key
    alias_in_order_expression: Cell[Alias] = UNKNOWN  # as a part of a key
    alias_in_qualify: Cell[Alias] = UNKNOWN
    ordinal_in_group_by: Cell[bool] = UNKNOWN

    # Numbers
    integer_division: Cell[Number] = UNKNOWN  # the kind of 7 / 2; INTEGER truncates toward zero
    decimal_division: Cell[Number] = UNKNOWN  # the kind of a quotient of two decimals
    quotient_digits: Cell[int] = UNKNOWN  # digits after the point of DECIMAL(10, 2) / DECIMAL(10, 2)
    fraction_literal: Cell[Number] = UNKNOWN  # the kind of 2.5
    division_by_zero: Cell[Failure] = UNKNOWN  # of integers
    float_division_by_zero: Cell[Failure] = UNKNOWN
    integer_overflow: Cell[Failure] = UNKNOWN  # of BIGINT + BIGINT
    sum_of_integers: Cell[Number] = UNKNOWN
    sum_of_bigints: Cell[Number] = UNKNOWN
    sum_of_decimals: Cell[Number] = UNKNOWN
    average_of_integers: Cell[Number] = UNKNOWN  # INTEGER truncates
    average_of_decimals: Cell[Number] = UNKNOWN
    average_digits: Cell[int] = UNKNOWN  # digits after the point of AVG of DECIMAL(10, 2)
    float_to_integer: Cell[Rounding] = UNKNOWN  # by CAST
    decimal_to_integer: Cell[Rounding] = UNKNOWN  # by CAST
    float_round: Cell[Rounding] = UNKNOWN  # ROUND of a binary float that lies halfway
    decimal_round: Cell[Rounding] = UNKNOWN  # ROUND of a decimal that lies halfway
    nan: Cell[Nan] = UNKNOWN
    nan_ascending: Cell[Place] = UNKNOWN  # among numbers that are not NULL
    variance_is_sample: Cell[bool] = UNKNOWN  # the word VARIANCE
    stddev_is_sample: Cell[bool] = UNKNOWN  # the word STDDEV
    number_as_condition: Cell[bool] = UNKNOWN  # does WHERE 1 stand for TRUE?

    # NULL
    nulls_ascending: Cell[Place] = UNKNOWN
    nulls_descending: Cell[Place] = UNKNOWN
    null_order_setting: Cell[str] = UNKNOWN  # the setting that changes both; "" where there is none
    concat: Cell[Nulls] = UNKNOWN  # CONCAT('a', NULL): SKIPPED is 'a'
    bars: Cell[Nulls] = UNKNOWN  # 'a' || NULL; ABSENT where || joins no texts
    greatest: Cell[Nulls] = UNKNOWN  # GREATEST(1, NULL) and LEAST
    count_distinct_pairs: Cell[Nulls] = UNKNOWN  # COUNT(DISTINCT a, b) where one of them is NULL
    row_of_nulls_is_null: Cell[bool] = UNKNOWN  # is ROW(NULL, NULL) IS NULL true?
    empty_is_null: Cell[bool] = UNKNOWN  # is '' NULL?
    ifnull_keeps_first_type: Cell[bool] = UNKNOWN  # has ISNULL or IFNULL its first argument's type?
    empty_in_list: Cell[bool] = UNKNOWN  # may a list of IN be empty?

    # Text
    text_case: Cell[bool] = UNKNOWN  # does 'a' = 'A' tell them apart, by default?
    like_case: Cell[bool] = UNKNOWN  # does LIKE?
    pads_blanks: Cell[bool] = UNKNOWN  # is 'a' = 'a ' of VARCHARs true?
    like_escape: Cell[str] = UNKNOWN  # what LIKE escapes by with no ESCAPE; "" where nothing does
    dollar_before_newline: Cell[bool] = (
        UNKNOWN  # does a regexp's $ match before a line end that ends the text?
    )
    substring_from_zero: Cell[str] = UNKNOWN  # SUBSTR('abcdef', 0, 3), SUBSTRING where there is no SUBSTR
    substring_from_negative: Cell[str] = UNKNOWN  # SUBSTR('abcdef', -2, 2)
    char_length: Cell[int] = UNKNOWN  # characters that CAST(x AS CHAR) keeps; 0 is all
    varchar_length: Cell[int] = UNKNOWN  # the same of VARCHAR
    cast_cuts: Cell[bool] = UNKNOWN  # does CAST('abcde' AS VARCHAR(2)) give 'ab'?
    text_to_integer: Cell[Failure] = UNKNOWN  # CAST('x' AS INTEGER)
    blank_to_integer: Cell[Failure] = UNKNOWN  # CAST('' AS INTEGER)
    cast_overflow: Cell[Failure] = UNKNOWN  # a BIGINT, 3000000000, to a 32-bit integer

    # Time
    fraction_digits: Cell[int] = UNKNOWN  # digits of a second that a plain TIMESTAMP keeps
    date_plus_days: Cell[bool] = UNKNOWN  # is DATE + 1 the next day?
    infinite_dates: Cell[bool] = UNKNOWN
    day_of_week: Cell[tuple[int, int]] = UNKNOWN  # what DAYOFWEEK (or DOW) says of Sunday and of Monday
    week_starts: Cell[str] = UNKNOWN  # DATE_TRUNC to the week: "monday" or "sunday"
    week_number: Cell[int] = UNKNOWN  # WEEK of 2021-01-03, a Sunday: 53 is ISO 8601

    # Windows
    last_value_ends_at_row: Cell[bool] = UNKNOWN  # LAST_VALUE(x) OVER (ORDER BY x): is it the current row's?


@cache
def semantics(dialect: str) -> Semantics:
    """Return what is known of a dialect's engine; one without a table answers unknown to everything."""
    engine = _ENGINES.get(dialect)
    if engine is None:
        return Semantics(engine=dialect)
    tables: Mapping[str, Semantics] = import_module(f"sqlopt.warehouses.{engine}.semantics").SEMANTICS
    return tables[dialect]


_ENGINES: Final[Mapping[str, str]] = {
    "duckdb": "duckdb",
    "snowflake": "snowflake",
    "bigquery": "bigquery",
    "redshift": "redshift",
    "trino": "trino",
    "spark": "spark",
    "spark2": "spark",
    "databricks": "spark",
    "hive": "spark",
    "mysql": "mysql",
    "tsql": "tsql",
    "oracle": "oracle",
    "postgres": "postgres",
    "sqlite": "sqlite",
}
DIALECTS: Final = frozenset(_ENGINES)
"""The dialects that have a table."""
