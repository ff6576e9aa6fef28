"""The fields of struct types, as a catalog writes them: ``STRUCT<city STRING, zip STRING>``."""

from __future__ import annotations

from functools import lru_cache

from sqlglot import exp
from sqlglot.errors import SqlglotError

_STRUCTS = (exp.DType.STRUCT, exp.DType.OBJECT, exp.DType.NESTED)


def field_names(type_text: str | None, path: tuple[str, ...], dialect: str) -> tuple[str, ...] | None:
    """Return the case-folded names of the fields of the struct at ``path`` of a type; None if that is no struct.

    A type that can't be read gives None, too.
    """
    fields = _fields(type_text or "", dialect)
    for name in path:
        inner = dict(fields).get(name) if fields is not None else None
        fields = _of(inner) if inner is not None else None
    return tuple(name for name, _ in fields) if fields else None


@lru_cache(maxsize=4096)
def _fields(type_text: str, dialect: str) -> tuple[tuple[str, exp.DataType], ...] | None:
    if "(" not in type_text and "<" not in type_text:
        return None
    try:
        kind = exp.DataType.build(type_text, dialect=dialect)
    except (SqlglotError, ValueError):
        return None
    return _of(kind)


def _of(kind: exp.DataType) -> tuple[tuple[str, exp.DataType], ...] | None:
    if kind.this not in _STRUCTS:
        return None
    found = []
    for one in kind.expressions:
        if not isinstance(one, exp.ColumnDef) or not isinstance(one.args.get("kind"), exp.DataType):
            return None
        found.append((one.name.casefold(), one.args["kind"]))
    return tuple(found)
