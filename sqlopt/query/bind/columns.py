"""Look up every column reference of a statement in its scopes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.model import Binding, BoundTo, Scope, ScopeKind, Source, SourceKind
from sqlopt.query.bind.nodes import fold
from sqlopt.warehouses.semantics import Alias, semantics

if TYPE_CHECKING:
    from collections.abc import Iterable

# Columns that every table has without naming them. BigQuery: _PARTITIONTIME and _PARTITIONDATE
# (ingestion-time tables), _TABLE_SUFFIX (wildcard tables), _FILE_NAME (external tables);
# PostgreSQL: system columns; DuckDB: rowid, filename; Snowflake: METADATA$...; Spark: _metadata.
PSEUDO = {
    "bigquery": frozenset(
        {"_partitiontime", "_partitiondate", "_table_suffix", "_file_name", "_change_type"}
    ),
    "postgres": frozenset({"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"}),
    "duckdb": frozenset({"rowid", "filename", "file_row_number"}),
    "spark": frozenset({"_metadata"}),
    "databricks": frozenset({"_metadata"}),
}

# Where a name given in the SELECT list may be used beside ORDER BY, of the dialects that have no cells for it
# (clickhouse.com/docs/sql-reference/syntax: expression aliases; Teradata's SELECT).
_LATERAL_ALIASES = frozenset({"clickhouse", "teradata"})
_GROUPED = ("group", "having", "qualify", "windows")


# Where a FROM item's name is a value, its whole row. PostgreSQL:
# https://www.postgresql.org/docs/current/rowtypes.html#ROWTYPES-USAGE; BigQuery (range variables):
# https://cloud.google.com/bigquery/docs/reference/standard-sql/query-syntax#range_variables; DuckDB 1.5.5: run.
# (checked 2026-12-01)
_WHOLE_ROWS = frozenset({"postgres", "bigquery", "duckdb", "materialize", "risingwave"})


class Resolver:
    """Binds columns; ``bindings`` maps ``id(column node)`` to its `Binding`."""

    def __init__(self, dialect: str, variables: frozenset[str]) -> None:
        self.whole_rows = dialect in _WHOLE_ROWS
        self.pseudo = PSEUDO.get(dialect, frozenset())
        self.snowflake = dialect == "snowflake"
        self.aliases = _aliases(dialect)
        self.in_order = semantics(dialect).alias_in_order_expression.value or Alias.ALIAS
        self.variables = variables
        self.bindings: dict[int, Binding] = {}
        self._all_visible: dict[
            int, list[Source]
        ] = {}  # by id of a scope in which every name sees every item
        self._aliases: dict[int, dict[str, exp.Alias]] = {}  # by id of a select
        self._clauses: dict[tuple[int, int], str] = {}  # of ANDs and ORs, by their scope's id and their own

    def bind(self, column: exp.Column, scope: Scope) -> Binding:
        """Bind one reference that stands in ``scope``."""
        binding = self._qualified(column, scope) if column.args.get("table") else self._bare(column, scope)
        self.bindings[id(column)] = binding
        return binding

    # ---- a name with a qualifier

    def _qualified(self, column: exp.Column, scope: Scope) -> Binding:
        if column.args.get("db") is None:  # most are of this form, and of the nearest scope
            near = scope.sources.get(fold(column.args["table"]))
            if near is not None and near.kind is not SourceKind.FUNCTION:
                return Binding(BoundTo.COLUMN, fold(column.this), near, inferred=near.open)
        parts = [fold(part) for part in column.parts]
        up: Scope | None = scope
        while up is not None:
            found = self._qualified_in(parts, up, column)
            if found is not None:
                found.outer = up is not scope
                return found
            up = up.parent
        # A struct column of a source that is not written out: `address.city`.
        head = self._lookup(parts[0], scope, column)
        if head is not None and head.source is not None:
            head.path = tuple(parts[1:])
            return head
        if parts[0] in self.variables:
            return Binding(BoundTo.VARIABLE, parts[0], path=tuple(parts[1:]))
        return Binding(BoundTo.UNRESOLVED, parts[-1])

    def _qualified_in(self, parts: list[str], scope: Scope, column: exp.Column) -> Binding | None:
        source = scope.sources.get(parts[0])
        if source is not None and not _own(source, column):
            if source.kind is SourceKind.FUNCTION and parts[0] in source.columns and len(parts) > 1:
                return Binding(BoundTo.COLUMN, parts[0], source, path=tuple(parts[1:]))
            return Binding(BoundTo.COLUMN, parts[1], source, path=tuple(parts[2:]), inferred=source.open)
        # The whole or partial name of an unaliased table: `p.d.events.user_id`.
        for cut in range(len(parts) - 1, 1, -1):
            source = scope.sources.get(parts[cut - 1])
            if source is None or source.kind is not SourceKind.TABLE:
                continue
            dotted = source.table_name.casefold()
            written = ".".join(parts[:cut])
            if dotted == written or dotted.endswith("." + written):
                return Binding(BoundTo.COLUMN, parts[cut], source, path=tuple(parts[cut + 1 :]))
        return None

    # ---- a bare name

    def _bare(self, column: exp.Column, scope: Scope) -> Binding:
        name = fold(column)
        of_target = self._of_target(column, scope)
        if of_target is not None:
            return of_target
        place = clause_of(column, scope, self._clauses)
        if place == "order" and self.in_order is not Alias.ALIAS and not _whole_key(column):
            found = self._in_scope(name, scope, column)
            if self.in_order is Alias.HIDDEN or (found is not None and not found.inferred):
                return found if found and not found.inferred else self._elsewhere(found, name, scope, column)
        if place in ("order", "distinct"):
            alias = self._alias(name, scope, column) if place == "order" else None
            alias = alias or self._given(name, scope)
            if alias is not None:
                return alias
        seen = self.aliases.get(place, Alias.COLUMN if place in _GROUPED else self.aliases[""])
        alias = self._alias(name, scope, column) if seen is not Alias.HIDDEN and place != "from_" else None
        if alias is not None and seen is Alias.ALIAS and not _summed(column, alias):
            return alias
        found = self._in_scope(name, scope, column)
        if found is not None and not found.inferred:
            return found
        if alias is not None:
            return alias
        return self._elsewhere(found, name, scope, column)

    def _given(self, name: str, scope: Scope) -> Binding | None:
        """The item of the SELECT list that ORDER BY names without an alias: it comes before the columns of FROM."""
        items = scope.node.expressions if isinstance(scope.node, exp.Select) else []
        named = [
            one
            for one in items
            if isinstance(one, exp.Column) and one.args.get("table") and fold(one) == name
        ]
        return Binding(BoundTo.ALIAS, name, expr=named[0]) if len(named) == 1 else None

    def _elsewhere(self, found: Binding | None, name: str, scope: Scope, column: exp.Column) -> Binding:
        """What a name means that no column here is known to have: an outer one, a variable, an item's row.

        ``found`` is the column that it may be, of a table that is not known.
        """
        if found is None and (near := self._row(name, scope, column, nearest=True)) is not None:
            return near
        outer = self._outer(name, scope, column, known_only=found is not None)
        # A table that is not known is likelier to have it than one that a derived table need not see.
        if outer is not None and found is not None and _unsaid_lateral(scope):
            found.candidates = (outer.source,) if outer.source is not None else ()
        elif outer is not None:
            return outer
        if name in self.variables:
            return Binding(BoundTo.VARIABLE, name)
        row = self._row(name, scope, column)
        if row is not None and (found is None or row.row is not found.source or not _named_by_table(row.row)):
            return row
        if found is not None and row is not None:
            found.row = row.row
        opened = tuple(_open(self._visible(scope, column)))
        return found or Binding(BoundTo.UNRESOLVED, name, candidates=opened)

    def _row(self, name: str, scope: Scope, column: exp.Column, *, nearest: bool = False) -> Binding | None:
        """The FROM item of this name, whose whole row the reference then is."""
        up: Scope | None = scope
        while up is not None:
            source = up.sources.get(name)
            if source is not None and not _own(source, column):
                if source.kind is SourceKind.FUNCTION or not self.whole_rows:
                    return None
                return Binding(BoundTo.ROW, name, row=source, outer=up is not scope)
            up = up.parent if not nearest else None
        return None

    def _lookup(self, name: str, scope: Scope, column: exp.Column) -> Binding | None:
        return self._in_scope(name, scope, column) or self._outer(name, scope, column, known_only=False)

    def _outer(self, name: str, scope: Scope, column: exp.Column, *, known_only: bool) -> Binding | None:
        """Look outside of ``scope``. What a function in FROM gives may well be read further in than it stands.

        A column that is known is likelier meant than one nearer that a table which is not known may have.
        """
        up, guessed = scope.parent, None
        while up is not None:
            found = self._in_scope(name, up, column)
            if found is not None:
                found.outer = True
                if not found.inferred:
                    return found
                guessed = guessed or found
            up = up.parent
        return None if known_only else guessed

    def _in_scope(self, name: str, scope: Scope, column: exp.Column) -> Binding | None:
        """Find ``name`` among the scope's sources; the only open one may have it."""
        visible = self._visible(scope, column)
        if name in scope.merged:
            merged = [one for one in scope.merged[name] if one in visible]
            if merged:
                return Binding(BoundTo.COLUMN, name, _preserved(merged))
        return self._among(name, visible, scope)

    def _among(self, name: str, sources: list[Source], scope: Scope) -> Binding | None:
        known = [one for one in sources if name in one.columns]
        if len(known) == 1:
            return Binding(BoundTo.COLUMN, name, known[0])
        if known:
            # BigQuery: FROM t, UNNEST(tags) AS tags: the item's own name hides the array that it is made of.
            elements = [one for one in known if one.kind is SourceKind.FUNCTION and one.name == name]
            if len(elements) == 1:
                return Binding(BoundTo.COLUMN, name, elements[0])
            target = next(iter(sources)) if scope.kind is ScopeKind.DML else None
            if target in known:
                return Binding(BoundTo.COLUMN, name, target)
            return Binding(BoundTo.UNRESOLVED, name, candidates=tuple(known))
        if name in self.pseudo or (self.snowflake and name.startswith("metadata$")):
            tables = [one for one in sources if one.kind is SourceKind.TABLE or one.inner is not None]
            partitioned = [one for one in tables if one.table is not None and _is_partition(one, name)]
            if partitioned or tables:
                return Binding(BoundTo.COLUMN, name, (partitioned or tables)[0])
        if isinstance(scope.node, exp.SetOperation) and scope.output(name) is not None:
            return Binding(BoundTo.ALIAS, name)
        opened = _open(sources)
        if len(opened) > 1:
            # A table that is not known is likelier to have it than an UNNEST or a table function.
            opened = [one for one in opened if one.kind is not SourceKind.FUNCTION] or opened
        if len(opened) == 1:
            return Binding(BoundTo.COLUMN, name, opened[0], inferred=True)
        return None

    def _alias(self, name: str, scope: Scope, column: exp.Column) -> Binding | None:
        if not isinstance(scope.node, exp.Select):
            return None
        item = self._aliases_of(scope.node).get(name)
        # `SELECT a + 1 AS a`: the inner name is no reference to the outer one. It shows that FROM has such a column,
        # which wins over the alias beside it, too (DuckDB 1.5.5: run; Snowflake, Redshift and Databricks say so).
        if item is None or _within(column, item):
            return None
        if clause_of(column, scope, self._clauses) == "expressions" and _names(item.this, name):
            return None
        return Binding(BoundTo.ALIAS, name, expr=item.this)

    def _aliases_of(self, select: exp.Select) -> dict[str, exp.Alias]:
        """Return the first item of each alias; they are asked for by each column of the select."""
        found = self._aliases.get(id(select))
        if found is None:
            found = self._aliases[id(select)] = {}
            for item in select.expressions:
                if isinstance(item, exp.Alias):
                    found.setdefault(fold(item.alias), item)
        return found

    def _visible(self, scope: Scope, column: exp.Column) -> list[Source]:
        """The items that a reference can see: inside of a FROM item those before it, in ON those that it joins."""
        sources = self._all_visible.get(id(scope))
        if sources is not None:
            return sources
        sources = list(scope.sources.values())
        if not scope.sides and not any(_may_look_back(one) for one in sources):
            self._all_visible[id(scope)] = sources
            return sources
        inside: set[int] = set()
        node: exp.Expr = column
        up = column.parent
        while up is not None and up is not scope.node:
            if node.arg_key != "joins":  # what is joined to an item hangs on it, and stands outside of it
                inside.add(id(up))
            node, up = up, up.parent
        for place, one in enumerate(sources):
            if _may_look_back(one) and id(one.node) in inside:
                return sources[:place]
        sides = [side for key, side in scope.sides.items() if key in inside]
        first, end = min(sides, key=lambda side: side[1] - side[0], default=(0, len(sources)))
        return sources[first:end]

    def _of_target(self, column: exp.Column, scope: Scope) -> Binding | None:
        """What is named where a statement writes: a column of the target, or in MERGE's VALUES of the source."""
        if scope.kind is not ScopeKind.DML:
            return None
        target = self._written_target(column, scope)
        if target is not None:
            return Binding(BoundTo.COLUMN, fold(column), target, inferred=target.open)
        inserted = _inserted(column, scope)
        if inserted is None:
            return None
        return self._among(fold(column), inserted, scope) or Binding(BoundTo.UNRESOLVED, fold(column))

    def _written_target(self, column: exp.Column, scope: Scope) -> Source | None:
        """The target table, for a column named on the left of SET or in MERGE's INSERT list."""
        if scope.kind is not ScopeKind.DML or not scope.sources:
            return None
        parent = column.parent
        if isinstance(parent, exp.EQ) and column.arg_key == "this" and isinstance(parent.parent, exp.Update):
            return next(iter(scope.sources.values()))
        if (
            isinstance(parent, exp.Tuple)
            and isinstance(parent.parent, exp.Insert)
            and parent.arg_key == "this"
        ):
            return next(iter(scope.sources.values()))
        return None


def _whole_key(column: exp.Column) -> bool:
    """Whether a name alone is a key of ORDER BY: only then the SELECT list goes before the columns everywhere."""
    node = column.parent
    while isinstance(node, (exp.Paren, exp.Collate)):
        node = node.parent
    return isinstance(node, (exp.Ordered, exp.Order))


def _aliases(dialect: str) -> dict[str, Alias]:
    """Return which of a column and an alias each clause sees; "" stands for the clauses that are not named."""
    cells = semantics(dialect)
    named = {
        "expressions": cells.alias_in_select.value,
        "where": cells.alias_in_where.value,
        "group": cells.alias_in_group_by.value,
        "having": cells.alias_in_having.value,
        "qualify": cells.alias_in_qualify.value,
    }
    other = named["expressions"] or (Alias.COLUMN if dialect in _LATERAL_ALIASES else Alias.HIDDEN)
    return {clause: one for clause, one in named.items() if one is not None} | {"": other}


def _summed(column: exp.Expr, alias: Binding) -> bool:
    """Whether an alias of an aggregate is named inside of another one, where only a column can stand."""
    inside = column.find_ancestor(exp.AggFunc, exp.Query)
    return (
        isinstance(inside, exp.AggFunc)
        and alias.expr is not None
        and alias.expr.find(exp.AggFunc) is not None
    )


def _own(source: Source, column: exp.Column) -> bool:
    """Whether a reference stands inside the FROM item itself, which can't see its own columns."""
    if source.kind is not SourceKind.FUNCTION:
        return False
    node = source.node
    up = column.parent
    while up is not None and up is not source.scope.node:
        if up is node:
            return True
        up = up.parent
    return False


def _may_look_back(source: Source) -> bool:
    return source.kind is SourceKind.FUNCTION or (source.inner is not None and not source.is_cte)


def _unsaid_lateral(scope: Scope) -> bool:
    """Whether a derived table sees the items before it though the word LATERAL does not stand there."""
    around = scope.node.parent
    return scope.kind is ScopeKind.DERIVED and not isinstance(around and around.parent, exp.Lateral)


def _named_by_table(source: Source | None) -> bool:
    """Whether an item has its name from its table, which may well have a column of that name."""
    return source is not None and not source.node.args.get("alias")


def _inserted(column: exp.Column, scope: Scope) -> list[Source] | None:
    """The items that VALUES of MERGE ... INSERT can name: those of the source, not the target.

    https://cloud.google.com/bigquery/docs/reference/standard-sql/dml-syntax#merge_statement and
    https://www.postgresql.org/docs/current/sql-merge.html (checked 2026-12-01).
    """
    if not isinstance(scope.node, exp.Merge):
        return None
    node: exp.Expr = column
    while node.parent is not None and node.parent is not scope.node:
        if isinstance(node.parent, exp.Insert) and node.arg_key == "expression":
            return list(scope.sources.values())[1:]
        node = node.parent
    return None


def _open(sources: Iterable[Source]) -> list[Source]:
    return [one for one in sources if one.open]


def _preserved(sources: list[Source]) -> Source:
    """Of a USING column's sources, the one whose value stands: the first that no outer join nulls."""
    return next((one for one in sources if not one.nullable), sources[0])


def _is_partition(source: Source, name: str) -> bool:
    by = source.table.partition_by if source.table else None
    return by is not None and by.column.casefold() in (name, "_partitiontime")


def _names(node: exp.Expr, name: str) -> bool:
    """Whether an expression names a column of this name, without qualifier and outside of subqueries."""
    found = node.walk(prune=lambda one: isinstance(one, exp.Query))
    return any(
        isinstance(one, exp.Column) and not one.args.get("table") and fold(one) == name for one in found
    )


def _within(node: exp.Expr, ancestor: exp.Expr) -> bool:
    up: exp.Expr | None = node
    while up is not None:
        if up is ancestor:
            return True
        if isinstance(up, exp.Select):
            return False
        up = up.parent
    return False


def clause_of(column: exp.Expr, scope: Scope, known: dict[tuple[int, int], str] | None = None) -> str:
    """Return the argument of the scope's query that ``column`` stands in: where, order, expressions, ...

    ``known`` keeps what is found of ANDs and ORs, by their scope's id and their own: a chain of them nests as deep as
    it is long.
    """
    known = {} if known is None else known
    node = column
    key, chain = "", []
    while node.parent is not None and node is not scope.node:
        key = node.arg_key or ""
        if isinstance(node, exp.Window) and node.parent is not scope.node and not _in_qualify(node, scope):
            key = "expressions"  # ORDER BY inside OVER () names columns, not aliases
            break
        if isinstance(node, exp.Connector):
            place = id(scope), id(node)
            if place in known:
                key = known[place]
                break
            chain.append(place)
        node = node.parent
    key = "from_" if key in ("from_", "joins", "laterals") else key
    known.update(dict.fromkeys(chain, key))
    return key


def _in_qualify(node: exp.Expr, scope: Scope) -> bool:
    """Whether a window stands in QUALIFY, where names of the SELECT list are known."""
    up = node.parent
    while up is not None and up is not scope.node:
        if isinstance(up, exp.Qualify):
            return True
        up = up.parent
    return False
