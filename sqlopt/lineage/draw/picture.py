"""What is drawn of a lineage graph: boxes with rows and lines between them, by number, names made safe to show."""

from __future__ import annotations

import unicodedata
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlopt.lineage.edge import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlopt.lineage.edge import ColumnRef
    from sqlopt.lineage.graph import LineageGraph, TableNode

ROWS = -1
"""The place of a column that stands for its table's rows as a whole."""

_JOINERS = "\u200c\u200d"  # they decide how letters and emoji look, and hide nothing
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_NO_LETTERS = "\ufffe\uffff"  # no XML holds them


def shown(name: str) -> str:
    r"""Return ``name`` with what can't be seen, and what turns the reading direction, written as ``\u202e``."""
    return "".join(f"\\u{ord(one):04x}" if _unseen(one) else one for one in name)


def _unseen(letter: str) -> bool:
    if letter in _JOINERS:
        return False
    return unicodedata.category(letter) in _UNSEEN or letter in _NO_LETTERS


@dataclass(slots=True)
class Box:
    """A table: its name's last part and what stands before, its columns by place, and (place, tag) pairs."""

    name: str
    prefix: str
    kind: str
    columns: list[str]
    path: str
    line: int
    tags: list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Line:
    """A column of one box feeds a column of another; boxes and columns by number, `ROWS` for all rows."""

    source: int
    source_column: int
    target: int
    target_column: int
    direct: bool
    transformation: str
    masking: bool
    path: str
    line: int


@dataclass(slots=True)
class Picture:
    """Boxes, the lines between their columns, and the (source, target) pairs of boxes that are linked."""

    boxes: list[Box] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    links: list[tuple[int, int]] = field(default_factory=list)
    focus: tuple[int, int] | None = None

    def neighbourhood(self, start: int, limit: int) -> list[int]:
        """Return up to ``limit`` boxes nearest to ``start``, first upstream and downstream of it."""
        ups: dict[int, list[int]] = {}
        downs: dict[int, list[int]] = {}
        for source, target in self.links:
            downs.setdefault(source, []).append(target)
            ups.setdefault(target, []).append(source)
        found = dict.fromkeys([start])
        queue = deque([(start, ups), (start, downs)])
        while queue and len(found) < limit:
            box, side = queue.popleft()
            for other in side.get(box, ()):
                if other not in found and len(found) < limit:
                    found[other] = None
                    queue.append((other, side))
        return list(found)

    def best_connected(self) -> int:
        """Return the box with the most links, the first of several."""
        counts = [0] * len(self.boxes)
        for source, target in self.links:
            counts[source] += 1
            counts[target] += 1
        return counts.index(max(counts))

    def part(self, kept: Sequence[int]) -> Picture:
        """Return the picture of these boxes alone, in this order."""
        number = {box: place for place, box in enumerate(kept)}
        inside = [one for one in self.lines if one.source in number and one.target in number]
        return Picture(
            [self.boxes[box] for box in kept],
            [_moved(one, number) for one in inside],
            [(number[a], number[b]) for a, b in self.links if a in number and b in number],
            (number[self.focus[0]], self.focus[1]) if self.focus and self.focus[0] in number else None,
        )


def _moved(line: Line, number: dict[int, int]) -> Line:
    from dataclasses import replace

    return replace(line, source=number[line.source], target=number[line.target])


def picture(graph: LineageGraph, focus: str | None = None) -> Picture:
    """Return what is to be drawn of ``graph``.

    ``focus`` is a table or ``table.column``; raises `UnknownNameError` where the graph does not hold it.
    """
    keys = {key: number for number, key in enumerate(graph.tables)}
    places = [_Columns(node) for node in graph.tables.values()]
    drawn = Picture()
    for step in graph.steps:
        edge = step.edge
        if edge.source.table not in keys or edge.target.table not in keys:
            continue
        source, target = keys[edge.source.table], keys[edge.target.table]
        drawn.lines.append(
            Line(
                source,
                places[source].of(edge.source.column),
                target,
                places[target].of(edge.target.column),
                edge.kind is Kind.DIRECT,
                str(edge.transformation),
                edge.masking,
                shown(step.path),
                step.line,
            )
        )
    drawn.links = [(keys[a], keys[b]) for a, b in graph.table_edges if a in keys and b in keys]
    drawn.boxes = [_box(node, at) for node, at in zip(graph.tables.values(), places, strict=True)]
    if focus is not None:
        drawn.focus = _focus(graph.find(focus), keys, places)
    return drawn


class _Columns:
    """The places of a table's columns, by case-folded name; one that is only used is added at the end."""

    def __init__(self, node: TableNode) -> None:
        self.names = list(node.columns)
        self.places = {name.casefold(): place for place, name in enumerate(self.names)}

    def of(self, name: str) -> int:
        if not name:
            return ROWS
        place = self.places.setdefault(name.casefold(), len(self.names))
        if place == len(self.names):
            self.names.append(name)
        return place


BETWEEN = {"table": ".", "source": ".", "query": "/", "file": "/", "stage": "/"}
"""What stands between the last part of a name and those before it, by the table's kind."""


def _box(node: TableNode, columns: _Columns) -> Box:
    prefix, _, name = node.name.rpartition(BETWEEN.get(node.kind, "\0"))
    kind = node.kind if node.path or node.kind != "table" else "source"
    tags = [(columns.of(column), shown(tag)) for column, tag in node.tags]
    names = [shown(one) for one in columns.names]
    return Box(shown(name), shown(prefix), shown(kind), names, shown(node.path), node.line, tags)


def _focus(found: Iterable[ColumnRef], keys: dict[str, int], places: list[_Columns]) -> tuple[int, int]:
    refs = list(found)
    table = keys[refs[0].table]
    return table, places[table].of(refs[0].column) if len(refs) == 1 else ROWS
