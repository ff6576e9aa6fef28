"""Lineage as a static SVG, for documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.report.lineage.view import View


def render(view: View) -> Iterator[str]:
    """Yield the drawing of the neighbourhood of what was asked for, or of everything."""
    from sqlopt.lineage.draw import svg

    yield svg(view.graph, view.focus)
