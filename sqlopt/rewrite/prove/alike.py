"""Whether two statements are one, but for the names that they give to tables and columns on the way.

Both are written down with every name replaced by what it stands for: a column by its source and its place there, a
source by its number, a CTE by its query. What is written down alike does the same, whatever it is: windows, grouping
sets, LIMIT with ties (the engine has the same choice in both). Functions that the user made are not: two calls may
differ. The reading is closed: what the ledger does not call read, or irrelevant to rows and values, makes no proof,
and functions and constants have to be written alike, as a tree may take two words for one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlglot import exp

from sqlopt.query.bind.ledger import Standing, standing
from sqlopt.query.bind.model import BoundTo
from sqlopt.query.bind.nodes import alias_columns, fold
from sqlopt.rewrite.prove.pair import Unsupported, identity
from sqlopt.rewrite.prove.words import literals, word

if TYPE_CHECKING:
    from sqlopt.query.bind.model import Source
    from sqlopt.query.query import Query
    from sqlopt.rewrite.prove.pair import Pair

_REFUSED = (
    exp.Anonymous,
    exp.AnonymousAggFunc,
    exp.Pivot,
    exp.Lambda,
    exp.TableSample,
    exp.Parameter,
    exp.Columns,
    exp.ForClause,  # what it makes holds the names of the columns
)
_CHANCE = frozenset(
    {"Uniform", "Normal", "Zipf", "Seq1", "Seq2", "Seq4", "Seq8", "Shuffle", "Generator", "GapFill", "Predict",
     "VectorSearch", "Encrypt", "CurrentTransaction", "CurrentStatement"}
)  # fmt: skip


def alike(pair: Pair) -> bool:
    """Whether both statements of a pair are the same but for names."""
    try:
        one, other = ((_Writer(query).write(query.tree), literals(query)) for query in pair.queries)
    except Unsupported:
        return False
    return bool(one == other)


class _Writer:
    """Writes one statement down without its names."""

    def __init__(self, query: Query) -> None:
        self.query = query
        self.numbers = {id(one): place for place, one in enumerate(query.sources)}
        self.sources = {id(one.node): one for one in query.sources}

    def write(self, node: exp.Expr) -> Any:
        """Return a node as nested tuples. Raises `Unsupported` for what a name alone decides."""
        name = type(node).__name__
        if isinstance(node, _REFUSED) or name in _CHANCE or name.startswith(("AI", "Generate", "ML")):
            raise Unsupported(f"{type(node).__name__} is not followed")
        if isinstance(node, exp.Column) and not isinstance(node.this, exp.Star):
            return self._column(node)
        if isinstance(node, exp.Column) and not any(node.this.args.values()):
            return ("star", self._named(node))
        if isinstance(node, exp.Alias) and isinstance(node.parent, exp.Select):
            return self.write(node.this)
        if node.args.get("using") or node.args.get("by_name") or (isinstance(node, exp.Join) and node.method):
            raise Unsupported("a join or a union by names")
        if isinstance(node, exp.Column) or (isinstance(node, exp.Star) and any(node.args.values())):
            raise Unsupported("a part of all columns")
        if isinstance(node, exp.Select) and node.args.get("kind"):
            raise Unsupported("a row that holds the names of its columns")
        if isinstance(node, exp.Table):
            return self._table(node)
        skipped = ("alias",) if isinstance(node, (exp.CTE, exp.Subquery, exp.Values, exp.Lateral)) else ()
        return (name, word(self.query, node), *self._parts(node, skipped))

    def _parts(self, node: exp.Expr, skipped: tuple[str, ...]) -> tuple[Any, ...]:
        """Return the arguments of a node that bear on its rows and values, but for some."""
        parts: list[Any] = []
        for key, value in node.args.items():
            if key in skipped or value is None or value is False or value == []:
                continue
            read = standing(type(node), key)
            if read is Standing.IRRELEVANT:
                continue
            if read is not Standing.READ:
                raise Unsupported(f"{type(node).__name__} with {key.strip('_')}")
            values = value if isinstance(value, list) else [value]
            parts.append((key, tuple(self._value(one) for one in values)))
        return tuple(parts)

    def _value(self, value: object) -> Any:
        if isinstance(value, exp.Identifier):
            return value.this, bool(value.args.get("quoted"))
        return self.write(value) if isinstance(value, exp.Expr) else value

    def _column(self, node: exp.Column) -> Any:
        if node.args.get("join_mark"):
            raise Unsupported("an outer join by a mark")
        binding = self.query.binding(node)
        if binding is not None and binding.to is BoundTo.ALIAS:
            if binding.expr is not None:
                return ("alias", self.write(binding.expr))
            scope = self.query.scope_of(node)
            place = scope.position(binding.name) if scope is not None else None
            if place is None:
                raise Unsupported("a name of several columns")
            return ("output", place)
        if binding is None or binding.to is not BoundTo.COLUMN or binding.source is None or binding.row:
            raise Unsupported(f"{node.sql()} can't be bound")
        return (
            "column",
            self.numbers[id(binding.source)],
            self._place(binding.source, binding.name),
            binding.path,
        )

    @staticmethod
    def _place(source: Source, name: str) -> Any:
        """Return a column by its place, where a query or a list of names says it; that of a table by its name."""
        listed = alias_columns(source.node)
        if source.columns.count(name) > 1 or listed.count(name) > 1:
            raise Unsupported(f"two columns are called {name}")
        if source.inner is not None and name in source.columns:
            return source.columns.index(name)
        if name not in listed:
            if listed and name not in source.columns:
                raise Unsupported(f"{name} may have got another name")
            return name
        return source.renames.get(name, listed.index(name))

    def _named(self, node: exp.Column) -> int:
        scope = self.query.scope_of(node)
        source = scope.sources.get(fold(node.args.get("table"))) if scope is not None else None
        if source is None:
            raise Unsupported(f"{node.sql()} can't be bound")
        return self.numbers[id(source)]

    def _table(self, node: exp.Table) -> Any:
        source = self.sources.get(id(node))
        if source is None or not isinstance(node.this, exp.Identifier):
            raise Unsupported(f"{node.sql()} is no plain table")
        rest = self._parts(node, ("this", "db", "catalog", "alias"))
        if source.inner is None:
            return ("table", identity(source), rest)
        if source.inner.recursive or source.inner.cte is None:
            raise Unsupported("a recursive query")
        return ("cte", self.query.scopes.index(source.inner), rest)
