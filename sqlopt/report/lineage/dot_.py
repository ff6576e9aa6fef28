"""Lineage as a Graphviz document: tables as records of columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.lineage.edge import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.report.lineage.view import View


def render(view: View) -> Iterator[str]:
    """Yield the document; what only decides on rows is dashed."""
    steps = view.steps
    used = {ref for step in steps for ref in (step.edge.source, step.edge.target) if ref.column}
    yield 'digraph lineage {\n  rankdir=LR;\n  node [shape=plain, fontname="Helvetica"];\n'
    for node in view.tables:
        key = node.name.casefold()
        rows = "".join(
            f'<TR><TD PORT="{_html(ref.column)}" ALIGN="LEFT">{_html(ref.column)}</TD></TR>'
            for ref in sorted(one for one in used if one.table == key)
        )
        head = f'<TR><TD PORT="_" BGCOLOR="lightgrey"><B>{_html(node.name)}</B></TD></TR>'
        yield f'  {_id(key)} [label=<<TABLE BORDER="0" CELLBORDER="1" CELLSPACING="0">{head}{rows}</TABLE>>];\n'
    for edge in dict.fromkeys(step.edge for step in steps):
        style = "" if edge.kind is Kind.DIRECT else " [style=dashed]"
        ends = (f"{_id(ref.table)}:{_id(ref.column or '_')}" for ref in (edge.source, edge.target))
        yield f"  {' -> '.join(ends)}{style};\n"
    yield "}\n"


def _id(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
