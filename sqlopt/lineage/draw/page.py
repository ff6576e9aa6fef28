"""One self-contained HTML page: it asks the network for nothing, and runs no script but its own."""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING

from sqlopt.lineage.draw.colours import DARK, LIGHT, css
from sqlopt.lineage.draw.layout import ranked
from sqlopt.lineage.draw.picture import Picture, picture, shown
from sqlopt.lineage.draw.svg import WHOLE

if TYPE_CHECKING:
    from sqlopt.lineage.graph import LineageGraph


def html_page(graph: LineageGraph, focus: str | None = None, title: str = "Column lineage") -> str:
    """Return the page, to be written as UTF-8.

    It opens at ``focus``, a table or ``table.column``, if that is given. Of more than `WHOLE` tables it
    draws the neighbourhood of the focus or of the best-connected table, and goes on from there on demand.
    Raises `UnknownNameError` where the graph does not hold ``focus``.
    """
    style = _colours() + _file("style.css")
    code = "".join(_file(name) for name in ("layout.js", "script.js", "input.js"))
    script = f'"use strict";\n(() => {{\n{code}\n}})();\n'
    policy = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    page = _file("page.html")
    fillings = {
        "POLICY": escape(policy),
        "TITLE": escape(shown(title)),
        "STYLE": style,
        "DATA": _data(picture(graph, focus)),
        "SCRIPT": script,
    }
    # Split once, so that nothing that is filled in is looked at again.
    parts = page.split("%%")
    return "".join(fillings[part] if place % 2 else part for place, part in enumerate(parts))


def _file(name: str) -> str:
    return (files("sqlopt.lineage.draw") / name).read_text("utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _colours() -> str:
    dark = css(DARK)
    return (
        f":root{{color-scheme:light;{css(LIGHT)}}}\n"
        f"@media (prefers-color-scheme:dark){{:root:not(.light){{color-scheme:dark;{dark}}}}}\n"
        f":root.dark{{color-scheme:dark;{dark}}}\n"
    )


def _data(drawn: Picture) -> str:
    """Return the picture as JSON that stands safely inside a script element.

    Texts that repeat are numbered, and each line is a row of numbers; layout.js says in which order.
    """
    words: dict[str, int] = {}

    def word(text: str) -> int:
        return words.setdefault(text, len(words))

    whole = len(drawn.boxes) <= WHOLE
    lines = dict.fromkeys(drawn.lines)
    linked = {(one.source, one.target) for one in lines} | set(drawn.links)
    links = sorted((a, b) for a, b in linked if a != b)
    ranks = ranked(len(drawn.boxes), links) if whole else []
    data = {
        "tables": [
            [
                one.name, word(one.prefix), word(one.kind), word(one.path), one.line,
                [word(column) for column in one.columns],
                [[place, word(tag)] for place, tag in one.tags],
            ]
            for one in drawn.boxes
        ],
        "lines": [
            [
                one.source, one.source_column, one.target, one.target_column,
                int(one.direct) + 2 * one.masking, word(one.transformation), word(one.path), one.line,
            ]
            for one in lines
        ],
        "links": links,
        "ranks": [[layer, round(order)] for layer, order in ranks],
        "focus": drawn.focus,
        "words": list(words),
    }  # fmt: skip
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text
