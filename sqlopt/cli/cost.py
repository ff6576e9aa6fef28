"""``sqlopt cost``: bytes, credits and money, a run and a month."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sqlopt.cli.common import notes, out, project, project_options, save
from sqlopt.report.cost import FORMATS, render

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlopt.project import Project
    from sqlopt.project.costing import CostReport

_TERMS = (
    "runs_per_month", "warehouse", "kind", "clusters", "edition", "currency", "exchange", "per_credit", "per_tib",
    "per_hour", "slots", "history",
)  # fmt: skip


@click.command()
@click.argument("paths", nargs=-1)
@click.option(
    "--runs-per-month", type=float, metavar="N", help="How often each runs; else its schedule says."
)
@click.option("--warehouse", metavar="SIZE", help="Snowflake: XS to 6XL.")
@click.option(
    "--kind", type=click.Choice(("standard", "snowpark", "gen2")), help="Snowflake: the warehouse's kind."
)
@click.option(
    "--clusters", type=click.IntRange(min=1), metavar="N", help="Snowflake: clusters that run at once."
)
@click.option("--edition", metavar="NAME", help="standard, enterprise, business_critical or enterprise_plus.")
@click.option("--currency", metavar="CODE", help="The currency of prices; needs --exchange.")
@click.option("--exchange", type=float, metavar="RATE", help="What one USD is in the currency.")
@click.option("--per-credit", type=float, metavar="PRICE", help="Your contract's price of a credit.")
@click.option("--per-tib", type=float, metavar="PRICE", help="Your price of a TiB scanned.")
@click.option("--per-hour", type=float, metavar="PRICE", help="Your price of an hour of the machine.")
@click.option(
    "--slots", type=click.IntRange(min=1), metavar="N", help="BigQuery: reserved slots, not on demand."
)
@click.option("--history", metavar="FILE", help="CSV or Parquet of what statements took, to fit seconds to.")
@click.option(
    "--dry-run", metavar="URL", help="Ask this warehouse too, by EXPLAIN or a dry run; nothing is run."
)
@click.option("--storage", is_flag=True, help="What a month of storing the catalog's tables costs, instead.")
@click.option("--backfill", metavar="DAY..DAY", help="What rebuilding one model for these days costs.")
@click.option(
    "--sort", type=click.Choice(("cost", "path")), default="cost", help="The costliest first, or by place."
)
@click.option("--top", type=click.IntRange(min=1), metavar="N", help="Show only the first N statements.")
@click.option("--show-unread", is_flag=True, help="List the places that were not read.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", help="How to show it.")
@click.option("-o", "--output", metavar="FILE", help="Write to this file.")
@project_options
def cost(paths: tuple[str, ...], **given: Any) -> None:
    """Show what the statements of PATHS ('.' by default, '-' for standard input) cost.

    Bytes come from the catalog, prices from dated price lists or from [pricing] in the settings, which has the
    same keys as the options here. What nothing is known of is unknown, and left out of the sums. Runs a month come
    from Airflow's and SQLMesh's schedules where there are any.
    """
    form, output, order, top = (given.pop(key) for key in ("form", "output", "sort", "top"))
    every = given.pop("show_unread")
    url, days, stored = given.pop("dry_run"), given.pop("backfill"), given.pop("storage")
    terms = {key.replace("_", "-"): given.pop(key) for key in _TERMS}
    given["pricing"] = {key: value for key, value in terms.items() if value is not None}
    one = project(() if paths == ("-",) else paths, given)
    if stored:
        from sqlopt.report.cost import storage

        _put(storage.render(one.storage(), form, top), output)
        return
    if days is not None:
        _rebuild(one, paths, days, form, output)
        return
    found = _report(one, paths or (".",))
    if url is not None:
        found = _asked(found, url)
    if order == "cost":
        found = found.by_cost()
    _put(render(found, form, top, show_unread=every), output)
    notes(found.problems, "warning")


def _put(pieces: Iterable[str], output: str | None) -> None:
    if output is None:
        out(pieces)
    else:
        save(Path(output), pieces)


def _rebuild(one: Project, paths: tuple[str, ...], days: str, form: str, output: str | None) -> None:
    from sqlopt.report.cost import backfill

    if len(paths) != 1:
        raise click.UsageError("--backfill goes with one model: its file or its name")
    if form not in ("text", "json"):
        raise click.UsageError("--backfill goes with the formats text and json")
    _put(backfill.render(one.backfill(paths[0], days), form), output)


def _report(one: Project, paths: tuple[str, ...]) -> CostReport:
    if paths == ("-",):
        return one.cost_text(sys.stdin.buffer.read().decode("utf-8", "replace"), "<stdin>")
    return one.cost_paths(paths, _progress())


def _asked(report: CostReport, url: str) -> CostReport:
    from contextlib import closing

    from sqlopt.warehouses.address import Address
    from sqlopt.warehouses.dry_run import open_dry_run

    with closing(open_dry_run(Address.parse(url))) as warehouse:
        return report.asked(warehouse, _progress())


def _progress() -> Callable[[int, int], None]:
    if not sys.stderr.isatty():
        return lambda *_: None
    from sqlopt.cli.progress import Bar

    return Bar()
