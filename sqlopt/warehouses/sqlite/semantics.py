"""What SQL means in SQLite, which gives types to values, not to columns. Every cell is run by the tests."""

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

_RAN = Told("SQLite 3.40.1", Sure.RUN)

SEMANTICS: Final[Mapping[str, Semantics]] = {
    "sqlite": Semantics(
        engine="SQLite",
        unquoted=_RAN(Fold.KEEP),
        column_case=_RAN(value=False),
        table_case=_RAN(value=False),
        keys_enforced=_RAN(value=True),
        foreign_keys_enforced=_RAN(value=False),
        null_in_primary_key=_RAN(value=True),
        child_tables=_RAN(value=False),
        alias_in_select=_RAN(Alias.HIDDEN),
        alias_in_where=_RAN(Alias.COLUMN),
        alias_in_group_by=_RAN(Alias.COLUMN),
        alias_in_having=_RAN(Alias.COLUMN),
        alias_in_order_by=_RAN(Alias.ALIAS),
        alias_in_order_expression=_RAN(Alias.COLUMN),
        ordinal_in_group_by=_RAN(value=True),
        integer_division=_RAN(Number.INTEGER),
        decimal_division=_RAN(Number.INTEGER),
        division_by_zero=_RAN(Failure.NULL),
        float_division_by_zero=_RAN(Failure.NULL),
        integer_overflow=_RAN(Failure.WIDENS),
        sum_of_integers=_RAN(Number.INTEGER),
        sum_of_bigints=_RAN(Number.INTEGER),
        average_of_integers=_RAN(Number.DOUBLE),
        float_to_integer=_RAN(Rounding.TRUNCATE),
        decimal_to_integer=_RAN(Rounding.TRUNCATE),
        float_round=_RAN(Rounding.HALF_AWAY),
        cast_cuts=_RAN(value=False),
        decimal_round=_RAN(Rounding.HALF_AWAY),
        fraction_literal=_RAN(Number.DOUBLE),
        nan=_RAN(Nan.ABSENT),
        number_as_condition=_RAN(value=True),
        nulls_ascending=_RAN(Place.FIRST),
        nulls_descending=_RAN(Place.LAST),
        null_order_setting=_RAN(""),
        bars=_RAN(Nulls.NULL),
        count_distinct_pairs=_RAN(Nulls.ABSENT),
        empty_is_null=_RAN(value=False),
        ifnull_keeps_first_type=_RAN(value=False),
        empty_in_list=_RAN(value=True),
        text_case=_RAN(value=True),
        like_case=_RAN(value=False),
        pads_blanks=_RAN(value=False),
        like_escape=_RAN(""),
        substring_from_zero=_RAN("ab"),
        substring_from_negative=_RAN("ef"),
        char_length=_RAN(0),
        varchar_length=_RAN(0),
        text_to_integer=_RAN(Failure.ZERO),
        blank_to_integer=_RAN(Failure.ZERO),
        cast_overflow=_RAN(Failure.WIDENS),
        last_value_ends_at_row=_RAN(value=True),
    ),
}
