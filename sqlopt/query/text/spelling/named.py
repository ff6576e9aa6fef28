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
    """Spell a target's string as the name that it holds; FROM items are bound as calls (`bind.named`)."""
    for at in range(len(draft) - 3, 0, -1):
        before = draft.word(at - 1)
        target = before in _BEFORE or (before == "FROM" and draft.word(at - 2) == "DELETE")
        if target and draft.word(at) == "IDENTIFIER" and draft.kind(at + 1) == TokenType.L_PAREN:
            string, close = draft.tokens[at + 2], draft.kind(at + 3)
            if string.token_type == TokenType.STRING and close == TokenType.R_PAREN and string.text:
                draft.put(at, at + 4, _parts(string))


def _parts(string: Token) -> list[Token]:
    tokens: list[Token] = []
    place = string.line, string.col, string.start, string.end
    for part in string.text.split("."):
        if tokens:
            tokens.append(Token(TokenType.DOT, ".", *place))
        tokens.append(Token(TokenType.IDENTIFIER, part.strip("`"), *place))
    return tokens
