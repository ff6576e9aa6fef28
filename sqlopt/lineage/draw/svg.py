"""A static SVG for documents: plain shapes and attributes only, which every viewer and converter understands."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from sqlopt.lineage.draw.colours import LIGHT
from sqlopt.lineage.draw.layout import Item, Placed, place, ranked
from sqlopt.lineage.draw.picture import BETWEEN, ROWS, Box, Picture, picture

if TYPE_CHECKING:
    from sqlopt.lineage.graph import LineageGraph

HEAD, ROW, PAD = 34.0, 20.0, 6.0
MARGIN = 24.0
WHOLE = 800
"""Up to this many tables are drawn at once; of more, the neighbourhood of one."""
NEAR = 40
_MANY = 60  # from here on boxes have no rows
_ROWS = 16
_TURN = 40.0  # how far a line that goes back swings out
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"


def svg(graph: LineageGraph, focus: str | None = None) -> str:
    """Return the graph as an SVG document, light on white.

    With ``focus``, a table or ``table.column``, only the neighbourhood of that table is drawn; so it is
    for the best-connected table where there are more than `WHOLE`. Raises `UnknownNameError` where the
    graph does not hold ``focus``.
    """
    whole = picture(graph, focus)
    if whole.focus is not None:
        whole = whole.part(whole.neighbourhood(whole.focus[0], NEAR))
    elif len(whole.boxes) > WHOLE:
        whole = whole.part(whole.neighbourhood(whole.best_connected(), NEAR))
    return _Drawing(whole).text()


class _Drawing:
    """A picture with everything in its place."""

    def __init__(self, drawn: Picture) -> None:
        self.drawn = drawn
        used = _used(drawn)
        self.rows = [_rows(box, one, len(used)) for box, one in zip(drawn.boxes, used, strict=True)]
        self.sizes = [_size(box, rows) for box, rows in zip(drawn.boxes, self.rows, strict=True)]
        links = sorted({(one.source, one.target) for one in drawn.lines} | set(drawn.links))
        self.links = [(source, target) for source, target in links if source != target]
        self.placed: Placed = place(ranked(len(drawn.boxes), self.links), self.sizes, self.links)
        self.items: list[Item] = self.placed.boxes

    def text(self) -> str:
        items = [*self.items, *(lane for lanes in self.placed.lanes.values() for lane in lanes)]
        top = min((one.y - one.height / 2 for one in items), default=0.0) - MARGIN
        bottom = max((one.y + one.height / 2 for one in items), default=0.0) + MARGIN
        right = max((end for _, end in self.placed.edges), default=0.0) + 2 * MARGIN
        width, height = right + 2 * MARGIN, bottom - top
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}"',
            f'viewBox="{-2 * MARGIN:.0f} {top:.1f} {width:.0f} {height:.1f}" font-family="{_FONT}" role="img">',
            f"<title>Lineage of {len(self.drawn.boxes)} tables</title><defs>",
            *(_arrow(name, LIGHT[name]) for name in ("muted", "indirect")),
            f'</defs><rect x="{-2 * MARGIN:.0f}" y="{top:.1f}" width="100%" height="100%" fill="#ffffff"/>',
            *self._lines(),
            *(self._box(number) for number in range(len(self.items))),
            "</svg>",
        ]
        return "\n".join(parts) + "\n"

    def _lines(self) -> list[str]:
        """Lines between rows; where a row is not shown, its box stands for it. A direct line hides others."""
        direct: dict[tuple[int, int, int, int], bool] = {}
        for one in self.drawn.lines:
            if one.source != one.target:
                key = (
                    one.source,
                    self._row(one.source, one.source_column),
                    one.target,
                    self._row(one.target, one.target_column),
                )
                direct[key] = direct.get(key, False) or one.direct
        for source, target in set(self.links) - {(key[0], key[2]) for key in direct}:
            direct[source, ROWS, target, ROWS] = True
        return [
            self._line(*key, direct=direct[key]) for key in sorted(direct, key=lambda key: (direct[key], key))
        ]

    def _row(self, box: int, column: int) -> int:
        return column if column in self.rows[box] else ROWS

    def _line(self, source: int, source_row: int, target: int, target_row: int, *, direct: bool) -> str:
        start = (self._left(source) + self.sizes[source][0], self._height(source, source_row))
        end = (self._left(target) - 2, self._height(target, target_row))
        path = curve(self.placed, self.items[source].layer, start, self.placed.lanes[source, target], end)
        colour, dashes = ("muted", "") if direct else ("indirect", ' stroke-dasharray="5 4"')
        return (
            f'<path d="{path}" fill="none" stroke="{LIGHT[colour]}" stroke-opacity="0.75" stroke-width="1.3"{dashes} '
            f'marker-end="url(#{colour})"/>'
        )

    def _left(self, box: int) -> float:
        return self.placed.edges[self.items[box].layer][0]

    def _height(self, box: int, row: int) -> float:
        top = self.items[box].y - self.sizes[box][1] / 2
        return (
            top + HEAD / 2 if row == ROWS else top + HEAD + PAD / 2 + ROW * (self.rows[box].index(row) + 0.5)
        )

    def _box(self, number: int) -> str:
        box, (width, height), x = self.drawn.boxes[number], self.sizes[number], self._left(number)
        y = self.items[number].y - height / 2
        colour = LIGHT.get(box.kind, LIGHT["other"])
        chosen = self.drawn.focus is not None and self.drawn.focus[0] == number
        border = LIGHT["accent"] if chosen else LIGHT["border"]
        full = f"{box.prefix}{BETWEEN[box.kind]}{box.name}" if box.prefix else box.name
        parts = [
            f'<g><title>{escape(full)}</title><rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}"',
            f' height="{height:.1f}" rx="6" fill="#ffffff" stroke="{border}" stroke-width="{2 if chosen else 1}"/>',
            f'<path d="M{x:.1f},{y + HEAD:.1f}h{width:.1f}" stroke="{LIGHT["rule"]}"/>'
            if self.rows[number]
            else "",
            f'<rect x="{x:.1f}" y="{y + 6:.1f}" width="3" height="{HEAD - 12:.1f}" fill="{colour}"/>',
        ]
        room = width - 20
        if box.prefix:
            parts.append(_text(x + 12, y + 13, box.prefix, room, _PREFIX))
        parts.append(_text(x + 12, y + (27 if box.prefix else 22), box.name, room, _NAME))
        for nth, column in enumerate(self.rows[number]):
            at = y + HEAD + PAD / 2 + ROW * nth + 14
            parts.append(_text(x + 12, at, box.columns[column], room, _COLUMN))
        hidden = len(box.columns) - len(self.rows[number])
        if hidden:
            words = f"{hidden} more columns" if self.rows[number] else f"{hidden} columns"
            parts.append(_text(x + 12, y + height - 8, words, room, _MORE))
        return "".join(parts) + "</g>"


def curve(
    placed: Placed, layer: int, start: tuple[float, float], lanes: list[Item], end: tuple[float, float]
) -> str:
    """Return the path of a line: level within layers, through its lanes, and bent only between layers."""
    back = bool(lanes) and lanes[0].layer == layer
    x, y = placed.edges[layer][1], start[1]
    parts = [f"M{start[0]:.1f},{y:.1f}H{x:.1f}"]
    for number, lane in enumerate(lanes):
        near, far = placed.edges[lane.layer]
        if back:
            near, far = far, near
        parts.append(_bend(x, y, near, lane.y, _TURN if back and not number else 0) + f"H{far:.1f}")
        x, y = far, lane.y
    return "".join(parts) + _bend(x, y, end[0], end[1], -_TURN if back else 0)


def _bend(x: float, y: float, to_x: float, to_y: float, out: float) -> str:
    """Bend from one side of a gap to the other, or by ``out`` into it and round."""
    first, second = (x + out, to_x + out) if out else ((x + to_x) / 2, (x + to_x) / 2)
    return f"C{first:.1f},{y:.1f} {second:.1f},{to_y:.1f} {to_x:.1f},{to_y:.1f}"


def _arrow(name: str, colour: str) -> str:
    return (
        f'<marker id="{name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        f'markerUnits="userSpaceOnUse" orient="auto"><path d="M0,0.5L8,4L0,7.5z" fill="{colour}"/></marker>'
    )


@dataclass(frozen=True, slots=True)
class _Pen:
    size: float
    colour: str = LIGHT["text"]
    bold: bool = False


_PREFIX, _NAME, _COLUMN, _MORE = (
    _Pen(9.5, LIGHT["muted"]),
    _Pen(13, bold=True),
    _Pen(12),
    _Pen(10.5, LIGHT["muted"]),
)


def _text(x: float, y: float, words: str, room: float, pen: _Pen) -> str:
    weight = ' font-weight="600"' if pen.bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{pen.size:g}"{weight} fill="{pen.colour}">'
        f"{escape(fitted(words, room / pen.size))}</text>"
    )


def width_of(words: str) -> float:
    """Return about how wide a text is, in units of its size: a document's fonts are not known here."""
    return sum(_letter(one) for one in words)


def _letter(letter: str) -> float:
    if unicodedata.combining(letter):
        return 0.0
    if unicodedata.east_asian_width(letter) in {"W", "F"}:
        return 1.0
    return 0.68 if letter.isupper() else 0.56


def fitted(words: str, room: float) -> str:
    """Return the text, its middle left out where it is wider than ``room``: ends tell more than middles."""
    if width_of(words) <= room:
        return words
    keep = len(words) - 1
    while keep > 1 and width_of(words[: (keep + 1) // 2] + words[-(keep // 2) :]) + 0.9 > room:
        keep -= 1
    return words[: (keep + 1) // 2] + "…" + words[len(words) - keep // 2 :]


def _used(drawn: Picture) -> list[set[int]]:
    used: list[set[int]] = [set() for _ in drawn.boxes]
    for one in drawn.lines:
        used[one.source].add(one.source_column)
        used[one.target].add(one.target_column)
    return used


def _rows(box: Box, used: set[int], count: int) -> list[int]:
    """Return the columns that are shown: all if they are few, else the first that have lines."""
    if count > _MANY:
        return []
    if len(box.columns) <= _ROWS:
        return list(range(len(box.columns)))
    return sorted(used - {ROWS})[:_ROWS]


def _size(box: Box, rows: list[int]) -> tuple[float, float]:
    wide = max(
        width_of(box.name) * 13.5,
        width_of(box.prefix) * 9.5,
        *(width_of(box.columns[row]) * 12 for row in rows),
        100.0,
    )
    folded = ROW if len(rows) < len(box.columns) else 0.0
    body = PAD + ROW * len(rows) if rows else 0.0
    return min(wide + 24, 280.0), HEAD + body + folded
