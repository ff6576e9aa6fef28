"""`Query`: one statement understood, the thing that rules, lineage and plans read."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind import casing, ledger
from sqlopt.query.bind.columns import Resolver
from sqlopt.query.bind.model import Binding, BoundTo, Scope, Source
from sqlopt.query.bind.nodes import QUERIES
from sqlopt.query.bind.reads import Reads
from sqlopt.query.bind.scopes import ScopeBuilder
from sqlopt.query.facts import Facts
from sqlopt.query.flow import Flow
from sqlopt.query.scan import Scan, scans
from sqlopt.query.spans.spans import Spans

if TYPE_CHECKING:
    from datetime import date

    from sqlglot.tokenizer_core import Token

    from sqlopt.catalog import Catalog
    from sqlopt.query.text.parse import Statement
    from sqlopt.span import Span


class Query:
    """One statement with its scopes, bindings, scans and facts.

    ``source`` is the whole source text; spans are offsets into it. ``tree`` is sqlglot's tree as
    written: binding never changes it, so every node still stands for its text. ``bindings`` maps
    ``id(column node)`` to a `Binding`. ``today`` is the date that CURRENT_DATE stands for.
    """

    def __init__(
        self, source: str, dialect: str, statement: Statement, catalog: Catalog, today: date
    ) -> None:
        self.source = source
        self.dialect = dialect
        self.statement = statement
        self.catalog = catalog
        self.today = today
        self.tree: exp.Expr = statement.tree if statement.tree is not None else exp.Null()
        self.variables = statement.variables
        self._spans = Spans(source, statement.tokens, self.tree, statement.units)
        self._buckets: dict[type[exp.Expr], list[exp.Expr]] = {}
        self._sort_nodes()
        self._by_classes: dict[tuple[type[exp.Expr], ...], list[exp.Expr]] = {}
        self._bind()

    def _sort_nodes(self) -> None:
        """Fill the buckets, in the order of the tree; those of parts that were parsed before are known."""
        buckets = self._buckets
        parts = self.statement.units.parts if self.statement.units is not None else {}
        prune = (lambda node: id(node) in parts) if parts else None
        for node in self.tree.walk(bfs=False, prune=prune):
            part = parts.get(id(node)) if parts else None
            if part is not None:
                for kind, nodes in part[1].buckets.items():
                    buckets.setdefault(kind, []).extend(nodes)
                continue
            bucket = buckets.get(type(node))
            if bucket is None:
                buckets[type(node)] = [node]
            else:
                bucket.append(node)

    def _bind(self) -> None:
        patterns = exp.Columns in self._buckets
        builder = ScopeBuilder(self.catalog, self.dialect, self.statement.texts, patterns=patterns)
        self.scopes: tuple[Scope, ...] = tuple(builder.build(self.tree, self._queries()))
        self._scope_of = builder.scopes
        self.sources: tuple[Source, ...] = tuple(builder.sources)
        self._builder = builder
        resolver = Resolver(self.dialect, self.variables)
        self.bindings = resolver.bindings
        for column in self._buckets.get(exp.Column, ()):
            if isinstance(column.this, exp.Star) or (
                isinstance(column.parent, exp.Star) and column.arg_key == "except_"
            ):
                continue  # see `stars`
            if column.parent is not None and column.parent.arg_key == "into":
                continue  # T-SQL's OUTPUT ... INTO t (column)
            scope = builder.enclosing(column)
            if scope is not None:
                resolver.bind(column, scope)  # type: ignore[arg-type]

    def _queries(self) -> list[exp.Expr]:
        """The query expressions of the statement, outer before inner."""
        kinds = [kind for kind in self._buckets if issubclass(kind, QUERIES)]
        if len(kinds) == 1:
            return self._buckets[kinds[0]]
        return [node for node in self.tree.walk(bfs=False) if isinstance(node, QUERIES)]

    # ---- text

    @property
    def tokens(self) -> list[Token]:
        """The statement's tokens; their positions are offsets into `source`."""
        return self.statement.tokens

    def span(self, node: exp.Expr) -> Span:
        """Return where ``node`` stands in `source`."""
        return self._spans.of(node)

    def text(self, node: exp.Expr) -> str:
        """Return the text that ``node`` stands for, as the person wrote it."""
        return self._spans.of(node).of(self.source)

    # ---- nodes and names

    def nodes(self, *kinds: type[exp.Expr]) -> list[exp.Expr]:
        """Return the nodes of these classes and their subclasses, from the one shared traversal."""
        found = self._by_classes.get(kinds)
        if found is None:
            buckets = [nodes for kind, nodes in self._buckets.items() if issubclass(kind, kinds)]
            found = buckets[0] if len(buckets) == 1 else [node for nodes in buckets for node in nodes]
            self._by_classes[kinds] = found
        return found

    def scope_of(self, node: exp.Expr) -> Scope | None:
        """Return the scope that ``node`` stands in, or the scope that it is."""
        return self._scope_of.get(id(node)) or self._builder.enclosing(node)

    def binding(self, column: exp.Expr) -> Binding | None:
        """Return what a column reference means; None for one outside of every scope."""
        return self.bindings.get(id(column))

    @cached_property
    def unresolved(self) -> list[exp.Expr]:
        """The column references that could not be bound."""
        return [
            column
            for column in self._buckets.get(exp.Column, ())
            if (found := self.bindings.get(id(column))) is not None and found.to is BoundTo.UNRESOLVED
        ]

    @cached_property
    def reads(self) -> Reads:
        """Which columns of each FROM item the statement reads, and how."""
        return Reads(self)

    def origin(self, node: exp.Expr) -> tuple[Source, str] | None:
        """Follow a column reference through aliases, CTEs and derived tables to a base column.

        None when it is computed on the way, comes from a set operation, or can't be bound.
        """
        for _ in range(1_000):  # a chain of CTEs is finite; a recursive one stops at its stand-in
            if isinstance(node, exp.Paren):
                node = node.this
                continue
            binding = self.bindings.get(id(node))
            if binding is None:
                return None
            if binding.to is BoundTo.ALIAS and binding.expr is not None:
                node = binding.expr
                continue
            if binding.source is None or binding.path:
                return None
            step = self.origin_of(binding.source, binding.name)
            if not isinstance(step, exp.Expr):
                return step
            node = step
        return None

    def origin_step(self, source: Source, name: str) -> tuple[Source, str] | None:
        """Follow a derived table's or CTE's column one step: to a column of one of its sources, as it stands."""
        output = source.inner.output(source.renames.get(name, name)) if source.inner is not None else None
        if output is None:
            return None
        if output.expr is None:
            return (output.source, output.column) if output.source is not None else None
        binding = self.bindings.get(id(output.expr.unnest()))
        if binding is None or binding.source is None or binding.path or binding.outer:
            return None
        return binding.source, binding.name

    def origin_of(self, source: Source, name: str) -> tuple[Source, str] | exp.Expr | None:
        """Follow a source's column inwards: to a base column, or the expression that computes it."""
        while source.inner is not None:
            scope = source.inner
            output = scope.output(source.renames.get(name, name))
            if output is None or scope.branches:
                return None
            if output.expr is not None:
                return output.expr
            if output.source is None:
                return None
            source, name = output.source, output.column
        return source, source.renames.get(name, name)

    # ---- what is known

    @cached_property
    def unread(self) -> tuple[ledger.Unread, ...]:
        """The places that nobody reads, in order: what is built on one of them is unknown (see `bind.ledger`)."""
        if self.statement.tree is None:
            return ()
        known = {id(source.node) for source in self.sources}
        found = [
            *ledger.unread(self.tree, self._buckets, self.statement.span.of(self.source)),
            *ledger.strays(self._buckets.get(exp.Table, ()), known),
            *(place for scope in self.scopes for place in scope.unread),
        ]
        places = {
            (one.span, one.message): ledger.Unread(self._around(one.span), one.span, one.message)
            for one in self.statement.unread
        }
        for node, what in found:
            span = self.span(node)
            places.setdefault((span, what), ledger.Unread(node, span, what))
        return tuple(sorted(places.values(), key=lambda one: (one.span.start, one.span.end)))

    @cached_property
    def conflated(self) -> bool:
        """Whether names may be two to the engine that are one here: `"N"` and `n`, or such columns of a table."""
        tables = (one.table for one in self.sources if one.table is not None)
        return casing.told_apart(self.nodes(exp.Identifier), self.dialect) or any(map(casing.twins, tables))

    def _around(self, span: Span) -> exp.Expr:
        """Return the innermost query around a place of the text."""
        around = [scope.node for scope in self.scopes if self.span(scope.node).covers(span)]
        return around[-1] if around else self.tree

    @cached_property
    def flow(self) -> Flow:
        """How the statement's predicates reach its scans."""
        return Flow(self)

    @cached_property
    def scans(self) -> tuple[Scan, ...]:
        """Each base table that the statement reads, with the predicates that reach it."""
        return scans(self)

    @cached_property
    def facts(self) -> Facts:
        """What holds of the statement's columns: NOT NULL, uniqueness, constants, intervals."""
        return Facts(self)

    @cached_property
    def declared(self) -> Facts:
        """As `facts`, with keys that are declared but that nobody enforces taken for kept."""
        return Facts(self, trusting=True)
