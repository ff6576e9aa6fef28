"""SQL text into statements, each parsed alone; one that can't be read costs only itself."""

from __future__ import annotations

import logging
import re
import warnings
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING

from sqlglot import exp
from sqlglot.errors import ParseError
from sqlglot.tokenizer_core import Token, TokenType

from sqlopt.query.text.blocks import Script
from sqlopt.query.text.forms import settled
from sqlopt.query.text.lexer import Reader, reader
from sqlopt.query.text.limits import MAX_LEVELS, ParseFailure, Profile
from sqlopt.query.text.spelling.respell import respelled
from sqlopt.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlopt.query.text.chunk import Filling, Piece
    from sqlopt.query.text.reuse import Kept, Units
    from sqlopt.query.text.spelling.draft import Draft

__all__ = ["MAX_CHARACTERS", "MAX_LEVELS", "ParseFailure", "Statement", "parse"]

MAX_CHARACTERS = 4_000_000
"""Longest text that is read: its tokens and trees take about a gigabyte."""

_QUERY = (TokenType.SELECT, TokenType.WITH)
_JINJA = re.compile(r"\{\{|\{%")  # {# #} is a comment to sqlglot
_CLASS = re.compile(r"<class '[\w.]*?(\w+)'>")
_TOKEN = re.compile(r"(?: but)? got <Token .*?comments: \[.*?\]>")
_REQUIRED = re.compile(r"Required keyword: '\w+' missing for <class '[\w.]*?(\w+)'>")
# sqlglot compiles a pattern of REGEXP_EXTRACT, and Python warns of signs that it keeps for later.
warnings.filterwarnings("ignore", r"Possible (nested set|set \w+)", FutureWarning)
_QUIET: ContextVar[bool] = ContextVar("_QUIET", default=False)
_LOG = logging.getLogger("sqlglot")


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a text.

    ``span`` runs from its first to its last token, without the semicolon; ``tokens`` are sqlglot's,
    their ``start`` and ``end`` (inclusive) offsets into the whole text. ``tree`` is None where it
    could not be parsed (then ``error`` says why) and for procedural statements that hold no SQL
    (then ``error`` is None too). ``variables`` are the case-folded names of script variables,
    parameters and loop variables declared before it. ``fingerprint`` is a short hash that comments,
    layout and the case of unquoted words don't change, but literals do. ``quoted`` says that it stands in a
    string, whose quotes an edit would have to mind. ``units`` are the parts that the tree was put together from.
    ``unread`` are parts that bear on its result but are not in the tree; ``texts`` the strings that script variables,
    by case-folded name, hold before it, as far as that is known.
    ``fills`` says which script variables it fills, so that its own result is no one's.
    """

    span: Span
    tokens: list[Token]
    tree: exp.Expr | None
    error: ParseFailure | None
    variables: frozenset[str]
    fingerprint: str
    quoted: bool = False
    units: Units | None = None
    unread: tuple[ParseFailure, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    fills: Filling | None = None


def parse(text: str, dialect: str, kept: Kept | None = None) -> list[Statement]:
    """Return the statements of ``text``; empty ones are left out. Any text does: nothing raises.

    Statements inside procedural blocks and SQL bodies between ``$$`` are statements of their own. ``kept`` holds
    what was parsed of earlier states of the text. An unknown ``dialect`` is a ValueError.
    """
    using = reader(dialect)
    if len(text) > MAX_CHARACTERS:
        message = f"the text is longer than {MAX_CHARACTERS:,} characters"
        failure = ParseFailure(message, Span(0, 1))
        return [Statement(Span(0, 1), [], None, failure, frozenset(), _hash(message))]
    with _quiet():
        script = Script(text, using)
        holes = _holes(text)
        return [_statement(piece, text, using, holes, kept) for piece in script.pieces()]


def _statement(
    piece: Piece, text: str, using: Reader, holes: dict[int, ParseFailure], kept: Kept | None
) -> Statement:
    tokens = piece.tokens
    profile = Profile(tokens)
    failure = piece.failure
    tree: exp.Expr | None = None
    units = None
    unread: tuple[ParseFailure, ...] = ()
    if holes:
        failure = _in_the_way(piece, holes) or failure
    if failure is None and not piece.opaque:
        draft = respelled(tokens, text, using.name, piece.texts)
        apart = kept is not None and not piece.quoted and draft is None
        together = _together(profile, text, using, kept) if kept is not None and apart else None
        if together is not None:
            tree, units = together
        else:
            tree, failure, unread = _read(profile, draft, text, using)
        if failure is not None and piece.lenient:
            failure = None
    span = Span(tokens[0].start, tokens[-1].end + 1) if tokens else Span(piece.start, piece.end)
    if failure is not None:
        span = span.hull(failure.span) if tokens else failure.span
    return Statement(
        span,
        tokens,
        tree,
        failure,
        piece.variables,
        _hash(profile.shape()),
        piece.quoted,
        units,
        unread,
        piece.texts,
        piece.fills,
    )


def _read(
    profile: Profile, draft: Draft | None, text: str, using: Reader
) -> tuple[exp.Expr | None, ParseFailure | None, tuple[ParseFailure, ...]]:
    """Return the tree of a statement as it is spelled for sqlglot or, where that fails, as it is written."""
    spelled = None
    if draft is not None:
        tree, spelled = _parse(Profile(draft.tokens), text, using)
        if tree is not None and not isinstance(tree, exp.Command):
            if draft.mend is not None:
                draft.mend(tree)
            return tree, None, tuple(draft.unread)
    tree, failure = _parse(profile, text, using)
    return tree, spelled if tree is None and spelled is not None else failure, ()


def value(filling: Filling, text: str, dialect: str, variables: frozenset[str]) -> Statement | None:
    """Return what variables get as a query: their expression is what it selects. None where it can't be read."""
    tokens = list(filling.tokens)
    if not tokens:
        return None
    start = tokens[0].start
    first = next((one for one in tokens if one.token_type != TokenType.L_PAREN), tokens[0])
    if first.token_type not in _QUERY if filling.rows else tokens[0].token_type not in _QUERY:
        if filling.rows:
            return None  # the name of a cursor, a range of numbers
        word = TokenType.SELECT
        tokens.insert(0, Token(word, word.name, tokens[0].line, tokens[0].col, start, start))
    with _quiet():
        tree, _ = _parse(Profile(tokens), text, reader(dialect))
    if tree is None:
        return None
    return Statement(Span(start, tokens[-1].end + 1), tokens, tree, None, variables, "")


def _together(profile: Profile, text: str, using: Reader, kept: Kept) -> tuple[exp.Expr, Units] | None:
    """Return the tree of one statement from parts that are kept, if it has such parts."""
    from sqlopt.query.text.reuse import parse as parse_units

    if profile.kinds[:1] != [TokenType.WITH]:
        return None
    return parse_units(profile.tokens, profile.kinds, text, using, kept)


def _parse(profile: Profile, text: str, using: Reader) -> tuple[exp.Expr | None, ParseFailure | None]:
    """Return the tree of one statement, or why there is none."""
    tokens = profile.tokens
    failure = profile.beyond_limits()
    if failure is not None:
        return None, failure
    parser = using.parser
    try:
        trees = parser.parse(tokens, text)
        if trees and trees[0] is not None:
            return settled(trees[0], profile.kinds), None
        failure = ParseFailure("no statement is found here", _span(tokens[0]))
    except ParseError as error:
        if _is_kept(tokens, using):
            return exp.Command(this="CREATE", expression=text[tokens[0].end + 1 : tokens[-1].end + 1]), None
        failure = _explain(error, tokens)
    except RecursionError:
        failure = ParseFailure(f"nested deeper than {MAX_LEVELS} levels", _span(tokens[0]))
    except Exception:  # noqa: BLE001 - sqlglot trips over some broken SQL with errors of its own
        failure = ParseFailure(f"unexpected {_show(tokens[0].text)}", _span(tokens[0]))
    finally:
        parser.reset()
    return None, failure


def _is_kept(tokens: list[Token], using: Reader) -> bool:
    """Whether a statement that sqlglot fails on is one that it should keep as text: a source or sink."""
    return using.name in _STREAMING and [one.text.upper() for one in tokens[:2]] in _STREAMS


_STREAMING = frozenset({"materialize", "risingwave"})
_STREAMS = [["CREATE", "SOURCE"], ["CREATE", "SINK"], ["CREATE", "CONNECTION"]]


def _explain(error: ParseError, tokens: list[Token]) -> ParseFailure:
    """Sqlglot's error in one plain line, at the token it is about."""
    detail = error.errors[0] if error.errors else {}
    place = (detail.get("line"), detail.get("col"))
    token = next((one for one in tokens if (one.line, one.col) == place), tokens[-1])
    said = str(detail.get("description") or "this can't be parsed")
    if said.startswith("Invalid expression"):
        said = f"unexpected {_show(token.text)}"
    elif required := _REQUIRED.match(said):
        said = f"incomplete {required.group(1)} near {_show(token.text)}"
    else:
        said = _TOKEN.sub("", _CLASS.sub(lambda found: found.group(1), said))
        said = f"{said} near {_show(token.text)}"
    return ParseFailure(" ".join(said.split()), _span(token))


def _holes(text: str) -> dict[int, ParseFailure]:
    """Return what is no SQL in the text, by where it starts: NUL characters and Jinja's brackets."""
    holes = {}
    if "\0" in text:
        for found in re.finditer("\0", text):
            holes[found.start()] = ParseFailure("a NUL character stands in the text", Span(*found.span()))
    for found in _JINJA.finditer(text):
        message = "the text looks like a Jinja template; render it first"
        holes[found.start()] = ParseFailure(message, Span(*found.span()))
    return holes


def _in_the_way(piece: Piece, holes: dict[int, ParseFailure]) -> ParseFailure | None:
    """Return the piece's first hole: a NUL anywhere, Jinja's brackets where they aren't in a string."""
    starts = {token.start for token in piece.tokens}
    unread = piece.failure.span.start if piece.failure is not None else piece.end
    for position in sorted(holes):
        if piece.start <= position < piece.end:
            failure = holes[position]
            if position in starts or position >= unread or failure.span.end - position == 1:
                return failure
    return None


def _span(token: Token) -> Span:
    return Span(token.start, token.end + 1)


def _show(word: str) -> str:
    shown = " ".join(word.split())
    return repr(shown if len(shown) <= 30 else f"{shown[:29]}…")  # noqa: PLR2004 - one line's worth


def _hash(words: str) -> str:
    return blake2b(words.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


class _Hush(logging.Filter):
    """Drops what sqlglot logs while this module parses; elsewhere its log stays as it is."""

    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002 - the signature is logging's
        return not _QUIET.get()


_HUSH = _Hush()


@contextmanager
def _quiet() -> Iterator[None]:
    _LOG.addFilter(_HUSH)  # adding it twice changes nothing
    token = _QUIET.set(True)
    try:
        yield
    finally:
        _QUIET.reset(token)
