"""What SQL means in Oracle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlopt.warehouses.semantics import (
    Nulls,
    Place,
    Semantics,
    Told,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_NULLS = Told("https://docs.oracle.com/en/database/oracle/oracle-database/23/sqlrf/Nulls.html")
_BARS = Told(
    "https://docs.oracle.com/en/database/oracle/oracle-database/23/sqlrf/Concatenation-Operator.html"
)
_SUBSTR = Told("https://docs.oracle.com/en/database/oracle/oracle-database/23/sqlrf/SUBSTR.html")
_SELECT = Told("https://docs.oracle.com/en/database/oracle/oracle-database/23/sqlrf/SELECT.html")

SEMANTICS: Final[Mapping[str, Semantics]] = {
    "oracle": Semantics(
        engine="Oracle",
        null_order_setting=_SELECT(""),
        nulls_descending=_SELECT(Place.FIRST),
        nulls_ascending=_SELECT(Place.LAST),
        bars=_BARS(Nulls.SKIPPED),
        concat=_BARS(Nulls.SKIPPED),
        empty_is_null=_NULLS(value=True),
        substring_from_zero=_SUBSTR("abc"),
        substring_from_negative=_SUBSTR("ef"),
    ),
}
