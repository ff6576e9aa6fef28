"""Targets that are named by a string: ``INSERT INTO IDENTIFIER('a.b')``.

After https://docs.databricks.com/aws/en/sql/language-manual/sql-ref-names-identifier-clause (as of 2026-12-01).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot.tokenizer_core import Token, TokenType

if TYPE_CHECKING:
    from sqlopt.query.text.spelling.draft import Draft

_BEFORE = frozenset({"INTO", "TABLE", "UPDATE", "VIEW", "EXISTS", "OVERWRITE"})


def targets(draft: Draft) -> None:
    """Spell a target as the name that its string or variable holds; FROM items are bound as calls (`bind.named`)."""
    for at in range(len(draft) - 3, 0, -1):
        before = draft.word(at - 1)
        target = before in _BEFORE or (before == "FROM" and draft.word(at - 2) == "DELETE")
        if target and draft.word(at) == "IDENTIFIER" and draft.kind(at + 1) == TokenType.L_PAREN:
            _spell(draft, at)


def _spell(draft: Draft, at: int) -> None:
    end = draft.after(at + 1)
    inside = draft.tokens[at + 2 : end - 1]
    if not inside:
        return
    last = inside[-1]
    variable = len(inside) == 2 and inside[0].token_type in {TokenType.PARAMETER, TokenType.COLON}  # noqa: PLR2004
    text = draft.texts.get(last.text.casefold()) if variable or last.token_type == TokenType.VAR else None
    if len(inside) == 1 and last.token_type == TokenType.STRING:
        text = last.text
    if not text:
        draft.say("a table whose name is not known", at, end)
    draft.put(at, end, _parts(text or "", last))


def _parts(text: str, at: Token) -> list[Token]:
    tokens: list[Token] = []
    place = at.line, at.col, at.start, at.end
    for part in text.split("."):
        if tokens:
            tokens.append(Token(TokenType.DOT, ".", *place))
        tokens.append(Token(TokenType.IDENTIFIER, part.strip('`"'), *place))
    return tokens
