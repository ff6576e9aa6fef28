"""``sqlopt catalog``: fill a catalog, look into it, check it, compare two."""

import click

from sqlopt.cli.catalog.check import check
from sqlopt.cli.catalog.diff import diff
from sqlopt.cli.catalog.show import show
from sqlopt.cli.catalog.sync import sync


@click.group()
def catalog() -> None:
    """Write a catalog of tables, look into it, check it, compare two."""


for _command in (sync, show, check, diff):
    catalog.add_command(_command)
