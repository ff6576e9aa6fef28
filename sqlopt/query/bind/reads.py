"""The one account of what a statement reads: for each FROM item its columns, and how.

Rules, fixes, cost, lineage and proof ask here whether a column, an item or an output is used. A use need not
be a column node: USING and NATURAL name keys, a table's name stands for its row, stars and positions take what
is there. What is not understood counts as a read of everything that it may touch, and says so (``unknown``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from sqlglot import exp

from sqlopt.query.bind.model import Scope, ScopeKind, Source
from sqlopt.query.bind.nodes import alias_columns, fold
from sqlopt.query.bind.stars import visible_sources

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query.query import Query

# ``#3`` and ``$3``: a column by its place, so that the order of all counts.
_PLACES = (exp.PositionalColumn, exp.Parameter)


class Use(StrEnum):
    """How a column is read."""

    VALUE = "value"
    JOIN_KEY = "join key"  # named by USING, or found by NATURAL
    ROW = "whole row"  # by the item's name, or a star in a call
    STAR = "star"  # in a SELECT list
    POSITION = "position"  # by its place: $3, #3, a list of names for all columns
    NAME = "name"  # only its name has to exist: * EXCLUDE (c)


class Read(NamedTuple):
    """One read of ``source`` at ``node``: of the column ``name`` (case-folded), or of all where that is None."""

    node: exp.Expr
    source: Source
    name: str | None
    use: Use


@dataclass(slots=True)
class SourceReads:
    """What is read of one FROM item.

    ``columns`` are those read by name; ``all`` says that every column is read, known or not; ``unknown`` that
    something is not understood which may read any of them.
    """

    places: list[Read] = field(default_factory=list)
    columns: dict[str, set[Use]] = field(default_factory=dict)
    all: bool = False
    unknown: bool = False

    @property
    def whole(self) -> bool:
        """Whether each column is read, or may be."""
        return self.all or self.unknown

    @property
    def plain(self) -> bool:
        """Whether the item is read by references to its columns alone, so that renaming those is enough."""
        named = not any(alias_columns(one.source.node) for one in self.places[:1])
        return named and not self.whole and all(one.use is Use.VALUE for one in self.places)


class Reads:
    """The reads of one statement's FROM items, each found once."""

    def __init__(self, query: Query) -> None:
        self.query = query
        self._sources: dict[int, SourceReads] = {id(one): SourceReads() for one in query.sources}
        self._used: dict[int, frozenset[str] | None] = {}
        self._needed: dict[int, frozenset[str] | None] = {}
        for scope in query.scopes:
            for source in scope.sources.values():
                self._sources.setdefault(id(source), SourceReads())
        for one in self._all():
            self._add(one)
        self._unknown()
        for scope in query.scopes:
            if isinstance(scope.node, exp.Subquery):
                for one in self._passed_on(scope):
                    self._add(one)

    def of(self, source: Source) -> SourceReads:
        """Return what the statement reads of a FROM item, wherever it stands."""
        return self._sources.get(id(source)) or SourceReads(unknown=True)

    def _add(self, read: Read) -> None:
        found = self._sources.get(id(read.source))
        if found is None:
            found = self._sources[id(read.source)] = SourceReads()
        found.places.append(read)
        if read.name is None:
            found.all = True
            return
        uses = found.columns.get(read.name)
        if uses is None:
            found.columns[read.name] = {read.use}
        else:
            uses.add(read.use)

    # ---- collecting

    def _all(self) -> Iterator[Read]:
        yield from self._references()
        for scope in self.query.scopes:
            yield from self._joined(scope)
            yield from self._starred(scope)
        yield from self._stars_in_calls()
        yield from self._places()
        yield from self._merged_rows()

    def _references(self) -> Iterator[Read]:
        query = self.query
        for column in query.nodes(exp.Column):
            binding = query.binding(column)
            if binding is None:
                continue
            if binding.source is not None:
                for source in (binding.source, *binding.candidates):
                    yield Read(column, source, binding.name, Use.VALUE)
            if binding.row is not None:
                yield from self._row(column, binding.row)

    def _row(self, node: exp.Expr, source: Source) -> Iterator[Read]:
        """All columns of a row, or of ``(row).field`` the one."""
        parent = node.parent
        while isinstance(parent, exp.Paren):
            node, parent = parent, parent.parent
        field_ = parent.expression if isinstance(parent, exp.Dot) and parent.this is node else None
        if isinstance(field_, exp.Identifier) and (fold(field_) in source.columns or source.open):
            yield Read(node, source, fold(field_), Use.VALUE)
        else:
            yield Read(node, source, None, Use.ROW)

    def _joined(self, scope: Scope) -> Iterator[Read]:
        for shared in scope.shared.values():
            for name in shared.names:
                for one in (*shared.left, *shared.right):
                    if one.open or name in one.columns:
                        yield Read(shared.join, one, name, Use.JOIN_KEY)

    def _starred(self, scope: Scope) -> Iterator[Read]:
        for star in scope.stars:
            for name in star.columns:
                yield Read(star.node, star.source, name, Use.STAR)
            for name in star.named:
                yield Read(star.node, star.source, name, Use.NAME)
            if star.whole:
                yield Read(star.node, star.source, None, Use.STAR)

    def _stars_in_calls(self) -> Iterator[Read]:
        """``HASH(*)``, ``OBJECT_CONSTRUCT(t.*)``, ``struct(*)``; COUNT(*) reads no column."""
        query = self.query
        known = {id(star.node) for scope in query.scopes for star in scope.stars}
        known |= {id(node.this) for node in query.nodes(exp.Column) if id(node) in known}
        for star in query.nodes(exp.Star):
            holder = star.parent if isinstance(star.parent, exp.Column) else star
            if {id(star), id(holder)} & known or self._inside(star, known):
                continue
            if holder is star and isinstance(star.parent, exp.Count):
                continue
            scope = query.scope_of(star)
            for source in self._meant(holder, scope) if scope is not None else ():
                yield Read(star, source, None, Use.ROW)

    def _inside(self, star: exp.Expr, known: set[int]) -> bool:
        """Whether a star is a part of a larger item that counts as one: ``COLUMNS(* EXCLUDE (a))``."""
        up = star.parent
        while isinstance(up, (exp.Columns, exp.Dot, exp.Not, exp.Binary, exp.Alias)):
            if id(up) in known:
                return True
            up = up.parent
        return up is not None and id(up) in known

    def _meant(self, holder: exp.Expr, scope: Scope) -> list[Source]:
        if isinstance(holder, exp.Column):
            named = scope.sources.get(fold(holder.parts[-2]))
            up = scope.parent
            while named is None and up is not None:
                named, up = up.sources.get(fold(holder.parts[-2])), up.parent
            if named is not None:
                return [named]
        return list(scope.sources.values())

    def _places(self) -> Iterator[Read]:
        """Columns by their place, and lists of names that stand for all columns in their order."""
        for node in self.query.nodes(*_PLACES):
            if isinstance(node, exp.Parameter) and not _is_number(node.this):
                continue
            scope = self.query.scope_of(node)
            holder = node.parent if isinstance(node.parent, exp.Column) else node
            for source in self._meant(holder, scope) if scope is not None else ():
                if source.inner is not None or source.table is not None:
                    yield Read(node, source, None, Use.POSITION)
        for scope in self.query.scopes:
            for source in scope.sources.values():
                if source.inner is not None and alias_columns(source.node):
                    for name in source.columns:
                        yield Read(source.node, source, name, Use.POSITION)

    def _merged_rows(self) -> Iterator[Read]:
        """MERGE's INSERT ROW, INSERT * and UPDATE SET * write all that the source gives."""
        for tree in self.query.nodes(exp.Merge):
            scope = self.query.scope_of(tree)
            whens = tree.args.get("whens")
            for when in whens.expressions if whens is not None and scope is not None else ():
                if _writes_rows(when.args.get("then")):
                    for source in list(scope.sources.values())[1:]:  # type: ignore[union-attr]
                        yield Read(when, source, None, Use.ROW)

    def _passed_on(self, scope: Scope) -> Iterator[Read]:
        """Joins or a query in parentheses give what is taken of them, and nothing by themselves."""
        taken: set[str] | None = set()
        for user in scope.users:
            read = self.of(user)
            if taken is None or read.whole:
                taken = None
                break
            taken |= {user.renames.get(name, name) for name in read.columns}
        if not scope.users or scope.kind is not ScopeKind.DERIVED:
            taken = None
        for one in scope.outputs:
            if taken is None or one.name in taken:
                for side in one.merged or ((one.source,) if one.source is not None else ()):
                    yield Read(scope.node, side, one.column, Use.STAR)
        for source in scope.sources.values():
            if source.open and (taken is None or any(scope.output(name) is None for name in taken)):
                yield Read(scope.node, source, None, Use.STAR)

    def _unknown(self) -> None:
        """What is not understood may read any column of what stands around it."""
        query = self.query
        items = {id(source.node) for source in query.sources}
        for place in query.unread:
            if id(place.node) in items:
                continue  # an item of FROM that is not known hides no use of the others
            around = query.scope_of(place.node)
            while around is not None:
                self._suspect(around.sources.values())
                around = around.parent
        for column in query.unresolved:
            binding, at = query.binding(column), query.scope_of(column)
            if binding is not None and binding.candidates:
                self._suspect(binding.candidates)
            while at is not None and (binding is None or not binding.candidates):
                self._suspect(one for one in at.sources.values())
                at = at.parent
        for node in query.nodes(exp.Dot):
            if isinstance(node.this, exp.Identifier):
                at = query.scope_of(node)
                self._suspect(at.sources.values() if at is not None else ())

    def _suspect(self, sources: object) -> None:
        for one in sources:  # type: ignore[attr-defined]
            self._sources.setdefault(id(one), SourceReads()).unknown = True

    # ---- outputs

    def used(self, scope: Scope) -> frozenset[str] | None:
        """Return the outputs of a query in FROM or of a CTE that anything refers to; None for all of them.

        Its order and its names count as well: where they may matter, all are used.
        """
        if id(scope) not in self._used:
            self._used[id(scope)] = None
            self._used[id(scope)] = self._used_by(scope)
        return self._used[id(scope)]

    def _used_by(self, scope: Scope) -> frozenset[str] | None:
        if not _hands_on(scope) or (scope.cte is not None and alias_columns(scope.cte)):
            return None
        names: set[str] = set()
        for user in scope.users:
            read = self.of(user)
            if read.whole or user.pivoted or alias_columns(user.node):
                return None
            if _by_place(user.scope):
                return None
            names.update(user.renames.get(name, name) for name in read.columns)
        return frozenset(names)

    def live(self, scope: Scope) -> frozenset[str] | None:
        """Return the outputs of ``scope`` whose values reach the result or a condition; None for all of them."""
        if scope.branch_of is not None:
            whole = scope.branch_of
            live = self.live(whole)
            plain = isinstance(whole.node, exp.Union) and not whole.node.args.get("distinct")
            if live is None or not plain or whole.node.args.get("by_name"):
                return None
            places = [i for i, one in enumerate(whole.outputs) if one.name in live]
            return frozenset(scope.outputs[i].name for i in places if i < len(scope.outputs))
        if scope.kind is ScopeKind.SUBQUERY and isinstance(scope.node.parent, exp.Exists):
            return frozenset()
        if not _hands_on(scope):
            return None
        names: set[str] = set()
        for user in scope.users:
            needed = self.needed(user)
            if needed is None:
                return None
            names.update(needed)
        return frozenset(names)

    def needed(self, source: Source) -> frozenset[str] | None:
        """Return the inner names of the columns of a FROM item whose values are needed; None for all.

        What a CTE or derived table only hands on, and nothing outside takes, is not needed.
        """
        if id(source) not in self._needed:
            self._needed[id(source)] = None  # a cycle needs all
            self._needed[id(source)] = self._need(source)
        return self._needed[id(source)]

    def named(self, source: Source) -> frozenset[str]:
        """Return the inner names of the columns of a FROM item whose values are read by name."""
        values = (name for name, uses in self.of(source).columns.items() if uses - {Use.NAME, Use.POSITION})
        return frozenset(source.renames.get(name, name) for name in values)

    def _need(self, source: Source) -> frozenset[str] | None:
        read = self.of(source)
        if read.unknown or (source.pivoted and not _unpivots(source)):
            return None
        scope = source.scope
        live = self.live(scope)
        skip = _dead_nodes(scope, live)
        names: set[str] = set()
        for one in read.places:
            if id(one.node) in skip or one.use is Use.NAME:
                continue
            if one.use is Use.POSITION and one.name is not None:
                continue  # the list of an alias names all columns and needs none
            if one.use is Use.STAR and live is not None:
                names |= _through_star(source, scope, live)
                continue
            if one.name is None:
                return None
            names.add(one.name)
        if source.pivoted:
            return _before_unpivot(source, names)
        return frozenset(source.renames.get(name, name) for name in names)


def _hands_on(scope: Scope) -> bool:
    """Whether the outputs of a scope are read only by those who name it, each by itself."""
    plain = not scope.recursive and not scope.node.args.get("distinct")
    return scope.kind in (ScopeKind.CTE, ScopeKind.DERIVED) and plain


def _by_place(scope: Scope) -> bool:
    """Whether a query takes columns by their place: a bare star over a branch of a set operation."""
    return scope.branch_of is not None and bool(scope.stars)


def _dead_nodes(scope: Scope, live: frozenset[str] | None) -> set[int]:
    if live is None:
        return set()
    dead = [one.expr for one in scope.outputs if one.name not in live and one.expr is not None]
    return {id(node) for expr in dead for node in expr.walk()}


def _through_star(source: Source, scope: Scope, live: frozenset[str]) -> set[str]:
    names = {
        one.column
        for one in scope.outputs
        if one.expr is None and one.name in live and (one.source is source or source in one.merged)
    }
    if source.open and source in visible_sources(scope):
        names |= {name for name in live if scope.output(name) is None}
    return names


def _unpivots(source: Source) -> bool:
    pivots = source.node.args.get("pivots") or ()
    return all(one.args.get("unpivot") for one in pivots)


def _before_unpivot(source: Source, names: set[str]) -> frozenset[str] | None:
    found: set[str] = set()
    for name, one in (source.pivots or {}).items():
        if one.passed:
            found |= {one.passed} if name in names else set()
        else:
            found.update(one.uses)
    return frozenset(found | {name for name in names if name not in (source.pivots or {})})


def _is_number(node: object) -> bool:
    return isinstance(node, exp.Literal) and not node.is_string


def _writes_rows(then: exp.Expr | None) -> bool:
    if isinstance(then, exp.Update):
        return not then.expressions or any(isinstance(one, exp.Star) for one in then.expressions)
    return isinstance(then, exp.Insert) and not isinstance(then.args.get("expression"), exp.Tuple)


__all__ = ["Read", "Reads", "SourceReads", "Use"]
