"""Lineage as CSV: a line an edge."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.report.lineage.view import View

_HEAD = (
    *("source_table", "source_column", "target_table", "target_column"),
    *("kind", "transformation", "masking", "path", "line"),
)


def render(view: View) -> Iterator[str]:
    """Yield a header and the edges."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(_HEAD)
    tables = view.graph.tables
    for step in view.steps:
        edge = step.edge
        source, target = edge.source, edge.target
        ends = (tables[source.table].name, source.column, tables[target.table].name, target.column)
        writer.writerow(
            (*ends, edge.kind, edge.transformation, str(edge.masking).lower(), step.path, step.line)
        )
    yield file.getvalue()
