"""What feeds what: the edges of column-level lineage, named as OpenLineage's column-lineage facet does."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlopt.span import Span


class Kind(StrEnum):
    """Whether a value is made from the source, or only its presence or order depends on it."""

    DIRECT = "direct"
    INDIRECT = "indirect"


class Transformation(StrEnum):
    """How the source is used. The first three are direct, the others indirect."""

    IDENTITY = "identity"
    TRANSFORMATION = "transformation"
    AGGREGATION = "aggregation"
    JOIN = "join"
    GROUP_BY = "group_by"
    FILTER = "filter"
    SORT = "sort"
    WINDOW = "window"
    CONDITIONAL = "conditional"


@dataclass(frozen=True, slots=True, order=True)
class ColumnRef:
    """A column of a table.

    ``table`` is the dotted name, completed by the defaults as far as they are known; empty for the
    result of a bare SELECT. ``column`` may go on into a struct (``address.city``); empty stands for
    the table's rows as a whole. ``candidates`` are the tables that an unresolved column (``table`` empty, as a
    source) could be of; they don't count for equality.
    """

    table: str
    column: str
    candidates: tuple[str, ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        return ".".join(filter(None, (self.table, self.column)))


@dataclass(frozen=True, slots=True)
class Edge:
    """``source`` feeds ``target``. ``span`` is the expression that does it, in the statement's source.

    ``masking`` says that the value can't be read back from the result, as after a hash or COUNT.
    """

    source: ColumnRef
    target: ColumnRef
    kind: Kind
    transformation: Transformation
    masking: bool = False
    span: Span | None = None
