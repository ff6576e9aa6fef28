"""Pages made from lineage: where tagged values arrive, and what a metric rests on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlopt.report.lineage.view import View
from sqlopt.report.words import escape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.lineage.edge import ColumnRef
    from sqlopt.lineage.graph import LineageGraph, Step


def travels(graph: LineageGraph, tag: str) -> Iterator[str]:
    """Yield a line for each column that holds values of a column tagged ``tag``, unmasked, and the way there.

    Raises `UnknownNameError`.
    """
    view = View(graph)
    start = graph.tagged(tag)
    reached = graph.reach(start, readable=True)
    for ref in reached:
        own = "" if _carries(graph, ref, tag) else f", which is not tagged {tag}"
        yield f"{escape(view.name(ref))}{own}\n"
        for step in graph.path(reached, ref):
            yield (
                f"  {escape(view.name(step.edge.source))} → {escape(view.name(step.edge.target))}"
                f"  {step.edge.transformation}  {escape(step.path)}:{step.line}\n"
            )
    yield f"{len(reached)} columns hold values of {len(start)} tagged {tag}, unmasked.\n"


def _carries(graph: LineageGraph, ref: ColumnRef, tag: str) -> bool:
    return any(
        column in ("", ref.column) and name.casefold() == tag.casefold()
        for column, name in graph.tables[ref.table].tags
    )


def metric(graph: LineageGraph, name: str) -> Iterator[str]:
    """Yield a Markdown page on a column: every column it rests on, and the text that uses it.

    Raises `UnknownNameError`.
    """
    view = View(graph)
    start = graph.find(name)
    yield f"# {_cell(view.name(start[0]) if len(start) == 1 else name)}\n\n"
    reached = graph.reach(start, upstream=True)
    sources = [ref for ref in reached if not graph.tables[ref.table].path]
    yield f"It rests on {len(reached)} columns, {len(sources)} of them of tables that nothing here makes.\n\n"
    yield "| column | feeds | how | where | text |\n|---|---|---|---|---|\n"
    shown = {*reached, *start}
    steps = (one for one in graph.steps if one.edge.target in shown and one.edge.source in shown)
    for step in dict.fromkeys(steps):
        how = str(step.edge.transformation).replace("_", " ")
        ends = (view.name(step.edge.source), view.name(step.edge.target))
        cells = (*ends, how, f"{step.path}:{step.line}", _text(step))
        yield f"| {' | '.join(_cell(cell) for cell in cells)} |\n"


def _text(step: Step) -> str:
    """Return the line that makes a step, as it stands in its file."""
    from sqlopt.source.files import read_text

    lines = read_text(Path(step.path)).splitlines()
    return lines[step.line - 1].strip() if 0 < step.line <= len(lines) else ""


def _cell(text: str) -> str:
    return escape(text).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("`", "\\`")
