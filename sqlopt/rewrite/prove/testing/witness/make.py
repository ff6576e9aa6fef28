"""Databases made of rows that a statement's result needs, with their near misses and copies."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlopt.catalog import Catalog, Column, Table
from sqlopt.query.understand import understand
from sqlopt.rewrite.prove.engine.columns import declared
from sqlopt.rewrite.prove.testing.witness.fill import Filling
from sqlopt.rewrite.prove.testing.witness.reading import Reader
from sqlopt.rewrite.prove.testing.witness.sketch import Opaque
from sqlopt.rewrite.prove.testing.witness.solve import Solver

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlopt.rewrite.prove.pair import Pair
    from sqlopt.rewrite.prove.testing.databases import Database
    from sqlopt.rewrite.prove.testing.domain import Domains
    from sqlopt.rewrite.prove.testing.witness.sketch import Drawn
    from sqlopt.rewrite.prove.testing.witness.solve import Part, Solved, Values

_ATTEMPTS = 8
_HALF = 0.5
_SOME = 0.3
_MOST_ROWS = 120  # of a database, before copies
_MOST_NODES = 20_000  # of a statement


@dataclass(frozen=True, slots=True)
class Style:
    """What a database holds: whose witnesses, and how many changed copies of each.

    ``rows`` are copies of one row with other values of its own, ``parts`` witnesses with another solution, ``misses``
    such as break one condition, ``nulls`` rows with a NULL, ``twins`` rows that are there twice.
    """

    sides: tuple[int, ...]
    rows: int = 0
    parts: int = 0
    misses: int = 0
    nulls: int = 0
    twins: int = 0


STYLES = (
    Style((0,)),
    Style((1,), rows=1),
    Style((0,), misses=3),
    Style((1,), misses=3),
    Style((0,), rows=3, nulls=1),
    Style((1, 0), rows=2, twins=1),
    Style((0,), parts=2, misses=1),
    Style((0, 1), rows=2, parts=2, misses=2, nulls=1),
    Style((1,), rows=2, parts=1, nulls=2, twins=2),
    Style((0, 0), rows=2, misses=2, twins=1),
    Style((1, 0, 1), parts=2, misses=4, rows=3),
)


class Witnesses:
    """Makes databases on which the statements of a pair give rows; the same seed makes the same ones.

    ``texts`` are the statements in DuckDB's SQL, ``ask`` runs a question in the engine, None where it fails; ``most``
    is how many rows each table may have for all of their combinations to be looked at.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what databases are made of
        self,
        pair: Pair,
        domains: Domains,
        texts: list[str],
        ask: Callable[[str], list[tuple[Any, ...]] | None],
        most: int,
        seed: int,
    ) -> None:
        self.pair = pair
        self.domains = domains
        self.random = random.Random(seed)  # noqa: S311 - chance makes test data here, no secrets
        self.most = most
        self.solver = Solver(pair, domains, ask)
        tables = [
            Table(one.label, columns={f.name: Column(f.name, declared(f)) for f in one.fields})
            for one in pair.relations.values()
        ]
        catalog = Catalog(tables, "duckdb")
        keys = {one.label.casefold(): key for key, one in pair.relations.items()}
        columns = {
            key: [f.name.casefold() for f in one.fields if f.read] for key, one in pair.relations.items()
        }
        self.readers: list[Reader | None] = []
        for text in texts:
            found = understand(text, "duckdb", catalog)
            alone = len(found) == 1 and sum(1 for _ in found[0].tree.walk()) < _MOST_NODES
            self.readers.append(Reader(found[0], keys, columns, self.random) if alone else None)
        self.made = 0

    def next(self) -> Database | None:
        """Return one more database, or None where no witness was found for it."""
        style = STYLES[self.made % len(STYLES)]
        self.made += 1
        filling = Filling(self.pair, self.domains, self.random, self.most)
        found = False
        for side in style.sides:
            solved = self._solved(side)
            if solved is not None:
                _Witness(solved, self.solver, filling).fill(style)
                found = True
        return filling.rows if found else None

    def _solved(self, side: int) -> Solved | None:
        reader = self.readers[side]
        if reader is None:
            return None
        for attempt in range(_ATTEMPTS):
            try:
                sketch = reader.read(sharing=attempt < _ATTEMPTS // 3)
            except Opaque:
                continue
            solved, blamed = self.solver.solve(sketch, partly=attempt == _ATTEMPTS - 1)
            if solved is not None:
                return solved
            reader.choices.blame(blamed)
        return None


class _Witness:
    """Fills a database with the rows of a solved sketch, and with changed copies of them."""

    def __init__(self, solved: Solved, solver: Solver, filling: Filling) -> None:
        self.solved = solved
        self.solver = solver
        self.filling = filling
        self.chance = filling.chance
        self.rows = solved.sketch.rows
        self.times = Counter(solved.root(name) for row in self.rows for name in row.cells.values())
        self.values: Values = {}
        for part in solved.parts:
            self._choose(part, self.values)
        for root in self.times:
            if root not in self.values:
                self.values[root] = self._free(root)

    def fill(self, style: Style) -> None:
        """Add the rows, then the copies that ``style`` asks for."""
        self._add_all(self.values)
        if not self.rows or self.filling.size > _MOST_ROWS:
            return
        for _ in range(style.rows):
            self._another_row()
        for _ in range(style.parts):
            self._another_witness()
        for _ in range(style.misses if self.solved.parts else 0):
            self._miss()
        for _ in range(style.nulls):
            row = self.chance.choice(self.rows)
            null = self.chance.choice(list(row.cells)) if row.cells else ""
            self.filling.add(row, self._cells(row, self.values), null=null)
        for _ in range(style.twins):
            row = self.chance.choice(self.rows)
            self.filling.add(row, self._cells(row, self.values), new_keys=True, twin=True)

    def _another_row(self) -> None:
        """Add a row that joins what another joins, with values of its own."""
        row = self.chance.choice(self.rows)
        again = dict(self.values)
        for name in row.cells.values():
            root = self.solved.root(name)
            if self.times[root] == 1 and self.chance.random() < _HALF:
                again[root] = self._free(root)
        for part in self.solved.parts:
            if all(self.times[one] <= 1 for one in part.names) and self.chance.random() < _HALF:
                self._choose(part, again)
        self.filling.add(row, self._cells(row, again), new_keys=True)

    def _another_witness(self) -> None:
        """Add another solution, with some values that are the same."""
        again = dict(self.values)
        for root in self.times:
            if self.chance.random() < _SOME:
                again[root] = self._free(root)
        for part in self.solved.parts:
            if self.chance.random() < _HALF:
                self._choose(part, again)
            else:
                again.update({one: self.values[one] for one in part.names})
        self._add_all(again)

    def _miss(self) -> None:
        """Add a witness that breaks one condition, with keys of its own in half of the cases."""
        part = self.chance.choice(self.solved.parts)
        broken = self.solver.negated(self.solved, part, self.chance.randrange(len(part.conditions)))
        if not broken:
            return
        again = dict(self.values)
        again.update(zip(part.names, self.chance.choice(broken), strict=True))
        if self.chance.random() < _HALF:
            bound = {one for part in self.solved.parts for one in part.names}
            again.update(
                {root: self._free(root) for root, n in self.times.items() if n > 1 and root not in bound}
            )
        self._add_all(again)

    def _choose(self, part: Part, values: Values) -> None:
        # Those nearest to what the conditions say come first, and are taken more often.
        place = int(len(part.solutions) * self.chance.random() ** 2)
        values.update(zip(part.names, part.solutions[place], strict=True))

    def _free(self, root: str) -> Any:
        filled = any(self.solved.root(one) == root for one in self.solved.filled)
        return self.filling.free(self.solved.places_of(root), self.times[root], filled=filled)

    def _cells(self, row: Drawn, values: Values) -> dict[str, Any]:
        return {name: values.get(self.solved.root(one)) for name, one in row.cells.items()}

    def _add_all(self, values: Values) -> None:
        for row in self.rows:
            self.filling.add(row, self._cells(row, values))
