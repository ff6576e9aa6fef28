"""FROM clauses as sums of products of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.model import Source, SourceKind
from sqlopt.query.bind.nodes import fold
from sqlopt.rewrite.prove.algebra.frames import AMBIGUOUS, Alternative, Columns, Frame, evened
from sqlopt.rewrite.prove.logic.terms import BOTTOM, NULL, Node, both
from sqlopt.rewrite.prove.pair import Unsupported, identity

if TYPE_CHECKING:
    from sqlopt.rewrite.prove.algebra.read import Reader

MOST_TERMS = 24


class Joins:
    """Reads the FROM clauses of a `Reader`'s statement."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.reasoner = reader.reasoner
        self.scalar = reader.scalar
        self.sources = {id(one.node): one for one in reader.query.sources}
        self._tables: dict[int, str] = {}

    def declared(self, value: Node) -> exp.DataType | None:
        """Return the declared type of a column."""
        table = self._tables.get(value[1]) if value[0] == "col" else None
        if table is None:
            return None
        relation = self.reader.pair.relations[table]
        place = relation.position(value[2])
        return relation.fields[place].precise if place is not None else None

    def read(self, node: exp.Select, outer: Frame | None) -> list[Alternative]:
        """Return what a SELECT's FROM clause gives."""
        found = [Alternative()]
        from_ = node.args.get("from_")
        if from_ is not None:
            found = self._item(from_.this, found, outer)
        elif node.args.get("joins"):
            raise Unsupported("a join of nothing")
        for join in node.args.get("joins") or ():
            found = self._join(join, found, outer)
        if node.args.get("laterals"):
            raise Unsupported("LATERAL VIEW")
        return found

    def _item(self, node: exp.Expr, before: list[Alternative], outer: Frame | None) -> list[Alternative]:
        """Return the product of what stands before with a FROM item."""
        found = []
        for one in before:
            others = self._rows(node, Frame(self.reader, one.columns, outer))
            found += [_product(one, other) for other in others]
        if len(found) > MOST_TERMS:
            raise Unsupported("too many alternatives of outer joins and unions")
        for join in node.args.get("joins") or ():
            found = self._join(join, found, outer)
        return found

    def _rows(self, node: exp.Expr, frame: Frame) -> list[Alternative]:
        if node.args.get("sample") or node.args.get("when") or node.args.get("version"):
            raise Unsupported("a sample or a version of a table")
        source = self.sources.get(id(node))
        if source is None:
            if isinstance(node, exp.Subquery) and (
                not isinstance(_inside(node), exp.Query) or id(node.this) in self.sources
            ):
                return self._item(node.this, [Alternative()], frame)
            raise Unsupported(f"no rule knows {type(node).__name__} in FROM")
        if source.pivoted or node.args.get("pivots"):
            raise Unsupported("PIVOT")
        if source.kind is SourceKind.TABLE:
            return [self._table(source)]
        if source.kind is SourceKind.VALUES and isinstance(node, exp.Values):
            return self._values(node, source, frame)
        if source.kind is not SourceKind.QUERY or source.inner is None:
            raise Unsupported(f"no rule knows the source {source.name}")
        if source.is_cte:
            relation = self._cte(source, frame)
        else:
            relation = self.reader.relation(node.this if isinstance(node, exp.Lateral) else node, frame)
        return [
            Alternative(term[1], term[2], self._named(source, term[3]))
            for term in self.reasoner.fresh(relation)
        ]

    def _cte(self, source: Source, frame: Frame) -> Node:
        scope = source.inner
        if scope is None or scope.recursive or scope.cte is None:
            raise Unsupported("a recursive query")
        del frame
        return self.reader.relation(scope.cte.this, None)

    def _table(self, source: Source) -> Alternative:
        if source.node.args.get("only") or source.node.args.get("changes"):
            raise Unsupported("a part of a table")
        key = identity(source)
        row = self.reasoner.number()
        self._tables[row] = key
        known = self.reasoner.knowledge.columns(key, row)
        columns: Columns = {(id(source), name): node for name, node in known.items()}
        if not source.open:
            columns |= {(id(source), place): node for place, node in enumerate(known.values())}
        for alias, name in source.renames.items():
            columns[id(source), alias] = known[name]
        if source.columns and source.renames == {} and set(source.columns) - set(known):
            raise Unsupported("a table with renamed columns")
        return Alternative((("var", row, ("table", key)),), (), columns)

    def _values(self, node: exp.Values, source: Source, frame: Frame) -> list[Alternative]:
        found = []
        for one in node.expressions:
            row = one.expressions if isinstance(one, exp.Tuple) else [one.unnest()]
            found.append(("term", (), (), tuple(self.scalar.value(item, frame) for item in row)))
        return [Alternative((), (), self._named(source, term[3])) for term in evened(tuple(found))]

    @staticmethod
    def _named(source: Source, outputs: tuple[Node, ...]) -> Columns:
        columns: Columns = {(id(source), place): value for place, value in enumerate(outputs)}
        names = source.columns if len(source.columns) == len(outputs) else ()
        for name, value in zip(names, outputs, strict=False):
            key: tuple[int, str | int] = (id(source), name)
            columns[key] = AMBIGUOUS if key in columns else value
        return columns

    def _join(self, join: exp.Join, before: list[Alternative], outer: Frame | None) -> list[Alternative]:
        side, kind = (join.side or "").upper(), (join.kind or "").upper()
        if join.method or join.args.get("match_condition"):
            raise Unsupported("NATURAL and ASOF joins")
        if kind not in ("", "INNER", "OUTER", "CROSS", "SEMI", "ANTI"):
            raise Unsupported(f"no rule knows a {kind} join")
        matched: list[Alternative] = []
        alone: list[Alternative] = []
        rights: list[Alternative] = []
        for one in before:
            rights = self._item(join.this, [Alternative()], Frame(self.reader, one.columns, outer))
            pairs = [self._on(join, _product(one, other), outer) for other in rights]
            there = tuple(
                ("term", other.rows, pair.conditions[len(one.conditions) :], ())
                for other, pair in zip(rights, pairs, strict=True)
            )
            if kind in ("SEMI", "ANTI"):
                sign = "exists" if kind == "SEMI" else "none"
                extra = (
                    ((sign, self.reasoner.fresh(there)),)
                    if there
                    else ((("false",),) if kind == "SEMI" else ())
                )
                alone.append(Alternative(one.rows, (*one.conditions, *extra), one.columns))
                continue
            matched += [pair for pair in pairs if both(list(pair.conditions)) != BOTTOM]
            if side in ("LEFT", "FULL"):
                extra = (("none", self.reasoner.fresh(there)),) if there else ()
                nulls = dict.fromkeys(rights[0].columns if rights else self._empty(join.this), NULL)
                alone.append(Alternative(one.rows, (*one.conditions, *extra), {**one.columns, **nulls}))
        if side in ("RIGHT", "FULL"):
            alone += self._unmatched(join, before, outer)
        found = [*matched, *alone]
        if len(found) > MOST_TERMS:
            raise Unsupported("too many alternatives of outer joins and unions")
        return found

    def _unmatched(self, join: exp.Join, before: list[Alternative], outer: Frame | None) -> list[Alternative]:
        """Return the right side's rows without partner."""
        if join.args.get("using"):
            raise Unsupported("an outer join with USING")
        if before:
            nulls = dict.fromkeys(before[0].columns, NULL)
        else:
            parent = join.parent
            items = (
                [parent.args["from_"].this, *parent.args["joins"]] if isinstance(parent, exp.Select) else []
            )
            if not items or items.index(join) != 1:
                raise Unsupported("an outer join with nothing")
            nulls = dict.fromkeys(self._empty(items[0]), NULL)
        found = []
        for other in self._item(join.this, [Alternative()], outer):
            there = []
            for one in before:
                pair = self._on(join, _product(one, other), outer)
                on = pair.conditions[len(one.conditions) + len(other.conditions) :]
                there.append(("term", one.rows, (*one.conditions, *on), ()))
            none = (("none", self.reasoner.fresh(tuple(there))),) if there else ()
            found.append(Alternative(other.rows, (*other.conditions, *none), {**nulls, **other.columns}))
        return found

    def _empty(self, node: exp.Expr) -> list[tuple[int, str | int]]:
        """Return the columns of a FROM item that never has rows."""
        source = self.sources.get(id(node))
        if source is None or source.open:
            raise Unsupported("an outer join with nothing")
        return [(id(source), one) for one in (*source.columns, *range(len(source.columns)))]

    def _on(self, join: exp.Join, pair: Alternative, outer: Frame | None) -> Alternative:
        conditions: list[Node] = []
        frame = Frame(self.reader, pair.columns, outer)
        on = join.args.get("on")
        if on is not None:
            conditions.append(self.scalar.condition(on, frame)[0])
        using = join.args.get("using")
        if using:
            if (join.side or "").upper() in ("RIGHT", "FULL"):
                raise Unsupported("an outer join with USING")
            scope = self.reader.scope(join.parent) if join.parent is not None else None
            right = self.sources.get(id(join.this))
            for one in using:
                sources = scope.merged.get(fold(one), []) if scope is not None else []
                if len(sources) != 2 or right is not sources[1]:  # noqa: PLR2004
                    raise Unsupported("USING over several tables")
                left = frame.lookup(sources[0], fold(one))
                conditions.append(self.scalar.compare("=", left, frame.lookup(right, fold(one))))
        return Alternative(pair.rows, (*pair.conditions, *conditions), pair.columns)


def _product(one: Alternative, other: Alternative) -> Alternative:
    return Alternative(
        one.rows + other.rows, one.conditions + other.conditions, {**one.columns, **other.columns}
    )


def _inside(node: exp.Expr) -> exp.Expr:
    while isinstance(node, (exp.Subquery, exp.Paren)):
        node = node.this
    return node
