"""What SQL means in MySQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlopt.warehouses.semantics import (
    Alias,
    Failure,
    Nulls,
    Number,
    Place,
    Semantics,
    Told,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_DATES = Told("https://dev.mysql.com/doc/refman/8.4/en/date-and-time-functions.html")
_RANGES = Told("https://dev.mysql.com/doc/refman/8.4/en/out-of-range-and-overflow.html")
_TEXTS = Told("https://dev.mysql.com/doc/refman/8.4/en/string-functions.html")
_ARITHMETIC = Told("https://dev.mysql.com/doc/refman/8.4/en/arithmetic-functions.html")
_AGGREGATES = Told("https://dev.mysql.com/doc/refman/8.4/en/aggregate-functions.html")
_NULLS = Told("https://dev.mysql.com/doc/refman/8.4/en/working-with-null.html")
_COMPARISONS = Told("https://dev.mysql.com/doc/refman/8.4/en/comparison-operators.html")
_CASE = Told("https://dev.mysql.com/doc/refman/8.4/en/case-sensitivity.html")
_SELECT = Told("https://dev.mysql.com/doc/refman/8.4/en/select.html")
_KEYS = Told("https://dev.mysql.com/doc/refman/8.4/en/constraint-primary-key.html")
_ALIASES = Told("https://dev.mysql.com/doc/refman/8.4/en/problems-with-alias.html")
_LIKE = Told("https://dev.mysql.com/doc/refman/8.4/en/string-comparison-functions.html")
_LOGIC = Told("https://dev.mysql.com/doc/refman/8.4/en/logical-operators.html")

SEMANTICS: Final[Mapping[str, Semantics]] = {
    "mysql": Semantics(
        engine="MySQL",
        integer_overflow=_ARITHMETIC(Failure.ERROR),
        ordinal_in_group_by=_SELECT(value=True),
        bars=_LOGIC(Nulls.ABSENT),
        like_escape=_LIKE("\\"),
        like_case=_CASE(value=False),
        text_case=_CASE(value=False),
        greatest=_COMPARISONS(Nulls.NULL),
        empty_is_null=_NULLS(value=False),
        null_order_setting=_NULLS(""),
        nulls_descending=_NULLS(Place.LAST),
        nulls_ascending=_NULLS(Place.FIRST),
        count_distinct_pairs=_AGGREGATES(Nulls.SKIPPED),
        stddev_is_sample=_AGGREGATES(value=False),
        variance_is_sample=_AGGREGATES(value=False),
        average_of_decimals=_AGGREGATES(Number.DECIMAL),
        average_of_integers=_AGGREGATES(Number.DECIMAL),
        sum_of_decimals=_AGGREGATES(Number.DECIMAL),
        sum_of_bigints=_AGGREGATES(Number.DECIMAL),
        sum_of_integers=_AGGREGATES(Number.DECIMAL),
        float_division_by_zero=_ARITHMETIC(Failure.NULL),
        division_by_zero=_ARITHMETIC(Failure.NULL),
        quotient_digits=_ARITHMETIC(6),
        decimal_division=_ARITHMETIC(Number.DECIMAL),
        integer_division=_ARITHMETIC(Number.DECIMAL),
        alias_in_order_expression=_SELECT(Alias.ALIAS),
        alias_in_order_by=_SELECT(Alias.ALIAS),
        alias_in_having=_SELECT(Alias.COLUMN),
        alias_in_group_by=_SELECT(Alias.COLUMN),
        alias_in_select=_ALIASES(Alias.HIDDEN),
        alias_in_where=_ALIASES(Alias.HIDDEN),
        null_in_primary_key=_KEYS(value=False),
        foreign_keys_enforced=_KEYS(value=True),
        keys_enforced=_KEYS(value=True),
        concat=_TEXTS(Nulls.NULL),
        substring_from_zero=_TEXTS(""),
        substring_from_negative=_TEXTS("ef"),
        day_of_week=_DATES((1, 2)),
    ),
}
