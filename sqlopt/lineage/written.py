"""What a statement fills: tables, their columns and what feeds them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlglot import exp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlopt.lineage.functions import Body
    from sqlopt.lineage.uses import Feeds
    from sqlopt.lineage.variables import Value
    from sqlopt.query import Query


@dataclass(slots=True)
class Written:
    """One table that a statement fills (``table`` empty: the result of a query).

    ``columns`` holds (name, feeds) in order; ``influences`` what decides on its rows; ``temporary`` says
    that it ends with the session; ``replaces`` that what it held before is gone; ``positional`` that the
    columns go by place into a table whose names are not known.
    """

    table: str
    columns: list[tuple[str, Feeds]] = field(default_factory=list)
    influences: Feeds = field(default_factory=dict)
    temporary: bool = False
    replaces: bool = False
    open: bool = False


@dataclass(slots=True)
class StatementLineage:
    """What one statement reads and writes.

    ``defaults`` are the database and schema that held then, ``variables`` what script variables held, and
    ``functions`` the functions that were known.
    """

    query: Query
    defaults: tuple[str | None, str | None] = (None, None)
    tables_in: list[str] = field(default_factory=list)
    written: list[Written] = field(default_factory=list)
    variables: Mapping[str, Value] = field(default_factory=dict)
    functions: Mapping[tuple[str, int], Body] = field(default_factory=dict)


def table_of(node: exp.Expr | None) -> exp.Table | None:
    """Return the table that the target of a statement names, without its list of columns."""
    while node is not None and not isinstance(node, exp.Table):
        node = node.this if isinstance(node, (exp.Schema, exp.Paren, exp.Alias)) else None
    return node
