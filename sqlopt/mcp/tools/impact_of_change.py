"""``impact_of_change``: what `sqlopt impact` says."""

from typing import Annotated, Any

from pydantic import Field

from sqlopt.mcp.answers import Impact, Reached
from sqlopt.mcp.call import Call
from sqlopt.mcp.graphs import graph, problems
from sqlopt.mcp.pages import PAGE
from sqlopt.mcp.tools.parameters import Cursor, Dialect, Limit, Paths
from sqlopt.report.lineage.impact import reached


def impact_of_change(  # noqa: PLR0913 - the client's arguments
    call: Call,
    *,
    column: Annotated[
        str, Field(description="The table, or table.column, that is to be dropped or changed.")
    ],
    dialect: Dialect = None,
    paths: Paths = None,
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> Impact:
    """Say what breaks or changes downstream in the project if a table or column is dropped or changed, and how.

    What names it breaks (direct: true); what is made from that, or only filtered or joined by it, changes.
    """

    def make() -> tuple[dict[str, Any], list[dict[str, Any]]]:
        found, notes = graph(call, dialect, paths)
        rows = reached(found, column)
        head = {
            "changed": column,
            "breaks": sum(one["direct"] for one in rows),
            "problems": problems(found),
            "notes": notes,
        }
        return head, rows

    page = call.page((cursor, limit), make, Reached.of, "tables")
    return Impact(**page.head, reached=page.items, next_cursor=page.next_cursor, left_out=page.left_out)
