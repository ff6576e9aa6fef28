"""Documents read with the position of each part: JSON objects, rows of CSV, outlines of indented text."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from json import decoder, scanner
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlopt.plan import PlanError
from sqlopt.span import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DEEPEST = 250
"""Operators above one another; a plan deeper than that is refused rather than run into the ground."""

_LONGEST = 2000  # code points of a detail that are kept


class Object(dict[str, Any]):
    """A JSON object or row that knows its ``span`` in the document."""

    __slots__ = ("span",)

    def __init__(self, values: Any = (), span: Span | None = None) -> None:
        super().__init__(values)
        self.span = span or Span(0, 0)


class _Decoder(json.JSONDecoder):
    """A JSON decoder whose objects know where they stand; texts longer than a statement are cut."""

    def __init__(self) -> None:
        super().__init__()
        plain: Callable[..., tuple[Any, int]] = decoder.JSONObject  # type: ignore[attr-defined]

        def parse(at: tuple[str, int], *rest: Any) -> tuple[Object, int]:
            values, end = plain(at, *rest)
            return Object(values, Span(at[1] - 1, end)), end

        self.parse_object = parse
        self.scan_once = scanner.py_make_scanner(self)  # type: ignore[attr-defined]


def parse_json(text: str, start: int = 0) -> Any:
    """Return the JSON value at ``start``; what follows it is blank. Raises `PlanError` with the position."""
    at = start + len(text[start : start + 64]) - len(text[start : start + 64].lstrip())
    try:
        value, end = _Decoder().raw_decode(text, at)
    except json.JSONDecodeError as error:
        raise PlanError(f"the JSON ends or breaks here: {error.msg}", text, error.pos) from error
    except (RecursionError, ValueError) as error:
        raise PlanError(f"the JSON can't be read: {type(error).__name__}", text, at) from error
    rest = re.compile(r"\s*").match(text, end)
    if rest is not None and rest.end() < len(text):
        raise PlanError("more text after the end of the JSON", text, rest.end())
    return value


def parse_yaml(text: str) -> Any:
    """Return a YAML document's value, objects with their span. Raises `PlanError` with the position."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        node = yaml.compose(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        at = error.problem_mark.index if error.problem_mark is not None else 0
        raise PlanError(f"the YAML ends or breaks here: {error.problem}", text, min(at, len(text))) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise PlanError(f"the YAML can't be read: {type(error).__name__}", text, 0) from error
    return _plain(node, yaml, set(), text)


def _plain(node: Any, yaml: Any, seen: set[int], text: str) -> Any:
    """Return what a node of YAML says. Aliases, which could make a small text huge, are refused."""
    if id(node) in seen:
        raise PlanError("an alias, which no plan has", text, node.start_mark.index)
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        pairs = [(str(key.value), _plain(value, yaml, seen, text)) for key, value in node.value]
        return Object(pairs, Span(node.start_mark.index, node.end_mark.index))
    if isinstance(node, yaml.SequenceNode):
        return [_plain(one, yaml, seen, text) for one in node.value]
    if node is None:
        return None
    if node.style is None and node.value in ("true", "false"):
        return node.value == "true"
    return node.value


def number(value: Any) -> float | None:
    """Return a number that is given as such or as text (``"1,200"``); None for anything else."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value) if abs(value) < _HUGE and math.isfinite(value) else None
    if isinstance(value, str):
        try:
            found = float(value.strip().replace(",", "").removeprefix("~"))
        except ValueError:
            return None
        return found if math.isfinite(found) else None
    return None


_HUGE = 10**300


def whole(value: Any) -> int | None:
    """Return a number as a whole one."""
    found = number(value)
    return None if found is None else int(found)


def milliseconds(value: Any) -> float | None:
    """Return seconds of a number of milliseconds."""
    found = number(value)
    return None if found is None else found / 1000


def words(value: Any) -> str | None:
    """Return a value as one text, cut where it is very long; lists are joined, None and "" are None."""
    if value is None or isinstance(value, bool):
        return None if value is None else str(value).lower()
    if isinstance(value, list):
        value = ", ".join(filter(None, map(words, value[:200])))
    elif isinstance(value, dict):
        value = ", ".join(f"{key}: {words(one)}" for key, one in list(value.items())[:200])
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…" if text else None


def texts(value: Any, labels: tuple[str, ...] | None = None) -> tuple[tuple[str, str], ...]:
    """Return an object's members as (label, text) pairs; ``labels`` chooses among them."""
    if not isinstance(value, dict):
        return ()
    pairs = ((key, words(one)) for key, one in value.items() if labels is None or key in labels)
    return tuple((str(key), text) for key, text in pairs if text)


def objects(value: Any) -> list[Object]:
    """Return the objects among a list's members; none for anything else."""
    return [one for one in value if isinstance(one, Object)] if isinstance(value, list) else []


def rows(text: str) -> list[Object]:
    """Return a CSV text's rows as objects, by lower-case column name. Raises `PlanError`."""
    reader = csv.reader(io.StringIO(text, newline=""))
    found: list[Object] = []
    starts = _line_starts(text)
    before = 0
    try:
        header = [one.strip().casefold() for one in next(filter(_full, reader), [])]
        before = reader.line_num
        for cells in reader:
            span = Span(starts[before], starts[min(reader.line_num, len(starts) - 1)])
            if _full(cells) and len(cells) != len(header):
                message = f"a row of {len(cells)} cells under a header of {len(header)}"
                raise PlanError(message, text, span.start)
            if _full(cells):
                found.append(Object(zip(header, cells, strict=True), span))
            before = reader.line_num
    except csv.Error as error:
        at = starts[min(before, len(starts) - 1)]
        raise PlanError(f"the CSV can't be read: {error}", text, at) from error
    return found


def _full(cells: list[str]) -> bool:
    return any(map(str.strip, cells))


def _line_starts(text: str) -> list[int]:
    return [0, *(one.end() for one in re.finditer(r"\r\n|\r|\n", text)), len(text)]


class Line(NamedTuple):
    """A line without its break and blanks at the end, and where it starts."""

    text: str
    start: int

    @property
    def indent(self) -> int:
        """The blanks before the text."""
        return len(self.text) - len(self.text.lstrip())

    @property
    def span(self) -> Span:
        """Where its text stands."""
        return Span(self.start + self.indent, self.start + len(self.text))


def lines(text: str) -> Iterator[Line]:
    """Yield the lines of a text one by one."""
    for found in re.finditer(r"[^\r\n]+", text):
        line = found.group().rstrip()
        if line:
            yield Line(line, found.start())


def nested(items: list[tuple[int, Any]], document: str, span: Callable[[Any], Span]) -> list[Tree]:
    """Return the trees of items given with their depth, each under the nearest shallower one before it."""
    roots: list[Tree] = []
    path: list[tuple[int, Tree]] = []
    for depth, item in items:
        node = Tree(item, [])
        while path and path[-1][0] >= depth:
            path.pop()
        if len(path) >= DEEPEST:
            raise PlanError(f"the plan is deeper than {DEEPEST} operators", document, span(item).start)
        (path[-1][1].children if path else roots).append(node)
        path.append((depth, node))
    return roots


class Tree(NamedTuple):
    """An item of an outline and what stands beneath it."""

    item: Any
    children: list[Tree]


_SIZES = {"B": 1, "K": 1024, "M": 1024**2, "G": 1024**3, "T": 1024**4, "P": 1024**5, "E": 1024**6}
_TIMES = {"ns": 1e-9, "us": 1e-6, "μs": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600, "d": 86400}
_SIZE = re.compile(r"\s*([\d.,]+(?:E[+-]?\d+)?)\s*([KMGTPE]?)(?:i?B|i?bytes)?\s*", re.IGNORECASE)
_TIME = re.compile(r"\s*([\d.,]+)\s*(ns|us|μs|µs|ms|s|m|h|d)(?:ec(?:onds?)?)?\s*")


def size(text: str | None) -> float | None:
    """Return the bytes of ``2.3 MiB`` or ``148.44kB`` (steps of 1,024); None if it is no size."""
    found = _SIZE.fullmatch(text) if text else None
    value = number(found[1]) if found else None
    return None if found is None or value is None else value * _SIZES[found[2].upper() or "B"]


def duration(text: str | None) -> float | None:
    """Return the seconds of ``1.2ms``; None if it is no duration."""
    found = _TIME.fullmatch(text) if text else None
    value = number(found[1]) if found else None
    return None if found is None or value is None else value * _TIMES[found[2]]
