"""Drawings of a lineage graph: one self-contained HTML page, or a static SVG for documents."""

from sqlopt.lineage.draw.page import html_page
from sqlopt.lineage.draw.svg import svg

__all__ = ["html_page", "svg"]
