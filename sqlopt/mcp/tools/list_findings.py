"""``list_findings``: what `sqlopt check PATHS` says."""

from typing import Annotated, Any, Literal

from pydantic import Field

from sqlopt.mcp.answers import Findings
from sqlopt.mcp.call import Call
from sqlopt.mcp.checking import check
from sqlopt.mcp.findings import findings, made
from sqlopt.mcp.pages import PAGE
from sqlopt.mcp.tools.parameters import Cursor, Limit, Paths


def list_findings(  # noqa: PLR0913 - the client's arguments
    call: Call,
    *,
    paths: Paths = None,
    severity: Annotated[
        Literal["info", "warning", "error"], Field(description="Only findings as grave as this, or graver.")
    ] = "info",
    rule: Annotated[str | None, Field(description="Only findings of this rule: its id or its name.")] = None,
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> Findings:
    """Check the SQL of files and folders, in pages: findings as `sqlopt check` gives them, file by file.

    SQL in dbt models, templates, notebooks and Python is read, too. The summary is of all, whatever is shown.
    """

    def make() -> tuple[dict[str, Any], list[dict[str, Any]]]:
        project = call.project()
        wanted = project.rule(rule).id if rule is not None else None
        files, notes = call.files(project, paths)
        report = check(project, files, call.work.checked, call.progress)
        top, found = made(call, project.without_known(report), notes)
        order = ("info", "warning", "error")
        least = order.index(severity)
        kept = [
            one for one in found if order.index(one["severity"]) >= least and wanted in (None, one["rule"])
        ]
        return top, kept

    return findings(call, (cursor, limit), make)
