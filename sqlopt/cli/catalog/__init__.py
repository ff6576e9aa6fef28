"""``sqlopt catalog``: fill a catalog, look into it, check it, compare two."""

import click

from sqlopt.cli.catalog.check import check
from sqlopt.cli.catalog.show import show
from sqlopt.cli.catalog.sync import sync


@click.group()
def catalog() -> None:
    """Write a catalog of tables, look into it, check it."""


for _command in (sync, show, check):
    catalog.add_command(_command)
