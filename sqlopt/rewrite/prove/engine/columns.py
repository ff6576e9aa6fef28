"""What a column of a test table can hold: its declared type in DuckDB, and whether a value keeps to it."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from sqlglot import exp

from sqlopt.rewrite.prove.types import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlopt.rewrite.prove.pair import Field

_WIDE = 18  # digits of a decimal whose products do not overflow
_WIDEST = 38
_RANGES: Final = {
    exp.DType.TINYINT: (-128, 127), exp.DType.UTINYINT: (0, 255), exp.DType.SMALLINT: (-(2**15), 2**15 - 1),
    exp.DType.USMALLINT: (0, 2**16 - 1), exp.DType.SMALLSERIAL: (1, 2**15 - 1),
    exp.DType.MEDIUMINT: (-(2**23), 2**23 - 1),
    exp.DType.UMEDIUMINT: (0, 2**24 - 1), exp.DType.UINT: (0, 2**31 - 1), exp.DType.SERIAL: (1, 2**31 - 1),
    exp.DType.BIGSERIAL: (1, 2**62), exp.DType.UBIGINT: (0, 2**62), exp.DType.YEAR: (1901, 2155),
}  # fmt: skip
_NAMES: Final = {
    exp.DType.TINYINT: "TINYINT", exp.DType.UTINYINT: "UTINYINT", exp.DType.SMALLINT: "SMALLINT",
    exp.DType.USMALLINT: "USMALLINT", exp.DType.UINT: "UINTEGER", exp.DType.UBIGINT: "UBIGINT",
    exp.DType.INT128: "HUGEINT", exp.DType.TIMESTAMP_S: "TIMESTAMP_S", exp.DType.TIMESTAMP_MS: "TIMESTAMP_MS",
    exp.DType.TIMESTAMP_NS: "TIMESTAMP_NS",
}  # fmt: skip
_FRACTIONS: Final = {exp.DType.TIMESTAMP_S: 0, exp.DType.TIMESTAMP_MS: 3, exp.DType.SMALLDATETIME: 0}
_PADDED: Final = (exp.DType.CHAR, exp.DType.NCHAR, exp.DType.BPCHAR)


def declared(field: Field) -> str:
    """Return a column's type in DuckDB, as near to the declared one as DuckDB has it."""
    precise = field.precise
    if field.kind is Kind.OTHER:
        return "INTEGER"
    if precise is None:
        return field.kind.value
    if precise.this in _NAMES:
        return _NAMES[precise.this]
    if precise.this in exp.DataType.REAL_TYPES and field.kind in (Kind.DECIMAL, Kind.BIGINT):
        digits, scale = _digits(field)
        if digits is not None:
            return f"DECIMAL({max(min(digits, _WIDE), min(scale + 9, _WIDEST))}, {scale})"
    return field.kind.value


def _parameters(field: Field) -> list[int]:
    texts = [one.name for one in field.precise.expressions] if field.precise is not None else []
    return [int(one) for one in texts if one.isdigit()]


def _digits(field: Field) -> tuple[int | None, int]:
    """Return the digits of a decimal in all, and after the point; None where none are declared."""
    numbers = _parameters(field)
    if not numbers or numbers[0] > 10 * _WIDEST:
        return None, 4
    return numbers[0], numbers[1] if len(numbers) > 1 else 0


def fitted(value: Any, fields: Iterable[Field]) -> Any:
    """Return a value as the columns hold it, or None for one that is none of theirs."""
    for field in fields:
        if value is None:
            return None
        value = _TAKERS[field.kind](value, field)
    return value


def _whole(value: Any, field: Field) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)) or value != int(value):
        return None
    low, high = -(2**31) + 2, 2**31 - 2
    if field.kind is Kind.BIGINT:
        low, high = -(2**62), 2**62
    if field.precise is not None:
        if field.precise.this in exp.DataType.REAL_TYPES:
            high = min(10 ** (_digits(field)[0] or _WIDE), 10**_WIDE) - 1
            low = -high
        low, high = _RANGES.get(field.precise.this, (low, high))
    return int(value) if low <= value <= high else None


def _decimal(value: Any, field: Field) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return None
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    digits, scale = _digits(field)
    if abs(number) >= Decimal(10) ** (min(digits or _WIDE, _WIDE) - scale):
        return None
    short = round(number, scale)
    return short if short == number else None


def _float(value: Any, _: Field) -> float | None:
    return float(value) if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool) else None


def _text(value: Any, field: Field) -> str | None:
    if not isinstance(value, str) or "\x00" in value:
        return None
    numbers = _parameters(field)
    if numbers and len(value) > numbers[0]:
        return None
    if field.precise is not None and field.precise.this in _PADDED:
        if len(value) > (numbers[0] if numbers else 1):
            return None
        return value if value == value.rstrip(" ") else None
    return value


def _day(value: Any, _: Field) -> date | None:
    if isinstance(value, datetime):
        return value.date() if value.time() == time(0) else None
    return value if isinstance(value, date) else None


def _moment(value: Any, field: Field) -> datetime | None:
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)  # noqa: DTZ001 - tests know no zones
    if not isinstance(value, datetime):
        return None
    numbers = _parameters(field)
    kind = field.precise.this if field.precise is not None else None
    kept = _FRACTIONS.get(kind, numbers[0] if numbers else 6) if kind is not None else 6
    return value if value.microsecond % 10 ** max(6 - kept, 0) == 0 else None


def _json(value: Any, _: Field) -> str | None:
    try:
        json.loads(value)
    except (ValueError, TypeError):
        return None
    return str(value)


def _of(kind: type) -> Any:
    return lambda value, _: value if isinstance(value, kind) else None


_TAKERS: Final = {
    Kind.INTEGER: _whole, Kind.BIGINT: _whole, Kind.DECIMAL: _decimal, Kind.DOUBLE: _float, Kind.TEXT: _text,
    Kind.BOOLEAN: _of(bool), Kind.DATE: _day, Kind.TIMESTAMP: _moment, Kind.ZONED: _moment, Kind.TIME: _of(time),
    Kind.JSON: _json, Kind.UUID: _of(str), Kind.OTHER: lambda *_: None,
}  # fmt: skip


def filler(kind: Kind, number: int) -> Any:
    """Return the ``number``-th of values of a kind that differ from each other as far as it has them."""
    day = date(2024, 1, 1) + timedelta(days=number % 3000)
    made: dict[Kind, Any] = {
        Kind.DECIMAL: Decimal(number), Kind.DOUBLE: float(number), Kind.TEXT: _letters(number),
        Kind.BOOLEAN: number % 2 == 1, Kind.DATE: day, Kind.TIMESTAMP: datetime.combine(day, time(number % 24)),
        Kind.ZONED: datetime.combine(day, time(number % 24)), Kind.TIME: time(number % 24, number % 60),
        Kind.JSON: f'{{"a": {number}}}', Kind.UUID: f"00000000-0000-4000-8000-{number % 10**12:012d}",
    }  # fmt: skip
    return made.get(kind, number)


def unread(field: Field) -> Any:
    """Return the value of a column that no statement reads, the same in each row."""
    return None if field.nullable else fitted(filler(field.kind, 1), [field])


def _letters(number: int) -> str:
    """Return a text for a number, short as a CHAR(1) at first."""
    found = ""
    while True:
        found = chr(ord("a") + number % 26) + found
        number = number // 26 - 1
        if number < 0:
            return found


def literal(value: Any) -> str:
    """Return a value as DuckDB's SQL spells it."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)) or type(value).__name__ == "Decimal":
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"
