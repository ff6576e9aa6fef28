"""Both statements of a pair in DuckDB: translated once, run on one database after another."""

from __future__ import annotations

import re
import threading
import time
from typing import TYPE_CHECKING, Any, Final

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ErrorLevel, SqlglotError

from sqlopt.query.bind.model import SourceKind
from sqlopt.query.bind.nodes import fold
from sqlopt.query.values.volatility import CLOCK_NAMES
from sqlopt.rewrite.prove import carried
from sqlopt.rewrite.prove.columns import declared, literal, unread
from sqlopt.rewrite.prove.compare import Failed, normal
from sqlopt.rewrite.prove.pair import Pair, Unsupported, identity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import duckdb

    from sqlopt.query.query import Query
    from sqlopt.rewrite.prove.compare import Row
    from sqlopt.rewrite.prove.databases import Database
    from sqlopt.rewrite.prove.pair import Field

# What `/` gives of two integers where the source engine divides whole: macros see types only when bound.
_DIVIDE = """CREATE MACRO sqlopt_divide(a, b) AS CASE
  WHEN typeof(a) IN ('TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT')
   AND typeof(b) IN ('TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT')
  THEN CAST(a AS HUGEINT) // CAST(b AS HUGEINT) ELSE a / b END"""


NOW = "2024-02-29 12:30:00"
"""What the clock says in tests: a statement that reads it must give the same twice."""
_CLOCKS = (exp.CurrentDate, exp.CurrentTimestamp, exp.CurrentTimestampLTZ, exp.UtcDate, exp.UtcTimestamp,
           exp.Localtimestamp, exp.CurrentDatetime)  # fmt: skip


_PLAIN: Final[dict[str, Any]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
_SEALED: Final = {
    **_PLAIN,
    "threads": 1,
    "enable_external_access": "false",
    "memory_limit": "512MB",
    "temp_directory": "",
}
"""A statement may be anybody's: it reads no files, reaches no network, and takes no memory without end."""


class Timeout(Exception):  # noqa: N818 - the time given is over
    """The time given is over."""


class Engine:
    """One in-memory DuckDB with the pair's tables. Raises `Unsupported` where a statement does not run there.

    ``files`` are the expressions that read the tables' own data, by label, instead of empty tables to be filled.
    """

    def __init__(self, pair: Pair, deadline: float, files: Mapping[str, str] | None = None) -> None:
        try:
            import duckdb
        except ImportError as error:
            raise Unsupported("DuckDB is not installed: pip install duckdb") from error
        self.errors: tuple[type[Exception], ...] = (duckdb.Error, RuntimeError, OverflowError)
        self.pair = pair
        self.deadline = deadline
        self.texts = [translate(pair, query) for query in pair.queries]
        self.keys: tuple[int, ...] = ()
        """The places of what the first result is ordered by; those beyond its width are columns added to it."""
        self.connection: duckdb.DuckDBPyConnection = duckdb.connect(
            config=_SEALED if files is None else _PLAIN
        )
        self._prepare(files)
        self._filled: set[str] = set()
        self.names: list[list[str]] = []
        self.types: list[list[str]] = []
        for text, which in zip(self.texts, ("first", "second"), strict=True):
            try:
                found = self.connection.execute(f"DESCRIBE {text}").fetchall()
            except self.errors as error:
                raise Unsupported(f"the {which} statement does not run in DuckDB: {_line(error)}") from error
            self.names.append([row[0] for row in found])
            self.types.append([row[1] for row in found])
        self._show_order()

    def _show_order(self) -> None:
        """Add what the first statement is ordered by to its columns, where it is none of them."""
        width = len(self.names[0])
        keys, added = order_keys(self.pair.queries[0], width)
        if added:
            text = translate(self.pair, self.pair.queries[0], added)
            try:
                if len(self.connection.execute(f"DESCRIBE {text}").fetchall()) != width + len(added):
                    return
            except self.errors:
                return
            self.texts[0] = text
        self.keys = keys

    def _prepare(self, files: Mapping[str, str] | None) -> None:
        self.connection.execute("SET TimeZone = 'UTC'")
        self.connection.execute("SET order_by_non_integer_literal = true")
        self.connection.execute(_DIVIDE)
        self._inserts: dict[str, str] = {}
        self._places: dict[str, list[int]] = {}  # the columns that are filled, by table
        for label, reading in (files or {}).items():
            self.connection.execute(f"CREATE VIEW {_quote(label)} AS SELECT * FROM {reading}")  # noqa: S608
        for key, relation in self.pair.relations.items() if files is None else ():
            columns = ", ".join(f"{_quote(one.name)} {declared(one)}{_default(one)}" for one in relation.fields)
            try:
                self.connection.execute(f"CREATE TABLE {_quote(relation.label)} ({columns})")
            except self.errors as error:
                raise Unsupported(
                    f"table {relation.label} can't be made in DuckDB: {_line(error)}"
                ) from error
            read = [one for one in relation.fields if one.read] or relation.fields[:1]
            names = ", ".join(_quote(one.name) for one in read)
            self._inserts[key] = f"INSERT INTO {_quote(relation.label)} ({names}) VALUES "  # noqa: S608 - quoted
            self._places[key] = [relation.fields.index(one) for one in read]

    def load(self, rows: Database) -> None:
        """Replace what the tables hold."""
        changes = []
        for key, relation in self.pair.relations.items():
            if key in self._filled:
                changes.append(f"DELETE FROM {_quote(relation.label)}")  # noqa: S608
                self._filled.discard(key)
            if rows[key]:
                values = ", ".join(
                    "(" + ", ".join(literal(row[one]) for one in self._places[key]) + ")" for row in rows[key]
                )
                changes.append(self._inserts[key] + values)
                self._filled.add(key)
        if changes:
            self.connection.execute("; ".join(["BEGIN", *changes, "COMMIT"]))

    def run(self, place: int) -> list[Row]:
        """Run the first (0) or second (1) statement.

        Raises `Failed` for an error at run time, `Timeout` when the time is over.
        """
        return normal(self._fetched(self.texts[place]))

    def _fetched(self, text: str) -> list[Row]:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise Timeout
        watch = threading.Timer(left, self.connection.interrupt)
        watch.daemon = True
        watch.start()
        try:
            return self.connection.execute(text).fetchall()
        except self.errors as error:
            if time.monotonic() >= self.deadline - 0.002:
                raise Timeout from error
            raise Failed(_line(error)) from error
        finally:
            watch.cancel()

    def ask(self, text: str) -> list[Row] | None:
        """Run a question of our own about values; None where it fails.

        Raises `Timeout` when the time is over.
        """
        try:
            return self._fetched(text)
        except Failed:
            return None

    def close(self) -> None:
        """Give everything back."""
        self.connection.close()


def order_keys(query: Query, width: int) -> tuple[tuple[int, ...], list[int]]:
    """Return the places of the columns that a statement's own ORDER BY sorts by.

    What is no column of the result gets a place from ``width`` on; the second list says which keys those are. The
    rest of the order is left out from the first key on that can't be shown.
    """
    tree, scope = query.tree, query.scope_of(query.tree)
    order = tree.args.get("order")
    if order is None or scope is None:
        return (), []
    names = [one.name for one in scope.outputs] if not scope.open else []
    plain = isinstance(tree, exp.Select) and tree.args.get("distinct") is None
    items = [item.unalias() for item in tree.expressions] if plain and not tree.is_star else []
    places: list[int] = []
    added: list[int] = []
    for number, one in enumerate(order.expressions):
        key = one.this if isinstance(one, exp.Ordered) else one
        if isinstance(key, exp.Literal):
            place = int(key.name) - 1 if key.name.isdigit() and not key.is_string else -1
        elif isinstance(key, exp.Column) and not key.table and names.count(fold(key.this)) == 1:
            place = names.index(fold(key.this))
        else:
            place = next((i for i, item in enumerate(items) if item == key), width)
            if place == width and plain:
                place += len(added)
                added.append(number)
            elif place == width:
                break
        if place < 0:
            break
        places.append(place)
    return tuple(places), added


def translate(pair: Pair, query: Query, keys: Sequence[int] = ()) -> str:
    """Return the statement in DuckDB's SQL, over the test tables; ``keys`` of its ORDER BY become columns."""
    tables = {
        id(source.node): pair.relations[identity(source)]
        for source in query.sources
        if source.kind is SourceKind.TABLE and source.inner is None
    }
    copy = query.tree.copy()
    for old, new in list(zip(query.tree.walk(), copy.walk(), strict=True)):
        relation = tables.get(id(old))
        if isinstance(new, exp.Table) and relation is not None:
            _rename(new, relation.label)
        elif isinstance(new, _CLOCKS) or (
            isinstance(new, exp.Anonymous) and new.name.casefold() in CLOCK_NAMES
        ):
            new.replace(_now(new))
        elif isinstance(new, exp.Identifier) and "$" in new.name:
            new.args["quoted"] = True  # what is no word elsewhere may be one in the source dialect
        elif isinstance(new, exp.Column) and new.args.get("db"):
            new.set("db", None)
            new.set("catalog", None)
    _adapt(copy, pair.dialect)
    for key in keys:
        copy.args["expressions"].append(copy.args["order"].expressions[key].this.copy())
    try:
        # An argument that DuckDB's function lacks must not be dropped: both statements would mean something else.
        text = copy.sql(dialect="duckdb", comments=False, unsupported_level=ErrorLevel.RAISE)
    except (SqlglotError, ValueError, RecursionError) as error:
        raise Unsupported(f"it can't be put into DuckDB's SQL: {_line(error)}") from error
    carried.check(query.tree, text, pair.dialect)
    return text


def _adapt(tree: exp.Expr, dialect: str) -> None:
    """Put in what means the same in DuckDB where its own word means something else."""
    if type(Dialect.get_or_raise(dialect)).TYPED_DIVISION and dialect != "duckdb":
        for node in list(tree.find_all(exp.Div)):
            parts = [node.this.unnest(), node.expression.unnest()]
            node.replace(exp.Anonymous(this="sqlopt_divide", expressions=parts))
    for call in list(tree.find_all(exp.ToChar)):
        call.replace(_digits(call) or call)


_PARTS = (("YYYY", "%Y"), ("HH24", "%H"), ("MM", "%m"), ("DD", "%d"), ("MI", "%M"), ("SS", "%S"))


def _digits(call: exp.ToChar) -> exp.Expr | None:
    """Return TO_CHAR of a date with a format of plain digits as DuckDB knows it; None for any other."""
    form = call.args.get("format")
    if not isinstance(form, exp.Literal) or not form.is_string:
        return None
    text = form.this.upper()
    for part, code in _PARTS:
        text = text.replace(part, code)
    if any(one.isalpha() for one in re.sub(r"%[YmdHMS]", "", text)):
        return None
    return exp.TimeToStr(this=call.this.copy(), format=exp.Literal.string(text))


def _rename(table: exp.Table, label: str) -> None:
    """Let a table's node name the test table; what it was called becomes its alias."""
    named = fold(table.this) if isinstance(table.this, exp.Identifier) else ""
    if not table.alias and named != label:
        table.set("alias", exp.TableAlias(this=exp.to_identifier(table.name, quoted=True)))
    table.set("this", exp.to_identifier(label, quoted=True))
    table.set("db", None)
    table.set("catalog", None)


def _now(node: exp.Expr) -> exp.Expr:
    """Return the moment that the clock stands at in tests."""
    kind = (
        "DATE"
        if "date" in type(node).__name__.casefold() and "time" not in type(node).__name__.casefold()
        else ""
    )
    return exp.cast(exp.Literal.string(NOW[:10] if kind else NOW), kind or "TIMESTAMPTZ")


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _default(one: Field) -> str:
    """Return what a column that nobody reads holds, as rows leave it out: what their generators put there."""
    return f" DEFAULT {literal(unread(one))}" if not one.read and not one.nullable else ""


def _line(error: BaseException) -> str:
    return " ".join(str(error).split("\n\n", maxsplit=1)[0].split())[:300]
