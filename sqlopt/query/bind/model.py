"""Scopes and sources: who can name what, and where a column comes from.

A `Scope` stands for one query expression (a SELECT, a set operation) or for a DML statement with a
target. Its `Source`s are what its FROM clause names; its `Output`s are the columns that it gives.
Names compare without case and are held case-folded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot import exp

    from sqlopt.catalog import Column, Table
    from sqlopt.query.bind.pivots import PivotColumn


class ScopeKind(StrEnum):
    """Where a scope stands in its statement."""

    ROOT = "root"
    CTE = "cte"
    DERIVED = "derived table"
    BRANCH = "branch of a set operation"
    SUBQUERY = "subquery"
    DML = "dml"


class SourceKind(StrEnum):
    """What a FROM item is."""

    TABLE = "table"
    QUERY = "query"  # a derived table or a CTE: `inner` holds its scope
    FUNCTION = "function"  # UNNEST, FLATTEN, LATERAL VIEW, table functions
    VALUES = "values"


@dataclass(slots=True, eq=False)
class Output:
    """One column that a scope gives. ``expr`` is its expression without alias.

    A column that came through ``*`` has no expression: ``source`` and ``column`` say what it is, ``path``
    the field of it for the star of a struct, and ``merged`` all sources of a key that USING or NATURAL joins
    and that may stand for either side.
    """

    name: str
    expr: exp.Expr | None = None
    source: Source | None = None
    column: str = ""
    path: tuple[str, ...] = ()
    merged: tuple[Source, ...] = ()


@dataclass(slots=True, eq=False)
class Source:
    """One item of a FROM clause.

    ``open`` says that it may have columns that are not known here. ``nullable`` says that an outer
    join may fill it with NULLs. ``renames`` maps an alias list's column to the inner one. ``star`` says
    that the columns that are not known come out through ``*``. Which columns are read: see `reads`.
    """

    name: str
    kind: SourceKind
    node: exp.Expr
    scope: Scope
    table_name: str = ""
    table: Table | None = None
    inner: Scope | None = None
    is_cte: bool = False
    columns: tuple[str, ...] = ()
    open: bool = True
    nullable: bool = False
    join: exp.Join | None = None
    renames: dict[str, str] = field(default_factory=dict)
    pivots: dict[str, PivotColumn] | None = None
    star: bool = False

    @property
    def pivoted(self) -> bool:
        """Whether its columns come out of PIVOT or UNPIVOT."""
        return self.pivots is not None

    def column(self, name: str) -> Column | None:
        """Return the catalog's column of this case-folded name, for a table that is known."""
        return self.table.column(self.renames.get(name, name)) if self.table is not None else None


@dataclass(frozen=True, slots=True, eq=False)
class Shared:
    """The columns that USING or NATURAL joins: their names, and the items on both sides of the join."""

    join: exp.Join
    names: tuple[str, ...]
    left: tuple[Source, ...]
    right: tuple[Source, ...]


@dataclass(frozen=True, slots=True, eq=False)
class StarItem:
    """One star of a SELECT list, as far as it reads ``source``.

    ``columns`` come out of it, ``named`` are only named by it (``EXCLUDE (c)``: they have to exist);
    ``whole`` says that columns that are not known here may come out of it, too.
    """

    node: exp.Expr
    source: Source
    columns: tuple[str, ...]
    named: tuple[str, ...] = ()
    whole: bool = False


@dataclass(slots=True, eq=False)
class Scope:
    """One query expression with what it names and what it gives.

    ``open`` says that its outputs are not all known (a star over an unknown table). ``parent`` is
    the scope that a correlated name is looked up in next. ``users`` are the sources, in other
    scopes, that read this one. ``stars`` are the stars of its SELECT list; ``unread`` the places in it
    that binding does not understand, each with a word on it.
    """

    node: exp.Expr
    kind: ScopeKind
    parent: Scope | None = None
    ctes: dict[str, Scope] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    outputs: list[Output] = field(default_factory=list)
    open: bool = False
    recursive: bool = False
    branches: list[Scope] = field(default_factory=list)
    branch_of: Scope | None = None
    users: list[Source] = field(default_factory=list)
    merged: dict[str, list[Source]] = field(default_factory=dict)  # USING and NATURAL columns
    shared: dict[int, Shared] = field(default_factory=dict)  # the same by join, by its id
    sides: dict[int, tuple[int, int]] = field(default_factory=dict)  # by join: from and to which item ON sees
    stars: list[StarItem] = field(default_factory=list)
    unread: list[tuple[exp.Expr, str]] = field(default_factory=list)
    cte: exp.CTE | None = None

    def output(self, name: str) -> Output | None:
        """Return the output of this case-folded name."""
        return next((one for one in self.outputs if one.name == name), None)

    def position(self, name: str) -> int | None:
        """Return the 0-based place of the output of this name."""
        return next((i for i, one in enumerate(self.outputs) if one.name == name), None)


class BoundTo(StrEnum):
    """What a column reference turned out to be."""

    COLUMN = "column"
    ALIAS = "alias"  # a name given in the same SELECT list
    ROW = "row"  # a FROM item's name as a value: all of its columns
    VARIABLE = "variable"
    UNRESOLVED = "unresolved"


@dataclass(slots=True, eq=False)
class Binding:
    """What a column reference means.

    ``source`` and ``name`` (case-folded) for a column; ``expr`` for an alias of the same SELECT;
    ``path`` holds struct fields taken from it; ``outer`` says that the source is another scope's
    (a correlated reference); ``inferred`` that the source's columns are not known and it is the only
    one that can have it; ``candidates`` are the sources that could have an unresolved one, or
    that have a column of the name besides an inferred one. ``row`` is the
    FROM item whose whole row the reference is, or may be, where its columns are not known (then ``source``
    is set, too).
    """

    to: BoundTo
    name: str
    source: Source | None = None
    expr: exp.Expr | None = None
    path: tuple[str, ...] = ()
    outer: bool = False
    inferred: bool = False
    candidates: tuple[Source, ...] = ()
    row: Source | None = None
