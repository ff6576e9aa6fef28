"""A statement in DuckDB's SQL, meaning what it means in its own dialect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError

from sqlopt.query.bind.model import BoundTo, SourceKind
from sqlopt.query.bind.nodes import fold
from sqlopt.query.values.volatility import CLOCK_NAMES
from sqlopt.rewrite.prove.engine import carried
from sqlopt.rewrite.prove.engine.meaning import Meaning
from sqlopt.rewrite.prove.pair import Pair, Unsupported, identity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlopt.query.query import Query

_MOST_ALIASES = 12
"""Aliases that are made of aliases, one in another, at most."""
NOW = "2024-02-29 12:30:00"
"""What the clock says in tests: a statement that reads it must give the same twice."""
_CLOCKS = (exp.CurrentDate, exp.CurrentTimestamp, exp.CurrentTimestampLTZ, exp.UtcDate, exp.UtcTimestamp,
           exp.Localtimestamp, exp.CurrentDatetime)  # fmt: skip


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
    copy, origins = _copied(query.tree)
    if pair.dialect != "duckdb":
        _spell_out(query, copy, origins)
    for new in list(copy.walk()):
        relation = tables.get(id(origins[id(new)]))
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
    Meaning(pair, query).apply(copy, origins)
    for key in keys:
        copy.args["expressions"].append(copy.args["order"].expressions[key].this.copy())
    try:
        # An argument that DuckDB's function lacks must not be dropped: both statements would mean something else.
        text = copy.sql(dialect="duckdb", comments=False, unsupported_level=ErrorLevel.RAISE)
    except (SqlglotError, ValueError, RecursionError) as error:
        raise Unsupported(
            "it can't be put into the SQL of the engine that tests use", (line(error),)
        ) from error
    carried.check(query.tree, text, pair.dialect)
    return text


def _copied(node: exp.Expr) -> tuple[exp.Expr, dict[int, exp.Expr]]:
    """Return a copy, and the statement's own node of each node of it, by id."""
    copy = node.copy()
    return copy, {id(new): old for old, new in zip(node.walk(), copy.walk(), strict=True)}


def _spell_out(query: Query, tree: exp.Expr, origins: dict[int, exp.Expr]) -> None:
    """Put what an alias of the SELECT list stands for in its place: engines see aliases in different clauses."""
    for _ in range(_MOST_ALIASES):
        found = False
        for new in list(tree.find_all(exp.Column)):
            old = origins.get(id(new))
            binding = query.binding(old) if old is not None else None
            if binding is None or binding.to is not BoundTo.ALIAS or binding.expr is None:
                continue
            parent = new.parent
            if isinstance(binding.expr.unnest(), exp.Literal) or (
                isinstance(parent, exp.Ordered) and isinstance(parent.parent, exp.Order)
            ):
                continue  # a number would be a place; ORDER BY knows aliases everywhere
            copy, more = _copied(binding.expr)
            origins.update(more)
            paren = exp.Paren(this=copy)
            origins[id(paren)] = binding.expr
            new.replace(paren)
            found = True
        if not found:
            return
    raise Unsupported("its aliases name each other")


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


def line(error: BaseException) -> str:
    """Return an error of the engine in one line, as its cause says it."""
    return " ".join(str(error).split("\n\n", maxsplit=1)[0].split())[:300]
