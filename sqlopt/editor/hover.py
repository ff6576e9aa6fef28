"""What stands under the cursor, in Markdown: findings, a table and what is read of it, a column and its lineage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types
from sqlglot import exp

from sqlopt.cost.units import human_bytes, human_share
from sqlopt.editor.names import Name, name_at
from sqlopt.editor.prices import cost_of, priced
from sqlopt.query.bind.model import BoundTo, SourceKind
from sqlopt.report.words import escape, saves_words
from sqlopt.warehouses.pruning import Prunes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.catalog import Table
    from sqlopt.editor.analysis import Analysis, Spot
    from sqlopt.editor.lineage import ProjectLineage
    from sqlopt.query import Query
    from sqlopt.query.bind.model import Source
    from sqlopt.query.scan import Scan
    from sqlopt.rules.finding import Finding

_MOST = 8
"""Columns of lineage that are shown in each direction."""
_VERDICTS = {
    Prunes.YES: "partitions are pruned",
    Prunes.PARTIALLY: "partitions are pruned in part",
    Prunes.NO: "no partition is pruned",
    Prunes.AT_RUN_TIME: "partitions are pruned at run time, as far as its values allow",
    Prunes.UNKNOWN: "whether partitions are pruned is not known",
}


def hover(analysis: Analysis, offset: int, lineage: ProjectLineage | None) -> types.Hover | None:
    """Return what is to be said of a place of a document; None where there is nothing."""
    result = analysis.result
    parts = [_finding(one) for one in (*result.errors, *result.findings) if _holds(one, offset)]
    spot = analysis.spot(offset)
    place = None
    if spot is not None:
        name = name_at(spot)
        if name is not None:
            place = spot.place(name.span)
            parts += list(_of_name(spot, name, lineage))
        if _is_first_word(spot):
            parts += list(_of_statement(analysis, spot))
    if not parts:
        return None
    text = "\n\n---\n\n".join(parts)
    shown = analysis.document.places.range(place) if place is not None else None
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text), shown)


def _holds(finding: Finding, offset: int) -> bool:
    return finding.span.start <= offset <= max(finding.span.end, finding.span.start + 1)


def _finding(finding: Finding) -> str:
    lines = [f"**{finding.rule} {finding.name}** ({finding.severity}): {markdown(finding.message)}"]
    if finding.saving is not None:
        lines.append(f"saves {markdown(saves_words(finding))}, by {finding.saving.basis}")
    lines += [f"- {markdown(label)}: {markdown(value)}" for label, value in finding.evidence]
    return "\n\n".join(lines[:2]) + "".join(f"\n{line}" for line in lines[2:])


def markdown(text: str) -> str:
    """Return text with what Markdown or HTML would take for its own made harmless."""
    shown = escape(text)
    for char in "\\`*_{}[]<>|#":
        shown = shown.replace(char, f"\\{char}")
    return shown


def code(text: str) -> str:
    """Return text as a piece of code."""
    return f"`{escape(text).replace('`', chr(39))}`"


def _is_first_word(spot: Spot) -> bool:
    tokens = spot.query.tokens
    return bool(tokens) and tokens[0].start <= spot.offset <= tokens[0].end + 1


def _of_statement(analysis: Analysis, spot: Spot) -> Iterator[str]:
    found = cost_of(analysis, spot)
    if found is not None:
        lines = [f"**A run**: {markdown(priced(found))}"]
        lines += [f"- not known: {markdown(one)}" for one in found.unknown]
        lines += [f"- {markdown(one)}" for one in found.because]
        yield "\n".join(lines)


def _of_name(spot: Spot, name: Name, lineage: ProjectLineage | None) -> Iterator[str]:
    if name.source is not None and name.column is None:
        yield from _of_source(spot.query, name.source)
        if name.source.kind is SourceKind.TABLE:
            yield from _downstream(lineage, _full(name.source), "")
    elif name.column is not None:
        yield from _of_column(spot, name, lineage)
    elif name.scope is not None:
        columns = ", ".join(code(one.name) for one in name.scope.outputs if one.name)
        yield f"**CTE** {code(name.text)}: {columns}" + (
            ", and more that are not known" if name.scope.open else ""
        )


def _full(source: Source) -> str:
    return source.table.name if source.table is not None else source.table_name


def _of_source(query: Query, source: Source) -> Iterator[str]:
    if source.kind is SourceKind.QUERY and source.inner is not None:
        columns = ", ".join(code(one.name) for one in source.inner.outputs if one.name)
        kind = "CTE" if source.is_cte else "derived table"
        yield f"**{kind}** {code(source.table_name or source.name)}: {columns}"
        return
    if source.kind is not SourceKind.TABLE:
        return
    if source.table is None:
        yield f"**table** {code(source.table_name)}: not in the catalog"
        return
    yield _table(source.table)
    scan = next((one for one in query.scans if one.source is source), None)
    if scan is not None:
        yield from _scan(scan)


def _table(table: Table) -> str:
    lines = [f"**{table.kind}** {code(table.name)}"]
    sizes = []
    if table.rows is not None:
        sizes.append(f"{table.rows:,} rows")
    if table.bytes is not None:
        sizes.append(human_bytes(table.bytes))
    if sizes:
        lines.append(", ".join(sizes))
    if table.partition_by is not None:
        how = f" by {table.partition_by.granularity}" if table.partition_by.granularity else ""
        lines.append(f"partitioned by {', '.join(map(code, table.partition_by.columns))}{how}")
    if table.cluster_by:
        lines.append(f"clustered by {', '.join(map(code, table.cluster_by))}")
    if table.primary_key:
        lines.append(f"primary key {', '.join(map(code, table.primary_key))}")
    if table.comment:
        lines.append(markdown(table.comment))
    return "  \n".join(lines)


def _scan(scan: Scan) -> Iterator[str]:
    from sqlopt.cost.bytes import scan_bytes

    lines = []
    read = scan_bytes(scan)
    if read is not None:
        low, high = human_bytes(read.now.low), human_bytes(read.now.high)
        lines.append(f"**reads** {low if low == high else f'{low} to {high}'} ({read.now.basis})")
    if scan.table is not None and scan.table.partition_by is not None:
        pruning = scan.pruning
        left = f", {human_share(pruning.share)} of them left" if pruning.share is not None else ""
        lines.append(f"**{_VERDICTS[pruning.verdict]}**{left}: {markdown(pruning.why)}")
        lines += [f"- in the way: {code(scan.query.text(one.at))}" for one in pruning.blockers]
    if lines:
        yield "  \n".join(lines)


def _of_column(spot: Spot, name: Name, lineage: ProjectLineage | None) -> Iterator[str]:
    query = spot.query
    assert name.column is not None  # noqa: S101 - for mypy; the caller has asked
    origin = None
    if name.source is not None:
        origin = query.origin_of(name.source, name.column)
    elif name.node is not None:
        origin = query.origin(name.node)
    yield from _type(query, name, origin)
    if isinstance(origin, tuple):
        yield from _downstream(lineage, _full(origin[0]), origin[1])
    if lineage is not None and isinstance(origin, tuple):
        above = lineage.above(_full(origin[0]), origin[1])
        if above:
            yield _listed("**comes from**", above)


def _type(query: Query, name: Name, origin: tuple[Source, str] | exp.Expr | None) -> Iterator[str]:
    where = name.column or ""
    if isinstance(origin, tuple):
        source, column_name = origin
        column = source.column(column_name)
        known = f"{_full(source)}.{column.name if column is not None else column_name}"
        lines = [f"**column** {code(known)}"]
        if column is not None:
            facts = [column.type or "type not known"]
            if column.nullable is not None:
                facts.append("nullable" if column.nullable else "not null")
            if column.distinct is not None:
                facts.append(f"{column.distinct:,} distinct values")
            if column.min is not None and column.max is not None:
                facts.append(f"{column.min} to {column.max}")
            facts += [f"tag {one}" for one in column.tags]
            lines.append(markdown(", ".join(facts)))
            if column.comment:
                lines.append(markdown(column.comment))
        yield "  \n".join(lines)
        return
    if isinstance(origin, exp.Expr):
        yield f"**column** {code(where)} is {code(_short(query.text(origin)))}"
        feeds = _feeds(query, origin)
        if feeds:
            yield _listed("**comes from**", feeds)
        return
    binding = query.binding(name.node) if name.node is not None else None
    if binding is not None and binding.to is BoundTo.UNRESOLVED:
        yield f"**column** {code(where)}: no table of this query is known to have it"
    else:
        yield f"**column** {code(where)}"


def _feeds(query: Query, node: exp.Expr) -> list[str]:
    """Return the base columns that an expression is made from."""
    found: dict[str, None] = {}
    waiting: list[exp.Expr] = [node]
    seen: set[int] = set()
    while waiting and len(seen) < 500:  # noqa: PLR2004 - enough to be shown
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        for column in one.find_all(exp.Column):
            origin = query.origin(column)
            if origin is not None:
                found[f"{_full(origin[0])}.{origin[1]}"] = None
                continue
            binding = query.binding(column)
            if binding is not None and binding.source is not None:
                step = query.origin_of(binding.source, binding.name)
                if isinstance(step, exp.Expr):
                    waiting.append(step)
    return list(found)


def _downstream(lineage: ProjectLineage | None, table: str, column: str) -> Iterator[str]:
    below = lineage.below(table, column) if lineage is not None else []
    if below:
        yield _listed("**feeds**", below)


def _listed(title: str, names: list[str]) -> str:
    more = f", and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return f"{title} {', '.join(map(code, names[:_MOST]))}{more}"


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 120 else f"{words[:119]}…"  # noqa: PLR2004 - what a hover shows well
