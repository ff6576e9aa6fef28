"""What the statements of files cost, a run and a month."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlopt.cost.calibration import Calibration, read_history
from sqlopt.cost.estimate import Basis, Estimate
from sqlopt.cost.statement import StatementCost, statement_cost
from sqlopt.cost.terms import Terms
from sqlopt.errors import SourceError
from sqlopt.project.sized import Sized
from sqlopt.source.files import decode, discover, read_bytes
from sqlopt.span import Span, line_and_column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from os import PathLike

    from sqlopt.config import Settings
    from sqlopt.cost.backfill import Backfill
    from sqlopt.plan import Plan
    from sqlopt.project.project import Project
    from sqlopt.query import Query
    from sqlopt.source.airflow import Named
    from sqlopt.source.map import Script
    from sqlopt.warehouses.dry_run import DryRun

UNITS = ("bytes_scanned", "credits", "money")
"""What is added up."""


@dataclass(frozen=True, slots=True)
class CostedStatement:
    """A statement of a file with what it costs. ``runs`` are a month's, None where no schedule says.

    ``name`` is what the statement is there (``model orders``, ``task load``), ``variant`` the reading of an
    incremental model. ``counted`` is False for the reading that does not run by itself: a full refresh.
    ``answer`` is the warehouse's own plan, where it was asked, or ``refusal`` what it said instead. ``sql`` is the
    statement as it runs, ``fingerprint`` what stays of it when comments and layout change. ``unread`` are the lines
    of what was not read, with what it is.
    """

    path: str
    line: int
    name: str
    variant: str
    dialect: str
    cost: StatementCost
    runs: float | None = None
    counted: bool = True
    answer: Plan | None = None
    refusal: str = ""
    sql: str = ""
    fingerprint: str = ""
    unread: tuple[tuple[int, str], ...] = ()

    def monthly(self, unit: str) -> Estimate | None:
        """Return a month's sum of one of `UNITS`; None where the price or the runs are not known."""
        found: Estimate | None = getattr(self.cost, unit)
        return found.times(self.runs) if found is not None and self.runs is not None else None

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, for JSON."""
        months = {unit: self.monthly(unit) for unit in UNITS}
        return {
            "path": self.path,
            "line": self.line,
            "name": self.name,
            "variant": self.variant,
            "dialect": self.dialect,
            "runs_per_month": self.runs,
            "counted": self.counted,
            "run": self.cost.to_dict(),
            "answer": self.answer.to_dict() if self.answer is not None else None,
            "refusal": self.refusal,
            "month": {unit: one.to_dict() if one is not None else None for unit, one in months.items()},
        }


@dataclass(frozen=True, slots=True)
class CostReport:
    """The cost of many statements. ``problems`` are what could not be read; ``terms`` those of the run."""

    statements: tuple[CostedStatement, ...]
    terms: Terms
    problems: tuple[str, ...] = ()

    def total(self, unit: str, *, monthly: bool = False) -> tuple[Estimate | None, int]:
        """Return the sum over the counted statements, and how many of them it does not hold."""
        counted = [one for one in self.statements if one.counted]
        parts = [one.monthly(unit) if monthly else getattr(one.cost, unit) for one in counted]
        known: list[Estimate] = [one for one in parts if one is not None]
        return added(known), len(parts) - len(known)

    def asked(self, warehouse: DryRun, progress: Callable[[int, int], None] = lambda *_: None) -> CostReport:
        """Return the report with what the warehouse says of each statement; nothing is run there."""
        from sqlopt.errors import SqloptError

        found = []
        for done, one in enumerate(self.statements):
            text = one.cost.plan.statement if one.cost.plan is not None else None
            if text is None or not one.cost.plan or not one.cost.plan.roots:
                found.append(one)
                continue
            try:
                found.append(replace(one, answer=warehouse.plan(text)))
            except SqloptError as error:
                found.append(replace(one, refusal=str(error)))
            progress(done + 1, len(self.statements))
        return replace(self, statements=tuple(found))

    def by_cost(self) -> CostReport:
        """Return the report with the costliest statement first: by a month where runs are known, else by a run."""

        def key(one: CostedStatement) -> tuple[float, float, float]:
            size = one.cost.bytes_scanned.expected if one.cost.bytes_scanned is not None else 0.0
            parts = [one.monthly("money"), one.cost.money]
            month, run = (part.expected if part is not None else 0.0 for part in parts)
            return month, run, size

        return replace(self, statements=tuple(sorted(self.statements, key=key, reverse=True)))

    @property
    def unread(self) -> tuple[tuple[str, int, str], ...]:
        """What was not read, as (path, line, what), each once: its cost may be missing."""
        return tuple(dict.fromkeys((one.path, *place) for one in self.statements for place in one.unread))

    @property
    def because(self) -> tuple[str, ...]:
        """The prices and assumptions of all statements, without repeats."""
        return tuple(dict.fromkeys(words for one in self.statements for words in one.cost.because))


@dataclass(frozen=True, slots=True)
class StorageReport:
    """What a month of storing tables costs: (table, bytes, money or None), and by what prices."""

    tables: tuple[tuple[str, float, Estimate | None], ...]
    because: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, for JSON."""
        rows = [
            {"table": name, "bytes": size, "month": money.to_dict() if money is not None else None}
            for name, size, money in self.tables
        ]
        return {"tables": rows, "because": list(self.because)}


def storage(project: Project) -> StorageReport:
    """Return what storing the catalog's tables costs; views, and tables of unknown size, are left out."""
    from sqlopt.cost.money import storage as price_of

    settings = project.settings("")
    loaded, terms = project.loaded(settings), terms_of(settings)
    rows = []
    because: dict[str, None] = {}
    for table in loaded.catalog.tables.values():
        if table.bytes is not None and table.kind != "view":
            price = price_of(loaded.dialect, float(table.bytes), terms)
            because.update(dict.fromkeys(price.because))
            rows.append((table.name, float(table.bytes), price.money))
    return StorageReport(tuple(sorted(rows, key=lambda one: -one[1])), tuple(because))


def added(parts: list[Estimate]) -> Estimate | None:
    """Return the sum of estimates of one unit, as sure as the least sure; None of none."""
    if not parts:
        return None
    order = list(Basis)
    worst = max((one.basis for one in parts), key=order.index)
    low, expected, high = (sum(getattr(one, end) for one in parts) for end in ("low", "expected", "high"))
    return Estimate(low, expected, high, parts[0].unit, worst)


def costs(sql: str, path: str, project: Project) -> list[StatementCost]:
    """Return the costs of a text's statements; those of a template are of its first reading."""
    found = text_report(project, sql, path).statements
    return [one.cost for one in found if one.variant in ("", found[0].variant)]


def backfill(project: Project, name: str, days: str) -> Backfill:
    """Return what rebuilding a model, named by its file or its name, costs for ``2025-01-01..2026-01-01``.

    Raises `BackfillError` where that can't be told, `SourceError` where there is no such model.
    """
    from sqlopt.cost.backfill import BackfillError, backfill, stretch
    from sqlopt.project.embedded import catalog_of, dialect_of, read
    from sqlopt.query.understand import understand
    from sqlopt.source.files import read_text

    start, end = stretch(days)
    path = _model(project, name)
    text = read_text(Path(path))
    settings = project.settings(path)
    loaded, terms = project.loaded(settings), terms_of(settings)
    script = next(iter(read(text, path, settings.dialect)), None)  # the first reading is the full one
    if script is None:
        raise BackfillError(f"{path}: there is no SQL in it")
    dialect = dialect_of(script, path, loaded, project)
    queries = understand(script.text, dialect, catalog_of(path, loaded, project), project.today)
    reading = [
        one for one in queries if one.statement.tree is not None and any(s.readings for s in one.scans)
    ]
    if not reading:
        raise BackfillError(f"{path}: no statement in it reads a table")
    return backfill(reading[-1], start, end, terms, calibration_of(terms, dialect))


def _model(project: Project, name: str) -> str:
    """Return the file that a path or a model's name stands for."""
    if Path(name).is_file():
        return name
    paths = discover(["."], project.config.skips if project.config else lambda _: False)
    found = [path for path in paths if Path(path).stem == name]
    if len(found) != 1:
        several = f"; it is one of {', '.join(found)}" if found else ""
        raise SourceError(f"{name}: no such file, and no one model of that name{several}")
    return found[0]


def text_report(project: Project, text: str, path: str) -> CostReport:
    """Return the costs of a text, such as standard input."""
    problems: list[str] = []
    from sqlopt.project.embedded import read

    scripts = read(text, path, project.settings(path).dialect)
    found = tuple(_File(path, text, project, {}, {}).costed(scripts, problems))
    return CostReport(found, terms_of(project.settings(path)), tuple(problems))


def report(
    project: Project, paths: Iterable[str | PathLike[str]], progress: Callable[[int, int], None]
) -> CostReport:
    """Return the costs of files and folders."""
    problems: list[str] = []
    texts: dict[str, str] = {}
    for path in discover(paths, project.config.skips if project.config else lambda _: False):
        data, unread = read_bytes(path)
        text, problem = ("", unread) if unread else decode(data)
        if problem is not None and (problem.fatal or unread):
            problems.append(f"{path}: {problem.message}")
        else:
            texts[path] = text
    from sqlopt.project.embedded import read
    from sqlopt.project.graph import in_order

    named = _named(texts)
    scripts = {path: read(text, path, project.settings(path).dialect) for path, text in texts.items()}
    sized: dict[int, Sized] = {}
    found: dict[str, list[CostedStatement]] = {}
    for done, path in enumerate(in_order(scripts)):  # a model's rows are those of the tables that it reads
        file = _File(path, texts[path], project, named, sized)
        found[path] = list(file.costed(scripts[path], problems))
        progress(done + 1, len(texts))
    statements = tuple(one for path in texts for one in found[path])
    return CostReport(statements, terms_of(project.settings("")), tuple(problems))


def terms_of(settings: Settings) -> Terms:
    """Return the terms that settings hold."""
    return _terms(settings.pricing)


@lru_cache(maxsize=64)
def _terms(pricing: str) -> Terms:
    return Terms(**json.loads(pricing))


@lru_cache(maxsize=4)
def _calibration(path: str, dialect: str, stamp: float) -> Calibration:
    del stamp  # part of the key: a file that changed is read again
    return Calibration.fit(read_history(path, dialect))


def calibration_of(terms: Terms, dialect: str) -> Calibration | None:
    """Return what the terms' history says, read once. Raises `SourceError`."""
    if terms.history is None:
        return None
    path = Path(terms.history)
    stamp = path.stat().st_mtime if path.exists() else 0.0
    return _calibration(str(path), dialect, stamp)


class _File:
    """One file, whose statements are costed one after the other."""

    def __init__(
        self, path: str, text: str, project: Project, named: dict[str, Named], sized: dict[int, Sized]
    ) -> None:
        from sqlopt.project.embedded import catalog_of

        self.path, self.text, self.project = path, text, project
        self.settings = project.settings(path)
        self.loaded = project.loaded(self.settings)
        self.terms = terms_of(self.settings)
        self.use = _use(path, named)
        base = catalog_of(path, self.loaded, project)
        self.catalog = sized.setdefault(id(base), Sized(base))

    def costed(self, scripts: Sequence[Script], problems: list[str]) -> Iterator[CostedStatement]:
        """Yield the costs of the statements in the file's scripts; what can't be parsed goes to ``problems``."""
        from sqlopt.project.embedded import dialect_of
        from sqlopt.query.understand import understand

        counted = {
            one.name: one.variant for one in scripts
        }  # the last reading is the one that runs every time
        for script in scripts:
            dialect = dialect_of(script, self.path, self.loaded, self.project)
            last: tuple[Query, StatementCost] | None = None
            for query in understand(script.text, dialect, self.catalog, self.project.today):
                line = line_and_column(self.text, script.source_map.place(query.statement.span).span.start)[0]
                if query.statement.tree is None:
                    if query.statement.error is not None:
                        message = query.statement.error.message
                        problems.append(f"{self.path}:{line}: {message.splitlines()[0]}")
                    continue
                calibration = calibration_of(self.terms, dialect)
                try:
                    cost = statement_cost(query, self.terms, calibration)
                except Exception as error:  # noqa: BLE001 - one statement's failure costs that statement
                    problems.append(f"{self.path}:{line}: can't be priced: {type(error).__name__}")
                    continue
                last = (query, cost)
                placed = _placed(cost, script)
                yield CostedStatement(
                    self.path,
                    line,
                    script.name or (self.use.task if self.use else ""),
                    script.variant,
                    dialect,
                    placed,
                    _runs(script, self.use, self.terms),
                    counted[script.name] == script.variant,
                    sql=query.statement.span.of(script.text),
                    fingerprint=query.statement.fingerprint,
                    unread=tuple(
                        (line_and_column(self.text, one.span.start)[0], one.what) for one in placed.unread
                    ),
                )
            if last is not None and script.target and script.variant in ("", "full"):
                self.catalog.learn(script.target, *last, self.path)


def _placed(cost: StatementCost, script: Script) -> StatementCost:
    """Return a cost whose places are in the file."""
    if script.source_map.is_identity:
        return cost

    def place(span: Span) -> Span:
        return script.source_map.place(span).span

    tables = tuple(replace(one, span=place(one.span)) for one in cost.tables)
    unread = tuple(replace(one, span=place(one.span)) for one in cost.unread)
    return replace(cost, span=place(cost.span), tables=tables, unread=unread)


def _runs(script: Script, use: Named | None, terms: Terms) -> float | None:
    if terms.runs_per_month is not None:
        return terms.runs_per_month
    return script.runs if script.runs is not None else use.runs if use is not None else None


def _named(texts: dict[str, str]) -> dict[str, Named]:
    """Return the files and dbt projects that DAGs among the files run, by the path as a DAG writes it."""
    from sqlopt.source.airflow import named

    found: dict[str, Named] = {}
    for path, text in texts.items():
        if path.casefold().endswith(".py"):
            found |= {one.path.strip("/"): one for one in named(text)}
    return found


def _use(path: str, named: dict[str, Named]) -> Named | None:
    """Return the task that runs a file: its path ends as the DAG writes it, or lies in a project that it runs."""
    if not named:
        return None
    whole = "/" + os.path.abspath(path).replace(os.sep, "/").strip("/")  # noqa: PTH100 - runs for every file
    for name, one in named.items():
        if whole.endswith("/" + name) or (one.folder and f"/{name}/" in whole):
            return one
    return None
