"""Small adversarial databases: seeded, constraints kept, each of another profile."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlopt.rewrite.prove.effort import spend
from sqlopt.rewrite.prove.engine.columns import filler, fitted, unread
from sqlopt.rewrite.prove.types import Kind

if TYPE_CHECKING:
    from sqlopt.rewrite.prove.pair import Pair, Relation
    from sqlopt.rewrite.prove.testing.domain import Domains, Place, Pool

Row = tuple[Any, ...]
Database = dict[str, list[Row]]
"""The rows of each table, by its key."""

_ATTEMPTS = 12
_ALONE = 0.1  # how often one table is left empty


@dataclass(frozen=True, slots=True)
class Profile:
    """How to fill a database.

    ``rows`` are the sizes to choose from, ``values`` how many values a column draws from, ``nulls`` the shares of
    NULLs, ``hits`` how often a value is one that satisfies a predicate, ``near`` how often one beside a constant,
    ``copies`` how often a row is the copy of another.
    """

    rows: tuple[int, ...]
    values: tuple[int, ...]
    nulls: tuple[float, ...]
    hits: float
    near: float
    copies: float
    numeric: bool = False


PROFILES = (
    Profile((3, 4, 5), (2, 3), (0.0, 0.25), 0.3, 0.6, 0.15),
    Profile((2, 3, 4), (1, 2), (0.0, 0.0, 0.3), 0.9, 0.5, 0.2),
    Profile((1, 2), (1, 2), (0.0, 0.5), 0.5, 0.7, 0.0),
    Profile((0, 0, 1, 3), (2,), (0.0, 0.3), 0.5, 0.5, 0.1),
    Profile((6, 9), (2, 3, 4), (0.0, 0.2), 0.2, 0.5, 0.1),
    Profile((3, 5), (1, 2), (0.0, 0.6), 0.4, 0.5, 0.4),
    Profile((4, 6), (3, 5), (0.0, 0.1), 0.1, 0.9, 0.1),
    Profile((3, 5), (2, 4), (0.0, 0.2), 0.5, 0.2, 0.1, numeric=True),
    Profile((12, 20), (3, 6), (0.0, 0.15), 0.6, 0.5, 0.1),
)


@dataclass(slots=True)
class _Filling:
    """A table being filled: the share of NULLs of each column, the palettes, the keys taken so far."""

    relation: Relation
    profile: Profile
    palettes: dict[Place, list[Any]]
    nulls: list[float]
    keys: list[list[int]] = field(default_factory=list)
    taken: list[set[Row]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.keys = [[self.relation.position(one) or 0 for one in key] for key in self.relation.keys]
        self.taken = [set() for _ in self.keys]


class Generator:
    """Makes databases for a pair, with at most ``most`` rows a table; the same seed makes the same ones."""

    def __init__(self, pair: Pair, domains: Domains, seed: int = 0, most: int = 20) -> None:
        self.pair = pair
        self.domains = domains
        self.random = random.Random(seed)  # noqa: S311 - chance makes test data here, no secrets
        self.order = _parents_first(pair)
        self.made = 0
        self.most = max(most, 1)

    def next(self) -> Database:
        """Return one more database, of each profile in turn."""
        profile = PROFILES[self.made % len(PROFILES)]
        self.made += 1
        rows: Database = {key: [] for key in self.pair.relations}
        palettes: dict[Place, list[Any]] = {}
        alone = self.random.choice(self.order) if self.order and self.random.random() < _ALONE else None
        for key in self.order:
            relation = self.pair.relations[key]
            nulls = [self.random.choice(profile.nulls) if one.nullable else 0.0 for one in relation.fields]
            filling = _Filling(relation, profile, palettes, nulls)
            size = min(self.random.choice(profile.rows), self.most)
            for _ in range(0 if key == alone else size):
                self._add(filling, rows)
        return rows

    def _add(self, filling: _Filling, rows: Database) -> None:
        """Add a row that keeps the constraints, if a few attempts find one."""
        made = rows[filling.relation.name]
        for attempt in range(_ATTEMPTS):
            spend(len(filling.nulls))
            wide = attempt > _ATTEMPTS // 2
            row = self._linked(filling.relation, self._row(filling, made, wide=wide), rows)
            if row is None:
                continue
            keys = [tuple(row[one] for one in place) for place in filling.keys]
            if any(None not in key and key in seen for key, seen in zip(keys, filling.taken, strict=True)):
                continue
            made.append(row)
            for key, seen in zip(keys, filling.taken, strict=True):
                seen.add(key)
            return

    def _row(self, filling: _Filling, made: list[Row], *, wide: bool) -> Row:
        chance = self.random
        if not made or chance.random() >= filling.profile.copies:
            return tuple(self._value(filling, place, wide=wide) for place in range(len(filling.nulls)))
        row = list(chance.choice(made))
        if chance.random() < 0.5:  # noqa: PLR2004 - every second copy is a near copy
            place = chance.randrange(len(row))
            row[place] = self._value(filling, place, wide=wide)
        for key in filling.keys:  # a copy differs in its keys
            for place in key:
                row[place] = self._value(filling, place, wide=True)
        return tuple(row)

    def _value(self, filling: _Filling, place: int, *, wide: bool) -> Any:
        chance = self.random
        column_of = filling.relation.fields[place]
        share = filling.nulls[place]
        if column_of.kind is Kind.OTHER or (share and chance.random() < share):
            return None
        if not column_of.read:
            return unread(column_of)
        column = (filling.relation.name, column_of.name.casefold())
        pool = self.domains.pool(column)
        root = self.domains.group(column)
        palette = filling.palettes.get(root)
        if palette is None:
            palette = filling.palettes[root] = self._palette(pool, column_of.kind, filling.profile)
        for number in range(_ATTEMPTS):
            value = fitted(
                chance.choice(pool.common + pool.near if wide or number > 1 else palette), [column_of]
            )
            if value is not None:
                return value
        return fitted(filler(column_of.kind, chance.randrange(_ATTEMPTS)), [column_of])

    def _palette(self, pool: Pool, kind: Kind, profile: Profile) -> list[Any]:
        """Choose the few values that a column, and those compared with it, draw from in one database."""
        chance = self.random
        hits, near, common = pool.hits, pool.near, pool.common
        if profile.numeric and kind is Kind.TEXT:
            hits, near, common = [], [], ["1", "2", "10", "0"]
        found: list[Any] = []
        for _ in range(chance.choice(profile.values)):
            if hits and chance.random() < profile.hits:
                found.append(chance.choice(hits))
            elif near and chance.random() < profile.near:
                found.append(chance.choice(near))
            else:
                found.append(chance.choice(common[:3] if chance.random() < 0.5 else common))  # noqa: PLR2004
        return found

    def _linked(self, relation: Relation, row: Row, rows: Database) -> Row | None:
        """Return the row with its foreign keys pointing at rows that exist, or None if it can't."""
        for columns, other, to in relation.foreign:
            places = [relation.position(one) or 0 for one in columns]
            if any(row[one] is None for one in places):
                continue
            target = self.pair.relations[other]
            ends = [target.position(one) or 0 for one in to]
            there = rows[other] + ([row] if other == relation.name else [])
            there = [one for one in there if all(one[end] is not None for end in ends)]
            if any(all(one[e] == row[p] for e, p in zip(ends, places, strict=True)) for one in there):
                continue
            values = list(row)
            if there:
                chosen = self.random.choice(there)
                for end, place in zip(ends, places, strict=True):
                    values[place] = chosen[end]
            elif all(relation.fields[one].nullable for one in places):
                for place in places:
                    values[place] = None
            else:
                return None
            row = tuple(values)
        return row


def holds(pair: Pair, rows: Database) -> bool:
    """Whether a database keeps every constraint of the pair's tables."""
    for key, relation in pair.relations.items():
        mine = rows[key]
        spend(len(mine))
        for names in relation.keys:
            places = [relation.position(one) or 0 for one in names]
            values = [tuple(row[one] for one in places) for row in mine]
            whole = [one for one in values if None not in one]
            if len(set(whole)) != len(whole):
                return False
        for columns, other, to in relation.foreign:
            places = [relation.position(one) or 0 for one in columns]
            ends = [pair.relations[other].position(one) or 0 for one in to]
            there = {tuple(row[one] for one in ends) for row in rows[other]}
            for row in mine:
                value: tuple[Any, ...] = tuple(row[one] for one in places)
                if None not in value and value not in there:
                    return False
    return True


def _parents_first(pair: Pair) -> list[str]:
    """Order the tables so that what a foreign key points at comes first; circles are cut anywhere."""
    order: list[str] = []
    entered: set[str] = set()

    def visit(key: str) -> None:
        if key in entered:
            return
        entered.add(key)
        for _, other, _ in pair.relations[key].foreign:
            visit(other)
        order.append(key)

    for key in pair.relations:
        visit(key)
    return order
