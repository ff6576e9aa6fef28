"""Lineage as one JSON document: tables, and the steps between their columns."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.lineage.edge import ColumnRef
    from sqlopt.report.lineage.view import View


def render(view: View) -> Iterator[str]:
    """Yield the document; names are as written in the SQL or the catalog, an empty column is a table's rows."""
    document = {
        "version": 1,
        "tables": [
            {
                "name": one.name,
                "kind": one.kind,
                "columns": list(one.columns),
                "path": one.path or None,
                "line": one.line or None,
                "tags": [{"column": column, "tag": tag} for column, tag in one.tags],
            }
            for one in view.tables
        ],
        "edges": [
            {
                "source": _column(step.edge.source, view),
                "target": _column(step.edge.target, view),
                "kind": str(step.edge.kind),
                "transformation": str(step.edge.transformation),
                "masking": step.edge.masking,
                "path": step.path,
                "line": step.line,
            }
            for step in view.steps
        ],
        "troubles": [
            {"path": one.path, "line": one.line, "message": one.message} for one in view.graph.troubles
        ],
        "unread": [{"path": one.path, "line": one.line, "what": one.message} for one in view.graph.unread],
    }
    yield json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _column(ref: ColumnRef, view: View) -> dict[str, Any]:
    return {"table": view.graph.tables[ref.table].name, "column": ref.column}
