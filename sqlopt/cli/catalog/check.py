"""``sqlopt catalog check``: say whether a catalog file can be read."""

from __future__ import annotations

import click

from sqlopt.cli.catalog.words import summary
from sqlopt.cli.common import notes, out


@click.command()
@click.argument("file", metavar="FILE")
def check(file: str) -> None:
    """Say whether FILE is a catalog that can be read; what was repaired in it is a warning."""
    from sqlopt.catalog.file import load
    from sqlopt.report.words import escape

    found = load(file)
    notes(found.warnings, "warning")
    tables = list(found.tables.values())
    sums = summary(
        len(tables),
        sum(len(table.columns) for table in tables),
        sum(table.rows or 0 for table in tables),
        sum(table.bytes or 0 for table in tables),
    )
    out([f"{escape(file)}: valid, {sums}\n"])
