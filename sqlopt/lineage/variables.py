"""What script variables hold: where the values came from that DECLARE, SET, loops, cursors and INTO gave them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.lineage.edge import Transformation
from sqlopt.lineage.uses import Feeds, add, union
from sqlopt.query.bind.model import BoundTo, Scope
from sqlopt.query.bind.nodes import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlopt.lineage.feeds import Tracer

_MARKED = (exp.Parameter, exp.Placeholder, exp.SessionParameter)
_QUERIES = (exp.Select, exp.SetOperation)
# DuckDB: getvariable('m'), https://duckdb.org/docs/stable/sql/statements/set_variable (checked 2026-12-01).
_GETTERS = frozenset({"getvariable"})


@dataclass(frozen=True, slots=True)
class Value:
    """What a variable holds: ``feeds`` is where all of it came from; ``rows`` what its fields, or columns, are."""

    feeds: Feeds
    rows: tuple[tuple[Tracer, Scope], ...] = ()

    def field(self, path: tuple[str, ...]) -> Feeds:
        """Return where a field came from; of what is no row, all of it."""
        name = path[0].casefold() if path else ""
        having = [
            (tracer, scope)
            for tracer, scope in self.rows
            if name and (scope.open or scope.position(name) is not None)
        ]
        return union(tracer.named(scope, name) for tracer, scope in having) if having else self.feeds

    def at(self, place: int) -> Feeds:
        """Return where the field at a 0-based place came from."""
        found = [tracer.output(scope, place) for tracer, scope in self.rows if place < len(scope.outputs)]
        return union(found) if found else self.feeds

    def together(self, other: Value) -> Value:
        """Return both: the variable may hold either."""
        return Value(union([self.feeds, other.feeds]), (*self.rows, *other.rows))


class Variables:
    """The variables of a script, by case-folded name without ``@``, ``$`` or ``:``."""

    def __init__(self) -> None:
        self.values: Mapping[str, Value] = {}

    def get(self, name: str) -> Value | None:
        """Return what a variable holds; None for none that is known."""
        return self.values.get(bare(name))

    def set(self, name: str, value: Value, *, sure: bool) -> None:
        """Give a variable a value; if that is not ``sure``, it may still hold what it held."""
        before = self.get(name)
        if before is not None and not sure:
            value = before.together(value)
        self.values = {**self.values, bare(name): value}  # earlier statements keep theirs

    # ---- what a statement does

    def note(self, tracer: Tracer) -> bool:
        """Take in what a statement gives to variables; True if that is all that it does."""
        tree = tracer.query.tree
        if isinstance(tree, exp.Declare):
            for one in tree.expressions:
                default = one.args.get("default")
                names = one.this if isinstance(one.this, list) else [one.this]
                held = _value(tracer, default) if isinstance(default, exp.Expr) else Value({})
                for name in names:
                    self.set(_name(name), held, sure=True)
            return True
        if isinstance(tree, exp.Set):
            for one in tree.expressions:
                if isinstance(one, exp.SetItem) and isinstance(one.this, exp.EQ):
                    self._assign(tracer, one.this)
            return True
        return isinstance(tree, exp.Select) and self._selected(tracer, tree)

    def _selected(self, tracer: Tracer, tree: exp.Select) -> bool:
        """T-SQL's and MySQL's ``SELECT @a = b``, ``SELECT @a := b`` and ``SELECT b INTO @a``."""
        given = [one for one in tree.expressions if _gives(one, tracer.query.dialect)]
        for one in given:
            self._assign(tracer, one)
        into = tree.args.get("into")
        target = into.this if isinstance(into, exp.Into) else None
        if isinstance(target, exp.Table) and isinstance(target.this, exp.Parameter):
            scope = tracer.query.scope_of(tree)
            if scope is not None:
                self.fill([_name(target.this)], _row(tracer, scope), sure=False)
            return True
        return bool(given) and len(given) == len(tree.expressions)

    def _assign(self, tracer: Tracer, one: exp.Expr) -> None:
        held = _value(tracer, one.expression)
        fills = tracer.query.statement.fills
        sure = fills is not None and fills.sure and tracer.query.dialect != "tsql"
        if isinstance(one.this, exp.Tuple):
            self.fill([_name(name) for name in one.this.expressions], held, sure=sure)
        else:
            self.set(_name(one.this), held, sure=sure)

    def fill(self, names: list[str], held: Value, *, sure: bool) -> None:
        """Give a row to several variables, by place, or as a whole to one."""
        alone = len(names) == 1
        for place, name in enumerate(names):
            lone = alone and all(len(scope.outputs) == 1 for _, scope in held.rows) and bool(held.rows)
            self.set(
                name,
                held if alone and not lone else Value(held.at(place), held.rows if alone else ()),
                sure=sure,
            )

    # ---- what a name stands for

    def feeds(self, node: exp.Expr, path: tuple[str, ...], tracer: Tracer) -> Feeds | None:
        """Return what feeds a node that names a variable; None for any other."""
        if not self.values:
            return None
        if isinstance(node, exp.Anonymous):
            first = next(iter(node.expressions), None)
            held = self.get(first.name) if node.name.casefold() in _GETTERS and first is not None else None
            return held.feeds if held is not None else None
        if isinstance(node, _MARKED):
            held = self.get(_name(node))
            return held.field(path) if held is not None else None
        parts = [fold(one) for one in node.parts] if isinstance(node, exp.Column) else []
        held = self.get(parts[0]) if parts else None
        if held is None or not _may_be(node, tracer):
            return None
        return held.field((*parts[1:], *path))


def _may_be(node: exp.Expr, tracer: Tracer) -> bool:
    """Whether a column reference may be a variable: it is not known to be a column, or takes a field from one."""
    binding = tracer.query.binding(node)
    if binding is None or binding.to is not BoundTo.COLUMN:
        return binding is None or binding.to in {BoundTo.VARIABLE, BoundTo.UNRESOLVED}
    return binding.inferred and bool(binding.path)


def read(tracer: Tracer) -> Value:
    """Return what the query of a statement gives, as a value."""
    tree = tracer.query.tree
    scope = tracer.query.scope_of(_query(tree) or tree)
    while scope is not None and not scope.branches and len(scope.outputs) == 1:
        inner = _query(scope.outputs[0].expr)
        found = tracer.query.scope_of(inner) if inner is not None else None
        if found is None or found is scope:
            break
        scope = found
    return _row(tracer, scope) if scope is not None else Value({})


def _row(tracer: Tracer, scope: Scope) -> Value:
    feeds = union(tracer.output(scope, place) for place in range(len(scope.outputs)))
    for source in tracer.open_stars(scope):
        add(feeds, tracer.column_of(source, "*", scope.node), Transformation.IDENTITY)
    return Value(feeds, ((tracer, scope),))


def _value(tracer: Tracer, node: exp.Expr) -> Value:
    inner = _query(node)
    scope = tracer.query.scope_of(inner) if inner is not None else None
    return _row(tracer, scope) if scope is not None else Value(tracer.expression(node))


def _query(node: exp.Expr | None) -> exp.Expr | None:
    while isinstance(node, (exp.Subquery, exp.Paren)):
        node = node.this
    return node if isinstance(node, _QUERIES) else None


def _gives(one: exp.Expr, dialect: str) -> bool:
    """Whether an item of a SELECT list gives its value to a variable: ``@a = b`` does so in T-SQL alone."""
    assigns = isinstance(one, exp.PropertyEQ) or (isinstance(one, exp.EQ) and dialect == "tsql")
    return assigns and isinstance(one.this, exp.Parameter)


def _name(node: exp.Expr) -> str:
    return (
        node.this.name if isinstance(node, exp.Parameter) and isinstance(node.this, exp.Expr) else node.name
    )


def bare(name: str) -> str:
    """Return a variable's name as it is kept: case-folded, without the mark that a dialect puts before it."""
    return name.lstrip("@$:").casefold()
