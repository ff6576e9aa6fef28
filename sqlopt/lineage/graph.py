"""The graph of a project: every table and column of its files, what feeds what, and what is wrong with it."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

from sqlglot import exp

from sqlopt.errors import SqloptError
from sqlopt.lineage import outside
from sqlopt.lineage.edge import ColumnRef, Edge, Kind, Transformation
from sqlopt.lineage.uses import DIRECT
from sqlopt.span import Span, line_and_column

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlopt.catalog import Catalog
    from sqlopt.lineage.result import Lineage
    from sqlopt.lineage.written import StatementLineage, Written
    from sqlopt.source.map import Script


_NEAR = 50
_NAMED = 5
"""Columns that are named in one line about those that are not resolved."""


class UnknownNameError(SqloptError):
    """A table or column that the graph does not hold."""


@dataclass(frozen=True, slots=True)
class TableNode:
    """A table of the graph.

    ``kind`` is ``table``, ``query`` for a file's bare SELECT, whose name is the file's, what lies outside the
    warehouse (``topic``, ``stage``, ``file``), an ``exposure`` (a dashboard or the like) or a ``task`` of a DAG.
    ``columns`` are in order
    as far as they are known. ``path`` and ``line`` (1-based) say where it is made, if it is. ``tags`` holds the
    catalog's (column, tag) pairs, an empty column standing for the table.
    """

    name: str
    kind: str = "table"
    columns: tuple[str, ...] = ()
    path: str = ""
    line: int = 0
    tags: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """An edge between tables, and the place (``path``, 1-based ``line``) of the text that makes it.

    ``star`` says that no one names the column there: it comes, and would go, with the others of a star.
    """

    edge: Edge
    path: str
    line: int
    star: bool = False


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with the graph at a place; the rest of it is complete."""

    path: str
    line: int
    message: str


@dataclass(slots=True, eq=False)
class _End:
    """A column with the steps that lead to it and from it."""

    ref: ColumnRef
    up: list[Step] = field(default_factory=list)
    down: list[Step] = field(default_factory=list)


class LineageGraph:
    """Tables, columns and steps. Names are looked up case-folded and may lack their first parts.

    ``unread`` are the places of the texts that were not read: what comes from there may be missing.
    """

    def __init__(self) -> None:
        self.tables: dict[str, TableNode] = {}
        self.steps: list[Step] = []
        self.troubles: list[Trouble] = []
        self.unread: list[Trouble] = []
        self._ends: dict[ColumnRef, _End] = {}
        self._columns: dict[str, set[ColumnRef]] = defaultdict(set)

    # ---- building

    def add(self, found: Lineage, path: str, text: str, script: Script | None = None) -> None:
        """Add the lineage of a file with this text, or of a ``script`` that stands in it."""
        place = _plain_line if script is None or script.source_map.is_identity else _Rendered(script, text)
        rendered = text if script is None else script.text

        def line_of(offset: int) -> int:
            return place(line_and_column(rendered, offset)[0], offset)

        for error in found.errors:
            self.troubles.append(Trouble(path, line_of(error.span.start), error.message))
        for one in found.statements:
            line = line_of(one.query.statement.span.start)
            for name in one.tables_in:
                self._table(name)
            for written in one.written:
                if (written.table.casefold(), "") not in found.hidden:
                    self._written(written, one, path, line, place if not found.hidden else None)
            self._say_unresolved(one, path, line)
            for gap in one.query.unread:
                told = Trouble(path, line_of(gap.span.start), gap.what)
                if told not in self.unread[-_NEAR:]:  # the readings of a template say the same
                    self.unread.append(told)

    def _written(
        self, written: Written, one: StatementLineage, path: str, line: int, place: _Line | None
    ) -> None:
        name = written.table or path
        if not written.columns and not written.table:
            return
        self._made(name, written, path, line)
        lines: dict[int, int] = {}  # by node
        follows = (written.replaces or not written.table) and not isinstance(one.query.tree, exp.Insert)
        for column, feeds in [*written.columns, ("", written.influences)]:
            end = self._end(ColumnRef(name, column))
            for (source, use), (masked, node) in feeds.items():
                direct = use in DIRECT
                if not source.table or (not column and direct):
                    continue
                at = lines.get(id(node))
                if at is None:
                    at = lines[id(node)] = self._line(node, one, place) or line
                kind = Kind.DIRECT if direct else Kind.INDIRECT
                start = self._ends.get(source)
                if start is None:
                    self._table(source.table)
                    start = self._end(source)
                star = follows and use is Transformation.IDENTITY and _is_star(node)
                self._step(start, end, Step(Edge(start.ref, end.ref, kind, use, masked), path, at, star))

    @staticmethod
    def _line(node: exp.Expr, one: StatementLineage, place: _Line | None) -> int:
        """Return the line of a node; 0 for one that came through a temporary table from another statement."""
        if place is None:
            if node.root() is not one.query.tree:
                return 0
            place = _plain_line
        return _line(node, place)

    def _say_unresolved(self, one: StatementLineage, path: str, line: int) -> None:
        """Say which columns could be of several tables: no edge is drawn for them."""
        unknown: dict[tuple[str, ...], dict[str, None]] = {}
        for ref in (key[0] for written in one.written for _, feeds in written.columns for key in feeds):
            if ref.candidates:
                unknown.setdefault(ref.candidates, {})[ref.column] = None
        for tables, columns in unknown.items():
            which = f"{', '.join(list(columns)[:_NAMED])}{', ...' if len(columns) > _NAMED else ''}"
            self.troubles.append(
                Trouble(path, line, f"{which}: of {' or '.join(tables)}? a catalog would tell; left out")
            )

    def _made(self, name: str, written: Written, path: str, line: int) -> None:
        before = self.tables.get(name.casefold())
        columns = tuple(column for column, _ in written.columns if column and column != "*")
        if before is not None and before.path and written.replaces and before.path != path:
            self.troubles.append(
                Trouble(
                    path, line, f"{name} is made here and in {before.path}:{before.line}; both are followed"
                )
            )
        node = before or TableNode(name, outside.kind(name) if written.table else "query")
        known = node.columns or columns
        if written.columns and (before is None or written.replaces or not before.path):
            node = replace(node, path=path, line=line)
        self.tables[name.casefold()] = replace(node, columns=known)

    def _end(self, ref: ColumnRef) -> _End:
        """Return the one end for a reference, whatever its case."""
        found = self._ends.get(ref)
        if found is None:
            folded = ColumnRef(ref.table.casefold(), ref.column.casefold())
            found = self._ends.get(folded)
            if found is None:
                found = self._ends[folded] = _End(folded)
                self._columns[folded.table].add(folded)
            self._ends[ref] = found
        return found

    def _table(self, name: str) -> None:
        key = name.casefold()
        if key not in self.tables:
            self.tables[key] = TableNode(name, outside.kind(name))

    def _step(self, source: _End, target: _End, step: Step) -> None:
        self.steps.append(step)
        source.down.append(step)
        target.up.append(step)

    def use(self, name: str, kind: str, refs: Iterable[ColumnRef], path: str, line: int) -> None:
        """Add something beside the warehouse that uses columns or tables' rows."""
        self.tables.setdefault(name.casefold(), TableNode(name, kind, path=path, line=line))
        target = self._end(ColumnRef(name, ""))
        for ref in dict.fromkeys(refs):
            self._table(ref.table)
            source = self._end(ref)
            edge = Edge(source.ref, target.ref, Kind.DIRECT, Transformation.IDENTITY)
            self._step(source, target, Step(edge, path, line))

    def all_of(self, table: str) -> list[ColumnRef]:
        """Return a table's rows and all its columns that are known."""
        key = table.casefold()
        node = self.tables.get(key, TableNode(table))
        known = {ref.column for ref in self._columns[key]} | {one.casefold() for one in node.columns} | {""}
        return [ColumnRef(table, column) for column in sorted(known)]

    def describe(self, catalog: Catalog) -> None:
        """Add what the catalog knows of the tables: their columns and tags, and the spelling of their names."""
        known: dict[str, str] = {}
        for key, node in self.tables.items():
            table = catalog.table(node.name)
            if table is None:
                continue
            name = table.name if table.name.casefold() == key else node.name
            tags = [("", tag) for tag in table.tags]
            tags += [(one.casefold(), tag) for one, column in table.columns.items() for tag in column.tags]
            self.tables[key] = replace(
                node, name=name, columns=tuple(table.columns) or node.columns, tags=tuple(tags)
            )
            _note_schemas(known, name)
        for node in self.tables.values():
            _note_schemas(known, node.name)
        for key, node in self.tables.items():
            schema, dot, name = node.name.rpartition(".")
            if dot and node.kind == "table" and known[schema.casefold()] != schema:
                self.tables[key] = replace(node, name=f"{known[schema.casefold()]}.{name}")

    def find_cycles(self) -> None:
        """Report tables that are, through others, made of themselves; nothing follows such a circle."""
        import networkx as nx

        graph: nx.DiGraph[str] = nx.DiGraph(self.table_edges)
        for circle in nx.strongly_connected_components(graph):
            if len(circle) > 1:
                names = sorted(circle)
                made = [self.tables[one] for one in names if self.tables[one].path]
                places = ", ".join(f"{one.name} ({one.path}:{one.line})" for one in made)
                first = made[0] if made else TableNode("")
                self.troubles.append(Trouble(first.path, first.line, f"made of themselves: {places}"))

    # ---- keeping

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, for the cache: ends and kinds of steps are numbered, since most stand there often."""
        ends: dict[ColumnRef, int] = {}
        hows: dict[tuple[str, str, str], int] = {}
        steps = []
        for step in self.steps:
            edge = step.edge
            source, target = (ends.setdefault(one, len(ends)) for one in (edge.source, edge.target))
            how = hows.setdefault((edge.kind, edge.transformation, step.path), len(hows))
            steps.append([source, target, how, int(edge.masking) + 2 * step.star, step.line])
        return {
            "tables": [
                [key, one.name, one.kind, list(one.columns), one.path, one.line, list(one.tags)]
                for key, one in self.tables.items()
            ],
            "ends": [[one.table, one.column] for one in ends],
            "hows": list(hows),
            "steps": steps,
            "troubles": [[one.path, one.line, one.message] for one in self.troubles],
            "unread": [[one.path, one.line, one.message] for one in self.unread],
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Read what `to_dict` wrote. Raises KeyError, TypeError, ValueError or IndexError for anything else."""
        made = cls()
        for key, name, kind, columns, path, line, tags in data["tables"]:
            made.tables[key] = TableNode(
                name, kind, tuple(columns), path, line, tuple((a, b) for a, b in tags)
            )
        ends = [made._end(ColumnRef(table, column)) for table, column in data["ends"]]
        hows = [(Kind(kind), Transformation(use), path) for kind, use, path in data["hows"]]
        for start, end, how, marks, line in data["steps"]:
            source, target = ends[start], ends[end]
            kind, use, path = hows[how]
            edge = Edge(source.ref, target.ref, kind, use, bool(marks & 1))
            made._step(source, target, Step(edge, path, line, bool(marks & 2)))
        made.troubles = [Trouble(*one) for one in data["troubles"]]
        made.unread = [Trouble(*one) for one in data["unread"]]
        return made

    # ---- asking

    @property
    def edges(self) -> tuple[Edge, ...]:
        """All edges between tables."""
        return tuple(dict.fromkeys(step.edge for step in self.steps))

    @property
    def table_edges(self) -> tuple[tuple[str, str], ...]:
        """(source, target) tables, by case-folded name, each pair once."""
        pairs = ((step.edge.source.table, step.edge.target.table) for step in self.steps)
        return tuple(dict.fromkeys(pair for pair in pairs if pair[0] != pair[1]))

    def find(self, name: str) -> list[ColumnRef]:
        """Return the columns that ``TABLE`` or ``TABLE.COLUMN`` names, a table's rows among them.

        Raises `UnknownNameError` with the nearest name.
        """
        wanted = name.replace('"', "").replace("`", "").casefold()
        table = self._named(wanted)
        if table is not None:
            return sorted(self._columns[table] | {ColumnRef(table, "")})
        head, _, column = wanted.rpartition(".")
        table = self._named(head) if head else None
        if table is not None:
            known = {one.column for one in self._columns[table]} | {
                one.casefold() for one in self.tables[table].columns
            }
            if column in known:
                return [ColumnRef(table, column)]
            raise UnknownNameError(
                f"{self.tables[table].name} has no column {column!r}{_near(column, known)}"
            )
        raise UnknownNameError(f"no table {name!r} is known{_near(wanted, self.tables)}")

    def _named(self, name: str) -> str | None:
        if name in self.tables:
            return name
        tails = [one for one in self.tables if one.endswith("." + name)]
        if len(tails) > 1:
            raise UnknownNameError(f"{name!r} names several tables: {', '.join(sorted(tails))}")
        return tails[0] if tails else None

    def reach(
        self,
        start: Iterable[ColumnRef],
        *,
        upstream: bool = False,
        depth: int | None = None,
        rows: bool = False,
        readable: bool = False,
    ) -> dict[ColumnRef, Step]:
        """Return every column reached, nearest first, each with the step that reached it first.

        A column reached only as a filter or the like is listed as the rows of that table, and followed
        further with ``rows``: then whatever reads the table counts. ``readable`` follows only what lets the
        value itself through: no masks, filters or conditions.
        """
        found: dict[ColumnRef, Step] = {}
        queue = deque((ref, 0) for ref in start)
        begun = {ref for ref, _ in queue}
        while queue:
            ref, far = queue.popleft()
            if depth is not None and far >= depth:
                continue
            for step in self._next(ref, upstream=upstream, rows=rows):
                if readable and (step.edge.masking or step.edge.kind is Kind.INDIRECT):
                    continue
                other = step.edge.source if upstream else step.edge.target
                if other not in found and other not in begun:
                    found[other] = step
                    queue.append((other, far + 1))
        return found

    def readers(self, refs: Iterable[ColumnRef]) -> set[str]:
        """Return the tables, case-folded, that are made directly from any of these columns or rows."""
        ends = filter(None, map(self._ends.get, refs))
        return {step.edge.target.table for end in ends for step in end.down}

    def broken_by(self, dropped: ColumnRef) -> set[str]:
        """Return the tables, case-folded, whose text names a column that is gone once ``dropped`` is.

        A table made by a star only loses its column, and it is its readers that may name that.
        """
        broken: set[str] = set()
        gone = {dropped}
        queue = [dropped]
        while queue:
            end = self._ends.get(queue.pop())
            for step in end.down if end is not None else ():
                target = step.edge.target
                if not step.star:
                    broken.add(target.table)
                elif target not in gone:
                    gone.add(target)
                    queue.append(target)
        return broken

    def _next(self, ref: ColumnRef, *, upstream: bool, rows: bool) -> Iterator[Step]:
        refs = [ref]
        if not ref.column and rows:
            refs += [other for other in sorted(self._columns[ref.table]) if other.column]
        for end in filter(None, map(self._ends.get, refs)):
            yield from end.up if upstream else end.down

    def tagged(self, tag: str) -> list[ColumnRef]:
        """Return the columns that carry a tag, by themselves or by their table.

        Raises `UnknownNameError` for a tag that none carries.
        """
        wanted = tag.casefold()
        found = []
        for key, node in self.tables.items():
            for column, name in node.tags:
                if name.casefold() == wanted:
                    names = [column] if column else [one.casefold() for one in node.columns]
                    found += [ColumnRef(key, one) for one in names]
        if not found:
            known = {name for node in self.tables.values() for _, name in node.tags}
            raise UnknownNameError(f"no column carries the tag {tag!r}{_near(tag, known)}")
        return list(dict.fromkeys(found))

    def path(self, reached: dict[ColumnRef, Step], end: ColumnRef, *, upstream: bool = False) -> list[Step]:
        """Return the steps from where a search began to ``end``."""
        steps: list[Step] = []
        at: ColumnRef | None = end
        while at in reached and len(steps) <= len(reached):
            step = reached[at]
            steps.append(step)
            at = step.edge.target if upstream else step.edge.source
            if at not in reached and not any(one.table == at.table for one in reached):
                break
        return steps[::-1]


def _note_schemas(known: dict[str, str], name: str) -> None:
    """Keep the first spelling of each schema and database, by its case-folded whole name."""
    schema = name.rpartition(".")[0]
    if schema and schema.casefold() not in known:
        _note_schemas(known, schema)
        above, dot, last = schema.rpartition(".")
        known[schema.casefold()] = f"{known[above.casefold()]}.{last}" if dot else last


def _is_star(node: exp.Expr) -> bool:
    """Whether a column came through a star, or with a whole table; a UNION of stars needs them all alike."""
    if isinstance(node, exp.Select):
        return not isinstance(node.parent, exp.SetOperation)
    return isinstance(node, (exp.Star, exp.Table))


def _line(node: exp.Expr, place: _Line) -> int:
    """Return the 1-based line that a node's first written word stands in; 0 where none is known."""
    for one in (node.this, *node.walk()) if isinstance(node, exp.Column) else node.walk():
        line = one.meta.get("line")
        if isinstance(line, int):
            return place(line, one.meta.get("start", 0))
    return 0


_Line = Callable[[int, int], int]
"""From the line and offset in rendered SQL to the line in the file."""


def _plain_line(line: int, _: int) -> int:
    return line


class _Rendered:
    """Lines of a file for places in a script that was rendered from it."""

    def __init__(self, script: Script, text: str) -> None:
        self._script = script
        self._text = text

    def __call__(self, _: int, offset: int) -> int:
        found = self._script.source_map.place(Span(offset, offset + 1)).span.start
        return line_and_column(self._text, found)[0]


def _near(name: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
