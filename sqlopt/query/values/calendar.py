"""Values of SQL in Python: reading texts as dates, casts, and the arithmetic of the calendar.

A naive datetime is a wall clock's time, taken for UTC in comparisons; an aware one is an instant. What an
engine's session decides (its time zone, its date format) is None here, never guessed.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlopt.query.values.intervals import Scalar

SPARK = frozenset({"spark", "spark2", "databricks", "hive"})

_MOMENT = re.compile(
    r"\s*(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:[ T](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,9}))?)?)?"
    r"\s*(Z|UTC|[+-]\d{1,2}(?::?\d{2})?)?\s*",
    re.ASCII | re.IGNORECASE,
)
_COMPACT = re.compile(r"\d{8}", re.ASCII)
# 20260101 is a date for PostgreSQL (https://www.postgresql.org/docs/current/datetime-input-rules.html); for
# Snowflake a text of digits counts seconds from 1970 (https://docs.snowflake.com/sql-reference/functions/to_date);
# DuckDB refuses it (checked 2026-11-23). Other engines are left out.
_READS_COMPACT = frozenset({"postgres"})
# A date prints as 2026-01-01 whatever the session says: elsewhere a setting decides.
_ISO_DATES = frozenset({"bigquery", "duckdb", "trino", "presto", "athena"}) | SPARK


# ---- types


@lru_cache(maxsize=1024)
def family(type_name: str, dialect: str) -> str:
    """Tell what a type holds, the empty text for what is unknown.

    One of date, timestamp (a wall clock's), instant, time, text, integer, decimal, float, boolean.
    """
    if "[" in type_name or "<" in type_name:
        return ""
    base = " ".join(re.sub(r"\([^)]*\)", " ", type_name).casefold().replace("_", " ").split())
    if base == "timestamp":
        return "instant" if dialect == "bigquery" else "timestamp"
    found = _FAMILIES.get(base)
    # Spark's TIMESTAMP is an instant written in the session's time zone: comparisons among such texts hold in
    # every zone, so they are read as wall clock times. sqlglot calls the type TIMESTAMPTZ.
    return "timestamp" if found == "instant" and dialect in SPARK else found or ""


_FAMILIES = {
    name: kind
    for kind, names in {
        "date": "date,date32",
        "timestamp": "timestampntz,timestamp ntz,timestamp without time zone,datetime,datetime2,datetime64,"
        "smalldatetime,timestamp s,timestamp ms,timestamp ns",
        "instant": "timestamptz,timestampltz,timestamp tz,timestamp ltz,timestamp with time zone,"
        "timestamp with local time zone,datetimeoffset",
        "time": "time,time without time zone",
        "text": "text,string,varchar,varchar2,char,nvarchar,nchar,bpchar,character,character varying,clob",
        "integer": "int,integer,bigint,smallint,tinyint,mediumint,byteint,hugeint,uhugeint,ubigint,uint,"
        "uinteger,usmallint,utinyint,int2,int4,int8,int16,int32,int64,int128,uint8,uint16,uint32,uint64,long,short,serial,"
        "bigserial,smallserial",
        "decimal": "number,numeric,decimal,dec,bignumeric,bigdecimal,money",
        "float": "float,float4,float8,float32,float64,double,double precision,real",
        "boolean": "boolean,bool",
    }.items()
    for name in names.split(",")
}


# ---- texts


def moment(text: str, dialect: str) -> date | datetime | None:
    """Read a text as a date, or as a datetime if it has a time of day (aware if it names its offset)."""
    found = _MOMENT.fullmatch(text)
    try:
        if found is None:
            if dialect in _READS_COMPACT and _COMPACT.fullmatch(text):
                return date(int(text[:4]), int(text[4:6]), int(text[6:]))
            return None
        year, month, day = int(found[1]), int(found[2]), int(found[3])
        if found[4] is None and found[8] is None:
            return date(year, month, day)
        fraction = (found[7] or "").ljust(9, "0")
        if fraction[6:] not in ("000", ""):
            return None
        clock = (int(found[4] or 0), int(found[5] or 0), int(found[6] or 0), int(fraction[:6]))
        return datetime(year, month, day, *clock, tzinfo=_zone(found[8]))
    except (ValueError, OverflowError):
        return None


def _zone(text: str | None) -> timezone | None:
    if text is None:
        return None
    if text[0] not in "+-":
        return UTC
    digits = text[1:].replace(":", "")
    hours, minutes = (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)  # noqa: PLR2004 - hhmm
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)


def by_format(text: str, pattern: str) -> datetime | None:
    """Read a text by a strftime pattern of %Y %m %d %H %M %S and plain characters; None if it differs."""
    pattern = re.sub(r"(%[a-zA-Z])strict", r"\1", pattern)
    parts: list[str] = []
    regex = ""
    for piece in re.split(r"(%.)", pattern):
        if piece.startswith("%"):
            if piece[1] not in "YmdHMS" or piece in parts:
                return None
            parts.append(piece)
            regex += r"(\d{4})" if piece == "%Y" else r"(\d{2})"
        else:
            regex += re.escape(piece)
    found = re.fullmatch(regex, text, re.ASCII)
    if found is None or not {"%Y", "%m", "%d"} <= set(parts):
        return None
    value = dict(zip(parts, map(int, found.groups()), strict=True))
    clock = (value.get("%H", 0), value.get("%M", 0), value.get("%S", 0))
    try:
        return datetime(value["%Y"], value["%m"], value["%d"], *clock)  # noqa: DTZ001 - wall clock
    except ValueError:
        return None


# ---- casts


def fold_cast(value: Scalar | None, target_type: str, dialect: str) -> Scalar | None:
    """Return ``value`` as the engine compares it with a column of ``target_type``; None when not known.

    A text becomes a date where the column is one, and stays a text where the column is a text. A datetime
    beside a date column stays one: it is finer than a day. A text without an offset is read as UTC where the
    column holds instants (the session's time zone would move it by hours). A type that is unknown changes
    nothing.
    """
    kind = family(target_type, dialect)
    if value is None or not kind:
        return value
    if kind == "date" and isinstance(value, datetime):
        return value
    if kind in ("timestamp", "instant"):
        if isinstance(value, str):
            read = moment(value, dialect)
            if isinstance(read, datetime) and read.tzinfo is not None and kind == "timestamp":
                return None
            value = _utc(read)
        return _midnight(value)
    if kind in ("integer", "decimal", "float"):
        return _number(value, decimal=kind == "decimal")
    if kind == "text":
        return value if isinstance(value, str) else None
    return cast(value, target_type, dialect)


def cast(value: Scalar, target_type: str, dialect: str, sizes: tuple[int, ...] = ()) -> Scalar | None:
    """Return what ``CAST(value AS target_type)`` gives; None when that is not known.

    ``sizes`` are the type's parameters: length, precision, scale.
    """
    handler = _CASTS.get(family(target_type, dialect))
    return handler(value, dialect, sizes) if handler is not None else None


def _to_date(value: Scalar, dialect: str, sizes: tuple[int, ...]) -> Scalar | None:
    del sizes
    read = moment(value, dialect) if isinstance(value, str) else value
    if isinstance(read, datetime):
        # An instant's day depends on the session's time zone. MySQL compares such a text as a datetime.
        return (
            None
            if read.tzinfo is not None or (isinstance(value, str) and dialect == "mysql")
            else read.date()
        )
    return read if isinstance(read, date) else None


def _to_timestamp(value: Scalar, dialect: str, sizes: tuple[int, ...]) -> Scalar | None:
    read = _midnight(moment(value, dialect) if isinstance(value, str) else value)
    if read is None or read.tzinfo is not None:
        return None  # engines differ: some drop the offset, some convert by the session's time zone
    return None if sizes and read.microsecond % 10 ** max(6 - sizes[0], 0) else read


def _to_instant(value: Scalar, dialect: str, sizes: tuple[int, ...]) -> Scalar | None:
    del sizes
    read = _midnight(moment(value, dialect) if isinstance(value, str) else value)
    if dialect == "bigquery":
        # UTC is BigQuery's default: https://cloud.google.com/bigquery/docs/reference/standard-sql/data-types
        # (checked 2026-11-23). Its times are kept naive, in UTC.
        return _utc(read)
    return read.astimezone(UTC) if read is not None and read.tzinfo is not None else None


def _to_time(value: Scalar, dialect: str, sizes: tuple[int, ...]) -> Scalar | None:
    del dialect, sizes
    if isinstance(value, str) and re.fullmatch(r"\d\d:\d\d(:\d\d(\.\d{1,6})?)?", value, re.ASCII):
        try:
            return time.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, time) else None


def _to_text(value: Scalar, dialect: str, sizes: tuple[int, ...]) -> Scalar | None:
    text: str | None = None
    if isinstance(value, str):
        text = value
    elif isinstance(value, int) and not isinstance(value, bool):
        text = str(value)
    elif isinstance(value, date) and not isinstance(value, datetime) and dialect in _ISO_DATES:
        text = value.isoformat()
    return None if text is not None and sizes and len(text) > sizes[0] else text


def _to_integer(value: Scalar, dialect: str, sizes: tuple[int, ...]) -> Scalar | None:
    del dialect, sizes
    if isinstance(value, bool):
        return int(value)
    read = _number(value)
    whole = isinstance(read, int | float | Decimal) and is_number(read) and read == int(read)
    return int(read) if whole else None  # type: ignore[arg-type]


def _to_decimal(value: Scalar, dialect: str, sizes: tuple[int, ...]) -> Scalar | None:
    read = _number(value, decimal=True)
    if not isinstance(read, Decimal) or not read.is_finite():
        return None
    scale = sizes[1] if len(sizes) > 1 else (38 if not sizes and dialect in ("postgres", "bigquery") else 0)
    exponent = read.normalize().as_tuple().exponent
    return read if isinstance(exponent, int) and -exponent <= scale else None


def _to_float(value: Scalar, dialect: str, sizes: tuple[int, ...]) -> Scalar | None:
    del dialect, sizes
    return None if isinstance(value, bool) else _number(value)


def _to_boolean(value: Scalar, dialect: str, sizes: tuple[int, ...]) -> Scalar | None:
    del dialect, sizes
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value.strip().casefold()) if isinstance(value, str) else None


_CASTS = {
    "date": _to_date,
    "timestamp": _to_timestamp,
    "instant": _to_instant,
    "time": _to_time,
    "text": _to_text,
    "integer": _to_integer,
    "decimal": _to_decimal,
    "float": _to_float,
    "boolean": _to_boolean,
}


def is_number(value: object) -> bool:
    """Whether a value is a finite number, and no boolean."""
    if isinstance(value, float | Decimal):
        return value == value and abs(value) != float("inf")  # noqa: PLR0124 - the test for NaN
    return isinstance(value, int) and not isinstance(value, bool)


def _number(value: Scalar, *, decimal: bool = False) -> Scalar | None:
    """Return a number, or the one that a text spells; a whole one as a Decimal for a ``decimal`` type."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        text = value.strip()
        try:
            if re.fullmatch(r"[+-]?\d{1,1000}", text, re.ASCII):
                value = int(text)
            elif re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?", text, re.ASCII | re.IGNORECASE):
                value = Decimal(text)
        except InvalidOperation:
            return None
    if decimal and isinstance(value, int):
        return Decimal(value)
    return value if isinstance(value, int | float | Decimal) else None


def _midnight(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value
    return datetime(value.year, value.month, value.day) if isinstance(value, date) else None  # noqa: DTZ001 - wall clock


def _utc(value: object) -> datetime | None:
    read = _midnight(value)
    return read.astimezone(UTC).replace(tzinfo=None) if read is not None and read.tzinfo is not None else read


# ---- the calendar

_UNITS = {
    "microsecond": timedelta(microseconds=1),
    "millisecond": timedelta(milliseconds=1),
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_SHORT = {
    "d": "day", "dd": "day", "dayofmonth": "day", "mon": "month", "mm": "month", "yy": "year", "yyyy": "year",
    "y": "year", "q": "quarter", "qtr": "quarter", "qq": "quarter", "w": "week", "wk": "week", "ww": "week",
    "hh": "hour", "hr": "hour", "h": "hour", "mi": "minute", "min": "minute", "ss": "second", "sec": "second",
    "s": "second", "ms": "millisecond", "us": "microsecond",
}  # fmt: skip


def unit_of(name: str) -> str:
    """Return a unit's plain name: ``month`` for MONTHS, ``mm`` and ``mon``; folded if it is unknown."""
    folded = name.casefold()
    if folded in _SHORT:
        return _SHORT[folded]
    folded = folded.removesuffix("s")
    return _SHORT.get(folded, folded)


def add(value: date, number: int, unit: str) -> date | None:
    """Move ``value`` by ``number`` units; past a month's end lands on its last day, as in all engines."""
    name = unit_of(unit)
    try:
        if name in _MONTHS:
            if isinstance(value, datetime) and value.tzinfo is not None:
                return None
            year, month = divmod(value.year * 12 + value.month - 1 + number * _MONTHS[name], 12)
            return value.replace(
                year=year, month=month + 1, day=min(value.day, monthrange(year, month + 1)[1])
            )
        step = _UNITS.get(name)
        if step is None:
            return None
        if isinstance(value, datetime):
            # A day of an instant may have 23 hours where the session's clocks are put forward.
            return None if value.tzinfo is not None and step >= _UNITS["day"] else value + step * number
        if step < _UNITS["day"]:
            return datetime(value.year, value.month, value.day) + step * number  # noqa: DTZ001 - wall clock
        return value + step * number
    except (OverflowError, ValueError):
        return None


def last_day(value: date) -> date:
    """Return the last day of a date's month."""
    return date(value.year, value.month, monthrange(value.year, value.month)[1])


def truncate(value: date, unit: str, first_weekday: int | None = None) -> date | None:
    """Cut a date or datetime down to the beginning of its unit; None for units that are not known.

    ``first_weekday``: the day a week begins with, 0 for Monday; None leaves weeks unknown.
    """
    if isinstance(value, datetime):
        if value.tzinfo is not None:
            return None
        cut = _CLOCK.get(unit_of(unit))
        if cut is not None:
            return value.replace(**cut)  # type: ignore[arg-type]
        day = truncate(value.date(), unit, first_weekday)
        return _midnight(day)
    match unit_of(unit):
        case "day":
            return value
        case "week" | "isoweek" as name:
            first = 0 if name == "isoweek" else first_weekday
            return None if first is None else add(value, -((value.weekday() - first) % 7), "day")
        case "month":
            return value.replace(day=1)
        case "quarter":
            return value.replace(day=1, month=(value.month - 1) // 3 * 3 + 1)
        case "year":
            return value.replace(day=1, month=1)
        case _:
            return None


_CLOCK = {
    "second": {"microsecond": 0},
    "minute": {"microsecond": 0, "second": 0},
    "hour": {"microsecond": 0, "second": 0, "minute": 0},
}
