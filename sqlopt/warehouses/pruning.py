"""What an engine's partition pruning understands: the types that each warehouse's table fills."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Prunes(StrEnum):
    """Whether a predicate lets the engine skip partitions."""

    YES = "prunes"
    PARTIALLY = "partially"
    NO = "does not"
    AT_RUN_TIME = "at run time"
    UNKNOWN = "unknown"


class Form(StrEnum):
    """The forms of predicate on a partition column ``c`` that engines treat differently.

    The first group wraps the column (``f(c) = constant``); the second is about the other side or
    the shape of the predicate.
    """

    CAST_DATE = "cast to date"  # DATE(ts), ts::date, CAST(ts AS DATE), TO_DATE(ts)
    CAST_TIMESTAMP = "cast to timestamp"  # CAST(d AS TIMESTAMP), TIMESTAMP(d)
    CAST_STRING = "cast to string"
    CAST_NUMBER = "cast to number"
    TRUNCATE = "date_trunc"  # DATE_TRUNC, TIMESTAMP_TRUNC, TRUNC(date)
    YEAR = "year"  # EXTRACT(YEAR FROM c), YEAR(c): monotone
    DATE_PART = "date part"  # EXTRACT of month, day, dow ...: not monotone
    FORMAT = "format"  # FORMAT_DATE, TO_CHAR, DATE_FORMAT, strftime
    SHIFT = "shift"  # c + 1, DATE_ADD(c, ...), DATEADD(...)
    ARITHMETIC = "arithmetic"  # other arithmetic on a number
    MODULO = "modulo"
    TIME_ZONE = "time zone"  # AT TIME ZONE, CONVERT_TIMEZONE, DATE(ts, 'zone')
    COALESCE = "coalesce"
    CASE_FOLD = "upper/lower"
    SUBSTRING = "substring"  # SUBSTR, LEFT, RIGHT
    CONCAT = "concat"
    PARSE = "parse"  # PARSE_DATE(c), TO_DATE(c, format) on a string column
    USER_FUNCTION = "user function"  # not built in, as far as is known
    OTHER_FUNCTION = "other function"

    COMPARE = "comparison with a constant"  # =, <, <=, >, >=, BETWEEN
    NOT_EQUAL = "not equal"
    IN_LIST = "in list"
    IS_NULL = "is null"
    CLOCK = "comparison with the clock"  # CURRENT_DATE and what is computed from it
    PARAMETER = "comparison with a parameter or variable"
    SUBQUERY = "comparison with a scalar subquery"
    IN_SUBQUERY = "in subquery"
    JOIN = "join with a filtered table"
    OTHER_COLUMN = "comparison with another column"
    OR_OTHER = "or with another column"
    LIKE_PREFIX = "like with a prefix"
    LIKE_WILDCARD = "like with a leading wildcard"
    ROW_VALUE = "row value"
    LIMIT = "limit without order"


@dataclass(frozen=True, slots=True)
class Cell:
    """What is known of one form: the answer, where it is written or was run, and when it was checked.

    ``sure`` is ``documented``, ``measured`` or ``believed``; only the first two may answer other than
    unknown.
    """

    prunes: Prunes
    source: str
    sure: str = "documented"


@dataclass(frozen=True, slots=True)
class PruningTable:
    """An engine's answers.

    ``partition`` is about declared partitions; ``cluster`` about clustering, micro-partitions or row
    groups (min and max per block). A form that is absent is unknown.
    """

    engine: str
    partition: Mapping[Form, Cell] = field(default_factory=dict)
    cluster: Mapping[Form, Cell] = field(default_factory=dict)

    def cell(self, form: Form, *, cluster: bool = False) -> Cell:
        """Return what is known of ``form``."""
        return (self.cluster if cluster else self.partition).get(form, _UNKNOWN)


_UNKNOWN = Cell(Prunes.UNKNOWN, "no documentation found", "believed")


def pruning_table(dialect: str) -> PruningTable:
    """Return the table of a dialect's engine; one without a table answers unknown to everything."""
    from importlib import import_module

    room = _ROOMS.get(dialect)
    if room is None:
        return PruningTable(dialect)
    table: PruningTable = import_module(f"sqlopt.warehouses.{room}.pruning").TABLE
    return table


# Dialects of one engine family share a room.
_ROOMS = {
    "snowflake": "snowflake",
    "bigquery": "bigquery",
    "postgres": "postgres",
    "spark": "spark",
    "spark2": "spark",
    "databricks": "spark",
    "hive": "spark",
    "duckdb": "duckdb",
}
