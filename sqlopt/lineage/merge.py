"""What MERGE writes: the assignments and inserted values of its branches, by column of the target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.lineage.assigned import assigned, column_name, names_of
from sqlopt.lineage.edge import Transformation
from sqlopt.lineage.uses import Feeds, add

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlopt.lineage.assigned import Assigned, Root
    from sqlopt.lineage.feeds import Tracer
    from sqlopt.query.bind.model import Scope, Source

# INSERT ROW gives all columns of the source in their order to those of the target in theirs (GoogleSQL's reference:
# https://github.com/google/zetasql/blob/master/docs/data-manipulation-language.md#merge-statement, 2026-12-01).
# INSERT * and UPDATE SET * go by the names of the target's columns
# (https://docs.databricks.com/aws/en/sql/language-manual/delta-merge-into, 2026-12-01), but in DuckDB 1.5.5 by place
# unless BY NAME is said (run, 2026-12-01).
_BY_PLACE = frozenset({"duckdb"})


def merged(
    tree: exp.Merge, scope: Scope, tracer: Tracer, root: Root, known: Sequence[str]
) -> dict[str, Feeds]:
    """Return the columns that the branches of a MERGE write, each with all that feeds it.

    ``known`` are the target's columns, case-folded and in order, if they are known.
    """
    columns: dict[str, Feeds] = {}
    whens = tree.args.get("whens")
    for when in whens.expressions if whens is not None else ():
        for name, feeds in _branch(when.args.get("then"), scope, tracer, root, known):
            add(columns.setdefault(name, {}), feeds, Transformation.IDENTITY)
    return columns


def _branch(
    then: exp.Expr | None, scope: Scope, tracer: Tracer, root: Root, known: Sequence[str]
) -> Iterator[Assigned]:
    tree = scope.node
    if isinstance(then, exp.Update):
        if not then.expressions or any(isinstance(one, exp.Star) for one in then.expressions):
            by_place = tracer.query.dialect in _BY_PLACE
            yield from _whole_source(scope, tracer, known, by_place=by_place)
        yield from assigned(then.expressions, tracer, root, names_of(tree.this))
    elif isinstance(then, exp.Insert):
        names, values = then.this, then.expression
        if not isinstance(values, exp.Tuple):
            said = names.expressions[0].alias if isinstance(names, exp.Tuple) else ""  # BY NAME
            by_name = tracer.query.dialect not in _BY_PLACE or said.casefold() == "name"
            by_place = isinstance(names, exp.Var) or not by_name
            yield from _whole_source(scope, tracer, known, by_place=by_place)
            return
        listed = (
            [column_name(one, names_of(tree.this)) for one in names.expressions]
            if isinstance(names, exp.Tuple)
            else known
        )
        for name, value in zip(listed, values.expressions, strict=False):
            yield name, tracer.expression(value)


def _whole_source(
    scope: Scope, tracer: Tracer, known: Sequence[str], *, by_place: bool
) -> Iterator[Assigned]:
    """All columns of the source, by place or by name; where they are not known, as ``*``."""
    for source in list(scope.sources.values())[1:]:
        columns = source.columns
        if source.open:
            yield "*", _open(source, scope, tracer)
        elif by_place and known:
            for target, name in zip(known, columns, strict=False):
                yield target, tracer.column_of(source, name, scope.node)
            continue
        for name in columns:
            if not known or name in known:
                yield name, tracer.column_of(source, name, scope.node)


def _open(source: Source, scope: Scope, tracer: Tracer) -> Feeds:
    feeds: Feeds = {}
    if source.inner is None:
        return tracer.column_of(source, "*", scope.node)
    for one in tracer.open_stars(source.inner):
        add(feeds, tracer.column_of(one, "*", scope.node), Transformation.IDENTITY)
    return feeds
