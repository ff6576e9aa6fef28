"""Code actions: fixes with their verdict, all proved fixes at once, suppression, explanation, extraction."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from sqlopt.editor.diagnostics import diagnostic
from sqlopt.editor.extract import extraction
from sqlopt.editor.settings import Preferences
from sqlopt.query.text.lexer import chunks, reader
from sqlopt.rewrite.edits import Safety, Verdict
from sqlopt.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlopt.editor.analysis import Analysis, Reading
    from sqlopt.editor.documents import Document
    from sqlopt.rewrite.edits import Edit, Fix, Proof
    from sqlopt.rewrite.prove.effort import Limits
    from sqlopt.rules.finding import Finding

FIX_ALL = "source.fixAll.sqlopt"
EXPLAIN = "sqlopt.explain"
_REASON = "TODO: say why"
_NEVER_SUPPRESSED = frozenset({"SQL003", "SQL004", "SQL009"})
_COMMENT = re.compile(r"--|/\*|#")


class Actions:
    """The actions for a part of a document; made and asked in the worker.

    ``versioned`` says whether the client takes edits of a document's version; ``limits`` are those of each proof,
    None if there is to be none.
    """

    def __init__(self, analysis: Analysis, *, versioned: bool, limits: Limits | None) -> None:
        self.analysis = analysis
        self.document = analysis.document
        self._versioned = versioned
        self._limits = limits
        project = analysis.project
        self._known = project.loaded(project.settings(self.document.path)).known

    def at(self, span: Span, only: Iterable[str] | None) -> list[types.CodeAction]:
        """Return the actions for a span; ``only`` are the kinds that are wanted, None for all."""
        wanted = None if only is None else [str(getattr(one, "value", one)) for one in only]
        found = list(self._of_findings(span)) + list(self._extraction(span))
        kept = [one for one in found if _is_wanted(str(getattr(one.kind, "value", one.kind)), wanted)]
        if wanted is not None and _is_wanted(FIX_ALL, wanted):
            kept += self.fix_all()
        elif wanted is None and any(self._may_apply(one) for one in self.analysis.result.findings):
            kept.append(
                types.CodeAction("Make all fixes that are exact and proved", FIX_ALL, data=self.document.uri)
            )
        return kept

    def _of_findings(self, span: Span) -> Iterator[types.CodeAction]:
        result = self.analysis.result
        here = [one for one in (*result.findings, *result.errors) if _meet(one.span, span)]
        for one in here:
            if one.fix is not None:
                yield self._fix(one, one.fix)
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

    def _fix(self, finding: Finding, fix: Fix) -> types.CodeAction:
        proof = self.proof(fix)
        action = self._action(
            f"{fix.title} ({verdict(fix, proof)})", types.CodeActionKind.QuickFix, fix.edits, finding
        )
        action.is_preferred = True if fix.safety is Safety.EXACT and _is_proved(proof) else None
        return action

    def proof(self, fix: Fix) -> Proof | None:
        """Return what is known of a fix, asked for once; None in a template, and where there is no time for it."""
        if fix.proof is not None:
            return fix.proof
        kept = self.analysis.proofs
        if fix not in kept and self._limits is not None and self._limits.seconds > 0:
            try:
                found = self._judged(fix, self.document.text)
            except Exception:  # noqa: BLE001 - a fix that can't be judged is offered without a verdict
                found = None
            kept[fix] = found
        return kept.get(fix)

    def _judged(self, fix: Fix, text: str) -> Proof | None:
        limits = self._limits or Preferences().proof
        return self.analysis.project.proof(text, fix, self.document.path, limits.seconds, limits.effort)

    def _extraction(self, span: Span) -> Iterator[types.CodeAction]:
        found = extraction(self.analysis, span)
        if found is not None:
            name, edits = found
            yield self._action(f"Extract into the CTE {name}", types.CodeActionKind.RefactorExtract, edits)

    def fix_all(self) -> list[types.CodeAction]:
        """Return the action that makes every exact and proved fix, if there is one."""
        from sqlopt.project.fixing import fix_text

        document = self.document
        project = self.analysis.project

        def wanted(finding: Finding, text: str) -> bool:
            if not self._may_apply(finding) or finding.fix is None:
                return False
            return _is_proved(finding.fix.proof or self._judged(finding.fix, text))

        fixed = fix_text(project, document.text, document.path, wanted)
        if fixed.text == document.text:
            return []
        count = len(fixed.applied)
        title = f"Make {count} fix{'' if count == 1 else 'es'} that {'is' if count == 1 else 'are'} exact and proved"
        edits = [self._difference(fixed.text)]
        return [types.CodeAction(title, FIX_ALL, edit=self.workspace_edit(edits))]

    @staticmethod
    def _may_apply(finding: Finding) -> bool:
        return finding.fix is not None and finding.fix.safety is Safety.EXACT

    def _difference(self, after: str) -> types.TextEdit:
        from sqlopt.editor.documents import changed_middle

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


def verdict(fix: Fix, proof: Proof | None) -> str:
    """Return in a few words how sure a fix is."""
    if proof is None or proof.verdict is Verdict.UNKNOWN:
        return str(fix.safety)
    if proof.verdict is Verdict.TESTED:
        return f"{fix.safety}, tested on {proof.databases} databases"
    if proof.verdict is Verdict.REFUTED:
        return f"{fix.safety}, refuted by an example"
    return f"{fix.safety}, proved"


def _is_proved(proof: Proof | None) -> bool:
    return proof is not None and proof.verdict is Verdict.PROVED


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
    "suppression",
    "text_edits",
    "verdict",
    "workspace_edit",
]
