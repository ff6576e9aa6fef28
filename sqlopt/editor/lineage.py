"""The lineage of a project's files, made in a process of its own and asked by hovers, lenses and definitions."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sqlopt.errors import SqloptError
from sqlopt.lineage.edge import ColumnRef

if TYPE_CHECKING:
    from sqlopt.lineage.graph import LineageGraph, TableNode

MOST_FILES = 5_000
"""Files of a folder above which its lineage is not made unasked."""


class ProjectLineage:
    """A lineage graph, asked by a table's name and a column's, as far as those are known."""

    def __init__(self, graph: LineageGraph) -> None:
        self.graph = graph

    def table(self, name: str) -> TableNode | None:
        """Return a table by its name, which may lack its first parts; None for an unknown or ambiguous one."""
        key = self._key(name)
        return self.graph.tables.get(key) if key is not None else None

    def above(self, table: str, column: str) -> list[str]:
        """Return what feeds a column, nearest first."""
        return self._reach(table, column, upstream=True)

    def below(self, table: str, column: str) -> list[str]:
        """Return what a column feeds, nearest first; with an empty one, the tables that read the table."""
        return self._reach(table, column, upstream=False)

    def made_in(self, path: str) -> list[TableNode]:
        """Return the tables that a file makes."""
        return [one for one in self.graph.tables.values() if one.path and Path(one.path) == Path(path)]

    def _key(self, name: str) -> str | None:
        try:
            found = self.graph.find(name)
        except SqloptError:
            return None
        return found[0].table if any(not one.column for one in found) else None

    def _reach(self, table: str, column: str, *, upstream: bool) -> list[str]:
        key = self._key(table)
        if key is None:
            return []
        if not column:
            reached = self.graph.reach(self.graph.all_of(key), upstream=upstream, rows=True)
            tables = dict.fromkeys(ref.table for ref in reached if ref.table.casefold() != key)
            return [self._shown(one) for one in tables]
        reached = self.graph.reach([ColumnRef(key, column.casefold())], upstream=upstream)
        return [f"{self._shown(ref.table)}.{ref.column}" for ref in reached if ref.column]

    def _shown(self, key: str) -> str:
        node = self.graph.tables.get(key.casefold())
        return node.name if node is not None else key


def parse(text: bytes) -> ProjectLineage | None:
    """Read what `main` has written; None for anything else."""
    from sqlopt.lineage.graph import LineageGraph

    try:
        return ProjectLineage(LineageGraph.from_dict(json.loads(text)))
    except (KeyError, TypeError, ValueError, IndexError):
        return None


def main(folder: str) -> None:
    """Write the lineage of a folder's files: lines of ``done total``, then one of JSON; none where it can't be made.

    It runs in a process of its own, so that making it takes nothing from the answers.
    """
    from sqlopt.project import Project

    if hasattr(os, "nice"):
        os.nice(10)

    def progress(done: int, total: int) -> None:
        if done % max(total // 50, 1) == 0:
            print(done, total, flush=True)  # noqa: T201 - the server reads it

    try:
        project = Project.from_config(folder)
        if len(project.files([folder])) <= MOST_FILES:
            graph = project.graph([folder], progress)
            print(json.dumps(graph.to_dict()), flush=True)  # noqa: T201
    except SqloptError:
        return


if __name__ == "__main__":
    main(sys.argv[1])
