"""`Lineage`: the answer, as edges, as tables, and column by column."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from sqlopt.lineage.edge import ColumnRef, Edge, Kind, Transformation
from sqlopt.lineage.uses import DIRECT, Feeds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.lineage.written import StatementLineage, Written
    from sqlopt.query.bind.ledger import Unread
    from sqlopt.query.text.parse import ParseFailure

# These stand in the expression that makes a value, so they count among its inputs.
_IN_EXPRESSION = (*DIRECT, Transformation.CONDITIONAL, Transformation.WINDOW)


class Lineage:
    """What feeds what in a script.

    ``statements`` holds each statement's own; ``hidden`` the (table, column) that are only stations on the
    way, case-folded, an empty column standing for the whole table; ``errors`` what could not be parsed,
    whose lineage is missing.
    """

    def __init__(
        self,
        statements: tuple[StatementLineage, ...],
        hidden: frozenset[tuple[str, str]],
        errors: tuple[ParseFailure, ...],
    ) -> None:
        self.statements = statements
        self.hidden = hidden
        self.errors = errors

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """Every edge from a base column to a written column; to a table's rows where its column is empty.

        Spans are offsets into the script.
        """
        return tuple(dict.fromkeys(self._edges()))

    def _edges(self) -> Iterator[Edge]:
        for one in self.statements:
            for written in one.written:
                for name, feeds in written.columns:
                    yield from edges_of(feeds, ColumnRef(written.table, name), one)
                rows = {key: use for key, use in written.influences.items() if key[1] not in DIRECT}
                yield from edges_of(rows, ColumnRef(written.table, ""), one)

    @cached_property
    def hops(self) -> tuple[Edge, ...]:
        """Every edge one step at a time; `edges` is their closure.

        CTEs and derived tables, as ``name@3`` in the third statement, and temporary tables are stations.
        """
        from sqlopt.lineage.script import hops

        return hops(self)

    @property
    def tables_in(self) -> list[str]:
        """The tables that are read, in order, each once."""
        found: dict[str, str] = {}
        for one in self.statements:
            for table in one.tables_in:
                found.setdefault(table.casefold(), table)
        return [table for key, table in found.items() if (key, "") not in self.hidden]

    @property
    def tables_out(self) -> list[str]:
        """The tables that are filled, changed or dropped, in order, each once, without those seen through."""
        found: dict[str, str] = {}
        for one in self.statements:
            for written in one.written:
                if written.table and (not written.columns or any(self._shown(written))):
                    found.setdefault(written.table.casefold(), written.table)
        return [table for key, table in found.items() if (key, "") not in self.hidden]

    @property
    def unread(self) -> tuple[Unread, ...]:
        """The places of the statements that were not read: what comes from there may be missing."""
        return tuple(place for one in self.statements for place in one.query.unread)

    def columns(self) -> dict[str, list[str]]:
        """Return the inputs of every written column, by ``table.column`` or, for a query, ``column``.

        Inputs are the base columns in the expressions that make the value: what is computed with, asked by
        CASE, or named in a window. Joins and filters are not among them (see `edges`). An input that could
        be any of several tables' is named without a table.
        """
        found: dict[str, dict[str, None]] = {}
        for one in self.statements:
            for written in one.written:
                for name, feeds in self._shown(written):
                    inputs = found.setdefault(str(ColumnRef(written.table, name)), {})
                    inputs.update(
                        (str(ref), None) for ref, use in feeds if ref.column and use in _IN_EXPRESSION
                    )
        return {out: list(inputs) for out, inputs in found.items()}

    def _shown(self, written: Written) -> Iterator[tuple[str, Feeds]]:
        """Yield the columns that are not only stations; of several of one name the first, as readers get it."""
        table = written.table.casefold()
        if (table, "") in self.hidden:
            return
        seen: set[str] = set()
        for name, feeds in written.columns:
            folded = name.casefold()
            if (table, folded) in self.hidden or folded in seen:
                continue
            if name != "*":
                seen.add(folded)
            yield name, feeds


def edges_of(feeds: Feeds, target: ColumnRef, one: StatementLineage) -> Iterator[Edge]:
    """Yield the edges that ``feeds`` are, to ``target``, in a statement."""
    for (ref, use), (masked, node) in feeds.items():
        kind = Kind.DIRECT if use in DIRECT else Kind.INDIRECT
        span = one.query.span(node) if node.root() is one.query.tree else None
        yield Edge(ref, target, kind, use, masked, span)
