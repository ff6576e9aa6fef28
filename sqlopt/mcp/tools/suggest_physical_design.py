"""``suggest_physical_design``: what `sqlopt suggest mv` says."""

from typing import Annotated, Any

from pydantic import Field

from sqlopt.mcp.answers import Design, Suggestion
from sqlopt.mcp.call import Call
from sqlopt.mcp.pages import PAGE
from sqlopt.mcp.tools.parameters import SECONDS, Cursor, Effort, Limit, Paths, Seconds


def suggest_physical_design(  # noqa: PLR0913 - the client's arguments
    call: Call,
    *,
    paths: Paths = None,
    runs_per_day: Annotated[
        float | None,
        Field(gt=0, description="How often each statement runs; else its schedule says, else once."),
    ] = None,
    refreshes_per_day: Annotated[float, Field(ge=0, description="How often a view is refreshed.")] = 1.0,
    top: Annotated[int | None, Field(ge=1, description="Only the views that save the most.")] = None,
    effort: Effort = "normal",
    seconds: Seconds = SECONDS,
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> Design:
    """Suggest materialized views for the statements of files and folders, with DDL, rewritten statements and proofs.

    Each says what a month saves net of refreshes and storage. Nothing is made or changed.
    """

    def make() -> tuple[dict[str, Any], list[dict[str, Any]]]:
        project = call.project()
        files, notes = call.files(project, paths)
        found = project.suggest(
            files,
            runs_per_day=runs_per_day,
            refreshes_per_day=refreshes_per_day,
            effort=effort,
            seconds=seconds,
            top=top,
            progress=call.progress,
        ).to_dict()
        head = {
            "dropped": found["dropped"],
            "looked_at": found["statements"],
            "problems": found["problems"],
            "notes": notes,
        }
        return head, found["suggestions"]

    page = call.page((cursor, limit), make, Suggestion.of, "suggestions")
    return Design(**page.head, suggestions=page.items, next_cursor=page.next_cursor, left_out=page.left_out)
