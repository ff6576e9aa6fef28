"""Values worth testing a column with: the statements' own constants, their neighbours, and edges."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from sqlopt.rewrite.prove.effort import spend
from sqlopt.rewrite.prove.testing.values import worked_out
from sqlopt.rewrite.prove.types import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query.query import Query
    from sqlopt.rewrite.prove.pair import Pair

Place = tuple[str, str]
"""A column: the table's key and the column's case-folded name."""

_CASELESS = frozenset({"mysql", "tsql", "singlestore", "doris", "starrocks"})  # default collations
_EDGES = [date(2023, 12, 31), date(2024, 1, 1), date(2024, 2, 29), date(2024, 3, 1), date(2024, 6, 15),
          date(2024, 12, 31), date(2025, 1, 1)]  # fmt: skip
_YEARS = range(1900, 2101)
_MOST_INSIDE = 60
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")
_FLIPPED: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.LT: exp.GT,
    exp.GT: exp.LT,
    exp.LTE: exp.GTE,
    exp.GTE: exp.LTE,
}
_STEPS: dict[type[exp.Expr], int] = {exp.GT: 1, exp.LT: -1, exp.NEQ: 1}
_COMPARISONS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.NullSafeEQ)


@dataclass(slots=True)
class Pool:
    """A column's test values.

    ``hits`` satisfy a predicate on it, ``near`` are its constants and theirs beside, ``common`` what every column
    of its kind gets.
    """

    hits: list[Any] = field(default_factory=list)
    near: list[Any] = field(default_factory=list)
    common: list[Any] = field(default_factory=list)


class Domains:
    """The pools of every column of a pair. Columns that are compared share theirs."""

    def __init__(self, pair: Pair) -> None:
        from sqlopt.rewrite.prove.pair import identity

        self._identity = identity
        self.caseless = pair.dialect in _CASELESS
        self.kinds = {
            (key, one.name.casefold()): one.kind
            for key, table in pair.relations.items()
            for one in table.fields
        }
        self._parents: dict[Place, Place] = {}
        self.joined: set[Place] = set()
        """The columns that are compared with others."""
        self._hits: dict[Place, list[str | None]] = {}
        self._near: dict[Place, list[str]] = {}
        self._around: dict[Place, list[exp.Expr]] = {}
        self.literals: list[str] = []
        for query in pair.queries:
            self._read(query)
        for relation in pair.relations.values():
            for columns, other, to in relation.foreign:
                for one, two in zip(columns, to, strict=True):
                    self._join((relation.name, one.casefold()), (other, two.casefold()))
        self._pools: dict[Place, Pool] = {}

    # ---- what the statements say

    def group(self, place: Place) -> Place:
        """Return the representative of the columns that ``place`` is compared with."""
        while place in self._parents:
            place = self._parents[place]
        return place

    def _join(self, one: Place, other: Place) -> None:
        self.joined |= {one, other}
        one, other = self.group(one), self.group(other)
        if one != other and self.kinds.get(one) == self.kinds.get(other):
            self._parents[one] = other

    def _places(self, query: Query, node: exp.Expr) -> Iterator[Place]:
        for column in [node] if isinstance(node, exp.Column) else list(node.find_all(exp.Column)):
            origin = query.origin(column)
            if origin is not None and (place := (self._identity(origin[0]), origin[1])) in self.kinds:
                yield place

    def _read(self, query: Query) -> None:
        for node in query.tree.walk():
            spend()
            if isinstance(node, exp.Literal):
                self.literals.append(node.name)
            elif isinstance(node, exp.JSONPath):
                self.literals.append(".".join(str(one.this) for one in node.find_all(exp.JSONPathKey)))
            elif isinstance(node, _COMPARISONS):
                self._compare(query, node, node.this, node.expression)
                self._compare(query, node, node.expression, node.this)
            elif isinstance(node, exp.In):
                self._membership(query, node)
            elif isinstance(node, exp.Between):
                self._note(query, node.this, [node.args["low"], node.args["high"]], exp.GTE)
            elif isinstance(node, (exp.Like, exp.ILike)):
                self._pattern(query, node)

    def _compare(self, query: Query, node: exp.Expr, one: exp.Expr, other: exp.Expr) -> None:
        if isinstance(one, exp.Column) and isinstance(other, exp.Column):
            for left in self._places(query, one):
                for right in self._places(query, other):
                    self._join(left, right)
            return
        kind = type(node) if one is node.this else _FLIPPED.get(type(node), type(node))
        self._note(query, one, [other], kind)

    def _membership(self, query: Query, node: exp.Expr) -> None:
        self._note(query, node.this, node.expressions, exp.EQ)
        inner = node.args.get("query")
        if inner is not None and isinstance(node.this, exp.Column):
            inner = inner.unnest()
            if isinstance(inner, exp.Select) and len(inner.selects) == 1:
                item = inner.selects[0].unalias()
                if isinstance(item, exp.Column):
                    self._compare(query, node, node.this, item)

    def _note(self, query: Query, one: exp.Expr, others: list[exp.Expr], kind: type[exp.Expr]) -> None:
        values = [value for other in others for value in _constants(other)]
        if not values:
            return
        for place in self._places(query, one):
            self._near.setdefault(place, []).extend(values)
            if isinstance(one, exp.Column):
                self._hits.setdefault(place, []).extend(_hit(value, kind) for value in values)
            elif one.parent is not None:
                self._around.setdefault(place, []).append(one.parent)

    def _pattern(self, query: Query, node: exp.Expr) -> None:
        for value in _constants(node.expression):
            bare = value.replace("%", "").replace("_", "a")
            for place in self._places(query, node.this):
                self._around.setdefault(place, []).append(node)
                self._near.setdefault(place, []).extend([bare, value.replace("%", "x").replace("_", "a")])
                self._hits.setdefault(place, []).append(bare)

    # ---- pools

    def pool(self, place: Place) -> Pool:
        """Return the values for a column, of its own kind."""
        root = self.group(place)
        found = self._pools.get(root)
        if found is None:
            kind = self.kinds[root]
            found = Pool(common=_distinct(self._common(kind)))
            for member in self.kinds:
                if self.group(member) == root:
                    found.hits += [
                        v for one in self._hits.get(member, ()) if (v := read(one, kind)) is not None
                    ]
                    for one in self._near.get(member, ()):
                        found.near += neighbours(one, kind, caseless=self.caseless)
                    found.near += self._inside(member, kind)
            found.hits, found.near = _distinct(found.hits), _distinct(found.near)
            self._pools[root] = found
        return found

    def _inside(self, place: Place, kind: Kind) -> list[Any]:
        """Return values that the functions around a column may turn into what is asked for."""
        found = worked_out(self._around.get(place, ()), kind)
        found = [value for one in found if (value := _as(one, kind)) is not None]
        if kind is Kind.TEXT and self.caseless:
            found = [one for one in found if one and one == one.strip()]
        return found[:_MOST_INSIDE]

    def _common(self, kind: Kind) -> list[Any]:
        near = [
            value
            for one in dict.fromkeys(self.literals)
            for value in neighbours(one, kind, caseless=self.caseless)
        ]
        if kind in (Kind.INTEGER, Kind.BIGINT):
            return [0, 1, 2, 3, -1, 7, 100, *near]
        if kind is Kind.DECIMAL:
            return [Decimal(one) for one in ("0", "1", "2", "0.5", "-1", "1.5", "100")] + near
        if kind is Kind.DOUBLE:
            return [0.0, 1.0, 2.0, 0.5, -1.0, 1.5, 100.0, *near]
        if kind is Kind.TEXT:
            plain = ["a", "b", "abc", "1", "2"]
            return (
                ([] if self.caseless else [""]) + plain + ([] if self.caseless else ["A", "a ", "B"]) + near
            )
        if kind is Kind.BOOLEAN:
            return [True, False]
        if kind is Kind.JSON:
            return list(_documents(self.literals))
        if kind is Kind.UUID:
            near = [one for one in self.literals if _UUID.match(one)]
            return [*near, *(f"00000000-0000-4000-8000-00000000000{one}" for one in range(3))]
        days = [*_EDGES, *near] if kind is Kind.DATE else _EDGES
        if kind is Kind.DATE:
            return days
        if kind in (Kind.TIMESTAMP, Kind.ZONED):
            times = (time(0), time(23, 59, 59), time(12, 30))
            return [datetime.combine(one, at) for one in days for at in times] + near
        return [time(0), time(12, 30), time(23, 59, 59)] if kind is Kind.TIME else [None]


def _documents(literals: list[str]) -> Iterator[str]:
    """Yield JSON texts: plain ones, and such as hold what the statements' paths and texts name."""
    yield from ('{"a": 1}', '{"a": "x", "b": null}', '[1, "x"]', "1", '"x"', "[]", "{}", "null")
    for one in dict.fromkeys(literals):
        keys = [part for part in re.split(r"[$.\[\]\"]+", one) if part]
        for leaf in (1, "x", None, [1, 2], *list(dict.fromkeys(literals))[:12]):
            found: Any = leaf
            for key in reversed(keys):
                found = {key: found}
            yield json.dumps(found)
        yield json.dumps([{one: 1}, one])


def _as(value: Any, kind: Kind) -> Any:
    """Return a value as one of ``kind``, or None."""
    if isinstance(value, Decimal):
        if kind in (Kind.INTEGER, Kind.BIGINT):
            return int(value) if value == int(value) else None
        return float(value) if kind is Kind.DOUBLE else value
    return value


def _constants(node: exp.Expr) -> list[str]:
    """The literals of an expression that reads no column, with its value first where it is plain arithmetic."""
    if node.find(exp.Column, exp.Query) is not None:
        return []
    literals = [
        ("-" if isinstance(one.parent, exp.Neg) else "") + one.name for one in node.find_all(exp.Literal)
    ]
    numbers = [_number(one) for one in literals]
    if isinstance(node, (exp.Add, exp.Sub, exp.Mul)) and len(numbers) > 1 and None not in numbers:
        left, right = numbers[0] or 0, numbers[1] or 0
        worked = {exp.Add: left + right, exp.Sub: left - right, exp.Mul: left * right}[type(node)]
        return [str(worked), *literals]
    return literals


def _hit(value: str, kind: type[exp.Expr]) -> str | None:
    """Return a value that makes ``column kind value`` true."""
    step = _STEPS.get(kind, 0)
    number = _number(value)
    if step == 0:
        return value
    if number is not None:
        return str(number + step)
    day = _day(value)
    return str(day + timedelta(days=step)) if day is not None else value + "x"


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text.strip())
    except (InvalidOperation, ValueError):
        return None
    return number if number.is_finite() and abs(number.adjusted()) < 15 else None  # noqa: PLR2004


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None


def _stamp(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=None)
    except ValueError:
        return None


def read(text: str | None, kind: Kind) -> Any:
    """Return a literal's text as a value of ``kind``, or None if it is none."""
    if text is None:
        return None
    number = _number(text)
    if kind in (Kind.INTEGER, Kind.BIGINT):
        most = 2**31 - 2 if kind is Kind.INTEGER else 2**62
        return int(number) if number is not None and abs(number) < most else None
    if kind is Kind.DECIMAL:
        return round(number, 4) if number is not None else None
    if kind is Kind.DOUBLE:
        return float(number) if number is not None else None
    if kind is Kind.TEXT:
        return text
    if kind is Kind.DATE:
        return _day(text)
    return _stamp(text) if kind in (Kind.TIMESTAMP, Kind.ZONED) else None


def neighbours(text: str, kind: Kind, *, caseless: bool) -> list[Any]:
    """Return a literal's value, and those just beside it, as values of ``kind``."""
    spend()
    value = read(text, kind)
    if kind in (Kind.DATE, Kind.TIMESTAMP, Kind.ZONED):
        return _times(text, value, kind)
    if value is None:
        return []
    if kind in (Kind.INTEGER, Kind.BIGINT):
        return [value, value + 1, value - 1, -value]
    if kind is Kind.DECIMAL:
        return [value, value + 1, value - 1, value + Decimal("0.01"), value - Decimal("0.01")]
    if kind is Kind.DOUBLE:
        return [value, value + 1, value - 1, value + 0.5]
    if kind is not Kind.TEXT:
        return [value]
    texts = [value, value + "x", value[:-1]] if value else [value]
    if _number(value) is not None:
        texts += ["0" + value] if not caseless else []
    if not caseless:
        texts += [value.upper(), value.lower(), value.capitalize(), value + " ", " " + value]
    return [one for one in texts if one or not caseless]


def _times(text: str, value: Any, kind: Kind) -> list[Any]:
    number = _number(text)
    if value is None and number is not None and int(number) in _YEARS:
        year = int(number)
        days = [
            date(year, 1, 1),
            date(year, 12, 31),
            date(year - 1, 12, 31),
            date(year + 1, 1, 1),
            date(year, 6, 15),
        ]
        found: list[Any] = days
    elif value is None:
        return []
    elif isinstance(value, datetime):
        steps = (0, 0.5, 1, -1, -0.5, 86_400)
        return [value + timedelta(seconds=step) for step in steps]
    else:
        following = (value.replace(day=1) + timedelta(days=32)).replace(day=1)
        found = [value, value + timedelta(days=1), value - timedelta(days=1), value.replace(day=1),
                 following, following - timedelta(days=1)]  # fmt: skip
    if kind is Kind.DATE:
        return found
    return [datetime.combine(one, at) for one in found for at in (time(0), time(23, 59, 59))]


def _distinct(values: list[Any]) -> list[Any]:
    return list(dict.fromkeys(values))
