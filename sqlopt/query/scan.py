"""`Scan`: a base table that a statement reads, the predicates that reach it, and what can be skipped of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from sqlopt.query.bind.model import Scope, ScopeKind, Source, SourceKind
from sqlopt.query.flow import MOST_READINGS, Filter

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlglot import exp

    from sqlopt.catalog import Table
    from sqlopt.query.pruning.verdict import Pruning
    from sqlopt.query.query import Query

Answer = TypeVar("Answer")


@dataclass(slots=True, eq=False)
class Scan:
    """One base table in one FROM clause (or the target of UPDATE, DELETE, MERGE).

    What a scan knows is computed when it is asked for: most scans are asked little.
    """

    query: Query
    source: Source
    table: Table | None
    target: bool = False
    _memo: dict[str, object] = field(default_factory=dict, repr=False)

    @property
    def scope(self) -> Scope:
        """The scope whose FROM clause names the table."""
        return self.source.scope

    @property
    def node(self) -> exp.Expr:
        """The table's node."""
        return self.source.node

    @property
    def name(self) -> str:
        """The table's name: the catalog's, else as written."""
        return self.table.name if self.table is not None else self.source.table_name

    @property
    def readings(self) -> tuple[tuple[Filter, ...], ...]:
        """The filters of each way the scan is read.

        A CTE that is named twice is two readings; one that nothing names is none.
        """
        if "readings" not in self._memo:
            flow = self.query.flow
            own = tuple(flow.own(self.scope, self.source))
            arrivals = flow.arrivals(self.scope)[:MOST_READINGS]
            self._memo["readings"] = tuple((*own, *arrived) for arrived in arrivals)
        return self._memo["readings"]  # type: ignore[return-value]

    @property
    def exhaustive(self) -> bool:
        """False when the scan is read in more ways than are followed."""
        return len(self.query.flow.arrivals(self.scope)) <= MOST_READINGS

    @property
    def columns(self) -> frozenset[str] | None:
        """The case-folded columns that must be read, or None for all of them, or where that can't be told."""
        if "columns" not in self._memo:
            self._memo["columns"] = self.query.reads.needed(self.source)
        return self._memo["columns"]  # type: ignore[return-value]

    @property
    def unknown(self) -> bool:
        """Whether something that is not understood may read any column; then only the `named` ones are sure."""
        return self.query.reads.of(self.source).unknown

    @property
    def named(self) -> frozenset[str]:
        """The case-folded columns that are read by their names, however much else may be read."""
        return self.query.reads.named(self.source)

    @property
    def pruning(self) -> Pruning:
        """What the engine can skip of the table's partitions."""
        if "pruning" not in self._memo:
            from sqlopt.query.pruning.verdict import partition_pruning

            self._memo["pruning"] = partition_pruning(self)
        return self._memo["pruning"]  # type: ignore[return-value]

    @property
    def clustering(self) -> tuple[Pruning, ...]:
        """What the engine can skip by each clustering key, in the keys' order."""
        if "clustering" not in self._memo:
            from sqlopt.query.pruning.verdict import cluster_pruning

            self._memo["clustering"] = cluster_pruning(self)
        return self._memo["clustering"]  # type: ignore[return-value]

    def once(self, name: str, make: Callable[[Scan], Answer]) -> Answer:
        """Return what ``make`` says of the scan; it is asked once and remembered under ``name``."""
        if name not in self._memo:
            self._memo[name] = make(self)
        return self._memo[name]  # type: ignore[return-value]

    def filters(self) -> tuple[Filter, ...]:
        """Every filter of every reading that reaches the scan, without repeats."""
        return tuple(dict.fromkeys(one for reading in self.readings for one in reading if not one.stopped))


def scans(query: Query) -> tuple[Scan, ...]:
    """Return the statement's scans in the order of its FROM clauses."""
    return tuple(
        _scan(query, source)
        for source in query.sources
        if source.kind is SourceKind.TABLE and not source.name.startswith("\0")
    )


def _scan(query: Query, source: Source) -> Scan:
    scope = source.scope
    target = scope.kind is ScopeKind.DML and next(iter(scope.sources.values()), None) is source
    return Scan(query, source, source.table, target)
