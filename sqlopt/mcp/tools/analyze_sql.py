"""``analyze_sql``: what `sqlopt check -` says of a text."""

from typing import Any

from sqlopt.mcp.answers import Findings
from sqlopt.mcp.call import Call
from sqlopt.mcp.findings import findings, made
from sqlopt.mcp.pages import PAGE
from sqlopt.mcp.tools.parameters import Cursor, Dialect, Limit, Sql, TextPath


def analyze_sql(  # noqa: PLR0913 - the client's arguments
    call: Call,
    *,
    sql: Sql,
    dialect: Dialect = None,
    path: TextPath = None,
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> Findings:
    """Check SQL before it runs: findings with their place, price and fix, as `sqlopt check` gives them.

    What can't be parsed is a finding with error: true. rewrite_sql says how sure each fix is.
    """

    def make() -> tuple[dict[str, Any], list[dict[str, Any]]]:
        project = call.project(dialect)
        report = project.check(call.text(sql), call.path(path))
        return made(call, project.without_known(report), [])

    return findings(call, (cursor, limit), make)
