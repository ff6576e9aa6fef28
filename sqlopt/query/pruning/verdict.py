"""`Pruning`: what an engine can skip of a table's partitions, and what stands in its way.

Each filter that reaches a scan is judged for the partition column: which values it lets through
(``logical``), and which of that the engine's planner sees (``seen``), by the engine's own table in
``warehouses/<engine>/pruning.py``. Where the two differ, there is a `Blocker`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.model import Source, SourceKind
from sqlopt.query.pruning.outcome import Outcome, combine
from sqlopt.query.pruning.predicate import Judge
from sqlopt.query.values.intervals import Ranges, Truth
from sqlopt.warehouses.pruning import Cell, Form, Prunes, PruningTable, pruning_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlopt.catalog import Partitioning
    from sqlopt.query.flow import Filter
    from sqlopt.query.scan import Scan


@dataclass(frozen=True, slots=True)
class Blocker:
    """A predicate on the partition column that the engine can't use.

    ``node`` is the predicate as written, ``form`` what is in the way, ``cell`` what the engine's
    documentation says of it, ``at`` the offending part of ``node`` (the wrapping function, the
    subquery, the other arm). ``logical`` is what the predicate truly allows.
    """

    form: Form
    node: exp.Expr
    at: exp.Expr
    cell: Cell
    filter: Filter
    logical: Ranges


@dataclass(frozen=True, slots=True)
class Pruning:
    """What the engine can skip of one table by one column.

    ``share`` is the share of partitions left (0 to 1), or None when it can't be told;
    ``possible`` the share that would be left if the engine saw through every blocker.
    ``ranges`` are the values that the engine sees as wanted. ``touched`` says that some predicate
    speaks of the column at all; ``stopped`` are predicates that do, but can't be pushed to the scan;
    ``filters`` are those that limit the partitions, ``idle`` those that the engine sees and that keep all;
    ``through`` are the functions around the column that the engine sees through.
    """

    verdict: Prunes
    column: str | None = None
    share: float | None = None
    possible: float | None = None
    why: str = ""
    ranges: Ranges = Ranges.ALL
    touched: bool = False
    blockers: tuple[Blocker, ...] = ()
    stopped: tuple[Filter, ...] = ()
    filters: tuple[Filter, ...] = ()
    idle: tuple[Filter, ...] = ()
    through: tuple[Blocker, ...] = ()

    @property
    def prunes(self) -> bool:
        """Whether something is or may be skipped, as far as is known: everything but a plain no."""
        return self.verdict is not Prunes.NO


NOTHING = Pruning(Prunes.UNKNOWN, why="the table is not partitioned, as far as is known")

_BEST_FIRST = (Prunes.YES, Prunes.PARTIALLY, Prunes.AT_RUN_TIME, Prunes.UNKNOWN, Prunes.NO)


def partition_pruning(scan: Scan) -> Pruning:
    """Judge the partition column of ``scan``; of several, the one that prunes best."""
    by = scan.table.partition_by if scan.table is not None else _shards(scan)
    if by is None:
        return NOTHING
    table = pruning_table(scan.query.dialect)
    found = [_judge(scan, names, by, table) for names in _partition_names(by)]
    return min(found, key=lambda one: (_BEST_FIRST.index(one.verdict), not one.touched))


def _shards(scan: Scan) -> Partitioning | None:
    """What a wildcard over tables that the catalog does not know is partitioned by."""
    from sqlopt.catalog import Partitioning, PartitionKind

    wildcard = scan.query.dialect == "bigquery" and scan.source.table_name.endswith("*")
    return Partitioning(("_TABLE_SUFFIX",), PartitionKind.SHARDED) if wildcard else None


def cluster_pruning(scan: Scan) -> tuple[Pruning, ...]:
    """Judge each clustering key of ``scan``, in order."""
    if scan.table is None or not scan.table.cluster_by:
        return ()
    table = pruning_table(scan.query.dialect)
    keys = [key_column(key, tuple(scan.table.columns)) for key in scan.table.cluster_by]
    return tuple(_judge(scan, (key,), None, table) for key in keys if key)


def key_column(key: str, columns: Iterable[str]) -> str:
    """The case-folded column that a clustering expression such as ``TO_DATE(ts)`` is about."""
    folded = key.casefold().strip('"`')
    names = {name.casefold() for name in columns}
    if folded in names:
        return folded
    word = ""
    for char in folded + " ":
        if char.isalnum() or char in "_$":
            word += char
        else:
            if word in names:
                return word
            word = ""
    return ""


def _partition_names(by: Partitioning) -> list[tuple[str, ...]]:
    names: list[tuple[str, ...]] = []
    for column in by.columns:
        folded = column.casefold()
        # BigQuery: _PARTITIONDATE is _PARTITIONTIME as a date.
        both = ("_partitiontime", "_partitiondate")
        names.append(both if folded in both else (folded,))
    return names


def _judge(scan: Scan, names: tuple[str, ...], by: Partitioning | None, table: PruningTable) -> Pruning:
    column = scan.table.column(names[0]) if scan.table is not None else None
    if not scan.exhaustive:
        return Pruning(Prunes.UNKNOWN, names[0], why="the table is read over too many paths to follow")
    judge = Judge(scan, names, column, by, table)
    readings = [_reading(judge, reading) for reading in scan.readings]
    if not readings:
        return Pruning(Prunes.UNKNOWN, names[0], why="nothing reads it")
    # What a scan costs is what its least filtered reading costs.
    return max(
        readings, key=lambda one: (_BEST_FIRST.index(one.verdict), one.share if one.share is not None else 1)
    )


def _reading(judge: Judge, reading: tuple[Filter, ...]) -> Pruning:
    outcomes: list[tuple[Filter, Outcome]] = []
    stopped: list[Filter] = []
    for one in reading:
        outcome = judge.filter(one)
        if not outcome.touches:
            continue
        if one.stopped:
            if outcome.restricts:
                stopped.append(one)
            continue
        outcomes.append((one, outcome))
    whole = combine([outcome for _, outcome in outcomes], Outcome.and_)
    blockers, through = (
        tuple(
            Blocker(block.form, one.node, block.at, block.cell, one, outcome.logical.true)
            for one, outcome in outcomes
            for block in (outcome.blocked if kind == "blocked" else outcome.through)
        )
        for kind in ("blocked", "through")
    )
    seen = whole.seen.true
    verdict, why = _verdict(whole, outcomes)
    exact = not whole.opaque
    return Pruning(
        verdict,
        judge.names[0],
        judge.share(seen) if verdict is Prunes.YES and exact else None,
        judge.share(whole.logical.true),
        why,
        seen,
        bool(outcomes or stopped),
        blockers,
        tuple(stopped),
        tuple(one for one, outcome in outcomes if outcome.restricts),
        tuple(one for one, outcome in outcomes if outcome.idle and not outcome.restricts),
        through,
    )


def _verdict(whole: Outcome, outcomes: list[tuple[Filter, Outcome]]) -> tuple[Prunes, str]:
    if whole.restricts:
        return Prunes.YES, "a constant filter limits the partitions"
    if whole.partial:
        return Prunes.PARTIALLY, "a filter limits some of the partitions"
    if whole.at_run_time:
        return Prunes.AT_RUN_TIME, "the partitions are known only when the statement runs"
    if whole.unknown:
        return Prunes.UNKNOWN, "whether the engine sees through the filter is not documented"
    if not outcomes:
        return Prunes.NO, "no filter speaks of the partition column"
    return Prunes.NO, "no filter on the partition column that the engine can use"


def filtered(source: Source, scan: Scan) -> bool:
    """Whether some predicate besides join conditions limits the rows of ``source``."""
    flow = scan.query.flow
    if source.kind is SourceKind.QUERY and source.inner is not None:
        inner = source.inner
        if inner.node.args.get("where") is not None or inner.node.args.get("having") is not None:
            return True
        if inner.node.args.get("limit") is not None or any(
            filtered(one, scan) for one in inner.sources.values()
        ):
            return True
        if inner.branches:
            return True
    for one in flow.own(source.scope, source):
        owners = {
            binding.source
            for column in one.node.find_all(exp.Column)
            if (binding := scan.query.binding(column)) is not None and binding.source is not None
        }
        if owners == {source}:
            return True
    return False


__all__ = [
    "NOTHING",
    "Blocker",
    "Pruning",
    "Truth",
    "cluster_pruning",
    "filtered",
    "key_column",
    "partition_pruning",
]
