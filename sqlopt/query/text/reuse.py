"""CTEs parsed by themselves and kept, so that a change in one costs the parse of that one.

A statement that begins with CTEs is read as its frame, in which each CTE's body is a stand-in, and the bodies. Each
body's tree has positions of its own text; `Spans` adds where that text stands now. The tree that comes out is the one
that parsing the whole gives; where it would not be, for whatever reason, the whole is parsed.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from sqlopt.query.spans.spans import Spans
from sqlopt.query.text.forms import settled
from sqlopt.query.text.limits import MAX_CHAIN, MAX_LEVELS, MAX_TOKENS, Profile
from sqlopt.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query.query import Query
    from sqlopt.query.text.lexer import Reader
    from sqlopt.query.text.limits import Depth

_SPARE = 64
"""Bodies that are kept beyond those of the present text: what was deleted often comes back."""


@dataclass(slots=True, eq=False)
class Unit:
    """A body parsed by itself: its ``tree``, with positions in its own text, and its nodes by class in order."""

    tree: exp.Expr
    depth: Depth
    kinds: list[TokenType]
    spans: Spans
    buckets: dict[type[exp.Expr], list[exp.Expr]]


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """The bodies of one statement by the id of their root, each with where its text starts.

    ``frame`` are the tokens without the bodies, two stand-ins for each; ``holes`` the stand-ins of each root.
    """

    frame: list[Token]
    holes: dict[int, tuple[int, int]]
    parts: dict[int, tuple[int, Unit]]

    def around(self, node: exp.Expr) -> tuple[int, Unit] | None:
        """Return the body that a node stands in; None for one of the frame."""
        parts = self.parts
        above: exp.Expr | None = node
        while above is not None:
            found = parts.get(id(above))
            if found is not None:
                return found
            above = above.parent
        return None

    def bodies(self) -> list[Span]:
        """Return where the bodies stand, in order."""
        frame = self.frame
        return [Span(frame[first].start, frame[last].end + 1) for first, last in self.holes.values()]


@dataclass(eq=False)
class Kept:
    """What one text keeps from each of its states to the next. ``queries`` are those of the present state."""

    queries: dict[tuple[str, str, int], tuple[Query, ...]] = field(default_factory=dict)
    _units: dict[tuple[str, str, int], tuple[int, Unit]] = field(default_factory=dict)
    _taken: dict[tuple[str, str], int] = field(default_factory=dict)
    _run: int = 0

    def begin(self) -> None:
        """Turn to the next state."""
        self.queries = {}
        self._run += 1
        used = sum(run == self._run - 1 for run, _ in self._units.values())
        if len(self._units) > 2 * used + _SPARE:
            latest = sorted(self._units.items(), key=lambda one: -one[1][0])
            self._units = dict(latest[: used + _SPARE])
        self._taken = {}

    def unit(self, text: str, kinds: list[TokenType], using: Reader) -> Unit | None:
        """Return a body parsed; no two bodies of one state share a tree. None for what is no plain query."""
        number = self._taken.get((using.name, text), 0)
        self._taken[using.name, text] = number + 1
        key = (using.name, text, number)
        known = self._units.get(key)
        unit = known[1] if known is not None else _parsed(text, using)
        if unit is None or unit.kinds != kinds:
            return None
        self._units[key] = (self._run, unit)
        return unit


_KEPT: ContextVar[Kept | None] = ContextVar("_KEPT", default=None)


@contextmanager
def keeping(kept: Kept) -> Iterator[None]:
    """Let `understand` keep what it parses in ``kept``, and answer from its ``queries``."""
    token = _KEPT.set(kept)
    try:
        yield
    finally:
        _KEPT.reset(token)


def present() -> Kept | None:
    """Return what is kept at the moment."""
    return _KEPT.get()


def _parsed(text: str, using: Reader) -> Unit | None:
    parser = using.parser
    try:
        tokens = using.tokenizer.tokenize(text)
        depth = Profile(tokens).depth()
        trees = parser.parse(tokens, text) if depth is not None else []
    except Exception:  # noqa: BLE001 - parsing the whole statement tells what is wrong
        return None
    finally:
        parser.reset()
    if depth is None or len(trees) != 1 or not isinstance(trees[0], exp.Select | exp.SetOperation):
        return None
    kinds = [one.token_type for one in tokens]
    tree = settled(trees[0], kinds)
    buckets: dict[type[exp.Expr], list[exp.Expr]] = {}
    for node in tree.walk(bfs=False):
        buckets.setdefault(type(node), []).append(node)
    return Unit(tree, depth, kinds, Spans(text, tokens, tree), buckets)


def parse(
    tokens: list[Token], kinds: list[TokenType], text: str, using: Reader, kept: Kept
) -> tuple[exp.Expr, Units] | None:
    """Return a statement's tree put together from its frame and bodies; None where that can't be done."""
    bodies = _bodies(kinds)
    if not bodies or len(kinds) > MAX_TOKENS:
        return None
    frame: list[Token] = []
    units: list[tuple[int, Unit, int]] = []
    at = 0
    for opening, closing in bodies:
        start = tokens[opening].end + 1
        unit = kept.unit(text[start : tokens[closing].start], kinds[opening + 1 : closing], using)
        if unit is None:
            return None
        frame += tokens[at : opening + 1]
        units.append((start, unit, len(frame)))
        first, last = tokens[opening + 1], tokens[closing - 1]
        frame.append(Token(TokenType.SELECT, "SELECT", first.line, first.col, first.start, first.start))
        frame.append(Token(TokenType.NUMBER, "1", last.line, last.col, last.end, last.end))
        at = closing
    frame += tokens[at:]
    depth = Profile(frame).depth()
    tree = _framed(frame, text, using) if _within(depth, [unit.depth for _, unit, _ in units]) else None
    tree = settled(tree, [one.token_type for one in frame]) if tree is not None else None
    with_ = tree.find(exp.With) if tree is not None else None
    if tree is None or with_ is None or len(with_.expressions) != len(units):
        return None
    for cte, (opening, _) in zip(with_.expressions, bodies, strict=True):
        stand_in = cte.this
        if (
            not isinstance(stand_in, exp.Select)
            or len(stand_in.expressions) != 1
            or tokens[opening].start < 0
        ):
            return None
    for cte, (_, unit, _) in zip(with_.expressions, units, strict=True):
        cte.set("this", unit.tree)
    holes = {id(unit.tree): (place, place + 1) for _, unit, place in units}
    return tree, Units(frame, holes, {id(unit.tree): (start, unit) for start, unit, _ in units})


def _within(frame: Depth | None, bodies: list[Depth]) -> bool:
    """Whether a statement is surely within the parser's limits, by what is known of its parts."""
    if frame is None or any(one.types for one in bodies):
        return False
    deepest = frame.levels + max(one.levels for one in bodies)
    return deepest <= MAX_LEVELS and frame.chain + sum(one.chain for one in bodies) <= MAX_CHAIN


def _framed(frame: list[Token], text: str, using: Reader) -> exp.Expr | None:
    parser: Any = using.parser
    try:
        trees = parser.parse(frame, text)
    except Exception:  # noqa: BLE001 - parsing the whole statement tells what is wrong
        return None
    finally:
        parser.reset()
    return trees[0] if len(trees) == 1 else None


def _bodies(kinds: list[TokenType]) -> list[tuple[int, int]]:
    """Return the brackets around the CTEs that a statement begins with; none where they are of an unusual form."""
    if not kinds or kinds[0] != TokenType.WITH:
        return []
    found = []
    at = 1
    while at + 2 < len(kinds):
        at += 1  # the name
        if kinds[at] != TokenType.ALIAS or kinds[at + 1] != TokenType.L_PAREN:
            return []
        closing = _closing(kinds, at + 1)
        if closing is None or closing - at < 3:  # noqa: PLR2004 - a body has two tokens at least
            return []
        if TokenType.TABLE_SAMPLE in kinds[at:closing]:
            return []  # its extent is told by what stands around it
        found.append((at + 1, closing))
        at = closing + 1
        if at >= len(kinds) or kinds[at] != TokenType.COMMA:
            return found if at < len(kinds) else []
        at += 1
    return []


def _closing(kinds: list[TokenType], opening: int) -> int | None:
    depth = 1
    at = opening
    try:
        following = kinds.index(TokenType.R_PAREN, opening)
    except ValueError:
        return None
    while True:
        at = _next(kinds, at + 1, following)
        if at < following:
            depth += 1
            continue
        depth -= 1
        if not depth:
            return following
        try:
            following = kinds.index(TokenType.R_PAREN, following + 1)
        except ValueError:
            return None


def _next(kinds: list[TokenType], start: int, end: int) -> int:
    try:
        return kinds.index(TokenType.L_PAREN, start, end)
    except ValueError:
        return end
