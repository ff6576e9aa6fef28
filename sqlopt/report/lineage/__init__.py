"""Lineage on paper: one module a format, all from the same `View`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.report.lineage.view import View

FORMATS = ("text", "json", "mermaid", "dot", "csv", "openlineage", "html", "svg")


def render(view: View, form: str) -> Iterator[str]:
    """Yield the pieces of a lineage report in one of `FORMATS`."""
    pieces: Iterator[str] = import_module(f"sqlopt.report.lineage.{form}_").render(view)
    return pieces
