"""Databricks notebooks kept as Python: ``# MAGIC %sql`` cells, and what the Python between them runs."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlopt.source.pieces import Piece, Pieces, lines_of
from sqlopt.span import Span

if TYPE_CHECKING:
    from sqlopt.source.map import Script

_MAGIC = re.compile(r"# MAGIC ?")
_SQL = re.compile(r"\s*%sql\b[ \t]*")
_NEXT = "# COMMAND ----------"


def read_databricks(text: str, path: str) -> list[Script]:
    """Return the SQL cells, each as a script, and the strings of SQL in the rest."""
    from sqlopt.source.python.calls import scripts

    found: list[Script] = []
    number = 1
    cell: list[Piece] = []
    for at, line in [*lines_of(text), (len(text), _NEXT)]:
        if line.startswith(_NEXT):
            found += _cell(cell, len(text), number)
            cell = []
            number += 1
            continue
        magic = _MAGIC.match(line)
        if magic:
            start = at + magic.end()
            cell.append(Piece(text[start : at + len(line)], Span(start, at + len(line))))
    rest = [replace(one, dialect=one.dialect or "databricks") for one in scripts(text, path)]
    return [*found, *rest]


def _cell(lines: list[Piece], size: int, number: int) -> list[Script]:
    pieces = Pieces(tuple(lines))
    magic = _SQL.match(pieces.text)
    if magic is None:
        return []
    body = pieces[magic.end() : len(pieces.text)]
    return [body.script(size, dialect="databricks", name=f"cell {number}")]
