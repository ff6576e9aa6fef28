"""``sqlopt catalog show``: look into a catalog."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from sqlopt.cli.common import color_option, columns, out, wants_color
from sqlopt.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType
    from rich.table import Table as Grid

    from sqlopt.catalog import Catalog, Table


@click.command()
@click.argument("table", required=False)
@click.option("--catalog", "file", metavar="FILE", help="The catalog file; else the nearest one.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to show it.")
@color_option
def show(table: str | None, file: str | None, form: str, color: str) -> None:
    """Show what is known of TABLE, or the list of tables."""
    from sqlopt.catalog.file import load, to_dict

    file = file or _nearest()
    found = load(file)
    one = _find(found, table, file) if table else None
    if form == "json":
        data: Any = to_dict(found)
        data = {one.name: data["tables"][one.name]} if one else data
        out([json.dumps(data, indent=2, ensure_ascii=False, default=str) + "\n"])
        return
    _draw(_page(one) if one else [_list(found)], colored=wants_color(color, terminal=sys.stdout.isatty()))


def _nearest() -> str:
    from sqlopt.config import Configuration

    file = Configuration().settings("any.sql").catalog
    if file is None:
        raise CatalogError("no catalog file here or above; name one with --catalog, or write one with sync")
    return str(file)


def _find(found: Catalog, name: str, file: str) -> Table:
    table = found.table(name)
    if table is None:
        from sqlopt.config import did_you_mean

        names = [known.name for known in found.tables.values()]
        raise CatalogError(f"{file}: no table {name!r}{did_you_mean(name, names)}")
    return table


def _draw(parts: list[RenderableType], *, colored: bool) -> None:
    from io import StringIO

    from rich.console import Console

    stream = StringIO()
    console = Console(
        file=stream,
        width=columns(),
        force_terminal=colored,
        no_color=not colored,
        highlight=False,
        emoji=False,
        legacy_windows=False,
    )
    for part in parts:
        console.print(part)
    out("\n".join(line.rstrip() for line in stream.getvalue().splitlines()) + "\n")


def _list(found: Catalog) -> Grid:
    from sqlopt.cost.units import human_bytes

    grid = _grid("table", "kind", "columns>", "rows>", "bytes>", "partitioned by", "clustered by")
    for table in sorted(found.tables.values(), key=lambda one: one.name):
        grid.add_row(
            *_cells(
                table.name,
                table.kind,
                len(table.columns),
                None if table.rows is None else f"{table.rows:,}",
                None if table.bytes is None else human_bytes(table.bytes),
                _partitioning(table),
                ", ".join(table.cluster_by),
            )
        )
    return grid


def _page(table: Table) -> list[RenderableType]:
    """Return a heading, the facts of the table a line each, and its columns."""
    from rich.text import Text

    from sqlopt.report.words import escape

    parts: list[RenderableType] = [Text(escape(table.name), style="bold")]
    parts += [Text(f"  {label}: {escape(str(value))}") for label, value in _facts(table) if value]
    return [*parts, _columns(table)] if table.columns else parts


def _facts(table: Table) -> Iterator[tuple[str, Any]]:
    from sqlopt.cost.units import human_bytes

    enforced = {True: " (enforced)", False: " (not enforced)", None: ""}
    yield "kind", table.kind
    yield "comment", table.comment
    yield "rows", None if table.rows is None else f"{table.rows:,}"
    yield "bytes", None if table.bytes is None else human_bytes(table.bytes)
    yield "row groups", f"{len(table.row_groups):,}" if table.row_groups else None
    yield (
        "primary key",
        ", ".join(table.primary_key) and ", ".join(table.primary_key) + enforced[table.enforced],
    )
    for key in table.unique:
        yield "unique", ", ".join(key) + enforced[table.enforced]
    for foreign in table.foreign_keys:
        target = f"{foreign.references} ({', '.join(foreign.to)})"
        yield "foreign key", f"{', '.join(foreign.columns)} → {target}{enforced[foreign.enforced]}"
    yield "partitioned by", _partitioning(table)
    yield "clustered by", ", ".join(table.cluster_by)
    for index in table.indexes:
        yield "unique index" if index.unique else "index", f"{index.method} ({', '.join(index.keys)})"
    yield "tags", ", ".join(table.tags)
    yield "row access policy", table.row_access_policy
    yield "updated", table.updated
    yield "from", table.origin


def _partitioning(table: Table) -> str:
    parts = table.partition_by
    if parts is None:
        return ""
    what = parts.expression or ", ".join(parts.columns)
    details = [parts.granularity or "", parts.kind.value if parts.kind else ""]
    details += [f"{parts.count:,} partitions"] if parts.count is not None else []
    details += ["filter required"] if parts.require_filter else []
    said = ", ".join(filter(None, details))
    return f"{what} ({said})" if said else what


def _columns(table: Table) -> Grid:
    from sqlopt.cost.units import human_bytes, human_share

    grid = _grid("column", "type", "null", "nulls>", "distinct>", "least", "greatest", "bytes>", "tags")
    null = {True: "yes", False: "no", None: ""}
    for column in table.columns.values():
        policies = [*column.tags, *filter(None, (column.policy_tag, column.masking_policy))]
        grid.add_row(
            *_cells(
                column.name,
                column.type,
                null[column.nullable],
                None if column.nulls is None else human_share(column.nulls),
                None if column.distinct is None else f"{column.distinct:,}",
                column.min,
                column.max,
                None if column.bytes is None else human_bytes(column.bytes),
                ", ".join(policies),
            )
        )
    return grid


def _grid(*headings: str) -> Grid:
    from rich import box
    from rich.table import Table as Grid

    grid = Grid(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        grid.add_column(heading.rstrip(">"), justify="right" if heading.endswith(">") else "left")
    return grid


def _cells(*values: Any) -> list[Any]:
    """Return values as text that is no markup and holds no control characters; unknown is empty."""
    from rich.text import Text

    from sqlopt.report.words import escape

    return [Text("" if value is None else escape(str(value))) for value in values]
