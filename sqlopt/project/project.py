"""`Project`, the one face that all surfaces and library users share."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlopt.config import Configuration, Settings, dialect_name, terms_text
from sqlopt.project.about import About
from sqlopt.rewrite.prove.effort import CEILING, Effort, Limits
from sqlopt.rules.finding import FileResult, Finding, Report, Severity
from sqlopt.source.files import LARGEST, Problem, decode, read_bytes
from sqlopt.source.readers import surroundings
from sqlopt.span import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date

    from sqlopt.catalog import Catalog
    from sqlopt.cost.backfill import Backfill
    from sqlopt.cost.statement import StatementCost
    from sqlopt.lineage import Lineage
    from sqlopt.lineage.graph import LineageGraph
    from sqlopt.lineage.script import Closure
    from sqlopt.project.costing import CostReport, StorageReport
    from sqlopt.project.diff import DiffReport
    from sqlopt.project.loading import Loaded
    from sqlopt.project.plans import CheckedPlan
    from sqlopt.rewrite.edits import Fix, Proof
    from sqlopt.workload.suggest import Suggested

UNREADABLE, INTERNAL = ("SQL004", "unreadable-file"), ("SQL009", "internal-error")
_NOTES = 3  # of what readers could not know, said in one line
_CRASHES = ("SQL003", INTERNAL[0])


class Project(About):
    """What is known and wanted of some SQL: a catalog, a dialect, a choice of rules.

    ``catalog`` is a `Catalog` or the path of a catalog file; ``dialect`` is by default the
    catalog's, else DuckDB's. ``select`` and ``ignore`` name rules by id, name, pack, prefix or
    ``ALL``. ``options`` holds rules' settings by rule, ``packs`` paths of further rules.
    ``pricing`` are the keys of `sqlopt.cost.terms.Terms`: edition, warehouse, currency and the like.
    ``default_database`` and ``default_schema`` complete table names. ``config`` makes `check_paths`
    ask the configuration files; `from_config` sets it. ``today`` stands in for the current date.

    Raises `ConfigError` for a dialect that does not exist; its methods raise `SqloptError` only.
    """

    def __init__(  # noqa: PLR0913 - one argument a setting
        self,
        catalog: Catalog | str | PathLike[str] | None = None,
        dialect: str | None = None,
        *,
        select: Sequence[str] = ("ALL",),
        ignore: Sequence[str] = (),
        options: Mapping[str, Mapping[str, Any]] | None = None,
        packs: Sequence[str | PathLike[str]] = (),
        default_database: str | None = None,
        default_schema: str | None = None,
        pricing: Mapping[str, Any] | None = None,
        config: Configuration | None = None,
        today: date | None = None,
    ) -> None:
        path = catalog if isinstance(catalog, str | PathLike) else None
        self.catalog: Catalog | None = None if path is not None else catalog  # type: ignore[assignment]
        self.config = config
        self.today = today
        self._fixed = Settings(
            dialect and dialect_name(dialect),
            None if path is None else str(Path(path).absolute()),
            default_database,
            default_schema,
            tuple(select),
            tuple(ignore),
            tuple(str(Path(one).absolute()) for one in packs),
            json.dumps(options or {}, sort_keys=True, default=str),
            terms_text(pricing or {}),
        )
        self._loaded: dict[Settings, Loaded] = {}
        self._contexts: dict[Settings, bytes] = {}

    @classmethod
    def from_config(
        cls,
        start: str | PathLike[str] = ".",
        overrides: Mapping[str, Any] | None = None,
        file: str | PathLike[str] | None = None,
    ) -> Project:
        """Return a project whose settings come from the configuration files above each file.

        ``start`` is the folder or file that decides the run's own settings; ``overrides`` lie over
        all files' settings, by the configuration's keys; ``file`` is the one configuration to use
        in place of those found. Raises `ConfigError` naming the file and the key.
        """
        return cls(config=Configuration(start, overrides, file))

    def at(self, start: str | PathLike[str]) -> Project:
        """Return a project for another place, with the same settings of one's own: another checkout, say."""
        other = Project(self.catalog, config=self.config.at(start) if self.config else None, today=self.today)
        other._fixed = self._fixed
        return other

    def diff(  # noqa: PLR0913 - one argument a setting
        self,
        base: str,
        head: str | None = None,
        *,
        folder: str | PathLike[str] = ".",
        paths: Iterable[str] = (),
        labels: Iterable[str] = (),
        effort: Effort | str = Effort.NORMAL,
        seconds: float = CEILING,
        progress: Callable[[int, int], None] = lambda *_: None,
    ) -> DiffReport:
        """Return what lies between two commits, folders or files: cost, findings, columns, results.

        ``head`` is by default what stands in ``folder``, ``paths`` limit it to a part, and ``labels`` are the
        change's, which the gate in the settings of ``base`` may ask for. ``effort`` says how much each
        proof tries, ``seconds`` how long it may take at most, 0 for no proofs. Raises `SqloptError` for a state that
        can't be had.
        """
        from sqlopt.project.diff.compare import compare

        return compare(
            self,
            base,
            head,
            folder=folder,
            paths=paths,
            labels=labels,
            limits=Limits(Effort(effort), seconds),
            progress=progress,
        )

    def __getstate__(self) -> dict[str, Any]:
        """Leave out loaded rules and catalogs: a worker that can't inherit them loads its own."""
        return {**self.__dict__, "_loaded": {}}

    def settings(self, path: str) -> Settings:
        """Return the settings that hold for a file."""
        return self.config.settings(path) if self.config else self._fixed

    def loaded(self, settings: Settings) -> Loaded:
        """Return the rules, catalog and dialect of ``settings``, loaded once.

        Raises `UnknownRuleError`, `PackError` and `ConfigError`, and `CatalogError` if the user named
        the catalog; one found in a configuration or lying near goes to ``Loaded.problem``.
        """
        if settings not in self._loaded:
            from sqlopt.project.loading import load

            self._loaded[settings] = load(settings, self)
        return self._loaded[settings]

    def check(self, sql: str, path: str = "<text>") -> Report:
        """Check a text of one or more statements; what can't be parsed is in the report's errors."""
        return self._report(self._text(sql, path, sql, self.settings(path)))

    def lineage(self, sql: str, *, closure: Closure = "temporary") -> Lineage:
        """Return the column-level lineage of a text of one or more statements.

        ``closure`` says which tables between the statements are seen through: ``"temporary"`` ones, or
        ``"all"`` that one statement fills and a later one reads. Raises `CatalogError`.
        """
        from sqlopt.lineage import trace

        loaded = self.loaded(self.settings(""))
        return trace(sql, loaded.dialect, loaded.catalog, closure, self.today)

    def cost(self, sql: str, path: str = "<text>") -> list[StatementCost]:
        """Return what each statement of a text costs a run, in their order; one that can't be parsed has none.

        Raises `CatalogError`, and `SourceError` for a history that can't be read.
        """
        from sqlopt.project.costing import costs

        return costs(sql, path, self)

    def cost_text(self, sql: str, path: str = "<text>") -> CostReport:
        """Return what `cost` does, with each statement's place and runs."""
        from sqlopt.project.costing import text_report

        return text_report(self, sql, path)

    def cost_paths(
        self,
        paths: Iterable[str | PathLike[str]],
        progress: Callable[[int, int], None] = lambda *_: None,
    ) -> CostReport:
        """Return what the statements of files and folders cost, a run and a month. Raises `SourceError`."""
        from sqlopt.project.costing import report

        self.refresh()
        return report(self, paths, progress)

    def proof(
        self,
        text: str,
        fix: Fix,
        path: str = "<text>",
        seconds: float = CEILING,
        effort: Effort | str = Effort.NORMAL,
    ) -> Proof:
        """Return what is known of a fix of ``text``: proved, tested, refuted or unknown.

        It is judged in every reading of a template.
        """
        from sqlopt.project.gate.gate import Gate

        return Gate(self, Limits(Effort(effort), seconds)).judge(text, path, [fix.edits])[0]

    def storage(self) -> StorageReport:
        """Return what a month of storing the catalog's tables costs, the costliest first."""
        from sqlopt.project.costing import storage

        return storage(self)

    def backfill(self, model: str, days: str) -> Backfill:
        """Return what rebuilding a model for ``2025-01-01..2026-01-01`` costs, at once and part by part.

        ``model`` is a file or the name of one. Raises `SqloptError` where that can't be told.
        """
        from sqlopt.project.costing import backfill

        return backfill(self, model, days)

    def suggest(  # noqa: PLR0913 - one argument a setting
        self,
        paths: str | Iterable[str | PathLike[str]] | Mapping[str, str],
        *,
        runs_per_day: float | None = None,
        refreshes_per_day: float = 1.0,
        effort: Effort | str = Effort.NORMAL,
        seconds: float = CEILING,
        top: int | None = None,
        progress: Callable[[int, int], None] = lambda *_: None,
    ) -> Suggested:
        """Return the materialized views that statements of files, of one text or of texts by names, would profit from.

        ``runs_per_day`` is how often each runs; else schedules say, else once. ``effort`` and ``seconds`` are
        how much the proof of each rewritten statement tries and takes at most, ``top`` how many views are wanted.
        Raises `SourceError`.
        """
        from sqlopt.project.suggesting import suggest_views

        self.refresh()
        return suggest_views(
            self,
            {"<text>": paths} if isinstance(paths, str) else paths,
            runs_per_day=runs_per_day,
            refreshes_per_day=refreshes_per_day,
            limits=Limits(Effort(effort), seconds),
            top=top,
            progress=progress,
        )

    def plan(self, document: str, path: str = "<plan>") -> CheckedPlan:
        """Read any supported EXPLAIN document, and judge it by the plan rules. Raises `PlanError`."""
        from sqlopt.project.plans import read

        return read(document, path, self.loaded(self.settings(path)))

    def graph(
        self,
        paths: Iterable[str | PathLike[str]],
        progress: Callable[[int, int], None] = lambda *_: None,
        *,
        cache: bool = False,
    ) -> LineageGraph:
        """Return the lineage graph of files and folders; ``progress`` is called with files done and all.

        With ``cache`` it is kept in ``.sqlopt_cache`` beside the configuration.
        """
        from sqlopt.project.graph import graph

        self.refresh()
        return graph(self, paths, progress, cache=cache)

    def check_bytes(self, data: bytes, path: str) -> Report:
        """Check bytes that are not read from ``path`` but have its settings, such as standard input."""
        return self._report(self._bytes(data, path, None, self.settings(path)))

    def _report(self, result: FileResult) -> Report:
        settings = self.settings(result.path)
        problem = self.loaded(settings).problem
        return Report(
            (result,),
            (*((problem,) if problem else ()), *crashes((result,))),
            (*self.notes({settings: 1}), *unknown((result,))),
        )

    def check_paths(
        self,
        paths: Iterable[str | PathLike[str]],
        *,
        jobs: int | None = None,
        cache: bool = True,
        progress: Callable[[int, int], None] | None = None,
    ) -> Report:
        """Check files, and the ``*.sql`` files of folders, in ``jobs`` processes.

        Results are kept in ``.sqlopt_cache`` beside the configuration unless ``cache`` is false.
        ``progress`` is called with the files done and their number. Raises `SourceError` for a path
        that does not exist; a file that can't be read is an error in the report.
        """
        from sqlopt.project.run import Run

        self.refresh()
        return Run(self, jobs=jobs, cache=cache, progress=progress).report(list(paths))

    def check_file(self, path: str, text: Path) -> tuple[bytes | None, FileResult]:
        """Check a file; return its bytes' key (None if they can't be read) and what was found."""
        settings = self.settings(path)
        data, problem = read_bytes(path)
        if problem:
            return None, unreadable(path, problem)
        return self.key(settings, data, path), self._bytes(data, path, text, settings)

    def _bytes(self, data: bytes, path: str, text: Path | None, settings: Settings) -> FileResult:
        if len(data) > LARGEST:
            return unreadable(
                path, Problem(f"the text is larger than {LARGEST >> 20} MB and was not analysed")
            )
        sql, problem = decode(data)
        shown = sql if text is None else text
        if problem and problem.fatal:
            return unreadable(path, problem, shown)
        result = self._text(sql, path, shown, settings)
        if problem and UNREADABLE[0] not in self.loaded(settings).ignored:
            return replace(result, text=shown, findings=(_finding(problem), *result.findings))
        return result

    def _text(self, sql: str, path: str, shown: str | Path, settings: Settings) -> FileResult:
        """Check a text; a fault of ours costs this text and nothing else."""
        from sqlopt.project.embedded import check

        nul = sql.find("\0")
        if nul >= 0:
            return unreadable(path, Problem("the text holds a NUL character", nul, nul + 1), shown)
        loaded = self.loaded(settings)
        try:
            result = check(sql, path, loaded, self)
        except Exception as error:  # noqa: BLE001 - the other files are still to be checked
            return broken(path, f"{type(error).__name__}: {error}", shown, loaded.dialect)
        return replace(result, text=shown)

    def notes(self, counts: Mapping[Settings, int]) -> tuple[str, ...]:
        """Return the note on files that are checked without a catalog, if there are any."""
        without = sum(count for settings, count in counts.items() if settings.catalog is None)
        if self.catalog is not None or self.config is None or not without:
            return ()
        who = "1 file has" if without == 1 else f"{without} files have"
        note = (
            f"{who} no catalog: columns, keys, partitions and sizes are unknown, so nothing is priced and"
            " most rules stay silent; write one with `sqlopt catalog sync`, or name it by --catalog"
        )
        return (note,)

    def key(self, settings: Settings, data: bytes, path: str) -> bytes:
        """Return what stands for all that the answer for a file's bytes depends on."""
        return sha256(self.context(settings) + surroundings(path) + data).digest()

    def context(self, settings: Settings) -> bytes:
        """Return the part of `key` that files of equal settings share. Parses nothing."""
        if settings not in self._contexts:
            from sqlopt.project.context import context

            self._contexts[settings] = context(self, settings)
        return self._contexts[settings]

    def refresh(self) -> None:
        """Forget what rules and catalogs said: their files may have changed. `check_paths` does so."""
        self._contexts.clear()
        self._loaded.clear()


def _finding(problem: Problem) -> Finding:
    severity = Severity.ERROR if problem.fatal else Severity.INFO
    return Finding(*UNREADABLE, severity, problem.message, Span(problem.start, problem.end))


def unreadable(path: str, problem: Problem, text: str | Path = "") -> FileResult:
    """Return the result for a file that can't be read."""
    return FileResult(path, text, "", errors=(_finding(problem),))


def broken(path: str, message: str, text: str | Path = "", dialect: str = "") -> FileResult:
    """Return the result for a file that a fault of ours kept from being checked."""
    finding = Finding(*INTERNAL, Severity.ERROR, f"the check of this file failed: {message}", Span(0, 0))
    return FileResult(path, text, dialect, errors=(finding,))


def unknown(files: Iterable[FileResult]) -> tuple[str, ...]:
    """Return a line on what templates and programs call that is not known here, if there is any."""
    notes = list(dict.fromkeys(note for file in files for note in file.notes))
    if not notes:
        return ()
    more = f"; and {len(notes) - _NOTES} more" if len(notes) > _NOTES else ""
    return (f"not known when reading the files: {'; '.join(notes[:_NOTES])}{more}",)


def crashes(files: Iterable[FileResult]) -> tuple[str, ...]:
    """Return a line for each rule that raised."""
    return tuple(
        f"{file.path}: {error.message}" for file in files for error in file.errors if error.rule in _CRASHES
    )
