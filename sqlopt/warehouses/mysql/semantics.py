"""What SQL means in MySQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlopt.warehouses.semantics import (
    Failure,
    Nulls,
    Semantics,
    Told,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_DATES = Told("https://dev.mysql.com/doc/refman/8.4/en/date-and-time-functions.html")
_SELECT = Told("https://dev.mysql.com/doc/refman/8.4/en/select.html")
_RANGES = Told("https://dev.mysql.com/doc/refman/8.4/en/out-of-range-and-overflow.html")
_TEXTS = Told("https://dev.mysql.com/doc/refman/8.4/en/string-functions.html")

SEMANTICS: Final[Mapping[str, Semantics]] = {
    "mysql": Semantics(
        engine="MySQL",
        ordinal_in_group_by=_SELECT(value=True),
        integer_overflow=_RANGES(Failure.ERROR),
        concat=_TEXTS(Nulls.NULL),
        substring_from_zero=_TEXTS(""),
        substring_from_negative=_TEXTS("ef"),
        day_of_week=_DATES((1, 2)),
    ),
}
