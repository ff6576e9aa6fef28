"""What SQL means in DuckDB. Every cell is run by the tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlopt.warehouses.limits import Sure
from sqlopt.warehouses.semantics import (
    Alias,
    Failure,
    Fold,
    Nan,
    Nulls,
    Number,
    Place,
    Rounding,
    Semantics,
    Told,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_RAN = Told("DuckDB 1.5.5", Sure.RUN)

SEMANTICS: Final[Mapping[str, Semantics]] = {
    "duckdb": Semantics(
        engine="DuckDB",
        unquoted=_RAN(Fold.KEEP),
        column_case=_RAN(value=False),
        table_case=_RAN(value=False),
        keys_enforced=_RAN(value=True),
        foreign_keys_enforced=_RAN(value=True),
        null_in_primary_key=_RAN(value=False),
        child_tables=_RAN(value=False),
        alias_in_select=_RAN(Alias.COLUMN),
        alias_in_where=_RAN(Alias.COLUMN),
        alias_in_group_by=_RAN(Alias.COLUMN),
        alias_in_having=_RAN(Alias.COLUMN),
        alias_in_order_by=_RAN(Alias.ALIAS),
        alias_in_order_expression=_RAN(Alias.COLUMN),
        alias_in_qualify=_RAN(Alias.COLUMN),
        ordinal_in_group_by=_RAN(value=True),
        integer_division=_RAN(Number.DOUBLE),
        decimal_division=_RAN(Number.DOUBLE),
        division_by_zero=_RAN(Failure.INFINITY),
        float_division_by_zero=_RAN(Failure.INFINITY),
        integer_overflow=_RAN(Failure.ERROR),
        sum_of_integers=_RAN(Number.INTEGER),
        sum_of_bigints=_RAN(Number.INTEGER),
        sum_of_decimals=_RAN(Number.DECIMAL),
        average_of_integers=_RAN(Number.DOUBLE),
        average_of_decimals=_RAN(Number.DOUBLE),
        float_to_integer=_RAN(Rounding.HALF_EVEN),
        decimal_to_integer=_RAN(Rounding.HALF_AWAY),
        float_round=_RAN(Rounding.HALF_AWAY),
        nan=_RAN(Nan.GREATEST),
        nan_ascending=_RAN(Place.LAST),
        variance_is_sample=_RAN(value=True),
        stddev_is_sample=_RAN(value=True),
        number_as_condition=_RAN(value=True),
        nulls_ascending=_RAN(Place.LAST),
        nulls_descending=_RAN(Place.LAST),
        null_order_setting=_RAN("default_null_order"),
        concat=_RAN(Nulls.SKIPPED),
        bars=_RAN(Nulls.NULL),
        greatest=_RAN(Nulls.SKIPPED),
        count_distinct_pairs=_RAN(Nulls.ABSENT),
        empty_is_null=_RAN(value=False),
        ifnull_keeps_first_type=_RAN(value=False),
        empty_in_list=_RAN(value=False),
        text_case=_RAN(value=True),
        like_case=_RAN(value=True),
        pads_blanks=_RAN(value=False),
        like_escape=_RAN(""),
        dollar_before_newline=_RAN(value=False),
        substring_from_zero=_RAN("ab"),
        substring_from_negative=_RAN("ef"),
        char_length=_RAN(0),
        varchar_length=_RAN(0),
        text_to_integer=_RAN(Failure.ERROR),
        blank_to_integer=_RAN(Failure.ERROR),
        cast_overflow=_RAN(Failure.ERROR),
        fraction_digits=_RAN(6),
        infinite_dates=_RAN(value=True),
        day_of_week=_RAN((0, 1)),
        week_starts=_RAN("monday"),
        week_number=_RAN(53),
        last_value_ends_at_row=_RAN(value=True),
    ),
}
