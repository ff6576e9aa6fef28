"""Databases made of rows that a statement's result needs, with their near misses and copies."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlopt.catalog import Catalog, Column, Table
from sqlopt.query.understand import understand
from sqlopt.rewrite.prove.columns import declared, filler, fitted, unread
from sqlopt.rewrite.prove.witness.reading import Reader
from sqlopt.rewrite.prove.witness.sketch import Drawn, Opaque
from sqlopt.rewrite.prove.witness.solve import Solver

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlopt.rewrite.prove.databases import Database, Row
    from sqlopt.rewrite.prove.domain import Domains
    from sqlopt.rewrite.prove.pair import Pair
    from sqlopt.rewrite.prove.witness.solve import Part, Solved, Values

_ATTEMPTS = 8
_ROOMY = 12
_TIGHT = 3
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


@dataclass(slots=True)
class _Filling:
    """A database being filled: the rows, and the keys taken."""

    rows: Database
    taken: dict[str, list[dict[Row, Row]]]
    narrow: bool
    next: int = 1
    palettes: dict[Any, list[Any]] = field(default_factory=dict)


class Witnesses:
    """Makes databases on which the statements of a pair give rows; the same seed makes the same ones.

    ``texts`` are the statements in DuckDB's SQL, ``ask`` runs a question in the engine, None where it fails; ``most``
    is how many rows each table may have for all of their combinations to be looked at.
    """

    def __init__(
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
        # Rows that join by chance make results that grow with the power of the tables.
        self.apart = 0.8 if most > _ROOMY else 0.95 if most > _TIGHT else 1.0
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
        filling = _Filling(
            {key: [] for key in self.pair.relations},
            {key: [{} for _ in one.keys] for key, one in self.pair.relations.items()},
            narrow=self.random.random() < 0.5 and self.apart < 1,  # noqa: PLR2004
        )
        found = False
        for side in style.sides:
            solved = self._solved(side)
            if solved is not None:
                self._fill(solved, style, filling)
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

    # ---- rows

    def _fill(self, solved: Solved, style: Style, filling: _Filling) -> None:
        chance = self.random
        rows = solved.sketch.rows
        values: Values = {}
        for part in solved.parts:
            self._choose(part, values)
        free: dict[str, int] = {}
        for row in rows:
            for name in row.cells.values():
                root = solved.root(name)
                free[root] = free.get(root, 0) + 1
        for root, times in free.items():
            if root not in values:
                values[root] = self._free(solved, root, times, filling)
        for row in rows:
            self._add(solved, row, values, filling)
        if not rows or sum(map(len, filling.rows.values())) > _MOST_ROWS:
            return
        for _ in range(style.rows):
            row = chance.choice(rows)
            again = dict(values)
            for name in row.cells.values():
                root = solved.root(name)
                if free[root] == 1 and chance.random() < 0.5:  # noqa: PLR2004
                    again[root] = self._free(solved, root, 1, filling)
            for part in solved.parts:
                if all(free.get(one, 0) <= 1 for one in part.names) and chance.random() < 0.5:  # noqa: PLR2004
                    self._choose(part, again)
            self._add(solved, row, again, filling, new_keys=True)
        for _ in range(style.parts):
            again = dict(values)
            for root, times in free.items():
                if chance.random() < 0.3:  # noqa: PLR2004
                    again[root] = self._free(solved, root, times, filling)
            for part in solved.parts:
                self._choose(part, again) if chance.random() < 0.6 else self._keep(part, values, again)  # noqa: PLR2004
            for row in rows:
                self._add(solved, row, again, filling)
        for _ in range(style.misses if solved.parts else 0):
            self._miss(solved, values, free, filling)
        for _ in range(style.nulls):
            row = chance.choice(rows)
            self._add(solved, row, values, filling, null=chance.choice(list(row.cells)) if row.cells else "")
        for _ in range(style.twins):
            self._add(solved, chance.choice(rows), values, filling, new_keys=True, twin=True)

    def _miss(self, solved: Solved, values: Values, free: dict[str, int], filling: _Filling) -> None:
        """Add a witness that breaks one condition, with keys of its own in half of the cases."""
        chance = self.random
        part = chance.choice(solved.parts)
        broken = self.solver.negated(solved, part, chance.randrange(len(part.conditions)))
        if not broken:
            return
        again = dict(values)
        again.update(zip(part.names, chance.choice(broken), strict=True))
        if chance.random() < 0.5:  # noqa: PLR2004
            for root, times in free.items():
                if times > 1 and not any(root in one.names for one in solved.parts):
                    again[root] = self._free(solved, root, times, filling)
        for row in solved.sketch.rows:
            self._add(solved, row, again, filling)

    def _choose(self, part: Part, values: Values) -> None:
        values.update(zip(part.names, self.random.choice(part.solutions), strict=True))

    @staticmethod
    def _keep(part: Part, before: Values, values: Values) -> None:
        values.update({one: before[one] for one in part.names})

    def _free(self, solved: Solved, root: str, times: int, filling: _Filling) -> Any:
        """Choose the value of a variable that no condition speaks of; what joins rows is mostly a new one."""
        chance = self.random
        places = solved.places_of(root)
        fields = [self.solver.fields[one] for one in places]
        filled = any(solved.root(one) == root for one in solved.filled)
        nullable = not filled and all(one.nullable for one in fields)
        if nullable and chance.random() < 0.08:  # noqa: PLR2004
            return None
        kind = fields[0].kind
        unique = any(self._in_key(one) for one in places)
        joins = times > 1 or any(one in self.domains.joined for one in places)
        if unique or (joins and chance.random() < self.apart):
            filling.next += 1
            new = fitted(filler(kind, filling.next), fields)
            if new is not None:
                return new
        pool = self.domains.pool(places[0])
        palette = filling.palettes.get(places[0])
        if palette is None:
            values = [
                value
                for one in [*pool.hits, *pool.near, *pool.common]
                if (value := fitted(one, fields)) is not None
            ]
            palette = (
                values if not filling.narrow or not values else chance.sample(values, min(len(values), 3))
            )
            filling.palettes[places[0]] = palette
        return chance.choice(palette) if palette else None

    def _in_key(self, place: tuple[str, str]) -> bool:
        keys = self.pair.relations[place[0]].keys
        return any(place[1] == one.casefold() for key in keys for one in key)

    def _add(  # noqa: PLR0913 - how a row is added
        self,
        solved: Solved,
        drawn: Drawn,
        values: Values,
        filling: _Filling,
        *,
        new_keys: bool = False,
        null: str = "",
        twin: bool = False,
    ) -> None:
        """Add a row, where it keeps the keys and is not there yet."""
        relation = self.pair.relations[drawn.relation]
        made: list[Any] = []
        for one in relation.fields:
            name = one.name.casefold()
            if name not in drawn.cells:
                made.append(unread(one))
                continue
            value = fitted(values.get(solved.root(drawn.cells[name])), [one])
            if value is None and not one.nullable:
                value = fitted(filler(one.kind, 1), [one])
            made.append(None if name == null and one.nullable else value)
        places = [[relation.position(one) or 0 for one in key] for key in relation.keys]
        if new_keys:
            for key in places:
                for place in key:
                    filling.next += 1
                    made[place] = fitted(
                        filler(relation.fields[place].kind, 100 + filling.next), [relation.fields[place]]
                    )
        row = tuple(made)
        mine = filling.rows[drawn.relation]
        keys = [tuple(row[one] for one in key) for key in places]
        taken = filling.taken[drawn.relation]
        if any(key in there for key, there in zip(keys, taken, strict=True) if None not in key):
            return
        if row in mine and not twin:
            return
        mine.append(row)
        for key, there in zip(keys, taken, strict=True):
            there[key] = row
