"""``markdown``: as the comment on a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.report.pull_request import comment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.project.diff import DiffReport


def render(report: DiffReport) -> Iterator[str]:
    """Yield the comment."""
    yield comment(report)
