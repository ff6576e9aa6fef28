"""What a change of a table or column reaches, as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlopt.report.lineage.view import View

if TYPE_CHECKING:
    from sqlopt.lineage.graph import LineageGraph


def reached(made: LineageGraph, name: str) -> list[dict[str, Any]]:
    """Return each table that a change of ``TABLE`` or ``TABLE.COLUMN`` reaches, nearest first.

    A row holds its ``name``, ``kind``, ``path``, ``line``, the ``columns`` reached, ``rows`` (how it decides on
    rows, where it does), ``through`` (the columns on the way) and ``direct`` (whether it breaks if what ``name`` means
    is dropped: it names the table, or the column, which may have come to it through stars).
    Raises `UnknownNameError`.
    """
    view = View(made)
    start = made.find(name)
    steps = made.reach(start, rows=True)
    column = len(start) == 1 and bool(start[0].column)
    broken = made.broken_by(start[0]) if column else made.readers(start)
    found: dict[str, dict[str, Any]] = {}
    for ref, step in steps.items():
        node = made.tables[ref.table]
        entry = found.setdefault(
            ref.table,
            {
                "name": node.name,
                "kind": node.kind,
                "path": step.path,
                "line": step.line,
                "columns": [],
                "through": [],
            },
        )
        if ref.column:
            entry["columns"].append(ref.column)
        else:
            entry["rows"] = str(step.edge.transformation).replace("_", " ")
        if not entry["through"]:
            entry["through"] = [view.name(one.edge.source) for one in made.path(steps, ref)]
            entry["direct"] = ref.table in broken
    return list(found.values())
