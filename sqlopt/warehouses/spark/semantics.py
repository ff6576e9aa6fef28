"""What SQL means in Spark. Every cell of Spark that can be run is.

Division by zero, overflows and casts that fail depend on spark.sql.ansi.enabled, which is on from Spark 4 and off
before: they stay unknown.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sqlopt.warehouses.limits import Sure
from sqlopt.warehouses.semantics import (
    Alias,
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

_RAN = Told("Spark 4.3.0", Sure.RUN)
_KEYS = Told("https://spark.apache.org/docs/latest/sql-ref-syntax-ddl-create-table.html")

_HIVE = Told("https://cwiki.apache.org/confluence/display/Hive/LanguageManual+UDF")

_SPARK = Semantics(
    engine="Spark",
    keys_enforced=_KEYS(value=False),
    foreign_keys_enforced=_KEYS(value=False),
    unquoted=_RAN(Fold.KEEP),
    column_case=_RAN(value=False),
    table_case=_RAN(value=False),
    alias_in_select=_RAN(Alias.COLUMN),
    alias_in_where=_RAN(Alias.HIDDEN),
    alias_in_group_by=_RAN(Alias.COLUMN),
    alias_in_having=_RAN(Alias.COLUMN),
    alias_in_order_by=_RAN(Alias.ALIAS),
    alias_in_order_expression=_RAN(Alias.ALIAS),
    alias_in_qualify=_RAN(Alias.COLUMN),
    ordinal_in_group_by=_RAN(value=True),
    integer_division=_RAN(Number.DOUBLE),
    decimal_division=_RAN(Number.DECIMAL),
    quotient_digits=_RAN(13),
    sum_of_integers=_RAN(Number.INTEGER),
    sum_of_bigints=_RAN(Number.INTEGER),
    sum_of_decimals=_RAN(Number.DECIMAL),
    average_of_integers=_RAN(Number.DOUBLE),
    average_of_decimals=_RAN(Number.DECIMAL),
    average_digits=_RAN(6),
    float_to_integer=_RAN(Rounding.TRUNCATE),
    decimal_to_integer=_RAN(Rounding.TRUNCATE),
    float_round=_RAN(Rounding.HALF_AWAY),
    date_plus_days=_RAN(value=True),
    cast_cuts=_RAN(value=False),
    decimal_round=_RAN(Rounding.HALF_AWAY),
    fraction_literal=_RAN(Number.DECIMAL),
    nan=_RAN(Nan.GREATEST),
    nan_ascending=_RAN(Place.LAST),
    variance_is_sample=_RAN(value=True),
    stddev_is_sample=_RAN(value=True),
    number_as_condition=_RAN(value=False),
    nulls_ascending=_RAN(Place.FIRST),
    nulls_descending=_RAN(Place.LAST),
    null_order_setting=_RAN(""),
    concat=_RAN(Nulls.NULL),
    bars=_RAN(Nulls.NULL),
    greatest=_RAN(Nulls.SKIPPED),
    count_distinct_pairs=_RAN(Nulls.SKIPPED),
    empty_is_null=_RAN(value=False),
    ifnull_keeps_first_type=_RAN(value=False),
    empty_in_list=_RAN(value=False),
    text_case=_RAN(value=True),
    like_case=_RAN(value=True),
    pads_blanks=_RAN(value=False),
    like_escape=_RAN("\\"),
    dollar_before_newline=_RAN(value=True),
    substring_from_zero=_RAN("abc"),
    substring_from_negative=_RAN("ef"),
    fraction_digits=_RAN(6),
    infinite_dates=_RAN(value=False),
    day_of_week=_RAN((1, 2)),
    week_starts=_RAN("monday"),
    week_number=_RAN(53),
    last_value_ends_at_row=_RAN(value=True),
)

SEMANTICS: Final[Mapping[str, Semantics]] = {
    "spark": _SPARK,
    # Databricks runs Spark: what Spark answers is taken for it.
    "databricks": replace(_SPARK, engine="Databricks"),
    "spark2": Semantics(
        engine="Spark 2", keys_enforced=_KEYS(value=False), foreign_keys_enforced=_KEYS(value=False)
    ),
    "hive": Semantics(
        engine="Hive",
        keys_enforced=_KEYS(value=False),
        foreign_keys_enforced=_KEYS(value=False),
        variance_is_sample=_HIVE(value=False),
        stddev_is_sample=_HIVE(value=False),
    ),
}
