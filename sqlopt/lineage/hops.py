"""Lineage step by step: CTEs and subqueries in FROM stay as nodes of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.lineage.edge import ColumnRef, Transformation
from sqlopt.lineage.feeds import Tracer
from sqlopt.lineage.statement import Reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlglot import exp

    from sqlopt.lineage.feeds import Names
    from sqlopt.lineage.uses import Feeds
    from sqlopt.lineage.written import Written
    from sqlopt.query import Query
    from sqlopt.query.bind.model import Scope, Source


def hops(
    query: Query, names: Names, named: Callable[[exp.Expr], str], number: int
) -> Iterator[tuple[ColumnRef, Feeds]]:
    """Yield what each column of a statement's CTEs, derived tables and targets is made of, one step back.

    A CTE's table is called ``name@3`` in the third statement (``number``), a derived table by its alias likewise.
    """
    labels = {id(one.inner): f"{one.name or 'subquery'}@{number}" for one in query.sources if one.inner}
    for scope in query.scopes:
        if scope.cte is not None:
            labels[id(scope)] = f"{scope.cte.alias}@{number}"
    tracer = _Stepwise(query, names, labels)
    for scope in query.scopes:
        if id(scope) in labels:
            for place, one in enumerate(scope.outputs):
                yield ColumnRef(labels[id(scope)], one.name), tracer.output(scope, place)
    reader = Reader(query, names, named)
    reader.tracer = tracer
    for written in reader.read().written:
        yield from _columns(written)


def _columns(written: Written) -> Iterator[tuple[ColumnRef, Feeds]]:
    for name, feeds in written.columns:
        yield ColumnRef(written.table, name), feeds


class _Stepwise(Tracer):
    """A tracer that stops at the first query in FROM."""

    def __init__(self, query: Query, names: Names, labels: dict[int, str]) -> None:
        super().__init__(query, names)
        self._labels = labels

    def _plain_column(self, source: Source, name: str, at: exp.Expr, path: tuple[str, ...] = ()) -> Feeds:
        inner = self._whole(source.inner) if source.inner is not None else None
        label = self._label(inner) if inner is not None else None
        if inner is None or label is None or self.names.of(source):
            return super()._plain_column(source, name, at, path)
        column = source.renames.get(name, name)
        return {(ColumnRef(label, ".".join((column, *path))), Transformation.IDENTITY): (False, at)}

    def _label(self, scope: Scope) -> str | None:
        return self._labels.get(id(scope))
