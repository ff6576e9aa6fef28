"""A database being filled: rows that keep the keys, values for what no condition speaks of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlopt.rewrite.prove.engine.columns import filler, fitted, unread

if TYPE_CHECKING:
    from random import Random

    from sqlopt.rewrite.prove.pair import Field, Pair
    from sqlopt.rewrite.prove.testing.databases import Database
    from sqlopt.rewrite.prove.testing.domain import Domains, Place
    from sqlopt.rewrite.prove.testing.witness.sketch import Drawn

_NULLS = 0.08
_NARROW = 3  # values of a column where a database is narrow
_ROOMY = 12
_TIGHT = 3


class Filling:
    """Rows by table. ``most`` is how many each may have for all of their combinations to be looked at."""

    def __init__(self, pair: Pair, domains: Domains, chance: Random, most: int) -> None:
        self.pair = pair
        self.domains = domains
        self.chance = chance
        self.rows: Database = {key: [] for key in pair.relations}
        # Rows that join by chance make results that grow with the power of the tables.
        self.apart = 0.8 if most > _ROOMY else 0.95 if most > _TIGHT else 1.0
        self.narrow = chance.random() < 0.5 and self.apart < 1  # noqa: PLR2004
        self._taken: set[tuple[Any, ...]] = set()
        self._last = 0
        self._palettes: dict[Place, list[Any]] = {}

    @property
    def size(self) -> int:
        """How many rows there are."""
        return sum(map(len, self.rows.values()))

    def free(self, places: tuple[Place, ...], times: int, *, filled: bool) -> Any:
        """Choose a value that all these columns can hold, for ``times`` rows; what joins rows is mostly a new one."""
        fields = [self._field(one) for one in places]
        if not filled and all(one.nullable for one in fields) and self.chance.random() < _NULLS:
            return None
        unique = any(self._in_key(one) for one in places)
        joins = times > 1 or any(one in self.domains.joined for one in places)
        if unique or (joins and self.chance.random() < self.apart):
            new = self._new(fields)
            if new is not None:
                return new
        palette = self._palettes.get(places[0])
        if palette is None:
            pool = self.domains.pool(places[0])
            fitting = [fitted(one, fields) for one in (*pool.hits, *pool.near, *pool.common)]
            palette = [one for one in fitting if one is not None]
            if self.narrow and len(palette) > _NARROW:
                palette = self.chance.sample(palette, _NARROW)
            self._palettes[places[0]] = palette
        return self.chance.choice(palette) if palette else None

    def add(
        self,
        drawn: Drawn,
        cells: dict[str, Any],
        *,
        new_keys: bool = False,
        null: str = "",
        twin: bool = False,
    ) -> None:
        """Add a row with these values by column, where it keeps the keys; ``twin`` even if it is there already."""
        relation = self.pair.relations[drawn.relation]
        made: list[Any] = []
        for one in relation.fields:
            name = one.name.casefold()
            value = fitted(cells[name], [one]) if name in cells else unread(one)
            if (value is None or name == null) and one.nullable:
                value = None
            elif value is None:
                value = fitted(filler(one.kind, 1), [one])
            made.append(value)
        keys = [[relation.position(one) or 0 for one in key] for key in relation.keys]
        for place in [place for key in keys for place in key] if new_keys else ():
            made[place] = self._new([relation.fields[place]])
        row, mine = tuple(made), self.rows[drawn.relation]
        found = [(drawn.relation, number, *(row[one] for one in key)) for number, key in enumerate(keys)]
        whole = [one for one in found if None not in one]
        if self._taken.isdisjoint(whole) and (twin or row not in mine):
            mine.append(row)
            self._taken.update(whole)

    def _new(self, fields: list[Field]) -> Any:
        self._last += 1
        return fitted(filler(fields[0].kind, self._last), fields)

    def _field(self, place: Place) -> Field:
        relation = self.pair.relations[place[0]]
        return relation.fields[relation.position(place[1]) or 0]

    def _in_key(self, place: Place) -> bool:
        keys = self.pair.relations[place[0]].keys
        return any(place[1] == one.casefold() for key in keys for one in key)
