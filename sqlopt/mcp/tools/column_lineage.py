"""``column_lineage``: what `sqlopt lineage` says of a text, or of a table or column of the project."""

from typing import Annotated, Any, Literal

from pydantic import Field

from sqlopt.lineage.edge import ColumnRef, Edge
from sqlopt.mcp.answers import Lineage, LineageEdge
from sqlopt.mcp.call import Call, InputError
from sqlopt.mcp.graphs import graph, problems, traced
from sqlopt.mcp.pages import ENTRIES, PAGE, first
from sqlopt.mcp.tools.parameters import Cursor, Dialect, Limit, Paths, TextPath
from sqlopt.report.lineage.view import View
from sqlopt.report.place import Lines
from sqlopt.source.map import Script
from sqlopt.span import Span


def column_lineage(  # noqa: PLR0913 - the client's arguments
    call: Call,
    *,
    sql: Annotated[str | None, Field(description="SQL to trace; or give column.")] = None,
    column: Annotated[
        str | None, Field(description="A table or table.column of the project to trace; or give sql.")
    ] = None,
    dialect: Dialect = None,
    path: TextPath = None,
    direction: Annotated[
        Literal["both", "upstream", "downstream"],
        Field(description="Of column: what feeds it, what it feeds, or both."),
    ] = "both",
    depth: Annotated[int | None, Field(ge=1, description="Of column: follow at most so many steps.")] = None,
    paths: Paths = None,
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> Lineage:
    """Trace columns: which feed each output of a text of SQL, or what is up and down from a column of the project.

    The project's lineage is read from the SQL of paths, through CTEs, subqueries, views and temporary tables.
    """
    if (sql is None) == (column is None):
        raise InputError("give either sql or column")

    def make() -> tuple[dict[str, Any], list[dict[str, Any]]]:
        if sql is not None:
            return _of_text(call, call.text(sql), dialect, path)
        return _of_column(call, str(column), dialect, direction, depth, paths)

    page = call.page((cursor, limit), make, LineageEdge.of, "edges")
    head = page.head if cursor is None else {**page.head, "columns": [], "tables_in": [], "tables_out": []}
    return Lineage(**head, edges=page.items, next_cursor=page.next_cursor, left_out=page.left_out)


def _of_text(
    call: Call, sql: str, dialect: str | None, path: str | None
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Trace the SQL of a text: as it stands, or what its reader finds in it."""
    place = call.path(path)
    lines = Lines(sql)
    edges: dict[str, dict[str, Any]] = {}
    inputs: dict[str, dict[str, None]] = {}
    wrong: list[str] = []
    tables: tuple[dict[str, None], dict[str, None]] = ({}, {})
    for script, found in traced(call.project(dialect), sql, place):

        def line(span: Span | None, script: Script = script) -> int:
            return lines.place(script.source_map.place(span).span.start).line if span is not None else 1

        for one in found.edges:
            edge = _edge(one, one.source, one.target, place, line(one.span))
            edges[str(edge)] = edge  # an incremental model is read twice
        for name, feeds in found.columns().items():
            inputs.setdefault(name, {}).update(dict.fromkeys(feeds))
        wrong += [f"{place}:{line(one.span)}: {one.message}" for one in found.errors]
        tables[0].update(dict.fromkeys(found.tables_in))
        tables[1].update(dict.fromkeys(found.tables_out))
    every = [{"column": name, "inputs": list(feeds)} for name, feeds in inputs.items()]
    columns = first(every[:ENTRIES])
    notes = []
    if len(columns) < len(every):
        notes.append(f"{len(every) - len(columns):,} more columns are left out; the edges have them all")
    head = {
        "columns": columns,
        "tables_in": list(tables[0]),
        "tables_out": list(tables[1]),
        "problems": wrong,
        "notes": notes,
    }
    return head, list(edges.values())


def _of_column(  # noqa: PLR0913, PLR0917 - the client's arguments
    call: Call, column: str, dialect: str | None, direction: str, depth: int | None, paths: list[str] | None
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    made, notes = graph(call, dialect, paths)
    start = made.find(column)
    up = {one: made.reach([one], upstream=True, depth=depth) for one in start if direction != "downstream"}
    down = {one: made.reach([one], depth=depth) for one in start if direction != "upstream"}
    view = View(made, up, down)

    def named(ref: ColumnRef) -> ColumnRef:
        return ColumnRef(made.tables[ref.table].name, ref.column)

    edges = [
        _edge(one.edge, named(one.edge.source), named(one.edge.target), one.path, one.line)
        for one in view.steps
    ]
    sources = {one["source"]["table"] for one in edges}
    targets = {one["target"]["table"] for one in edges}
    head = {
        "columns": [],
        "tables_in": sorted(sources - targets),
        "tables_out": sorted(targets - sources),
        "problems": problems(made),
        "notes": notes,
    }
    return head, edges


def _edge(edge: Edge, source: ColumnRef, target: ColumnRef, path: str, line: int) -> dict[str, Any]:
    return {
        "source": {"table": source.table, "column": source.column},
        "target": {"table": target.table, "column": target.column},
        "kind": str(edge.kind),
        "transformation": str(edge.transformation),
        "masking": edge.masking,
        "path": path,
        "line": line,
    }
