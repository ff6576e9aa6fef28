"""``estimate_cost``: what `sqlopt cost -` says of a text."""

from typing import Any

from sqlopt.mcp.answers import Costs, StatementCost
from sqlopt.mcp.call import Call
from sqlopt.mcp.pages import PAGE
from sqlopt.mcp.tools.parameters import Cursor, Dialect, Limit, Sql, TextPath
from sqlopt.project.costing import UNITS, CostReport


def estimate_cost(  # noqa: PLR0913 - the client's arguments
    call: Call,
    *,
    sql: Sql,
    dialect: Dialect = None,
    path: TextPath = None,
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> Costs:
    """Estimate what each statement costs a run: bytes, rows, seconds, credits, money, as low, expected and high.

    Estimates come from the catalog's statistics and dated prices, as in `sqlopt cost`; no warehouse is asked. Null
    is unknown, and unknown says what the catalog lacks.
    """

    def make() -> tuple[dict[str, Any], list[dict[str, Any]]]:
        report = call.project(dialect).cost_text(call.text(sql), call.path(path))
        head = {
            "totals": _totals(report),
            "because": list(report.because),
            "problems": list(report.problems),
        }
        return head, [one.to_dict() for one in report.statements]

    page = call.page((cursor, limit), make, StatementCost.of, "statements")
    return Costs(**page.head, statements=page.items, next_cursor=page.next_cursor, left_out=page.left_out)


def _totals(report: CostReport) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, monthly in (("run", False), ("month", True)):
        found[name] = {}
        for unit in UNITS:
            total, missing = report.total(unit, monthly=monthly)
            found[name][unit] = {"sum": total and total.to_dict(), "statements_not_in_it": missing}
    return found
