"""Plain data in the catalog file's shape, checked and made into a `Catalog`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any, Final

from sqlopt.catalog.fields import (
    Wrong,
    count,
    flag,
    grants,
    indexes,
    keys_of_table,
    kind_of_partition,
    moment,
    names,
    optimization,
    share,
    shares,
    size,
    sizes,
    span_of_time,
    text,
    typed,
    value,
    values,
    whole,
)
from sqlopt.catalog.model import Catalog, Column, ForeignKey, Partitioning, PartitionKind, RowGroup, Table

VERSION: Final = 1
"""The version of the catalog file that this sqlopt reads and writes."""

Path = tuple[str | int, ...]
Converters = Mapping[str, Callable[[Any], Any]]

COLUMN: Final[Converters] = {
    "type": typed,
    "nullable": flag,
    "distinct": count,
    "min": value,
    "max": value,
    "nulls": share,
    "average_bytes": size,
    "bytes": count,
    "tags": names,
    "comment": text,
    "masking_policy": text,
    "policy_tag": text,
    "collation": text,
    "common": shares,
    "quantiles": values,
}
FOREIGN_KEY: Final[Converters] = {"columns": names, "references": text, "to": names, "enforced": flag}
PARTITIONING: Final[Converters] = {
    "column": text,
    "columns": names,
    "kind": kind_of_partition,
    "granularity": span_of_time,
    "require_filter": flag,
    "expression": text,
    "format": text,
    "start": whole,
    "end": whole,
    "step": count,
    "count": count,
}
ROW_GROUP: Final[Converters] = {
    "rows": count,
    "bytes": count,
    "ranges": lambda given: given,
    "column_bytes": sizes,
}
TABLE: Final[Converters] = {
    "columns": lambda given: given,
    "primary_key": names,
    "unique": keys_of_table,
    "foreign_keys": lambda given: given,
    "partition_by": lambda given: given,
    "cluster_by": names,
    "micro_partitions": count,
    "clustering_depth": size,
    "indexes": indexes,
    "rows": count,
    "bytes": count,
    "updated": moment,
    "enforced": flag,
    "kind": text,
    "comment": text,
    "tags": names,
    "row_access_policy": text,
    "search_optimization": optimization,
    "row_groups": lambda given: given,
    "grants": grants,
    "definition": text,
    "origin": text,
    "stamp": text,
}
CATALOG: Final[Converters] = {
    "version": whole,
    "dialect": text,
    "default_database": text,
    "default_schema": text,
    "tables": lambda given: given,
}


class Problem(Exception):  # noqa: N818 - becomes a CatalogError once the file's name is known
    """What is wrong, and the path of keys to it."""

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(message)
        self.path = path
        self.message = message

    def __str__(self) -> str:
        """Say the table and the column, then what is wrong there."""
        where = []
        if len(self.path) > 1 and self.path[0] == "tables":
            where.append(f"table {self.path[1]}")
        if len(self.path) > 3 and self.path[2] == "columns":  # noqa: PLR2004 - tables, name, columns, name
            where.append(f"column {self.path[3]}")
        return f"{', '.join(where)}: {self.message}" if where else self.message


def read(data: Any) -> Catalog:
    """Return the catalog that ``data`` describes. Raises `Problem`."""
    if data is None:
        raise Problem((), "it is empty; a catalog has `version`, `dialect` and `tables`")
    given = _record(data, CATALOG, (), "a catalog")
    if given.get("version", VERSION) != VERSION:
        raise Problem(("version",), f"version {given['version']} is not known; this sqlopt reads {VERSION}")
    tables = _mapping(given.get("tables") or {}, ("tables",), "tables")
    warnings: list[str] = []
    read_tables = [_table(str(name), body, warnings) for name, body in tables.items()]
    seen: dict[str, str] = {}
    for table in read_tables:
        twin = seen.setdefault(table.name.casefold(), table.name)
        if twin is not table.name:
            warnings.append(f"the tables {twin} and {table.name} differ only in case; {table.name} is used")
    dialect = given.get("dialect")
    return Catalog(
        _resolved(read_tables),
        dialect=dialect.lower() if dialect else None,
        default_database=given.get("default_database"),
        default_schema=given.get("default_schema"),
        warnings=warnings,
    )


def read_table(name: str, data: Any) -> Table:
    """Return the table that one entry of ``tables`` describes. Raises `Problem`."""
    return _table(name, data, [])


def _mapping(data: Any, path: Path, what: str) -> Mapping[Any, Any]:
    if not isinstance(data, Mapping):
        kind = "a list" if isinstance(data, list | tuple) else repr(data)
        raise Problem(path, f"{what} must be a mapping of names, not {kind}")
    return data


def _record(data: Any, fields: Converters, path: Path, what: str) -> dict[str, Any]:
    """Convert each key of ``data``; an explicit null is unknown, as is a key that is not given."""
    found: dict[str, Any] = {}
    for key, given in _mapping(data, path, what).items():
        convert = fields.get(key)
        if convert is None:
            raise Problem((*path, key), f'{what} has no key "{key}"{_did_you_mean(key, fields)}')
        if given is None:
            continue
        try:
            found[key] = convert(given)
        except Wrong as wrong:
            raise Problem((*path, key), f"{key} must be {wrong}, not {_shown(given)}") from None
    return found


def _shown(given: Any) -> str:
    shown = str(given) if isinstance(given, date) else repr(given)
    return shown if len(shown) <= 60 else shown[:57] + "..."  # noqa: PLR2004 - fits a line


def _did_you_mean(key: Any, known: Mapping[str, Any]) -> str:
    close = get_close_matches(str(key).lower(), known, n=1)
    return f'; did you mean "{close[0]}"?' if close else f"; it may have {', '.join(known)}"


def _table(name: str, data: Any, warnings: list[str]) -> Table:
    path: Path = ("tables", name)
    given = _record({} if data is None else data, TABLE, path, "a table")
    given["columns"] = columns = _columns(name, given.get("columns") or {}, warnings)
    if "foreign_keys" in given:
        given["foreign_keys"] = _foreign_keys(given["foreign_keys"], (*path, "foreign_keys"))
    if "partition_by" in given:
        given["partition_by"] = _partitioning(given["partition_by"], (*path, "partition_by"))
    if "row_groups" in given:
        given["row_groups"] = _row_groups(given["row_groups"], (*path, "row_groups"), columns)
    return Table(name, **given)


def _columns(table: str, data: Any, warnings: list[str]) -> dict[str, Column]:
    path: Path = ("tables", table, "columns")
    data = _mapping(data, path, "columns")
    if any(str(name).endswith(")") for name in data):
        data = _joined_types(table, data, warnings)
    columns = {}
    for key, body in data.items():
        name = str(key)
        body = {"type": body} if isinstance(body, str) else body or {}  # noqa: PLW2901
        given = _record(body, COLUMN, (*path, name), "a column")
        for bound in ("min", "max"):
            if isinstance(given.get(bound), str | date):
                given[bound] = of_type(given[bound], given.get("type"))
        kind = given.get("type")
        if "common" in given:
            given["common"] = tuple((of_type(one, kind), part) for one, part in given["common"])
        if "quantiles" in given:
            given["quantiles"] = tuple(of_type(one, kind) for one in given["quantiles"])
        columns[name] = Column(name, **given)
    return columns


_CUT_TYPE: Final = re.compile(r"\w[\w ]*\(\s*\d+")
_CUT_REST: Final = re.compile(r"\s*\d+\s*\)")


def _joined_types(table: str, data: Mapping[Any, Any], warnings: list[str]) -> dict[str, Any]:
    """Join a type that was cut at its comma: ``NUMBER(18`` and a column called ``2)`` without a type."""
    joined: dict[str, Any] = {}
    rests = [str(name) for name in data if _CUT_REST.fullmatch(str(name))]
    cut: str | None = None
    for key, body in data.items():
        name = str(key)
        if name in rests and _type_of(body) in (None, "None"):
            if cut is not None:
                _join(joined, cut, name, table, warnings)
                cut = None
            continue
        if cut is not None and len(rests) == 1:  # equal rests became one key; this one's is elsewhere
            _join(joined, cut, rests[0], table, warnings)
        joined[name] = body
        cut = name if _CUT_TYPE.fullmatch(_type_of(body) or "") else None
    if cut is not None and len(rests) == 1:
        _join(joined, cut, rests[0], table, warnings)
    return joined


def _join(columns: dict[str, Any], name: str, rest: str, table: str, warnings: list[str]) -> None:
    body = columns[name]
    whole_type = f"{_type_of(body)},{rest.strip()}"
    columns[name] = {**body, "type": whole_type} if isinstance(body, Mapping) else whole_type
    warnings.append(f"table {table}, column {name}: its type was cut in two; read as {whole_type}")


def _type_of(body: Any) -> str | None:
    found = body.get("type") if isinstance(body, Mapping) else body
    return found if isinstance(found, str) else None


def _foreign_keys(data: Any, path: Path) -> tuple[ForeignKey, ...]:
    if not isinstance(data, list | tuple):
        raise Problem(path, "foreign_keys must be a list")
    keys = []
    for place, item in enumerate(data):
        given = _record(item, FOREIGN_KEY, (*path, place), "a foreign key")
        for needed in ("columns", "references"):
            if not given.get(needed):
                raise Problem((*path, place), f"a foreign key needs `{needed}`")
        to = given.setdefault("to", ())
        if to and len(to) != len(given["columns"]):
            raise Problem((*path, place, "to"), "`to` must name as many columns as `columns`")
        keys.append(ForeignKey(**given))
    return tuple(keys)


def _resolved(tables: list[Table]) -> list[Table]:
    """Give each foreign key without ``to`` the primary key of its table; without one it is left out."""
    if all(key.to for table in tables for key in table.foreign_keys):
        return tables
    from dataclasses import replace

    catalog = Catalog(tables)
    resolved = []
    for table in tables:
        keys = []
        for key in table.foreign_keys:
            target = catalog.table(key.references)
            to = key.to or (target.primary_key if target else ())
            if len(to) == len(key.columns):
                keys.append(replace(key, to=to))
        resolved.append(replace(table, foreign_keys=tuple(keys)))
    return resolved


def _partitioning(data: Any, path: Path) -> Partitioning:
    if isinstance(data, str | list | tuple):
        data = {"columns": data}
    given = _record(data, PARTITIONING, path, "partition_by")
    column = given.pop("column", None)
    columns = given.pop("columns", ()) or ((column,) if column else ())
    if not columns and given.get("kind") is PartitionKind.INGESTION:
        columns = ("_PARTITIONTIME",)
    if not columns:
        raise Problem(path, "partition_by needs `column`, or `columns` where there are several")
    if column and columns[0] != column:
        raise Problem((*path, "columns"), "the `column` of partition_by must be the first of its `columns`")
    if "granularity" in given:
        given.setdefault("kind", PartitionKind.TIME)
    return Partitioning(columns, **given)


def _row_groups(data: Any, path: Path, columns: Mapping[str, Column]) -> tuple[RowGroup, ...]:
    if not isinstance(data, list | tuple):
        raise Problem(path, "row_groups must be a list")
    groups = []
    for place, item in enumerate(data):
        here = (*path, place)
        given = _record(item, ROW_GROUP, here, "a row group")
        for needed in ("rows", "bytes"):
            if needed not in given:
                raise Problem(here, f"a row group needs `{needed}`")
        ranges = _mapping(given.get("ranges") or {}, (*here, "ranges"), "ranges")
        given["ranges"] = {
            str(name): _range(pair, columns.get(str(name)), (*here, "ranges", str(name)))
            for name, pair in ranges.items()
        }
        groups.append(RowGroup(**given))
    return tuple(groups)


def _range(pair: Any, column: Column | None, path: Path) -> tuple[Any, Any]:
    if not isinstance(pair, list | tuple) or len(pair) != 2:  # noqa: PLR2004 - a pair
        raise Problem(path, "a range is a list of its least and greatest value")
    kind = column.type if column else None
    try:
        low, high = (of_type(value(bound), kind) for bound in pair)
    except Wrong as wrong:
        raise Problem(path, f"a range must hold {wrong}s") from None
    return low, high


def of_type(bound: Any, kind: str | None) -> Any:
    """Return a bound as its column's type has it.

    JSON has no dates, and YAML reads an unquoted 2026-01-01 as one whatever the column; so the text of a
    DATE or TIMESTAMP column becomes a date or datetime, and a date in a text column becomes text.
    """
    name = (kind or "").strip().upper()
    try:
        if name.startswith(("TIMESTAMP", "DATETIME")):
            if isinstance(bound, str):
                return datetime.fromisoformat(bound)
            if isinstance(bound, date) and not isinstance(bound, datetime):
                return datetime.combine(bound, datetime.min.time())
        elif name == "DATE" and isinstance(bound, str):
            return date.fromisoformat(bound)
        elif name.startswith(("VARCHAR", "CHAR", "STRING", "TEXT", "NVARCHAR")) and isinstance(bound, date):
            return bound.isoformat()
    except ValueError:
        return bound
    return bound
