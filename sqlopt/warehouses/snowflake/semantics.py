"""What SQL means in Snowflake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlopt.warehouses.semantics import (
    Alias,
    Fold,
    Number,
    Place,
    Semantics,
    Told,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAMES = Told("https://docs.snowflake.com/en/sql-reference/identifiers-syntax")
_KEYS = Told("https://docs.snowflake.com/en/sql-reference/constraints-overview")
_DIVISION = Told("https://docs.snowflake.com/en/sql-reference/operators-arithmetic")
_ORDER = Told("https://docs.snowflake.com/en/sql-reference/constructs/order-by")
_TYPES = Told("https://docs.snowflake.com/en/sql-reference/data-types-numeric")
_COLLATION = Told("https://docs.snowflake.com/en/sql-reference/collation")
_SELECT = Told("https://docs.snowflake.com/en/sql-reference/sql/select", checked="2026-11-23")

SEMANTICS: Final[Mapping[str, Semantics]] = {
    "snowflake": Semantics(
        engine="Snowflake",
        alias_in_select=_SELECT(Alias.COLUMN),
        alias_in_where=_SELECT(Alias.COLUMN),
        pads_blanks=_COLLATION(value=False),
        text_case=_COLLATION(value=True),
        unquoted=_NAMES(Fold.UPPER),
        column_case=_NAMES(value=True),
        table_case=_NAMES(value=True),
        keys_enforced=_KEYS(value=False),
        foreign_keys_enforced=_KEYS(value=False),
        integer_division=_DIVISION(Number.DECIMAL),
        decimal_division=_DIVISION(Number.DECIMAL),
        quotient_digits=_DIVISION(8),
        nulls_ascending=_ORDER(Place.LAST),
        nulls_descending=_ORDER(Place.FIRST),
        null_order_setting=_ORDER("DEFAULT_NULL_ORDERING"),
    ),
}
