"""Values for a sketch: the engine itself says which of the candidates make its conditions true."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from sqlopt.rewrite.prove.columns import declared, fitted
from sqlopt.rewrite.prove.values import worked_out
from sqlopt.rewrite.prove.witness.sketch import Sketch, variables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlopt.rewrite.prove.domain import Domains, Place
    from sqlopt.rewrite.prove.pair import Field, Pair

_MOST_TRIED = 40_000  # combinations of candidates in one question
_MOST_TIED = 6  # variables of one question that are not made equal
_KEPT = 48
Values = dict[str, Any]


@dataclass(slots=True)
class Part:
    """Variables that conditions tie together, and the values that satisfy them."""

    names: list[str]
    conditions: list[exp.Expr]
    solutions: list[tuple[Any, ...]]


@dataclass(slots=True)
class Solved:
    """A sketch with the variables that are one, and its parts with their solutions."""

    sketch: Sketch
    same: dict[str, str]
    parts: list[Part] = field(default_factory=list)
    filled: set[str] = field(default_factory=set)

    def root(self, name: str) -> str:
        """Return the variable that stands for all that equal ``name``."""
        while name in self.same:
            name = self.same[name]
        return name


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

    def solve(self, sketch: Sketch) -> Solved | None:
        """Return the sketch with its parts, or None where no candidates satisfy one of them."""
        found = Solved(sketch, {})
        open_: list[exp.Expr] = []
        for one in sketch.conditions:
            if not self._equal(found, one):
                open_.append(one)
        self._chase(found)
        conditions = self._renamed(found, open_)
        wishes = self._renamed(found, sketch.wishes)
        for one in conditions:
            if not variables(one) and not self._true(one):
                return None
        for names, mine, wished in _parts(conditions, wishes):
            part = self.part(found, names, mine + wished) if wished else None
            if part is not None and part.solutions:
                found.parts.append(part)
                continue
            for names_, mine_, _ in _parts(mine, []):
                part = self.part(found, names_, mine_)
                if not part.solutions:
                    return None
                found.parts.append(part)
        return found

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

    def _renamed(self, found: Solved, nodes: Iterable[exp.Expr]) -> list[exp.Expr]:
        """Return the conditions over the variables that stand for all, each once."""
        kept: dict[str, exp.Expr] = {}
        for node in nodes:
            for column in node.find_all(exp.Column):
                column.this.set("this", found.root(column.name))
            try:
                kept.setdefault(node.sql(dialect="duckdb"), node)
            except (ValueError, TypeError, RecursionError):
                continue
        return list(kept.values())

    # ---- parts

    def _true(self, node: exp.Expr) -> bool:
        text = node.sql(dialect="duckdb")
        if text not in self._truths:
            rows = self.ask(f"SELECT TRY({text})")  # noqa: S608 - asked of a sealed engine
            self._truths[text] = rows is None or bool(rows[0][0])
        return self._truths[text]

    def part(self, found: Solved, names: list[str], conditions: list[exp.Expr]) -> Part:
        """Return a part with its solutions; what can't be asked at all is left to chance."""
        places = [
            tuple(sorted({found.sketch.places[one] for one in found.sketch.places if found.root(one) == name}))
            for name in names
        ]
        return Part(names, conditions, self._solutions(names, places, conditions, found))

    def _solutions(
        self, names: list[str], places: list[tuple[Place, ...]], conditions: list[exp.Expr], found: Solved
    ) -> list[tuple[Any, ...]]:
        texts = []
        short = {name: f"x{number}" for number, name in enumerate(names)}
        for one in conditions:
            copy = one.copy()
            for column in copy.find_all(exp.Column):
                column.this.set("this", short[column.name])
            texts.append(copy.sql(dialect="duckdb"))
        filled = tuple(any(found.root(one) == name for one in found.filled) for name in names)
        key = (*places, filled, *texts)
        if key not in self._known:
            pools = [
                self._candidates(place, conditions, filled=full)
                for place, full in zip(places, filled, strict=True)
            ]
            self._known[key] = self._asked(places, pools, texts)
        return self._known[key]

    def _candidates(
        self, places: tuple[Place, ...], conditions: list[exp.Expr], *, filled: bool
    ) -> list[Any]:
        fields = [self.fields[one] for one in places]
        pool = self.domains.pool(places[0])
        values = [*pool.hits, *worked_out(conditions, fields[0].kind), *pool.near, *pool.common]
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
        if len(names) > _MOST_TIED:  # rows alike: one value for all variables of a column
            first: dict[tuple[Place, ...], int] = {}
            chosen = [first.setdefault(place, number) for number, place in enumerate(places)]
            tied = [names[one] for one in chosen]
        free = list(dict.fromkeys(tied))
        share = max(int(_MOST_TRIED ** (1 / max(len(free), 1))), 2)
        tried = [pools[names.index(one)] for one in free]
        tried = [one if len(one) <= share else shuffling.sample(one, share) for one in tried]
        rows = self.ask(_question(free, [kinds[names.index(one)] for one in free], tried, texts, 20 * _KEPT, _tie(names, tied)))
        if rows is None:
            return [tuple(shuffling.choice(one) if one else None for one in pools) for _ in range(_KEPT)]
        if len(rows) > _KEPT:
            rows = shuffling.sample(rows, _KEPT)
        return [tuple(row[free.index(one)] for one in tied) for row in rows]

    def negated(self, solved: Solved, part: Part, number: int) -> list[tuple[Any, ...]]:
        """Return values that satisfy a part but for one of its conditions."""
        against = exp.Not(this=exp.paren(part.conditions[number].copy()))
        conditions = [*part.conditions[:number], against, *part.conditions[number + 1 :]]
        return self.part(solved, part.names, conditions).solutions


def _unite(found: Solved, one: str, other: str) -> bool:
    one, other = found.root(one), found.root(other)
    if one == other:
        return False
    found.same[other] = one
    return True


def _parts(
    conditions: list[exp.Expr], wishes: list[exp.Expr]
) -> list[tuple[list[str], list[exp.Expr], list[exp.Expr]]]:
    """Return the variables, conditions and wishes that hang together."""
    groups: list[tuple[list[str], list[exp.Expr], list[exp.Expr]]] = []
    for place, nodes in enumerate((conditions, wishes)):
        for node in nodes:
            names = variables(node)
            if not names:
                continue
            mine = [one for one in groups if set(one[0]) & set(names)]
            groups = [one for one in groups if one not in mine]
            joined: tuple[list[str], list[exp.Expr], list[exp.Expr]] = ([], [], [])
            for one in mine:
                for into, more in zip(joined, one, strict=True):
                    into.extend(more)  # type: ignore[arg-type]
            joined[0].extend(names)
            joined[1 + place].append(node)
            groups.append((list(dict.fromkeys(joined[0])), joined[1], joined[2]))
    return groups


def _only(text: str, name: str, names: list[str]) -> bool:
    import re

    found = set(re.findall(r"\bx\d+\b", text))
    return found & set(names) == {name}


def _tie(names: list[str], tied: list[str]) -> dict[str, str]:
    return {one: other for one, other in zip(names, tied, strict=True) if one != other}


def _question(
    names: list[str],
    kinds: list[str],
    pools: list[list[Any]],
    conditions: list[str],
    most: int,
    tied: dict[str, str] | None = None,
) -> str:
    from sqlopt.rewrite.prove.engine import literal

    lists = ", ".join(
        f"(SELECT unnest(CAST([{', '.join(map(literal, pool))}] AS {kind}[])) AS {name})"
        for name, kind, pool in zip(names, kinds, pools, strict=True)
    )
    more = "".join(f", {other} AS {one}" for one, other in (tied or {}).items())
    wanted = " AND ".join(f"TRY({one})" for one in conditions) or "TRUE"
    return f"SELECT {', '.join(names)} FROM (SELECT *{more} FROM {lists}) WHERE {wanted} LIMIT {most}"  # noqa: S608
