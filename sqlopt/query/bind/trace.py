"""What a column stands for further in, along the queries that hand it on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.model import BoundTo, Output, Scope, Source

if TYPE_CHECKING:
    from sqlopt.query.query import Query

Traced = exp.Expr | tuple[Source, str]
"""What a column stands for further in: an expression, or (source, column) when it came through a star."""


@dataclass(frozen=True, slots=True)
class Step:
    """One boundary on a predicate's way down: ``source`` was read, and ``scope`` lies behind it."""

    source: Source
    scope: Scope


def trace(query: Query, column: exp.Expr, path: tuple[Step, ...]) -> Traced | None:
    """Follow ``column`` inwards along ``path``.

    Answers the expression of the innermost scope that it stands for (perhaps a column of a source
    there), or (source, name) when it came through a star; None when it leaves the path.
    """
    binding = query.binding(column)
    if binding is None or binding.path:
        return None
    if binding.to is BoundTo.ALIAS:
        return binding.expr
    if binding.source is None:
        return None
    source, name = binding.source, binding.name
    found: Traced = column
    for step in path:
        if step.source is not source:
            continue
        output = _output(source, name, step.scope)
        if output is None:
            return None
        if output.expr is None:
            if output.source is None:
                return None
            source, name = output.source, output.column
            found = (source, name)
            continue
        found = output.expr
        inner = query.binding(output.expr)
        if inner is None or inner.source is None or inner.path:
            return found
        source, name = inner.source, inner.name
    return found


def _output(source: Source, name: str, scope: Scope) -> Output | None:
    """The output of ``scope`` (what lies behind ``source``, or one of its branches) called ``name``."""
    name = source.renames.get(name, name)
    whole = source.inner
    if whole is None or whole is scope:
        return scope.output(name)
    place = whole.position(name)
    if place is None or place >= len(scope.outputs):
        return None
    return scope.outputs[place]
