"""Where things stand: tables in layers from left to right, their order by fast-sugiyama, room for lines between.

`ranked` asks the library; `place` gives coordinates to boxes of any height and keeps a free lane for every
line that passes a layer, so that no line crosses a box. The page's layout.js places in the same way.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlopt.errors import SqloptError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Link = tuple[int, int]
Rank = tuple[int, float]
"""A table's layer, counted from the left, and its order in it."""

GAP = 16.0
LANE = 10.0
BETWEEN = 96.0
_STEEP, _WIDEST = 20.0, 500.0  # high layers stand farther apart, so that lines stay apart, too
_ROUNDS = 8
_STEP = 72.0  # the library's distance between layers


class DrawError(SqloptError):
    """A drawing that can't be made."""


def ranked(count: int, links: Sequence[Link]) -> list[Rank]:
    """Return each table's rank; parts of the graph that are not linked share the layers side by side."""
    try:
        from fast_sugiyama import from_edges
    except ImportError as error:
        raise DrawError("drawing needs fast-sugiyama: pip install 'sqlopt[draw]'") from error

    parts = from_edges(_acyclic(count, links), vertex_spacing=_STEP, ranking_type="up", dummy_vertices=False)
    ranks: dict[int, Rank] = {}
    shapes: list[list[tuple[int, int, float]]] = []
    for positions, *_ in parts:
        top = max(down for _, (_, down) in positions)
        shapes.append([(int(one), round((top - down) / _STEP), across) for one, (across, down) in positions])
    shapes.sort(key=lambda part: (-len(part), min(part)))
    linked = {number for part in shapes for number, *_ in part}
    shapes += [[(number, 0, 0.0)] for number in range(count) if number not in linked]
    width = max((max(layer for _, layer, _ in part) + 1 for part in shapes), default=1)
    width = max(width, min(round((len(shapes) * 0.5) ** 0.5), 12))
    start, shelf, depth = 0, 0.0, 0.0
    for part in shapes:
        wide = max(layer for _, layer, _ in part) + 1
        if start + wide > width:
            start, shelf, depth = 0, shelf + depth + _STEP, 0.0
        for number, layer, across in part:
            ranks[number] = (start + layer, shelf + across)
        depth = max(depth, *(across for *_, across in part))
        start += wide
    return [ranks[number] for number in range(count)]


def _acyclic(count: int, links: Iterable[Link]) -> list[Link]:
    """Return the links without doubles, and without those that close a circle, of which some abort the library."""
    downs: list[list[int]] = [[] for _ in range(count)]
    for source, target in dict.fromkeys(links):
        downs[source].append(target)
    kept: list[Link] = []
    state = [0] * count  # 1 on the way, 2 done
    for first in range(count):
        stack = [(first, iter(downs[first]))] if not state[first] else []
        state[first] = state[first] or 1
        while stack:
            box, rest = stack[-1]
            for other in rest:
                if state[other] != 1:
                    kept.append((box, other))
                if not state[other]:
                    state[other] = 1
                    stack.append((other, iter(downs[other])))
                    break
            else:
                state[box] = 2
                stack.pop()
    return kept


@dataclass(slots=True)
class Item:
    """A box, or a lane that a line takes through a layer. ``y`` is its middle."""

    layer: int
    order: float
    height: float
    y: float = 0.0
    lane: bool = False
    left: list[Item] = field(default_factory=list)
    right: list[Item] = field(default_factory=list)


@dataclass(slots=True)
class Placed:
    """Boxes' items by number, lanes by link in the order a line takes them, layers' left and right edges."""

    boxes: list[Item]
    lanes: dict[Link, list[Item]]
    edges: list[tuple[float, float]]


def place(ranks: Sequence[Rank], sizes: Sequence[tuple[float, float]], links: Iterable[Link]) -> Placed:
    """Return coordinates for boxes of ``sizes`` (width, height), in pixels."""
    used = {layer: place for place, layer in enumerate(sorted({layer for layer, _ in ranks}))}
    boxes = [
        Item(used[layer], order, height) for (layer, order), (_, height) in zip(ranks, sizes, strict=True)
    ]
    lanes, extra = _lanes(boxes, links)
    layers: list[list[Item]] = [[] for _ in used]
    for item in (*boxes, *extra):
        layers[item.layer].append(item)
    for layer in layers:
        layer.sort(key=lambda item: item.order)
        _spread(layer, [0.0] * len(layer))
    for _ in range(_ROUNDS):
        for layer in layers:
            _spread(layer, [_wanted(item, item.left) for item in layer])
        for layer in reversed(layers):
            _spread(layer, [_wanted(item, item.right) for item in layer])
    edges, at = [], 0.0
    for number in range(len(layers)):
        wide = max(
            (size[0] for size, box in zip(sizes, boxes, strict=True) if box.layer == number), default=0.0
        )
        edges.append((at, at + wide))
        tall = max(layer[-1].y - layer[0].y for layer in layers[number : number + 2])
        at += wide + min(max(BETWEEN, tall / _STEEP), _WIDEST)
    return Placed(boxes, lanes, edges)


def _lanes(boxes: list[Item], links: Iterable[Link]) -> tuple[dict[Link, list[Item]], list[Item]]:
    """Return the lanes of each link; links from one box forward share theirs."""
    shared: dict[tuple[int, int], Item] = {}
    lanes: dict[Link, list[Item]] = {}
    back: list[Item] = []
    for source, target in links:
        one, other = boxes[source], boxes[target]
        way = [one]
        if one.layer < other.layer:
            for layer in range(one.layer + 1, other.layer):
                share = (layer - one.layer) / (other.layer - one.layer)
                order = one.order + (other.order - one.order) * share
                way.append(shared.setdefault((source, layer), Item(layer, order, LANE, lane=True)))
        else:  # it goes back: out to the right, under its own layer, and to the target from the left
            order = max(one.order, other.order) + 1
            way += [Item(layer, order, LANE, lane=True) for layer in range(one.layer, other.layer - 1, -1)]
            back += way[1:]
        lanes[source, target] = way[1:]
        for before, after in zip(way, [*way[1:], other], strict=True):
            if before.layer < after.layer and after not in before.right:
                before.right.append(after)
                after.left.append(before)
    return lanes, [*shared.values(), *back]


def _wanted(item: Item, others: list[Item]) -> float:
    return sum(one.y for one in others) / len(others) if others else item.y


def _spread(layer: list[Item], wanted: list[float]) -> None:
    """Put a layer's items as near to the ``wanted`` heights as their order and sizes allow (least squares)."""
    blocks: list[tuple[float, float, int]] = []  # sum of places, weight, items
    offsets, offset = [], 0.0
    for number, item in enumerate(layer):
        if number:
            before = layer[number - 1]
            gap = GAP if not item.lane and not before.lane else 0.0 if item.lane and before.lane else LANE
            offset += (before.height + item.height) / 2 + gap
        offsets.append(offset)
        weight = 2.0 if item.lane else 1.0
        blocks.append(((wanted[number] - offset) * weight, weight, 1))
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] > blocks[-1][0] / blocks[-1][1]:
            total, weight, items = blocks.pop()
            blocks[-1] = (blocks[-1][0] + total, blocks[-1][1] + weight, blocks[-1][2] + items)
    number = 0
    for total, weight, items in blocks:
        for _ in range(items):
            layer[number].y = total / weight + offsets[number]
            number += 1
