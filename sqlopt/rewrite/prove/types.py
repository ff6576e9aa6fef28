"""Kinds of columns: from declared types, or guessed from how a statement uses them."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlglot import exp
from sqlglot.errors import SqlglotError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sqlopt.query.bind.model import Source
    from sqlopt.query.query import Query


class Kind(StrEnum):
    """What values a column holds; the value is DuckDB's type for it."""

    INTEGER = "INTEGER"
    BIGINT = "BIGINT"
    DECIMAL = "DECIMAL(18,4)"
    DOUBLE = "DOUBLE"
    TEXT = "VARCHAR"
    BOOLEAN = "BOOLEAN"
    DATE = "DATE"
    TIMESTAMP = "TIMESTAMP"
    ZONED = "TIMESTAMPTZ"
    TIME = "TIME"
    JSON = "JSON"
    UUID = "UUID"
    OTHER = "OTHER"

    @property
    def family(self) -> str:
        """The kinds whose values are equal to its own: numbers among themselves, any other with itself."""
        return "number" if self in (Kind.INTEGER, Kind.BIGINT, Kind.DECIMAL, Kind.DOUBLE) else self.value


_INTEGERS = {
    exp.DType.INT, exp.DType.SMALLINT, exp.DType.TINYINT, exp.DType.MEDIUMINT, exp.DType.UINT,
    exp.DType.USMALLINT, exp.DType.UTINYINT, exp.DType.SERIAL, exp.DType.SMALLSERIAL, exp.DType.UMEDIUMINT,
    exp.DType.YEAR,
}  # fmt: skip
_BIG = {exp.DType.BIGINT, exp.DType.UBIGINT, exp.DType.INT128, exp.DType.INT256, exp.DType.BIGSERIAL}
_ZONED = {exp.DType.TIMESTAMPTZ, exp.DType.TIMESTAMPLTZ}
_STAMPS = {
    exp.DType.TIMESTAMP, exp.DType.TIMESTAMPNTZ, exp.DType.DATETIME, exp.DType.DATETIME2,
    exp.DType.SMALLDATETIME, exp.DType.TIMESTAMP_S, exp.DType.TIMESTAMP_MS, exp.DType.TIMESTAMP_NS,
}  # fmt: skip
_PLAIN_DECIMALS = {"mysql": 10, "tsql": 18, "databricks": 10, "spark": 10}
"""The digits of a DECIMAL without any, which has none after its point.

https://dev.mysql.com/doc/refman/9.4/en/precision-math-decimal-characteristics.html,
https://learn.microsoft.com/en-us/sql/t-sql/data-types/decimal-and-numeric-transact-sql,
https://docs.databricks.com/sql/language-manual/data-types/decimal-type.html,
https://spark.apache.org/docs/latest/api/python/reference/pyspark.sql/api/pyspark.sql.types.DecimalType.html
(checked 2026-12-01).
"""
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}$")
_STAMP = re.compile(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?$")


def kind_of(text: str | None, dialect: str) -> tuple[Kind, exp.DataType | None]:
    """Return a declared type's kind and its tree; OTHER for one that no test values are known for."""
    if text is None:
        return Kind.INTEGER, None
    try:
        kind = exp.DataType.build(text, dialect=dialect)
    except (SqlglotError, ValueError, KeyError):
        return Kind.OTHER, None
    this = kind.this
    if this in _INTEGERS:
        return Kind.INTEGER, kind
    if this in _BIG:
        return Kind.BIGINT, kind
    if this in exp.DataType.TEXT_TYPES:
        return Kind.TEXT, kind
    if this in (exp.DType.FLOAT, exp.DType.DOUBLE):
        return Kind.DOUBLE, kind
    if this in exp.DataType.REAL_TYPES:
        scale = kind.expressions[1:] if len(kind.expressions) > 1 else []
        whole = kind.expressions and (not scale or scale[0].name == "0")
        return (Kind.BIGINT if whole else Kind.DECIMAL), kind
    plain = {exp.DType.BOOLEAN: Kind.BOOLEAN, exp.DType.DATE: Kind.DATE, exp.DType.DATE32: Kind.DATE,
             exp.DType.TIME: Kind.TIME, exp.DType.UUID: Kind.UUID}  # fmt: skip
    if this in plain:
        return plain[this], kind
    if this in _ZONED:
        return Kind.ZONED, kind
    return (Kind.TIMESTAMP, kind) if this in _STAMPS else (Kind.OTHER, kind)


def column_kind(text: str | None, dialect: str) -> tuple[Kind, exp.DataType | None]:
    """Return the kind and the tree of a column's declared type, with the digits that a plain DECIMAL stands for."""
    kind, precise = kind_of(text, dialect)
    if (
        kind is Kind.DECIMAL
        and precise is not None
        and not precise.expressions
        and dialect in _PLAIN_DECIMALS
    ):
        precise.set(
            "expressions",
            [exp.DataTypeParam(this=exp.Literal.number(one)) for one in (_PLAIN_DECIMALS[dialect], 0)],
        )
        return Kind.BIGINT, precise
    if precise is not None and precise.this is exp.DType.JSON and dialect == "duckdb":
        return Kind.JSON, precise  # equal texts are equal documents in some engines only
    return kind, precise


_TEXTUAL = (exp.Lower, exp.Upper, exp.Substring, exp.Trim, exp.Length, exp.Like, exp.ILike, exp.DPipe, exp.Concat,
            exp.RegexpLike, exp.StartsWith)  # fmt: skip
_DATED = (exp.Extract, exp.DateTrunc, exp.TimestampTrunc, exp.Year, exp.Month, exp.Day, exp.DateAdd, exp.DateSub,
          exp.DateDiff, exp.TsOrDsToDate, exp.Quarter, exp.DayOfWeek)  # fmt: skip
_COMPARED = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.In, exp.Between, exp.NullSafeEQ)


Place = tuple[str, str]


def guess(queries: Iterable[Query], identity: Callable[[Source], str]) -> dict[Place, Kind]:
    """Guess the kinds of columns from literals and functions beside them, then from other columns."""
    found: dict[Place, Kind] = {}
    equal: list[tuple[Place, Place]] = []
    for query in queries:
        for column in query.nodes(exp.Column):
            origin = query.origin(column)
            if origin is None:
                continue
            key = identity(origin[0]), origin[1]
            kind = _by_parent(column)
            if kind is not None:
                found.setdefault(key, kind)
            equal += [(key, (identity(twin[0]), twin[1])) for twin in _compared(query, column)]
    for _ in range(4):  # a chain of comparisons longer than this is rare
        for one, other in equal:
            if one in found:
                found.setdefault(other, found[one])
            elif other in found:
                found[one] = found[other]
    return found


def _compared(query: Query, column: exp.Expr) -> Iterator[tuple[Source, str]]:
    """Yield the base columns that a column is compared with."""
    parent = column.parent
    if isinstance(parent, _COMPARED):
        for other in parent.iter_expressions():
            twin = query.origin(other) if isinstance(other, exp.Column) and other is not column else None
            if twin is not None:
                yield twin


def _by_parent(column: exp.Expr) -> Kind | None:
    parent = column.parent
    if isinstance(parent, _TEXTUAL) and not isinstance(parent, exp.Concat):
        return Kind.TEXT
    if isinstance(parent, _DATED):
        return Kind.DATE
    if isinstance(parent, _COMPARED):
        for other in parent.iter_expressions():
            if other is not column and (kind := literal_kind(other)) is not None:
                return kind
    return None


def literal_kind(node: exp.Expr) -> Kind | None:
    """Return the kind of a literal; a text that looks like a date counts as one."""
    if isinstance(node, exp.Cast):
        kind, _ = kind_of(node.to.sql(), "")
        return kind
    if isinstance(node, (exp.Date, exp.TsOrDsToDate, exp.CurrentDate)):
        return Kind.DATE
    if isinstance(node, exp.Boolean):
        return Kind.BOOLEAN
    if isinstance(node, exp.Neg):
        return literal_kind(node.this)
    if not isinstance(node, exp.Literal):
        return None
    if node.is_string:
        if _DATE.match(node.name):
            return Kind.DATE
        return Kind.TIMESTAMP if _STAMP.match(node.name) else Kind.TEXT
    return Kind.INTEGER if node.name.isdigit() else Kind.DECIMAL
