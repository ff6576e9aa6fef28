"""One template rendered twice, plain and marked: its text, and where each range of it came from."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jinja2 import TemplateError

from sqlopt.source.jinja.budget import Budget, LimitError
from sqlopt.source.jinja.codes import CODES, MARKS, PRIVATE
from sqlopt.source.jinja.environment import STATE, ReturnedError, Scope, SqlEnvironment, State
from sqlopt.source.jinja.segments import segments
from sqlopt.source.jinja.unknown import filled
from sqlopt.source.map import Hole, Quality, Segment, SourceMap
from sqlopt.span import Span

if TYPE_CHECKING:
    from collections.abc import Callable

Compiled = tuple[Any, frozenset[str]]
"""A template, and the names that it sets."""
LARGEST = 2_000_000
"""Characters above which a template is not rendered."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A template's result. ``problem`` says why there is none, ``at`` where."""

    text: str
    source_map: SourceMap
    holes: tuple[Hole, ...] = ()
    notes: tuple[tuple[Span, str], ...] = ()
    problem: str = ""
    at: Span = field(default=Span(0, 0))


def environment_for(source: str) -> SqlEnvironment:
    """Return an environment that prints newlines as ``source`` writes them."""
    pairs = source.count("\r\n")
    return SqlEnvironment("\r\n" if pairs and pairs == source.count("\n") else "\n")


def render(
    source: str,
    path: str,
    scope: Callable[[State], Scope],
    *,
    silent: bool = False,
    compiled: list[Compiled] | None = None,
) -> Rendered:
    """Render ``source``, the file ``path``.

    ``scope`` gives, for a rendering, what names stand for besides Jinja's own. ``silent`` is whether a name
    that nothing defines prints as nothing, as in dbt. ``compiled`` keeps the template for a further rendering.
    Never raises.
    """
    if len(source) > LARGEST or PRIVATE.search(source):
        return _failed(source, "it is too large or holds private characters")
    try:
        kept = [] if compiled is None else compiled
        if not kept:
            environment = environment_for(source)
            kept.append((environment.compiled(source, path), environment.assigned))
        plain, state = _run(*kept[0], scope, silent=silent, marking=False)
        fillings = filled(plain, state.unknowns.names)
        marked, marks = _run(*kept[0], scope, silent=silent, marking=True)
    except TemplateError as error:
        return _failed(source, error.message or str(error), getattr(error, "lineno", None))
    except (LimitError, RecursionError, ReturnedError) as error:
        return _failed(source, "it is nested too deeply" if isinstance(error, RecursionError) else str(error))
    except Exception as error:  # noqa: BLE001 - whatever a stranger's template runs into
        return _failed(source, f"{type(error).__name__}: {error}")
    text = _with(plain, [one.text for one in fillings])
    found = coarse(text, source)
    holes = _holes(plain, fillings)
    if MARKS.sub("", marked) == plain and marks.unknowns.names == state.unknowns.names:
        try:
            found, holes = segments(marked, marks.pieces, fillings, path, source)
        except ValueError:
            found = coarse(text, source)
    source_map = SourceMap(found or coarse("", source), len(source))
    return Rendered(text, source_map, holes, _notes(source_map, holes, fillings, state))


def _run(
    template: Any,
    assigned: frozenset[str],
    scope: Callable[[State], Scope],
    *,
    silent: bool,
    marking: bool,
) -> tuple[str, State]:
    state = State({}, Budget(), silent=silent, marking=marking, assigned=assigned)
    token = STATE.set(state)
    try:
        state.scope = scope(state)
        context = template.new_context({})
        return template.environment.concat(template.root_render_func(context)), state
    finally:
        STATE.reset(token)


def _failed(source: str, problem: str, line: int | None = None) -> Rendered:
    at = Span(0, 0)
    if line is not None:
        starts = [0, *(found.end() for found in re.finditer(r"\r\n|\r|\n", source))]
        start = starts[min(line, len(starts)) - 1]
        at = Span(start, max(start, (starts[line] if line < len(starts) else len(source)) - 1))
    return Rendered("", SourceMap(coarse("", source), len(source)), problem=problem, at=at)


def coarse(text: str, source: str) -> tuple[Segment, ...]:
    """Return that ``text`` came from somewhere in ``source``."""
    return (Segment(0, len(text), Span(0, len(source)), Quality.FILE),)


def _with(plain: str, texts: list[str]) -> str:
    waiting = iter(texts)
    return CODES.sub(lambda _: next(waiting), plain)


def _holes(plain: str, fillings: list[Any]) -> tuple[Hole, ...]:
    found = []
    shift = 0
    for code, filling in zip(CODES.finditer(plain), fillings, strict=True):
        start = code.start() + shift
        found.append(Hole(Span(start, start + len(filling.text)), filling.any_sql))
        shift += len(filling.text) - (code.end() - code.start())
    return tuple(found)


def _notes(
    source_map: SourceMap, holes: tuple[Hole, ...], fillings: list[Any], state: State
) -> tuple[tuple[Span, str], ...]:
    found: dict[str, tuple[Span, str]] = {}
    for hole, filling in zip(holes, fillings, strict=True):
        if filling.name not in found:
            place = source_map.place(hole.span).span
            silent = ", and nothing is said of the statement around it" if filling.any_sql else ""
            found[filling.name] = (place, f"what {filling.name} stands for is not known here{silent}")
    said = [(Span(0, 0), note) for note in state.notes]
    said += [
        (Span(0, 0), f"{name} is not known here, and decides what the template prints")
        for name in state.unknowns.deciding
        if name not in found
    ]
    return (*found.values(), *said)
