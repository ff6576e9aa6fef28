"""What changed between two catalogs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.catalog.model import Catalog, Column, Table

MOVED = 2.0
"""The factor from which on a changed number of rows or bytes is told."""


class Kind(StrEnum):
    """What happened to a table or column."""

    ADDED = "added"
    REMOVED = "removed"
    RETYPED = "retyped"
    CHANGED = "changed"
    MOVED = "moved"
    """A statistic that is far from what it was."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change; ``column`` is empty for the table's own, ``what`` names a property, as the catalog file does."""

    kind: Kind
    table: str
    column: str = ""
    what: str = ""
    before: Any = None
    after: Any = None

    @property
    def name(self) -> str:
        """The table, or the column with its table."""
        return f"{self.table}.{self.column}" if self.column else self.table

    def __str__(self) -> str:
        if self.kind in (Kind.ADDED, Kind.REMOVED):
            return f"{self.name} {self.kind}"
        what = f" {self.what}" if self.what else ""
        return f"{self.name}{what}: {_shown(self.before)} → {_shown(self.after)}"


_TABLE = ("kind", "primary_key", "unique", "foreign_keys", "enforced", "partition_by", "cluster_by", "indexes",
          "row_access_policy", "definition")  # fmt: skip
_COLUMN = ("nullable", "tags", "masking_policy", "policy_tag")


def changes(old: Catalog, new: Catalog) -> Iterator[Change]:
    """Yield what changed from ``old`` to ``new``, in order of tables' names."""
    for key in sorted({*old.tables, *new.tables}):
        before, after = old.tables.get(key), new.tables.get(key)
        if after is None and before is not None:
            yield Change(Kind.REMOVED, before.name)
        elif before is None and after is not None:
            yield Change(Kind.ADDED, after.name)
        elif before is not None and after is not None:
            yield from _table(before, after)


def _table(before: Table, after: Table) -> Iterator[Change]:
    was = {name.casefold(): column for name, column in before.columns.items()}
    now = {name.casefold(): column for name, column in after.columns.items()}
    for key, column in was.items():
        if key not in now:
            yield Change(Kind.REMOVED, after.name, column.name)
        else:
            yield from _column(after.name, column, now[key])
    for key, column in now.items():
        if key not in was:
            yield Change(Kind.ADDED, after.name, column.name, after=column.type)
    for what in _TABLE:
        one, other = getattr(before, what), getattr(after, what)
        if one != other:
            yield Change(Kind.CHANGED, after.name, "", what, one, other)
    for what in ("rows", "bytes"):
        one, other = getattr(before, what), getattr(after, what)
        if _moved(one, other):
            yield Change(Kind.MOVED, after.name, "", what, one, other)


def _column(table: str, before: Column, after: Column) -> Iterator[Change]:
    if _plain(before.type) != _plain(after.type):
        yield Change(Kind.RETYPED, table, after.name, "type", before.type, after.type)
    for what in _COLUMN:
        one, other = getattr(before, what), getattr(after, what)
        if one != other:
            yield Change(Kind.CHANGED, table, after.name, what, one, other)


def _plain(kind: str | None) -> str | None:
    return None if kind is None else "".join(kind.split()).casefold()


def _moved(before: int | None, after: int | None) -> bool:
    if before is None or after is None or before == after:
        return False
    low, high = sorted((before, after))
    return high >= MOVED * low


def _shown(value: Any) -> str:
    if value is None or value == ():
        return "unknown" if value is None else "none"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    if isinstance(value, tuple):
        return ", ".join(map(_shown, value))
    return str(value)
