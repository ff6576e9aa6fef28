"""Values for a sketch: the engine itself says which of the candidates make its conditions true."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zlib import crc32

from sqlglot import exp

from sqlopt.rewrite.prove.columns import declared, fitted, literal
from sqlopt.rewrite.prove.values import worked_out
from sqlopt.rewrite.prove.witness.sketch import Sketch, variables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlopt.rewrite.prove.domain import Domains, Place
    from sqlopt.rewrite.prove.pair import Field, Pair
    from sqlopt.rewrite.prove.witness.choices import Choice

_MOST_TRIED = 40_000  # combinations of candidates in one question
_MOST_MET = 8  # variables whose candidates are all tried with each other
_FAR = 6
_DRAWN = 12_000  # combinations of more variables, by chance
_KEPT = 48
_VARIABLE = re.compile(r"'(?:[^']|'')*'|\bv\d+\b")
Values = dict[str, Any]


@dataclass(slots=True)
class Condition:
    """A condition over variables that stand for all that equal them: its text and its tree."""

    text: str
    names: list[str]
    node: exp.Expr

    def choices(self) -> set[Choice]:
        """Return the choices that its values came from."""
        return {key for node in self.node.walk() for key in node.meta.get("choices", ())}


@dataclass(slots=True)
class Part:
    """Variables that conditions tie together, and the values that satisfy them."""

    names: list[str]
    conditions: list[Condition]
    solutions: list[tuple[Any, ...]]


@dataclass(slots=True)
class Solved:
    """A sketch with the variables that are one, and its parts with their solutions."""

    sketch: Sketch
    same: dict[str, str]
    parts: list[Part] = field(default_factory=list)
    filled: set[str] = field(default_factory=set)
    _members: dict[str, set[Place]] = field(default_factory=dict)

    def root(self, name: str) -> str:
        """Return the variable that stands for all that equal ``name``."""
        while name in self.same:
            name = self.same[name]
        return name

    def places_of(self, root: str) -> tuple[Place, ...]:
        """Return the columns that a variable stands for, once all are united."""
        if not self._members:
            for name, place in self.sketch.places.items():
                self._members.setdefault(self.root(name), set()).add(place)
        return tuple(sorted(self._members[root]))


class Solver:
    """Solves the sketches of a pair; ``ask`` runs a query in the engine, None where it fails."""

    def __init__(
        self, pair: Pair, domains: Domains, ask: Callable[[str], list[tuple[Any, ...]] | None]
    ) -> None:
        self.domains = domains
        self.ask = ask
        self.fields: dict[Place, Field] = {
            (key, one.name.casefold()): one for key, table in pair.relations.items() for one in table.fields
        }
        self.relations = pair.relations
        self._known: dict[tuple[Any, ...], list[tuple[Any, ...]]] = {}
        self._truths: dict[str, bool] = {}

    def solve(self, sketch: Sketch, *, partly: bool = False) -> tuple[Solved | None, set[Choice]]:
        """Return the sketch with its parts, or None where no candidates satisfy one of them.

        ``partly`` leaves out those. Then comes with it which choices contradict each other, as far as that is known.
        """
        found = Solved(sketch, {})
        open_: list[exp.Expr] = []
        for one in sketch.conditions:
            if not self._equal(found, one):
                open_.append(one)
        self._chase(found)
        conditions = self._renamed(found, open_)
        wishes = self._renamed(found, sketch.wishes)
        false = [one for one in conditions if not one.names and not self._true(one.text)]
        if false and not partly:
            return None, {key for one in false for key in one.choices()}
        for names, mine, wished in _parts(conditions, wishes):
            part = self.part(found, names, mine + wished) if wished else None
            if part is not None and part.solutions:
                found.parts.append(part)
                continue
            for names_, mine_, _ in _parts(mine, []):
                part = self.part(found, names_, mine_)
                if not part.solutions and partly:
                    continue
                if not part.solutions:
                    return None, {key for one in mine_ for key in one.choices()}
                found.parts.append(part)
        return found, set()

    # ---- variables that are one

    def _equal(self, found: Solved, node: exp.Expr) -> bool:
        """Make two variables one where a condition says so and their types allow it."""
        node = node.unnest()
        if not isinstance(node, (exp.EQ, exp.NullSafeEQ)):
            return False
        one, other = node.this.unnest(), node.expression.unnest()
        if not (isinstance(one, exp.Column) and isinstance(other, exp.Column)):
            return False
        places = found.sketch.places
        if self.fields[places[one.name]].kind.family != self.fields[places[other.name]].kind.family:
            return False
        if isinstance(node, exp.EQ):
            found.filled |= {one.name, other.name}
        _unite(found, one.name, other.name)
        return True

    def _chase(self, found: Solved) -> None:
        """Make rows one whose keys are, and add the rows that foreign keys promise."""
        rows = found.sketch.rows
        changed = True
        while changed:
            changed = False
            for key, relation in self.relations.items():
                mine = [one for one in rows if one.relation == key]
                for names in relation.keys:
                    seen: dict[tuple[str, ...], Any] = {}
                    for row in mine:
                        cell = tuple(found.root(row.cells[one.casefold()]) for one in names)
                        first = seen.setdefault(cell, row)
                        for name, there in first.cells.items():
                            changed |= _unite(found, there, row.cells[name])
        for row in rows:  # grows as it is walked
            for columns, other, to in self.relations[row.relation].foreign:
                ends = [one.casefold() for one in to]
                values = [found.root(row.cells[one.casefold()]) for one in columns]
                there = [one for one in rows if one.relation == other]
                if any([found.root(one.cells[end]) for end in ends] == values for one in there):
                    continue
                if len(rows) > 400:  # noqa: PLR2004 - a circle of foreign keys
                    return
                names = [one.name.casefold() for one in self.relations[other].fields if one.read]
                new = found.sketch.draw(other, names)
                for end, value in zip(ends, values, strict=True):
                    _unite(found, value, new.cells[end])

    def _renamed(self, found: Solved, nodes: Iterable[exp.Expr]) -> list[Condition]:
        """Return the conditions over the variables that stand for all, each once."""
        kept: dict[str, Condition] = {}
        for node in nodes:
            for column in node.find_all(exp.Column):
                column.this.set("this", found.root(column.name))
            try:
                text = node.sql(dialect="duckdb", copy=False)
            except (ValueError, TypeError, RecursionError):
                continue
            kept.setdefault(text, Condition(text, variables(node), node))
        return list(kept.values())

    # ---- parts

    def _true(self, text: str) -> bool:
        if text not in self._truths:
            rows = self.ask(f"SELECT TRY({text})")  # noqa: S608 - asked of a sealed engine
            self._truths[text] = rows is None or bool(rows[0][0])
        return self._truths[text]

    def part(self, found: Solved, names: list[str], conditions: list[Condition]) -> Part:
        """Return a part with its solutions; what can't be asked at all is left to chance."""
        places = [found.places_of(name) for name in names]
        return Part(names, conditions, self._solutions(names, places, conditions, found))

    def _solutions(
        self, names: list[str], places: list[tuple[Place, ...]], conditions: list[Condition], found: Solved
    ) -> list[tuple[Any, ...]]:
        short = {name: f"x{number}" for number, name in enumerate(names)}
        texts = [_VARIABLE.sub(lambda one: short.get(one[0], one[0]), one.text) for one in conditions]
        full = {found.root(one) for one in found.filled}
        filled = tuple(name in full for name in names)
        key = (*places, filled, *texts)
        if key not in self._known:
            nodes = [one.node for one in conditions]
            pools = [
                self._candidates(place, nodes, filled=full)
                for place, full in zip(places, filled, strict=True)
            ]
            self._known[key] = self._asked(places, pools, texts)
        return self._known[key]

    def _candidates(
        self, places: tuple[Place, ...], conditions: list[exp.Expr], *, filled: bool
    ) -> list[Any]:
        fields = [self.fields[one] for one in places]
        pool = self.domains.pool(places[0])
        inside = worked_out(conditions, fields[0].kind)
        values = [*pool.hits[:80], *inside[:200], *pool.near[:80], *pool.common[:40]]
        if not filled and all(one.nullable for one in fields):
            values.append(None)
        kept = dict.fromkeys(
            value for one in values if (value := fitted(one, fields)) is not None or one is None
        )
        return list(kept)

    def _asked(
        self, places: list[tuple[Place, ...]], pools: list[list[Any]], texts: list[str]
    ) -> list[tuple[Any, ...]]:
        """Ask the engine: first by single variables, then for those that meet in a condition together."""
        kinds = [declared(self.fields[one[0]]) for one in places]
        names = [f"x{number}" for number in range(len(pools))]
        shuffling = random.Random(0)  # noqa: S311 - no secret
        for number, name in enumerate(names):
            own = [text for text in texts if _only(text, name, names)]
            if own and len(names) > 1:
                rows = self.ask(_question([name], [kinds[number]], [pools[number]], own, 10 * _KEPT))
                pools[number] = [row[0] for row in rows] if rows is not None else pools[number]
        tied = names
        if len(names) <= _MOST_MET:
            rows = self._met(names, names, kinds, pools, texts)
        else:
            rows = self.ask(_drawn(names, kinds, [_some(one, _FAR) for one in pools], texts))
        if rows == [] and len(names) > 1:  # rows alike: one value for all variables of a column
            first: dict[tuple[Place, ...], int] = {}
            tied = [names[first.setdefault(place, number)] for number, place in enumerate(places)]
            few = len(set(tied)) < len(names) and len(set(tied)) <= _MOST_MET
            rows = self._met(names, tied, kinds, pools, texts) if few else []
        if rows is None:
            return [tuple(shuffling.choice(one) if one else None for one in pools) for _ in range(_KEPT)]
        if len(rows) > _KEPT:
            rows = shuffling.sample(rows, _KEPT)
        free = list(dict.fromkeys(tied))
        return [tuple(row[free.index(one)] for one in tied) for row in rows]

    def _met(
        self, names: list[str], tied: list[str], kinds: list[str], pools: list[list[Any]], texts: list[str]
    ) -> list[tuple[Any, ...]] | None:
        """Return the values of the variables that ``tied`` leaves free which satisfy all conditions."""
        free = list(dict.fromkeys(tied))
        share = max(int(_MOST_TRIED ** (1 / len(free))), 2)
        places = [names.index(one) for one in free]
        tried = [_some(pools[one], share) for one in places]
        twins = {one: other for one, other in zip(names, tied, strict=True) if one != other}
        return self.ask(_question(free, [kinds[one] for one in places], tried, texts, 20 * _KEPT, twins))

    def negated(self, solved: Solved, part: Part, number: int) -> list[tuple[Any, ...]]:
        """Return values that satisfy a part but for one of its conditions."""
        one = part.conditions[number]
        against = Condition(f"NOT ({one.text})", one.names, one.node)
        conditions = [*part.conditions[:number], against, *part.conditions[number + 1 :]]
        return self.part(solved, part.names, conditions).solutions


def _unite(found: Solved, one: str, other: str) -> bool:
    one, other = found.root(one), found.root(other)
    if one == other:
        return False
    found.same[other] = one
    return True


def _parts(
    conditions: list[Condition], wishes: list[Condition]
) -> list[tuple[list[str], list[Condition], list[Condition]]]:
    """Return the variables, conditions and wishes that hang together."""
    groups: list[tuple[list[str], list[Condition], list[Condition]]] = []
    for place, nodes in enumerate((conditions, wishes)):
        for node in nodes:
            names = node.names
            if not names:
                continue
            mine = [one for one in groups if not set(names).isdisjoint(one[0])]
            ids = {id(one) for one in mine}
            groups = [one for one in groups if id(one) not in ids]
            joined: tuple[list[str], list[Condition], list[Condition]] = ([], [], [])
            for one in mine:
                for into, more in zip(joined, one, strict=True):
                    into.extend(more)  # type: ignore[arg-type]
            joined[0].extend(names)
            joined[1 + place].append(node)
            groups.append((list(dict.fromkeys(joined[0])), joined[1], joined[2]))
    return groups


def _only(text: str, name: str, names: list[str]) -> bool:
    found = set(re.findall(r"\bx\d+\b", text))
    return found & set(names) == {name}


def _some(pool: list[Any], many: int) -> list[Any]:
    """Return a few of the candidates: far apart where they are very few, else the same of equal ones in any pool."""
    if len(pool) <= many:
        return pool
    if many <= _FAR and not any(isinstance(one, (str, bool)) for one in pool):
        there = sorted(one for one in pool if one is not None)
        there = [one for one in there if not isinstance(one, (int, float, Decimal)) or one > 0] or there
        step = max((len(there) - 1) / (many - 1), 1)
        return [there[min(round(number * step), len(there) - 1)] for number in range(many)]
    return sorted(pool, key=lambda one: crc32(repr(one).encode()))[:many]


def _drawn(names: list[str], kinds: list[str], pools: list[list[Any]], conditions: list[str]) -> str:
    """Return the question which of many combinations, taken by the hash of their number, satisfy conditions."""
    chosen = ", ".join(
        f"CAST([{', '.join(map(literal, pool))}] AS {kind}[])[1 + CAST(hash(r, {number}) % {max(len(pool), 1)} AS INTEGER)] AS {name}"
        for number, (name, kind, pool) in enumerate(zip(names, kinds, pools, strict=True))
    )
    wanted = " AND ".join(f"TRY({one})" for one in conditions)
    return f"SELECT {', '.join(names)} FROM (SELECT {chosen} FROM range({_DRAWN}) AS t(r)) WHERE {wanted} LIMIT {20 * _KEPT}"  # noqa: S608


def _question(
    names: list[str],
    kinds: list[str],
    pools: list[list[Any]],
    conditions: list[str],
    most: int,
    tied: dict[str, str] | None = None,
) -> str:
    lists = ", ".join(
        f"(SELECT unnest(CAST([{', '.join(map(literal, pool))}] AS {kind}[])) AS {name})"
        for name, kind, pool in zip(names, kinds, pools, strict=True)
    )
    more = "".join(f", {other} AS {one}" for one, other in (tied or {}).items())
    wanted = " AND ".join(f"TRY({one})" for one in conditions) or "TRUE"
    return f"SELECT {', '.join(names)} FROM (SELECT *{more} FROM {lists}) WHERE {wanted} LIMIT {most}"  # noqa: S608
