"""What SQL means in Oracle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlopt.warehouses.semantics import (
    Nulls,
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

SEMANTICS: Final[Mapping[str, Semantics]] = {
    "oracle": Semantics(
        engine="Oracle",
        bars=_BARS(Nulls.SKIPPED),
        concat=_BARS(Nulls.SKIPPED),
        empty_is_null=_NULLS(value=True),
        substring_from_zero=_SUBSTR("abc"),
        substring_from_negative=_SUBSTR("ef"),
    ),
}
