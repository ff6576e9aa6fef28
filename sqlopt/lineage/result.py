"""`Lineage`: the answer, as edges, as tables, and column by column."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from sqlopt.lineage.edge import ColumnRef, Edge, Kind, Transformation
from sqlopt.lineage.feeds import DIRECT, Feeds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.lineage.statement import StatementLineage
    from sqlopt.query.parse import ParseFailure

# These stand in the expression that makes a value, so they count among its inputs.
_IN_EXPRESSION = (*DIRECT, Transformation.CONDITIONAL, Transformation.WINDOW)


class Lineage:
    """What feeds what in a script.

    ``statements`` holds each statement's own; ``hidden`` the case-folded names of tables that are seen
    through; ``errors`` what could not be parsed, whose lineage is missing.
    """

    def __init__(
        self, statements: tuple[StatementLineage, ...], hidden: frozenset[str], errors: tuple[ParseFailure, ...]
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
                    yield from _edges(feeds, ColumnRef(written.table, name), one)
                rows = {key: use for key, use in written.influences.items() if key[1] not in DIRECT}
                yield from _edges(rows, ColumnRef(written.table, ""), one)

    @property
    def tables_in(self) -> list[str]:
        """The tables that are read, in order, each once."""
        found = {table.casefold(): table for one in self.statements for table in reversed(one.tables_in)}
        order = dict.fromkeys(table.casefold() for one in self.statements for table in one.tables_in)
        return [found[key] for key in order if key not in self.hidden]

    @property
    def tables_out(self) -> list[str]:
        """The tables that are filled or changed, in order, each once, without those that are seen through."""
        found: dict[str, str] = {}
        for one in self.statements:
            for written in one.written:
                if written.table and written.table.casefold() not in self.hidden:
                    found.setdefault(written.table.casefold(), written.table)
        return list(found.values())

    def columns(self) -> dict[str, list[str]]:
        """Return the inputs of every written column, by ``table.column`` or, for a query, ``column``.

        Inputs are the base columns in the expressions that make the value: what is computed with, asked by
        CASE, or named in a window. Joins and filters are not among them (see `edges`).
        """
        found: dict[str, dict[str, None]] = {}
        for one in self.statements:
            for written in one.written:
                if written.table.casefold() in self.hidden:
                    continue
                for name, feeds in written.columns:
                    inputs = found.setdefault(str(ColumnRef(written.table, name)), {})
                    inputs.update((str(ref), None) for ref, use in feeds if ref.column and use in _IN_EXPRESSION)
        return {out: list(inputs) for out, inputs in found.items()}


def _edges(feeds: Feeds, target: ColumnRef, one: StatementLineage) -> Iterator[Edge]:
    for (ref, use), (masked, node) in feeds.items():
        kind = Kind.DIRECT if use in DIRECT else Kind.INDIRECT
        span = one.query.span(node) if node.root() is one.query.tree else None
        yield Edge(ref, target, kind, use, masked, span)
