"""The catalog file: YAML or JSON, read and written."""

from __future__ import annotations

import json
import os
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlopt.catalog.model import Catalog, Column, ForeignKey, Index, Partitioning, RowGroup, Table
from sqlopt.catalog.reader import VERSION, Problem, read, read_table
from sqlopt.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


def load(path: str | Path) -> Catalog:
    """Read a catalog file, YAML or JSON, in UTF-8.

    Raises `CatalogError`, which names the file, the line where it is known, the table and the key. What
    could be repaired is in the catalog's ``warnings``.
    """
    text = _text(Path(path))
    data = _parsed(text, path)
    try:
        return read(data)
    except Problem as problem:
        raise _error(path, _line(text, problem.path), str(problem)) from None


def from_dict(data: Mapping[str, Any]) -> Catalog:
    """Read a catalog given as plain data in the catalog file's shape. Raises `CatalogError`."""
    try:
        return read(data)
    except Problem as problem:
        raise CatalogError(f"catalog: {problem}") from None


def to_dict(catalog: Catalog) -> dict[str, Any]:
    """Return a catalog as plain data in the catalog file's shape; what is unknown is left out.

    Tables stand in the order of their names, columns in that of the table; dates stay dates.
    """
    data: dict[str, Any] = {"version": VERSION}
    for key in ("dialect", "default_database", "default_schema"):
        if getattr(catalog, key) is not None:
            data[key] = getattr(catalog, key)
    tables = sorted(catalog.tables.values(), key=lambda table: (table.name.casefold(), table.name))
    data["tables"] = {table.name: _table(table) for table in tables}
    return data


def dump(catalog: Catalog, path: str | Path) -> None:
    """Write a catalog file: JSON where its name ends so, else YAML. The same catalog, the same bytes.

    The file is replaced in one step: a reader sees the old one or the new one whole. Raises
    `CatalogError` where it can't be written.
    """
    from sqlopt.catalog.yaml_text import render

    data = to_dict(catalog)
    if Path(path).suffix == ".json":
        text = json.dumps(data, indent=1, ensure_ascii=False, default=_json) + "\n"
    else:
        text = render(data)
    write(path, [text])


def write(path: str | Path, pieces: Iterable[str]) -> None:
    """Write a text in one step: a reader sees the old file or the new one whole. Raises `CatalogError`."""
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        special = Path(path).exists() and not Path(path).is_file()  # a pipe is written as it is
        place = Path(path) if special else temporary
        with place.open("w", encoding="utf-8", errors="replace", newline="\n") as file:
            file.writelines(pieces)
        if not special:
            temporary.replace(target)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise CatalogError(f"{path}: can't be written: {error.strerror or error}") from None


def render_head(catalog: Catalog, *, as_json: bool = False) -> str:
    """Return the text of a catalog file up to its first table, as `dump` would write it."""
    data = {key: value for key, value in to_dict(catalog).items() if key != "tables"}
    if as_json:
        return json.dumps(data, indent=1, ensure_ascii=False)[: -len("\n}")] + ',\n "tables": {'
    from sqlopt.catalog.yaml_text import render

    return render(data) + "tables:\n"


def render_table(table: Table, *, as_json: bool = False) -> str:
    """Return the text of one table in a catalog file, as `dump` would write it."""
    if as_json:
        text = json.dumps({table.name: _table(table)}, indent=1, ensure_ascii=False, default=_json)
        return text[len("{") : -len("\n}")].replace("\n", "\n ")
    from sqlopt.catalog.yaml_text import render_entry

    return render_entry(table.name, _table(table))


def stream(path: str | Path) -> Iterator[Table]:
    """Yield the tables of a catalog file; of YAML no more than one is in memory. Raises `CatalogError`."""
    from sqlopt.catalog.yaml_text import YamlError, entries

    if Path(path).suffix == ".json":
        yield from load(path).tables.values()
        return
    try:
        with Path(path).open(encoding="utf-8-sig") as file:
            for name, data in entries(file, "tables"):
                yield read_table(name, data)
    except (Problem, YamlError, OSError, ValueError) as error:
        raise CatalogError(f"{path}: {error}") from None


def _error(path: str | Path, line: int | None, message: str) -> CatalogError:
    return CatalogError(f"{path}:{line}: {message}" if line else f"{path}: {message}")


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CatalogError(f"{path}: can't be read: {error.strerror or error}") from None
    except ValueError as error:  # a NUL in the name itself
        raise CatalogError(f"{str(path)!r}: can't be read: {error}") from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"not UTF-8: the byte 0x{data[error.start]:02X} begins no character"
        raise _error(path, line, message) from None
    nul = text.find("\0")
    if nul >= 0:
        raise _error(path, text.count("\n", 0, nul) + 1, "it holds a NUL byte; a catalog file is text")
    return text


def _parsed(text: str, path: str | Path) -> Any:
    from sqlopt.catalog.yaml_text import YamlError, parse

    if Path(path).suffix == ".json" and text.strip():
        try:
            return json.loads(text, object_pairs_hook=_pairs, parse_constant=_no_constant)
        except json.JSONDecodeError as error:
            raise _error(path, error.lineno, f"not JSON: {error.msg}") from None
        except (ValueError, RecursionError) as error:
            raise _error(path, None, f"not a catalog: {error}") from None
    try:
        return parse(text)
    except YamlError as error:
        raise _error(path, error.line, f"not YAML: {error}") from None


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f'the key "{twice}" is given twice')
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not allowed")


def _line(text: str, path: tuple[str | int, ...]) -> int | None:
    from sqlopt.catalog.yaml_text import locate

    return locate(text, path) if path else None


def _json(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _table(table: Table) -> dict[str, Any]:
    data: dict[str, Any] = {}
    if table.columns:
        data["columns"] = {name: _known(column, skip=("name",)) for name, column in table.columns.items()}
    data |= _known(table, skip=("name", "columns"))
    if table.kind == "table":
        del data["kind"]
    return data


def _known(item: Column | ForeignKey | Table, skip: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the fields of a record that are known, as plain data, in the order of its definition."""
    data = {}
    for spec in fields(item):
        value = getattr(item, spec.name)
        if (
            spec.name in skip
            or value is None
            or value == {}
            or (value == () and spec.name != "search_optimization")
        ):
            continue
        data[spec.name] = _plain(value)
    return data


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Partitioning):
        return _partitioning(value)
    if isinstance(value, Index):
        return _index(value)
    if isinstance(value, RowGroup):
        ranges = {name: list(pair) for name, pair in value.ranges.items()}
        group = {"rows": value.rows, "bytes": value.bytes, "ranges": ranges}
        group["column_bytes"] = dict(value.column_bytes)
        return {key: item for key, item in group.items() if item != {}}
    if isinstance(value, ForeignKey):
        return _known(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


def _partitioning(partitioning: Partitioning) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for spec in fields(partitioning):
        value = getattr(partitioning, spec.name)
        if spec.name == "columns":
            data |= {"column": value[0]} if len(value) == 1 else {"columns": list(value)}
        elif value is not None:
            data[spec.name] = value.value if spec.name == "kind" else value
    return data


def _index(index: Index) -> Any:
    if index == Index(index.keys):
        return list(index.keys)
    data: dict[str, Any] = {"keys": list(index.keys)}
    if index.name is not None:
        data["name"] = index.name
    if index.unique:
        data["unique"] = True
    if index.method != "btree":
        data["method"] = index.method
    if index.where is not None:
        data["where"] = index.where
    return data
