"""`Gate`: the verdicts of rewrites, from what was judged before, or judged now in as many processes as are wanted."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Self

import sqlopt
from sqlopt.project.gate.blocks import blocks
from sqlopt.project.gate.changes import Change, Reading, changes
from sqlopt.project.gate.dropped import only_drops
from sqlopt.project.gate.labels import label_key, proof_of
from sqlopt.project.gate.structure import lost, newly_read, renamed
from sqlopt.rewrite.edits import Edit, Proof, Verdict, edited
from sqlopt.rewrite.prove.effort import Limits

if TYPE_CHECKING:
    from sqlopt.cache import Cache
    from sqlopt.catalog import Catalog
    from sqlopt.project.project import Project
    from sqlopt.query import Query
    from sqlopt.source.map import Script

Rewrite = Sequence[Edit]
"""Edits of one text that are made together."""

DEFAULT = Limits()
_TOGETHER = 4
"""Statements to judge from which on further processes are worth their start."""
_BLOCKS = 3
"""How many blocks around a change are asked, the innermost ones, before the whole statement is."""
_NO_CHANGE = Proof(Verdict.PROVED, reason="only comments and layout change")


class Gate:
    """Judges rewrites of texts before they are made; a context manager where ``keeps`` is set.

    ``limits`` hold for the proof of each changed statement, ``jobs`` are the processes to use. With ``keeps`` verdicts
    are kept in ``.sqlopt_cache`` beside the configuration, by the content that they follow from; without, in memory.
    After ``deadline`` (of `time.monotonic`) nothing more is proved: what is left is unknown.
    """

    def __init__(
        self,
        project: Project,
        limits: Limits = DEFAULT,
        *,
        jobs: int = 1,
        keeps: bool = False,
        deadline: float | None = None,
    ) -> None:
        self.project = project
        self.deadline = deadline
        self._limits = limits
        self._jobs = jobs
        self._cache = _cache(project) if keeps else None
        self._known: dict[bytes, Proof] = {}
        self._read: tuple[str, str, list[Reading]] = ("", "", [])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._cache is not None:
            self._cache.close()

    def judge(self, text: str, path: str, rewrites: Sequence[Rewrite]) -> list[Proof]:
        """Return what is known of each rewrite of ``text``, the file ``path``, alone. Raises nothing.

        A rewrite is as sure as the least sure of the statements that it changes, in every reading of a template.
        """
        found = [self._changes(text, path, one) for one in rewrites]
        verdicts = self._verdicts(path, list(dict.fromkeys(each for several in found for each in several)))
        proofs = [_together([verdicts[one] for one in several]) for several in found]
        self._label(text, path, rewrites, proofs)
        return proofs

    def breaks(self, text: str, path: str, rewrite: Rewrite) -> str:
        """Return why a rewrite leaves a statement that can't be bound as it was; empty if it does not."""
        for one in self._changes(text, path, rewrite):
            sides = self._sides(one, path)
            if sides is not None and (why := lost(*sides)):
                return why
        return ""

    # ---- what changes

    def _changes(self, text: str, path: str, rewrite: Rewrite) -> list[Change]:
        before = self._readings(text, path)
        after = self._scripts(edited(text, rewrite), path)
        if before is None or after is None:
            return [Change("", "", "", "the file can't be read")]
        return changes(before, after)

    def _readings(self, text: str, path: str) -> list[Reading] | None:
        from sqlopt.project.embedded import dialect_of

        if self._read[:2] != (text, path):
            scripts = self._scripts(text, path)
            if scripts is None:
                return None
            loaded = self.project.loaded(self.project.settings(path))
            readings = [Reading(one, dialect_of(one, path, loaded, self.project)) for one in scripts]
            self._read = (text, path, readings)
        return self._read[2]

    def _scripts(self, text: str, path: str) -> list[Script] | None:
        from sqlopt.project.embedded import read

        try:
            return read(text, path, self.project.settings(path).dialect)
        except Exception:  # noqa: BLE001 - a reader's fault costs the fix, not the run
            return None

    def _sides(self, one: Change, path: str) -> tuple[Query, Query] | None:
        return _sides(one, _catalog(self.project, path), self.project.today)

    # ---- verdicts

    def _verdicts(self, path: str, wanted: list[Change]) -> dict[Change, Proof]:
        keys = {one: self._key(one, path) for one in wanted}
        stored = self._cache.get(list(keys.values())) if self._cache is not None else {}
        for key, data in stored.items():
            proof = proof_of(data)
            if proof is not None:
                self._known[key] = proof
        missing = [one for one in wanted if keys[one] not in self._known]
        for one, proof in self._judged(path, missing):
            self._known[keys[one]] = proof
            if self._cache is not None and proof.verdict is not Verdict.UNKNOWN:
                self._cache.keep(keys[one], proof.to_dict())
        return {one: self._known[key] for one, key in keys.items()}

    def _judged(self, path: str, missing: list[Change]) -> list[tuple[Change, Proof]]:
        items = [(path, one, self._limits) for one in missing]
        if self._jobs > 1 and len(items) >= _TOGETHER and self.deadline is None:
            from sqlopt.project.workers import each

            return list(each(self.project, items, self._jobs, _work, _died, 1))
        return [(item[1], self._in_time(item)) for item in items]

    def _in_time(self, item: Item) -> Proof:
        if self.deadline is not None and time.monotonic() > self.deadline:
            return _unknown("there was no time left to judge it")
        return judge(self.project, item)

    def _key(self, one: Change, path: str) -> bytes:
        """Return what stands for all that a verdict follows from: both texts, the facts of their tables, the effort."""
        catalog = _catalog(self.project, path)
        sides = _sides(one, catalog, self.project.today)
        tables = {
            repr(source.table)
            for query in sides or ()
            for source in query.sources
            if source.table is not None
        }
        parts = (
            "verdict", sqlopt.__version__, one.dialect, one.before, one.after, one.doubt, str(self._limits.effort),
            str(catalog.dialect), str(catalog.default_database), str(catalog.default_schema), _day(self.project),
            *sorted(tables),
        )  # fmt: skip
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).digest()

    def _label(self, text: str, path: str, rewrites: Sequence[Rewrite], proofs: Sequence[Proof]) -> None:
        """Remember the verdicts by the file's own content, for those that only ask what is known already."""
        if self._cache is None or self.deadline is not None:
            return
        settings = self.project.settings(path)
        file = self.project.key(settings, text.encode("utf-8", "surrogatepass"), path)
        for rewrite, proof in zip(rewrites, proofs, strict=True):
            if proof.verdict is not Verdict.UNKNOWN:  # another time there may be more time
                self._cache.keep(label_key(file, rewrite), proof.to_dict())


Item = tuple[str, Change, Limits]
"""A path, what changes there, and what holds for the proof."""


def judge(project: Project, item: Item) -> Proof:
    """Return what is known of one changed statement. Raises nothing."""
    path, one, limits = item
    if one.doubt:
        return _unknown(one.doubt)
    catalog = _catalog(project, path)
    sides = _sides(one, catalog, project.today)
    if sides is None:
        return _unknown("it is no single statement")
    why = lost(*sides)
    if why:
        return _unknown(why)
    names = renamed(*sides)
    if names is not None:
        return names
    if only_drops(*sides):
        return Proof(Verdict.PROVED, reason="nothing reads the columns that go")
    try:
        proof = _by_blocks(sides, one.dialect, limits) or _compared(one, catalog, limits)
    except Exception as error:  # noqa: BLE001 - a fault of the prover costs the fix, not the run
        return _unknown(f"the prover failed: {type(error).__name__}")
    if proof.verdict is Verdict.TESTED and (name := newly_read(*sides)):
        return _unknown(f"{name} was not read before")
    return proof


def _by_blocks(sides: tuple[Query, Query], dialect: str, limits: Limits) -> Proof | None:
    """Return what is known by a block around the change; None where no block tells, and the whole is to be asked.

    A block that differs says nothing of the statement, which may feed it no rows on which it does. One that is only
    tested must select the same texts: values that compare as equal may have other types, which show outside.
    """
    for number, one in enumerate(blocks(*sides)):
        if number == _BLOCKS:
            break
        proof = _compared(Change(one.before, one.after, dialect), one.catalog, limits)
        if proof.verdict is Verdict.PROVED or (proof.verdict is Verdict.TESTED and one.same_items):
            return proof
    return None


def _compared(one: Change, catalog: Catalog, limits: Limits) -> Proof:
    from sqlopt.rewrite.prove import prove

    return prove(
        one.before,
        one.after,
        catalog=catalog,
        dialect=one.dialect,
        effort=limits.effort,
        seconds=limits.seconds,
    )


def _work(project: Project, item: Item) -> tuple[Change, Proof]:
    return item[1], judge(project, item)


def _died(item: Item) -> tuple[Change, Proof]:
    return item[1], _unknown("the process that judged it died")


def _together(proofs: Sequence[Proof]) -> Proof:
    """Return the verdict of all: that of the least sure one, with every premise."""
    if not proofs:
        return _NO_CHANGE
    order = (Verdict.REFUTED, Verdict.UNKNOWN, Verdict.TESTED, Verdict.PROVED)
    worst = min(proofs, key=lambda one: (order.index(one.verdict), one.databases))
    if worst.verdict in (Verdict.REFUTED, Verdict.UNKNOWN) or len(proofs) == 1:
        return worst
    premises = tuple(dict.fromkeys(each for one in proofs for each in one.premises))
    notes = tuple(dict.fromkeys(each for one in proofs for each in one.notes))
    return Proof(worst.verdict, premises, worst.databases, None, worst.reason, notes)


def _sides(one: Change, catalog: Catalog, today: date | None) -> tuple[Query, Query] | None:
    from sqlopt.query.understand import understand

    if one.doubt:
        return None
    before, after = (understand(text, one.dialect, catalog, today) for text in (one.before, one.after))
    return (before[0], after[0]) if len(before) == len(after) == 1 else None


def _catalog(project: Project, path: str) -> Catalog:
    from sqlopt.project.embedded import catalog_of

    return catalog_of(path, project.loaded(project.settings(path)), project)


def _cache(project: Project) -> Cache:
    from sqlopt.cache import Cache

    return Cache(project.config.root if project.config else Path.cwd(), _day(project))


def _day(project: Project) -> str:
    return str(project.today or date.today())  # noqa: DTZ011 - the user's own day


def _unknown(reason: str) -> Proof:
    return Proof(Verdict.UNKNOWN, reason=reason)
