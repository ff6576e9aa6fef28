"""Lineage as OpenLineage events: a job event a file, with the column-lineage facet on its outputs.

Shapes: https://openlineage.io/spec/2-0-2/OpenLineage.json and
https://openlineage.io/spec/facets/1-2-0/ColumnLineageDatasetFacet.json
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlopt.lineage.edge import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.lineage.graph import Step
    from sqlopt.report.lineage.view import View

_PRODUCER = "https://github.com/sqlopt/sqlopt"
_EVENT = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/JobEvent"
_FACET = (
    "https://openlineage.io/spec/facets/1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet"
)
_NAMESPACE = "sqlopt"


def render(view: View) -> Iterator[str]:
    """Yield one JSON line an event; their time is that of the writing."""
    from datetime import UTC, datetime

    now = datetime.now(UTC).isoformat(timespec="seconds")
    jobs: dict[str, list[Step]] = {}
    for step in view.steps:
        jobs.setdefault(step.path, []).append(step)
    for path, steps in jobs.items():
        targets: dict[str, list[Step]] = {}
        for step in steps:
            targets.setdefault(step.edge.target.table, []).append(step)
        sources = dict.fromkeys(step.edge.source.table for step in steps)
        event = {
            "eventTime": now,
            "producer": _PRODUCER,
            "schemaURL": _EVENT,
            "job": {"namespace": _NAMESPACE, "name": path},
            "inputs": [{"namespace": _NAMESPACE, "name": view.graph.tables[one].name} for one in sources],
            "outputs": [_output(view, table, made) for table, made in targets.items()],
        }
        yield json.dumps(event, ensure_ascii=False) + "\n"


def _output(view: View, table: str, steps: list[Step]) -> dict[str, Any]:
    fields: dict[str, list[Step]] = {}
    for step in steps:
        fields.setdefault(step.edge.target.column, []).append(step)
    rows = fields.pop("", [])
    facet: dict[str, Any] = {
        "_producer": _PRODUCER,
        "_schemaURL": _FACET,
        "fields": {name: {"inputFields": _inputs(view, made)} for name, made in fields.items()},
    }
    if rows:
        facet["dataset"] = _inputs(view, rows)
    return {
        "namespace": _NAMESPACE,
        "name": view.graph.tables[table].name,
        "facets": {"columnLineage": facet},
    }


def _inputs(view: View, steps: list[Step]) -> list[dict[str, Any]]:
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for step in steps:
        edge = step.edge
        source = found.setdefault(
            (edge.source.table, edge.source.column),
            {
                "namespace": _NAMESPACE,
                "name": view.graph.tables[edge.source.table].name,
                "field": edge.source.column or "*",
                "transformations": [],
            },
        )
        source["transformations"].append(
            {
                "type": "DIRECT" if edge.kind is Kind.DIRECT else "INDIRECT",
                "subtype": str(edge.transformation).upper(),
                "description": f"{step.path}:{step.line}",
                "masking": edge.masking,
            }
        )
    return list(found.values())
