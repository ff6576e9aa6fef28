"""The calls of a program that run SQL, and the strings they are given."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from sqlopt.source.pieces import Pieces
from sqlopt.source.python import engines
from sqlopt.source.python.values import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.source.map import Script

LARGEST = 2_000_000
"""Characters above which a program is not read."""

_KEYWORDS = ("sql", "query", "statement", "hql", "bql", "stmt", "sql_query", "operation", "sql_text")
_FIRST = frozenset(
    {
        "execute", "executemany", "execute_async", "execute_string", "executescript", "execute_query", "execute_many",
        "read_sql", "read_sql_query", "read_gbq", "read_database", "read_database_uri", "sql", "query",
        "query_and_wait", "query_df", "query_arrow", "query_np", "fetch", "fetchrow", "fetchval", "fetch_all",
        "fetch_one", "fetch_val", "get_records", "get_first", "get_pandas_df", "get_df", "run", "run_query",
        "scalar", "scalars", "mogrify", "copy_expert", "command", "raw", "exec_driver_sql", "start_query_execution",
        "get_pandas_df_by_chunks", "insert_from_select",
    }
)  # fmt: skip
"""Functions and methods whose first argument is SQL, if it reads like SQL."""

_SQL = re.compile(
    r"""(?:\s|--[^\n]*\n|/\*.*?\*/|\#[^\n]*\n|\()*
    (?:select\b|with\s+(?:recursive\s+)?["`\w.]+\s*(?:\([^)]*\)\s*)?as\b|insert\s+(?:into|overwrite|or)\b
    |update\s+["`\w.{%$\U0010f002]+.*?\bset\b|delete\s+from\b|merge\s+into\b
    |create\s+(?:or\s+replace\s+)?(?:\w+\s+){0,3}(?:table|view|schema|stage|stream|task|index|function|procedure|database|model)\b
    |alter\s+(?:table|view|session|warehouse)\b|drop\s+(?:table|view|schema|index|database)\b|truncate\s+(?:table\s+)?["`\w]
    |copy\s+(?:into\s+)?["`\w@(.]|unload\s*\(|export\s+data\b|replace\s+into\b|explain\s+\w|declare\s+\w|begin\s*;?\s)""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_PARAMETER = re.compile(r"%%|%(?:\(\w+\))?s")
_DATABASE_API = frozenset(
    {"execute", "executemany", "execute_async", "read_sql", "read_sql_query", "mogrify"}
)


def looks_like_sql(text: str) -> bool:
    """Whether a text begins as a statement does, and is more than a word."""
    return bool(_SQL.match(text[:4000]))


def scripts(text: str, path: str) -> list[Script]:
    """Return a script for each string of SQL that ``text``, the file ``path``, gives to what runs it."""
    if len(text) > LARGEST:
        return []
    try:
        source = Source(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    engine = engines.imported(source.tree)
    found: dict[tuple[int, int], Script] = {}
    from sqlopt.source.airflow import Dags

    dags = Dags(source)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call):
            made = dags.scripts(node, path) or _scripts(node, source, engine)
            for script in made:
                place = source.span(node)
                found.setdefault((place.start, len(found) if len(made) > 1 else place.end), script)
    return [found[place] for place in sorted(found)]


def _scripts(node: ast.Call, source: Source, engine: str | None) -> list[Script]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name not in _FIRST:
        return []
    dialect = engines.called(node.func) or engine
    found = []
    for pieces in texts(node, source):
        if not looks_like_sql(pieces.text):
            continue
        api = (
            name in _DATABASE_API and _PARAMETER.search(pieces.text) and (len(node.args) > 1 or node.keywords)
        )
        shown = _with_parameters(pieces) if api else pieces
        found.append(shown.script(len(source.text), dialect=dialect, name=_name(node, source)))
    return found


def texts(
    node: ast.Call, source: Source, names: tuple[str, ...] = _KEYWORDS, *, first: bool = True
) -> Iterator[Pieces]:
    """Yield the texts given to a call: its first argument, or one of these names; each item of a list."""
    given = [one.value for one in node.keywords if one.arg in names]
    if first and not given:
        given = node.args[:1]
    for value in given:
        for one in value.elts if isinstance(value, ast.List | ast.Tuple) else [value]:
            pieces = source.value(one)
            if pieces is not None:
                yield pieces


def _with_parameters(pieces: Pieces) -> Pieces:
    """Return the text with the parameters of Python's database interface as ``?``, which all dialects read."""
    from sqlopt.source.python.values import hull

    parts = []
    for one in _PARAMETER.finditer(pieces.text):
        place = hull(pieces[one.start() : one.end()])
        parts.append((one.start(), one.end(), Pieces.computed("%" if one.group() == "%%" else "?", place)))
    return pieces.replaced(parts)


def _name(node: ast.Call, source: Source) -> str:
    for around in source.parents(node):
        if isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef):
            return around.name
    return ""
