"""What lies between two states, as people and machines read it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.project.diff import DiffReport

FORMATS = ("text", "json", "markdown")


def render(report: DiffReport, form: str) -> Iterator[str]:
    """Yield a report in one of `FORMATS`."""
    module = import_module(f"sqlopt.report.diff.{form}_")
    yield from module.render(report)
