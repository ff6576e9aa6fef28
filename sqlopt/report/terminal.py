"""Colour and width for a terminal. Plain escape codes: rich would double the time of a quick run."""

from __future__ import annotations

from sqlopt.report.words import visible
from sqlopt.rules.finding import Severity

_CODES = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "cyan": "36",
}
SEVERITY_COLORS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "blue"}
_TAB = 4


class Paint:
    """Text in colours, or as it is where none are wanted. It never reads markup in the text."""

    def __init__(self, *, color: bool) -> None:
        self.color = color

    def __call__(self, text: str, *styles: str) -> str:
        """Return ``text`` in these styles."""
        if not self.color or not text:
            return text
        return f"\x1b[{';'.join(_CODES[style] for style in styles)}m{text}\x1b[0m"

    def severity(self, severity: Severity) -> str:
        """Return a severity's name in its colour."""
        return self(str(severity), SEVERITY_COLORS[severity], "bold")


def expand(line: str) -> str:
    """Return a line as a terminal may show it: tabs as spaces, control characters as escapes."""
    return visible(line).replace("\t", " " * _TAB)


def width(text: str) -> int:
    """Return the cells that shown text takes: wide characters and emoji take two, accents none."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def clip(line: str, start: int, end: int, room: int) -> tuple[str, int, int]:
    """Return the part of a shown line around ``start:end`` that fits ``room``, and the span in it.

    A line of a megabyte must not fill the screen.
    """
    if len(line) <= room:
        return line, start, end
    inner = room - 2  # for the dots
    first = max(0, min(start - inner // 3, len(line) - inner))
    last = first + inner
    head, tail = "…" if first else "", "…" if last < len(line) else ""
    shift = len(head) - first
    start, end = max(start, first) + shift, min(end, last) + shift
    return f"{head}{line[first:last]}{tail}", start, max(start, end)
