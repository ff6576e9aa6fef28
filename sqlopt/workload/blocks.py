"""Blocks: selections, joins and groups of base tables, as they stand in statements, in a normal form.

A block is one SELECT, wherever it stands: at the top, in a CTE, a derived table, a branch or a subquery. Where it
groups the rows of a derived table or a CTE that nothing else reads, and that only joins, selects and computes, the
two are one block. Its tables go by labels that are the same in every statement: the table's name, and where a block
reads it several times, the columns that join it too.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.model import BoundTo, SourceKind
from sqlopt.query.bind.nodes import conjuncts
from sqlopt.workload.expressions import (
    ColumnKey,
    Expression,
    Stability,
    bare,
    canonical,
    column_tree,
    nodes,
    stability,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query
    from sqlopt.query.bind.model import Scope, Source

_KNOWN_JOINS = {"this", "on", "using", "kind", "side", "pivots"}
_KNOWN_TABLE = {"this", "db", "catalog", "alias"}
_CLAUSES = {"with_", "expressions", "from_", "joins", "where", "group", "having", "qualify", "windows", "order",
            "limit", "offset", "distinct", "hint", "kind", "operation_modifiers"}  # fmt: skip
_PSEUDO = {"_partitiontime", "_partitiondate", "_table_suffix", "_file_name", "rowid", "ctid"}
_JOIN_CLAUSES = {"expressions", "from_", "joins", "where"}
_SETS = (exp.Rollup, exp.Cube, exp.GroupingSets)
_GROUPING = (exp.Grouping, exp.GroupingId)


@dataclass(frozen=True, slots=True)
class Conjunct:
    """One condition of WHERE or of an inner join's ON.

    ``equal`` are the two columns of two tables that it equates. ``expression`` is its canonical form where it may
    stand in a view: it reads base tables alone, and is the same tomorrow. ``using`` are the two tables whose columns
    a USING clause equates; ``node`` is its join then.
    """

    node: exp.Expr
    expression: Expression | None
    equal: frozenset[ColumnKey] | None
    join: exp.Join | None
    using: tuple[Source, Source] | None = None


@dataclass(eq=False, repr=False)
class Block:
    """A SELECT that groups its rows, or gives distinct ones.

    ``scope`` is that SELECT; ``base`` the one whose FROM and WHERE hold the tables: itself, or the query that its
    source ``through`` stands for. ``labels`` maps the id of a `Source` to its label: base tables that are joined
    inside, so that a view may hold them. ``keys`` are its GROUP BY items as canonical forms, where they have one.
    """

    query: Query
    scope: Scope
    base: Scope
    through: Source | None
    labels: dict[int, str]
    sources: dict[str, Source]
    conditions: tuple[Conjunct, ...] = ()
    keys: dict[str, Expression] = field(default_factory=dict)

    @property
    def node(self) -> exp.Select:
        """The SELECT."""
        node = self.scope.node
        assert isinstance(node, exp.Select)  # noqa: S101 - `blocks` makes no others
        return node

    def name(self, node: exp.Expr) -> ColumnKey | None:
        """Return which column of the block's base tables a reference is."""
        binding = self.query.binding(node)
        if binding is None or binding.to is not BoundTo.COLUMN or binding.source is None or binding.path:
            return None
        label = self.labels.get(id(binding.source))
        return (label, binding.name) if label is not None else None

    def behind(self, node: exp.Expr) -> exp.Expr | None:
        """Return the expression in ``base`` that a column of ``through`` is."""
        binding = self.query.binding(node)
        if self.through is None or binding is None or binding.source is not self.through or binding.path:
            return None
        output = self.base.output(binding.name) if binding.to is BoundTo.COLUMN else None
        return output.expr if output is not None else None

    def canonical(self, node: exp.Expr) -> Expression | None:
        """Return the canonical form of an expression over base tables alone."""

        def resolve(one: exp.Expr) -> exp.Expr | None:
            key = self.name(one)
            if key is not None:
                return column_tree(key)
            inner = self.behind(one)
            found = self.canonical(inner) if inner is not None else None
            return found.tree if found is not None else None

        return canonical(node, resolve, self.query.dialect)

    def outside(self, node: exp.Expr) -> bool:
        """Whether a node stands in the SELECT that groups, and not in the ``base`` that it reads."""
        if self.through is None:
            return False
        found: exp.Expr | None = node
        while found is not None and found is not self.base.node:
            found = found.parent
        return found is None

    @cached_property
    def grouped(self) -> bool:
        """Whether every group that it gives holds a row: GROUP BY with plain keys."""
        group = self.node.args.get("group")
        return group is not None and bool(group.expressions) and group.find(*_SETS) is None

    @cached_property
    def aggregates(self) -> dict[int, exp.Expr]:
        """The aggregates of its own groups, by id: calls of functions, with their FILTER."""
        found: dict[int, exp.Expr] = {}
        for one in self.nodes():
            if isinstance(one, exp.AggFunc) and not isinstance(one, _GROUPING):
                top: exp.Expr = one
                while (
                    isinstance(top.parent, (exp.Filter, exp.WithinGroup, exp.IgnoreNulls, exp.RespectNulls))
                    and top.arg_key == "this"
                ):
                    top = top.parent
                if not isinstance(top.parent, exp.Window) or top.arg_key != "this":
                    found[id(top)] = top
        return found

    def nodes(self) -> Iterator[exp.Expr]:
        """Yield the nodes of its clauses, of queries inside it only their top."""
        for child in self.node.iter_expressions():
            yield from nodes(child)


def blocks(query: Query) -> Iterator[Block]:
    """Yield the blocks of a statement, inner ones first."""
    for scope in reversed(query.scopes):
        block = _block(query, scope)
        if block is not None:
            yield block


def _block(query: Query, scope: Scope) -> Block | None:
    node = scope.node
    if not isinstance(node, exp.Select) or not scope.sources or scope.recursive:
        return None
    if any(value for key, value in node.args.items() if key not in _CLAUSES) or node.is_star:
        return None
    if not query.flow.aggregates(scope) and not _is_distinct(node):
        return None
    if not all(_plain(one, scope) for one in scope.sources.values()):
        return None
    through = _through(scope)
    base = through.inner if through is not None and through.inner is not None else scope
    eligible = [one for one in base.sources.values() if _base(one)]
    if not eligible or any(
        stability(one) is Stability.UNKNOWN for each in (scope, base) for one in each.node.iter_expressions()
    ):
        return None
    equalities = list(_equalities(query, base, {id(one) for one in eligible}))
    labels = _labels(eligible, equalities)
    if not labels:
        return None
    by_label = {label: one for one in eligible if (label := labels.get(id(one))) is not None}
    block = Block(query, scope, base, through, labels, by_label)
    block.conditions = tuple(_conditions(block))
    block.keys = {one.key: one for one in _keys(block)}
    return block if _bound(block) else None


def _through(scope: Scope) -> Source | None:
    """Return the source of a SELECT that has no tables of its own which stands for a join of tables."""
    found = [one for one in scope.sources.values() if one.inner is not None and _is_join(one)]
    tables = any(one.kind is SourceKind.TABLE and not one.is_cte for one in scope.sources.values())
    return found[0] if len(found) == 1 and not tables and not scope.merged else None


def _is_join(source: Source) -> bool:
    """Whether a source is a query that joins, selects and computes, that nothing else reads."""
    inner = source.inner
    if (
        inner is None
        or source.nullable
        or source.renames
        or inner.recursive
        or inner.merged
        or inner.branches
    ):
        return False
    node = inner.node
    if not isinstance(node, exp.Select) or node.is_star or len(inner.users) != 1 or inner.open:
        return False
    if any(value for key, value in node.args.items() if key not in _JOIN_CLAUSES):
        return False
    computed = [one for item in node.expressions for one in nodes(item)]
    if any(isinstance(one, (exp.AggFunc, exp.Window, exp.UDTF)) for one in computed):
        return False
    return bool(inner.sources) and all(_plain(one, inner) for one in inner.sources.values())


def _is_distinct(node: exp.Select) -> bool:
    distinct = node.args.get("distinct")
    return distinct is not None and not distinct.args.get("on")


def _plain(source: Source, scope: Scope) -> bool:
    """Whether a source stands in its FROM as text that can be moved: inner and left joins of tables and queries."""
    if source.kind not in (SourceKind.TABLE, SourceKind.QUERY) or source.pivoted:
        return False
    join = source.join
    if join is None:
        return source.node.parent is scope.node.args.get("from_")
    if source.node is not join.this or join.parent is not scope.node or isinstance(source.node, exp.Lateral):
        return False
    if any(value for key, value in join.args.items() if key not in _KNOWN_JOINS):
        return False
    return join.side in ("", "LEFT") and join.kind in ("", "INNER", "CROSS", "OUTER")


def _base(source: Source) -> bool:
    """Whether a view may be built on a source: a table that no outer join fills with NULLs."""
    table = source.node
    if source.kind is not SourceKind.TABLE or source.nullable or source.renames or source.is_cte:
        return False
    if source.join is not None and source.join.side:
        return False
    if source.table is not None and (source.table.kind != "table" or source.table.row_access_policy):
        return False  # a view would show the rows that its maker sees
    known = isinstance(table, exp.Table) and isinstance(table.this, exp.Identifier)
    return (
        known
        and "*" not in table.name
        and not any(value for key, value in table.args.items() if key not in _KNOWN_TABLE)
    )


def _bound(block: Block) -> bool:
    """Whether it is known what every column in the block is."""
    for one in chain(block.node.find_all(exp.Column), block.base.node.find_all(exp.Column)):
        binding = block.query.binding(one)
        if binding is None or binding.to is BoundTo.UNRESOLVED:
            return False
        if binding.to is BoundTo.COLUMN and binding.source is not None:
            if binding.path or binding.name in _PSEUDO:
                return False
            known = binding.source.column(binding.name) is not None
            if one.this.args.get("quoted") and not known and one.name != one.name.casefold():
                return False  # how it is spelled would be lost
    return True


# ---- labels


def table_name(source: Source) -> str:
    """Return the name of a source's table: the catalog's, else as written, case-folded."""
    return (source.table.name if source.table is not None else source.table_name).casefold()


def _equalities(
    query: Query, scope: Scope, eligible: set[int]
) -> Iterator[tuple[tuple[Source, str], tuple[Source, str]]]:
    for node, _ in _inner(scope):
        sides = _sides(query, node)
        if sides is not None and all(id(source) in eligible for source, _ in sides):
            yield sides
    for left, right, name in _merged(scope):
        if id(left) in eligible and id(right) in eligible:
            yield (left, name), (right, name)


def _merged(scope: Scope) -> Iterator[tuple[Source, Source, str]]:
    """Yield the columns that USING clauses equate."""
    for name, sources in scope.merged.items():
        for one in sources[1:]:
            yield sources[0], one, name


def _sides(query: Query, node: exp.Expr) -> tuple[tuple[Source, str], tuple[Source, str]] | None:
    """Return the two columns of two sources that a condition equates."""
    node = bare(node)
    if not isinstance(node, exp.EQ):
        return None
    found = []
    for side in (bare(node.this), bare(node.expression)):
        binding = query.binding(side) if isinstance(side, exp.Column) else None
        if binding is None or binding.to is not BoundTo.COLUMN or binding.source is None or binding.path:
            return None
        found.append((binding.source, binding.name))
    return (found[0], found[1]) if found[0][0] is not found[1][0] else None


def _inner(scope: Scope) -> Iterator[tuple[exp.Expr, exp.Join | None]]:
    """Yield the conditions of WHERE and of inner joins."""
    where = scope.node.args.get("where")
    for one in conjuncts(where.this if where is not None else None):
        yield one, None
    for join in scope.node.args.get("joins") or ():
        if not join.side:
            for one in conjuncts(join.args.get("on")):
                yield one, join


def _labels(
    eligible: list[Source], equalities: list[tuple[tuple[Source, str], tuple[Source, str]]]
) -> dict[int, str]:
    """Name each table; one that is read several times by the columns that join it, or not at all."""
    counts = Counter(map(table_name, eligible))
    labels = {id(one): table_name(one) for one in eligible if counts[table_name(one)] == 1}
    for _ in range(3):
        roles: dict[int, str] = {}
        for one in eligible:
            if id(one) not in labels:
                edges = [
                    f"{labels[id(other)]}.{there}={mine}"
                    for left, right in equalities
                    for (source, mine), (other, there) in ((left, right), (right, left))
                    if source is one and id(other) in labels
                ]
                if edges:
                    roles[id(one)] = f"{table_name(one)}@{min(edges)}"
        taken = Counter(roles.values())
        labels |= {key: role for key, role in roles.items() if taken[role] == 1}
    return labels


# ---- conditions and keys


def _conditions(block: Block) -> Iterator[Conjunct]:
    for node, join in _inner(block.base):
        sides = _sides(block.query, node)
        equal = None
        if sides is not None and all(id(source) in block.labels for source, _ in sides):
            equal = frozenset((block.labels[id(source)], name) for source, name in sides)
        expression = None
        if stability(node) is Stability.STABLE and any(isinstance(one, exp.Column) for one in nodes(node)):
            expression = block.canonical(node)
        yield Conjunct(node, expression, equal, join)
    for left, right, name in _merged(block.base):
        ends = [block.labels.get(id(one)) for one in (left, right)]
        known = [label for label in ends if label is not None]
        equal = frozenset((label, name) for label in known) if len(known) == len(ends) else None
        join = right.join
        yield Conjunct(block.base.node, None, equal, join, (left, right))


def _keys(block: Block) -> Iterator[Expression]:
    """Yield the canonical forms of the GROUP BY items, or of the outputs of a SELECT DISTINCT."""
    group = block.node.args.get("group")
    if group is None:
        items = list(block.node.expressions) if _is_distinct(block.node) else []
    else:
        items = [item for one in group.iter_expressions() for item in _flat(one)]
    for item in items:
        node = _item(bare(item), block)
        if node is None or isinstance(node, exp.Literal) or stability(node) is not Stability.STABLE:
            continue
        if any(isinstance(one, (exp.AggFunc, exp.Window)) for one in nodes(node)):
            continue
        found = block.canonical(node)
        if found is not None and found.columns:
            yield found


def _flat(item: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the items in ROLLUP, CUBE, GROUPING SETS and the tuples in them."""
    if isinstance(item, (*_SETS, exp.Tuple)):
        for one in item.expressions:
            yield from _flat(one)
    else:
        yield item


def _item(node: exp.Expr, block: Block) -> exp.Expr | None:
    """Return what a GROUP BY item stands for: a place in the SELECT list, an alias, or itself."""
    if isinstance(node, exp.Literal) and node.is_int:
        place = int(node.this) - 1
        items = block.node.expressions
        return bare(items[place]) if 0 <= place < len(items) else None
    binding = block.query.binding(node) if isinstance(node, exp.Column) else None
    if binding is not None and binding.to is BoundTo.ALIAS:
        return bare(binding.expr) if binding.expr is not None else None
    return node
