"""SQLMesh models: the query behind ``MODEL (...)``, with its macros as placeholders.

Syntax: https://sqlmesh.readthedocs.io/en/stable/concepts/models/sql_models/ and .../concepts/macros/sqlmesh_macros/
(checked 2026-11-23). SQLMesh itself is not called.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlopt.source.pieces import Piece, Pieces, composed
from sqlopt.source.schedule import runs_a_month
from sqlopt.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlopt.source.map import Script

_HEADER = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/)*(MODEL|AUDIT|METRIC)\s*\(", re.IGNORECASE | re.DOTALL)
_SKIPPED = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^'\\]|\\.|'')*'|\"[^\"]*\"|`[^`]*`", re.DOTALL)
_JINJA = re.compile(r"\bJINJA_(?:QUERY|STATEMENT)_BEGIN\s*;?(.*?)\bJINJA_END\s*;?", re.IGNORECASE | re.DOTALL)
_DEFINED = re.compile(r"@DEF\s*\(\s*(\w+)\s*,", re.IGNORECASE)
_TEMPLATE = re.compile(r"@'(?:[^'\\]|\\.|'')*'")
_MACRO = re.compile(r"@(?:\{(\w+)\}|(\w+))")


@dataclass(frozen=True, slots=True)
class Header:
    """What stands in ``MODEL (...)``: its kind of block, its settings as text, and where it ends."""

    block: str
    settings: dict[str, str]
    end: int

    @property
    def name(self) -> str:
        """The model's name."""
        return self.settings.get("name", "").strip("\"'`")


def read(text: str, path: str) -> list[Script]:
    """Return the statements of ``text``, the model ``path``, without its header. Never raises."""
    header = _header(text)
    if header is None or header.block == "METRIC":
        return []
    dialect = header.settings.get("dialect", "").split(",")[0].strip("\"' ").lower() or None
    cron = header.settings.get("cron", "").strip("\"' ")
    more = {
        "dialect": dialect,
        "name": f"{header.block.lower()} {header.name}",
        "runs": runs_a_month(cron) if cron else None,
        "target": header.name if header.block == "MODEL" and "@" not in header.name else "",
    }
    body = (
        Pieces((Piece(text[header.end :], Span(header.end, len(text))),))
        if header.end < len(text)
        else Pieces()
    )
    if _JINJA.search(body.text):
        return list(_jinja(body, path, len(text), more))
    return [_resolved(body, header).script(len(text), **more)]


def _jinja(body: Pieces, path: str, size: int, more: Mapping[str, object]) -> Iterator[Script]:
    from sqlopt.source import jinja

    for block in _JINJA.finditer(body.text):
        outer = body[block.start(1) : block.end(1)].script(size)
        for one in jinja.read(outer.text, path):
            yield replace(composed(one, outer), **more)  # type: ignore[arg-type]


def _header(text: str) -> Header | None:
    found = _HEADER.match(text)
    if found is None:
        return None
    end = _closing(text, found.end())
    if end is None:
        return None
    settings = {}
    for item in _items(text[found.end() : end]):
        name = re.match(r"\s*(\w+)\s*(.*)", item, re.DOTALL)
        if name:
            settings[name.group(1).lower()] = name.group(2).strip()
    after = re.compile(r"\s*;?").match(text, end + 1)
    return Header(found.group(1).upper(), settings, after.end() if after else end + 1)


def _closing(text: str, at: int) -> int | None:
    """Return the place of the bracket that closes one opened before ``at``."""
    depth = 1
    while at < len(text):
        skipped = _SKIPPED.match(text, at)
        if skipped:
            at = skipped.end()
            continue
        depth += (text[at] in "([{") - (text[at] in ")]}")
        if depth == 0:
            return at
        at += 1
    return None


def _items(text: str) -> Iterator[str]:
    """Yield what commas part, outside brackets, strings and comments."""
    depth = at = 0
    item = ""
    while at < len(text):
        skipped = _SKIPPED.match(text, at)
        if skipped:
            item += "" if skipped.group().startswith(("--", "/*")) else skipped.group()
            at = skipped.end()
            continue
        depth += (text[at] in "([{") - (text[at] in ")]}")
        if text[at] == "," and depth == 0:
            yield item
            item = ""
        else:
            item += text[at]
        at += 1
    yield item


def _resolved(body: Pieces, header: Header) -> Pieces:
    """Replace macros: what is defined by ``@DEF`` to plain text is known, all else a placeholder."""
    text = body.text
    defined: dict[str, str] = {}
    parts: list[tuple[int, int, Pieces]] = []
    at = 0
    while at < len(text):
        skipped = _SKIPPED.match(text, at)
        if skipped:
            at = skipped.end()
            continue
        template = _TEMPLATE.match(text, at)
        if template:  # a text of SQLMesh's own, with variables in it
            place = Span(body.pieces[0].span.start + at, body.pieces[0].span.start + template.end())
            parts.append((at, template.end(), Pieces.unknown("@'...'", place)))
            at = template.end()
            continue
        definition = _DEFINED.match(text, at)
        if definition:
            end = _closing(text, text.index("(", at) + 1)
            if end is None:
                break
            defined[definition.group(1).lower()] = text[definition.end() : end].strip()
            stop = re.compile(r"\s*;?").match(text, end + 1)
            at = stop.end() if stop else end + 1
            parts.append((definition.start(), at, Pieces()))
            continue
        macro = _MACRO.match(text, at)
        if macro and not (at and text[at - 1] in "@\\"):
            at, part = _macro(body, text, macro, defined, header)
            parts.append(part)
            continue
        at += 1
    return body.replaced(parts)


def _macro(
    body: Pieces, text: str, macro: re.Match[str], defined: dict[str, str], header: Header
) -> tuple[int, tuple[int, int, Pieces]]:
    name = macro.group(1) or macro.group(2)
    end = macro.end()
    called = macro.group(2) is not None and text[end : end + 1] == "("
    if called:
        closing = _closing(text, end + 1)
        end = len(text) if closing is None else closing + 1
    offset = body.pieces[0].span.start
    place = Span(offset + macro.start(), offset + end)
    known = defined.get(name.lower())
    if known is not None and not called and "@" not in known:
        return end, (macro.start(), end, Pieces.computed(known, place))
    if name.lower() == "this_model" and header.name:
        return end, (macro.start(), end, Pieces.computed(header.name, place))
    return end, (macro.start(), end, Pieces.unknown(f"@{name}", place, called=called))
