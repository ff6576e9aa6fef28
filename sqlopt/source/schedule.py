"""How often a schedule runs in a month: cron expressions, presets, and lengths of time."""

from __future__ import annotations

import calendar
import re
from datetime import timedelta

DAYS = 365.25 / 12
"""Days of a month, on average."""
_PRESETS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@quarterly": "0 0 1 */3 *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}
_WEEKDAYS = {name: number for number, name in enumerate(("sun", "mon", "tue", "wed", "thu", "fri", "sat"))}
_FIELDS = 5
_YEARS = range(2025, 2029)  # four years hold one leap day


def runs_a_month(schedule: str | timedelta | None) -> float | None:
    """Return how often a schedule runs in an average month; None for what is not understood.

    ``@once`` and no schedule at all run 0 times. A cron expression has five fields, or six with seconds first.
    """
    if isinstance(schedule, timedelta):
        return timedelta(days=DAYS) / schedule if schedule > timedelta() else None
    if schedule is None or schedule.strip().lower() in ("@once", "none", ""):
        return 0.0
    text = schedule.strip().lower()
    if text == "@continuous":
        return None
    fields = _PRESETS.get(text, text).split()
    seconds = 1
    if len(fields) == _FIELDS + 1:
        first = _numbers(fields.pop(0), 0, 59, {})
        if first is None:
            return None
        seconds = len(first)
    if len(fields) != _FIELDS:
        return None
    minutes = _numbers(fields[0], 0, 59, {})
    hours = _numbers(fields[1], 0, 23, {})
    days = _days(fields[2], fields[3], fields[4])
    if minutes is None or hours is None or days is None:
        return None
    return seconds * len(minutes) * len(hours) * days / (12 * len(_YEARS))


def _days(of_month: str, months: str, of_week: str) -> int | None:
    """Count the days of four years; where both are restricted, a day of the month or of the week will do."""
    dates = None if of_month == "l" else _numbers(of_month.replace("?", "*"), 1, 31, {})
    in_months = _numbers(months, 1, 12, _MONTHS)
    weekdays = _numbers(of_week.replace("?", "*"), 0, 7, _WEEKDAYS)
    if (dates is None and of_month != "l") or in_months is None or weekdays is None:
        return None
    weekdays = {day % 7 for day in weekdays}
    by_date, by_week = not of_month.startswith(("*", "?")), not of_week.startswith(("*", "?"))
    count = 0
    for year in _YEARS:
        for month in in_months:
            first, length = calendar.monthrange(year, month)
            for day in range(1, length + 1):
                on_date = day == length if dates is None else day in dates
                on_weekday = (first + day) % 7 in weekdays  # calendar's Monday is 0, cron's is 1
                count += (on_date or on_weekday) if by_date and by_week else (on_date and on_weekday)
    return count


def _numbers(field: str, low: int, high: int, names: dict[str, int]) -> set[int] | None:
    found: set[int] = set()
    for part in field.split(","):
        text, _, step = part.partition("/")
        if step and not step.isdigit():
            return None
        ends = [names.get(one, one) for one in text.split("-")]
        if text == "*":
            start, end = low, high
        elif all(re.fullmatch(r"\d+", str(one)) for one in ends) and len(ends) <= 2:  # noqa: PLR2004 - from and to
            start = int(ends[0])
            end = int(ends[-1]) if len(ends) > 1 or not step else high
        else:
            return None
        if not low <= start <= end <= high or step == "0":
            return None
        found.update(range(start, end + 1, int(step or 1)))
    return found
