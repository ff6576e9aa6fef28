"""Airflow's DAG files, read and never imported: the SQL of operators, with the task's name and schedule.

Operators and their arguments: https://airflow.apache.org/docs/ (providers common-sql, snowflake, google, postgres,
amazon, databricks, trino, apache-hive, apache-spark; checked 2026-11-23).
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlopt.source.pieces import composed
from sqlopt.source.schedule import runs_a_month

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.source.map import Script
    from sqlopt.source.pieces import Pieces
    from sqlopt.source.python.values import Source
    from sqlopt.span import Span

_ARGUMENTS = ("sql", "hql", "bql", "query")
_ENDINGS = (".sql", ".hql")
_COSMOS = ("DbtDag", "DbtTaskGroup")
_NO_DAG = ("", None)


@dataclass(frozen=True, slots=True)
class Named:
    """A file, or a dbt project's ``folder``, that a task runs; ``path`` is as the DAG writes it."""

    path: str
    task: str
    runs: float | None
    folder: bool = False


def named(text: str) -> list[Named]:
    """Return the files of SQL that operators in a DAG file name, and the dbt projects that cosmos runs."""
    if not any(word in text for word in (*_ENDINGS, *_COSMOS)):
        return []
    from sqlopt.source.python.values import Source

    try:
        source = Source(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    dags = Dags(source)
    calls = [node for node in ast.walk(source.tree) if isinstance(node, ast.Call)]
    return [one for node in calls for one in dags.named(node)]


class Dags:
    """The DAGs of one file, and which of them a task belongs to."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._known: dict[int, tuple[str, float | None]] = {}
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and _name(node.func) in ("DAG", "dag", "DbtDag"):
                self._known[id(node)] = self._dag(node)

    def scripts(self, node: ast.Call, path: str) -> list[Script]:
        """Return the SQL of an operator; nothing if the call is none, or its SQL is in a file of its own."""
        operator = _operator(node)
        if not operator:
            return []
        name, runs = self._task(node, operator)
        dialect = self._dialect(node, operator)
        found = []
        for pieces in self._texts(node):
            from sqlopt.source.python.calls import looks_like_sql

            if _is_file(pieces.text):
                continue
            if looks_like_sql(pieces.text) or pieces.text.lstrip().startswith("{"):
                found.append(self._script(pieces, path, dialect, name, runs))
        return found

    def named(self, node: ast.Call) -> Iterator[Named]:
        """Yield the files that an operator's SQL stands in, or the project that cosmos runs here."""
        if _name(node.func) in _COSMOS:
            dag, runs = self._known.get(id(node)) or self._dag_of(node)
            for one in ast.walk(node):
                if isinstance(one, ast.Call) and _name(one.func) == "ProjectConfig":
                    first = next((key.value for key in one.keywords if key.arg == "dbt_project_path"), None)
                    folder = self._text(first or next(iter(one.args), None))
                    if folder:
                        yield Named(_tail(folder), f"dag {dag}" if dag else "cosmos", runs, folder=True)
            return
        operator = _operator(node)
        for pieces in self._texts(node) if operator else ():
            if _is_file(pieces.text):
                name, runs = self._task(node, operator)
                yield Named(_tail(pieces.text), f"task {name}", runs)

    def _task(self, node: ast.Call, operator: str) -> tuple[str, float | None]:
        dag, runs = self._dag_of(node)
        task = self._constant(node, "task_id") or self._constant(_partial(node), "task_id") or operator
        return ".".join(filter(None, (dag, task))), runs

    def _text(self, node: ast.expr | None) -> str:
        """Return what is known of a path: its constant text, a Path's last part too."""
        if node is None:
            return ""
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            return self._text(node.right)
        if isinstance(node, ast.Call) and node.args:
            return self._text(node.args[-1])
        pieces = self._source.value(node)
        return "".join(p.text for p in pieces.pieces if not p.hole) if pieces is not None else ""

    def _script(
        self, pieces: Pieces, path: str, dialect: str | None, name: str, runs: float | None
    ) -> Script:
        outer = pieces.script(len(self._source.text), dialect=dialect, name=f"task {name}", runs=runs)
        if "{{" not in outer.text and "{%" not in outer.text:
            return outer
        from dataclasses import replace

        from sqlopt.source import jinja

        (inner,) = jinja.read(outer.text, path)
        named = replace(inner, dialect=dialect, name=outer.name, runs=runs, notes=())
        return replace(composed(named, outer), notes=outer.notes + _notes(inner, outer))

    def _texts(self, node: ast.Call) -> list[Pieces]:
        from sqlopt.source.python.calls import texts

        found = list(texts(node, self._source, _ARGUMENTS, first=False))
        for one in node.keywords:
            if one.arg == "configuration" and isinstance(one.value, ast.Dict):
                query = _item(_item(one.value, "query"), "query")
                pieces = self._source.value(query) if query is not None else None
                found += [pieces] if pieces is not None else []
        return found

    def _dialect(self, node: ast.Call, operator: str) -> str | None:
        from sqlopt.source.python.engines import called

        connection = self._constant(node, "conn_id") or self._constant(node, "sql_conn_id") or ""
        words = f"{operator}_{connection}".replace("-", "_")
        return called(ast.Name(words))

    def _constant(self, node: ast.Call | None, name: str) -> str | None:
        for one in node.keywords if node is not None else ():
            if one.arg == name:
                pieces = self._source.value(one.value)
                return pieces.text if pieces is not None and not any(p.hole for p in pieces.pieces) else None
        return None

    def _dag(self, node: ast.Call) -> tuple[str, float | None]:
        name = self._constant(node, "dag_id")
        if name is None and node.args:
            pieces = self._source.value(node.args[0])
            name = pieces.text if pieces is not None else None
        if name is None:  # a decorator names the DAG after its function
            above = next(self._source.parents(node), None)
            name = above.name if isinstance(above, ast.FunctionDef) else ""
        schedule = next(
            (one.value for one in node.keywords if one.arg in ("schedule", "schedule_interval")), None
        )
        return name, self._runs(schedule)

    def _runs(self, node: ast.expr | None) -> float | None:
        if node is None:
            return None  # its default differs between Airflow's versions
        if isinstance(node, ast.Constant) and node.value is None:
            return 0.0
        if isinstance(node, ast.Call) and _name(node.func) == "timedelta":
            return runs_a_month(_length(node))
        if isinstance(node, ast.Call) and _name(node.func) in (
            "CronTriggerTimetable",
            "CronDataIntervalTimetable",
        ):
            pieces = self._source.value(node.args[0]) if node.args else None
        else:
            pieces = self._source.value(node)
        return runs_a_month(pieces.text) if pieces is not None else None

    def _dag_of(self, node: ast.Call) -> tuple[str, float | None]:
        for above in self._source.parents(node):
            around: list[ast.expr] = []
            if isinstance(above, ast.With | ast.AsyncWith):
                around = [one.context_expr for one in above.items]
            elif isinstance(above, ast.FunctionDef):
                around = above.decorator_list
            for one in around:
                if id(one) in self._known:
                    return self._known[id(one)]
        return next(iter(self._known.values())) if len(self._known) == 1 else _NO_DAG


def _is_file(text: str) -> bool:
    return "\n" not in text and text.strip().endswith(_ENDINGS)


def _tail(path: str) -> str:
    """Return a path without what is computed at its front: ``{{ var }}/sql/load.sql`` to ``sql/load.sql``."""
    kept: list[str] = []
    for part in reversed(path.strip().replace("\\", "/").split("/")):
        if part in ("", ".", "..") or "{" in part or "}" in part:
            break
        kept.append(part)
    return "/".join(reversed(kept))


def _notes(inner: Script, outer: Script) -> tuple[tuple[Span, str], ...]:
    return tuple((outer.source_map.place(span).span, note) for span, note in inner.notes)


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _partial(node: ast.Call) -> ast.Call | None:
    """Return the ``Operator.partial(...)`` that ``.expand(...)`` is called on."""
    inner = node.func.value if isinstance(node.func, ast.Attribute) else None
    return inner if isinstance(inner, ast.Call) else None


def _operator(node: ast.Call) -> str:
    """Return the operator that a call makes: by itself, or through ``partial`` and ``expand``."""
    function = node.func
    if isinstance(function, ast.Attribute) and function.attr in ("partial", "expand", "expand_kwargs"):
        inner = function.value
        return (
            _name(inner)
            if isinstance(inner, ast.Name)
            else _operator(inner)
            if isinstance(inner, ast.Call)
            else ""
        )
    name = _name(function)
    return name if name.endswith(("Operator", "Sensor")) or name == "GenericTransfer" else ""


def _item(node: ast.expr | None, key: str) -> ast.expr | None:
    if not isinstance(node, ast.Dict):
        return None
    for name, value in zip(node.keys, node.values, strict=True):
        if isinstance(name, ast.Constant) and name.value == key:
            return value
    return None


def _length(node: ast.Call) -> timedelta | None:
    names: dict[str, Any] = {
        one.arg: one.value.value for one in node.keywords if one.arg and isinstance(one.value, ast.Constant)
    }
    if len(names) != len(node.keywords) or node.args[1:]:
        return None
    if node.args and isinstance(node.args[0], ast.Constant):
        names["days"] = node.args[0].value
    try:
        return timedelta(**names)
    except (TypeError, OverflowError):
        return None
