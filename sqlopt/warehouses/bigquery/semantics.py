"""What SQL means in BigQuery."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

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

_NAMES = Told("https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical")
_KEYS = Told("https://cloud.google.com/bigquery/docs/primary-foreign-keys")
_QUERY = Told("https://cloud.google.com/bigquery/docs/reference/standard-sql/query-syntax")
_OPERATORS = Told("https://cloud.google.com/bigquery/docs/reference/standard-sql/operators")
_TYPES = Told("https://cloud.google.com/bigquery/docs/reference/standard-sql/data-types")
_AGGREGATES = Told("https://cloud.google.com/bigquery/docs/reference/standard-sql/aggregate_functions")
_CASTS = Told("https://cloud.google.com/bigquery/docs/reference/standard-sql/conversion_functions")
_MATH = Told("https://cloud.google.com/bigquery/docs/reference/standard-sql/mathematical_functions")
_TEXTS = Told("https://cloud.google.com/bigquery/docs/reference/standard-sql/string_functions")
_STATISTICS = Told(
    "https://cloud.google.com/bigquery/docs/reference/standard-sql/statistical_aggregate_functions"
)
_RE2 = Told("https://github.com/google/re2/wiki/Syntax")
_DATES = Told("https://cloud.google.com/bigquery/docs/reference/standard-sql/date_functions")

SEMANTICS: Final[Mapping[str, Semantics]] = {
    "bigquery": Semantics(
        engine="BigQuery",
        text_to_integer=_CASTS(Failure.ERROR),
        cast_overflow=_CASTS(Failure.ERROR),
        average_digits=_TYPES(9),
        unquoted=_NAMES(Fold.KEEP),
        column_case=_NAMES(value=False),
        table_case=_NAMES(value=True),
        keys_enforced=_KEYS(value=False),
        foreign_keys_enforced=_KEYS(value=False),
        null_in_primary_key=_KEYS(value=True),
        alias_in_select=_QUERY(Alias.HIDDEN),
        alias_in_where=_QUERY(Alias.HIDDEN),
        alias_in_group_by=_QUERY(Alias.ALIAS),
        alias_in_having=_QUERY(Alias.ALIAS),
        alias_in_order_by=_QUERY(Alias.ALIAS),
        alias_in_order_expression=_QUERY(Alias.ALIAS),
        ordinal_in_group_by=_QUERY(value=True),
        integer_division=_OPERATORS(Number.DOUBLE),
        decimal_division=_OPERATORS(Number.DECIMAL),
        quotient_digits=_TYPES(9),
        division_by_zero=_OPERATORS(Failure.ERROR),
        float_division_by_zero=_OPERATORS(Failure.ERROR),
        integer_overflow=_OPERATORS(Failure.ERROR),
        sum_of_integers=_AGGREGATES(Number.INTEGER),
        sum_of_bigints=_AGGREGATES(Number.INTEGER),
        sum_of_decimals=_AGGREGATES(Number.DECIMAL),
        average_of_integers=_AGGREGATES(Number.DOUBLE),
        average_of_decimals=_AGGREGATES(Number.DECIMAL),
        float_to_integer=_CASTS(Rounding.HALF_AWAY),
        float_round=_MATH(Rounding.HALF_AWAY),
        date_plus_days=_OPERATORS(value=True),
        decimal_round=_MATH(Rounding.HALF_AWAY),
        fraction_literal=_NAMES(Number.DOUBLE),
        nan=_OPERATORS(Nan.UNORDERED),
        nan_ascending=_TYPES(Place.FIRST),
        variance_is_sample=_STATISTICS(value=True),
        stddev_is_sample=_STATISTICS(value=True),
        nulls_ascending=_TYPES(Place.FIRST),
        nulls_descending=_TYPES(Place.LAST),
        null_order_setting=_TYPES(""),
        concat=_TEXTS(Nulls.NULL),
        bars=_OPERATORS(Nulls.NULL),
        greatest=_MATH(Nulls.NULL),
        empty_is_null=_TEXTS(value=False),
        text_case=_NAMES(value=True),
        like_case=_NAMES(value=True),
        like_escape=_OPERATORS("\\"),
        dollar_before_newline=_RE2(value=False),
        substring_from_zero=_TEXTS("abc"),
        substring_from_negative=_TEXTS("ef"),
        day_of_week=_DATES((1, 2)),
        week_starts=_DATES("sunday"),
        week_number=_DATES(1),
    ),
}
