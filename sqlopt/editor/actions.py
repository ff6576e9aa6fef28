"""Code actions: fixes with their verdict, all sure fixes at once, suppression, explanation, extraction."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from sqlopt.editor.diagnostics import data_of, diagnostic
from sqlopt.editor.extract import extraction
from sqlopt.editor.settings import Preferences
from sqlopt.project.gate import Ruling, fault, judged, ruling
from sqlopt.project.gate.gate import Gate
from sqlopt.query.text.lexer import chunks, reader
from sqlopt.report.words import plural, sure, verdict_counts
from sqlopt.rewrite.edits import Safety
from sqlopt.span import Span, changed_middle

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlopt.editor.analysis import Analysis, Reading
    from sqlopt.editor.documents import Document
    from sqlopt.rewrite.edits import Edit
    from sqlopt.rewrite.prove.effort import Limits
    from sqlopt.rules.finding import Finding

FIX_ALL = "source.fixAll.sqlopt"
EXPLAIN = "sqlopt.explain"
_REASON = "TODO: say why"
_NEVER_SUPPRESSED = frozenset({"SQL003", "SQL004", "SQL009"})
_COMMENT = re.compile(r"--|/\*|#")


@dataclass(frozen=True)
class Offered:
    """Actions; findings on rules whose fixes are refuted; and a message to the person, if there is one."""

    actions: list[types.CodeAction] = field(default_factory=list)
    faults: list[Finding] = field(default_factory=list)
    message: str = ""


class Actions:
    """The actions for a part of a document; made and asked in the worker.

    ``versioned`` says whether the client takes edits of a document's version; ``limits`` are those of each proof. With
    None nothing is judged now: an exact fix comes without its edits, and is judged by `chosen`. ``faults`` gathers
    findings on rules whose fixes are refuted.
    """

    def __init__(self, analysis: Analysis, *, versioned: bool, limits: Limits | None) -> None:
        self.analysis = analysis
        self.document = analysis.document
        self._versioned = versioned
        self._limits = limits
        self.faults: list[Finding] = []
        project = analysis.project
        self._known = project.loaded(project.settings(self.document.path)).known

    def offered(self, place: types.Range, only: Iterable[str] | None) -> Offered:
        """Return the actions for a range, with the faults that showed."""
        return Offered(self.at(self.document.places.span(place), only), self.faults)

    def at(self, span: Span, only: Iterable[str] | None) -> list[types.CodeAction]:
        """Return the actions for a span; ``only`` are the kinds that are wanted, None for all."""
        wanted = None if only is None else [str(getattr(one, "value", one)) for one in only]
        found = list(self._of_findings(span)) + list(self._extraction(span))
        kept = [one for one in found if _is_wanted(str(getattr(one.kind, "value", one.kind)), wanted)]
        if wanted is not None and _is_wanted(FIX_ALL, wanted):
            kept += self.fix_all()
        elif wanted is None and any(_is_exact(one) for one in self.analysis.result.findings):
            title = "Make all fixes that are exact, and proved or tested"
            kept.append(types.CodeAction(title, FIX_ALL, data=self.document.uri))
        return kept

    def _of_findings(self, span: Span) -> Iterator[types.CodeAction]:
        result = self.analysis.result
        here = [one for one in (*result.findings, *result.errors) if _meet(one.span, span)]
        for one in here:
            offered = self._fix(one) if one.fix is not None else None
            if offered is not None:
                yield offered
        for one in here:
            if one.rule not in _NEVER_SUPPRESSED:
                edit = suppression(self.analysis, one)
                if edit is not None:
                    yield self._action(
                        f"Suppress {one.rule} here", types.CodeActionKind.QuickFix, [edit], one
                    )
        for rule in dict.fromkeys(one.rule for one in here):
            title = f"Explain {rule}"
            command = types.Command(title, EXPLAIN, arguments=[rule, self.document.uri])
            yield types.CodeAction(title, types.CodeActionKind.QuickFix, command=command)

    def _fix(self, finding: Finding) -> types.CodeAction | None:
        """Return the action that makes a fix; None for one that is refuted."""
        known = self._judged(finding, self._limits)
        fix = known.fix
        if fix is None or ruling(fix) is Ruling.NEVER:
            return None
        title = f"{fix.title} ({sure(fix)})"
        if fix.proof is None and fix.safety is Safety.EXACT:
            shown = [diagnostic(finding, self.document, self._known)]
            data = {"uri": self.document.uri, **data_of(finding)}
            return types.CodeAction(title, types.CodeActionKind.QuickFix, diagnostics=shown, data=data)
        action = self._action(title, types.CodeActionKind.QuickFix, fix.edits, finding)
        action.is_preferred = True if ruling(fix) is Ruling.MADE else None
        return action

    def chosen(self, data: Any) -> Offered:
        """Return an action that came without its edit, by its data, with it; with none and why if it is not made."""
        if not isinstance(data, dict):
            return Offered(self.fix_all(), self.faults)
        wanted = {key: data[key] for key in data if key != "uri"}
        found = next((one for one in self.analysis.result.findings if data_of(one) == wanted), None)
        if found is None:
            return Offered(message="the text has changed meanwhile")
        fix = self._judged(found, self._limits or Preferences().proof).fix
        if fix is not None and ruling(fix) is Ruling.MADE:
            action = self._action(fix.title, types.CodeActionKind.QuickFix, fix.edits, found)
            return Offered([action], self.faults)
        why = fix.proof.reason if fix is not None and fix.proof is not None else "it could not be judged"
        message = f"{found.rule}: the fix is not known to keep the result, and was not made: {why}"
        return Offered([], self.faults, message)

    def _judged(self, finding: Finding, limits: Limits | None) -> Finding:
        """Return a finding with the verdict on its fix, asked for once, if there is time for one."""
        fix, kept = finding.fix, self.analysis.proofs
        if fix is None or fix.proof is not None:
            return finding
        if fix not in kept and limits is not None and limits.seconds > 0:
            gate = Gate(self.analysis.project, limits)
            kept[fix] = gate.judge(self.document.text, self.document.path, [fix.edits])[0]
            if ruling(judged(finding, kept[fix]).fix or fix) is Ruling.NEVER:
                self.faults.append(fault(judged(finding, kept[fix])))
        return judged(finding, kept[fix]) if fix in kept else finding

    def _extraction(self, span: Span) -> Iterator[types.CodeAction]:
        found = extraction(self.analysis, span)
        if found is not None:
            name, edits = found
            yield self._action(f"Extract into the CTE {name}", types.CodeActionKind.RefactorExtract, edits)

    def fix_all(self) -> list[types.CodeAction]:
        """Return the action that makes every exact fix that is proved or tested, if there is one."""
        from sqlopt.project.fixing import fix_text

        document = self.document
        gate = Gate(self.analysis.project, self._limits or Preferences().proof)
        fixed = fix_text(gate, document.text, document.path)
        self.faults += fixed.faults
        if fixed.text == document.text:
            return []
        title = f"Make {plural(len(fixed.applied), 'fix', 'fixes')} ({verdict_counts(fixed.applied)})"
        edits = [self._difference(fixed.text)]
        return [types.CodeAction(title, FIX_ALL, edit=self.workspace_edit(edits))]

    def _difference(self, after: str) -> types.TextEdit:
        before = self.document.text
        start, end = changed_middle(before, after)
        return types.TextEdit(
            self.document.places.range(Span(start, len(before) - end)), after[start : len(after) - end]
        )

    def _action(
        self,
        title: str,
        kind: types.CodeActionKind,
        edits: Iterable[Edit],
        finding: Finding | None = None,
    ) -> types.CodeAction:
        shown = [diagnostic(finding, self.document, self._known)] if finding is not None else None
        return types.CodeAction(
            title, kind, diagnostics=shown, edit=self.workspace_edit(text_edits(self.document, edits))
        )

    def workspace_edit(self, edits: list[types.TextEdit]) -> types.WorkspaceEdit:
        """Return an edit of the document, of its version where the client minds that."""
        return workspace_edit({self.document: edits}, versioned=self._versioned)


def text_edits(document: Document, edits: Iterable[Edit]) -> list[types.TextEdit]:
    """Return edits of code points as edits of the client's positions."""
    return [types.TextEdit(document.places.range(one.span), one.text) for one in edits]


def workspace_edit(edits: dict[Document, list[types.TextEdit]], *, versioned: bool) -> types.WorkspaceEdit:
    """Return edits of several documents as one."""
    if not versioned:
        return types.WorkspaceEdit(changes={one.uri: several for one, several in edits.items()})
    changes: list[Any] = [
        types.TextDocumentEdit(
            types.OptionalVersionedTextDocumentIdentifier(one.uri, one.version if one.version >= 0 else None),
            list(several),
        )
        for one, several in edits.items()
    ]
    return types.WorkspaceEdit(document_changes=changes)


def _is_exact(finding: Finding) -> bool:
    return finding.fix is not None and finding.fix.safety is Safety.EXACT


def _is_wanted(kind: str, wanted: list[str] | None) -> bool:
    return wanted is None or any(kind == one or kind.startswith(f"{one}.") for one in wanted)


def _meet(one: Span, other: Span) -> bool:
    return one.start <= other.end and other.start <= max(one.end, one.start)


def suppression(analysis: Analysis, finding: Finding) -> Edit | None:
    """Return the comment that suppresses a finding: at the end of its line, else above it, else before it."""
    from sqlopt.rewrite.edits import Edit

    document = analysis.document
    places = document.places
    line = places.line(finding.span.start)
    start, end = places.line_start(line), places.line_end(line)
    words = f"-- sqlopt: ignore {finding.rule} {_REASON}"
    text = document.text
    reading = next((one for one in analysis.readings if one.offset(finding.span.start) is not None), None)
    if reading is None:
        return None
    tail = text[_last_code(reading, start, end) : end]
    if _is_free(reading, end) and not _COMMENT.search(tail):
        return Edit(Span(end - len(text[start:end]) + len(text[start:end].rstrip()), end), f"  {words}")
    if not _is_free(reading, start):
        at = finding.span.start
        block = Edit(Span(at, at), f"/* sqlopt: ignore {finding.rule} {_REASON} */ ")
        return block if _is_free(reading, at) else None
    indent = text[start:end][: len(text[start:end]) - len(text[start:end].lstrip())]
    return Edit(Span(start, start), f"{indent}{words}\n")


def _last_code(reading: Reading, start: int, end: int) -> int:
    """Return where the last token ends that ends on the line, in the document."""
    first, last = reading.offset(start), reading.offset(end)
    if first is None or last is None:
        return start
    ends = [token.end + 1 for token in _tokens(reading) if first < token.end + 1 <= last]
    return start + (max(ends) - first) if ends else start


def _is_free(reading: Reading, place: int) -> bool:
    """Whether a comment may begin at a place: the text stands there as it is read, and in no token."""
    offset = reading.offset(place)
    if offset is None or reading.place(Span(offset, offset), exact=True) != Span(place, place):
        return False
    return not any(token.start < offset <= token.end for token in _tokens(reading))


def _tokens(reading: Reading) -> Iterator[Any]:
    for chunk in chunks(reading.script.text, reader(reading.dialect)):
        yield from chunk.tokens


__all__ = [
    "EXPLAIN",
    "FIX_ALL",
    "Actions",
    "Offered",
    "suppression",
    "text_edits",
    "workspace_edit",
]
