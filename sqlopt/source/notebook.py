"""Notebooks: cells of SQL, magics that run SQL, and what the Python of cells runs.

A cell's text stands in the file as JSON strings; each character is placed there. Format:
https://nbformat.readthedocs.io/en/latest/format_description.html (checked 2026-11-23).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sqlopt.source.pieces import Piece, Pieces, composed, lines_of
from sqlopt.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.source.map import Script

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_ESCAPE = re.compile(r'\\(?:u([0-9a-fA-F]{4})|(["\\/bfnrt]))')
_PLAIN = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_HIGH, _LOW = range(0xD800, 0xDC00), range(0xDC00, 0xE000)
_CELL_MAGIC = re.compile(
    r"\s*%%(sql|bigquery|bigquery_magics|sparksql|duckdb|sf|snowflake|athena|trino|hive)\b[^\n]*\n?",
    re.IGNORECASE,
)
_LINE_MAGIC = re.compile(r"(?m)^\s*(?:\w+\s*=\s*)?%(sql|bigquery|sparksql|duckdb)[ \t]+(?=\S)", re.IGNORECASE)
_OTHER_MAGIC = re.compile(r"(?m)^[ \t]*[%!]")
_DIALECTS = {
    "bigquery": "bigquery",
    "bigquery_magics": "bigquery",
    "sparksql": "spark",
    "duckdb": "duckdb",
    "sf": "snowflake",
    "snowflake": "snowflake",
    "athena": "athena",
    "trino": "trino",
    "hive": "hive",
}
_LANGUAGES = {"sql": None, "spark-sql": "spark", "sparksql": "spark", "bigquery": "bigquery"}


@dataclass
class _Cell:
    kind: str = ""
    language: str = ""
    source: list[tuple[int, int]] = field(default_factory=list)


def read(text: str, path: str) -> list[Script]:
    """Return the SQL in ``text``, the notebook ``path``; nothing for what is no notebook. Never raises."""
    try:
        document = json.loads(text)
        cells = list(_cells(text))
    except (ValueError, RecursionError):
        return []
    whole = isinstance(document, dict) and document.get("metadata")
    language = _language(whole if isinstance(whole, dict) else {})
    found: list[Script] = []
    program: list[Piece] = []
    for number, cell in enumerate(cells, 1):
        if cell.kind not in ("code", "sql", ""):
            continue
        pieces = Pieces(tuple(one for start, end in cell.source for one in _string(text, start, end)))
        sql, python = _split(pieces, cell.language or language)
        found += [
            one.script(len(text), dialect=dialect, name=f"cell {number}")
            for one, dialect in sql
            if one.text.strip()
        ]
        program += [*python.pieces, Piece("\n", Span(0, 0), exact=False)]
    return [*found, *_programs(Pieces(tuple(program)), path, len(text))]


def _language(metadata: dict[str, Any]) -> str:
    for key, name in (
        ("language_info", "name"),
        ("kernelspec", "language"),
        ("application/vnd.databricks.v1+notebook", "language"),
    ):
        value = metadata.get(key)
        if isinstance(value, dict) and isinstance(value.get(name), str):
            return str(value[name]).lower()
    return "python"


def _split(pieces: Pieces, language: str) -> tuple[list[tuple[Pieces, str | None]], Pieces]:
    """Return a cell's SQL with its dialects, and its Python."""
    magic = _CELL_MAGIC.match(pieces.text)
    if magic is not None:
        return [(pieces[magic.end() : len(pieces.text)], _DIALECTS.get(magic.group(1).lower()))], Pieces()
    databricks = re.match(r"\s*%sql\b[ \t]*\n?", pieces.text)
    if databricks is not None and ("\n" in pieces.text.strip() or not _LINE_MAGIC.match(pieces.text)):
        return [(pieces[databricks.end() : len(pieces.text)], "databricks")], Pieces()
    if language in _LANGUAGES:
        return [(pieces, _LANGUAGES[language])], Pieces()
    if pieces.text.lstrip().startswith("%%") or language not in ("python", "ipython", ""):
        return [], Pieces()
    found = []
    hidden = []
    for at, line in lines_of(pieces.text):
        magic = _LINE_MAGIC.match(line)
        if magic is not None:
            dialect = _DIALECTS.get(magic.group(1).lower())
            found.append((pieces[at + magic.end() : at + len(line.rstrip())], dialect))
        if magic is not None or _OTHER_MAGIC.match(line):
            hidden.append((at, at + len(line.rstrip("\r\n")), Pieces.computed("pass", Span(0, 0))))
    return found, pieces.replaced(hidden)


def _programs(pieces: Pieces, path: str, size: int) -> list[Script]:
    """Return the SQL that the Python of all cells runs."""
    from sqlopt.source import python

    outer = pieces.script(size)
    return [replace(composed(one, outer), name=one.name) for one in python.read(outer.text, path)]


def _cells(text: str) -> Iterator[_Cell]:
    """Yield the cells with the places of their strings, in order; the document is known to be JSON."""
    path: list[Any] = []
    cell = _Cell()
    key = ""
    expecting = False
    for token in _TOKEN.finditer(text):
        word = token.group()
        if word in "{[":
            path.append(key if not path or path[-1] != "[" else "[")
            path.append(word)
            if _is_cell(path):
                cell = _Cell()
            key, expecting = "", False
        elif word in "}]":
            if _is_cell(path):
                yield cell
            path.pop()
            key = path.pop() if path else ""
            expecting = False
        elif word == ":":
            expecting = True
        elif word == ",":
            expecting = False
        elif word.startswith('"'):
            if path and path[-1] == "{" and not expecting:
                key = json.loads(word)
            else:
                _take(cell, path, key, token)


def _is_cell(path: list[Any]) -> bool:
    """Whether a path of brackets is that of a cell: ``cells: [ {`` at the top, or in a worksheet of format 3."""
    return len(path) >= 6 and path[-1] == "{" and path[-3] == "[" and path[-4] == "cells"  # noqa: PLR2004


def _take(cell: _Cell, path: list[Any], key: str, token: re.Match[str]) -> None:
    inside = (token.start() + 1, token.end() - 1)
    if _is_cell(path):
        if key == "cell_type":
            cell.kind = json.loads(token.group())
        elif key == "language":
            cell.language = json.loads(token.group()).lower()
        elif key in ("source", "input"):
            cell.source.append(inside)
    elif len(path) > 1 and path[-1] == "[" and path[-2] in ("source", "input") and _is_cell(path[:-2]):
        cell.source.append(inside)
    elif key == "language" and len(path) > 1 and path[-1] == "{" and path[-2] in ("vscode", "metadata"):
        cell.language = json.loads(token.group()).lower()


def _string(text: str, start: int, end: int) -> Iterator[Piece]:
    """Yield the value of a JSON string whose content is ``start:end``."""
    at = start
    for escape in _ESCAPE.finditer(text, start, end):
        if escape.start() < at:
            continue  # the second half of a pair
        if escape.start() > at:
            yield Piece(text[at : escape.start()], Span(at, escape.start()))
        at = escape.end()
        code, plain = escape.groups()
        character = _PLAIN.get(plain, plain) if plain else chr(int(code, 16))
        if code and int(code, 16) in _HIGH:
            low = _ESCAPE.match(text, at, end)
            if low and low.group(1) and int(low.group(1), 16) in _LOW:
                character = chr(0x10000 + ((int(code, 16) - 0xD800) << 10) + int(low.group(1), 16) - 0xDC00)
                at = low.end()
        yield Piece(character, Span(escape.start(), at), exact=False)
    if at < end:
        yield Piece(text[at:end], Span(at, end))
