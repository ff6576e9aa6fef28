"""Whether a new name is taken where it would stand: after a rename every name must mean what it meant."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.editor.analysis import Reading
from sqlopt.editor.names import Key, names
from sqlopt.project.embedded import read
from sqlopt.query.bind.nodes import fold
from sqlopt.query.understand import understand
from sqlopt.span import Span

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping

    from sqlopt.editor.analysis import Analysis
    from sqlopt.query import Query


def capture(analysis: Analysis, after: str, edits: Mapping[Span, str]) -> str:
    """Return why a rename, whose ``edits`` of the document make ``after``, is none; empty if every name is kept."""
    document = analysis.document
    scripts = read(after, document.path, analysis.project.settings(document.path).dialect)
    if len(scripts) != len(analysis.readings):
        return "the document would be read otherwise"
    for old, script in zip(analysis.readings, scripts, strict=True):
        queries = understand(script.text, old.dialect, old.catalog, analysis.project.today)
        new = Reading(script, old.dialect, old.catalog, queries)
        if len(queries) != len(old.queries):
            return "the document would be read otherwise"
        for one, other in zip(old.queries, queries, strict=True):
            taken = _twice(other) - _twice(one)
            if taken:
                return f"there is {next(iter(taken))} already"
        meant = {_moved(place, edits): key for place, key in _meanings(old)}
        changed = _changed(meant, dict(_meanings(new)))
        if changed is not None:
            return f"another name would change its meaning: {changed.of(after)}"
    return ""


def _twice(query: Query) -> Counter[str]:
    """Return the names that a scope has twice: of CTEs, of FROM items, of columns that it gives."""
    found: Counter[str] = Counter()
    for with_ in query.nodes(exp.With):
        found += _again(("CTE", fold(one.args["alias"].this)) for one in with_.expressions)
    found += _again((id(one.scope), one.name.casefold()) for one in query.sources)
    for scope in query.scopes:
        found += _again((id(scope), one.name) for one in scope.outputs)
    return found


def _again(places: Iterable[tuple[Hashable, str]]) -> Counter[str]:
    return Counter(name for (_, name), count in Counter(places).items() if count > 1 and name)


Meaning = tuple[int, Key]
"""The number of a statement, and what a name stands for in it."""
_UNRESOLVED = "unresolved"


def _meanings(reading: Reading) -> Iterator[tuple[Span, Meaning]]:
    """Yield the place in the document of each name that stands there, with what it stands for."""
    for number, query in enumerate(reading.queries):
        for one in names(query):
            place = reading.place(one.span, exact=True)
            if place is not None:
                yield place, (number, one.key)


def _moved(place: Span, edits: Mapping[Span, str]) -> Span:
    """Return where a name stands after the edits; where one puts ``name AS other`` in, at its first word."""
    shift = sum(
        len(text) - (span.end - span.start) for span, text in edits.items() if span.end <= place.start
    )
    size = len(edits[place].split(" AS ", maxsplit=1)[0]) if place in edits else place.end - place.start
    return Span(place.start + shift, place.start + shift + size)


def _changed(before: Mapping[Span, Meaning], after: Mapping[Span, Meaning]) -> Span | None:
    """Return the first name that no longer means the same as others that it meant the same as, or just the reverse."""
    there: dict[Meaning, Meaning] = {}
    back: dict[Meaning, Meaning] = {}
    for place in sorted(before):
        old, new = before[place], after.get(place)
        if old[1][0] == _UNRESOLVED and (new is None or new[1][0] == _UNRESOLVED):
            continue
        if new is None or there.setdefault(old, new) != new or back.setdefault(new, old) != old:
            return place
    return None
