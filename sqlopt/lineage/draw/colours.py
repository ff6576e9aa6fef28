"""The colours of drawings; text on its ground has a contrast of at least 4.5 to 1, as WCAG 2.2 AA asks."""

from __future__ import annotations

LIGHT = {
    "paper": "#f6f7f9",
    "box": "#ffffff",
    "border": "#cfd5de",
    "rule": "#e9ecf1",
    "text": "#1b2330",
    "muted": "#566174",
    "line": "#818da2",
    "accent": "#1f5fd6",
    "accent-soft": "#e3edfd",
    "indirect": "#8a3fc7",
    "indirect-soft": "#f3e8fb",
    "tag": "#9a4a00",
    "source": "#7a8699",
    "table": "#2f7ed8",
    "query": "#128a6f",
    "other": "#c2571a",
}
DARK = {
    "paper": "#11141a",
    "box": "#1a1f28",
    "border": "#363e4c",
    "rule": "#262d39",
    "text": "#e7ebf2",
    "muted": "#9aa6b8",
    "line": "#66728a",
    "accent": "#7db0ff",
    "accent-soft": "#1f3252",
    "indirect": "#cf9bff",
    "indirect-soft": "#352349",
    "tag": "#f2b46d",
    "source": "#7f8a9c",
    "table": "#5a9ff0",
    "query": "#3fbf9f",
    "other": "#f08c4a",
}


def css(colours: dict[str, str]) -> str:
    """Return the colours as CSS variables."""
    return ";".join(f"--{name}:{value}" for name, value in colours.items())
