"""Values for a sketch: the engine itself says which of the candidates make its conditions true."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zlib import crc32

from sqlglot import exp

from sqlopt.rewrite.prove.engine.columns import declared, fitted, literal
from sqlopt.rewrite.prove.testing.values import worked_out
from sqlopt.rewrite.prove.testing.witness.sketch import Drawn, Sketch, variables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlopt.rewrite.prove.pair import Field, Pair
    from sqlopt.rewrite.prove.testing.domain import Domains, Place
    from sqlopt.rewrite.prove.testing.witness.choices import Choice

_MOST_TRIED = 15_000  # combinations of candidates in one question
_MOST_MET = 8  # variables whose candidates are all tried with each other
_MOST_PROMISED = 400
_FAR = 6
_DRAWN = 5_000  # combinations of more variables, by chance
_KEPT = 48
_SHORT = re.compile(r"\bx\d+\b")
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
        open_ = [one for one in sketch.conditions if not self._equal(found, one)]
        self._chase(found)
        conditions = self._renamed(found, open_)
        wishes = self._renamed(found, sketch.wishes)
        false = [one for one in conditions if not one.names and not self._true(one.text)]
        if false and not partly:
            return None, {key for one in false for key in one.choices()}
        for knot in _knots(conditions, wishes):
            if knot.wishes:
                part = self.part(found, list(knot.names), knot.conditions + knot.wishes)
                if part.solutions:
                    found.parts.append(part)
                    continue
            for one in _knots(knot.conditions, []):
                part = self.part(found, list(one.names), one.conditions)
                if part.solutions:
                    found.parts.append(part)
                elif not partly:
                    return None, {key for condition in one.conditions for key in condition.choices()}
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
        while any(self._merged(found, key) for key in self.relations):
            pass
        for row in rows:  # grows as it is walked
            for columns, other, to in self.relations[row.relation].foreign:
                if len(rows) > _MOST_PROMISED:  # a circle of foreign keys
                    return
                self._promised(found, [row.cells[one.casefold()] for one in columns], other, to)

    def _merged(self, found: Solved, key: str) -> bool:
        """Make rows of one table one whose keys are; whether there were such."""
        changed = False
        for names in self.relations[key].keys:
            seen: dict[tuple[str, ...], Drawn] = {}
            for row in (one for one in found.sketch.rows if one.relation == key):
                first = seen.setdefault(tuple(found.root(row.cells[one.casefold()]) for one in names), row)
                for name, there in first.cells.items():
                    changed |= _unite(found, there, row.cells[name])
        return changed

    def _promised(self, found: Solved, values: list[str], other: str, to: tuple[str, ...]) -> None:
        """Add the row that a foreign key points at, unless it is there."""
        ends = [one.casefold() for one in to]
        wanted = [found.root(one) for one in values]
        there = (one for one in found.sketch.rows if one.relation == other)
        if any([found.root(one.cells[end]) for end in ends] == wanted for one in there):
            return
        columns = [one.name.casefold() for one in self.relations[other].fields if one.read]
        new = found.sketch.draw(other, columns, forced=True)
        for end, value in zip(ends, wanted, strict=True):
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
            rows = self.ask(f"SELECT TRY({text})")
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
        values = [*pool.hits[:80], *pool.near[:80], *inside[:200], *pool.common[:40]]
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
        names = [f"x{number}" for number in range(len(pools))]
        asked = [
            _Asked(name, declared(self.fields[place[0]]), pool)
            for name, place, pool in zip(names, places, pools, strict=True)
        ]
        if len(names) > 1:
            asked = [self._narrowed(one, [text for text in texts if _only(text, one.name)]) for one in asked]
        tied = names
        if len(names) <= _MOST_MET:
            rows = self._met(asked, names, texts)
        else:
            few = [_Asked(one.name, one.kind, _some(one.pool, _FAR)) for one in asked]
            rows = self.ask(_drawn(few, texts))
        if rows == [] and len(names) > 1:  # rows alike: one value for all variables of a column
            first: dict[tuple[Place, ...], int] = {}
            tied = [names[first.setdefault(place, number)] for number, place in enumerate(places)]
            rows = self._met(asked, tied, texts) if len(set(tied)) < min(len(names), _MOST_MET + 1) else []
        shuffling = random.Random(0)  # noqa: S311 - no secret
        if rows is None:
            return [tuple(shuffling.choice(one) if one else None for one in pools) for _ in range(_KEPT)]
        if len(rows) > _KEPT:  # the first are nearest to what the conditions say
            first_half = rows[: _KEPT // 2]
            rows = first_half + shuffling.sample(rows[_KEPT // 2 :], _KEPT - len(first_half))
        free = list(dict.fromkeys(tied))
        return [tuple(row[free.index(one)] for one in tied) for row in rows]

    def _narrowed(self, asked: _Asked, texts: list[str]) -> _Asked:
        """Return a variable with those of its candidates that satisfy the conditions on it alone."""
        rows = self.ask(_crossed([asked], texts, 10 * _KEPT)) if texts else None
        return _Asked(asked.name, asked.kind, [row[0] for row in rows]) if rows is not None else asked

    def _met(self, asked: list[_Asked], tied: list[str], texts: list[str]) -> list[tuple[Any, ...]] | None:
        """Return the values of the variables that ``tied`` leaves free which satisfy all conditions."""
        free = [one for one in asked if one.name in tied]
        share = max(int(_MOST_TRIED ** (1 / len(free))), 2)
        tried = [_Asked(one.name, one.kind, _some(one.pool, share)) for one in free]
        twins = {one.name: other for one, other in zip(asked, tied, strict=True) if one.name != other}
        return self.ask(_crossed(tried, texts, 20 * _KEPT, twins))

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


@dataclass(slots=True)
class _Knot:
    """Variables that hang together by conditions and wishes."""

    names: dict[str, None] = field(default_factory=dict)
    conditions: list[Condition] = field(default_factory=list)
    wishes: list[Condition] = field(default_factory=list)

    def take(self, other: _Knot) -> None:
        self.names.update(other.names)
        self.conditions += other.conditions
        self.wishes += other.wishes


def _knots(conditions: list[Condition], wishes: list[Condition]) -> list[_Knot]:
    """Return what hangs together, in the order of the conditions."""
    found: list[_Knot] = []
    single = [_Knot(dict.fromkeys(one.names), [one]) for one in conditions if one.names]
    wished = [_Knot(dict.fromkeys(one.names), [], [one]) for one in wishes if one.names]
    for one in single + wished:
        met = [other for other in found if not one.names.keys().isdisjoint(other.names)]
        whole = met[0] if met else one
        for other in met[1:]:
            whole.take(other)
        if met:
            whole.take(one)
            found = [other for other in found if all(other is not gone for gone in met[1:])]
        else:
            found.append(one)
    return found


def _only(text: str, name: str) -> bool:
    """Whether a condition is on one variable alone."""
    return set(_SHORT.findall(text)) == {name}


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


@dataclass(frozen=True, slots=True)
class _Asked:
    """A variable in a question: its name, its type in DuckDB, its candidates."""

    name: str
    kind: str
    pool: list[Any]

    def values(self) -> str:
        """Return the candidates as a list in SQL."""
        return f"CAST([{', '.join(map(literal, self.pool))}] AS {self.kind}[])"


def _drawn(asked: list[_Asked], conditions: list[str]) -> str:
    """Return the question which of many combinations, taken by the hash of their number, satisfy conditions."""
    chosen = ", ".join(
        f"{one.values()}[1 + CAST(hash(r, {number}) % {max(len(one.pool), 1)} AS INTEGER)] AS {one.name}"
        for number, one in enumerate(asked)
    )
    return _question(asked, f"(SELECT {chosen} FROM range({_DRAWN}) AS t(r))", conditions, 20 * _KEPT)  # noqa: S608


def _crossed(
    asked: list[_Asked], conditions: list[str], most: int, twins: dict[str, str] | None = None
) -> str:
    """Return the question which combinations satisfy conditions; ``twins`` are variables with another's value."""
    lists = ", ".join(f"(SELECT unnest({one.values()}) AS {one.name})" for one in asked)
    more = "".join(f", {other} AS {one}" for one, other in (twins or {}).items())
    return _question(asked, f"(SELECT *{more} FROM {lists})", conditions, most)  # noqa: S608


def _question(asked: list[_Asked], rows: str, conditions: list[str], most: int) -> str:
    names = ", ".join(one.name for one in asked)
    wanted = " AND ".join(f"TRY({one})" for one in conditions) or "TRUE"
    return f"SELECT {names} FROM {rows} WHERE {wanted} LIMIT {most}"  # noqa: S608
