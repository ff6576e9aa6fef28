"""What statements cost, as people and machines read it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.project.costing import CostReport

FORMATS = ("text", "json", "csv", "markdown")


def render(
    report: CostReport, form: str, top: int | None = None, *, show_unread: bool = False
) -> Iterator[str]:
    """Yield a cost report in one of `FORMATS`, with its first ``top`` statements; sums are of all.

    ``show_unread`` lists in ``text`` what was not read; else a line counts it.
    """
    module = import_module(f"sqlopt.report.cost.{form}_")
    yield from module.render(report, top, **({"show_unread": True} if show_unread and form == "text" else {}))
