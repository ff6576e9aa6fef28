"""How functions and constants are written: what a tree may take for one, where the engine does not.

sqlglot reads several words as one function (Hive's VARIANCE and VAR_SAMP, T-SQL's ISNULL and COALESCE), and several
spellings as one constant (a path ``0`` and a path ``'0'``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect

if TYPE_CHECKING:
    from sqlopt.query.query import Query


def word(query: Query, node: exp.Expr) -> str:
    """Return the word that a function is written by, in capitals; empty for another node, or an operator."""
    start, end = node.meta.get("start"), node.meta.get("end")
    if not isinstance(node, exp.Func) or start is None or end is None:
        return ""
    return query.source[start : end + 1].upper()


def literals(query: Query) -> tuple[str, ...]:
    """Return the constants of a statement in order, each as it is written."""
    return tuple(
        query.source[token.start : token.end + 1]
        for token in query.tokens
        if token.token_type.name == "NUMBER" or token.token_type.name.endswith("STRING")
    )


def escaped(query: Query) -> bool:
    """Whether a text holds a backslash that the dialect reads as an escape: its value is the engine's to say."""
    escapes = Dialect.get_or_raise(query.dialect).tokenizer_class.STRING_ESCAPES
    return "\\" in escapes and any("\\" in one for one in literals(query))
