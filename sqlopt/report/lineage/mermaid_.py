"""Lineage as a Mermaid flowchart of tables, with the columns asked for on the arrows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.report.lineage.view import View

_SHOWN = 3  # names of columns fit on an arrow


def render(view: View) -> Iterator[str]:
    """Yield the flowchart. Names are quoted and their special characters written as entities."""
    names = {node.name.casefold(): f"t{place}" for place, node in enumerate(view.tables)}
    yield "flowchart LR\n"
    for node in view.tables:
        left, right = ("[", "]") if node.kind == "table" else ("([", "])")
        yield f'  {names[node.name.casefold()]}{left}"{_text(node.name)}"{right}\n'
    arrows: dict[tuple[str, str], dict[str, None]] = {}
    for step in view.steps:
        pair = (names[step.edge.source.table], names[step.edge.target.table])
        if pair[0] != pair[1]:
            arrows.setdefault(pair, {})[step.edge.target.column] = None
    for (source, target), columns in arrows.items():
        listed = [one for one in columns if one]
        shown = ", ".join(listed[:_SHOWN]) + (" …" if len(listed) > _SHOWN else "")
        label = f'|"{_text(shown)}"|' if view.start and listed else ""
        yield f"  {source} {'-->' if listed else '-.->'}{label} {target}\n"


def _text(name: str) -> str:
    return "".join(char if char.isalnum() or char in " ._-*…,/" else f"#{ord(char)};" for char in name)
