"""What SQL means in Redshift."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlopt.warehouses.semantics import (
    Alias,
    Failure,
    Fold,
    Nulls,
    Number,
    Place,
    Semantics,
    Told,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAMES = Told("https://docs.aws.amazon.com/redshift/latest/dg/r_names.html")
_KEYS = Told("https://docs.aws.amazon.com/redshift/latest/dg/t_Defining_constraints.html")
_NUMBERS = Told("https://docs.aws.amazon.com/redshift/latest/dg/r_numeric_computations201.html")
_SUM = Told("https://docs.aws.amazon.com/redshift/latest/dg/r_SUM.html")
_AVG = Told("https://docs.aws.amazon.com/redshift/latest/dg/r_AVG.html")
_ORDER = Told("https://docs.aws.amazon.com/redshift/latest/dg/r_ORDER_BY_clause.html")
_CONCAT = Told("https://docs.aws.amazon.com/redshift/latest/dg/r_CONCAT.html")
_SUBSTRING = Told("https://docs.aws.amazon.com/redshift/latest/dg/r_SUBSTRING.html")
_TEXTS = Told("https://docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html")
_SELECT = Told("https://docs.aws.amazon.com/redshift/latest/dg/r_SELECT_list.html", checked="2026-11-23")

SEMANTICS: Final[Mapping[str, Semantics]] = {
    "redshift": Semantics(
        engine="Redshift",
        integer_overflow=_NUMBERS(Failure.ERROR),
        alias_in_select=_SELECT(Alias.COLUMN),
        unquoted=_NAMES(Fold.LOWER),
        column_case=_NAMES(value=False),
        table_case=_NAMES(value=False),
        keys_enforced=_KEYS(value=False),
        foreign_keys_enforced=_KEYS(value=False),
        alias_in_order_by=_ORDER(Alias.ALIAS),
        division_by_zero=_NUMBERS(Failure.ERROR),
        decimal_division=_NUMBERS(Number.DECIMAL),
        quotient_digits=_NUMBERS(13),
        sum_of_integers=_SUM(Number.INTEGER),
        sum_of_bigints=_SUM(Number.INTEGER),
        sum_of_decimals=_SUM(Number.DECIMAL),
        average_of_integers=_AVG(Number.INTEGER),
        average_of_decimals=_AVG(Number.DECIMAL),
        average_digits=_AVG(2),
        nulls_ascending=_ORDER(Place.LAST),
        nulls_descending=_ORDER(Place.FIRST),
        null_order_setting=_ORDER(""),
        concat=_CONCAT(Nulls.NULL),
        bars=_CONCAT(Nulls.NULL),
        empty_is_null=_SUBSTRING(value=False),
        pads_blanks=_TEXTS(value=True),
        substring_from_zero=_SUBSTRING("ab"),
        substring_from_negative=_SUBSTRING(""),
        char_length=_TEXTS(1),
        varchar_length=_TEXTS(256),
    ),
}
