"""Two statements compared on data of one's own: a folder of Parquet files."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sqlopt.errors import CatalogError
from sqlopt.rewrite.edits import Proof, Verdict
from sqlopt.rewrite.prove.chance import choices, random_part
from sqlopt.rewrite.prove.effort import CeilingReached, Limits, Work
from sqlopt.rewrite.prove.engine.compare import Failed, same
from sqlopt.rewrite.prove.engine.engine import Engine

if TYPE_CHECKING:
    from sqlopt.rewrite.prove.engine.compare import Row
    from sqlopt.rewrite.prove.pair import Pair

_LONGEST = 200


def with_data(proof: Proof, pair: Pair, folder: str | Path, seconds: float) -> Proof:
    """Return ``proof`` with what the data of ``folder`` say besides: they may refute it, or support it.

    A table is a file FOLDER/table.parquet or a folder of such files. Raises `CatalogError` where one is missing.
    """
    where = f"the data of {folder}"
    if any(random_part(query) is not None for query in pair.queries):
        return proof
    engine = Engine(pair, Work(Limits(seconds=seconds)), files=_relations(pair, Path(folder)))
    try:
        results = engine.run(0), engine.run(1)
        width = len(engine.names[0])
        if same(*results, engine.keys, width):
            rows = len(results[1])
            return _supported(proof, f"{where} ({rows:,} {'row' if rows == 1 else 'rows'} of result)")
        # What differs from run to run differs by the engine's choice.
        again = engine.run(0)
    except Failed as error:
        return _noted(proof, f"on {where} a statement fails: {error}")
    except CeilingReached:
        return _noted(proof, f"on {where} the statements were not done in {seconds:g} seconds")
    finally:
        engine.close()
    chosen = sorted({one for query in pair.queries for one in choices(query)})
    if chosen or not same(results[0], again):
        left = ", ".join(chosen) or "a choice of the engine"
        return replace(
            proof, verdict=Verdict.UNKNOWN, reason=f"the results differ on {where}, which may be {left}"
        )
    before = [row[:width] for row in results[0]]
    return replace(
        proof,
        verdict=Verdict.REFUTED,
        reason=f"the results differ on {where}: {_difference(before, results[1])}",
    )


def _relations(pair: Pair, folder: Path) -> dict[str, str]:
    from sqlopt.warehouses.duckdb.parquet import find_tables, relation

    found = {files.name.rsplit(".", 1)[-1].casefold(): files for files in find_tables(folder)}
    named = {key: one.label for key, one in pair.relations.items()}
    missing = [name for name in (key.rsplit(".", 1)[-1] for key in named) if name.casefold() not in found]
    if missing:
        raise CatalogError(
            f"{folder}: no files of {', '.join(missing)}; there are {', '.join(sorted(found)) or 'no tables'}"
        )
    return {label: relation(found[key.rsplit(".", 1)[-1].casefold()]) for key, label in named.items()}


def _supported(proof: Proof, where: str) -> Proof:
    if proof.verdict is Verdict.PROVED:
        return _noted(proof, f"no difference on {where} either")
    if proof.verdict is Verdict.REFUTED:
        return _noted(proof, f"no difference on {where}: it takes other rows to show it")
    if proof.verdict is Verdict.TESTED:
        return replace(proof, reason=f"{proof.reason}, nor on {where}", databases=proof.databases + 1)
    notes = (*proof.notes, f"not on generated data: {proof.reason}")
    return replace(
        proof, verdict=Verdict.TESTED, reason=f"no difference on {where}", databases=1, notes=notes
    )


def _noted(proof: Proof, note: str) -> Proof:
    return replace(proof, notes=(*proof.notes, note))


def _difference(before: list[Row], after: list[Row]) -> str:
    """Say in a line how two results differ."""
    if len(before) != len(after):
        return f"{len(before):,} rows before, {len(after):,} after"
    left, right = Counter(map(repr, before)), Counter(map(repr, after))
    only = next(iter(left - right), None)
    other = next(iter(right - left), None)
    if only is None or other is None:
        return "the order"
    return f"{only[:_LONGEST]} before, {other[:_LONGEST]} after"
