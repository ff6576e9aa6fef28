"""What stands between a scan and the result: filters, LIMIT, sampling. Helpers of this pack's rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.cost.bytes import table_bytes
from sqlopt.query import SourceKind
from sqlopt.query.bind.trace import trace
from sqlopt.query.pruning.verdict import filtered
from sqlopt.query.text.forms import row_limit, sample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.catalog import Table
    from sqlopt.query import Filter, Query, Scan, Scope, Source
    from sqlopt.query.text.forms import RowLimit

GIGABYTE = 1024**3


def big(table: Table, gigabytes: float) -> bool | None:
    """Whether a table holds this much; None when its size is not known."""
    size = table_bytes(table)
    return None if size is None else size >= gigabytes * GIGABYTE


def defines_view(query: Query) -> bool:
    """Whether the statement only stores a query: nothing is read when it runs."""
    tree = query.tree
    return isinstance(tree, exp.Create) and (tree.args.get("kind") or "").upper() == "VIEW"


def sampled(scan: Scan) -> bool:
    """Whether TABLESAMPLE limits what is read."""
    return sample(scan.node) is not None


def owners(query: Query, node: exp.Expr) -> set[Source | None]:
    """Return the sources of the columns in ``node``; None stands for one that could not be bound."""
    found: set[Source | None] = set()
    for column in node.find_all(exp.Column):
        binding = query.binding(column)
        found.add(binding.source if binding is not None else None)
    return found


def of_table(scan: Scan, node: exp.Expr, one: Filter) -> Iterator[str | None]:
    """Yield for each column in ``node`` its case-folded name if it is a column of ``scan``, else None.

    A column of a CTE or derived table stands for those that it is computed from.
    """
    for column in node.find_all(exp.Column):
        found = trace(scan.query, column, one.path)
        if not isinstance(found, exp.Expr):
            yield _name(scan, *found) if found is not None else None
        elif found.find(exp.AggFunc, exp.Window, exp.Query) is not None:
            yield None  # computed from many rows
        else:
            for inner in found.find_all(exp.Column):
                binding = scan.query.binding(inner)
                if binding is None or binding.source is None:
                    yield None
                else:
                    yield _name(scan, binding.source, binding.name)


def _name(scan: Scan, source: Source, name: str) -> str | None:
    return source.renames.get(name, name) if source is scan.source else None


def limits(scan: Scan, one: Filter) -> bool:
    """Whether a conjunct removes rows, as far as its shape tells.

    ``TRUE``, ``1 = 1`` and a join with a table that nothing limits remove none.
    """
    if one.stopped:
        return False
    node = one.node.unnest()
    sources = owners(scan.query, node)
    if not sources:
        return node.find(exp.Query) is not None or node.find(exp.Parameter, exp.Placeholder) is not None
    joins = isinstance(node, exp.EQ) and len(sources) > 1 and node.find(exp.Query) is None
    if (
        joins
        and isinstance(node.this.unnest(), exp.Column)
        and isinstance(node.expression.unnest(), exp.Column)
    ):
        return any(
            source is None or (source is not scan.source and filtered(source, scan)) for source in sources
        )
    return True


def unfiltered(scan: Scan) -> bool:
    """Whether some reading of ``scan`` takes every row: no filter, no join with a filtered table."""
    if not scan.readings or not scan.exhaustive:
        return False
    return any(not any(limits(scan, one) for one in reading) for reading in scan.readings)


def early_limit(scan: Scan, *, ordered: bool = False) -> RowLimit | None:
    """Return the LIMIT that any rows of the table satisfy: nothing is grouped or joined before it.

    Nor sorted, unless ``ordered`` is asked for.
    """
    scope = scan.scope
    while True:
        node = scope.node
        if not isinstance(node, exp.Select) or _works(scan.query, scope):
            return None
        limit = row_limit(node)
        if limit is not None:
            return limit if ordered or node.args.get("order") is None else None
        if len(scope.users) != 1:
            return None
        scope = scope.users[0].scope


def _works(query: Query, scope: Scope) -> bool:
    """Whether a SELECT needs more than one row at a time, or rows of another table."""
    node = scope.node
    tables = [one for one in scope.sources.values() if one.kind in (SourceKind.TABLE, SourceKind.QUERY)]
    clauses = ("distinct", "group", "having", "qualify", "pivots")
    return (
        len(tables) != 1
        or any(node.args.get(one) for one in clauses)
        or bool(query.flow.windows(scope))
        or query.flow.aggregates(scope)
    )


def from_metadata(query: Query, scope: Scope) -> bool:
    """Whether only COUNT, MIN and MAX of whole columns are wanted, which tables keep as metadata."""
    node = scope.node
    if not isinstance(node, exp.Select) or len(scope.sources) != 1:
        return False
    if query.flow.aggregates(scope):
        if any(node.args.get(one) for one in ("group", "having", "qualify", "distinct")):
            return False
        return all(_plain_aggregates(one) for one in node.expressions)
    if _works(query, scope) or not scope.users:
        return False
    return all(from_metadata(query, user.scope) for user in scope.users)


def _plain_aggregates(node: exp.Expr) -> bool:
    for column in node.find_all(exp.Column):
        above = column.parent
        if not isinstance(above, (exp.Count, exp.Min, exp.Max)) or isinstance(above.parent, exp.Window):
            return False
    return not any(
        not isinstance(one, (exp.Count, exp.Min, exp.Max)) or isinstance(one.this, exp.Distinct)
        for one in node.find_all(exp.AggFunc)
    )
