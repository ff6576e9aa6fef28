"""The two statements of a proof, bound, and the base tables that they read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.model import SourceKind
from sqlopt.query.bind.nodes import fold
from sqlopt.query.understand import understand
from sqlopt.rewrite.prove.effort import spend
from sqlopt.rewrite.prove.names import misread
from sqlopt.rewrite.prove.types import Kind, column_kind, guess
from sqlopt.warehouses.semantics import semantics

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlopt.catalog import Catalog, Table
    from sqlopt.query.bind.model import Source
    from sqlopt.query.query import Query

_MOST_COLUMNS = 400
_LONGEST = 250_000  # characters: a second of parsing


class Unsupported(Exception):  # noqa: N818 - no error: the verdict will be `unknown`
    """The pair can't be judged; the text says why, ``notes`` what the engine said."""

    def __init__(self, reason: str, notes: tuple[str, ...] = ()) -> None:
        super().__init__(reason)
        self.notes = notes


@dataclass(slots=True)
class Field:
    """A column of a test table.

    ``type`` is in the source dialect, None where it was guessed, ``precise`` is its tree. ``read`` says that a
    statement or a constraint reads it: the values of any other can't matter.
    """

    name: str
    kind: Kind
    type: str | None
    nullable: bool
    precise: exp.DataType | None = None
    collation: str | None = None
    read: bool = True


@dataclass(slots=True)
class Relation:
    """A base table: its columns and the constraints that are facts."""

    name: str
    label: str
    fields: list[Field]
    table: Table | None
    keys: list[tuple[str, ...]] = field(default_factory=list)
    foreign: list[tuple[tuple[str, ...], str, tuple[str, ...]]] = field(default_factory=list)

    def position(self, column: str) -> int | None:
        """Return the place of a column (names compare without case; see `names`)."""
        folded = column.casefold()
        return next((i for i, one in enumerate(self.fields) if one.name.casefold() == folded), None)


class Pair:
    """Two queries over the same catalog. Raises `Unsupported` for what is not one query each."""

    def __init__(self, before: str, after: str, dialect: str, catalog: Catalog) -> None:
        self.dialect = dialect
        self.catalog = catalog
        self.queries = _queries(before, after, dialect, catalog)
        self.relations: dict[str, Relation] = {}
        self.premises: list[str] = []
        self._read: dict[int, set[str]] = {}  # the columns that are read of each source, by its id
        self._gather()
        reason = misread(self)
        if reason is not None:
            raise Unsupported(reason)

    def _gather(self) -> None:
        sources: dict[str, list[Source]] = {}
        for query in self.queries:
            for source in query.sources:
                if source.kind is SourceKind.TABLE and source.inner is None:
                    sources.setdefault(identity(source), []).append(source)
                    self._read[id(source)] = set(query.reads.of(source).columns)
        guesses = guess(self.queries, identity)
        labels: set[str] = set()
        for key, found in sources.items():
            label = key.rsplit(".", 1)[-1].strip("*") or "t"
            while label in labels:
                label += "_"
            labels.add(label)
            self.relations[key] = self._relation(key, label, found, guesses)
        self._constrain()

    def _relation(
        self, key: str, label: str, found: list[Source], guesses: dict[tuple[str, str], Kind]
    ) -> Relation:
        table = found[0].table
        fields: list[Field] = []
        known = set()
        for column in (table.columns if table is not None else {}).values():
            known.add(column.name.casefold())
            dialect = self.catalog.dialect or self.dialect
            kind, precise = column_kind(column.type, dialect)
            if column.type is None:
                kind = guesses.get((key, column.name.casefold()), Kind.INTEGER)
            nullable = column.nullable is not False
            fields.append(Field(column.name, kind, column.type, nullable, precise, column.collation))
        extra = sorted({name for source in found for name in self._read[id(source)]} - known)
        if table is not None and known:
            extra = []
        for name in extra:
            kind = guesses.get((key, name), Kind.INTEGER)
            fields.append(Field(name, kind, None, nullable=True))
            self.premises.append(f"assumed: {label}.{name} is {kind.value}, nullable")
        read = {name for source in found for name in self._read[id(source)]}
        for one in fields:
            one.read = one.name.casefold() in read
        if not fields:
            fields.append(Field("sqlopt_row", Kind.INTEGER, None, nullable=True))
        if len(fields) > _MOST_COLUMNS:
            raise Unsupported(f"{label} has {len(fields)} columns; at most {_MOST_COLUMNS} are tested")
        return Relation(key, label, fields, table)

    def _constrain(self) -> None:
        cells = semantics(self.dialect)
        for relation in self.relations.values():
            table = relation.table
            if table is None:
                continue
            if table.enforced or (table.enforced is None and cells.keys_enforced.only(value=True)):
                for key in (table.primary_key, *table.unique):
                    if key and all(relation.position(one) is not None for one in key):
                        relation.keys.append(key)
                for one in (
                    table.primary_key if cells.null_in_primary_key.only(value=False) else ()
                ):  # there, keys may hold NULLs
                    place = relation.position(one)
                    if place is not None:
                        relation.fields[place].nullable = False
            for key in relation.keys:
                self._use(relation, key)
            for link in table.foreign_keys:
                self._link(relation, link.columns, link.references, link.to, enforced=link.enforced)

    def _link(
        self,
        relation: Relation,
        columns: tuple[str, ...],
        references: str,
        to: tuple[str, ...],
        *,
        enforced: bool | None,
    ) -> None:
        table = relation.table
        holds = enforced if enforced is not None else (table.enforced if table is not None else None)
        if not (holds or (holds is None and semantics(self.dialect).foreign_keys_enforced.only(value=True))):
            return
        target = self.catalog.table(references)
        other = self.relations.get(target.name.casefold()) if target is not None else None
        if other is None or target is None:
            return
        to = to or target.primary_key
        known = [relation.position(one) for one in columns] + [other.position(one) for one in to]
        if len(to) == len(columns) and None not in known:
            relation.foreign.append((columns, other.name, to))
            self._use(relation, columns)
            self._use(other, to)

    @staticmethod
    def _use(relation: Relation, columns: tuple[str, ...]) -> None:
        """Note that a constraint reads columns."""
        for one in columns:
            place = relation.position(one)
            if place is not None:
                relation.fields[place].read = True

    def same_order(self) -> bool:
        """Whether the first statement promises an order."""
        return self.queries[0].tree.args.get("order") is not None


def identity(source: Source) -> str:
    """Return the key of the base table that a source reads."""
    name = source.table.name if source.table is not None else source.table_name
    return name.casefold()


def _queries(before: str, after: str, dialect: str, catalog: Catalog) -> tuple[Query, Query]:
    """Return what is compared: two queries, or those that stand for two statements of another kind."""
    from sqlopt.rewrite.prove import stored

    found = _one(before, dialect, catalog, "first"), _one(after, dialect, catalog, "second")
    if all(_is_query(one) for one in found):
        return found
    texts = stored.queries(*found)
    queries = _one(texts[0], dialect, catalog, "first"), _one(texts[1], dialect, catalog, "second")
    if not all(_is_query(one) for one in queries):
        raise Unsupported("the rows of the statements can't be written as queries")
    return queries


def _one(text: str, dialect: str, catalog: Catalog, which: str) -> Query:
    if len(text) > _LONGEST:
        raise Unsupported(f"the {which} text is too large to be compared: over {_LONGEST:,} characters")
    try:
        queries = [one for one in understand(text, dialect, catalog) if one.statement.tokens]
    except ValueError as error:
        raise Unsupported(str(error)) from error
    spend(len(text))
    if len(queries) != 1:
        raise Unsupported(f"the {which} text holds {len(queries)} statements, not one")
    query = queries[0]
    if query.statement.error is not None:
        raise Unsupported(f"the {which} statement can't be parsed: {query.statement.error.message}")
    if query.statement.quoted:
        raise Unsupported(f"the {which} statement stands in a string")
    return query


def weight(query: Query) -> int:
    """Return what planning a statement takes, in nodes of its tree; of ANDs and ORs it is the square (DuckDB 1.5)."""
    nodes = connectors = 0
    for node in query.tree.walk():
        nodes += 1
        connectors += isinstance(node, exp.Connector)
    return nodes + connectors**2 // 2


def width(query: Query) -> int:
    """Return how many FROM items a statement multiplies with each other at most, a subquery's with those around it."""
    known: dict[str, int] = {}

    def of(node: exp.Expr) -> int:
        if isinstance(node, exp.Table):
            return known.get(node.name.casefold(), 1)
        for one in node.find_all(exp.CTE) if node.args.get("with_") else ():
            known.setdefault(one.alias.casefold(), of(one.this))
        if isinstance(node, exp.SetOperation):
            return max(of(node.this), of(node.expression))
        return max(sum(map(of, _below(node))), 1)

    return of(query.tree)


def _below(node: exp.Expr) -> list[exp.Expr]:
    """Return the tables and queries below a node, outermost; not those of WITH."""
    found: list[exp.Expr] = []
    waiting = [one for key, one in node.args.items() if key != "with_"]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, (exp.Table, exp.Select, exp.SetOperation)):
            found.append(one)
        elif isinstance(one, exp.Expr):
            waiting += one.args.values()
    return found


def _is_query(query: Query) -> bool:
    tree = query.tree
    while isinstance(tree, (exp.Subquery, exp.Paren)) and isinstance(tree.this, exp.Query):
        tree = tree.this
    return isinstance(tree, exp.Query)


def names(node: exp.Expr) -> Iterable[str]:
    """Return the case-folded parts of a column's name."""
    return (fold(part) for part in node.parts) if isinstance(node, exp.Column) else ()
