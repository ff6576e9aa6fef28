"""Lineage as a tree for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.report import unread
from sqlopt.report.words import escape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.lineage.edge import ColumnRef
    from sqlopt.lineage.graph import Step
    from sqlopt.report.lineage.view import View


def render(view: View) -> Iterator[str]:
    """Yield what feeds the columns asked for and what they feed; tables and their sources for a whole graph.

    The last line counts what was not read.
    """
    yield from _shown(view)
    places = [(f"{one.path}:{one.line}", one.message) for one in view.graph.unread]
    yield from (f"{line}\n" for line in unread.lines(places, every=view.show_unread))


def _shown(view: View) -> Iterator[str]:
    if not view.start:
        yield from _overview(view)
        return
    for ref in view.start:
        above = _children(view.up.get(ref, {}), upstream=True)
        below = _children(view.down.get(ref, {}), upstream=False)
        if not ref.column and ref not in above and ref not in below and len(view.start) > 1:
            continue
        yield f"{escape(view.name(ref))}{'' if ref.column else ' (rows)'}\n"
        for title, tree in (("is fed by", above), ("feeds", below)):
            if ref in tree:
                yield f"  {title}\n"
                yield from _branch(view, tree, ref, "  ")


def _overview(view: View) -> Iterator[str]:
    sources: dict[str, list[str]] = {}
    for source, target in view.graph.table_edges:
        sources.setdefault(target, []).append(view.graph.tables[source].name)
    for key, node in view.graph.tables.items():
        if key in sources:
            place = f"  {node.path}:{node.line}" if node.path and node.kind != "query" else ""
            yield f"{escape(node.name)}{escape(place)}\n"
            yield from (f"  ← {escape(name)}\n" for name in sources[key])


def _children(
    reached: dict[ColumnRef, Step], *, upstream: bool
) -> dict[ColumnRef, list[tuple[ColumnRef, Step]]]:
    tree: dict[ColumnRef, list[tuple[ColumnRef, Step]]] = {}
    for ref, step in reached.items():
        near = step.edge.target if upstream else step.edge.source
        tree.setdefault(near, []).append((ref, step))
    return tree


def _branch(
    view: View,
    tree: dict[ColumnRef, list[tuple[ColumnRef, Step]]],
    ref: ColumnRef,
    indent: str,
) -> Iterator[str]:
    stack = [
        (child, step, indent, place == 0) for place, (child, step) in enumerate(reversed(tree.get(ref, [])))
    ]
    while stack:
        one, step, lead, last = stack.pop()
        how = str(step.edge.transformation).replace("_", " ")
        if step.edge.masking:
            how += ", masked"
        rows = "" if one.column else " (rows)"
        yield f"{lead}{'└─' if last else '├─'} {escape(view.name(one))}{rows}  {how}  {escape(step.path)}:{step.line}\n"
        deeper = lead + ("   " if last else "│  ")
        below = reversed(tree.get(one, []))
        stack += [(child, inner, deeper, place == 0) for place, (child, inner) in enumerate(below)]
