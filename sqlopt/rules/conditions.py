"""The closed list of conditions that a house rule may ask of its placeholders.

============================  =======================================================================
``x is column``               also ``literal``, ``constant``, ``null``, ``star``, ``subquery``,
                              ``function``, ``partition column``; each also with ``is not``
``x type is DATE``            the column's type in the catalog, or the type it is cast to; ``is not``
``x matches REGEX``           a search in the text of x, without case; ``not matches``
``x in [a, b]``               the name or value of x, without case; ``not in``
``table x rows > 1000000``    of the table that x is, or that the column x comes from; also ``bytes``
============================  =======================================================================

What is unknown fulfils no condition, neither with nor without ``not``.
"""

from __future__ import annotations

import operator
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from sqlglot import exp
from sqlglot.errors import SqlglotError

from sqlopt.errors import PackError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlopt.catalog import Table
    from sqlopt.query import Query, Source
    from sqlopt.rules.pattern import Bound

Condition = tuple[str, "Callable[[exp.Expr, Query], bool | None]"]
"""The placeholder that a condition asks of, and the question; its answer is None where unknown."""

_SHAPES = (
    (
        re.compile(r"(\w+) is( not)? (column|literal|constant|null|star|subquery|function|partition column)"),
        "kind",
    ),
    (re.compile(r"(\w+) type is( not)? (\S.*)"), "type"),
    (re.compile(r"(\w+)( not)? matches (\S.*)"), "regex"),
    (re.compile(r"(\w+)( not)? in \[(.*)\]"), "list"),
)
_SIZE = re.compile(r"table (\w+) (rows|bytes) (>=|<=|>|<) ([\d_]+)")
_COMPARE = {">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le}
_FORMS = (
    "x is column",
    "x is literal",
    "x is constant",
    "x is null",
    "x is star",
    "x is subquery",
    "x is function",
    "x is partition column",
    "x type is DATE",
    "x matches REGEX",
    "x in [a, b]",
    "table x rows > 1000000",
)


def parse(text: str) -> Condition:
    """Read a condition. Raises `PackError` with the nearest form that there is."""
    words = " ".join(text.split())
    size = _SIZE.fullmatch(words)
    if size is not None:
        name, what, sign, number = size.groups()
        return name, _size(what, _COMPARE[sign], int(number))
    for shape, kind in _SHAPES:
        found = shape.fullmatch(words)
        if found is not None:
            name, negated, argument = found.groups()
            return name, _signed(_QUESTIONS[kind](argument), bool(negated))
    near = get_close_matches(words, _FORMS, n=1, cutoff=0.4)
    hint = f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(map(repr, _FORMS))}"
    raise PackError(f"unknown condition {text!r}{hint}")


def hold(conditions: tuple[Condition, ...], bound: Bound, query: Query) -> bool:
    """Whether all conditions are known to hold."""
    return all(_holds(ask, bound[name], query) for name, ask in conditions)


def _holds(ask: Callable[[exp.Expr, Query], bool | None], found: Any, query: Query) -> bool:
    nodes = found if isinstance(found, list) else [found]
    return all(ask(node, query) is True for node in nodes)


def _signed(
    ask: Callable[[exp.Expr, Query], bool | None], negated: bool
) -> Callable[[exp.Expr, Query], bool | None]:
    def asked(node: exp.Expr, query: Query) -> bool | None:
        answer = ask(node, query)
        return answer if answer is None or not negated else not answer

    return asked


# ---- the questions


def _kind(kind: str) -> Callable[[exp.Expr, Query], bool | None]:
    classes: dict[str, Any] = {
        "column": exp.Column,
        "literal": exp.Literal,
        "null": exp.Null,
        "star": exp.Star,
        "subquery": exp.Query,
        "function": exp.Func,
    }
    if kind == "constant":
        return lambda node, _: _is_constant(node)
    if kind == "partition column":
        return _is_partition_column
    return lambda node, _: isinstance(_bare(node), classes[kind])


def _bare(node: exp.Expr) -> exp.Expr:
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def _is_constant(node: exp.Expr) -> bool:
    return not any(isinstance(one, exp.Column | exp.Query | exp.Star | exp.AggFunc) for one in node.walk())


def _is_partition_column(node: exp.Expr, query: Query) -> bool | None:
    if not isinstance(node, exp.Column):
        return False
    origin = query.origin(node)
    if origin is None or origin[0].table is None:
        return None
    partitioning = origin[0].table.partition_by
    return partitioning is not None and origin[1] in {one.casefold() for one in partitioning.columns}


def _type(wanted: str) -> Callable[[exp.Expr, Query], bool | None]:
    def ask(node: exp.Expr, query: Query) -> bool | None:
        found = _type_of(_bare(node), query)
        if found is None:
            return None
        try:
            return bool(found.this == exp.DataType.build(wanted, dialect=query.dialect).this)
        except (SqlglotError, ValueError):
            return None

    return ask


def _type_of(node: exp.Expr, query: Query) -> exp.DataType | None:
    if isinstance(node, exp.Cast):
        return node.to
    origin = query.origin(node) if isinstance(node, exp.Column) else None
    column = origin[0].column(origin[1]) if origin is not None else None
    if column is None or column.type is None:
        return None
    try:
        return exp.DataType.build(column.type, dialect=query.dialect)
    except (SqlglotError, ValueError):
        return None


def _regex(text: str) -> Callable[[exp.Expr, Query], bool | None]:
    try:
        pattern = re.compile(text, re.IGNORECASE)
    except re.error as error:
        raise PackError(f"{text!r} is no regular expression: {error}") from error
    return lambda node, query: pattern.search(query.text(node)) is not None


def _list(text: str) -> Callable[[exp.Expr, Query], bool | None]:
    values = {one.strip().strip("'\"").casefold() for one in text.split(",")}
    return lambda node, _: _bare(node).name.casefold() in values


def _size(
    what: str, compare: Callable[[Any, Any], bool], number: int
) -> Callable[[exp.Expr, Query], bool | None]:
    def ask(node: exp.Expr, query: Query) -> bool | None:
        table = _table_of(node, query)
        known = getattr(table, what) if table is not None else None
        return None if known is None else compare(known, number)

    return ask


def _table_of(node: exp.Expr, query: Query) -> Table | None:
    source: Source | None
    if isinstance(node, exp.Table):
        source = next((one for one in query.sources if one.node is node), None)
    else:
        origin = query.origin(node)
        source = origin[0] if origin is not None else None
    return source.table if source is not None else None


_QUESTIONS = {"kind": _kind, "type": _type, "regex": _regex, "list": _list}
