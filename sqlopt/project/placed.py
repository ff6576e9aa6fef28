"""What is found in rendered SQL, brought back to the text that the person wrote."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlopt.rewrite.edits import Edit
from sqlopt.rules.finding import Related
from sqlopt.source.map import Quality
from sqlopt.span import Span, line_and_column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sqlopt.rewrite.edits import Fix
    from sqlopt.rules.finding import FileResult, Finding
    from sqlopt.source.map import Script

_HOW = {
    Quality.EXPRESSION: "the value of this expression",
    Quality.MACRO: "what this macro returns",
    Quality.APPROXIMATE: "about here",
    Quality.FILE: "somewhere in this file",
}


class Placed:
    """Brings what was found in the scripts of one text back to it.

    ``again`` reads an edited text; a fix is kept only if each of its edits stands in the text character by
    character, and reading the edited text gives the script that was meant.
    """

    def __init__(self, text: str, scripts: list[Script], again: Callable[[str], list[Script]]) -> None:
        self.text = text
        self.scripts = scripts
        self._again = again

    def merged(self, results: Iterable[FileResult], whole: FileResult) -> FileResult:
        """Return ``whole`` with what was found in each script, in order of `scripts`; repeats are left out."""
        findings: dict[tuple[str, Span, str], Finding] = {}
        errors: dict[tuple[str, Span, str], Finding] = {}
        statements = 0
        dialect = ""
        notes = [note for one in self.scripts for _, note in one.notes]
        for script, result in zip(self.scripts, results, strict=True):
            statements += result.statements
            dialect = dialect or result.dialect
            notes += result.notes
            for target, found in ((findings, result.findings), (errors, result.errors)):
                for one in self._placed(script, found):
                    target.setdefault((one.rule, one.span, one.message), one)
        return replace(
            whole,
            dialect=dialect or whole.dialect,
            findings=tuple(sorted(findings.values(), key=_place)),
            errors=tuple(sorted(errors.values(), key=_place)),
            statements=statements,
            notes=tuple(dict.fromkeys(notes)),
        )

    def _placed(self, script: Script, found: Iterable[Finding]) -> Iterator[Finding]:
        for one in found:
            place = script.source_map.place(one.span)
            related = [replace(item, span=script.source_map.place(item.span).span) for item in one.related]
            if place.quality is not Quality.EXACT:
                related.append(
                    Related(place.span, f"this is {_HOW[place.quality]}{self._inner(place.inner)}")
                )
            evidence = one.evidence
            where = ", ".join(filter(None, (script.name, script.variant)))
            if where:
                evidence = (*evidence, ("in", where))
            yield replace(
                one,
                span=place.span,
                fix=self._fix(script, one.fix) if one.fix is not None else None,
                related=tuple(related),
                evidence=evidence,
            )

    def _inner(self, inner: tuple[str, Span] | None) -> str:
        if inner is None:
            return ""
        from sqlopt.source.files import read_text

        path, span = inner
        line, _ = line_and_column(read_text(path), span.start)
        return f", from {path}:{line}"

    def _fix(self, script: Script, fix: Fix) -> Fix | None:
        if script.source_map.is_identity:
            return fix
        if not all(script.source_map.exact(edit.span) for edit in fix.edits):
            return None
        edits = tuple(Edit(script.source_map.place(edit.span).span, edit.text) for edit in fix.edits)
        placed = replace(fix, edits=edits)
        wanted = fix.apply(script.text)
        same = (script.name, script.variant)
        for one in self._again(placed.apply(self.text)):
            if (one.name, one.variant) == same and one.text == wanted:
                return placed
        return None


def _place(finding: Finding) -> tuple[Span, str, str]:
    return finding.span, finding.rule, finding.message
