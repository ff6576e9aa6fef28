"""The public table: what is proved, refuted with a witness, wrong and unknown, by corpus, beside altimate-core.

``pytest tests/benchmarks/test_proofs_table.py -o addopts= -s`` prints it. altimate-core is nobody's dependency: install
it beside sqlopt with ``pip install altimate-core==0.9.0``; without it, its lines are left out. A refutation of ours
counts if its database, run in DuckDB, shows the difference; altimate-core gives no database, so its word counts.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING

import duckdb
import pytest
import sqlglot

import sqlopt
from sqlopt import Verdict
from tests.benchmarks.mutants import mutants
from tests.benchmarks.pairs import rewritten, shared

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.benchmarks.pairs import Case

CORPORA = {
    "calcite232": lambda: shared("calcite232"),
    "spark": lambda: shared("spark"),
    "traps": lambda: shared("traps"),
    "tpch rewritten": lambda: rewritten("tpch"),
    "films rewritten": lambda: rewritten("films", share=4),
    "tpcds rewritten": lambda: rewritten("tpcds", share=16),
    "tpch mutants": lambda: mutants("tpch"),
    "tpcds mutants": lambda: mutants("tpcds", each=1, share=2),
}
"""Equal and different pairs; SHARE=10 in the environment takes every tenth of each."""
SHARE = int(os.environ.get("SHARE", "1"))


def ours(case: Case) -> str:
    """The verdict of `sqlopt.prove` at default effort; ``refuted`` needs a witness that runs."""
    proof = sqlopt.prove(case.before, case.after, catalog=case.catalog, dialect=case.dialect)
    if proof.verdict is Verdict.REFUTED and not witnessed(case, proof.counterexample or ""):
        return "refuted without a witness"
    return str(proof.verdict)


def witnessed(case: Case, database: str) -> bool:
    """Whether both statements, run on the database of a counterexample, give other rows or other order."""
    with duckdb.connect(config={"threads": "1"}) as connection:
        try:
            connection.execute(database)
            before, after = (
                [repr(row) for row in connection.execute(_as_duckdb(one, case.dialect)).fetchall()]
                for one in (case.before, case.after)
            )
        except duckdb.Error:
            return False
        return Counter(before) != Counter(after) or ("ORDER BY" in case.before.upper() and before != after)


def _as_duckdb(text: str, dialect: str) -> str:
    return text if dialect == "duckdb" else sqlglot.transpile(text, read=dialect, write="duckdb")[0]


def altimate() -> Callable[[Case], str] | None:
    """Return a judge that asks altimate-core, or None where it is absent."""
    os.environ["ALTIMATE_TELEMETRY_DISABLED"] = "true"
    try:
        import altimate_core
    except ImportError:
        return None

    def judge(case: Case) -> str:
        ddl = "\n".join(
            f"CREATE TABLE {table.name} ({', '.join(f'{one.name} {one.type}' for one in table.columns.values())});"
            for table in case.catalog.tables.values()
        )
        try:
            schema = altimate_core.Schema.from_ddl(ddl, dialect="duckdb")
            found = altimate_core.check_equivalence(case.before, case.after, schema, case.dialect)
        except (RuntimeError, ValueError):
            return "unknown"
        if not found["decidable"]:
            return "unknown"
        if found["equivalent"]:
            return "proved"
        grave = any(one["severity"] == "semantic" for one in found["differences"])
        return "refuted" if grave else "unknown"  # names that differ are no other result here

    return judge


def lines(
    who: str, judge: Callable[[Case], str], corpora: dict[str, list[Case]]
) -> tuple[list[str], list[str]]:
    """Return a line for each corpus, and the pairs of which the opposite was said."""
    made, wrong = [], []
    for name, cases in corpora.items():
        said = [(case, judge(case)) for case in cases]
        counts = Counter((case.equal, verdict) for case, verdict in said)
        equal = sum(case.equal for case in cases)
        different, unsure = len(cases) - equal, counts[True, "unknown"] + counts[False, "unknown"]
        cells = (
            f"{counts[True, 'proved']} of {equal}", f"{counts[True, 'tested']}",
            f"{counts[False, 'refuted']} of {different}", f"{counts[False, 'tested']}", f"{unsure}",
            f"{counts[False, 'proved']}", f"{counts[True, 'refuted']}",
        )  # fmt: skip
        made.append(f"{who:<15}{name:<17}" + "".join(f"{one:>12}" for one in cells))
        wrong += [
            f"{who} {case.id}: {verdict}"
            for case, verdict in said
            if verdict.startswith("refuted" if case.equal else "proved")
            or (not case.equal and verdict == "refuted without a witness")
        ]
    return made, wrong


HEADS = ("equal:", "", "different:", "", "either:", "wrong:", "wrong:")
COLUMNS = ("proved", "tested", "refuted", "tested", "unknown", "proved", "refuted")


def test_the_public_table():
    corpora = {}
    for name, cases in CORPORA.items():
        try:
            corpora[name] = cases()[::SHARE]
        except pytest.skip.Exception:
            continue
    made, wrong = lines("sqlopt", ours, corpora)
    peer = altimate()
    if peer is not None:
        made += lines("altimate-core", peer, corpora)[0]
    heads = [f"{'':<32}" + "".join(f"{one:>12}" for one in row) for row in (HEADS, COLUMNS)]
    print("\n".join(["", *heads, *made]))  # noqa: T201 - a benchmark's answer
    assert wrong == []
