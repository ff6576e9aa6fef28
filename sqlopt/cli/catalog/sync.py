"""``sqlopt catalog sync``: fill a catalog from a warehouse, a database file, or a folder of data."""

from __future__ import annotations

import sys
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Final

import click

from sqlopt.cli.catalog.words import summary
from sqlopt.cli.common import notes, out

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlopt.catalog import Catalog
    from sqlopt.catalog.sync import Outcome, Progress
    from sqlopt.warehouses.address import Address

_DBT: Final = "dbt"
"""The one kind that is no warehouse's: what a project says of its own tables."""

_SOURCES: Final = """duckdb:FILE, parquet:FOLDER, spark:FILE, dbt:FOLDER, postgresql://HOST/DATABASE[/SCHEMA],
snowflake://ACCOUNT/DATABASE[/SCHEMA] or bigquery://PROJECT[/DATASET]"""


@click.command()
@click.argument("source", metavar="SOURCE", required=False)
@click.option("-o", "--output", default="catalog.yml", metavar="FILE", show_default=True, help="Where to.")
@click.option("--include", multiple=True, metavar="GLOB", help="Only tables of these dotted names.")
@click.option("--exclude", multiple=True, metavar="GLOB", help="Not tables of these dotted names.")
@click.option("--full", is_flag=True, help="Read everything again, also what did not change.")
@click.option(
    "--values", is_flag=True, help="DuckDB and Parquet: frequent values and quantiles, too. They are data."
)
@click.option("--profile", metavar="NAME", help="Connect as this profile of dbt's profiles.yml does.")
@click.option("--target", metavar="NAME", help="The profile's target, else its default.")
@click.option("--profiles-dir", metavar="FOLDER", help="Where profiles.yml lies.")
def sync(  # noqa: PLR0913, PLR0917 - one argument an option
    source: str | None,
    output: str,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    full: bool,
    values: bool,
    profile: str | None,
    target: str | None,
    profiles_dir: str | None,
) -> None:
    """Read SOURCE into a catalog file.

    SOURCE is duckdb:FILE, parquet:FOLDER, spark:FILE (what DESCRIBE EXTENDED or SHOW CREATE TABLE printed),
    dbt:FOLDER (what a project's tests, contracts and target/catalog.json say),
    postgresql://HOST/DATABASE[/SCHEMA], snowflake://ACCOUNT/DATABASE[/SCHEMA] or bigquery://PROJECT[/DATASET].

    Of a live warehouse only metadata is read, and only of tables that changed since the file was written. A
    run that is killed goes on where it was. Credentials are those that the client finds by itself:
    connections.toml, application default credentials, PG* variables, .pgpass.
    """
    from sqlopt.report.words import escape
    from sqlopt.warehouses.address import Address

    if (source is None) == (profile is None):
        raise click.UsageError("name a SOURCE or a --profile")
    if profile is not None:
        from sqlopt.source.profiles import load_profile

        address = load_profile(profile, target, profiles_dir)
    else:
        address = _address(str(source))
    with _bar() as progress:
        done = (
            _live(address, output, include, exclude, full, progress)
            if isinstance(address, Address)
            else _files(address[0], address[1], output, include, exclude, progress, values=values)
        )
    notes(done.warnings, "warning")
    kept = f"; {done.kept:,} unchanged" if done.kept else ""
    out([f"{escape(output)}: {summary(done.tables, done.columns, done.rows, done.bytes)}{kept}\n"])


def _address(source: str) -> Address | tuple[str, str]:
    """Return a live address, or the kind and path of something that lies on disk."""
    from sqlopt.warehouses.address import Address
    from sqlopt.warehouses.live import ENGINES, FILES

    kind, colon, rest = source.partition(":")
    if kind in ENGINES and rest.startswith("//"):
        return Address.parse(source)
    if colon and rest and (kind in FILES or kind == _DBT):
        return kind, rest
    raise click.UsageError(f"SOURCE is {_SOURCES}, not {source.partition('@')[2] or source!r}")


def _live(  # noqa: PLR0913, PLR0917 - the command's options
    address: Address,
    output: str,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    full: bool,
    progress: Progress,
) -> Outcome:
    from sqlopt.catalog.sync import sync as fill
    from sqlopt.warehouses.live import open_reader

    with closing(open_reader(address)) as reader:
        return fill(reader, output, include=include, exclude=exclude, full=full, progress=progress)


def _files(  # noqa: PLR0913, PLR0917 - the command's options
    kind: str,
    path: str,
    output: str,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    progress: Progress,
    *,
    values: bool,
) -> Outcome:
    from sqlopt.catalog.file import dump
    from sqlopt.catalog.sync import Outcome, chosen
    from sqlopt.warehouses.live import read_files

    found = chosen(
        _dbt(path) if kind == _DBT else read_files(kind, path, progress, values=values), include, exclude
    )
    dump(found, output)
    tables = list(found.tables.values())
    return Outcome(
        len(tables),
        0,
        sum(len(table.columns) for table in tables),
        sum(table.rows or 0 for table in tables),
        sum(table.bytes or 0 for table in tables),
        found.warnings,
    )


def _dbt(path: str) -> Catalog:
    from sqlopt.catalog import Catalog
    from sqlopt.errors import CatalogError
    from sqlopt.source import dbt

    folder = dbt.find(f"{path}/dbt_project.yml")
    if folder is None:
        raise CatalogError(f"{path}: there is no dbt_project.yml")
    found = dbt.project(folder).catalog(Catalog())
    if not found.tables:
        raise CatalogError(
            f"{path}: the project has neither target/catalog.json (dbt docs generate) nor tests"
        )
    return found


@contextmanager
def _bar() -> Iterator[Callable[[str, int, int], None]]:
    """Show a bar on standard error, where that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None)

        def step(name: str, done: int, total: int) -> None:
            bar.update(task, description=escape(name), completed=done, total=total)

        yield step
