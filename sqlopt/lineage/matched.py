"""MATCH_RECOGNIZE: what its measures are made of, and which columns its rows have.

Rows of ONE ROW PER MATCH hold the partition's keys and the measures, of ALL ROWS PER MATCH the table's columns and the
measures (https://docs.snowflake.com/en/sql-reference/constructs/match_recognize, checked 2026-12-01).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.model import Output
from sqlopt.query.bind.nodes import fold

if TYPE_CHECKING:
    from sqlopt.lineage.feeds import Tracer
    from sqlopt.query.bind.model import Scope, Source


def read_matches(tracer: Tracer) -> None:
    """Tell ``tracer`` what names stand for in the statement's queries that match patterns of rows."""
    for select in tracer.query.nodes(exp.Select):
        match = select.args.get("match")
        scope = tracer.query.scope_of(select)
        if isinstance(match, exp.MatchRecognize) and scope is not None and len(scope.sources) == 1:
            _read(tracer, match, scope, next(iter(scope.sources.values())))


def _read(tracer: Tracer, match: exp.MatchRecognize, scope: Scope, source: Source) -> None:
    inside = {id(one) for one in match.find_all(exp.Column)}
    symbols = _symbols(match)
    for column in match.find_all(exp.Column):
        if fold(column.args.get("table")) in symbols:
            tracer.given[id(column)] = tracer.column_of(source, fold(column.this), column)
    items = [one.this for one in match.args.get("measures") or () if isinstance(one.this, exp.Alias)]
    measures = {fold(one.alias): one.this for one in items}
    called = fold(match.args.get("alias"))
    for column in scope.node.find_all(exp.Column):
        qualifier, name = fold(column.args.get("table")), fold(column.this)
        if (
            id(column) in inside
            or tracer.query.scope_of(column) is not scope
            or qualifier not in {"", called}
        ):
            continue
        if name in measures:
            tracer.given[id(column)] = tracer.expression(measures[name])
        elif qualifier:
            tracer.given[id(column)] = tracer.column_of(source, name, column)
    if any(isinstance(one, exp.Star) for one in scope.node.expressions):
        _rows(match, scope, measures)


def _rows(match: exp.MatchRecognize, scope: Scope, measures: dict[str, exp.Expr]) -> None:
    """Let the star stand for what the rows of the match have."""
    each = match.args.get("rows")
    if each is None or not each.name.upper().startswith("ALL ROWS"):
        keys = [one for one in match.args.get("partition_by") or () if isinstance(one, exp.Column)]
        scope.outputs = [Output(fold(one), one) for one in keys]
        scope.open = False
    scope.outputs = [*scope.outputs, *(Output(name, one) for name, one in measures.items())]


def _symbols(match: exp.MatchRecognize) -> set[str]:
    """The pattern's variables, which qualify columns of the rows that they match."""
    defined = {fold(one.alias) for one in match.args.get("define") or ()}
    pattern = match.args.get("pattern")
    words = re.findall(r"[A-Za-z_]\w*", pattern.name) if isinstance(pattern, exp.Expr) else []
    return defined | {one.casefold() for one in words}
