"""The lineage of a script: statements in order, with the tables that only live between them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Literal

from sqlglot import exp

from sqlopt.catalog import Catalog, Column, Table
from sqlopt.lineage import outside
from sqlopt.lineage.edge import Transformation
from sqlopt.lineage.feeds import Tracer
from sqlopt.lineage.functions import Functions, called, creates, known_arguments
from sqlopt.lineage.hops import hops as steps
from sqlopt.lineage.path import search_path
from sqlopt.lineage.result import Lineage, edges_of
from sqlopt.lineage.statement import Reader
from sqlopt.lineage.uses import Feeds, add
from sqlopt.lineage.variables import Value, Variables, read
from sqlopt.query.bind.model import Source, SourceKind
from sqlopt.query.bind.named import undecorated
from sqlopt.query.query import Query
from sqlopt.query.text.parse import ParseFailure, parse, value
from sqlopt.span import Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlopt.lineage.edge import Edge
    from sqlopt.lineage.written import StatementLineage, Written
    from sqlopt.query.text.parse import Statement


_UNLOADED = re.compile(r"UNLOAD\b.*\bTO\s+'((?:[^']|'')*)'", re.IGNORECASE | re.DOTALL)
Closure = Literal["temporary", "all"]


def trace(  # noqa: PLR0913, PLR0917 - the face of lineage
    text: str, dialect: str, catalog: Catalog, closure: Closure = "temporary", today: date | None = None,
    target: str = "",
) -> Lineage:  # fmt: skip
    """Return the lineage of all statements of ``text``.

    ``closure`` says which tables between the statements are seen through: only temporary ones, or all
    that one statement fills and a later one reads. Default database and schema are the catalog's. ``target``
    is the table that the last bare query fills, as a dbt model does.
    """
    statements = parse(text, dialect)
    session = Session(catalog)
    if closure == "all":
        session.see_through(_intermediate(text, dialect, catalog))
    day = today or datetime.now(UTC).date()
    found: list[StatementLineage] = []
    errors: list[ParseFailure] = []
    for statement in statements:
        if statement.error is not None:
            errors.append(statement.error)
        try:
            found += session.read(text, dialect, statement, day)
        except Exception as error:  # noqa: BLE001 - one statement's failure costs that statement
            message = f"the lineage of this statement could not be read: {type(error).__name__}"
            errors.append(ParseFailure(message, statement.span))
    if target:
        _fill(target, found)
    return Lineage(tuple(found), session.hidden(), tuple(errors))


def _fill(target: str, found: list[StatementLineage]) -> None:
    bare = (one for statement in reversed(found) for one in statement.written if not one.table)
    written = next(bare, None)
    if written is not None:
        written.table, written.replaces = target, True


def _intermediate(text: str, dialect: str, catalog: Catalog) -> set[str]:
    """Return the tables that one statement fills and a later one reads on its way to another table."""
    filled: set[str] = set()
    between: set[str] = set()
    for one in trace(text, dialect, catalog).statements:
        targets = {written.table.casefold() for written in one.written if written.table}
        reads = {table.casefold() for table in one.tables_in}
        if targets or one.written:
            between |= (reads & filled) - targets
        filled |= targets
    return between


def hops(found: Lineage) -> tuple[Edge, ...]:
    """Return the edges of a script one step at a time (see `Lineage.hops`)."""
    edges: dict[Edge, None] = {}
    for number, one in enumerate(found.statements, 1):
        session = Session(one.query.catalog)
        session.catalog.default_database, session.catalog.default_schema = one.defaults
        session.variables.values, session.functions.bodies = one.variables, one.functions
        for target, feeds in steps(one.query, session, session.name, number):
            edges.update(dict.fromkeys(edges_of(feeds, target, one)))
    return tuple(edges)


class Session:
    """What earlier statements leave for later ones: tables, their columns, and where those came from."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = Overlay(catalog)
        self.stations: dict[str, dict[str, Feeds]] = {}
        self.variables = Variables()
        self.functions = Functions()
        self._function = Span(0, 0)  # the last CREATE FUNCTION
        self._unloaded = Span(0, 0), ""  # the last UNLOAD, and where its query goes
        self._temporary: set[str] = set()
        self._passed: set[tuple[str, str]] = set()
        self._through: set[str] = set()

    def see_through(self, tables: set[str]) -> None:
        """Treat these tables, by case-folded whole name, as temporary ones."""
        self._through |= tables

    # ---- names, as `Tracer` asks for them

    def of(self, source: Source) -> str:
        """Return the whole name of a source that is a table; empty for others."""
        view = source.node.this
        if isinstance(view, exp.SemanticView) and isinstance(view.this, exp.Table):
            return self.name(view.this)
        if source.kind is not SourceKind.TABLE:
            function = called(source) if source.inner is None else ""
            if function.casefold() in self.stations:
                return function
            return outside.read(source.node) if source.inner is None else ""
        known = source.table.name if source.table is not None else ""
        written = self.complete(source.table_name)
        return known if known.count(".") > written.count(".") else written

    def complete(self, dotted: str) -> str:
        """Return a dotted name with the default database and schema that it lacks."""
        database, schema = self.catalog.default_database, self.catalog.default_schema
        if not (database or schema) or outside.kind(dotted) != "table":
            return dotted
        parts = dotted.count(".")
        if parts == 0 and schema:
            dotted = f"{schema}.{dotted}"
            parts = 1
        return f"{database}.{dotted}" if parts == 1 and database else dotted

    def station(self, name: str) -> Mapping[str, Feeds] | None:
        """Return the columns of a table to be seen through, by case-folded name."""
        return self.stations.get(name.casefold())

    def partial(self, name: str) -> bool:
        """Whether a table to be seen through is a lasting one, which other scripts may fill as well."""
        return name.casefold() not in self._temporary

    def passed(self, name: str, column: str) -> None:
        """Note that the lineage goes on through this column."""
        self._passed.add((name.casefold(), column))

    def beyond(self, node: exp.Expr, path: tuple[str, ...], tracer: Tracer) -> Feeds | None:
        """Return what a script variable, or a call of a function whose text is known, stands for."""
        found = self.variables.feeds(node, path, tracer)
        return found if found is not None else self.functions.feeds(node, tracer)

    def hidden(self) -> frozenset[tuple[str, str]]:
        """Return (table, column), case-folded, of what is seen through; an empty column is the whole table."""
        gone = {(table, "") for table, _ in self._passed if table in self._temporary}
        return frozenset(self._passed | gone)

    def name(self, table: exp.Expr) -> str:
        """Return the whole name that a table node stands for."""
        if not isinstance(table, exp.Table) or not table.name:
            return table.name
        dotted = undecorated(".".join(part.name for part in table.parts))
        known = self.catalog.table(dotted)
        written = self.complete(dotted)
        return known.name if known is not None and known.name.count(".") > written.count(".") else written

    # ---- statements

    def read(self, text: str, dialect: str, statement: Statement, today: date) -> list[StatementLineage]:
        """Read one statement, which may do no more than fill variables, and remember what it leaves behind."""
        found = []
        if statement.tree is not None:
            query = Query(text, dialect, known_arguments(statement), self.catalog, today)
            found.append(self.run(query))
        self._unload(statement, text, found)
        if statement.fills is not None:
            self._fill(text, dialect, statement, today, found)
        return found

    def run(self, query: Query) -> StatementLineage:
        """Read one parsed statement and remember what it leaves behind."""
        tree = query.tree
        reader = Reader(query, self, self.name)
        found = reader.read()
        found.defaults = self.catalog.default_database, self.catalog.default_schema
        found.variables, found.functions = self.variables.values, self.functions.bodies
        gives = self.functions.note(query, self)
        if gives is not None:
            self._remember(gives)
        fills = self.variables.note(reader.tracer) or query.statement.fills is not None
        if self._of_function(query) or fills:
            found.written = [one for one in found.written if one.table]
        path = search_path(query)
        if path is not None:
            self.catalog.default_schema = path or self.catalog.base.default_schema
        elif isinstance(tree, exp.Use):
            self._use(tree)
        elif isinstance(tree, exp.Drop) and isinstance(tree.this, exp.Table):
            self.stations.pop(self.name(tree.this).casefold(), None)
        for written in found.written:
            self._remember(written)
        return found

    def _of_function(self, query: Query) -> bool:
        """Whether a statement is (part of) the quoted body of a function, whose result is no one's here."""
        span = query.statement.span
        if creates(query.tree):
            self._function = span
            return False
        return self._function.start < span.start and span.end <= self._function.end

    def _unload(self, statement: Statement, text: str, found: list[StatementLineage]) -> None:
        """UNLOAD ('query') TO 'place': the query, a statement of its own, fills the place."""
        written = text[statement.span.start : statement.span.end]
        place = _UNLOADED.match(written)
        if place is not None:
            self._unloaded = statement.span, place.group(1).replace("''", "'")
            return
        span, name = self._unloaded
        if name and (statement.quoted or statement.span.start < span.end):
            for one in [one for each in found for one in each.written if not one.table]:
                one.table, one.replaces = name, True
        self._unloaded = Span(0, 0), ""

    def _fill(
        self, text: str, dialect: str, statement: Statement, today: date, found: list[StatementLineage]
    ) -> None:
        """Give variables what a statement fills them with."""
        fills = statement.fills
        if fills is None or isinstance(statement.tree, (exp.Set, exp.Declare)):
            return
        if not fills.tokens and found:
            held = read(Tracer(found[0].query, self))
        else:
            inner = value(fills, text, dialect, statement.variables)
            if inner is not None:
                held = read(Tracer(Query(text, dialect, inner, self.catalog, today), self))
            else:
                held = self.variables.get(fills.tokens[0].text if fills.tokens else "") or Value({})
        self.variables.fill(list(fills.names), held, sure=fills.sure and dialect != "tsql")

    def _remember(self, written: Written) -> None:
        key = written.table.casefold()
        if not key:
            return
        if written.replaces and written.columns:
            self.catalog.define(written)
        if not (written.temporary or key in self._through or key in self.stations):
            return
        if written.temporary:
            self._temporary.add(key)
        columns = {} if written.replaces else self.stations.setdefault(key, {})
        for name, feeds in [*written.columns, ("", written.influences)]:
            add(columns.setdefault(name.casefold(), {}), feeds, Transformation.IDENTITY)
        self.stations[key] = columns

    def _use(self, tree: exp.Use) -> None:
        if not isinstance(tree.this, exp.Table):
            return
        parts = [part.name for part in tree.this.parts]
        kind = (tree.args["kind"].name if tree.args.get("kind") else "").upper()
        if kind in ("WAREHOUSE", "ROLE", "SECONDARY ROLES"):
            return
        if kind == "DATABASE":
            self.catalog.default_database = parts[-1]
        elif len(parts) == 1:
            self.catalog.default_schema = parts[0]
        else:
            self.catalog.default_database, self.catalog.default_schema = parts[-2:]


class Overlay(Catalog):
    """A catalog under which tables that a script makes are added."""

    def __init__(self, base: Catalog) -> None:
        super().__init__((), base.dialect, base.default_database, base.default_schema)
        self.base = base

    def table(self, name: str) -> Table | None:
        """Return a table made by the script, else one of the catalog beneath."""
        return (super().table(name) if self.tables else None) or self.base.table(name)

    def define(self, written: Written, *, also: bool = False) -> None:
        """Add a table with the columns that a statement gives it, if they are all known.

        With ``also`` the columns that it has by another statement stay.
        """
        key = written.table.casefold()
        if written.open or any(name == "*" for name, _ in written.columns):
            return
        columns = {name: Column(name) for name, _ in written.columns}
        if key in self.tables:
            columns = {**self.tables[key].columns, **columns} if also else columns
            kept = [one for name, one in self.tables.items() if name != key]
            self.tables, self._tails, self._shards = {}, {}, []
            for one in kept:
                self._add(one)
        self._add(Table(written.table, columns))
