"""What SQL means in Trino, and of Presto and Athena, which it came from. Athena runs a version of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlopt.warehouses.semantics import (
    Failure,
    Nulls,
    Number,
    Place,
    Semantics,
    Told,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_SELECT = Told("https://trino.io/docs/current/sql/select.html")
_MATH = Told("https://trino.io/docs/current/functions/math.html")
_DECIMALS = Told("https://trino.io/docs/current/functions/decimal.html")
_TEXTS = Told("https://trino.io/docs/current/functions/string.html")
_COMPARISONS = Told("https://trino.io/docs/current/functions/comparison.html")
_DATES = Told("https://trino.io/docs/current/functions/datetime.html")
_CASTS = Told("https://trino.io/docs/current/functions/conversion.html")

SEMANTICS: Final[Mapping[str, Semantics]] = {
    "trino": Semantics(
        engine="Trino",
        text_to_integer=_CASTS(Failure.ERROR),
        ordinal_in_group_by=_SELECT(value=True),
        integer_division=_MATH(Number.INTEGER),
        decimal_division=_DECIMALS(Number.DECIMAL),
        quotient_digits=_DECIMALS(2),
        nulls_ascending=_SELECT(Place.LAST),
        nulls_descending=_SELECT(Place.LAST),
        null_order_setting=_SELECT(""),
        concat=_TEXTS(Nulls.NULL),
        bars=_TEXTS(Nulls.NULL),
        greatest=_COMPARISONS(Nulls.NULL),
        text_case=_COMPARISONS(value=True),
        like_case=_COMPARISONS(value=True),
        like_escape=_COMPARISONS(""),
        substring_from_negative=_TEXTS("ef"),
        day_of_week=_DATES((7, 1)),
        week_starts=_DATES("monday"),
        week_number=_DATES(53),
    ),
}
