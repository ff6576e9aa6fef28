"""How a DuckDB file stores its tables: bytes a column, and row groups with their ranges."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from sqlopt.catalog import RowGroup
from sqlopt.warehouses.duckdb.statistics import parsed, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlopt.catalog import Value

MOST_ROW_GROUPS: Final = 2000
"""A table with more keeps none in the catalog: the file would grow past what a review can hold."""

_RANGE: Final = re.compile(r"\[Min: (.*?), Max: (.*?)\]")
_QUERY: Final = """
SELECT row_group_id, column_name, column_path, segment_type, count, stats, persistent, block_id, block_offset,
       len(additional_block_ids)
FROM pragma_storage_info({})
"""


@dataclass(slots=True)
class _Group:
    rows: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    bytes: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    ranges: dict[str, list[Value] | None] = field(default_factory=dict)


@dataclass(slots=True)
class Storage:
    """Of one table: estimated compressed bytes by column, and row groups; empty where unknown."""

    bytes: dict[str, int] = field(default_factory=dict)
    groups: tuple[RowGroup, ...] = ()
    left_out: int = 0


def read_storage(connection: Any, tables: Mapping[str, Mapping[str, str]]) -> dict[str, Storage]:
    """Return the storage of each table: ``tables`` maps a quoted SQL name to column types.

    DuckDB tells where a segment begins, not how long it is. Segments lie behind one another in blocks, so
    one is taken to reach to the next in its block or the block's end, and each further block is whole.
    That is an estimate: the unused end of a block counts for its last segment.
    """
    import duckdb

    segments: dict[str, list[Any]] = {}
    for name in tables:
        try:
            segments[name] = connection.execute(_QUERY.format(text(name))).fetchall()
        except duckdb.Error:
            segments[name] = []
    block = _block_size(connection)
    ends = _ends((row[7], row[8]) for rows in segments.values() for row in rows)
    return {name: _table(rows, tables[name], ends, block) for name, rows in segments.items()}


def _block_size(connection: Any) -> int:
    answer = connection.execute("SELECT block_size FROM pragma_database_size() LIMIT 1").fetchone()
    return int(answer[0]) if answer else 0


def _ends(places: Iterable[tuple[int | None, int | None]]) -> dict[tuple[int, int], int]:
    """Map each (block, offset) to the next offset in its block; a block's last one is not there."""
    ordered = sorted({(b, o) for b, o in places if b is not None and b >= 0 and o is not None})
    return {this: after[1] for this, after in pairwise(ordered) if this[0] == after[0]}


def _table(
    rows: list[Any], types: Mapping[str, str], ends: Mapping[tuple[int, int], int], block: int
) -> Storage:
    if not rows or not all(row[6] for row in rows):  # what is only in the log has no place yet
        return Storage()
    storage = Storage(bytes=dict.fromkeys(types, 0))
    groups: dict[int, _Group] = defaultdict(_Group)
    for group_id, column, path, kind, count, stats, _, block_id, offset, further in rows:
        size = (further or 0) * block
        if block_id is not None and block_id >= 0:
            size += ends.get((block_id, offset), block) - offset
        group = groups[group_id]
        group.bytes[column] += size
        storage.bytes[column] = storage.bytes.get(column, 0) + size
        if path.count(",") == 0 and kind != "VALIDITY":
            group.rows[column] += count
            _widen(group, column, types.get(column, ""), stats)
    if len(groups) > MOST_ROW_GROUPS:
        storage.left_out = len(groups)
    else:
        storage.groups = tuple(_row_group(groups[key]) for key in sorted(groups))
    return storage


def _widen(group: _Group, column: str, kind: str, stats: str | dict[str, Any]) -> None:
    """Take a segment's range into its row group's. Text is left out: DuckDB cuts it at eight bytes."""
    low, high = _bounds(stats, kind) if kind not in {"", "VARCHAR"} else (None, None)
    known = group.ranges.get(column, [])
    if low is None or high is None or known is None:
        group.ranges[column] = None
        return
    both: list[Any] = [*known, low, high]
    group.ranges[column] = [min(both), max(both)]


def _bounds(stats: str | dict[str, Any], kind: str) -> tuple[Value | None, Value | None]:
    """Return a segment's least and greatest value: DuckDB 1.x writes them in a text, 2.x gives a struct."""
    if isinstance(stats, dict):
        found = [str(stats[end]) if stats.get(end) is not None else None for end in ("min", "max")]
        if kind == "BOOLEAN":
            found = [one.lower() if one is not None else None for one in found]
        return parsed(found[0], kind), parsed(found[1], kind)
    match = _RANGE.search(stats)
    return (parsed(match[1], kind), parsed(match[2], kind)) if match else (None, None)


def _row_group(group: _Group) -> RowGroup:
    ranges = {name: (pair[0], pair[1]) for name, pair in group.ranges.items() if pair}
    rows = max(group.rows.values(), default=0)
    return RowGroup(rows, sum(group.bytes.values()), ranges, dict(group.bytes))
