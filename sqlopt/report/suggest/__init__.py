"""Suggested views, as people and machines read them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.workload.suggest import Suggested

FORMATS = ("table", "json", "markdown", "sql")


def render(found: Suggested, form: str) -> Iterator[str]:
    """Yield suggestions in one of `FORMATS`."""
    yield from import_module(f"sqlopt.report.suggest.{form}_").render(found)
