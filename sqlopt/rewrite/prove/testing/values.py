"""Values that a function may turn into what a statement asks for: `month(d) = 4` wants a day in April."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from itertools import islice, product
from typing import TYPE_CHECKING, Any, Final

from sqlglot import exp

from sqlopt.rewrite.prove.types import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_YEARS = range(1900, 2101)
_MOST = 400
_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.Neg, exp.Abs, exp.Anonymous)
_ROUNDED = (exp.Cast, exp.Round, exp.Floor, exp.Ceil, exp.TryCast, exp.Div, exp.Trunc)
_PARTS = (exp.Extract, exp.Year, exp.Month, exp.Day, exp.Hour, exp.Minute, exp.Second, exp.Quarter, exp.Week,
          exp.WeekOfYear, exp.DayOfWeek, exp.DayOfWeekIso, exp.DayOfMonth, exp.DayOfYear, exp.TimestampTrunc,
          exp.DateTrunc, exp.TimeToStr, exp.ToChar, exp.DateDiff, exp.Anonymous, exp.LastDay,
          exp.Cast)  # fmt: skip
_CUT = (exp.Substring, exp.Left, exp.Right, exp.StrPosition, exp.RegexpLike, exp.RegexpExtract, exp.StartsWith,
        exp.EndsWith, exp.Contains, exp.SplitPart, exp.Trim, exp.Replace, exp.Anonymous)  # fmt: skip
_JOINED = (exp.DPipe, exp.Concat, exp.ConcatWs)
_SHORT = 3  # characters of a text that may be a separator
_LONG: Final = "abcdefghij" * 5
_ENDS: Final = timedelta(microseconds=500_000)


def worked_out(nodes: Iterable[exp.Expr], kind: Kind) -> list[Any]:
    """Return values of ``kind`` that predicates with these nodes may ask of a column inside their functions.

    Not all do: whoever needs those that do tries them.
    """
    walked = [one for node in nodes for one in node.walk()]
    literals = [one for one in walked if isinstance(one, exp.Literal)]
    texts = list(dict.fromkeys(one.name for one in literals if one.is_string))
    numbers = list(dict.fromkeys(_numbers(literals)))
    classes = {type(one) for one in walked}
    if kind in (Kind.INTEGER, Kind.BIGINT, Kind.DECIMAL, Kind.DOUBLE):
        found: Iterable[Any] = _sums(numbers, classes)
    elif kind is Kind.TEXT:
        found = _texts(texts, numbers, classes)
    elif kind in (Kind.DATE, Kind.TIMESTAMP, Kind.ZONED):
        found = _moments(texts, numbers, classes, days=kind is Kind.DATE)
    elif kind is Kind.TIME:
        found = [one.time() for one in _clock(datetime(2024, 1, 1), [int(one) for one in numbers])]  # noqa: DTZ001
    else:
        found = []
    return list(dict.fromkeys(islice(found, _MOST)))


def _has(classes: set[type], kinds: tuple[type, ...]) -> bool:
    return any(issubclass(one, kinds) for one in classes)


def _numbers(literals: list[exp.Literal]) -> Iterator[Decimal]:
    for one in literals:
        try:
            number = Decimal(one.name)
        except InvalidOperation:
            yield from (Decimal(part) for part in re.findall(r"\d+", one.name)[:4] if len(part) < 10)  # noqa: PLR2004
            continue
        if number.is_finite() and abs(number.adjusted()) < 15:  # noqa: PLR2004 - longer ones are no arithmetic
            yield -number if isinstance(one.parent, exp.Neg) else number


def _sums(numbers: list[Decimal], classes: set[type]) -> Iterator[Decimal]:
    for one in numbers:
        yield from (one, one + 1, one - 1)
    if _has(classes, _ROUNDED):
        for one in numbers:
            yield from (
                one + Decimal("0.5"),
                one - Decimal("0.5"),
                one + Decimal("0.49"),
                one - Decimal("0.51"),
            )
    if _has(classes, _ARITHMETIC):
        few = [Decimal(0), Decimal(1), Decimal(2), Decimal(3), *numbers[:8]]
        for one, other in product(few, few):
            for found in (one - other, one + other, one * other):
                yield from (found, found + 1, found - 1)
            if other:
                yield from (round(one / other, 2), Decimal(int(one / other)), -round(one / other, 2))
    for one in numbers:
        yield from (-one, one * 2, one / 2, one + Decimal("0.01"), one - Decimal("0.01"))


def _texts(texts: list[str], numbers: list[Decimal], classes: set[type]) -> Iterator[str]:
    plain = [one.replace("%", "").replace("_", "a") for one in texts]
    yield from plain
    for one in texts:
        yield from (one, one.replace("%", "x").replace("_", "a"))
    for one in plain:
        yield from (
            one.lower(),
            one.upper(),
            one.capitalize(),
            one + "x",
            "x" + one,
            one[:-1],
            " " + one,
            one + " ",
        )
    yield ""
    if _has(classes, _CUT):
        yield from _cut(plain, numbers)
    if _has(classes, (exp.Length, exp.Anonymous, *_CUT)):
        yield from (
            _LONG[: max(int(one) + more, 0)] for one in numbers if one < len(_LONG) for more in (0, 1, -1)
        )
    if _has(classes, (exp.Cast, exp.TryCast)):
        yield from (f"{one:f}" for one in numbers)
        yield from ("1", "0", "2024-02-29", "x")
    if _has(classes, _JOINED):
        for one in plain:
            yield from (
                (one, "a" + one, one + "a", f"a{one}b") if len(one) <= _SHORT else re.split(r"\W+", one)
            )


def _cut(texts: list[str], numbers: list[Decimal]) -> Iterator[str]:
    """Yield texts that hold others at the places that numbers may mean, or what is left of a pattern."""
    places = [int(one) for one in numbers if 0 < one <= len(_LONG) and one == int(one)]
    for one in texts:
        yield f"xy{one}z"
        for place in places:
            yield from ("y" * (place - 1) + one, "y" * (place - 1) + one + "z")
            yield from (one.rjust(place, "y"), one.ljust(place, "y"), "y" * (place - 1) + one + _LONG)
        yield from re.split(r"[^0-9A-Za-z]+", one)
        yield re.sub(r"[\^$.*+?()\[\]\\|{}]", "", one)


def _moments(texts: list[str], numbers: list[Decimal], classes: set[type], *, days: bool) -> Iterator[Any]:
    given = [one for text in texts if (one := _moment(text)) is not None]
    whole = [int(one) for one in numbers if one == int(one) and abs(one) <= 4000]  # noqa: PLR2004 - about ten years
    near = [_shifted(one, step) for one in given for step in (0, 1, -1)]
    for one in given:
        month = one.replace(day=1)
        near += [month, month - timedelta(days=1), (month + timedelta(days=32)).replace(day=1)]
        near += [_shifted(one, sign * step) for step in whole for sign in (1, -1)]
    years = dict.fromkeys(
        [*(int(one) for one in numbers if one in _YEARS), *(one.year for one in given), 2024, 2023]
    )
    grid = list(_grid(years, whole)) if _has(classes, _PARTS) else []
    if days:
        yield from (one.date() for one in (*near, *grid))
        return
    for one in near[:60]:
        yield from (one, one + _ENDS, one + timedelta(seconds=1), one - timedelta(seconds=1))
        yield from (
            one + timedelta(hours=23, minutes=59, seconds=59, milliseconds=999),
            one + timedelta(hours=13),
        )
    yield from _clock(grid[0] if grid else datetime(2024, 3, 5), whole)  # noqa: DTZ001
    for one in grid:
        yield from (one, one + timedelta(hours=23, minutes=59, seconds=59, milliseconds=999))


def _clock(day: datetime, numbers: list[int]) -> Iterator[datetime]:
    """Yield moments of a day whose hours, minutes and seconds are among the numbers."""
    parts = [[one for one in dict.fromkeys([*numbers, 7]) if 0 <= one < most][:4] for most in (24, 60, 60)]
    for hour, minute, second in product(*parts):
        moment = day.replace(hour=hour, minute=minute, second=second)
        yield from (moment, moment + _ENDS)


def _grid(years: Iterable[int], days: list[int]) -> Iterator[datetime]:
    """Yield days of each month and weekday of some years."""
    for year in years:
        for month in range(1, 13):
            start = datetime(year, month, 1)  # noqa: DTZ001 - tests know no zones
            yield from (start, start + timedelta(days=14), start - timedelta(days=1))
        for day in dict.fromkeys([*range(4, 11), *(one for one in days if 0 < one < 32)]):  # noqa: PLR2004
            yield datetime(year, 3, day)  # noqa: DTZ001


def _shifted(one: datetime, days: int) -> datetime:
    try:
        return one + timedelta(days=days)
    except OverflowError:
        return one


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=None)
    except ValueError:
        return None
