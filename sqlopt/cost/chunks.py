"""Row groups that a scan must read: those whose ranges meet what its filters let through.

A row group is left out only if no row of it can pass, by the least and greatest value of some column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.query.pruning.comparison import touched
from sqlopt.query.pruning.outcome import Outcome, combine
from sqlopt.query.pruning.predicate import Judge
from sqlopt.warehouses.pruning import pruning_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlopt.catalog import RowGroup
    from sqlopt.query import Scan
    from sqlopt.query.flow import Filter
    from sqlopt.query.values.intervals import Ranges


def groups_left(scan: Scan) -> tuple[list[RowGroup], list[RowGroup]] | None:
    """Return the row groups that hold what the filters want, and those that the engine reads.

    The first are among the second: an engine does not see through every filter. None where the catalog has no
    row groups of the table. A table that is read several times in one FROM item reads what any of them wants.
    """
    return scan.once("row groups", _groups_left)


def _groups_left(scan: Scan) -> tuple[list[RowGroup], list[RowGroup]] | None:
    table = scan.table
    if table is None or not table.row_groups:
        return None
    wanted: set[int] = set()
    read: set[int] = set()
    for reading in scan.readings if scan.exhaustive else ((),):
        logical, seen = _ranges(scan, reading)
        for place, group in enumerate(table.row_groups):
            if _meets(group, logical):
                wanted.add(place)
            if _meets(group, seen):
                read.add(place)
    return [table.row_groups[one] for one in sorted(wanted)], [table.row_groups[one] for one in sorted(read)]


def _ranges(scan: Scan, reading: Sequence[Filter]) -> tuple[Mapping[str, Ranges], Mapping[str, Ranges]]:
    """Return what each column may hold, by its case-folded name: truly, and as the engine sees it."""
    table = scan.table
    assert table is not None  # noqa: S101 - the caller asked
    filters = [(one, frozenset(touched(scan, one.node, one))) for one in reading if not one.stopped]
    judged = {name for _, names in filters for name in names}.intersection(map(str.casefold, table.columns))
    by = table.partition_by
    parts = {name.casefold() for name in by.columns} if by is not None else set()
    logical: dict[str, Ranges] = {}
    seen: dict[str, Ranges] = {}
    for name in judged:
        judge = Judge(
            scan,
            (name,),
            table.column(name),
            by if name in parts else None,
            pruning_table(scan.query.dialect),
        )
        outcomes = [judge.filter(one) for one, names in filters if name in names]
        whole = combine([one for one in outcomes if one.touches], Outcome.and_)
        logical[name], seen[name] = whole.logical.true, whole.seen.true
    return logical, seen


def _meets(group: RowGroup, ranges: Mapping[str, Ranges]) -> bool:
    for name, (low, high) in group.ranges.items():
        wanted = ranges.get(name.casefold())
        if wanted is not None and not wanted.null and not wanted.overlaps(low, high):
            return False
    return True
