"""What of a lineage graph is shown: all of it, or what lies up and down from some columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlopt.lineage.edge import ColumnRef
    from sqlopt.lineage.graph import LineageGraph, Step, TableNode

    Reached = dict[ColumnRef, Step]


@dataclass(frozen=True)
class View:
    """A part of ``graph``.

    ``up`` and ``down`` hold, for each column asked for, every column reached from it and the step that reached
    it. Without any the whole graph is meant. ``show_unread`` asks for every place that was not read.
    """

    graph: LineageGraph
    up: dict[ColumnRef, Reached] = field(default_factory=dict)
    down: dict[ColumnRef, Reached] = field(default_factory=dict)
    show_unread: bool = False

    @property
    def start(self) -> list[ColumnRef]:
        """The columns asked for."""
        return list(dict.fromkeys((*self.up, *self.down)))

    @property
    def focus(self) -> str | None:
        """The column asked for, or its table where several were; None for the whole graph."""
        start = self.start
        if not start:
            return None
        return self.name(start[0]) if len(start) == 1 else self.graph.tables[start[0].table].name

    @property
    def shown(self) -> set[ColumnRef]:
        """The columns asked for and all reached from them."""
        reached = (one for side in (self.up, self.down) for found in side.values() for one in found)
        return {*self.start, *reached}

    @property
    def steps(self) -> list[Step]:
        """The steps between columns that are shown, each once."""
        if not self.start:
            return list(dict.fromkeys(self.graph.steps))
        shown = self.shown
        both = (one for one in self.graph.steps if one.edge.source in shown and one.edge.target in shown)
        return list(dict.fromkeys(both))

    @property
    def tables(self) -> list[TableNode]:
        """The tables that are shown, in the graph's order."""
        if not self.start:
            return list(self.graph.tables.values())
        names = {one.table for one in self.shown}
        return [node for key, node in self.graph.tables.items() if key in names]

    def name(self, ref: ColumnRef) -> str:
        """Return a column's name for people: ``table.column``, or the table where its rows are meant."""
        table = self.graph.tables[ref.table].name
        return f"{table}.{ref.column}" if ref.column else table
