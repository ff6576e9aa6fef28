"""LIMIT that leaves a choice to the engine: two statements are equal if they can give the very same results.

A LIMIT below another is needless if the outer one can give the same results without it. Let the outer one take the
first N rows (with those of its OFFSET) of some rows by some keys; the inner one the first M of X by the same keys:

1. M >= N, and the inner one skips none. 2. Every row of X makes one row or more of the outer one's, all with its keys:
by a projection, on the left of LEFT JOINs, in a branch of UNION ALL, with no condition, group or window between.
3. Both order by the same columns in the same directions (or both by none), of one order in all branches.

Then whatever first N rows are taken come from N rows of X at most, which M first ones can hold; and a row that M
first ones lack has N others before it or beside it.

Any other LIMIT below the top stands for a table of its own, with the rows that the engine chose: the same one in both
statements if both choose from the same bag by the same keys. 1. It is a FROM item or a branch of one, which is read
once: where a subquery is read for each row, or a CTE twice, the choices may differ. 2. It reads no outer column.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.model import BoundTo, SourceKind
from sqlopt.query.bind.nodes import fold
from sqlopt.query.text.forms import row_limit
from sqlopt.rewrite.prove.algebra.typed import WHOLE
from sqlopt.rewrite.prove.logic.match import Matcher
from sqlopt.rewrite.prove.logic.terms import Node, joined, kind_of, null
from sqlopt.rewrite.prove.logic.trees import bound, variables
from sqlopt.rewrite.prove.pair import Unsupported, identity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlopt.query.bind.model import Scope, Source
    from sqlopt.rewrite.prove.algebra.order import Ordered
    from sqlopt.rewrite.prove.algebra.read import Reader

Key = tuple[int, bool, bool | None]
"""The place of an output that a query is ordered by, whether it descends, and whether NULLs come first."""
_BETWEEN = ("where", "group", "having", "qualify", "distinct", "windows", "laterals", "with_")
_AROUND = (exp.Subquery, exp.Paren, exp.From, exp.Join, exp.Select, exp.SetOperation)


@dataclass(slots=True)
class Chosen:
    """Rows that the engine chooses, and the name of the table that stands for them."""

    rows: Ordered
    name: str


class Limits:
    """The choices that the LIMITs of a `Reader`'s statement leave."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.needless: set[int] = set()
        self._read: set[int] = set()
        self._taken: set[str] = set()

    def choice(self, body: exp.Expr, found: Ordered) -> Node:
        """Return the rows that a LIMIT below the top gives, as those of a table."""
        reasoner = self.reader.reasoner
        whole = ("exists", found.relation)
        if id(body) in self._read or not _read_once(body) or not variables(whole) <= set(bound(whole)):
            raise Unsupported("LIMIT below the top that leaves a choice")
        self._read.add(id(body))
        width = len(found.relation[0][3]) - len(found.order)
        kinds = [joined([kind_of(term[3][place]) for term in found.relation]) for place in range(width)]
        name = next((one.name for one in reasoner.chosen if self._same(one, found)), None)
        if name is None:
            filled = [all(self._filled(term, place) for term in found.relation) for place in range(width)]
            most = found.limit[0] if found.limit is not None else None
            name = reasoner.knowledge.choose(kinds, filled, most)
            reasoner.chosen.append(Chosen(found, name))
        self._taken.add(name)
        row = reasoner.number()
        columns = tuple(reasoner.knowledge.columns(name, row).values())
        return (("term", (("var", row, ("table", name)),), (), columns),)

    def _filled(self, term: Node, place: int) -> bool:
        sources = {row[1]: row[2] for row in term[1]}
        return self.reader.reasoner.inconsistent([*term[2], null(term[3][place])], sources)

    def _same(self, one: Chosen, found: Ordered) -> bool:
        rows, keys = one.rows, len(found.order)
        if one.name in self._taken or (rows.limit, rows.order, rows.width) != (
            found.limit,
            found.order,
            found.width,
        ):
            return False
        left, right = rows.shown(keys), found.shown(keys)
        kinds = [[kind_of(value) for value in term[3]] for term in (*left, *right)]
        alike = all(one == kinds[0] for one in kinds)
        return alike and Matcher(self.reader.reasoner).bags(left, right, [], {})

    def spare(self, node: exp.Expr, most: int) -> None:
        """Find the LIMITs below a query that gives ``most`` rows (with those that it skips) that are needless."""
        with suppress(Unsupported):  # where a type or a scope is not known, no more are found
            keys = self._keys(node)
            if keys is not None:
                self._below(node, keys, most)

    def _below(self, node: exp.Expr, keys: tuple[Key, ...], most: int) -> None:
        for inner, theirs in self._inside(node, keys):
            limit = row_limit(inner)
            if inner.args.get("offset") is not None:
                continue
            if limit is not None:
                if limit.most is None or limit.node.args.get("offset") is not None or limit.most < most:
                    continue
                if self._keys(inner) != theirs:
                    continue
                self.needless.add(id(inner))
            self._below(inner, theirs, most)

    def _inside(self, node: exp.Expr, keys: tuple[Key, ...]) -> Iterator[tuple[exp.Expr, tuple[Key, ...]]]:
        """Yield the queries each of whose rows makes a row or more, with the keys' places there."""
        if isinstance(node, exp.Union) and not node.args.get("distinct"):
            if any(node.args.get(key) for key in ("by_name", "side", "kind", "on", "with_")):
                return
            if not all(self._ordered_alike(self.reader.scope(node).branches, place) for place, *_ in keys):
                return
            for one in (node.this, node.expression):
                yield _bare(one), keys
        elif isinstance(node, exp.Select):
            yield from self._from(node, keys)

    def _ordered_alike(self, branches: Sequence[Scope], place: int) -> bool:
        """Whether a column has one order in all branches: whole numbers of one type, or one column of one table."""
        types = {self.reader.types.output(one, place) for one in branches}
        origins = {self._origin(one, place) for one in branches}
        return len(types) == 1 and (types <= set(WHOLE) or (len(origins) == 1 and None not in origins))

    def _origin(self, scope: Scope, place: int | None) -> tuple[str, str] | None:
        """Return the table and the column that an output is, as it stands."""
        if scope.branches or place is None or place >= len(scope.outputs):
            return None
        output = scope.outputs[place]
        column = (output.source, output.column) if output.expr is None else self._column(output.expr)
        if column is None or column[0] is None:
            return None
        source, name = column[0], column[0].renames.get(column[1], column[1])
        if source.inner is not None:
            return self._origin(source.inner, source.inner.position(name))
        return (identity(source), name) if source.kind is SourceKind.TABLE else None

    def _from(self, node: exp.Select, keys: tuple[Key, ...]) -> Iterator[tuple[exp.Expr, tuple[Key, ...]]]:
        from_ = node.args.get("from_")
        if from_ is None or any(node.args.get(key) for key in _BETWEEN):
            return
        if any(one.find(exp.AggFunc, exp.Window) for one in node.expressions):
            return
        item, joins = _item(from_.this, list(node.args.get("joins") or ()))
        plain = all((one.side or "").upper() == "LEFT" and not one.method for one in joins)
        plain = plain and all((one.kind or "").upper() in ("", "OUTER") for one in joins)
        source = self.reader.joins.sources.get(id(item))
        if not plain or not isinstance(item, exp.Subquery) or source is None or source.inner is None:
            return
        outputs, found = self.reader.scope(node).outputs, []
        for place, descends, first in keys:
            output = outputs[place] if place < len(outputs) else None
            column = self._column(output.expr) if output is not None and output.expr is not None else None
            if output is not None and output.expr is None:
                column = (output.source, output.column)
            if column is None or column[0] is not source or source.columns.count(column[1]) != 1:
                return
            found.append((source.columns.index(column[1]), descends, first))
        yield _bare(item), tuple(found)

    def _column(self, node: exp.Expr) -> tuple[Source | None, str] | None:
        binding = self.reader.query.binding(node) if isinstance(node, exp.Column) else None
        if binding is None or binding.to is not BoundTo.COLUMN or binding.path:
            return None
        return binding.source, binding.name

    def _keys(self, node: exp.Expr) -> tuple[Key, ...] | None:
        """Return what a query is ordered by as places of its outputs; None where it is by something else."""
        order = node.args.get("order")
        outputs = self.reader.scope(node).outputs
        names = [one.name for one in outputs]
        found = []
        for one in order.expressions if order is not None else ():
            this = one.this if isinstance(one, exp.Ordered) and not one.args.get("with_fill") else None
            if not isinstance(this, exp.Column):
                return None
            places = [i for i, name in enumerate(names) if name == fold(this.this)]
            if this.table:
                column = self._column(this)
                places = [
                    i
                    for i, x in enumerate(outputs)
                    if column is not None
                    and (self._column(x.expr) if x.expr is not None else (x.source, x.column)) == column
                ][:1]
            if len(places) != 1:
                return None
            found.append((places[0], bool(one.args.get("desc")), one.args.get("nulls_first")))
        return tuple(found)


def _bare(node: exp.Expr) -> exp.Expr:
    """Return a query without its parentheses."""
    while isinstance(node, (exp.Subquery, exp.Paren)):
        node = node.this
    return node


def _item(node: exp.Expr, joins: list[exp.Join]) -> tuple[exp.Expr, list[exp.Join]]:
    """Return the first FROM item of joins in parentheses, and all joins with it."""
    joins = [*(node.args.get("joins") or ()), *joins]
    if isinstance(node, exp.Subquery) and not node.alias and isinstance(node.this, (exp.Subquery, exp.Table)):
        return _item(node.this, joins)
    return node, joins


def _read_once(body: exp.Expr) -> bool:
    """Whether a query is a FROM item or a branch of one up to the top, none of it read for each row of another."""
    node = body
    while node.parent is not None:
        parent = node.parent
        if not isinstance(parent, _AROUND) or node.arg_key not in ("this", "expression", "from_", "joins"):
            return False
        node = parent
    return True
