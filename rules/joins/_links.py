"""How the tables of one FROM clause hang together. Helpers of this pack's rules."""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, ClassVar, TypeVar

from sqlglot import exp

from sqlopt.query.bind.model import Scope, ScopeKind, Source, SourceKind
from sqlopt.query.bind.nodes import conjuncts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlopt.query import Query
    from sqlopt.query.bind.model import Shared

Found = TypeVar("Found")
INNER = ("", "INNER", "CROSS")


@dataclass(frozen=True, slots=True)
class Condition:
    """A conjunct of WHERE (``join`` is None) or ON, with the sources of its scope that it speaks of."""

    node: exp.Expr
    join: exp.Join | None
    owners: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Equality:
    """``left.name = right.other`` between columns of two sources of one scope."""

    left: Source
    name: str
    right: Source
    other: str
    node: exp.Expr


def selects(query: Query) -> Iterator[Scope]:
    """Yield the scopes of SELECTs with several sources that somebody reads."""
    for scope in query.scopes:
        if len(scope.sources) > 1 and isinstance(scope.node, exp.Select) and scope.kind is not ScopeKind.DML:
            yield scope


class _Memory:
    """What was found of the statement at hand: all rules of this pack ask the same of it, one after another."""

    query: Query | None = None
    found: ClassVar[dict[tuple[str, int], object]] = {}


def remembered(function: Callable[[Scope, Query], Found]) -> Callable[[Scope, Query], Found]:
    """Return ``function`` with its answers kept for as long as the same statement is asked about."""

    @wraps(function)
    def asked(scope: Scope, query: Query) -> Found:
        if _Memory.query is not query:
            _Memory.query = query
            _Memory.found.clear()
        key = (function.__name__, id(scope))
        if key not in _Memory.found:
            _Memory.found[key] = function(scope, query)
        return _Memory.found[key]  # type: ignore[return-value]

    return asked


@remembered
def conditions(scope: Scope, query: Query) -> list[Condition]:
    """Return the conjuncts of the scope's WHERE and ONs."""
    where = scope.node.args.get("where")
    written: list[tuple[exp.Expr, exp.Join | None]] = [
        (one, None) for one in conjuncts(where.this if where is not None else None)
    ]
    for join in dict.fromkeys(one.join for one in scope.sources.values() if one.join is not None):
        written += [(one, join) for one in conjuncts(join.args.get("on"))]
    return [Condition(bare(node), join, owners(node, scope, query)) for node, join in written]


def bare(node: exp.Expr) -> exp.Expr:
    """Return a node without the parentheses around it."""
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def owners(node: exp.Expr, scope: Scope, query: Query) -> tuple[Source, ...]:
    """Return the sources of ``scope`` whose columns occur in ``node``, in subqueries of it too."""
    found: dict[int, Source] = {}
    sides = (node.this, node.expression) if isinstance(node, exp.Binary) else ()
    plain = sides and all(isinstance(one, (exp.Column, exp.Literal)) for one in sides)  # most are
    for column in sides if plain else node.find_all(exp.Column):
        binding = query.binding(column)
        if binding is not None and binding.source is not None and binding.source.scope is scope:
            found[id(binding.source)] = binding.source
    return tuple(found.values())


@remembered
def unbound(scope: Scope, query: Query) -> bool:
    """Whether some column of the scope can't be told whose it is: then nothing is sure to be unconnected."""
    return any(query.scope_of(column) is scope for column in query.unresolved)


def equality(node: exp.Expr, scope: Scope, query: Query) -> Equality | None:
    """Return the equality of two bare columns of two sources of ``scope`` that ``node`` is."""
    node = bare(node)
    if not isinstance(node, (exp.EQ, exp.NullSafeEQ)):
        return None
    sides = []
    for side in (node.this, node.expression):
        binding = query.binding(bare(side))
        if binding is None or binding.source is None or binding.path or binding.source.scope is not scope:
            return None
        sides.append((binding.source, binding.name))
    (left, name), (right, other) = sides
    return Equality(left, name, right, other, node) if left is not right else None


@remembered
def equalities(scope: Scope, query: Query) -> list[Equality]:
    """Return the equalities of columns in WHERE, ON and USING that hold for the rows of the joins."""
    found = [
        one for each in conditions(scope, query) if (one := equality(each.node, scope, query)) is not None
    ]
    for shared in scope.shared.values():
        found += _by_name(shared)
    return found


def _by_name(shared: Shared) -> list[Equality]:
    """The equalities of USING or NATURAL: with the item on the left that has all the keys, if one has."""
    found = []
    all_keys = [one for one in shared.left if set(shared.names) <= set(one.columns)]
    for name in shared.names:
        left = next((one for one in (*all_keys, *shared.left) if one.open or name in one.columns), None)
        right = next((one for one in shared.right if one.open or name in one.columns), None)
        if left is not None and right is not None:
            found.append(Equality(left, name, right, name, shared.join))
    return found


@remembered
def connected(scope: Scope, query: Query) -> list[list[Source]]:
    """Return the sources in groups that some condition, however weak, connects; in order of the FROM clause."""
    group = {id(one): id(one) for one in scope.sources.values()}

    def union(sources: tuple[Source, ...] | list[Source]) -> None:
        for other in sources[1:]:
            old, new = group[id(other)], group[id(sources[0])]
            for key, value in group.items():
                if value == old:
                    group[key] = new

    for one in conditions(scope, query):
        union(one.owners)
    for merged in scope.merged.values():
        union(merged)
    for place, source in enumerate(scope.sources.values()):
        union((source, *lateral(source, scope, query)))
        if source.join is not None and asof(source.join) and place:
            union([next(iter(scope.sources.values())), source])
    found: dict[int, list[Source]] = {}
    for source in scope.sources.values():
        found.setdefault(group[id(source)], []).append(source)
    return list(found.values())


def asof(join: exp.Join) -> bool:
    """Whether a join finds the nearest partner rather than all."""
    words = (join.method, join.kind, join.side)
    return (
        any((word or "").upper() == "ASOF" for word in words) or join.args.get("match_condition") is not None
    )


def lateral(source: Source, scope: Scope, query: Query) -> tuple[Source, ...]:
    """Return the sources to its left that a source is computed from: UNNEST, FLATTEN, LATERAL."""
    node = source.node
    if source.kind is SourceKind.TABLE or (
        type(node) is exp.Subquery and not isinstance(node.parent, exp.Lateral)
    ):
        return ()  # neither can name its neighbours
    return tuple(one for one in owners(node, scope, query) if one is not source)


def one_row(source: Source, query: Query) -> bool:
    """Whether a source gives at most one row: an aggregate without groups, or a LIMIT 1."""
    return source.inner is not None and frozenset() in query.facts.keys(source.inner)


def made_up(source: Source) -> bool:
    """Whether a source reads no table: a generator, a list of values, a calendar made of those."""
    if source.kind in (SourceKind.FUNCTION, SourceKind.VALUES):
        return True
    inner = source.inner
    if inner is None:
        return False
    scopes = inner.branches or [inner]
    return all(not one.sources or all(made_up(each) for each in one.sources.values()) for one in scopes)


def rows(source: Source, most: int = 4) -> float | None:
    """Return the rows of the largest table that a source reads; None where one is not known."""
    if source.table is not None:
        return float(source.table.rows) if source.table.rows is not None else None
    if source.inner is None or most == 0:
        return None
    sizes = [
        rows(each, most - 1)
        for one in (source.inner.branches or [source.inner])
        for each in one.sources.values()
        if not made_up(each)
    ]
    return max((size for size in sizes if size is not None), default=None) if None not in sizes else None


def keys(source: Source, query: Query) -> tuple[set[frozenset[str]], bool]:
    """Return by what a row of another table finds one row of a source, and whether that is kept, not only declared.

    The columns are the source's own; NULL, which equals nothing, may repeat.
    """
    sure = query.facts.partner_keys(source)
    return (sure, True) if sure else (query.declared.partner_keys(source), False)


@dataclass(frozen=True, slots=True)
class Base:
    """The table whose rows a FROM item hands on, with the names that some columns have there.

    ``whole`` says that it hands on each row once: nothing is joined to it and nothing filtered on the way.
    """

    source: Source
    columns: frozenset[str]
    whole: bool


def base(source: Source, columns: set[str], query: Query) -> Base | None:
    """Follow columns of one table through CTEs and derived tables that neither group nor cut their rows."""
    whole, names = True, set(columns)
    while source.inner is not None:
        scope = source.inner
        found = [query.origin_step(source, name) for name in names]
        if not hands_on(scope, query) or source.pivoted or not found or None in found:
            return None
        sources = {id(one[0]): one[0] for one in found if one is not None}
        if len(sources) != 1:
            return None
        whole = whole and len(scope.sources) == 1 and scope.node.args.get("where") is None
        source, names = next(iter(sources.values())), {one[1] for one in found if one is not None}
    if source.table is None or source.pivoted:
        return None
    return Base(source, frozenset(names), whole)


def hands_on(scope: Scope, query: Query) -> bool:
    """Whether a SELECT gives a row for each row of its FROM clause that WHERE keeps, and numbers none of them."""
    node = scope.node
    if not isinstance(node, exp.Select) or scope.recursive or query.flow.windows(scope):
        return False
    cut = any(node.args.get(one) for one in ("distinct", "limit", "offset", "qualify", "group", "sample"))
    return not cut and not query.flow.aggregates(scope)


def fixed(source: Source, query: Query) -> set[str]:
    """Return the columns of a source that the scope's conditions fix to one value."""
    return {name for at, name in query.facts.fixed(source.scope) if at == id(source)}


def counted(source: Source, columns: set[str], query: Query) -> bool:
    """Whether statistics count the distinct values of ``columns`` of all rows that the source gives."""
    at = base(source, columns, query)
    return (
        at is not None
        and at.whole
        and all(
            (column := at.source.column(name)) is not None and bool(column.distinct) for name in at.columns
        )
    )


def repeats(source: Source, columns: set[str], query: Query) -> float | None:
    """Return how many rows of a source share a value of ``columns`` on average: 1 for a key.

    None where neither a key nor distinct counts tell, or where a query groups or joins on the way; 2 where only a
    key of other columns is known of a table, which makes it likely that these repeat.
    """
    found, _ = keys(source, query)
    if found and any(key <= columns or key <= columns | fixed(source, query) for key in found):
        return 1.0
    at = base(source, columns, query)
    if at is None:
        return None
    table = at.source.table
    others = found or keys(at.source, query)[0]
    if table is None or not table.rows:
        return 2.0 if others else None
    counts = [column.distinct for name in at.columns if (column := at.source.column(name)) is not None]
    if len(counts) == len(columns) and all(counts) and counts:
        product = 1.0
        for one in counts:
            product *= one or 1
        return max(table.rows / product, 1.0)
    return 2.0 if others else None
