"""Pairs of statements with a label, and how a prover does on them.

`shared` reads the corpora beside this checkout, `rewritten` makes equal pairs of TPC-H's, TPC-DS's and our own film
queries (joins of many tables) by the rewrites of `rewritings`. `score` asks a judge about each pair, `table` writes
down what it said.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlglot

import sqlopt
from sqlopt import Catalog
from tests import tpcds, tpch
from tests.benchmarks.films import FILMS, QUERIES
from tests.benchmarks.rewritings import rewritings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import duckdb

CORPORA = Path(__file__).parents[3] / "shared" / "corpora" / "rewrites"
VERDICTS = ("proved", "tested", "refuted", "unknown")


@dataclass(frozen=True, slots=True)
class Case:
    """Two statements over a catalog; ``equal`` is the label, ``kind`` the rewrite that made the second."""

    id: str
    before: str
    after: str
    dialect: str
    catalog: Catalog
    equal: bool = True
    kind: str = ""


@dataclass(slots=True)
class Score:
    """What a judge said of the pairs of one corpus: counts by label and verdict, and the seconds it took."""

    name: str
    counts: Counter[tuple[bool, str]] = field(default_factory=Counter)
    seconds: float = 0.0
    said: dict[str, str] = field(default_factory=dict)

    def of(self, *, equal: bool) -> int:
        """How many pairs have this label."""
        return sum(self.counts[equal, one] for one in VERDICTS)

    @property
    def wrong(self) -> list[str]:
        """The pairs of which the opposite was said."""
        return [key for key, said in self.said.items() if said.startswith("wrong")]


def shared(name: str) -> list[Case]:
    """Return the pairs of a file of the corpora; skips where it is absent."""
    path = CORPORA / f"{name}.jsonl"
    if not path.exists():
        pytest.skip(f"{path} is absent")
    catalogs: dict[str, Catalog] = {}
    found = []
    for line in path.read_text().splitlines():
        one = json.loads(line)
        ddl = one["schema_ddl"]
        catalog = catalogs.setdefault(ddl, Catalog.from_ddl(ddl, "duckdb"))
        found.append(Case(one["id"], one["q1"], one["q2"], one["dialect"], catalog, one["equivalent"]))
    return found


def rewritten(name: str, *, share: int = 1) -> list[Case]:
    """Return equal pairs of ``tpch``, ``tpcds`` or ``films``; of ``share`` many, one."""
    texts, catalog = {
        "tpch": lambda: (tpch.queries(), _catalog(tpch.connect(), "dbgen")),
        "tpcds": lambda: (tpcds.queries(), _catalog(tpcds.connect(), "dsdgen")),
        "films": lambda: (QUERIES, Catalog.from_ddl(FILMS, "duckdb")),
    }[name]()
    found = []
    for place, (kind, change) in enumerate(rewritings(catalog, "duckdb").items()):
        for number, text in enumerate(texts, start=1):
            if (place + number) % share:
                continue
            after = change(sqlglot.parse_one(text, dialect="duckdb"))
            if after is not None:
                made = after.sql("duckdb")
                found.append(Case(f"{name} {number}: {kind}", text, made, "duckdb", catalog, kind=kind))
    return found


def _catalog(connection: duckdb.DuckDBPyConnection, generator: str) -> Catalog:
    """Return the tables of a generator that makes no rows, with types."""
    with connection:
        connection.execute(f"CALL {generator}(sf = 0)")
        rows = connection.execute("SELECT sql FROM duckdb_tables()").fetchall()
    return Catalog.from_ddl("\n".join(sql for (sql,) in rows), "duckdb")


def proving(case: Case) -> str:
    """Ask `sqlopt.prove` at default effort."""
    found = sqlopt.prove(case.before, case.after, catalog=case.catalog, dialect=case.dialect)
    return str(found.verdict)


def score(name: str, cases: Iterable[Case], judge: Callable[[Case], str] = proving) -> Score:
    """Ask a judge about each pair: it says one of `VERDICTS`."""
    found = Score(name)
    for case in cases:
        start = time.monotonic()
        said = judge(case)
        found.seconds += time.monotonic() - start
        found.counts[case.equal, said] += 1
        opposite = ("refuted",) if case.equal else ("proved",)
        found.said[case.id] = f"wrong: {said}" if said in opposite else said
    return found


def table(scores: Iterable[Score]) -> str:
    """Return a table of scores: of pairs labelled equal and different, how many got which verdict."""
    scores = list(scores)
    whole = sum(one.seconds for one in scores) or 1.0
    lines = [f"{'corpus':<14}{'label':<10}{'pairs':>6}" + "".join(f"{one:>9}" for one in VERDICTS) + "  time"]
    for one in scores:
        for equal in (True, False):
            if one.of(equal=equal):
                label = "equal" if equal else "different"
                counts = "".join(f"{one.counts[equal, verdict]:>9}" for verdict in VERDICTS)
                lines.append(
                    f"{one.name:<14}{label:<10}{one.of(equal=equal):>6}{counts}  {one.seconds / whole:.0%}"
                )
    return "\n".join(lines)
