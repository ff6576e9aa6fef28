"""The shape of a document: symbols, folding ranges, links, and what each word is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.uris import from_fs_path
from sqlglot import exp
from sqlglot.tokenizer_core import TokenType

from sqlopt.editor.names import names
from sqlopt.editor.refs import all_refs
from sqlopt.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlglot.tokenizer_core import Token

    from sqlopt.editor.analysis import Analysis, Spot

KINDS = ("keyword", "class", "variable", "parameter", "property", "function", "string", "number", "operator")
"""The kinds of semantic tokens: tables are classes, CTEs variables, aliases parameters, columns properties."""

MODIFIERS = ("definition",)

_STRINGS = frozenset(
    {TokenType.STRING, TokenType.RAW_STRING, TokenType.NATIONAL_STRING, TokenType.HEREDOC_STRING}
)
_OF_KEY = {
    "table": "class",
    "cte": "variable",
    "alias": "parameter",
    "output": "property",
    "column": "property",
}
_MOST_LABEL = 60


def symbols(analysis: Analysis) -> list[types.DocumentSymbol]:
    """Return the statements of a document, each with its CTEs and their columns."""
    found: dict[Span, types.DocumentSymbol] = {}
    for spot in analysis.statements():
        place = spot.place(spot.query.statement.span)
        if place is None or place in found:
            continue
        shown = analysis.document.places.range(place)
        first = analysis.document.places.range(Span(place.start, place.start))
        found[place] = types.DocumentSymbol(
            _label(spot), types.SymbolKind.Function, shown, first, children=list(_ctes(analysis, spot))
        )
    return [found[place] for place in sorted(found)]


def _label(spot: Spot) -> str:
    tree = spot.query.tree
    if spot.reading.script.name and len(spot.reading.queries) == 1:
        return spot.reading.script.name
    target = getattr(tree, "this", None)
    if isinstance(tree, exp.Create | exp.Insert | exp.Update | exp.Delete | exp.Merge | exp.Drop):
        target = target.this if isinstance(target, exp.Schema) else target
        name = ".".join(part.name for part in target.parts) if isinstance(target, exp.Table) else ""
        return f"{tree.key.upper()} {name}".strip()
    words = " ".join(spot.query.statement.span.of(spot.query.source).split())
    return words if len(words) <= _MOST_LABEL else f"{words[: _MOST_LABEL - 1]}…"


def _ctes(analysis: Analysis, spot: Spot) -> Iterator[types.DocumentSymbol]:
    places = analysis.document.places
    for cte in spot.query.nodes(exp.CTE):
        alias = cte.args.get("alias")
        whole = spot.of(cte)
        name = spot.of(alias.this) if alias is not None and alias.this is not None else None
        if whole is None or name is None or not whole.covers(name) or not cte.alias:
            continue
        yield types.DocumentSymbol(
            cte.alias, types.SymbolKind.Struct, places.range(whole), places.range(name)
        )


def folding(analysis: Analysis) -> list[types.FoldingRange]:
    """Return what can be folded: statements, CTEs, subqueries and CASE expressions of several lines."""
    places = analysis.document.places
    found: dict[tuple[int, int], types.FoldingRange] = {}
    for spot in analysis.statements():
        spans = [spot.place(spot.query.statement.span)]
        spans += [spot.of(one) for one in spot.query.nodes(exp.CTE, exp.Subquery, exp.Case)]
        for span in filter(None, spans):
            first, last = places.line(span.start), places.line(max(span.end - 1, span.start))
            if last > first:
                found.setdefault((first, last), types.FoldingRange(first, last))
    return [found[key] for key in sorted(found)]


def links(analysis: Analysis) -> list[types.DocumentLink]:
    """Return a link for each ref: to its model's file."""
    places = analysis.document.places
    return [
        types.DocumentLink(places.range(one.span), target=from_fs_path(one.target), tooltip=one.target)
        for one in all_refs(analysis)
        if one.target is not None
    ]


def semantic_tokens(analysis: Analysis) -> list[int]:
    """Return the kinds of the words of a document, encoded as the protocol has it, relative to each other."""
    found: dict[Span, tuple[int, int]] = {}
    for spot in analysis.statements():
        for span, kind, modifiers in _kinds(spot):
            place = spot.place(span, exact=True)
            if place is not None:
                found[place] = (KINDS.index(kind), modifiers)
    places = analysis.document.places
    data: list[int] = []
    line = column = end = 0
    for span in sorted(found):
        if span.start < end:
            continue
        end = span.end
        start = places.position(span.start)
        if start.line != line:
            column = 0
        kind_, modifiers = found[span]
        size = places.units(span.of(analysis.document.text))
        data += (start.line - line, start.character - column, size, kind_, modifiers)
        line, column = start.line, start.character
    return data


def _kinds(spot: Spot) -> Iterator[tuple[Span, str, int]]:
    """Yield the tokens of a statement that stand on one line: by what its names mean, then by what they are."""
    source = spot.query.source
    known = {}
    for one in names(spot.query):
        kind = _OF_KEY.get(str(one.key[0])) if one.key else None
        if kind is not None and "\n" not in one.text:
            known[one.span] = kind
            yield one.span, kind, int(one.defines)
    starts = sorted(known)
    at = 0
    tokens = spot.query.tokens
    for index, token in enumerate(tokens):
        span = Span(token.start, token.end + 1)
        while at < len(starts) and starts[at].end <= span.start:
            at += 1
        if at < len(starts) and starts[at].start < span.end:
            continue
        kind = _plain_kind(source, tokens, index)
        if kind and "\n" not in span.of(source):
            yield span, kind, 0


def _plain_kind(source: str, tokens: list[Token], index: int) -> str | None:
    token = tokens[index]
    kind = token.token_type
    if kind in _STRINGS:
        return "string"
    if kind is TokenType.NUMBER:
        return "number"
    text = source[token.start : token.end + 1]
    if not text[:1].isalpha():
        return None
    after = tokens[index + 1] if index + 1 < len(tokens) else None
    opened = after is not None and after.token_type is TokenType.L_PAREN
    if kind is TokenType.VAR:
        return "function" if opened else None
    return "keyword"
