"""Columns that a change adds, removes, retypes or makes in another way, and all that reads them."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.lineage.edge import ColumnRef
from sqlopt.project.diff.changes import relative_to
from sqlopt.project.diff.report import ColumnChange
from sqlopt.query.bind.model import ScopeKind
from sqlopt.source.files import decode, discover

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlopt.lineage.graph import LineageGraph, TableNode
    from sqlopt.project.diff.changes import FileChange
    from sqlopt.project.diff.revisions import Revisions
    from sqlopt.project.project import Project
    from sqlopt.query import Query
    from sqlopt.query.bind.model import Output

_WORD = re.compile(rb"\w+")


def column_changes(
    found: Revisions, projects: tuple[Project, ...], changes: Sequence[FileChange]
) -> tuple[ColumnChange, ...]:
    """Return the changes of columns in what the changed files make, with whatever reads each of them."""
    sides = [
        [name for change in changes if (name := (change.before, change.after)[side]) is not None]
        for side in (0, 1)
    ]
    roots = (found.before, found.after)
    made: list[dict[str, dict[str, exp.Expr]]] = [{}, {}]
    for change in changes:
        for side, name in enumerate((change.before, change.after)):
            if name is not None and change.before is not None and change.after is not None:
                made[side][str(roots[side] / name)] = _expressions(projects[side], roots[side] / name)

    def changed(*more: Sequence[str]) -> tuple[ColumnChange, ...]:
        """Return the changes as graphs of the changed files, and of ``more`` of each side, show them."""
        files = [dict.fromkeys((*sides[side], *(more[side] if more else ()))) for side in (0, 1)]
        graphs = [
            project.graph([str(root / one) for one in several])
            for project, root, several in zip(projects, roots, files, strict=True)
        ]
        old, new = (_made(graph, root, side) for graph, root, side in zip(graphs, roots, sides, strict=True))
        return tuple(_changes(old, new, (graphs[0], graphs[1]), roots, made))

    alone = changed()
    if all(one.change == "added" for one in alone):
        return alone  # nobody can have read them
    # What reads the changed tables, and what reads that: of a large project a small part.
    found.complete()
    names = {Path(one).stem.casefold().encode() for several in sides for one in several}
    names |= {one.table.rsplit(".", 1)[-1].encode() for one in alone}
    reading = _readers(found, projects[1], names)
    # Who reads a column that went is known from before: now it can't be told whose it is.
    return changed([one for one in reading if (found.before / one).is_file()], reading)


def _readers(found: Revisions, project: Project, names: set[bytes]) -> list[str]:
    """Return the files that name one of ``names``, or what is made by a file that does, by a glance at their words."""
    skips = project.config.skips if project.config else lambda _: False
    top = found.after / found.within
    words = {}
    for path in discover([str(top)], skips) if top.exists() else ():
        relative = relative_to(found.after, path)
        words[relative] = set(_WORD.findall(Path(path).read_bytes().lower()))
    reached: dict[str, None] = {}
    wanted = set(names)
    while True:
        more = [path for path, several in words.items() if path not in reached and several & wanted]
        if not more:
            return list(reached)
        reached.update(dict.fromkeys(more))
        wanted = {Path(path).stem.casefold().encode() for path in more}


def _made(graph: LineageGraph, root: Path, paths: Iterable[str]) -> dict[str, TableNode]:
    """Return the tables that the files make, by key."""
    wanted = {str(root / path) for path in paths}
    return {
        key: node
        for key, node in graph.tables.items()
        if node.path and str(Path(node.path).resolve()) in wanted
    }


def _changes(
    old: dict[str, TableNode],
    new: dict[str, TableNode],
    graphs: tuple[LineageGraph, LineageGraph],
    roots: tuple[Path, Path],
    made: Sequence[dict[str, dict[str, exp.Expr]]],
) -> Iterable[ColumnChange]:
    from sqlopt.lineage.graph import TableNode

    def plain(key: str, side: int) -> str:
        return key.replace(f"{roots[side]}/".casefold(), "").replace(f"{roots[side]}/", "")

    sources = tuple(_sources(graph, root) for graph, root in zip(graphs, roots, strict=True))
    names = {plain(key, 0): key for key in old}, {plain(key, 1): key for key in new}
    for table in sorted(names[0].keys() | names[1].keys()):
        keys = names[0].get(table), names[1].get(table)
        nodes = old.get(keys[0] or "", TableNode("")), new.get(keys[1] or "", TableNode(""))
        if keys[0] is None:
            continue  # a new table: nothing read it
        was, now = ([one.casefold() for one in node.columns] for node in nodes)
        for column in was:
            if keys[1] is None or (now and column not in now):
                yield ColumnChange(
                    table, column, "removed", "", _reached(graphs[0], keys[0], column, roots[0])
                )
            elif keys[1] is not None:
                sides = [
                    made[side].get(str(Path(node.path).resolve()), {}).get(column)
                    for side, node in enumerate(nodes)
                ]
                change, detail = _rewritten(*sides)
                detail = _remade(*(of[key, column] for of, key in zip(sources, keys, strict=True))) or detail
                if detail:
                    reaches = _reached(graphs[1], keys[1], column, roots[1])
                    yield ColumnChange(table, column, change or "changed", detail, reaches)
        for column in now:
            if was and column not in was:
                yield ColumnChange(table, column, "added")


def _sources(graph: LineageGraph, root: Path) -> defaultdict[tuple[str | None, str], set[tuple[str, str]]]:
    """Return from which columns each column is made, and how."""
    found: defaultdict[tuple[str | None, str], set[tuple[str, str]]] = defaultdict(set)
    for step in graph.steps:
        edge = step.edge
        source = str(edge.source).replace(f"{root}/".casefold(), "")
        found[edge.target.table, edge.target.column].add((source, str(edge.transformation)))
    return found


def _remade(was: set[tuple[str, str]], now: set[tuple[str, str]]) -> str:
    """Say from which other columns a column is made than before; nothing if from the same ones."""
    if was == now:
        return ""
    old, new = ({source for source, _ in side} for side in (was, now))
    if old == new:
        return "made from the same columns in another way"
    parts = []
    if new - old:
        parts.append(f"made from {', '.join(sorted(new - old))}")
    if old - new:
        parts.append(f"no longer from {', '.join(sorted(old - new))}")
    return ", ".join(parts)


def _expressions(project: Project, path: Path) -> dict[str, exp.Expr]:
    """Return how the last query of a file makes its columns, looked at through CTEs and derived tables."""
    from sqlopt.project.embedded import catalog_of, dialect_of, read
    from sqlopt.query.understand import understand

    text, _ = decode(path.read_bytes())
    place = str(path)
    loaded = project.loaded(project.settings(place))
    found: dict[str, exp.Expr] = {}
    for script in read(text, place, project.settings(place).dialect):
        dialect = dialect_of(script, place, loaded, project)
        for query in understand(script.text, dialect, catalog_of(place, loaded, project), project.today):
            top = next((one for one in query.scopes if one.kind is ScopeKind.ROOT), None)
            for output in top.outputs if top is not None and not top.branches else ():
                expr = _made_by(query, output)
                if expr is not None:
                    found[output.name] = expr
    return found


def _made_by(query: Query, output: Output) -> exp.Expr | None:
    """Follow an output inwards to the expression that computes it, or to the base column."""
    expr = output.expr
    if expr is None and output.source is not None:
        step = query.origin_of(output.source, output.column)
        expr = step if isinstance(step, exp.Expr) else None
    for _ in range(1_000):
        binding = query.binding(expr) if isinstance(expr, exp.Column) else None
        if binding is None or binding.source is None or binding.path:
            break
        step = query.origin_of(binding.source, binding.name)
        if not isinstance(step, exp.Expr):
            break
        expr = step
    return expr


def _rewritten(old: exp.Expr | None, new: exp.Expr | None) -> tuple[str, str]:
    """Return (change, detail) of two expressions of one column; empty if they are alike."""
    if old is None or new is None:
        return "", ""
    texts = [_plain_text(one) for one in (old, new)]
    if texts[0] == texts[1]:
        return "", ""
    casts = [one.to.sql() if isinstance(one, exp.Cast) else "" for one in (old, new)]
    inner = [
        _plain_text(one.this) if isinstance(one, exp.Cast) else text
        for one, text in zip((old, new), texts, strict=True)
    ]
    if casts[0] != casts[1] and inner[0] == inner[1]:
        return "retyped", f"{casts[0] or 'as it was'} before, {casts[1] or 'as it was'} now"
    return "changed", f"{texts[0]} before, {texts[1]} now"


def _plain_text(node: exp.Expr) -> str:
    """Return an expression without the qualifiers, case and comments of its names."""
    copy = node.copy()
    for column in copy.find_all(exp.Column):
        column.set("table", None)
    return copy.sql(comments=False, normalize=True)


def _reached(graph: LineageGraph, key: str, column: str, root: Path) -> tuple[tuple[str, str], ...]:
    """Return what reads a column, directly or not, by (name, kind), nearest first."""
    found: dict[tuple[str, str], None] = {}
    for ref in graph.reach([ColumnRef(key.casefold(), column)], rows=True):
        node = graph.tables.get(ref.table)
        if node is not None:
            found[node.name.replace(f"{root}/", ""), node.kind] = None
    return tuple(found)
