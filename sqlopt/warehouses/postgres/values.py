"""Values that PostgreSQL gives as text, made into a catalog's."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlopt.catalog.model import Value

_WHOLE = ("smallint", "integer", "bigint")
_BROKEN = ("numeric", "real", "double precision")


def bounds(kind: str, histogram: Iterable[str], common: Iterable[str]) -> tuple[Value | None, Value | None]:
    """Return the least and greatest value that ANALYZE saw, of numbers, dates and timestamps.

    Neither where one of them is no such value (``infinity``, a year before Christ).
    """
    try:
        found: list[Any] = [
            parsed for text in (*histogram, *common) if (parsed := value(text, kind)) is not None
        ]
        return (min(found), max(found)) if found else (None, None)
    except (ValueError, TypeError):
        return None, None


def value(text: str | None, kind: str) -> int | float | date | None:
    """Return a value of a type from its text, None for a type that has no bounds here. Raises ValueError."""
    if text is None:
        return None
    base = kind.partition("(")[0].strip()
    if base in _WHOLE:
        return int(text)
    if base in _BROKEN:
        number = float(text)
        if number != number or abs(number) == float("inf"):  # noqa: PLR0124 - NaN
            raise ValueError(text)
        return int(number) if base == "numeric" and number.is_integer() else number
    if base == "date":
        return date.fromisoformat(text)
    if base.startswith("timestamp"):
        return datetime.fromisoformat(text)
    return None
