"""``sqlopt prove``: whether two statements give the same result."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sqlopt.cli.common import limits_options, out, project

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.rewrite.edits import Proof

_CODES = {"proved": 0, "tested": 0, "refuted": 1, "unknown": 2}


@click.command()
@click.argument("before")
@click.argument("after")
@click.option("--catalog", metavar="FILE", help="The catalog file: types, keys, NOT NULL.")
@click.option("--dialect", metavar="NAME", help="The SQL dialect of both.")
@click.option("--config", "config_file", metavar="FILE", help="Use this configuration.")
@limits_options(least=0.05)
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

    Each is a file, '-' for standard input, or the SQL itself; of a template, as it is rendered. Catalog and dialect
    are those of the settings that hold for the file, or here. Prints how far that is known: proved, tested on
    generated databases, refuted (with a small database that shows it), or unknown (with the reason).

    Exits with 0 if it is proved or tested, 1 if refuted, 2 if unknown or something went wrong.
    """
    if before == after == "-":
        raise click.UsageError("only one of the two can be standard input")
    import sqlopt
    from sqlopt.project.proving import known_of

    files = [one for one in (before, after) if _is_file(one)]
    options = {key: given[key] for key in ("catalog", "dialect", "config_file")}
    known = known_of(project(files, options), files[0] if files else "<text>")
    proof = sqlopt.prove(
        known.query(_text(before), before if before in files else None),
        known.query(_text(after), after if after in files else None),
        catalog=known.catalog,
        dialect=known.dialect,
        effort=given["effort"],
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


def _is_file(argument: str) -> bool:
    """Whether an argument names a file, be it there or not: SQL has blanks in it."""
    return argument != "-" and (
        not any(one.isspace() for one in argument.strip()) or Path(argument).is_file()
    )


def _text(argument: str) -> str:
    """Return the SQL that an argument stands for."""
    from sqlopt.errors import SourceError
    from sqlopt.source.files import decode, read_bytes

    if argument == "-":
        return sys.stdin.buffer.read().decode("utf-8", "replace")
    if not _is_file(argument):
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
