"""The keys of a scope's rows: which outputs tell them apart."""

from __future__ import annotations

from itertools import islice, product
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.casing import twins
from sqlopt.query.bind.model import SourceKind
from sqlopt.query.bind.nodes import conjuncts
from sqlopt.query.facts.conditions import Place
from sqlopt.query.facts.grouping import group_items, has_sets, is_item
from sqlopt.query.facts.nulls import Nulls
from sqlopt.query.text.forms import row_limit
from sqlopt.query.values.effects import one_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlopt.query.bind.model import Scope, Source
    from sqlopt.query.query import Query

Key = frozenset[str]
_Places = frozenset[Place]
# Where a function in the SELECT list may return several rows. PostgreSQL:
# https://www.postgresql.org/docs/current/xfunc-sql.html; DuckDB's unnest:
# https://duckdb.org/docs/stable/sql/query_syntax/unnest.html; Spark:
# https://spark.apache.org/docs/latest/sql-ref-syntax-qry-select-tvf.html (checked 2026-11-23).
_SETS_IN_LISTS = frozenset({"postgres", "redshift", "duckdb", "spark", "spark2", "databricks", "hive"})
_GENERATORS = (exp.UDTF, exp.Explode, exp.Posexplode, exp.Inline, exp.GenerateSeries)
_MOST_KEYS = 8  # a product of many joins has many keys; the smallest say enough


class Keys(Nulls):
    """Uniqueness, by declared keys, groups, DISTINCT, numbered rows and the joins between."""

    def __init__(self, query: Query, *, trusting: bool = False) -> None:
        super().__init__(query, trusting=trusting)
        self._keys: dict[int, tuple[Key, ...]] = {}
        self._table_keys: dict[int, tuple[set[Key], set[Key]]] = {}

    def keys(self, scope: Scope) -> tuple[Key, ...]:
        """The sets of outputs (case-folded names) of which no two rows of ``scope`` agree, smallest first.

        The empty set says that there is at most one row.
        """
        known = self._keys.get(id(scope))
        if known is None:
            self._keys[id(scope)] = ()  # a recursive CTE has no known key
            known = tuple(sorted(_minimal(self._derive(scope)), key=len)[:_MOST_KEYS])
            self._keys[id(scope)] = known
        return known

    def unique(self, scope: Scope, columns: frozenset[str]) -> bool:
        """Whether no two rows of ``scope`` agree on these outputs, as far as is known."""
        return any(key <= columns for key in self.keys(scope))

    def _derive(self, scope: Scope) -> set[Key]:
        node = scope.node
        names = frozenset(one.name for one in scope.outputs)
        if scope.branches:
            return self._of_branches(scope, names)
        found = self.keys_before_distinct(scope)
        if isinstance(node, exp.Select) and not scope.recursive and not scope.open:
            distinct = node.args.get("distinct")
            if distinct is not None and distinct.args.get("on") is None:
                found.add(names - {one.name for one in scope.outputs if self._same_in_all_rows(one.expr)})
        return found

    def _same_in_all_rows(self, node: exp.Expr | None) -> bool:
        return node is not None and self._literal(node) is not None

    def _of_branches(self, scope: Scope, names: Key) -> set[Key]:
        """A set operation that removes duplicates is its own key; EXCEPT gives rows of its first branch only."""
        node = scope.node
        found = {names} if node.args.get("distinct") and not scope.open else set()
        if isinstance(node, exp.Except) and not isinstance(node.this.unnest(), exp.SetOperation):
            first = scope.branches[0]
            place = {one.name: scope.outputs[i].name for i, one in enumerate(first.outputs)}
            found |= {frozenset(place[name] for name in key) for key in self.keys(first)}
        return found

    def keys_before_distinct(self, scope: Scope) -> set[Key]:
        """Return the keys that the rows of a SELECT have without its DISTINCT."""
        node = scope.node
        if not isinstance(node, exp.Select) or scope.recursive or self._makes_rows(scope):
            return set()
        group = node.args.get("group")
        if group is None and self.query.flow.aggregates(scope):
            return {frozenset()}
        found = self._grouped(scope, group) if group is not None else self._from_sources(scope)
        found |= self._numbered(scope)
        distinct = node.args.get("distinct")
        if distinct is not None and distinct.args.get("on") is not None:
            found |= self._given_items(distinct.args["on"].expressions, scope)
        limit = row_limit(node)
        if limit is not None and limit.most == 1:
            found.add(frozenset())
        return found

    def _makes_rows(self, scope: Scope) -> bool:
        """Whether an item of the SELECT list may give several rows: a function that returns sets, or a strange one."""
        loose = self.query.dialect in _SETS_IN_LISTS
        if not self.query.nodes(*_GENERATORS) and not (loose and self.query.nodes(exp.Anonymous)):
            return False
        return any(
            isinstance(one, _GENERATORS) or (loose and isinstance(one, exp.Anonymous))
            for output in scope.outputs
            if output.expr is not None and not isinstance(output.expr, (exp.Column, exp.Literal))
            for one in output.expr.walk(bfs=False)
        )

    # ---- groups and numbered rows

    def _grouped(self, scope: Scope, group: exp.Expr) -> set[Key]:
        if has_sets(group):
            return set()
        if group.args.get("all"):
            return {
                frozenset(
                    one.name
                    for one in scope.outputs
                    if one.expr is None or one.expr.find(exp.AggFunc) is None
                )
            }
        return self._given_items(self._deciding_items(group_items(group), scope), scope)

    def _deciding_items(self, items: list[exp.Expr], scope: Scope) -> list[exp.Expr]:
        """Leave out what other items determine: the columns of a table whose key is among them, and constants."""
        places = {place for one in items if (place := self.place(one)) is not None}
        fixed = self.fixed(scope)
        drop: set[Place] = set()
        for source in scope.sources.values():
            own = {name for at, name in places if at == id(source)}
            keys = [key for key in self.source_keys(source) if key and key <= own]
            if keys and not source.nullable and not self._lateral(source):
                drop |= {(id(source), name) for name in own - min(keys, key=len)}
        return [one for one in items if (place := self.place(one)) not in drop and place not in fixed]

    def _given_items(self, items: Iterable[exp.Expr], scope: Scope) -> set[Key]:
        """Return the key of rows that are told apart by ``items``, if all of them are given out."""
        given = self._given(scope)
        choices = []
        for item in items:
            node = item.unnest()
            place = self.place(node)
            # A column of FROM is that column, even where an output of another meaning has its name.
            choices.append(
                given.get(place, set())
                if place is not None
                else {one.name for one in scope.outputs if is_item(node, one, scope)}
            )
        return {frozenset(one) for one in islice(product(*map(sorted, choices)), _MOST_KEYS)}

    def _numbered(self, scope: Scope) -> set[Key]:
        """ROW_NUMBER tells apart the rows of each of its partitions; where it must be 1, the partition is the key."""
        found: set[Key] = set()
        first = [self._first_of(one) for one in self.late_conditions(scope)]
        for window in first:
            if window is not None:
                found |= self._given_items(window.args.get("partition_by") or (), scope)
        for output in scope.outputs:
            node = output.expr.unnest() if output.expr is not None else None
            if isinstance(node, exp.Window) and _numbers(node):
                keys = self._given_items(node.args.get("partition_by") or (), scope)
                found |= {key | {output.name} for key in keys}
        return found

    def _first_of(self, condition: exp.Expr) -> exp.Window | None:
        """Return the ROW_NUMBER that ``condition`` wants to be 1."""
        node = condition.unnest()
        if not isinstance(node, (exp.EQ, exp.LTE)):
            return None
        left, right = node.this.unnest(), node.expression.unnest()
        if isinstance(node, exp.EQ) and isinstance(left, exp.Literal):
            left, right = right, left
        binding = self.query.binding(left)
        window = left if binding is None or binding.expr is None else binding.expr.unnest()
        one = isinstance(right, exp.Literal) and not right.is_string and right.this == "1"
        return window if one and isinstance(window, exp.Window) and _numbers(window) else None

    # ---- joins

    def _from_sources(self, scope: Scope) -> set[Key]:
        """The keys that joins leave, expressed in the scope's outputs."""
        if not scope.sources:
            return set() if scope.open or scope.node.args.get("from_") is not None else {frozenset()}
        fixed = self._fixed_to_the_end(scope)
        rows: set[_Places] = set()
        before: list[Source] = []
        for source in scope.sources.values():
            own = {frozenset((id(source), name) for name in key) - fixed for key in self.source_keys(source)}
            rows = own if not before else self._joined(rows, own, before, source)
            if not rows:
                return set()
            before.append(source)
        given = self._given(scope)
        return {
            frozenset(one)
            for key in rows
            for one in islice(product(*(sorted(given.get(place, ())) for place in sorted(key))), _MOST_KEYS)
        }

    def _joined(
        self, rows: set[_Places], own: set[_Places], before: list[Source], source: Source
    ) -> set[_Places]:
        """The keys of a join of what stands ``before``, with the keys ``rows``, to ``source``."""
        join = source.join
        side, kind = ((one or "").upper() for one in (join.side, join.kind)) if join is not None else ("", "")
        if side == "FULL":
            return set()  # a NULL key of the left side and one of the right side give the same row
        if kind in ("SEMI", "ANTI"):
            return rows if side != "RIGHT" else set()
        method = (join.method or "").upper() if join is not None else ""
        if method == "POSITIONAL":
            return set()
        if method == "ASOF" and side != "RIGHT":
            return rows  # the nearest partner, or none
        partner = self.equated(join, source, before) if join is not None else set()
        unique = {frozenset((id(source), name) for name in key) for key in self.partner_keys(source)}
        found = {left | right for left in rows for right in own}
        if side != "RIGHT" and any(key <= partner for key in (*own, *unique)):
            found |= rows  # at most one partner a row: the keys so far stand
        if side != "LEFT" and not self._lateral(source) and any(key <= partner for key in rows):
            found |= own
        return _minimal_places(found)

    def equated(self, join: exp.Join, source: Source, before: list[Source]) -> set[Place]:
        """The columns of either side that a join makes equal to something that the other side alone decides."""
        scope = source.scope
        found = {
            place
            for own, left, right, name in self.merged(scope)
            if own is join and right is source
            for place in ((id(left), name), (id(right), name))
        }
        using = {name.name.casefold() for name in join.args.get("using") or ()}
        found |= {(id(source), name) for name in using}
        wanted = list(conjuncts(join.args.get("on")))
        if not (join.side or ""):
            wanted += self.conditions(scope)
        left_ids, right_ids = {id(one) for one in before}, {id(source)}
        for condition in wanted:
            node = condition.unnest()
            if not isinstance(node, exp.EQ) or self._types_differ(node):
                continue
            for column, other in ((node.this, node.expression), (node.expression, node.this)):
                place = self.place(column) if isinstance(column.unnest(), exp.Column) else None
                if place is None:
                    continue
                allowed = left_ids if place[0] in right_ids else right_ids if place[0] in left_ids else set()
                if allowed and self._reads_only(other, allowed, scope):
                    found.add(place)
        return found

    def _reads_only(self, node: exp.Expr, sources: set[int], scope: Scope) -> bool:
        """Whether an expression is decided by these sources of ``scope``, and by queries around it."""
        if node.find(exp.Query) is not None or not one_value(node):
            return False
        for column in node.find_all(exp.Column):
            binding = self.query.binding(column)
            if binding is None or binding.source is None:
                return False
            if binding.source.scope is scope and id(binding.source) not in sources:
                return False
        return True

    def _fixed_to_the_end(self, scope: Scope) -> set[Place]:
        """The columns that have one value in all rows that a scope gives out."""
        late = tuple(self.late_conditions(scope))
        found = set(self.fixed(scope)) | {place for place, _ in self._equated_to_constants(late)}
        for condition in (*self.conditions(scope), *late):
            node = condition.unnest()
            if isinstance(node, (exp.LTE, exp.LT)) and self._numbers_rows(node.this):
                place, most = self.place(node.this), "1" if isinstance(node, exp.LTE) else "2"
                if (
                    place is not None
                    and isinstance(node.expression, exp.Literal)
                    and node.expression.this == most
                ):
                    found.add(place)
        return found

    def _numbers_rows(self, node: exp.Expr) -> bool:
        """Whether a column is some inner query's ROW_NUMBER, which is never less than 1."""
        binding = self.query.binding(node.unnest())
        if binding is None or binding.source is None or binding.path:
            return False
        origin = self.query.origin_of(binding.source, binding.name)
        return isinstance(origin, exp.Window) and _numbers(origin)

    def _given(self, scope: Scope) -> dict[Place, set[str]]:
        """The outputs that hold each column of the scope's sources, or a column that equals it in all rows."""
        given: dict[Place, set[str]] = {}
        for one in scope.outputs:
            if one.expr is None and one.source is not None:
                given.setdefault((id(one.source), one.column), set()).add(one.name)
            elif one.expr is not None and (place := self.place(one.expr)) is not None:
                given.setdefault(place, set()).add(one.name)
        for left, right in self._equal_places(scope):
            names = given.get(left, set()) | given.get(right, set())
            if names:
                given[left] = given[right] = names
        return given

    def _equal_places(self, scope: Scope) -> Iterator[tuple[Place, Place]]:
        """Yield pairs of columns of one type that are equal in all rows of ``scope``."""
        for condition in self.conditions(scope):
            node = condition.unnest()
            if isinstance(node, exp.EQ):
                left, right = self.place(node.this), self.place(node.expression)
                kind = self._type(node.this)
                if left and right and kind is not None and kind == self._type(node.expression):
                    yield left, right
        inner = self.inner_joins(scope)
        for join, left_side, other, name in self.merged(scope):
            if any(join is one for one in inner):
                yield (id(left_side), name), (id(other), name)

    @staticmethod
    def _lateral(source: Source) -> bool:
        """Whether a source is computed anew for each row before it: its keys hold for one such row only."""
        return source.inner is not None and source.inner.parent is source.scope

    # ---- sources

    def source_keys(self, source: Source) -> set[Key]:
        """The keys of what a FROM item gives, in its own column names."""
        if source.inner is not None and not source.pivoted:
            back: dict[str, str] = {inner: outer for outer, inner in source.renames.items()}
            return {frozenset(back.get(name, name) for name in key) for key in self.keys(source.inner)}
        return self._of_table(source)[0]

    def partner_keys(self, source: Source) -> set[Key]:
        """The columns by whose equality a row finds one partner at most; NULL, which equals nothing, may repeat."""
        return self.source_keys(source) | self._of_table(source)[1]

    def _of_table(self, source: Source) -> tuple[set[Key], set[Key]]:
        """A table's keys, and beside them its unique columns that may be NULL in several rows."""
        known = self._table_keys.get(id(source))
        if known is None:
            known = self._table_keys[id(source)] = self._declared(source)
        return known

    def _declared(self, source: Source) -> tuple[set[Key], set[Key]]:
        table = source.table
        if table is None or not self._plain_table(source):
            return set(), set()
        doubled = twins(table)
        back = {inner: outer for outer, inner in source.renames.items()}
        whole: set[Key] = set()
        loose: set[Key] = set()
        for columns in filter(None, (table.primary_key, *table.unique)):
            key = frozenset(map(str.casefold, columns))
            if key & doubled:
                continue  # of which of the two columns it speaks is not known
            known = [table.column(name) for name in columns]
            never_null = all(one is not None and one.nullable is False for one in known)
            never_null = never_null or (columns is table.primary_key and self._keeps_null_out(table))
            (whole if never_null else loose).add(frozenset(back.get(name, name) for name in key))
        return whole, loose

    def _plain_table(self, source: Source) -> bool:
        return source.kind is SourceKind.TABLE and not source.pivoted and self._enforced(source)


def _numbers(window: exp.Window) -> bool:
    """Whether it is a ROW_NUMBER whose partition is written here, not in a WINDOW clause."""
    return isinstance(window.this, exp.RowNumber) and window.args.get("alias") is None


def _minimal(keys: set[Key]) -> set[Key]:
    return {key for key in keys if not any(other < key for other in keys)}


def _minimal_places(keys: set[_Places]) -> set[_Places]:
    found = {key for key in keys if not any(other < key for other in keys)}
    return set(sorted(found, key=lambda key: (len(key), sorted(key)))[:_MOST_KEYS])


__all__ = ["Key", "Keys"]
