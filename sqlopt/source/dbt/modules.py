"""Python's modules as dbt lends them to templates, cut down to what can do no harm."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlopt.source.jinja.budget import WIDTH, LimitError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlopt.source.jinja.environment import State

_COUNTS = re.compile(r"(?<!\\)[*+?{]")
_GROUPS = re.compile(r"\)[*+?{]")
_WORK = 10_000_000


def modules(state: State) -> SimpleNamespace:
    """Return ``modules`` of a template's context."""
    dates = {name: getattr(dt, name) for name in ("date", "datetime", "time", "timedelta", "timezone")}
    names = (
        "product",
        "chain",
        "combinations",
        "permutations",
        "zip_longest",
        "accumulate",
        "groupby",
        "islice",
    )
    return SimpleNamespace(
        datetime=SimpleNamespace(**dates),
        pytz=SimpleNamespace(timezone=_Zone, utc=_Zone("UTC"), UTC=_Zone("UTC")),
        re=_regular(state),
        itertools=SimpleNamespace(**{name: _finite(getattr(itertools, name)) for name in names}),
    )


class _Zone(dt.tzinfo):
    """A time zone with the method that pytz's have."""

    def __init__(self, name: str) -> None:
        self._zone = ZoneInfo(name)

    def localize(self, moment: dt.datetime) -> dt.datetime:
        """Say that ``moment`` is of this zone."""
        return moment.replace(tzinfo=self)

    def utcoffset(self, moment: dt.datetime | None) -> dt.timedelta | None:
        return self._zone.utcoffset(moment.replace(tzinfo=None) if moment else None)

    def dst(self, moment: dt.datetime | None) -> dt.timedelta | None:
        return self._zone.dst(moment.replace(tzinfo=None) if moment else None)

    def tzname(self, moment: dt.datetime | None) -> str | None:
        return self._zone.tzname(moment.replace(tzinfo=None) if moment else None)


def _finite(function: Callable[..., Any]) -> Callable[..., Any]:
    def called(*args: Any, **kwargs: Any) -> list[Any]:
        found = list(itertools.islice(function(*args, **kwargs), WIDTH + 1))
        if len(found) > WIDTH:
            raise LimitError(f"more than {WIDTH:,} items")
        return found

    return called


def _regular(state: State) -> SimpleNamespace:
    """Return ``re`` without patterns whose matching may take for ever: those are unknown."""

    def guarded(name: str) -> Callable[..., Any]:
        function = getattr(re, name)

        def called(pattern: Any, *args: Any, **kwargs: Any) -> Any:
            size = max((len(one) for one in args if isinstance(one, str)), default=0)
            if not isinstance(pattern, str) or not _is_cheap(pattern, size):
                return state.opaque(f"re.{name}", called=False)
            return function(pattern, *args, **kwargs)

        return called

    names = ("sub", "match", "search", "fullmatch", "findall", "split", "escape")
    flags = {flag: getattr(re, flag) for flag in ("IGNORECASE", "I", "MULTILINE", "M", "DOTALL", "S")}
    return SimpleNamespace(**{name: guarded(name) for name in names}, **flags)


def _is_cheap(pattern: str, size: int) -> bool:
    counts = len(_COUNTS.findall(pattern))
    return not _GROUPS.search(pattern) and counts < 6 and max(size, 1) ** max(counts, 1) <= _WORK  # noqa: PLR2004
