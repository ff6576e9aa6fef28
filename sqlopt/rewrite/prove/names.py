"""Whether the names of a pair mean what they were bound to: the engine may tell apart what compares without case.

Names are bound case-folded. That is what the engine does, if no two names of a statement, and no two columns of a
table, differ in a way that it sees and folding does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.columns import clause_of
from sqlopt.query.bind.model import BoundTo, SourceKind
from sqlopt.query.bind.nodes import alias_columns, fold
from sqlopt.warehouses.semantics import Alias, Cell, Fold, Semantics, semantics

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlopt.query.bind.model import Binding, Scope
    from sqlopt.query.query import Query
    from sqlopt.rewrite.prove.pair import Pair

_FEWER = frozenset({"postgres", "duckdb"})
"""Dialects where a list of names may be shorter than what it names."""


def misread(pair: Pair) -> str | None:
    """Return why a pair can't be judged by its names, None if it can."""
    for query in pair.queries:
        if query.unread:
            return f"{query.unread[0]} is not read"
        if any(_of_lists(query)):
            return "a list of names that is not as long as what it names"
    return _one_in_two_cases(pair) or _locked(pair)


def _locked(pair: Pair) -> str | None:
    """Rows that others hold may be left out, and a lock is more than a result."""
    locks = [query.nodes(exp.Lock) for query in pair.queries]
    if any(lock.args.get("wait") is not None for found in locks for lock in found):
        return "rows that are locked may be left out"
    if [lock.sql() for lock in locks[0]] != [lock.sql() for lock in locks[1]]:
        return "the statements do not lock the same rows"
    return None


# ---- upper and lower case


def _one_in_two_cases(pair: Pair) -> str | None:
    """Return which names differ in case only, where the engine may tell them apart.

    What a statement names itself is its own; of tables and their columns both statements speak.
    """
    cells = semantics(pair.dialect)
    columns, tables = _Spellings(cells, cells.column_case), _Spellings(cells, cells.table_case)
    found: list[str] = []
    for query in pair.queries:
        own = _Spellings(cells, cells.column_case)
        for node in query.nodes(exp.Identifier):
            if _names_table(node):
                if isinstance(node.parent, exp.Table) and not _of_cte(node.parent, query):
                    tables.add(node)
                continue
            for one in (own, columns) if _of_table(node, query) else (own,):
                one.add(node)
        found += [one.twice for one in (own, columns, tables) if one.twice]
        found += _misbound(query, tables)
    for relation in pair.relations.values():
        names = [one.name for one in relation.fields]
        found += [one for one in names if names.count(one) + _others(one, names) > 1]
    return f"{found[0]} is the name of several things that differ in case only" if found else None


def _of_table(node: exp.Expr, query: Query) -> bool:
    """Whether the name of a column is that of a table's column."""
    binding = query.binding(node.parent) if isinstance(node.parent, exp.Column) else None
    source = binding.source if binding is not None else None
    return isinstance(node.parent, exp.Column) and (source is None or source.kind is SourceKind.TABLE)


def _of_cte(node: exp.Expr, query: Query) -> bool:
    return any(one.is_cte for one in query.sources if one.node is node)


def _misbound(query: Query, spellings: _Spellings) -> Iterator[str]:
    """Yield the names of FROM items that mean another one, or none, where the engine looks at their case."""
    for source in query.sources:
        cte = source.inner.cte if source.is_cte and source.inner is not None else None
        if cte is not None and spellings.held(source.node.this) != spellings.held(cte.args["alias"].this):
            yield source.name
        twins = [one for one in query.sources if one.scope is source.scope and one.name == source.name]
        if len(twins) > 1:
            yield source.name
    for column in query.nodes(exp.Column):
        binding, table = query.binding(column), column.args.get("table")
        if binding is None or binding.source is None or table is None or binding.path:
            continue
        alias = binding.source.node.args.get("alias")
        named = alias.this if alias is not None else binding.source.node.this
        if isinstance(named, exp.Identifier) and spellings.held(named) != spellings.held(table):
            yield table.name


def _others(name: str, names: list[str]) -> int:
    return sum(one != name and one.casefold() == name.casefold() for one in names)


def _names_table(node: exp.Expr) -> bool:
    if isinstance(node.parent, exp.Column):
        return node.arg_key != "this"
    return isinstance(node.parent, exp.Table) or (
        isinstance(node.parent, exp.TableAlias) and node.arg_key == "this"
    )


class _Spellings:
    """Names by their case-folded form; ``twice`` is one that stands for two things."""

    def __init__(self, cells: Semantics, cased: Cell[bool]) -> None:
        self.fold = cells.unquoted
        self.cased = not cased.only(value=False)
        self.twice: str | None = None
        self._known: dict[str, str] = {}

    def held(self, node: exp.Expr) -> str:
        """Return a name as the engine holds it: it changes the case of Latin letters at most."""
        name, quoted = node.name, bool(node.args.get("quoted"))
        if self.cased and (quoted or self.fold.value not in (Fold.LOWER, Fold.UPPER)):
            return name
        change = str.upper if self.cased and self.fold.value is Fold.UPPER else str.lower
        return "".join(change(one) if one.isascii() else one for one in name)

    def add(self, node: exp.Expr) -> None:
        """Note a name."""
        if self._known.setdefault(fold(node), self.held(node)) != self.held(node):
            self.twice = self.twice or node.name


# ---- lists of names


def _of_lists(query: Query) -> Iterator[exp.Expr]:
    """Yield what has a list of names that is longer, or may not be shorter, than its columns."""
    for source in query.sources:
        listed = alias_columns(source.node)
        width: int | None = len(source.columns)
        if source.kind is SourceKind.QUERY and source.inner is not None:
            width = None if source.inner.open else len(source.inner.outputs)
        elif source.kind is SourceKind.TABLE:
            width = len(source.table.columns) if source.table is not None and source.table.columns else None
        elif source.kind is SourceKind.VALUES:
            width = _width(source.node)
        else:
            width = None
        if listed and width is not None and _wrong(query, listed, width):
            yield source.node
    for scope in query.scopes:
        listed = alias_columns(scope.cte) if scope.cte is not None else ()
        if listed and not scope.open and _wrong(query, listed, len(scope.outputs)):
            yield scope.node


def _wrong(query: Query, listed: tuple[str, ...], width: int) -> bool:
    return len(listed) > width or (len(listed) < width and query.dialect not in _FEWER)


def _width(node: exp.Expr) -> int | None:
    values = node if isinstance(node, exp.Values) else node.find(exp.Values)
    first = values.expressions[0] if values is not None and values.expressions else None
    return len(first.expressions) if isinstance(first, exp.Tuple) else 1 if first is not None else None


# ---- aliases that hide columns


def hidden(query: Query) -> str | None:
    """Return a name that may mean an alias or a column where it stands, if the engine's choice is not the binding's."""
    cells = semantics(query.dialect)
    for column in query.nodes(exp.Column):
        binding, scope = query.binding(column), query.scope_of(column)
        if binding is not None and binding.row is not None:
            return f"{fold(column)} may be a whole row"
        if binding is None or scope is None or column.args.get("table") or isinstance(column.this, exp.Star):
            continue
        if fold(column) in _given(scope) and not _as_bound(binding, scope, *_cell(column, scope, cells)):
            return f"{fold(column)} is an alias and may be a column"
    return None


def _given(scope: Scope) -> Iterable[str]:
    """Yield the aliases of a SELECT list that are not just their column's name."""
    for item in scope.node.expressions if isinstance(scope.node, exp.Select) else ():
        if isinstance(item, exp.Alias) and not (
            isinstance(item.this, exp.Column) and fold(item.this) == fold(item.alias)
        ):
            yield fold(item.alias)


def _cell(column: exp.Expr, scope: Scope, cells: Semantics) -> tuple[Cell[Alias], str]:
    place = clause_of(column, scope)
    whole = isinstance(column.parent, (exp.Ordered, exp.Order))
    found = {
        "order": cells.alias_in_order_by if whole else cells.alias_in_order_expression,
        "group": cells.alias_in_group_by,
        "having": cells.alias_in_having,
        "qualify": cells.alias_in_qualify,
        "where": cells.alias_in_where,
        "expressions": cells.alias_in_select,
    }
    return found.get(place, Cell(Alias.HIDDEN)), place


def _as_bound(binding: Binding, scope: Scope, cell: Cell[Alias], place: str) -> bool:
    """Whether a name that is an alias is bound as the engine does."""
    name = binding.name
    aliased = binding.to is BoundTo.ALIAS
    if place == "from_":
        return not aliased
    if any(name in one.columns for one in scope.sources.values()):
        return cell.only(Alias.ALIAS) if aliased else cell.value in (Alias.HIDDEN, Alias.COLUMN)
    if any(one.open for one in scope.sources.values()):
        return cell.only(Alias.ALIAS if aliased else Alias.HIDDEN)
    if aliased:
        return cell.value in (Alias.ALIAS, Alias.COLUMN) or (not cell.known and scope.parent is None)
    return cell.only(Alias.HIDDEN)
