"""Statements that no semicolon parts: T-SQL's, Oracle's behind a ``/``, Snowflake's behind a ``->>``.

After https://learn.microsoft.com/en-us/sql/t-sql/language-elements/transact-sql-syntax-conventions-transact-sql,
https://docs.oracle.com/en/database/oracle/oracle-database/23/sqpug/slash.html and
https://docs.snowflake.com/en/sql-reference/operators-flow (as of 2026-12-01).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot.tokenizer_core import Token, TokenType

from sqlopt.query.text.lexer import Chunk, Reader, chunks
from sqlopt.query.text.spelling.draft import CLOSE, OPEN, Draft, word_of
from sqlopt.query.text.spelling.trino import opened
from sqlopt.query.text.transact import statements

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

TRANSACT = frozenset({"tsql", "fabric"})
_ROUTINES = frozenset({"trino", "presto", "athena"})
_QUERIES = frozenset({"SELECT", "WITH"})


def spread(tokens: list[Token], text: str, using: Reader) -> list[Token]:
    """Return the tokens with what the tokenizer took for the rest of a command read as tokens, too."""
    while len(tokens) > 1:
        word, rest = tokens[-2:]
        swallowed = rest.token_type == TokenType.STRING and text.startswith(rest.text, rest.start)
        if word.token_type not in using.commands or not swallowed or rest.start <= word.end:
            break
        inner = [one for part in chunks(text, using, rest.start, rest.end + 1) for one in part.tokens]
        if not inner:
            break
        done = len(inner) == 1 or inner[-1].start <= rest.start
        tokens = [*tokens[:-1], *inner]
        if done:
            break
    return tokens


def parted(tokens: list[Token], text: str, using: Reader) -> list[list[Token]]:
    """Return the statements of one chunk, in order."""
    if using.name in TRANSACT:
        return statements(spread(tokens, text, using))
    if using.name == "oracle":
        return list(_by_slash(tokens, text))
    if using.name == "snowflake" and "->>" in text[tokens[0].start : tokens[-1].end + 1]:
        return _flow(spread(tokens, text, using), text)
    return [tokens]


def joined(parts: Iterable[Chunk], text: str, using: Reader) -> Iterator[Chunk]:
    """Put the chunks together that a semicolon within Trino's ``WITH FUNCTION ... BEGIN ...; END`` parts."""
    held: list[Token] = []
    for part in parts:
        if using.name not in _ROUTINES:
            yield part
            continue
        if not held and [word_of(one) for one in part.tokens[:2]] != ["WITH", "FUNCTION"]:
            yield part
            continue
        held += spread(part.tokens, text, using)
        if part.failure is not None or _blocks(held) <= 0:
            yield Chunk(held, part.failure)
            held = []
    if held:
        yield Chunk(held)


def _blocks(tokens: list[Token]) -> int:
    """Return how many blocks are open behind the tokens."""
    words = ["", *map(word_of, tokens), ""]
    return sum(opened(*words[index : index + 3]) for index in range(len(tokens)))


def _by_slash(tokens: list[Token], text: str) -> Iterator[list[Token]]:
    """Yield what stands between slashes that have a line to themselves, without SQL*Plus' remarks before it."""
    start = _behind_remarks(tokens, 0)
    for index, token in enumerate(tokens):
        if token.token_type == TokenType.SLASH and alone(token, text):
            if index > start:
                yield tokens[start:index]
            start = _behind_remarks(tokens, index + 1)
    if start < len(tokens):
        yield tokens[start:]


def _behind_remarks(tokens: list[Token], start: int) -> int:
    """Return the first token that is on no line of REM or PROMPT."""
    while start < len(tokens) and word_of(tokens[start]) in {"REM", "REMARK", "PROMPT"}:
        line = tokens[start].line
        start = next((i for i in range(start, len(tokens)) if tokens[i].line != line), len(tokens))
    return start


def alone(token: Token, text: str) -> bool:
    """Whether a token has a line of the text to itself."""
    before = text.rfind("\n", 0, token.start) + 1
    after = text.find("\n", token.end)
    around = text[before : token.start] + text[token.end + 1 : len(text) if after < 0 else after]
    return not around.strip()


def _flow(tokens: list[Token], text: str) -> list[list[Token]]:
    """Return the statements of a chain ``a ->> b ->> c``; queries that later ones name stand in them as CTEs."""
    chain = _chain(tokens)
    if len(chain) == 1:
        return chain
    read: list[list[int]] = []
    for place, one in enumerate(chain):
        draft = Draft(one, text)
        read.append(_name_results(draft, place, chain))
        chain[place] = draft.tokens
    named = {earlier for several in read for earlier in several}
    return [_with_ctes(place, chain, read) for place in range(len(chain)) if place not in named]


def _chain(tokens: list[Token]) -> list[list[Token]]:
    found: list[list[Token]] = []
    start = depth = 0
    for index, token in enumerate(tokens):
        depth += (token.token_type in OPEN) - (token.token_type in CLOSE)
        if token.token_type == TokenType.DARROW and not depth and index > start:
            found.append(tokens[start:index])
            start = index + 1
    rest = tokens[start:]
    return [*found, rest] if rest else found or [tokens]


def _is_query(tokens: list[Token]) -> bool:
    return word_of(tokens[0]) in _QUERIES


def _name_results(draft: Draft, place: int, chain: list[list[Token]]) -> list[int]:
    """Spell ``$1`` of a FROM clause as the name of an earlier query, or a function where it was none."""
    read: list[int] = []
    for index in range(len(draft) - 2, 0, -1):
        item = draft.word(index - 1) in {"FROM", "JOIN", "USING"} or draft.kind(index - 1) == TokenType.COMMA
        if not item or draft.word(index) != "$" or draft.kind(index + 1) != TokenType.NUMBER:
            continue
        back = draft.tokens[index + 1].text
        earlier = place - int(back) if back.isdecimal() and len(back) < 4 else -1  # noqa: PLR2004 - digits
        if not 0 <= earlier < place:
            continue
        first, last = draft.tokens[index], draft.tokens[index + 1]
        if _is_query(chain[earlier]):
            name = Token(TokenType.IDENTIFIER, f"${earlier}", first.line, first.col, first.start, last.end)
            draft.put(index, index + 2, [name])
            read.append(earlier)
        else:
            draft.put(index, index + 2, draft.made("TABLE ( RESULT_SCAN ( ) )", index))
    return read


def _with_ctes(place: int, chain: list[list[Token]], read: list[list[int]]) -> list[Token]:
    """Return a statement with the queries that it reads, and those that they read, before it."""
    wanted, open_ = set(), [*read[place]]
    while open_:
        one = open_.pop()
        if one not in wanted:
            wanted.add(one)
            open_ += read[one]
    if not wanted:
        return chain[place]
    ctes: list[Token] = []
    for one in sorted(wanted):
        draft = Draft(chain[one], "")
        last = len(chain[one]) - 1
        head = draft.made(", x AS (" if ctes else "WITH x AS (", 0)
        head[1] = Token(
            TokenType.IDENTIFIER, f"${one}", head[0].line, head[0].col, head[0].start, head[0].end
        )
        ctes += [*head, *chain[one], *draft.made(")", last)]
    statement = chain[place]
    if word_of(statement[0]) == "WITH":  # its own CTEs follow
        comma = Draft(statement, "").made(",", 0)
        return [*ctes, *comma, *statement[1:]]
    return [*ctes, *statement]
