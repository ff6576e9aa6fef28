"""The declared facts that a proof may use, and which of them it did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlglot import exp

from sqlopt.rewrite.prove.logic.terms import Node, col, identity
from sqlopt.rewrite.prove.types import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlopt.rewrite.prove.pair import Field, Pair, Relation

Fact = tuple[str, str, Any]
"""``not null`` table column, ``key`` table columns, ``link`` table (columns, other table, its columns)."""
Link = tuple[tuple[str, ...], str, tuple[str, ...]]

_KINDS = {
    Kind.INTEGER: "int", Kind.BIGINT: "int", Kind.DECIMAL: "num", Kind.DOUBLE: "float", Kind.TEXT: "text",
    Kind.BOOLEAN: "bool", Kind.DATE: "date", Kind.TIMESTAMP: "ts", Kind.ZONED: "tz", Kind.TIME: "time",
}  # fmt: skip
_NUMBERS = frozenset({"snowflake", "oracle"})
_PADDED = (exp.DType.CHAR, exp.DType.NCHAR, exp.DType.BPCHAR)
_ODD = (exp.DType.NAME, exp.DType.SMALLDATETIME)
"""Types that round or cut what they are compared with."""
_BINARY = frozenset({"default", "c", "posix"})
"""Collations that tell all texts apart: https://www.postgresql.org/docs/current/collation.html (checked 2026-12-01)."""
_TRUTHS = frozenset({"mysql", "tsql"})
"""Dialects whose truth values are numbers."""


FINITE: Fact = ("finite", "", "")
"""No date or timestamp is infinite."""


class Knowledge:
    """The facts of a pair's tables; ``used`` collects those that a proof rests on.

    ``without`` are facts that must not be used, to see whether a proof needs them.
    """

    def __init__(self, pair: Pair, without: frozenset[Fact] = frozenset()) -> None:
        self.pair = pair
        self.without = without
        self.used: set[Fact] = set()
        self._kinds: dict[str, dict[str, str]] = {}
        self._filled: dict[str, set[str]] = {}
        self._keys: dict[str, list[tuple[str, ...]]] = {}
        self._links: dict[str, list[Link]] = {}
        self._chosen: set[str] = set()
        for key, relation in pair.relations.items():
            self._read(key, relation)

    def _read(self, key: str, relation: Relation) -> None:
        self._kinds[key] = {
            one.name.casefold(): (_kind(one, self.pair.dialect) if one.type is not None else "")
            or f"?{key}.{one.name.casefold()}"
            for one in relation.fields
        }
        self._filled[key] = {
            one.name.casefold()
            for one in relation.fields
            if not one.nullable and ("not null", key, one.name.casefold()) not in self.without
        }
        keys = [tuple(name.casefold() for name in one) for one in relation.keys]
        self._keys[key] = [one for one in dict.fromkeys(keys) if ("key", key, one) not in self.without]
        links = [
            (tuple(one.casefold() for one in columns), other, tuple(one.casefold() for one in to))
            for columns, other, to in relation.foreign
        ]
        self._links[key] = [one for one in links if ("link", key, one) not in self.without]

    def use(self, fact: Fact) -> None:
        """Note that a fact was used; of rows that are chosen, it is no declared one."""
        if fact[1] not in self._chosen:
            self.used.add(fact)

    def choose(self, kinds: Sequence[str], filled: Sequence[bool], most: int | None) -> str:
        """Return the name of a table that stands for rows that the engine chooses, ``most`` at most.

        ``filled`` says which columns never hold NULL.
        """
        name = f"chosen {len(self._chosen)}"
        self._chosen.add(name)
        self._kinds[name] = {str(place): kind for place, kind in enumerate(kinds)}
        self._filled[name] = {str(place) for place, one in enumerate(filled) if one}
        self._keys[name] = [()] if most is not None and most <= 1 else []
        self._links[name] = []
        return name

    def columns(self, table: str, row: int) -> dict[str, Node]:
        """Return a row's columns by name."""
        return {name: col(row, name, kind) for name, kind in self._kinds[table].items()}

    def column(self, table: str, row: int, name: str) -> Node:
        """Return one column of a row."""
        return col(row, name, self._kinds[table][name])

    def identity(self, table: str, row: int, name: str) -> Node:
        """Return what decides whether a column's values are equal."""
        return identity(self.column(table, row, name), self.pair.dialect)

    def keys(self, table: str) -> list[tuple[str, ...]]:
        """Return the sets of columns in which no two rows agree, NULLs apart."""
        return self._keys[table]

    def not_null(self, table: str, name: str) -> bool:
        """Whether a column never holds NULL."""
        return name in self._filled[table]

    def links(self, table: str) -> list[Link]:
        """Return the foreign keys: columns, the other table, its columns."""
        return self._links[table]

    def sentence(self, fact: Fact) -> str:
        """Return a fact in words, with where it came from."""
        if fact == FINITE:
            return "assumed: dates and timestamps are finite"
        sort, name, what = fact
        relation = self.pair.relations[name]
        table = relation.table
        origin = f" ({table.origin})" if table is not None and table.origin else " (catalog)"
        if sort == "not null":
            return f"{relation.label}.{what} is NOT NULL{origin}"
        held = "enforced" if table is not None and table.enforced else f"{self.pair.dialect} enforces it"
        if sort == "key":
            columns = ", ".join(what)
            primary = table is not None and tuple(one.casefold() for one in table.primary_key) == what
            return f"{relation.label} ({columns}) is {'its primary key' if primary else 'unique'}, {held}{origin}"
        columns_of, other, to = what
        target = self.pair.relations[other].label
        return (
            f"{relation.label} ({', '.join(columns_of)}) refers to {target} ({', '.join(to)}), {held}{origin}"
        )


def _kind(field: Field, dialect: str) -> str:
    """Return the kind of a column's values; empty where what they are, or how they compare, is not known."""
    kind, precise = field.kind, field.precise
    if dialect == "sqlite" or precise is None:
        return ""  # in SQLite, any column holds values of any type
    if precise.args.get("collate") or (field.collation or "default").casefold() not in _BINARY:
        return ""
    if dialect == "oracle" and kind is Kind.DATE:
        return "ts"  # with hours and minutes
    if precise.this in _PADDED:
        return "char"
    if precise.this in _ODD or (kind is Kind.BOOLEAN and dialect in _TRUTHS):
        return ""
    if precise.this in exp.DataType.REAL_TYPES and kind is Kind.BIGINT:
        return "int" if dialect in _NUMBERS else "num"  # where decimals divide like whole numbers
    return _KINDS.get(kind, "")
