"""Rows in a sketch: what the items of a FROM clause give, and what a query gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.model import SourceKind
from sqlopt.rewrite.prove.testing.witness.sketch import Opaque

if TYPE_CHECKING:
    from random import Random

    from sqlopt.query.bind.model import Source
    from sqlopt.rewrite.prove.testing.witness.choices import Choice

Item = Callable[[str], exp.Expr]
"""What a FROM item gives for one row: the value of a column by its name."""


@dataclass(slots=True, eq=False)
class Frame:
    """One row of a FROM clause: what each item gives, by its id; ``outer`` is the row of the query around."""

    outer: Frame | None
    items: dict[int, Item] = field(default_factory=dict)

    def item(self, source: Source) -> Item:
        """Return what an item gives. Raises `Opaque` where it is not in the frame."""
        frame: Frame | None = self
        while frame is not None:
            if id(source) in frame.items:
                return frame.items[id(source)]
            frame = frame.outer
        raise Opaque


@dataclass(slots=True, eq=False)
class Row:
    """One row of a query before its HAVING.

    ``frame`` is its row of the FROM clause, or the first of those of its ``group``, whose size was chosen at
    ``size``; ``peers`` are the rows that window functions see beside it.
    """

    frame: Frame
    group: list[Frame] | None = None
    size: Choice = ()
    peers: list[Row] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Result:
    """One result row of a query: its values, each worked out when it is asked for, and their names."""

    names: list[str]
    values: list[Callable[[], exp.Expr]]

    def by_name(self, name: str) -> exp.Expr:
        """Return the value of an output."""
        if name not in self.names:
            raise Opaque
        return self.values[self.names.index(name)]()


def opaque() -> exp.Expr:
    """Give nothing: a value that is out of reach."""
    raise Opaque


def unknown(_: str) -> exp.Expr:
    """Give nothing of an item that is out of reach."""
    raise Opaque


def null(_: str) -> exp.Expr:
    """Give what an outer join gives where nothing matches."""
    return exp.Null()


def listed(source: Source, chance: Random) -> Item:
    """Return a row of a VALUES list; nothing is known of what functions give."""
    rows = source.node.expressions if source.kind is SourceKind.VALUES else []
    row = chance.choice(rows) if rows else None
    names = source.columns

    def value(name: str) -> exp.Expr:
        if not isinstance(row, exp.Tuple) or name not in names:
            raise Opaque
        found: exp.Expr = row.expressions[names.index(name)].copy()
        return found

    return value
