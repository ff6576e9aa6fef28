"""Text of others in Markdown: it stays mere text, whatever it holds."""

from __future__ import annotations

import re

from sqlopt.report.markdown import plain as markdown
from sqlopt.report.words import escape, visible

_LONGEST = 500
_TICKS = re.compile(r"`+")


def plain(text: str, longest: int = _LONGEST) -> str:
    """Return text for a sentence or a table's cell: no markup, HTML, link or mention comes of it."""
    shown = markdown(text if len(text) <= longest else f"{text[: longest - 1]}…")
    return re.sub(r"(?i)\bwww(?=\.)", "www&#8203;", shown)


def code(text: str, longest: int = _LONGEST) -> str:
    """Return text as a code span, for a cell too: in it nothing but ticks and bars means anything."""
    line = escape(text)
    line = line if len(line) <= longest else f"{line[: longest - 1]}…"
    ticks = "`" * (max((len(one) for one in _TICKS.findall(line)), default=0) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") or not line.strip() else ""
    return f"{ticks}{pad}{line.replace('|', chr(0x2223))}{pad}{ticks}"


def fenced(text: str, language: str = "sql", longest: int = 6_000) -> str:
    """Return text as a code block, whose fence is longer than any in it."""
    lines = [visible(line) for line in text.split("\n")]
    body = "\n".join(lines)
    if len(body) > longest:
        body = body[:longest].rsplit("\n", 1)[0] + "\n..."
    ticks = "`" * max(3, max((len(one) for one in _TICKS.findall(body)), default=0) + 1)
    return f"{ticks}{language}\n{body}\n{ticks}"


def label(text: str) -> str:
    """Return text for a node of a Mermaid graph: letters, digits and a few marks; the rest becomes an underscore."""
    return re.sub(r"[^\w .:/-]", "_", escape(text))[:80]
