"""Findings as diagnostics: the same as `sqlopt check` prints, at the client's positions."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.uris import from_fs_path

from sqlopt.editor.documents import Places
from sqlopt.report.sarif import HOME
from sqlopt.report.words import escape, saves_words
from sqlopt.rules.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sqlopt.editor.analysis import Analysis
    from sqlopt.editor.documents import Document
    from sqlopt.editor.workspace import Trouble
    from sqlopt.rules.finding import Finding
    from sqlopt.rules.rule import Rule

SOURCE = "sqlopt"
_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFO: types.DiagnosticSeverity.Information,
}
_BUILT_IN = "sqlopt.packs."
_OWN = "sqlopt.rules.own"


def diagnostics(analysis: Analysis, *, typing: bool = True) -> list[types.Diagnostic]:
    """Return the diagnostics of a document, in order of place.

    While ``typing``, statements that can't be read keep the findings of when they last could, where their text
    is unchanged.
    """
    result = analysis.result
    found = [*result.errors, *result.findings, *(analysis.kept() if typing else ())]
    found.sort(key=lambda one: (one.span, one.rule))
    document, project = analysis.document, analysis.project
    known = project.loaded(project.settings(document.path)).known
    return [diagnostic(one, document, known) for one in found]


def diagnostic(finding: Finding, document: Document, known: Mapping[str, type[Rule]]) -> types.Diagnostic:
    """Return one finding as a diagnostic; its data name it for the quick fix. ``known`` are all rules by id."""
    places = document.places
    where = href(finding.rule, known)
    saves = f" (saves {saves_words(finding)})" if finding.saving else ""
    return types.Diagnostic(
        places.range(finding.span),
        f"{escape(finding.message)}{saves}",
        severity=_SEVERITIES[finding.severity],
        code=finding.rule,
        code_description=types.CodeDescription(where) if where else None,
        source=SOURCE,
        related_information=[
            types.DiagnosticRelatedInformation(
                types.Location(document.uri, places.range(one.span)), escape(one.message)
            )
            for one in finding.related
        ]
        or None,
        data=data_of(finding),
    )


def data_of(finding: Finding) -> dict[str, Any]:
    """Return what identifies a finding among those of its text."""
    fix = finding.fix
    return {
        "rule": finding.rule,
        "name": finding.name,
        "start": finding.span.start,
        "end": finding.span.end,
        "fix": {"title": fix.title, "safety": str(fix.safety)} if fix is not None else None,
    }


def href(rule: str, known: Mapping[str, type[Rule]]) -> str | None:
    """Return the address of a rule's page; None for a rule that is not our own."""
    found = known.get(rule)
    return _href(rule, found.__module__ if found is not None else "")


@lru_cache(maxsize=1024)
def _href(rule: str, module: str) -> str | None:
    del rule
    if module == _OWN:
        return f"{HOME}/blob/main/sqlopt/rules/own.py"
    if not module.startswith(_BUILT_IN):
        return None
    from sqlopt.rules.packs import builtin_folder

    path = Path(*module.removeprefix(_BUILT_IN).split(".")).with_suffix(".py")
    return f"{HOME}/blob/main/rules/{path.as_posix()}" if (builtin_folder() / path).is_file() else None


def identity(found: Iterable[types.Diagnostic]) -> str:
    """Return what stands for a list of diagnostics, so that an unchanged one need not be sent again."""
    return sha256(repr(list(found)).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def troubles(found: Iterable[Trouble], encoding: str) -> Iterator[tuple[str, types.Diagnostic]]:
    """Yield (URI, diagnostic) for what is wrong with configurations, catalogs and baselines."""
    for one in found:
        try:
            text = Path(one.path).read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            text = ""
        uri = from_fs_path(one.path)
        if uri is not None:
            yield (
                uri,
                types.Diagnostic(
                    Places(text, encoding).range(one.span),
                    escape(one.message),
                    severity=types.DiagnosticSeverity.Error,
                    source=SOURCE,
                ),
            )
