"""Dataform's ``.sqlx``: the query, with ``${...}`` answered as far as the project's files say.

Syntax: https://cloud.google.com/dataform/docs/sqlx-intro and .../dataform-core-reference (checked 2026-11-23).
JavaScript is not run: calls of Dataform's own are known, constants of plain text too, all else is a placeholder.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlopt.source.pieces import Piece, Pieces
from sqlopt.span import Span

if TYPE_CHECKING:
    from sqlopt.source.map import Script

_BLOCK = re.compile(r"\b(config|js|pre_operations|post_operations|input\s+\"[^\"]*\")\s*\{")
_STRING = re.compile(
    r"'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"|`(?:[^`\\]|\\.)*`|//[^\n]*|/\*.*?\*/", re.DOTALL
)
_SQL_STRING = re.compile(r"'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"|--[^\n]*|/\*.*?\*/", re.DOTALL)
_CALL = re.compile(r"\s*(\w+)\s*\((.*)\)\s*\Z", re.DOTALL)
_QUOTED = re.compile(r"""\s*(?:'([^']*)'|"([^"]*)")\s*\Z""")
_KEYED = re.compile(r"""(\w+)\s*:\s*(?:'([^']*)'|"([^"]*)")""")
_CONSTANT = re.compile(
    r"""\b(?:const|let|var)\s+(\w+)\s*=\s*(?:'([^']*)'|"([^"]*)"|`([^`$]*)`|(-?\d+(?:\.\d+)?))\s*[;\n]"""
)
_WHEN = re.compile(r"\s*when\s*\(\s*incremental\(\)\s*,", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Defaults:
    database: str = ""
    schema: str = ""
    dialect: str | None = "bigquery"


def read(text: str, path: str) -> list[Script]:
    """Return the SQL of ``text``, the file ``path``: its query, an incremental one both ways. Never raises."""
    blocks, rest = _blocks(text)
    config = next((text[start:end] for name, start, end in blocks if name == "config"), "")
    constants = {}
    for name, start, end in blocks:
        if name == "js":
            for found in _CONSTANT.finditer(text[start:end] + "\n"):
                constants[found.group(1)] = next(one for one in found.groups()[1:] if one is not None)
    settings = {key: one or other for key, one, other in _KEYED.findall(_flat(config))}
    here = _defaults(path)
    name = settings.get("name") or Path(path).stem
    own = _dotted(settings.get("database") or here.database, settings.get("schema") or here.schema, name)
    kind = settings.get("type", "operations")
    reader = _Reader(constants, here, own)
    made = []
    variants = (
        [("full", False), ("incremental", True)] if kind == "incremental" and _asks(text) else [("", False)]
    )
    for variant, incremental in variants:
        target = own if kind in ("table", "view", "incremental") else ""
        script = reader.resolved(rest, incremental=incremental).script(
            len(text), dialect=here.dialect, name=f"{kind} {name}", variant=variant, target=target
        )
        made.append(script)
    for block, start, end in blocks:
        if block.endswith("operations"):
            inside = Pieces((Piece(text[start:end], Span(start, end)),))
            more = {"dialect": here.dialect, "name": f"{block.replace('_', ' ')} of {name}"}
            made.append(reader.resolved(inside, incremental=False).script(len(text), **more))
    return [one for one in made if one.text.strip()]


def _asks(text: str) -> bool:
    return re.search(r"\bincremental\s*\(\s*\)", text) is not None


def _dotted(*parts: str) -> str:
    return ".".join(one for one in parts if one)


def _flat(config: str) -> str:
    """Return an object's own keys, without those of objects in it."""
    depth = 0
    kept = []
    for character in config:
        depth += (character in "{[") - (character in "}]")
        kept.append(character if depth == 0 else " ")
    return "".join(kept)


def _blocks(text: str) -> tuple[list[tuple[str, int, int]], Pieces]:
    """Return the blocks as (name, start, end of what is inside), and the SQL around them."""
    found = []
    rest: list[Piece] = []
    at = begun = 0
    while at < len(text):
        skipped = _SQL_STRING.match(text, at)
        if skipped:
            at = skipped.end()
            continue
        block = (
            _BLOCK.match(text, at)
            if not at or not (text[at - 1].isalnum() or text[at - 1] in "_.$")
            else None
        )
        if block is None:
            at += 2 if text.startswith("${", at) else 1
            continue
        end = _closing(text, block.end())
        if block.start() > begun:
            rest.append(Piece(text[begun : block.start()], Span(begun, block.start())))
        found.append((block.group(1).split()[0], block.end(), end))
        at = begun = min(end + 1, len(text))
    if begun < len(text):
        rest.append(Piece(text[begun:], Span(begun, len(text))))
    return found, Pieces(tuple(rest))


def _closing(text: str, at: int) -> int:
    """Return the place of the brace that closes one opened before ``at``; the end where none does."""
    depth = 1
    while at < len(text):
        skipped = _STRING.match(text, at)
        if skipped:
            at = skipped.end()
            continue
        depth += (text[at] == "{") - (text[at] == "}")
        if depth == 0:
            return at
        at += 1
    return len(text)


class _Reader:
    """Answers the ``${...}`` of one file."""

    def __init__(self, constants: dict[str, str], here: _Defaults, own: str) -> None:
        self._constants = constants
        self._here = here
        self._own = own

    def resolved(self, sql: Pieces, *, incremental: bool) -> Pieces:
        """Return ``sql`` with what its ``${...}`` give."""
        text = sql.text
        parts = []
        at = 0
        while (start := text.find("${", at)) >= 0:
            end = _closing(text, start + 2)
            inside = sql[start : end + 1]
            parts.append((start, min(end + 1, len(text)), self._given(inside, incremental=incremental)))
            at = end + 1
        return sql.replaced(parts)

    def _given(self, whole: Pieces, *, incremental: bool) -> Pieces:
        place = whole.pieces[0].span.hull(whole.pieces[-1].span)
        expression = whole.text[2:-1]
        when = _WHEN.match(expression)
        if when is not None:
            return self._chosen(whole[2 : len(whole.text) - 1], when.end(), place, incremental=incremental)
        call = _CALL.match(expression)
        if call is None:
            known = self._constants.get(expression.strip())
            return (
                Pieces.computed(known, place)
                if known is not None
                else Pieces.unknown(expression.strip(), place)
            )
        name, given = call.group(1), call.group(2)
        answer = self._called(name, given, incremental=incremental)
        return Pieces.unknown(name, place, called=True) if answer is None else Pieces.computed(answer, place)

    def _called(self, name: str, given: str, *, incremental: bool) -> str | None:
        if name in ("ref", "resolve"):
            return self._ref(given)
        if name == "self":
            return self._quoted(self._own)
        if name == "name":
            return self._own.rsplit(".", 1)[-1]
        if name == "incremental":
            return str(incremental).lower()
        return None

    def _ref(self, given: str) -> str | None:
        keyed = {key: one or other for key, one, other in _KEYED.findall(given)}
        names = [keyed[key] for key in ("database", "schema", "name") if keyed.get(key)]
        if not keyed:
            quoted = [_QUOTED.match(one) for one in given.split(",")]
            names = [one.group(1) or one.group(2) or "" for one in quoted if one is not None]
            if len(names) != len(quoted):
                return None
        whole = [self._here.database, self._here.schema]
        missing = max(3 - len(names), 0)
        return self._quoted(_dotted(*whole[: min(missing, 2)], *names))

    def _quoted(self, name: str) -> str:
        return f"`{name}`" if self._here.dialect == "bigquery" else name

    def _chosen(self, whole: Pieces, start: int, place: Span, *, incremental: bool) -> Pieces:
        """Return the branch of ``when(incremental(), yes, no)`` that is meant: text in backquotes."""
        text = whole.text
        branches = []
        at = start
        while at < len(text):
            string = _STRING.match(text, at)
            if string:
                if string.group()[0] in "'\"`":
                    branches.append((string.start() + 1, string.end() - 1))
                at = string.end()
                continue
            at += 1
        number = 0 if incremental else 1
        if number >= len(branches):
            return Pieces() if len(branches) == 1 else Pieces.unknown("when", place, called=True)
        first, last = branches[number]
        return self.resolved(whole[first:last], incremental=incremental)


def _defaults(path: str) -> _Defaults:
    for folder in Path(path).absolute().parents:
        for name in ("workflow_settings.yaml", "dataform.json"):
            if (folder / name).is_file():
                return _settings(folder / name)
    return _Defaults()


@lru_cache(maxsize=64)
def _settings(path: Path) -> _Defaults:
    import yaml

    try:
        data: Any = yaml.safe_load(path.read_text())  # JSON is YAML
    except (OSError, yaml.YAMLError, UnicodeError):
        data = None
    data = data if isinstance(data, dict) else {}
    warehouse = str(data.get("warehouse", "bigquery"))
    return _Defaults(
        str(data.get("defaultProject") or data.get("defaultDatabase") or ""),
        str(data.get("defaultDataset") or data.get("defaultSchema") or ""),
        warehouse if warehouse in ("bigquery", "snowflake", "redshift", "postgres") else "bigquery",
    )
