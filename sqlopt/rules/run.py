"""Run rules over a text: understand it once, walk it once, and ask each rule only what it asked for."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlopt.cost.terms import Terms
from sqlopt.cost.worth import worth
from sqlopt.errors import ConfigError, SqloptError
from sqlopt.rewrite.edits import Edit, Safety
from sqlopt.rules import suppress
from sqlopt.rules.finding import FileResult, Finding
from sqlopt.rules.own import InternalError, RuleCrashed, UnparsableStatement
from sqlopt.rules.price import reading
from sqlopt.rules.rule import Context, Hit, Rule
from sqlopt.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from sqlglot import exp

    from sqlopt.catalog import Catalog
    from sqlopt.cost.calibration import Calibration
    from sqlopt.query import Query
    from sqlopt.rewrite.edits import Fix
    from sqlopt.source.map import Hole
    from sqlopt.span import UnreadPlace

_log = logging.getLogger(__name__)
_ANSI = re.compile(r"\x1b\[[0-9;]*m")

Options = dict[str, dict[str, Any]]
"""Settings by rule id or name."""


def check_text(  # noqa: PLR0913, PLR0917 - the face of the rule machinery
    text: str,
    dialect: str,
    catalog: Catalog,
    rules: Iterable[type[Rule]] | Mapping[str, type[Rule]],
    options: Mapping[str, Mapping[str, Any]] | None = None,
    path: str = "<text>",
    today: date | None = None,
    known: Mapping[str, type[Rule]] | None = None,
    holes: Sequence[Hole] = (),
    terms: Terms | None = None,
    calibration: Calibration | None = None,
) -> FileResult:
    """Check one text with ``rules`` (the selected ones, as values or a mapping by id).

    ``options`` holds settings by rule id or name. ``known`` are all loaded rules, selected or not, which
    suppression comments may name; by default the built-in and installed ones. Savings are priced by ``terms`` and
    ``calibration``. ``holes`` are the places of
    unknown text: nothing is said of them, nor of a statement in which one may be any SQL. Nothing in the text makes
    this raise: what can't be parsed, and rules that fail, are in the result's ``errors``. Raises
    `ConfigError` for options that no rule has.
    """
    from collections.abc import Mapping as MappingType

    from sqlopt.query.understand import understand

    chosen = tuple(rules.values() if isinstance(rules, MappingType) else rules)
    run = _Run(text, dialect, catalog, _settings(chosen, options or {}), holes, terms or Terms(), calibration)
    try:
        queries = understand(text, dialect, catalog, today)
        run.parse_failures(queries)
        run.rules(
            _speaking(chosen, dialect), [query for query in queries if query.statement.tree is not None]
        )
        run.report_crashes()
    except Exception as error:  # noqa: BLE001 - the last net: one text must not end a run over thousands
        _log.debug("%s", path, exc_info=True)
        return FileResult(path, text, dialect, errors=(_own(InternalError, _described(error), Span(0, 0)),))
    found = tuple(_in_order(run.findings)), tuple(_in_order(run.errors))
    result = FileResult(
        path,
        text,
        dialect,
        *found,
        statements=len(queries),
        notes=tuple(run.notes),
        unread=run.unread(queries),
    )
    spans = [query.statement.span for query in queries]
    return suppress.apply(result, spans, suppress.Ran(chosen, known, run.crashed_rules))


def run_rules(
    rules: Mapping[str, type[Rule]], queries: Sequence[Query], catalog: Catalog
) -> tuple[Finding, ...]:
    """Ask ``rules``, with their default settings, about statements of one text that are already understood."""
    chosen = tuple(rules.values())
    run = _Run("", queries[0].dialect, catalog, _settings(chosen, {}))
    run.rules(_speaking(chosen, queries[0].dialect), queries)
    return tuple(_in_order(run.findings))


def _settings(rules: Sequence[type[Rule]], options: Mapping[str, Mapping[str, Any]]) -> Options:
    """Return each rule's defaults overlaid with ``options``, by id. Raises `ConfigError`."""
    settings: Options = {}
    for rule in rules:
        given = {**options.get(rule.name, {}), **options.get(rule.id, {})}
        for key in given:
            if key not in rule.options:
                from difflib import get_close_matches

                near = get_close_matches(key, rule.options, n=1)
                hint = f"; did you mean {near[0]!r}?" if near else ""
                raise ConfigError(f"rule {rule.id} ({rule.name}) has no option {key!r}{hint}")
        settings[rule.id] = {**rule.options, **given}
    return settings


@lru_cache(maxsize=64)
def _speaking(rules: tuple[type[Rule], ...], dialect: str) -> tuple[Rule, ...]:
    """Return an instance of each rule that speaks of ``dialect`` and matches something."""
    return tuple(
        rule()
        for rule in rules
        if rule.match and (not rule.dialects or dialect in rule.dialects) and dialect not in rule.unprofitable
    )


@dataclass(slots=True)
class _Run:
    """One text under check, and what was found in it so far."""

    text: str
    dialect: str
    catalog: Catalog
    settings: Options
    holes: Sequence[Hole] = ()
    terms: Terms = field(default_factory=Terms)
    calibration: Calibration | None = None
    notes: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    errors: list[Finding] = field(default_factory=list)
    crashed_rules: set[str] = field(default_factory=set)
    crashes: dict[tuple[Span, str, str], list[Rule]] = field(default_factory=dict)

    def parse_failures(self, queries: Sequence[Query]) -> None:
        ends = [*(one.statement.span.start for one in queries[1:]), len(self.text)]
        for query, end in zip(queries, ends, strict=False):
            failure = query.statement.error
            # What may be any SQL is a comment in the text: behind the last word it is in no statement's extent.
            if failure is not None and self._holes_in(Span(query.statement.span.start, end)):
                what = _first_line(failure.message)
                self.notes.append(f"a statement with unknown parts could not be read: {what}")
            elif failure is not None:
                message = _first_line(failure.message)
                error = _own(UnparsableStatement, message, failure.span, query.statement.fingerprint)
                self.errors.append(error)

    def unread(self, queries: Iterable[Query]) -> tuple[UnreadPlace, ...]:
        """Return the places that were not read, but for those in unknown text, which is told of elsewhere."""
        return tuple(one.place for query in queries for one in query.unread if not self._holes_in(one.span))

    def rules(self, rules: Iterable[Rule], queries: Sequence[Query]) -> None:
        script = tuple(queries)
        for rule in rules:
            if rule.match == "plan":
                continue
            if rule.match == "script":
                judged = script[:1] if all(map(self._is_known, script)) else ()
            else:
                judged = tuple(filter(self._is_known, script)) if self.holes else script
            for query in judged:
                self.findings += self._found(rule, query, script)

    def _is_known(self, query: Query) -> bool:
        return not any(hole.any_sql for hole in self._holes_in(query.statement.span))

    def _holes_in(self, span: Span) -> list[Hole]:
        return [one for one in self.holes if one.span.start < span.end and span.start < one.span.end]

    def _found(self, rule: Rule, query: Query, script: tuple[Query, ...]) -> list[Finding]:
        """Return a rule's findings in one statement; none of them if it raises on the way."""
        try:
            targets = _targets(rule.match, query)
            if not targets:
                return []
            context = Context(query, script, self.catalog, self.settings[rule.id])
            hits = [hit for target in targets for hit in rule.guard(target, context)]
            found = [self._finding(rule, hit, context) for hit in hits]
            known = [one for one in found if not self._holes_in(one.span)] if self.holes else found
            return _with_sound_fixes(known, query)
        except Exception as error:  # noqa: BLE001 - a rule may be anyone's code
            self._crash(rule, error, query)
            return []

    def _finding(self, rule: Rule, hit: Hit, context: Context) -> Finding:
        query = context.query
        if rule.match == "script":
            query = next((one for one in context.script if one.statement.span.covers(hit.span)), query)
        return Finding(
            rule.id,
            rule.name,
            hit.severity or rule.severity,
            hit.message,
            hit.span,
            self._fix(rule, hit, context, query),
            hit.saving,
            hit.related,
            hit.evidence if hit.saving is not None else hit.evidence + reading(query, hit.evidence),
            query.statement.fingerprint,
            worth(hit.saving, query.dialect, self.terms, self.calibration),
        )

    def _fix(self, rule: Rule, hit: Hit, context: Context, query: Query) -> Fix | None:
        """Return the rule's fix, or None where it raises, and for a statement in a string, whose quotes it breaks."""
        if query.statement.quoted:
            return None
        try:
            fix = rule.rewrite(hit, context)
        except Exception as error:  # noqa: BLE001 - a rule may be anyone's code
            self._crash(rule, error, query, " while making its fix")
            return None
        if fix is None or not fix.edits:
            return None
        # What is not read may bear on what the fix changes, as may names that are taken for one.
        guessed = fix.safety is Safety.EXACT and (query.unread or query.conflated)
        return replace(fix, safety=Safety.NEEDS_FACTS) if guessed else fix

    def _crash(self, rule: Rule, error: Exception, query: Query, when: str = "") -> None:
        _log.debug("rule %s", rule.id, exc_info=True)
        self.crashed_rules.add(rule.id)
        what = f"{_described(error)}{when}"
        self.crashes.setdefault((query.statement.span, query.statement.fingerprint, what), []).append(rule)

    def report_crashes(self) -> None:
        """One error for all rules that one statement breaks alike, as too deep a nesting does."""
        for (span, statement, what), rules in self.crashes.items():
            names = ", ".join(dict.fromkeys(f"{rule.id} ({rule.pack}/{rule.name})" for rule in rules))
            self.errors.append(
                _own(RuleCrashed, f"left out for this statement: {names}: {what}", span, statement)
            )


def _targets(match: str | tuple[type[Any], ...], query: Query) -> Sequence[Any]:
    if isinstance(match, tuple):
        return query.nodes(*match)
    targets: Sequence[Any] = query.scans if match == "scan" else (query,)
    return targets


def _with_sound_fixes(findings: list[Finding], query: Query) -> list[Finding]:
    """Return ``findings`` without the fixes that would break the text.

    Where all of a rule's fixes together leave sound SQL, one parse has shown it.
    """
    fixes = [one.fix for one in findings if one.fix is not None]
    together = [edit for fix in fixes for edit in fix.edits]
    if not fixes or (len(fixes) > 1 and _still_parses(together, query)):
        return findings
    return [
        one if one.fix is None or _still_parses(one.fix.edits, query) else replace(one, fix=None)
        for one in findings
    ]


def _still_parses(edits: Sequence[Edit], query: Query) -> bool:
    """Whether the edits lie apart, within the text, and leave one statement of the kind it was.

    Variables may be declared before it, and temporary tables made.
    """
    text, statement = query.source, query.statement.span
    edits = _abridged(edits, query)
    pieces: list[str] = []
    at = 0
    for edit in sorted(edits, key=lambda one: one.span):
        if edit.span.start < at or edit.span.end > len(text):
            return False
        pieces += (text[at : edit.span.start], edit.text)
        at = edit.span.end
    edited = "".join((*pieces, text[at:]))
    inside = all(statement.covers(edit.span) for edit in edits)
    if inside:
        edited = edited[statement.start : len(edited) - (len(text) - statement.end)]
    kind = type(query.tree)
    found = _kinds(edited, query.dialect)
    if found is None:
        return False
    rest = [one for one, helps in found if not helps] or [one for one, _ in found if one is kind]
    return not inside or (len(rest) == 1 and _alike(rest[0], kind))


def _alike(one: type, other: type) -> bool:
    """Whether two statements are of one kind: the same class, or queries both, be it a SELECT or a UNION."""
    from sqlglot import exp as nodes

    return one is other or (issubclass(one, nodes.Query) and issubclass(other, nodes.Query))


@lru_cache(maxsize=256)
def _kinds(text: str, dialect: str) -> tuple[tuple[type, bool], ...] | None:
    """Return each statement's class, and whether it only helps others; None where one can't be parsed."""
    from sqlopt.query.text.parse import parse

    found = parse(text, dialect)
    if any(one.error is not None for one in found):
        return None
    return tuple((type(one.tree), _helps(one.tree)) for one in found)


def _helps(tree: exp.Expr | None) -> bool:
    """Whether a statement declares a variable, makes a temporary table or an index."""
    from sqlglot import exp as nodes

    if isinstance(tree, nodes.Create):
        return tree.kind == "INDEX" or tree.find(nodes.TemporaryProperty) is not None
    return isinstance(tree, nodes.Declare)


def _abridged(edits: Sequence[Edit], query: Query) -> Sequence[Edit]:
    """Return the edits with those CTEs cut short that were parsed by themselves and are queries, edited or not."""
    units = query.statement.units
    if units is None:
        return edits
    left = list(edits)
    for body in units.bodies():
        near = [one for one in edits if one.span.start <= body.end and body.start <= one.span.end]
        inside = all(body.start < one.span.start and one.span.end < body.end for one in near)
        if inside and (not near or _is_query(_edited(query.source, body, near), query.dialect)):
            left = [one for one in left if one not in near] + [Edit(body, "SELECT 1")]
    return left


def _edited(text: str, within: Span, edits: Sequence[Edit]) -> str:
    pieces: list[str] = []
    at = within.start
    for edit in sorted(edits, key=lambda one: one.span):
        if edit.span.start < at:
            return ""
        pieces += (text[at : edit.span.start], edit.text)
        at = edit.span.end
    return "".join((*pieces, text[at : within.end]))


def _is_query(text: str, dialect: str) -> bool:
    from sqlglot import exp

    found = _kinds(text, dialect)
    return found is not None and len(found) == 1 and issubclass(found[0][0], exp.Query)


def _own(rule: type[Rule], message: str, span: Span, statement: str = "") -> Finding:
    return Finding(rule.id, rule.name, rule.severity, message, span, statement=statement)


def _described(error: Exception) -> str:
    if isinstance(error, SqloptError):
        return str(error)
    return f"{type(error).__name__}: {_first_line(str(error))}".removesuffix(": ")


def _first_line(message: str) -> str:
    return next(iter(_ANSI.sub("", message).strip().splitlines()), "")[:500]


def _in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings by position, each once."""
    once = {(one.span, one.rule, one.message): one for one in findings}
    return [once[key] for key in sorted(once)]
