"""Who is meant: every name of a statement with the thing that it stands for, and where that is defined."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.model import BoundTo, Scope, Source, SourceKind

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from sqlopt.editor.analysis import Spot
    from sqlopt.query import Query
    from sqlopt.query.bind.model import Binding
    from sqlopt.span import Span

Key = tuple["Hashable", ...]
"""What a name stands for, in one statement: ``("cte", ...)``, ``("alias", ...)``, ``("output", ...)`` for a column
that a query gives, ``("table", name)`` and ``("column", table, name)`` for those of the warehouse."""


@dataclass(frozen=True)
class Name:
    """One name in a statement; ``span`` is the script's.

    ``defines`` says that it is the definition of what it stands for. ``implicit`` is the output that a bare column
    of a SELECT list names by the way. ``source`` is what a table's name, alias or qualifier stands for, or what a
    ``column`` belongs to; ``scope`` the query that a CTE's name stands for, or the one that gives an output.
    """

    text: str
    span: Span
    key: Key
    defines: bool = False
    implicit: Key | None = None
    source: Source | None = None
    column: str | None = None
    scope: Scope | None = None
    node: exp.Expr | None = None


def name_at(spot: Spot) -> Name | None:
    """Return the name at a place, the innermost one."""
    here = [one for one in names(spot.query) if one.span.start <= spot.offset <= one.span.end]
    return min(here, key=lambda one: (one.span.end - one.span.start, not one.defines), default=None)


def names(query: Query) -> list[Name]:
    """Return every name of a statement, in order of place; made once a statement."""
    kept: list[Name] | None = query.__dict__.get("_editor_names")
    if kept is None:
        found = {(one.span, one.key): one for one in _Names(query).all()}
        kept = query.__dict__["_editor_names"] = sorted(found.values(), key=lambda one: one.span)
    return kept


def full_name(source: Source) -> str:
    """Return a table's whole name as the catalog has it, else as it is written."""
    return source.table.name if source.table is not None else source.table_name


class _Names:
    def __init__(self, query: Query) -> None:
        self.query = query

    def all(self) -> Iterator[Name]:
        for scope in self.query.scopes:
            yield from self._cte(scope)
            yield from self._outputs(scope)
        for source in self.query.sources:
            yield from self._source(source)
        for column in self.query.nodes(exp.Column):
            yield from self._column(column)

    def _name(self, identifier: exp.Expr | None, key: Key, **more: object) -> Iterator[Name]:
        """Yield the name that an identifier is, if it stands in the text."""
        if not isinstance(identifier, exp.Identifier):
            return
        span = self.query.span(identifier)
        text, name = span.of(self.query.source), identifier.name
        if name and name.casefold() in text.casefold() and len(text) <= len(name) + 2:
            yield Name(text, span, key, **more)  # type: ignore[arg-type]

    def _cte(self, scope: Scope) -> Iterator[Name]:
        alias = scope.cte.args.get("alias") if scope.cte is not None else None
        if alias is None:
            return
        yield from self._name(alias.this, cte_key(scope), defines=True, scope=scope)
        for column in alias.columns:
            key = self.output_key(scope, column.name.casefold())
            yield from self._name(column, key, defines=True, scope=scope, column=column.name.casefold())

    def _outputs(self, scope: Scope) -> Iterator[Name]:
        if scope.branches or not isinstance(scope.node, exp.Select):
            return
        alias = scope.cte.args.get("alias") if scope.cte is not None else None
        if alias is not None and alias.columns:
            return
        for item in scope.node.expressions:
            if isinstance(item, exp.Alias):
                name = item.alias.casefold()
                key = self.output_key(scope, name)
                yield from self._name(
                    item.args.get("alias"), key, defines=True, scope=scope, column=name, node=item
                )

    def _source(self, source: Source) -> Iterator[Name]:
        node = source.node
        if isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
            if source.is_cte and source.inner is not None:
                yield from self._name(node.this, cte_key(source.inner), source=source, scope=source.inner)
            elif source.kind is SourceKind.TABLE:
                parts = [self.query.span(one) for one in node.parts]
                whole = parts[0].hull(parts[-1])
                yield Name(whole.of(self.query.source), whole, table_key(source), source=source, node=node)
        alias = node.args.get("alias")
        if isinstance(alias, exp.TableAlias):
            yield from self._name(alias.this, ("alias", id(source)), defines=True, source=source)

    def _column(self, column: exp.Expr) -> Iterator[Name]:
        if isinstance(column.this, exp.Star):
            scope = self.query.scope_of(column)
            name = column.text("table").casefold()
            source = scope.sources.get(name) if scope is not None else None
            if source is not None:
                yield from self._name(column.args.get("table"), self._qualifier(source), source=source)
            return
        binding = self.query.binding(column)
        if binding is None:
            return
        if binding.source is not None:
            qualifier = column.args.get("table")
            yield from self._name(qualifier, self._qualifier(binding.source), source=binding.source)
        key = self.key_of(column, binding)
        implicit = self._implicit(column)
        if key is not None or implicit is not None:
            yield from self._name(
                column.this,
                key or ("unresolved", id(column)),
                implicit=implicit,
                source=binding.source,
                column=binding.name,
                node=column,
            )

    def _implicit(self, column: exp.Expr) -> Key | None:
        """Return the output that a column names by standing alone in a SELECT list."""
        parent = column.parent
        if not isinstance(parent, exp.Select) or column.arg_key != "expressions":
            return None
        scope = self.query.scope_of(parent)
        if scope is None or (
            scope.cte is not None and scope.cte.args.get("alias") and scope.cte.args["alias"].columns
        ):
            return None
        return self.output_key(scope, column.name.casefold())

    def _qualifier(self, source: Source) -> Key:
        if isinstance(source.node.args.get("alias"), exp.TableAlias) and source.node.args["alias"].this:
            return ("alias", id(source))
        if source.is_cte and source.inner is not None:
            return cte_key(source.inner)
        return table_key(source)

    def key_of(self, column: exp.Expr, binding: Binding) -> Key | None:
        """Return what a column reference stands for; None where that is not known."""
        if binding.to is BoundTo.ALIAS:
            scope = self.query.scope_of(column)
            while scope is not None:
                if any(one.expr is binding.expr and one.name == binding.name for one in scope.outputs):
                    return self.output_key(scope, binding.name)
                scope = scope.parent
            return None
        if binding.to is not BoundTo.COLUMN or binding.source is None:
            return None
        return self._of_source(binding.source, binding.name)

    def _of_source(self, source: Source, name: str) -> Key | None:
        for _ in range(1_000):  # as deep as CTEs may stand on one another
            name = source.renames.get(name, name)
            if source.inner is None:
                return (
                    ("column", full_name(source).casefold(), name)
                    if source.kind is SourceKind.TABLE
                    else None
                )
            output = source.inner.output(name)
            if output is None:
                return None
            if output.expr is not None or output.source is None:
                return self.output_key(source.inner, name)
            source, name = output.source, output.column
        return None

    @staticmethod
    def output_key(scope: Scope, name: str) -> Key:
        """Return the key of a column that a query gives; a set operation's are those of its first branch."""
        while scope.branch_of is not None and scope.branch_of.branches[0] is scope:
            scope = scope.branch_of
        return ("output", id(scope.cte or scope.node), name)


def cte_key(scope: Scope) -> Key:
    """Return the key of a CTE by the query that it names; a recursive one names itself by a stand-in."""
    return ("cte", id(scope.cte))


def table_key(source: Source) -> Key:
    """Return the key of a table of the warehouse."""
    return ("table", full_name(source).casefold())


def same(query: Query, name: Name) -> list[Name]:
    """Return every name of the statement that stands for the same thing, definitions first."""
    found = [one for one in names(query) if name.key in (one.key, one.implicit)]
    return sorted(found, key=lambda one: (not _defines(one, name.key), one.span))


def _defines(one: Name, key: Key) -> bool:
    return (one.defines and one.key == key) or (one.implicit == key and one.key != key)


def is_definition(one: Name, key: Key) -> bool:
    """Whether a name is where ``key`` is defined."""
    return _defines(one, key)
