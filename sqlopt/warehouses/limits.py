"""What an engine's materialized views may hold: the types that each warehouse's table fills, and what they refuse."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlglot import exp


class Feature(StrEnum):
    """A form in the definition of a view that engines treat differently."""

    JOIN = "inner join"
    SELF_JOIN = "self-join"
    OUTER_JOIN = "outer join"
    CROSS_JOIN = "cross join"
    SUBQUERY = "subquery"
    CTE = "common table expression"
    DISTINCT = "SELECT DISTINCT"
    DISTINCT_AGGREGATE = "aggregate of distinct values"
    WINDOW = "window function"
    HAVING = "HAVING"
    ORDER_BY = "ORDER BY"
    LIMIT = "LIMIT"
    GROUPING_SETS = "ROLLUP, CUBE or GROUPING SETS"
    SET_OPERATION = "UNION, INTERSECT or EXCEPT"
    UNSTABLE = "function of the clock, the session or chance"
    USER_FUNCTION = "function that is not built in"
    AGGREGATE = "aggregate function"
    UNSELECTED_KEY = "group key that is not selected"


class Sure(StrEnum):
    """How a statement about an engine is known."""

    DOCUMENTED = "documented"
    RUN = "run"
    BELIEVED = "believed"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a statement about an engine comes from: an address, how sure it is, and when it was checked."""

    where: str
    sure: Sure = Sure.DOCUMENTED
    checked: str = "2026-11-23"

    def __str__(self) -> str:
        return f"{self.where} ({self.sure}, checked {self.checked})"


@dataclass(frozen=True, slots=True)
class Limits:
    """What materialized views of one engine may hold.

    ``exists`` says whether there are any; ``refused`` maps what they may not hold to where that is said. What is in
    neither ``refused`` nor ``allowed`` is not known, and refused as such. ``aggregates`` are the functions that may
    be used, by their SQL names; None means all. ``rewrites`` says whether queries of the base table use a view by
    themselves, ``automatic`` whether it is refreshed by itself, ``incremental`` whether a refresh reads changes
    alone. ``notes`` are conditions to print beside a view. ``instead`` are other forms, best first, where a view is
    refused: ``dynamic table``, ``incremental model``, ``table``.
    """

    engine: str
    exists: bool
    allowed: frozenset[Feature] = frozenset()
    refused: Mapping[Feature, Source] = field(default_factory=dict)
    aggregates: frozenset[str] | None = None
    aggregates_source: Source | None = None
    rewrites: bool | None = None
    automatic: bool | None = None
    incremental: bool | None = None
    source: Source = field(default_factory=lambda: Source("", Sure.BELIEVED))
    notes: tuple[str, ...] = ()
    instead: tuple[str, ...] = ("table",)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an engine has no materialized view of a definition."""

    reason: str
    source: Source


_ENGINES: Final[Mapping[str, str]] = {
    "snowflake": "snowflake",
    "bigquery": "bigquery",
    "postgres": "postgres",
    "duckdb": "duckdb",
    "databricks": "spark",
    "spark": "spark",
    "spark2": "spark",
    "hive": "spark",
}


def limits(dialect: str) -> Limits | None:
    """Return what is known of a dialect's materialized views; None where nothing is."""
    engine = _ENGINES.get(dialect)
    if engine is None:
        return None
    found: Mapping[str, Limits] = import_module(f"sqlopt.warehouses.{engine}.limits").LIMITS
    return found.get(dialect)


def refusals(definition: exp.Expr, dialect: str) -> list[Refusal]:
    """Return why a materialized view of ``definition``, a query, is refused; an empty list if it is not."""
    known = limits(dialect)
    if known is None:
        nowhere = Source("", Sure.BELIEVED)
        return [Refusal(f"nothing is known here of {dialect}'s materialized views", nowhere)]
    if not known.exists:
        return [Refusal(f"{known.engine} has no materialized views", known.source)]
    found = []
    for feature in dict.fromkeys(features(definition)):
        if feature in known.refused:
            reason = f"{known.engine} allows no {feature} in a materialized view"
            found.append(Refusal(reason, known.refused[feature]))
        elif feature is not Feature.AGGREGATE and feature not in known.allowed:
            reason = f"whether {known.engine} allows a {feature} in a materialized view is not known"
            found.append(Refusal(reason, known.source))
    if known.aggregates is not None:
        others = sorted(_aggregates(definition) - known.aggregates)
        found += [
            Refusal(
                f"{known.engine} allows no {name} in a materialized view",
                known.aggregates_source or known.source,
            )
            for name in others
        ]
    return found


def features(definition: exp.Expr) -> Iterator[Feature]:
    """Yield what a definition holds, as far as engines treat it differently."""
    from sqlglot import exp

    kinds: tuple[tuple[type[exp.Expr] | tuple[type[exp.Expr], ...], Feature], ...] = (
        (exp.CTE, Feature.CTE),
        (exp.Window, Feature.WINDOW),
        (exp.Having, Feature.HAVING),
        ((exp.Limit, exp.Offset, exp.Fetch), Feature.LIMIT),
        ((exp.Rollup, exp.Cube, exp.GroupingSets), Feature.GROUPING_SETS),
        (exp.SetOperation, Feature.SET_OPERATION),
        (exp.Anonymous, Feature.USER_FUNCTION),
        (exp.AggFunc, Feature.AGGREGATE),
    )
    tables: list[str] = []
    for node in definition.walk(bfs=False):
        yield from (feature for kind, feature in kinds if isinstance(node, kind))
        if isinstance(node, exp.Distinct):
            yield Feature.DISTINCT if isinstance(node.parent, exp.Select) else Feature.DISTINCT_AGGREGATE
        elif isinstance(node, exp.Order) and isinstance(node.parent, exp.Query):
            yield Feature.ORDER_BY
        elif isinstance(node, exp.Join):
            yield _join(node)
        elif isinstance(node, exp.Table):
            name = node.sql().split(" ")[0].casefold()
            if name in tables:
                yield Feature.SELF_JOIN
            tables.append(name)
        elif isinstance(node, exp.Select):
            if node is not definition and not isinstance(node.parent, (exp.CTE, exp.SetOperation)):
                yield Feature.SUBQUERY
            yield from _unselected(node)
        elif isinstance(node, _unstable()):
            yield Feature.UNSTABLE


def _join(node: exp.Join) -> Feature:
    if node.side:
        return Feature.OUTER_JOIN
    return Feature.JOIN if node.args.get("on") is not None or node.args.get("using") else Feature.CROSS_JOIN


def _unselected(node: exp.Select) -> Iterator[Feature]:
    group = node.args.get("group")
    if group is None:
        return
    selected = {one.unalias().sql() for one in node.expressions}
    if any(not one.is_int and one.sql() not in selected for one in group.expressions):
        yield Feature.UNSELECTED_KEY


def _unstable() -> tuple[type[exp.Expr], ...]:
    from sqlglot import exp

    return (
        exp.CurrentDate, exp.CurrentTimestamp, exp.CurrentDatetime, exp.CurrentTime, exp.CurrentUser, exp.Rand,
        exp.Uuid, exp.SessionUser,
    )  # fmt: skip


def _aggregates(definition: exp.Expr) -> set[str]:
    from sqlglot import exp

    return {one.sql_name().upper() for one in definition.find_all(exp.AggFunc)}
