"""Which statements a rewrite changes: in the text as it stands, or in what its reader makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sqlglot.tokenizer_core import TokenType

from sqlopt.query.text.parse import parse
from sqlopt.span import Span, changed_middle

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlopt.query.text.parse import Statement
    from sqlopt.source.map import Hole, Script


@dataclass(frozen=True, slots=True)
class Change:
    """A statement's text before and after, in a dialect. ``doubt`` says why the two can't be compared, if so."""

    before: str
    after: str
    dialect: str
    doubt: str = ""


class Reading:
    """A script and its dialect, with its statements once they are asked for."""

    def __init__(self, script: Script, dialect: str) -> None:
        self.script = script
        self.dialect = dialect

    @cached_property
    def statements(self) -> list[Statement]:
        """The statements, in their order."""
        return parse(self.script.text, self.dialect)


def changes(before: Sequence[Reading], after: Sequence[Script]) -> list[Change]:
    """Return the statements that differ between the scripts of a text and those of the text with its edits."""
    keys = [[(one.name, one.variant) for one in side] for side in ([r.script for r in before], after)]
    if keys[0] != keys[1]:
        return [Change("", "", "", "the edited file is read as other pieces of SQL")]
    return [
        change
        for old, new in zip(before, after, strict=True)
        if old.script.text != new.text
        for change in _of_script(old, new)
    ]


def _of_script(old: Reading, new: Script) -> Iterator[Change]:
    """Yield the changed statements of one script: those that touch the stretch in which the texts differ."""
    text = old.script.text
    start, tail = changed_middle(text, new.text)
    stretch = Span(start, len(text) - tail)
    touched = [one for one in old.statements if _meet(one.span, stretch)]
    for one in touched:
        stretch = stretch.hull(one.span)
    after = new.text[stretch.start : len(new.text) - (len(text) - stretch.end)]
    come = parse(after, old.dialect)
    if len(come) != len(touched):
        doubt = f"it makes {len(come)} statements of {len(touched)}"
        yield Change(stretch.of(text), after, old.dialect, doubt)
        return
    for one, other in zip(touched, come, strict=True):
        if _words(one) != _words(other):
            yield Change(
                one.span.of(text),
                other.span.of(after),
                old.dialect,
                _unknown_parts(one, old.script.holes),
            )


def _meet(one: Span, other: Span) -> bool:
    return one.start <= other.end and other.start <= one.end


def _words(statement: Statement) -> list[tuple[TokenType, str]]:
    return [(token.token_type, token.text) for token in statement.tokens]


_NAMES = frozenset({TokenType.VAR, TokenType.IDENTIFIER})


def _unknown_parts(statement: Statement, holes: Sequence[Hole]) -> str:
    """Return why a statement with unknown parts of a template can't be judged.

    A hole that stands for a name may be judged by any name. One in a value or a type may not: what stands there would
    be taken at its word.
    """
    mine = [
        one for one in holes if one.span.start < statement.span.end and statement.span.start < one.span.end
    ]
    if any(one.any_sql for one in mine):
        return "a part of the template that may be any SQL is not known"
    for token in statement.tokens:
        if token.token_type not in _NAMES and any(
            one.span.start <= token.end and token.start < one.span.end for one in mine
        ):
            return "a value or type of the template is not known"
    return ""
