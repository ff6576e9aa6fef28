"""A statement over a view: the smallest edit of its text.

Of each block that the view serves, its tables are replaced in FROM, the conditions that the view already holds are
dropped, and its columns and aggregates are those of the view. All other text stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.model import BoundTo, ScopeKind
from sqlopt.rewrite.edits import Edit
from sqlopt.span import Span
from sqlopt.workload.calendar import UNITS
from sqlopt.workload.expressions import ColumnKey, mapped
from sqlopt.workload.expressions import column as column_of
from sqlopt.workload.part import UnservedError, by_calendar, renamed
from sqlopt.workload.rollup import rolled
from sqlopt.workload.views import identifier

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlopt.query.bind.model import Source
    from sqlopt.workload.blocks import Conjunct
    from sqlopt.workload.expressions import Expression
    from sqlopt.workload.part import Part
    from sqlopt.workload.views import Written


def rewritten(
    parts: Sequence[Part], view: Written, name: str = "", node: exp.Expr | None = None, cte: str = ""
) -> str:
    """Return the text of the statement that ``parts`` stand in, over the view, which may go by another ``name``.

    The parts are of one statement. ``node`` is a query in it of which alone the text is wanted,
    ``cte`` a CTE to put before those that it has. Raises `UnservedError` where a part's text can't be changed.
    """
    query = parts[0].block.query
    edits: list[Edit] = []
    for one in sorted(parts, key=lambda one: _length(query.span(one.block.node))):  # inner blocks first
        edits = _Rewriter(one, view, name or view.full_name, edits).edits()
    span = query.statement.span if node is None else query.span(node)
    if not cte:
        return _applied(query.source, span, edits)
    written = node.args.get("with_") if node is not None else None
    if written is None:
        return f"WITH {cte} {_applied(query.source, span, edits)}"
    at = query.span(written.expressions[0]).start
    return _applied(query.source, span, [*edits, Edit(Span(at, at), f"{cte}, ")])


def _length(span: Span) -> int:
    return span.end - span.start


def _applied(text: str, span: Span, edits: Sequence[Edit]) -> str:
    """Return the text at ``span`` with the edits that lie in it made."""
    found, at = [], span.start
    for edit in sorted(edits, key=lambda one: one.span):
        if span.covers(edit.span):
            found += [text[at : edit.span.start], edit.text]
            at = edit.span.end
    return "".join((*found, text[at : span.end]))


@dataclass
class _Rewriter:
    """The edits of one block. ``before`` are those of blocks inside it."""

    part: Part
    view: Written
    name: str
    before: list[Edit]
    alias: str = field(init=False)
    outer: str = ""

    def __post_init__(self) -> None:
        block = self.part.block
        self.block, self.query, self.dialect = block, block.query, block.query.dialect
        names = {one.casefold() for scope in self.query.scopes for one in scope.sources}
        number, self.alias = 1, "mv"
        while self.alias in names:
            number += 1
            self.alias = f"mv_{number}"

    def edits(self) -> list[Edit]:
        """Return all edits, with those of the blocks inside."""
        if self.block.through is not None:
            return self._nested()
        node = self.block.node
        mine: list[Edit] = []
        for item in node.expressions:
            mine += self._item(item)
        for key, value in node.args.items():
            if key not in ("expressions", "from_", "joins", "where", "with_"):
                for one in value if isinstance(value, list) else (value,):
                    if isinstance(one, exp.Expr):
                        mine += self._edits(one)
        return self._with_tables(mine)

    def _with_tables(self, mine: list[Edit]) -> list[Edit]:
        """Return these edits with that of FROM and WHERE, and those of inner blocks that lie in none of them."""
        region = self._region()
        text = self._tables(region)
        kept = [one for one in self.before if not region.covers(one.span)]
        kept = [one for one in kept if not any(each.span.covers(one.span) for each in mine)]
        return [*kept, *mine, Edit(region, text)]

    # ---- a block whose tables stand in the query that it reads

    def _nested(self) -> list[Edit]:
        """Return the edits of a SELECT that groups another one's rows, and of that one."""
        block, node = self.block, self.block.base.node
        self.outer = self._through()
        outer: list[Edit] = []
        for child in block.node.iter_expressions():
            if not isinstance(child, (exp.From, exp.Join, exp.With)):
                outer += self._aggregates(child)
        used = self._used()
        columns = [self.view.columns[one.key] for one in self._kept()]
        if {output.name for output in block.base.outputs} & {one.casefold() for one in columns}:
            raise UnservedError
        items = [
            _applied(self.query.source, self.query.span(item), [*self._item(item), *self._inside(item)])
            for item, output in zip(node.expressions, block.base.outputs, strict=True)
            if output.name in used
        ]
        items += [f"{self.alias}.{self._quoted(one)}" for one in columns]
        span = self.query.span(node.expressions[0]).hull(self.query.span(node.expressions[-1]))
        return self._with_tables([*outer, Edit(span, self._listed(span, items))])

    def _through(self) -> str:
        """Return the name that the SELECT that groups has for the query that it reads."""
        source = self.block.through.node if self.block.through is not None else exp.Null()
        alias = source.args.get("alias")
        word = alias.this if alias is not None and alias.this is not None else source.args.get("this")
        if not isinstance(word, exp.Identifier):
            raise UnservedError
        return word.sql(dialect=self.dialect)

    def _used(self) -> set[str]:
        """Return which outputs of the query that is read are used elsewhere than in aggregates."""
        found = set()
        for column in self.query.nodes(exp.Column):
            binding = self.query.binding(column)
            if binding is not None and binding.to is BoundTo.ALIAS and not self.block.outside(column):
                raise UnservedError  # an output's name, used in the query that gives it
            if binding is not None and binding.source is self.block.through and not self._measured(column):
                found.add(binding.name)
        return found

    def _aggregates(self, node: exp.Expr) -> Iterator[Edit]:
        """Yield what changes in the SELECT that groups: its aggregates, and the names of what they were."""
        if id(node) in self.part.measures:
            yield from self._edits(node)
            return
        if not isinstance(node, exp.Query):
            for child in node.iter_expressions():
                yield from self._aggregates(child)

    def _measured(self, column: exp.Expr) -> bool:
        """Whether a column stands in an aggregate that the view serves."""
        node: exp.Expr | None = column
        while node is not None and id(node) not in self.part.measures:
            node = node.parent
        return node is not None

    def _kept(self) -> list[Expression]:
        """Return what the view keeps for the block's aggregates, each once."""
        found = {}
        for measure in self.part.measures.values():
            for one in renamed(measure, self.view.view.name, self.dialect).kept:
                found[one.key] = one
        return list(found.values())

    def _inside(self, node: exp.Expr) -> list[Edit]:
        span = self.query.span(node)
        return [one for one in self.before if span.covers(one.span)]

    def _listed(self, span: Span, items: Sequence[str]) -> str:
        """Return a SELECT list, an item a line where it was written so."""
        source = self.query.source
        if "\n" not in span.of(source):
            return ", ".join(items)
        wide = span.start - source.rfind("\n", 0, span.start) - 1
        return f",\n{' ' * wide}".join(items)

    # ---- expressions

    def _item(self, item: exp.Expr) -> Iterator[Edit]:
        edits = list(self._edits(item))
        yield from edits
        if not edits or isinstance(item, exp.Alias):
            return
        if isinstance(item, exp.Column):
            if edits[0].text.rsplit(".", 1)[-1].strip('`"').casefold() != item.name.casefold():
                end = self.query.span(item).end
                yield Edit(Span(end, end), f" AS {item.this.sql(dialect=self.dialect)}")
        elif self.block.scope.kind is not ScopeKind.ROOT and self.query.unresolved:
            raise UnservedError  # something may ask for the name that the engine gives it
        elif not isinstance(self.query.tree, exp.Query) and isinstance(self.query.tree, exp.Create):
            raise UnservedError

    def _edits(self, node: exp.Expr) -> Iterator[Edit]:
        """Yield what changes in an expression."""
        measure = self.part.measures.get(id(node))
        if measure is not None:
            measure = renamed(measure, self.view.view.name, self.dialect)
            alias = self.outer or self.alias
            columns = [f"{alias}.{self._quoted(self.view.columns[one.key])}" for one in measure.kept]
            grouped = self.block.grouped
            yield Edit(
                self.query.span(node),
                rolled(measure, columns, self.view.view, grouped=grouped, divided=_divided(node)),
            )
            return
        if isinstance(node, exp.Column):
            key = self._own(node)
            if key is not None:
                yield from self._column(node, key)
            return
        if isinstance(node, exp.Query):
            for each in node.find_all(exp.Column):
                key = self._own(each)
                if key is not None:
                    yield from self._column(each, key)
            return
        name = self._expression(node)
        if name is not None:
            yield Edit(self.query.span(node), name)
            return
        for child in node.iter_expressions():
            yield from self._edits(child)

    def _own(self, node: exp.Expr) -> ColumnKey | None:
        key = self.block.name(node)
        return key if key is not None and key[0] in self.part.labels else None

    def _column(self, node: exp.Column, key: ColumnKey) -> Iterator[Edit]:
        name = self._name(node, key)
        same = name.casefold() == node.name.casefold()
        if same and not node.table:
            return
        word = node.this.sql(dialect=self.dialect) if same else self._quoted(name)
        yield Edit(self.query.span(node), f"{self.alias}.{word}")

    def _name(self, node: exp.Expr, key: ColumnKey) -> str:
        """Return the view's column that a reference becomes: the column, or its month or year."""
        found = self.view.columns.get(column_of(self.view.view.name(key), self.dialect).key)
        for unit in UNITS:
            if found is None:
                cut = by_calendar(node, key, self.block, unit)
                cut = mapped(cut, self.view.view.name, self.dialect) if cut is not None else None
                found = self.view.columns.get(cut.key) if cut is not None else None
        if found is None:
            raise UnservedError
        return found

    def _expression(self, node: exp.Expr) -> str | None:
        """Return the view's column that holds the value of an expression."""
        keys = self.view.view.keys
        if not isinstance(node, exp.Condition) or all(one.column is not None for one in keys.values()):
            return None
        if isinstance(node, (exp.Literal, exp.AggFunc)):
            return None
        found = self.block.canonical(node)
        if found is None or not found.columns or not found.labels <= self.part.labels:
            return None
        found = mapped(found, self.view.view.name, self.dialect)
        return f"{self.alias}.{self._quoted(self.view.columns[found.key])}" if found.key in keys else None

    def _quoted(self, name: str) -> str:
        return identifier(name, self.dialect).sql(dialect=self.dialect)

    # ---- FROM and WHERE

    def _region(self) -> Span:
        """Return the text from FROM to the end of WHERE."""
        node = self.block.base.node
        start = self.query.span(node.args["from_"])
        parts = [*(node.args.get("joins") or ()), node.args.get("where")]
        whole = start
        for one in parts:
            if one is not None:
                whole = whole.hull(self.query.span(one))
        if any(self.query.span(one).end > start.start for one in node.expressions):
            raise UnservedError  # FROM stands first
        return whole

    def _text(self, node: exp.Expr) -> str:
        edits = [*self._edits(node)]
        edits += [one for one in self.before if not any(each.span.covers(one.span) for each in edits)]
        return _applied(self.query.source, self.query.span(node), edits)

    def _tables(self, region: Span) -> str:
        """Return the new text of FROM, joins and WHERE."""
        outside = [
            one for one in self.block.base.sources.values() if self._label(one) not in self.part.labels
        ]
        conditions = [one for one in self.block.conditions if not self._held(one)]
        self._check_using(conditions)
        conditions = [one for one in conditions if one.using is None]
        moved = {id(one.join) for one in conditions if one.join is not None}
        kept = {id(one.join) for one in outside if one.join is not None}
        explicit = any(
            one.join is not None and (one.join.side or one.join.args.get("using") or id(one.join) in moved)
            for one in outside
        )
        found = [f"FROM {self.name} AS {self.alias}"]
        found += [self._join(one, conditions, explicit=explicit) for one in outside]
        where = [one for one in conditions if one.join is None or id(one.join) not in kept]
        text = "".join(found)
        if where:
            newline = self._newline(region)
            wide = newline if newline == " " else newline + "  "
            text += f"{newline}WHERE " + f"{wide}AND ".join(self._text(one.node) for one in where)
        return text

    def _check_using(self, conditions: Sequence[Conjunct]) -> None:
        """Raise `UnservedError` for a USING clause that would mean something else beside the view."""
        names = {one.casefold() for one in self.view.columns.values()}
        for one in conditions:
            if one.using is not None:
                inner = self._label(one.using[0]) in self.part.labels
                merged = {name for name, sources in self.block.base.merged.items() if one.using[0] in sources}
                if inner or names & merged:
                    raise UnservedError

    def _label(self, source: Source) -> str | None:
        return self.block.labels.get(id(source))

    def _held(self, one: Conjunct) -> bool:
        """Whether the view's rows all satisfy a condition."""
        if one.equal is not None and self.view.view.equal(one.equal):
            return True
        expression = one.expression
        return (
            expression is not None
            and expression.key in self.part.tests
            and expression.key in self.view.view.tests
        )

    def _join(self, source: Source, conditions: Sequence[Conjunct], *, explicit: bool) -> str:
        text = _applied(self.query.source, self.query.span(source.node), self.before)
        if not explicit:
            return f", {text}"
        newline = self._newline(self._region())
        join = source.join
        if join is not None and join.args.get("using"):
            names = ", ".join(self.query.text(one) for one in join.args["using"])
            return f"{newline}{'LEFT ' if join.side else ''}JOIN {text} USING ({names})"
        if join is not None and join.side:
            on = join.args.get("on")
            return f"{newline}LEFT JOIN {text}" + (f" ON {self._text(on)}" if on is not None else "")
        own = [one for one in conditions if one.join is join and join is not None]
        if not own:
            return f"{newline}CROSS JOIN {text}"
        return f"{newline}JOIN {text} ON " + " AND ".join(self._text(one.node) for one in own)

    def _newline(self, region: Span) -> str:
        """Return what parts lines: a line break with the indentation of FROM, or a space in a text of one line."""
        source = self.query.source
        if "\n" not in region.of(source):
            return " "
        line = source[source.rfind("\n", 0, region.start) + 1 : region.start]
        return "\n" + line[: len(line) - len(line.lstrip())]


def _divided(node: exp.Expr) -> bool:
    """Whether an aggregate's type may decide on a division around it."""
    parent = node.parent
    while isinstance(parent, (exp.Paren, exp.Binary, exp.Neg, exp.Coalesce)):
        if isinstance(parent, (exp.Div, exp.IntDiv, exp.Mod)):
            return True
        parent = parent.parent
    return False
