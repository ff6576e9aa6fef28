"""``sqlopt prove``: whether two statements give the same result."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sqlopt.cli.common import out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.rewrite.edits import Proof

_CODES = {"proved": 0, "tested": 0, "refuted": 1, "unknown": 2}


@click.command()
@click.argument("before")
@click.argument("after")
@click.option("--catalog", "catalog_file", metavar="FILE", help="The catalog file: types, keys, NOT NULL.")
@click.option(
    "--dialect", metavar="NAME", help="The SQL dialect of both; by default the catalog's, else duckdb."
)
@click.option(
    "--seconds", type=click.FloatRange(min=0.05), default=1.0, show_default=True, help="How long to test."
)
@click.option(
    "--data",
    metavar="parquet:FOLDER",
    help="Run both on your own data too: FOLDER holds a Parquet file, or a folder of them, for each table.",
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print it."
)
def prove(before: str, after: str, **given: Any) -> None:
    """Say whether the query AFTER gives the same result as BEFORE.

    Each is a file, '-' for standard input, or the SQL itself. Prints how far that is known: proved, tested on
    generated databases, refuted (with a small database that shows it), or unknown (with the reason).

    Exits with 0 if it is proved or tested, 1 if refuted, 2 if unknown or something went wrong.
    """
    if before == after == "-":
        raise click.UsageError("only one of the two can be standard input")
    import sqlopt

    catalog = sqlopt.Catalog.load(given["catalog_file"]) if given["catalog_file"] else sqlopt.Catalog()
    dialect = given["dialect"] or catalog.dialect or "duckdb"
    proof = sqlopt.prove(
        _text(before),
        _text(after),
        catalog=catalog,
        dialect=dialect,
        seconds=given["seconds"],
        data=_folder(given["data"]),
    )
    out(_json(proof) if given["form"] == "json" else _lines(proof))
    sys.exit(_CODES[proof.verdict])


def _folder(given: str | None) -> str | None:
    """Return the folder that --data names."""
    if given is None:
        return None
    kind, _, folder = given.partition(":")
    if kind != "parquet" or not folder:
        raise click.UsageError(f"--data {given}: write parquet:FOLDER")
    if not Path(folder).exists():
        raise click.UsageError(f"--data {given}: there is no {folder}")
    return folder


def _text(argument: str) -> str:
    """Return the SQL that an argument stands for."""
    from sqlopt.errors import SourceError
    from sqlopt.source.files import decode, read_bytes

    if argument == "-":
        return sys.stdin.buffer.read().decode("utf-8", "replace")
    if any(one.isspace() for one in argument.strip()) and not Path(argument).is_file():
        return argument
    data, problem = read_bytes(argument)
    if problem is not None:
        raise SourceError(f"{argument}: {problem.message}")
    return decode(data)[0]


def _json(proof: Proof) -> Iterator[str]:
    yield json.dumps(
        {
            "verdict": str(proof.verdict),
            "reason": proof.reason,
            "premises": list(proof.premises),
            "databases": proof.databases,
            "counterexample": proof.counterexample,
            "notes": list(proof.notes),
        },
        indent=2,
    )
    yield "\n"


def _lines(proof: Proof) -> Iterator[str]:
    from sqlopt.report.words import visible

    yield f"{proof.verdict}: {visible(proof.reason)}\n"
    for premise in proof.premises:
        yield f"  premise: {visible(premise)}\n"
    for note in proof.notes:
        yield f"  note: {visible(note)}\n"
    if proof.counterexample:
        yield "\n"
        for line in proof.counterexample.split("\n"):
            yield visible(line) + "\n"
