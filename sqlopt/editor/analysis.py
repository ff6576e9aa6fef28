"""What is known of one state of a document: what `sqlopt check` says of it, and its statements understood."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from sqlopt.editor.documents import Moved
from sqlopt.errors import SqloptError
from sqlopt.project.embedded import catalog_of, dialect_of, read
from sqlopt.query.text.reuse import Kept, keeping
from sqlopt.query.understand import understand
from sqlopt.rules.finding import FileResult
from sqlopt.source.map import Quality, Script
from sqlopt.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlglot import exp

    from sqlopt.catalog import Catalog
    from sqlopt.editor.documents import Document
    from sqlopt.project import Project
    from sqlopt.project.costing import CostedStatement
    from sqlopt.query import Query
    from sqlopt.rewrite.edits import Fix, Proof
    from sqlopt.rules.finding import Finding, Report

LARGEST = 1_000_000
"""Characters above which a document is not analysed while it is typed."""


@dataclass(frozen=True)
class Reading:
    """A script that stands in a document, with its statements understood."""

    script: Script
    dialect: str
    catalog: Catalog
    queries: tuple[Query, ...]

    def place(self, span: Span, *, exact: bool = False) -> Span | None:
        """Return where a range of the script stands in the document; with ``exact`` only if it does so literally."""
        found = self.script.source_map.place(span)
        if found.quality is Quality.FILE or (exact and found.quality is not Quality.EXACT):
            return None
        return found.span

    def offset(self, place: int) -> int | None:
        """Return the script's offset that a place of the document became; None where it became nothing."""
        if self.script.source_map.is_identity:
            return place
        within = None
        for one in self.script.source_map.segments:
            if one.span.start <= place <= one.span.end and one.end > one.start:
                exact = one.quality is Quality.EXACT
                within = one.start + (place - one.span.start) if exact else one.start
                if place < one.span.end:
                    return within
        return within

    def query_at(self, offset: int) -> Query | None:
        """Return the statement that stands at a script's offset, or ends there."""
        return next(
            (q for q in self.queries if q.statement.span.start <= offset <= q.statement.span.end), None
        )


@dataclass(frozen=True)
class Spot:
    """A place of a document inside a statement. ``offset`` is the script's; ``moved`` leads to the present text.

    ``moved`` is None where the statement is of the present text, and not of the last one that could be read.
    """

    reading: Reading
    query: Query
    offset: int
    moved: Moved | None = None

    def place(self, span: Span, *, exact: bool = False) -> Span | None:
        """Return where a range of the script stands in the present document."""
        found = self.reading.place(span, exact=exact)
        return self.moved.span(found) if found is not None and self.moved is not None else found

    def of(self, node: exp.Expr, *, exact: bool = False) -> Span | None:
        """Return where a node stands in the present document."""
        return self.place(self.query.span(node), exact=exact)


@dataclass
class Analysis:
    """One document at one version. ``report`` is what `sqlopt check` says of its text.

    ``good`` is the last analysis in which more statements could be read: it answers where they can't be now.
    """

    document: Document
    project: Project
    report: Report
    good: Analysis | None = None
    queries: dict[tuple[str, str, int], tuple[Query, ...]] = field(default_factory=dict)
    proofs: dict[Fix, Proof] = field(default_factory=dict)

    @property
    def result(self) -> FileResult:
        """What was found in the document's own text."""
        return self.report.files[0]

    @property
    def broken(self) -> int:
        """How many statements could not be read."""
        return sum(one.rule in _UNREAD for one in self.result.errors)

    @cached_property
    def readings(self) -> tuple[Reading, ...]:
        """The scripts of the document, understood when they are first asked for."""
        document = self.document
        try:
            settings = self.project.settings(document.path)
            loaded = self.project.loaded(settings)
            catalog = catalog_of(document.path, loaded, self.project)
            found = []
            with keeping(Kept(self.queries)):
                for script in read(document.text, document.path, settings.dialect):
                    dialect = dialect_of(script, document.path, loaded, self.project)
                    queries = understand(script.text, dialect, catalog, self.project.today)
                    found.append(Reading(script, dialect, catalog, queries))
        except Exception:  # noqa: BLE001 - a reader's fault, which the report names, costs answers alone
            return ()
        return tuple(found)

    @cached_property
    def costs(self) -> tuple[CostedStatement, ...]:
        """What `sqlopt cost` says of the document's text."""
        try:
            with keeping(Kept(self.queries)):
                return self.project.cost_text(self.document.text, self.document.path).statements
        except Exception:  # noqa: BLE001 - no price is no reason to stop answering
            return ()

    @cached_property
    def moved(self) -> Moved | None:
        """What carries places of the last good text to this one."""
        return Moved.between(self.good.document.text, self.document.text) if self.good else None

    def unread(self) -> list[Span]:
        """Return where the statements stand that can't be read."""
        found = []
        for reading in self.readings:
            for query in reading.queries:
                if query.statement.error is not None:
                    place = reading.place(query.statement.span)
                    if place is not None:
                        found.append(place)
        return found

    def spots(self, offset: int) -> Iterator[Spot]:
        """Yield the statements at a place of the document, as far as they can or could last be read."""
        found = False
        for reading in self.readings:
            at = reading.offset(offset)
            query = reading.query_at(at) if at is not None else None
            if query is not None and at is not None and query.statement.tree is not None:
                found = True
                yield Spot(reading, query, at)
        if found or self.good is None or self.moved is None:
            return
        before = self.moved.back().span(Span(offset, offset))
        if before is not None:
            for one in self.good.spots(before.start):
                if one.moved is None:
                    yield replace(one, moved=self.moved)

    def spot(self, offset: int) -> Spot | None:
        """Return the first of `spots`."""
        return next(self.spots(offset), None)

    def statements(self) -> Iterator[Spot]:
        """Yield every statement of the document that can be read, and those that could last be read."""
        for reading in self.readings:
            for query in reading.queries:
                if query.statement.tree is not None:
                    yield Spot(reading, query, query.statement.span.start)
        if self.good is None or self.moved is None:
            return
        gaps = self.unread()
        for one in self.good.statements():
            place = self.moved.span(one.reading.place(one.query.statement.span) or Span(0, 0))
            if one.moved is None and place is not None and _touches(place, gaps):
                yield replace(one, moved=self.moved)

    def kept(self) -> list[Finding]:
        """Return the findings of the last good text that stand unchanged in what can't be read now."""
        if self.good is None or self.moved is None:
            return []
        gaps = self.unread()
        found = []
        for one in self.good.result.findings:
            place = self.moved.span(one.span)
            if place is not None and _touches(place, gaps):
                related = [
                    replace(item, span=span)
                    for item in one.related
                    if (span := self.moved.span(item.span)) is not None
                ]
                found.append(replace(one, span=place, fix=None, related=tuple(related)))
        return found


def read_scripts(analysis: Analysis, text: str) -> list[str]:
    """Return the SQL that the document would hold with another text."""
    document, project = analysis.document, analysis.project
    dialect = project.settings(document.path).dialect
    return [one.text for one in read(text, document.path, dialect)]


_UNREAD = frozenset({"SQL001", "SQL004"})


def analyse(
    document: Document, project: Project, before: Analysis | None, kept: Kept | None = None
) -> Analysis:
    """Check a document; ``before`` is the analysis of an earlier state of it. Raises `SqloptError`.

    ``kept`` is what was parsed of earlier states.
    """
    kept = kept if kept is not None else Kept()
    kept.begin()
    with keeping(kept):
        report = project.check(document.text, document.path)
    found = Analysis(document, project, project.without_known(report), queries=kept.queries)
    if before is not None and found.broken:
        found.good = before if before.broken < found.broken else before.good
    if found.good is not None and found.good.broken >= found.broken:
        found.good = None
    return found


def too_large(document: Document, project: Project) -> Analysis:
    """Return the analysis of a document that is not looked at."""
    from sqlopt.rules.finding import Report

    return Analysis(document, project, Report((FileResult(document.path, document.text, ""),)))


def _touches(place: Span, gaps: list[Span]) -> bool:
    return any(place.start <= gap.end and gap.start <= place.end for gap in gaps)


__all__ = ["LARGEST", "Analysis", "Reading", "Spot", "SqloptError", "analyse", "too_large"]
