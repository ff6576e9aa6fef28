"""What was not read, as every text report ends with it: one line, or with ``--show-unread`` one for each place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlopt.report.place import Lines
from sqlopt.report.words import escape, plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlopt.rules.finding import Report

Told = tuple[str, str]
"""A place as ``path:line`` or ``path:line:column``, and what is not read there."""


def lines(places: Sequence[Told], *, every: bool) -> Iterator[str]:
    """Yield the line that counts the places and names the first, or with ``every`` all of them; none for none."""
    if not places:
        return
    counted = f"{plural(len(places), 'place')} {'was' if len(places) == 1 else 'were'} not read"
    if every:
        yield f"{counted}:"
        yield from (f"  {escape(place)}: {escape(what)}" for place, what in places)
        return
    place, what = places[0]
    first = "" if len(places) == 1 else "first "
    yield f"{counted}, {first}{escape(place)}: {escape(what)} (--show-unread lists them)"


def of_report(report: Report) -> list[Told]:
    """Return what a check did not read, in order."""
    return [
        (f"{one['path']}:{one['start']['line']}:{one['start']['column']}", one["what"])
        for one in records(report)
    ]


def records(report: Report) -> list[dict[str, Any]]:
    """Return what a check did not read, as plain data: ``path``, ``what``, ``start`` and ``end``."""
    found = []
    for file in (one for one in report.files if one.unread):
        source = Lines(file.text)
        for one in file.unread:
            start, end = source.ends(one.span)
            found.append(
                {
                    "path": file.path,
                    "what": one.what,
                    "start": {**start._asdict(), "offset": one.span.start},
                    "end": {**end._asdict(), "offset": one.span.end},
                }
            )
    return found
