"""Lineage as one self-contained page, to be looked at in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.report.lineage.view import View


def render(view: View) -> Iterator[str]:
    """Yield the page of the whole graph, opened at what was asked for."""
    from sqlopt.lineage.draw import html_page

    title = f"Lineage of {view.focus}" if view.focus else "Lineage"
    yield html_page(view.graph, view.focus, title)
