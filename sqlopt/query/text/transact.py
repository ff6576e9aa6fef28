"""T-SQL without semicolons: where each statement starts, by the words that can only start one.

After https://learn.microsoft.com/en-us/sql/t-sql/language-elements/reserved-keywords-transact-sql: the words below are
reserved, so none of them is a name unless it is quoted; what else they do in the middle of a statement is told by the
words around them (as of 2026-12-01).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot.tokenizer_core import TokenType

from sqlopt.query.text.spelling.draft import CLOSE, OPEN, word_of

if TYPE_CHECKING:
    from sqlglot.tokenizer_core import Token

CONTROL = frozenset(
    """
    BEGIN END ELSE IF WHILE PRINT RETURN BREAK CONTINUE GOTO WAITFOR THROW RAISERROR OPEN CLOSE FETCH DEALLOCATE GO
    BACKUP RESTORE DBCC
    """.split()  # noqa: SIM905 - a list of words
)
"""What starts a statement that holds no SQL but for queries in parentheses."""

_ALWAYS = frozenset(
    """
    TRUNCATE DECLARE PRINT RAISERROR WHILE COMMIT ROLLBACK USE WAITFOR GRANT REVOKE DENY DBCC BULK OPEN CLOSE
    DEALLOCATE RETURN KILL BACKUP RESTORE BREAK CONTINUE GOTO
    """.split()  # noqa: SIM905 - a list of words
)
_OBJECTS = frozenset(
    """
    TABLE VIEW PROCEDURE PROC FUNCTION INDEX TRIGGER TYPE SCHEMA DATABASE SEQUENCE SYNONYM STATISTICS USER ROLE LOGIN
    """.split()  # noqa: SIM905 - a list of words
)
_CHANGES = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE"})
_VERBS = _CHANGES | {"SELECT"}
_RIGHTS = frozenset({"GRANT", "REVOKE", "DENY"})
_TRANSACTIONS = frozenset({"TRAN", "TRANSACTION", "DISTRIBUTED"})
_EVENTS = frozenset({"THEN", "FOR", "AFTER", "OF"})
_JOINED = frozenset({"INNER", "LEFT", "RIGHT", "FULL", "OUTER"})
_BODIES = _ALWAYS | _VERBS | CONTROL | {"WITH", "EXEC", "EXECUTE", "SET", "CREATE", "ALTER", "DROP"}
_PROCEDURES = frozenset({"PROCEDURE", "PROC", "TRIGGER", "FUNCTION"})


def statements(tokens: list[Token]) -> list[list[Token]]:
    """Return the statements of the tokens between two semicolons; GO, alone on its line, is left out."""
    found: list[list[Token]] = []
    at = 0
    while at < len(tokens):
        end = _Statement(tokens, at).end()
        if word_of(tokens[at]) != "GO" or end - at > 1:
            found.append(tokens[at:end])
        at = end
    return found


def is_header(tokens: list[Token]) -> bool:
    """Whether a statement is but the head of a procedure, function or trigger, up to its body."""
    return body_of(tokens, 0) == len(tokens) and word_of(tokens[-1]) == "AS"


def is_label(tokens: list[Token]) -> bool:
    """Whether the tokens are a label that GOTO jumps to."""
    kinds = [one.token_type for one in tokens]
    return kinds == [TokenType.VAR, TokenType.COLON]


def is_control(tokens: list[Token]) -> bool:
    """Whether a statement directs others, so that at most queries in it are SQL: IF, WHILE, a cursor."""
    word, following = word_of(tokens[0]), word_of(tokens[1]) if len(tokens) > 1 else ""
    if word == "BEGIN":
        return following not in _TRANSACTIONS
    if word == "SET":
        return following in {"TRANSACTION", "STATISTICS"}
    if word == "DECLARE":
        return any(word_of(one) == "CURSOR" for one in tokens[:6])
    return word in CONTROL or is_label(tokens) or word == "UPDATE STATISTICS"


def holds_queries(tokens: list[Token]) -> bool:
    """Whether a statement that directs others may hold a query: a condition, a cursor, what is returned."""
    return word_of(tokens[0]) in {"IF", "WHILE", "RETURN", "DECLARE"}


def body_of(tokens: list[Token], start: int) -> int | None:
    """Return where the body of CREATE PROCEDURE and its like starts; None for other statements.

    A function of one expression or query is left whole: sqlglot reads it.
    """
    words = [word_of(one) for one in tokens[start : start + 4]]
    kind = next((word for word in words[1:] if word in _PROCEDURES), "")
    if words[0] not in {"CREATE", "ALTER"} or not kind:
        return None
    depth = 0
    for index in range(start + 1, len(tokens)):
        depth += (tokens[index].token_type in OPEN) - (tokens[index].token_type in CLOSE)
        word = word_of(tokens[index])
        if depth or not (word == "AS" or (word == "RETURN" and kind == "FUNCTION")):
            continue
        if index + 1 >= len(tokens):
            return len(tokens)
        body = word_of(tokens[index + 1])
        if kind == "FUNCTION" and "RETURN" in {word, body}:
            return len(tokens)
        if body in _BODIES:
            return index + 1
    return None


class _Statement:
    """One statement from its first token on."""

    def __init__(self, tokens: list[Token], start: int) -> None:
        self.tokens = tokens
        self.start = start
        self.head = word_of(tokens[start])
        self.verb = self.head if self.head in _VERBS else ""
        self.filled = self.head != "INSERT"  # whether an INSERT has its rows
        self.set = False
        self.named = self.head == "WITH"  # whether CTEs wait for their query

    def word(self, index: int) -> str:
        return word_of(self.tokens[index]) if 0 <= index < len(self.tokens) else ""

    def end(self) -> int:
        """Return the token after the statement's last one."""
        header = body_of(self.tokens, self.start)
        if header is not None:
            return header
        following = self.word(self.start + 1)
        if self.head in {"BEGIN", "END"}:
            return self._block(following)
        if self.head in {"ELSE", "GO"}:
            return self.start + 1
        if is_label(self.tokens[self.start : self.start + 2]):
            return self.start + 2
        depth = 0
        for index in range(self.start + 1, len(self.tokens)):
            token = self.tokens[index]
            kind = token.token_type
            if kind in CLOSE or (kind == TokenType.END and depth):
                depth = max(0, depth - 1)
            elif kind in OPEN or kind == TokenType.CASE:
                depth += 1
            elif not depth and self._starts(index):
                return index
        return len(self.tokens)

    def _block(self, following: str) -> int:
        if following in {"TRY", "CATCH"}:
            return self.start + 2
        if self.head == "BEGIN" and following in _TRANSACTIONS:
            index = self.start + 2
            while index < len(self.tokens) and not self._starts(index):
                index += 1
            return index
        return self.start + 1

    def _starts(self, index: int) -> bool:
        """Whether another statement starts here; else note what the word means for this one."""
        word, before, after = self.word(index), self.word(index - 1), self.word(index + 1)
        if not word or self.tokens[index - 1].token_type in {
            TokenType.DOT,
            TokenType.COMMA,
            TokenType.PARAMETER,
        }:
            return False
        if word == "GO":
            return _alone(self.tokens, index)
        if word in {"END", "ELSE"} or word == "BEGIN":
            return True
        if self.head in _RIGHTS and index == self.start + 1:
            return False
        if word in _VERBS:
            return self._verb(word, before, after)
        if word == "SET":
            mine = (
                before in {"UPDATE", "DELETE"}
                or (not self.set and self.head == "ALTER")
                or (not self.set and self.verb == "UPDATE")
            )
            self.set = True
            return not mine
        if word in {"VALUES", "DEFAULT"}:
            self.filled = True
        return self._other(index, word, before, after)

    def _verb(self, word: str, before: str, after: str) -> bool:
        if before in {"UNION", "ALL", "EXCEPT", "INTERSECT", "AS"}:
            return False
        if word in _CHANGES and (before in _EVENTS or (before == "ON" and self.head in {"CREATE", "ALTER"})):
            return False
        if word == "SELECT" and before == "FOR":
            return False
        if word == "MERGE" and (before in _JOINED or after in {"JOIN", "UNION"}):
            return False
        if word == "UPDATE" and after == "(":
            return False
        if self.named:
            self.named = False
            self.verb = word
            self.filled = word != "INSERT"
            return False
        if word == "SELECT" and not self.filled:
            self.filled = True
            return False
        return not (self.head == "BULK" and before == "BULK")

    def _other(self, index: int, word: str, before: str, after: str) -> bool:
        match word:
            case "EXEC" | "EXECUTE" if not self.filled:
                self.filled = True
                return False
            case "EXEC" | "EXECUTE":
                return before != "WITH" and after not in {"AS", "ON"}
            case "WITH":
                self.named = self.named or (before == "AS" and self._names_query(index))
                return before != "AS" and self._names_query(index)
            case "CREATE":
                return before != "OR"
            case "ALTER":
                return before != "OR" and not (self.head == "ALTER" and after == "COLUMN")
            case "DROP":
                return self.head != "ALTER" or after in _OBJECTS
            case "IF":
                return not (after == "EXISTS" and before in _OBJECTS | {"COLUMN", "CONSTRAINT"})
            case "FETCH":
                return before not in {"ROW", "ROWS"}
            case "THROW":
                return before in {"BEGIN", "CATCH", "END", "ELSE"}
        return word in _ALWAYS

    def _names_query(self, index: int) -> bool:
        """Whether WITH starts ``WITH name [(columns)] AS (``; elsewhere it gives hints and options."""
        if self.word(index + 1) == "XMLNAMESPACES":
            return True
        if self.word(index + 2) == "(":
            depth = 0
            for at in range(index + 2, len(self.tokens)):
                depth += (self.tokens[at].token_type in OPEN) - (self.tokens[at].token_type in CLOSE)
                if not depth:
                    return self.word(at + 1) == "AS" and self.word(at + 2) == "("
            return False
        return self.word(index + 2) == "AS" and self.word(index + 3) == "("


def _alone(tokens: list[Token], index: int) -> bool:
    """Whether a word has a line to itself, but for a number of times behind it."""
    line = tokens[index].line
    before = index == 0 or tokens[index - 1].line < line
    after = index + 1 >= len(tokens) or tokens[index + 1].line > line
    return before and (after or tokens[index + 1].token_type == TokenType.NUMBER)
