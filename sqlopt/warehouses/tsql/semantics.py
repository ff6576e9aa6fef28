"""What SQL means in SQL Server. Fabric is not it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlopt.warehouses.semantics import (
    Nulls,
    Number,
    Place,
    Semantics,
    Told,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_DIVISION = Told("https://learn.microsoft.com/en-us/sql/t-sql/language-elements/divide-transact-sql")
_SUM = Told("https://learn.microsoft.com/en-us/sql/t-sql/functions/sum-transact-sql")
_AVG = Told("https://learn.microsoft.com/en-us/sql/t-sql/functions/avg-transact-sql")
_CONCAT = Told("https://learn.microsoft.com/en-us/sql/t-sql/functions/concat-transact-sql")
_ISNULL = Told("https://learn.microsoft.com/en-us/sql/t-sql/functions/isnull-transact-sql")
_TEXTS = Told("https://learn.microsoft.com/en-us/sql/t-sql/data-types/char-and-varchar-transact-sql")
_ORDER = Told("https://learn.microsoft.com/en-us/sql/t-sql/queries/select-order-by-clause-transact-sql")
_COLLATION = Told(
    "https://learn.microsoft.com/en-us/sql/relational-databases/collations/collation-and-unicode-support"
)
_KEYS = Told(
    "https://learn.microsoft.com/en-us/sql/relational-databases/tables/primary-and-foreign-key-constraints"
)

SEMANTICS: Final[Mapping[str, Semantics]] = {
    "tsql": Semantics(
        engine="SQL Server",
        keys_enforced=_KEYS(value=True),
        foreign_keys_enforced=_KEYS(value=True),
        null_in_primary_key=_KEYS(value=False),
        like_case=_COLLATION(value=False),
        text_case=_COLLATION(value=False),
        null_order_setting=_ORDER(""),
        nulls_descending=_ORDER(Place.LAST),
        nulls_ascending=_ORDER(Place.FIRST),
        integer_division=_DIVISION(Number.INTEGER),
        sum_of_integers=_SUM(Number.INTEGER),
        sum_of_bigints=_SUM(Number.INTEGER),
        sum_of_decimals=_SUM(Number.DECIMAL),
        average_of_integers=_AVG(Number.INTEGER),
        average_of_decimals=_AVG(Number.DECIMAL),
        average_digits=_AVG(2),
        concat=_CONCAT(Nulls.SKIPPED),
        empty_is_null=_CONCAT(value=False),
        ifnull_keeps_first_type=_ISNULL(value=True),
        char_length=_TEXTS(30),
        varchar_length=_TEXTS(30),
    ),
}
