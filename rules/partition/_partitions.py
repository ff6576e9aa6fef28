"""What keeps a partitioned table from being pruned. Helpers of this pack's rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.catalog import PartitionKind
from sqlopt.rules import Context, Hit, Severity
from sqlopt.rules.finding import Related
from sqlopt.warehouses.pruning import Form, Prunes

from ._reading import of_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlopt.catalog import Table
    from sqlopt.query import Blocker, Filter, Pruning, Query, Scan

FUNCTIONS = frozenset(
    {
        Form.CAST_DATE, Form.CAST_STRING, Form.CAST_NUMBER, Form.TRUNCATE, Form.YEAR, Form.DATE_PART,
        Form.FORMAT, Form.SHIFT, Form.ARITHMETIC, Form.MODULO, Form.TIME_ZONE, Form.COALESCE, Form.CASE_FOLD,
        Form.SUBSTRING, Form.CONCAT, Form.PARSE, Form.USER_FUNCTION, Form.OTHER_FUNCTION,
    }
)  # fmt: skip
"""Functions around the column, but for the cast to a timestamp."""
CASTS = FUNCTIONS | {Form.CAST_TIMESTAMP}
PATTERNS = frozenset({Form.LIKE_PREFIX, Form.LIKE_WILDCARD})
_LONGEST = 60
_TIMES = ("date", "time")


def unpruned(scan: Scan) -> Pruning | None:
    """Return the pruning of a partitioned table that is read whole, as far as is known; else None."""
    if scan.table is None or scan.table.partition_by is None or not scan.readings or not scan.exhaustive:
        return None
    pruning = scan.pruning
    return pruning if pruning.verdict in (Prunes.NO, Prunes.UNKNOWN) else None


def time_partitioned(table: Table) -> bool:
    """Whether a BigQuery table's partitions are spans of time, be it of a column or of its loading."""
    by = table.partition_by
    if by is None or by.kind is PartitionKind.SHARDED:
        return False
    return not by_integers(table)


def by_integers(table: Table) -> bool:
    """Whether a BigQuery table's partitions are ranges of integers."""
    by = table.partition_by
    if by is None:
        return False
    column = table.column(by.column)
    whole = column is not None and (column.type or "").casefold().startswith("int")
    return by.kind is PartitionKind.INTEGER_RANGE or (by.kind is None and whole)


def blocked(pruning: Pruning, forms: Iterable[Form]) -> list[Blocker]:
    """Return what is in the way in these forms, without the arms of an OR that is a fault of its own."""
    ored = {id(one.filter.node) for one in pruning.blockers if one.form is Form.OR_OTHER}
    wanted = frozenset(forms)
    return [one for one in pruning.blockers if one.form in wanted and id(one.filter.node) not in ored]


def only_through(pruning: Pruning, forms: Iterable[Form]) -> list[Blocker]:
    """Return the functions in these forms that all of the filters that prune need to be seen through."""
    wanted = frozenset(forms)
    found = [one for one in pruning.through if one.form in wanted]
    wrapped = {id(one.filter.node) for one in found}
    plain = any(id(one.node) not in wrapped for one in pruning.filters)
    return [] if plain else found


def sure(pruning: Pruning, blocker: Blocker) -> bool:
    """Whether the engine's documentation (or a measurement) says that nothing is pruned."""
    return (
        pruning.verdict is Prunes.NO and blocker.cell.prunes is Prunes.NO and blocker.cell.sure != "believed"
    )


def predicate(blocker: Blocker) -> exp.Expr:
    """Return the comparison that ``blocker`` is about: the conjunct, or one arm of a larger condition."""
    whole = blocker.node.unnest()
    if not isinstance(whole, (exp.And, exp.Or, exp.Not)):
        return whole
    at = blocker.at
    while at.parent is not None and not isinstance(at, (exp.Predicate, exp.Not)) and at is not whole:
        at = at.parent
    return at if at is not whole else blocker.at


def column_name(scan: Scan, pruning: Pruning) -> str:
    """Return the partition column as the catalog writes it."""
    by = scan.table.partition_by if scan.table is not None else None
    names = by.columns if by is not None else ()
    return next((name for name in names if name.casefold() == pruning.column), pruning.column or "")


def shown(query: Query, node: exp.Expr) -> str:
    """Return a node's text on one line, cut to fit into a message."""
    text = " ".join(query.text(node).split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def hit(
    context: Context, scan: Scan, found: list[Blocker], sentences: tuple[str, str], pruning: Pruning
) -> Hit:
    """Return one hit for all of ``found``, at the first of them.

    ``sentences`` are what is said where the engine is known not to prune, and where it is not known.
    """
    query, first = context.query, found[0]
    certain = sure(pruning, first)
    # A filter whose values can't be computed may still leave little: up to all is saved.
    possible = pruning.possible if pruning.possible is not None and pruning.possible < 1 else None
    saving, evidence = context.price(scan, possible)
    places = {query.span(predicate(one)): one for one in reversed(found)}
    span = query.span(predicate(first))
    related = tuple(Related(place, "the same here") for place in sorted(places) if place != span)
    source = (("documented", first.cell.source),) if first.cell.sure != "believed" else ()
    return Hit(
        span,
        sentences[0] if certain else sentences[1],
        saving,
        Severity.WARNING if certain else Severity.INFO,
        related,
        (*evidence, *source),
        (scan, first, pruning.column),
    )


def filters_by_date(scan: Scan) -> bool:
    """Whether some filter of the scan is about a date of its own."""
    return any(by_date(scan, one) for one in scan.filters())


def by_date(scan: Scan, one: Filter) -> bool:
    """Whether a filter reads a date or time of the table's own."""
    table = scan.table
    for name in of_table(scan, one.node, one):
        column = table.column(name) if table is not None and name is not None else None
        if column is not None and (column.type or "").casefold().startswith(_TIMES):
            return True
    return False
