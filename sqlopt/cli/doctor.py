"""``sqlopt doctor``: whether everything that a check needs is there and whole."""

from __future__ import annotations

import platform
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import sqlopt
from sqlopt.cli.common import project, project_options
from sqlopt.errors import SqloptError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlopt.project import Project

Line = tuple[bool, str, str]
"""(whether it is well, what was looked at, what was found)."""


@click.command()
@project_options
def doctor(**given: Any) -> None:
    """Look at versions, configuration, catalog, rules and cache. Exits with 2 if one is broken."""
    broken = False
    checks: tuple[Callable[[Project], Iterator[Line]], ...] = (_configuration, _rules, _catalog, _cache)
    lines = [*_versions()]
    try:
        one = project((), given)
        for look in checks:
            try:
                lines += look(one)
            except SqloptError as error:
                lines.append((False, look.__name__.strip("_"), str(error)))
    except SqloptError as error:
        lines.append((False, "configuration", str(error)))
    for well, what, found in lines:
        broken |= not well
        click.echo(f"{'ok   ' if well else 'BROKEN'} {what + ':':<15} {found}")
    sys.exit(2 if broken else 0)


def _versions() -> Iterator[Line]:
    from importlib.metadata import PackageNotFoundError, version

    yield True, "sqlopt", f"{sqlopt.__version__} on Python {platform.python_version()}, {platform.system()}"
    for package in ("sqlglot", "duckdb"):
        try:
            yield True, package, version(package)
        except PackageNotFoundError:
            yield False, package, "is not installed"
    try:
        yield True, "sqlglotc", f"{version('sqlglotc')} (compiled parser)"
    except PackageNotFoundError:
        yield True, "sqlglotc", "not installed: parsing takes several times as long; pip install 'sqlglot[c]'"


def _configuration(one: Project) -> Iterator[Line]:
    found = one.configuration
    yield True, "configuration", found.origin if found else "none found, the defaults hold"


def _rules(one: Project) -> Iterator[Line]:
    rows = one.rule_table()
    packs = sorted({row["pack"] for row in rows})
    yield True, "packs", ", ".join(packs)
    yield True, "rules", f"{len(rows)}, of which {sum(row['selected'] for row in rows)} are selected"


def _catalog(one: Project) -> Iterator[Line]:
    path = one.settings("x.sql").catalog
    if path is None:
        yield True, "catalog", "none found: nothing can be priced; `sqlopt catalog sync` writes one"
        return
    catalog = one.open_catalog(path)
    written = datetime.fromtimestamp(Path(path).stat().st_mtime, UTC)
    dates = [table.updated for table in catalog.tables.values() if table.updated]
    newest = max((one if one.tzinfo else one.replace(tzinfo=UTC) for one in dates), default=written)
    age = (datetime.now(UTC) - newest).days
    when = "today" if age <= 0 else "yesterday" if age == 1 else f"{age} days old"
    yield True, "catalog", f"{path}: {len(catalog.tables)} tables, {when}"


def _cache(one: Project) -> Iterator[Line]:
    well, found = one.cache_state()
    yield well, "cache", found
