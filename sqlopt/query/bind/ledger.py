"""The ledger: what is made of every class of sqlglot and of every argument that a parser may set.

1. ``READ``: names in it are bound, and the readers of a tree ask for it where it decides on something.
2. ``IRRELEVANT``: no row, value or name of a query depends on it.
3. ``UNREAD``: nobody looks at it. A statement that has it says so, and what is built on it is unknown.

`standings` holds the lines. A function needs none whose arguments are ordinary values or known switches; any other
class or argument has one (a test sees to it that a new sqlglot brings nothing in). Some places are unread by what
stands in them: `unread` judges these, too.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from sqlglot import exp

from sqlopt.query.bind import standings
from sqlopt.query.text.quoted import quoted
from sqlopt.span import UnreadPlace

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping, Sequence

    from sqlopt.span import Span

__all__ = ["Standing", "Unread", "standing", "strays", "unread", "why"]


class Standing(enum.Enum):
    """What is made of an argument."""

    READ = "read"
    IRRELEVANT = "irrelevant"
    UNREAD = "unread"


Line = tuple[Standing, str]


@cache
def _lines() -> dict[str, dict[str, Line]]:
    """Return each class's arguments with their standing and the reason; ``*`` is every argument."""
    found: dict[str, dict[str, Line]] = {}

    def add(text: str, line: Line) -> None:
        for row in text.strip().splitlines():
            names, _, arguments = row.partition(":")
            for name in names.split():
                found.setdefault(name, {}).update((one, line) for one in arguments.split())

    add(standings.READ, (Standing.READ, ""))
    for reason, text in standings.IRRELEVANT.items():
        add(text, (Standing.IRRELEVANT, reason))
    for what, text in standings.UNREAD.items():
        add(text, (Standing.UNREAD, what))
    return found


def _line(kind: type[exp.Expr], argument: str) -> Line | None:
    own = _lines().get(kind.__name__)
    if own is not None:
        return own.get(argument) or own.get("*")
    if issubclass(kind, exp.Func) and argument in standings.VALUES | standings.SWITCHES:
        return (Standing.READ, "")
    return None


def standing(kind: type[exp.Expr], argument: str) -> Standing | None:
    """Return what is made of an argument of a class of nodes; None where the ledger has no line for it."""
    line = _line(kind, argument)
    return line[0] if line is not None else None


def why(kind: type[exp.Expr], argument: str) -> str:
    """Return why an argument is irrelevant, or what it is that is not read; "" for what is read."""
    line = _line(kind, argument)
    return line[1] if line is not None else ""


# ---- what of a statement is unread


@cache
def _unread_of(name: str) -> tuple[tuple[str, str], ...]:
    """Return the arguments of a class that nobody reads, each with what it is; ``*`` for the class itself."""
    own = _lines().get(name, {})
    return tuple((key, what) for key, (found, what) in own.items() if found is Standing.UNREAD)


@dataclass(frozen=True, slots=True)
class Unread:
    """A place of a statement that nobody reads: what it is in words, and where it stands in the source text."""

    node: exp.Expr
    span: Span
    what: str

    def __str__(self) -> str:
        return self.what

    @property
    def place(self) -> UnreadPlace:
        """The same without the node: what reports keep."""
        return UnreadPlace(self.span, self.what)


def unread(
    tree: exp.Expr, buckets: Mapping[type[exp.Expr], Sequence[exp.Expr]], text: str
) -> Iterator[tuple[exp.Expr, str]]:
    """Yield the places of a statement that nobody reads, each with what it is, in words.

    ``buckets`` are the statement's nodes by class, ``text`` is what it was parsed from.
    """
    if isinstance(tree, _NO_STATEMENT) and not isinstance(tree, exp.Query):
        if not _manages(text):
            yield tree, "words that are no statement"
        return
    for kind, nodes in buckets.items():
        for key, what in _unread_of(kind.__name__):
            yield from ((node, what) for node in nodes if key == "*" or _is_set(node.args.get(key)))
        judge = _JUDGES.get(kind)
        if judge is not None:
            found = ((node, judge(node, text)) for node in nodes)
            yield from ((node, what) for node, what in found if what)


def strays(tables: Sequence[exp.Expr], known: Container[int]) -> Iterator[tuple[exp.Expr, str]]:
    """Yield the tables of FROM clauses that are no source of any scope; ``known`` are the sources' nodes by id."""
    for one in tables:
        if id(one) not in known and isinstance(one.parent, _IN_FROM):
            yield one, "a table that is not followed"


_IN_FROM = (exp.From, exp.Join, exp.Final, exp.Pivot, exp.Stream, exp.Subquery, exp.Paren)


def _is_set(value: object) -> bool:
    return value is not None and value is not False and value != []


_NO_STATEMENT = (exp.Condition, exp.Alias, exp.Aliases, exp.Tuple, exp.Identifier)

_FIRST = re.compile(r"\w+")
# Commands that sqlglot keeps as text, and that read no query's columns: they manage, or only tell.
_MANAGES = frozenset(
    """
    ABORT ALTER ANALYZE ATTACH AUDIT BACKUP BEGIN BIND BINLOG CHECKPOINT CLOSE CLUSTER COMMENT COMMIT CONNECT
    DEALLOCATE DELIMITER DENY DESC DETACH DISCARD DROP END FLUSH GO GRANT HELP INSTALL KILL LIST LISTEN LOCK MSCK
    NOAUDIT NOTIFY OPTIMIZE PRINT PURGE PUT GET QUIT REASSIGN REFRESH REINDEX RELEASE RENAME REPAIR RESET RESTORE
    REVOKE ROLLBACK SAVEPOINT SECURITY SET SHOW SHUTDOWN START STOP SUSPEND THROW TRANSACTION TRUNCATE UNDROP
    UNLISTEN UNLOCK USE VACUUM
    """.split()  # noqa: SIM905 - a list of words
)
# What is made holds no query: an index, a user, a place for files.
_MADE = re.compile(
    r"CREATE\s+(?:OR\s+(?:REPLACE|ALTER)\s+)?(?:(?:UNIQUE|BITMAP|FULLTEXT|SPATIAL|SEARCH|VECTOR|CLUSTERED"
    r"|NONCLUSTERED|COLUMNSTORE|TEMPORARY|TEMP|EXTERNAL|NETWORK|STORAGE|NOTIFICATION|API|SECURITY|RESOURCE)\s+)*"
    r"(?:INDEX|USER|ROLE|LOGIN|GROUP|SCHEMA|DATABASE|WAREHOUSE|STAGE|FILE|SEQUENCE|TAG|SHARE|INTEGRATION|POLICY|RULE"
    r"|MONITOR|EXTENSION|TYPE|DOMAIN|SERVER|PUBLICATION|SUBSCRIPTION|TABLESPACE|COLLATION|SECRET|CATALOG|LOCATION"
    r"|RESERVATION|ASSIGNMENT|CAPACITY|QUOTA|PROFILE)\b",
    re.IGNORECASE,
)
# Their text is read: statements between $$, streams on tables, sources and sinks.
_BODY = re.compile(r"\$\w*\$|CREATE\s+(?:OR\s+REPLACE\s+)?(?:STREAM|SOURCE|SINK|CONNECTION)\b", re.IGNORECASE)


def _manages(text: str) -> bool:
    first = _FIRST.search(text)
    return first is None or first.group().upper() in _MANAGES


def _command(node: exp.Expr, text: str) -> str:
    word = str(node.this).upper()
    if _manages(word) or _MADE.match(text) or _BODY.search(text) or quoted(text, 0, len(text)) is not None:
        return ""
    return f"the command {word.split()[0]}"


def _taken_for_type(node: exp.Expr, text: str) -> str:
    """DuckDB: ``list[1].k`` of a column that is called like a type."""
    del text
    return "a name taken for a type" if node.args.get("values") and isinstance(node.parent, exp.Dot) else ""


def _identifier(node: exp.Expr, text: str) -> str:
    del text
    within = isinstance(node.parent, (exp.Column, exp.Dot))  # of tables see `named`
    return "a name that is a value" if within else ""


def _table_name(node: exp.Expr, text: str) -> str:
    """A table in the place of a value: ``ML.PREDICT(MODEL m, ...)``; those of VECTOR_SEARCH are bound."""
    del text
    given = isinstance(node.parent, exp.Func) and not isinstance(node.parent, exp.VectorSearch)
    return "a table that is given to a function" if given else ""


_JUDGES: Final[dict[type[exp.Expr], Callable[[exp.Expr, str], str]]] = {
    exp.Command: _command,
    exp.DynamicIdentifier: _identifier,
    exp.DataType: _taken_for_type,
    exp.Table: _table_name,
}
