"""Completion: tables of the catalog, columns of what the FROM clause names, CTEs, functions, models of dbt.

It reads tokens, not trees: what is being typed seldom parses. Of a CTE's columns it asks the last analysis that could
read the statement.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from sqlglot.tokenizer_core import TokenType

from sqlopt.cost.units import human_bytes
from sqlopt.editor.refs import project_of
from sqlopt.query.understand import understand

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlopt.catalog import Catalog, Table
    from sqlopt.editor.analysis import Analysis, Reading
    from sqlopt.query import Query

TRIGGERS = (".", "'", '"')
MOST = 500
"""Items of one answer; more than these are asked for again as the word grows."""

_REF = re.compile(r"""\bref\s*\(\s*['"][\w.-]*$""")
_TABLES_AFTER = frozenset({"FROM", "JOIN", "UPDATE", "INTO", "TABLE", "USING", "DESCRIBE", "TRUNCATE"})
_CLAUSES = frozenset(
    {
        "SELECT",
        "WHERE",
        "ON",
        "GROUP",
        "ORDER",
        "HAVING",
        "QUALIFY",
        "LIMIT",
        "WINDOW",
        "SET",
        "UNION",
        "VALUES",
        "BY",
    }
)
_NOT_ALIASES = _CLAUSES | _TABLES_AFTER | {
    *("LEFT", "RIGHT", "INNER", "FULL", "CROSS", "OUTER", "NATURAL", "LATERAL", "AS", "ASOF", "SEMI", "ANTI"),
    *("EXCEPT", "INTERSECT", "TABLESAMPLE", "WHEN", "THEN"),
}  # fmt: skip


def complete(analysis: Analysis, offset: int) -> types.CompletionList:
    """Return what may stand at a place of a document."""
    text = analysis.document.text
    if _REF.search(text, max(0, offset - 200), offset):
        return _list(_models(analysis))
    reading = next((one for one in analysis.readings if one.offset(offset) is not None), None)
    if reading is None:
        return _list([])
    at = reading.offset(offset)
    found = _Typed(reading, at if at is not None else 0, analysis)
    return _list(found.items())


def _list(items: Sequence[types.CompletionItem] | Iterator[types.CompletionItem]) -> types.CompletionList:
    once: dict[tuple[str, Any], types.CompletionItem] = {}
    for one in items:
        once.setdefault((one.label, one.kind), one)
    found = list(once.values())
    return types.CompletionList(len(found) > MOST, found[:MOST])


def _models(analysis: Analysis) -> Iterator[types.CompletionItem]:
    project = project_of(analysis)
    for name, nodes in (project.nodes if project is not None else {}).items():
        yield types.CompletionItem(name, kind=types.CompletionItemKind.Module, detail=f"dbt {nodes[0].kind}")


@dataclass(frozen=True, slots=True)
class _From:
    """A table of a FROM clause as its tokens say: a dotted name, or a subquery, and an alias."""

    name: str
    alias: str


class _Typed:
    """The statement around a place, by its tokens."""

    def __init__(self, reading: Reading, offset: int, analysis: Analysis) -> None:
        self.reading = reading
        self.analysis = analysis
        self.offset = offset
        self.tokens = self._statement()
        text = reading.script.text
        word = re.search(r"[\w$]*$", text[max(0, offset - 200) : offset])
        self.start = offset - len(word.group()) if word else offset
        self.before = [one for one in self.tokens if one.end < self.start]

    def _statement(self) -> list[Any]:
        last: list[Any] = []
        for query in self.reading.queries:
            if query.tokens and query.tokens[0].start <= self.offset:
                last = query.tokens
        return last

    def items(self) -> Iterator[types.CompletionItem]:
        """Yield what may stand here, best first."""
        if self._in_string():
            return
        dotted = self._dotted()
        clause = self._clause()
        if clause in _TABLES_AFTER:
            yield from self._tables(dotted)
            if not dotted:
                yield from self._ctes()
            return
        if dotted:
            yield from self._columns_of(dotted)
            yield from self._tables(dotted)
            return
        for one in self._scope():
            yield from self._columns(one)
        for one in self._scope():
            label = one.alias or one.name.rsplit(".", 1)[-1]
            yield types.CompletionItem(
                label,
                kind=types.CompletionItemKind.Variable,
                detail=one.name or "subquery",
                sort_text=f"1{label}",
            )
        yield from functions(self.reading.dialect)

    @cached_property
    def _queries(self) -> list[Query]:
        """The statement as it can be read: as it stands, with a name at the cursor, or as it last could be."""
        here = self.reading.query_at(self.offset)
        if here is not None and here.statement.tree is not None:
            return [here]
        first = self.tokens[0].start if self.tokens else self.offset
        last = max(self.tokens[-1].end + 1 if self.tokens else 0, self.offset)
        text = self.reading.script.text
        repaired = f"{text[first : self.offset]}x__{text[self.offset : last]}"
        found = list(understand(repaired, self.reading.dialect, self.reading.catalog))
        good = self.analysis.good
        found += [query for one in (good.readings if good else ()) for query in one.queries]
        return found

    def _in_string(self) -> bool:
        return any(
            one.start < self.offset <= one.end and one.token_type == TokenType.STRING for one in self.tokens
        )

    def _dotted(self) -> list[str]:
        """Return the parts of the name before the word at the cursor: ``a.b.`` is ``[a, b]``."""
        parts: list[str] = []
        at = len(self.before) - 1
        while at >= 1 and self.before[at].token_type == TokenType.DOT and _is_name(self.before[at - 1]):
            parts.insert(0, self.before[at - 1].text)
            at -= 2
        return parts

    def _clause(self) -> str:
        """Return the keyword that decides what may stand here."""
        depth = 0
        for at in range(len(self.before) - 1, -1, -1):
            one = self.before[at]
            if one.token_type == TokenType.R_PAREN:
                depth += 1
            elif one.token_type == TokenType.L_PAREN:
                depth -= 1
                if depth < 0:
                    return ""
            elif depth == 0:
                word: str = one.text.upper()
                if word in _TABLES_AFTER:
                    rest = self.before[at + 1 :]
                    return word if _awaits_table(rest) else ""
                if word in _CLAUSES:
                    return word
        return ""

    def _scope(self) -> list[_From]:
        """Return the tables of the query around the cursor, then those of the queries around that."""
        path: list[int] = [0]
        serial = 0
        where: list[tuple[int, ...]] = []
        for one in self.tokens:
            if one.token_type == TokenType.R_PAREN and len(path) > 1:
                path.pop()
            where.append(tuple(path))
            if one.token_type == TokenType.L_PAREN:
                serial += 1
                path.append(serial)
        here = self._path(where)
        found = [(len(level), one) for level, one in self._froms(where) if here[: len(level)] == level]
        return [one for _, one in sorted(found, key=lambda pair: -pair[0])]

    def _path(self, where: list[tuple[int, ...]]) -> tuple[int, ...]:
        index = len(self.before) - 1
        if index < 0:
            return (0,)
        last = self.tokens[index]
        if last.token_type == TokenType.L_PAREN:
            after = where[index + 1] if index + 1 < len(where) else None
            if (
                after is not None
                and after[: len(where[index])] == where[index]
                and len(after) > len(where[index])
            ):
                return after
            serial = sum(one.token_type == TokenType.L_PAREN for one in self.tokens[: index + 1])
            return (*where[index], serial)
        return where[index]

    def _froms(self, where: list[tuple[int, ...]]) -> Iterator[tuple[tuple[int, ...], _From]]:
        tokens = self.tokens
        listing: set[tuple[int, ...]] = set()  # levels whose FROM list goes on
        at = 0
        while at < len(tokens):
            word, level = tokens[at].text.upper(), where[at]
            starts = word in ("FROM", "JOIN", "UPDATE", "INTO") and tokens[at].token_type != TokenType.STRING
            if word == "FROM":
                listing.add(level)
            elif word in _CLAUSES:
                listing.discard(level)
            if starts or (tokens[at].token_type == TokenType.COMMA and level in listing):
                item, at = self._item(at + 1, where, level)
                if item is not None:
                    yield level, item
                continue
            at += 1

    def _item(
        self, at: int, where: list[tuple[int, ...]], level: tuple[int, ...]
    ) -> tuple[_From | None, int]:
        tokens = self.tokens
        name: list[str] = []
        begin = at
        if at < len(tokens) and tokens[at].token_type == TokenType.L_PAREN:
            close = next((i for i in range(at + 1, len(tokens)) if where[i] == level), len(tokens))
            alias, _ = self._alias(close + 1)
            return (_From("", alias) if alias else None), begin + 1
        while at < len(tokens) and _is_name(tokens[at]) and tokens[at].end < len(self.reading.script.text):
            name.append(tokens[at].text)
            if at + 1 < len(tokens) and tokens[at + 1].token_type == TokenType.DOT:
                at += 2
                continue
            at += 1
            break
        if not name:
            return None, begin
        alias, at = self._alias(at)
        return _From(".".join(name), alias), at

    def _alias(self, at: int) -> tuple[str, int]:
        tokens = self.tokens
        if at < len(tokens) and tokens[at].text.upper() == "AS":
            at += 1
        if at < len(tokens) and _is_name(tokens[at]) and tokens[at].text.upper() not in _NOT_ALIASES:
            return tokens[at].text, at + 1
        return "", at

    def _columns_of(self, dotted: list[str]) -> Iterator[types.CompletionItem]:
        name = ".".join(dotted).casefold()
        for one in self._scope():
            if name in (one.alias.casefold(), one.name.casefold(), one.name.rsplit(".", 1)[-1].casefold()):
                yield from self._columns(one)
                return

    def _columns(self, one: _From) -> Iterator[types.CompletionItem]:
        known = list(self._known_columns(one))
        for column, detail in known:
            yield types.CompletionItem(
                column, kind=types.CompletionItemKind.Field, detail=detail, sort_text=f"0{column}"
            )

    def _known_columns(self, one: _From) -> Iterator[tuple[str, str]]:
        for query in self._queries:
            for scope in query.scopes:
                named = scope.cte is not None and scope.cte.alias.casefold() == one.name.casefold()
                if named and scope.outputs:
                    yield from ((out.name, f"of {one.name}") for out in scope.outputs if out.name)
                    return
            for source in query.sources:
                if not one.name and source.inner is not None and source.name == one.alias.casefold():
                    yield from ((out.name, f"of {one.alias}") for out in source.inner.outputs if out.name)
                    return
        table = self.reading.catalog.table(one.name) if one.name else None
        for column in table.columns.values() if table is not None else ():
            yield column.name, f"{column.type or ''} of {table.name}".strip()  # type: ignore[union-attr]

    def _tables(self, dotted: list[str]) -> Iterator[types.CompletionItem]:
        catalog: Catalog = self.reading.catalog
        prefix = "".join(f"{one}." for one in dotted).casefold()
        for table in _all_tables(catalog):
            whole = table.name.casefold()
            tail = whole.find(f".{prefix}") + 1 if prefix and not whole.startswith(prefix) else 0
            if prefix and not whole.startswith(prefix, tail):
                continue
            yield types.CompletionItem(
                table.name[tail + len(prefix) :],
                kind=types.CompletionItemKind.Class,
                detail=_about(table),
                documentation=table.comment,
                sort_text=f"1{table.name}",
            )

    def _ctes(self) -> Iterator[types.CompletionItem]:
        tokens = self.tokens
        for at in range(len(tokens) - 2):
            after = tokens[at + 1].text.upper() == "AS" and tokens[at + 2].token_type == TokenType.L_PAREN
            before = at and (
                tokens[at - 1].text.upper() in ("WITH", "RECURSIVE") or tokens[at - 1].text == ","
            )
            if after and before and _is_name(tokens[at]):
                yield types.CompletionItem(
                    tokens[at].text,
                    kind=types.CompletionItemKind.Struct,
                    detail="CTE",
                    sort_text=f"0{tokens[at].text}",
                )


def _awaits_table(rest: list[Any]) -> bool:
    """Whether a table's name is due after FROM and these tokens: nothing yet, a comma, or a name that goes on."""
    return not rest or rest[-1].token_type in (TokenType.COMMA, TokenType.DOT)


def _is_name(token: Any) -> bool:
    kind, text = token.token_type, str(token.text)
    if kind in (TokenType.VAR, TokenType.IDENTIFIER):
        return True
    return text[:1].isalpha() and text.upper() not in _NOT_ALIASES and kind != TokenType.STRING


def _all_tables(catalog: Any) -> Iterator[Table]:
    base = getattr(catalog, "base", None)
    yield from catalog.tables.values()
    if base is not None:
        yield from _all_tables(base)


def _about(table: Table) -> str:
    parts = [table.kind]
    if table.rows is not None:
        parts.append(f"{table.rows:,} rows")
    if table.bytes is not None:
        parts.append(human_bytes(table.bytes))
    return ", ".join(parts)


@lru_cache(maxsize=32)
def functions(dialect: str) -> tuple[types.CompletionItem, ...]:
    """Return the functions that a dialect's parser knows."""
    from sqlglot.dialects.dialect import Dialect

    known = Dialect.get_or_raise(dialect).parser_class.FUNCTIONS
    kind = types.CompletionItemKind.Function
    return tuple(
        types.CompletionItem(name, kind=kind, sort_text=f"2{name}")
        for name in sorted(known)
        if name.isupper()
    )


__all__ = ["TRIGGERS", "complete", "functions"]
