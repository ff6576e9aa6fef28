"""Streams and sources whose DDL sqlglot keeps as text: Snowflake's, ksqlDB's, Materialize's.

Written after https://docs.snowflake.com/en/sql-reference/sql/create-stream,
https://docs.confluent.io/platform/current/ksqldb/developer-guide/ksqldb-reference/create-stream.html and
https://materialize.com/docs/sql/create-source/kafka/ (as checked on 2026-11-23).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_NAME = r'((?:"[^"]+"|`[^`]+`|[\w$]+)(?:\.(?:"[^"]+"|`[^`]+`|[\w$]+))*)'
_HEAD = (
    r"CREATE\s+(?:OR\s+(?:REPLACE|ALTER)\s+)?(?:SOURCE\s+)?(?:STREAM|TABLE|SOURCE|SINK)\s+"
    rf"(?:IF\s+NOT\s+EXISTS\s+)?{_NAME}\s*"
)
_ON_TABLE = re.compile(
    _HEAD + rf".*?\bON\s+(?:(?:EXTERNAL|DYNAMIC|EVENT)\s+)?(?:TABLE|VIEW)\s+{_NAME}",
    re.IGNORECASE | re.DOTALL,
)
_HEADED = re.compile(_HEAD + r"(\(.*?\))?\s*(?:WITH|FROM\s+KAFKA|IN\s+CLUSTER)\b", re.IGNORECASE | re.DOTALL)
_SINK = re.compile(rf"CREATE\s+SINK\s+.*?\bFROM\s+{_NAME}\s+INTO\s+KAFKA\b", re.IGNORECASE | re.DOTALL)
_TOPIC = re.compile(r"\b(?:KAFKA_TOPIC\s*=|TOPIC\s*=?)\s*'([^']+)'", re.IGNORECASE)
_COLUMN = re.compile(r"[(,]\s*(?:\"([^\"]+)\"|`([^`]+)`|(\w+))\s+\w", re.DOTALL)
_NESTED = re.compile(r"<[^<>]*>|\([^()]*\)")


@dataclass(frozen=True, slots=True)
class Stream:
    """``source`` is a table or view, or empty; then ``topics`` are read, or with ``fills`` filled.

    ``columns`` are in order, as far as they are declared.
    """

    name: str
    source: str = ""
    topics: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    fills: bool = False


def stream(text: str) -> Stream | None:
    """Return the stream, source or sink that a statement makes; None for any other."""
    topics = tuple(f"kafka:{one}" for one in _TOPIC.findall(text))
    sink = _SINK.match(text)
    if sink is not None:
        return Stream("", _plain(sink.group(1)), topics, fills=True) if topics else None
    made = _ON_TABLE.match(text)
    if made is not None:
        return Stream(_plain(made.group(1)), _plain(made.group(2)))
    made = _HEADED.match(text)
    if made is None or not topics:
        return None
    return Stream(_plain(made.group(1)), topics=topics, columns=_columns(made.group(2) or ""))


def _plain(name: str) -> str:
    return re.sub(r'["`]', "", name)


def _columns(listed: str) -> tuple[str, ...]:
    inner = listed[1:-1]
    while (flat := _NESTED.sub("", inner)) != inner:
        inner = flat
    return tuple(next(filter(None, one)) for one in _COLUMN.findall(f"({inner})"))
