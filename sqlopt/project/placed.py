"""What is found in rendered SQL, brought back to the text that the person wrote."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlopt.rewrite.edits import Edit, edited
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


_Edits = tuple[Edit, ...]


class Placed:
    """Brings what was found in the scripts of one text back to it.

    ``again`` reads an edited text. A fix is kept only if each of its edits stands in the text character by
    character, and reading the edited text gives every script as it was meant: those that propose the fix with
    its edits, the others as they were. Of the rules ``absence``, which say that nothing uses something, only what
    all readings of a script say counts.
    """

    def __init__(
        self,
        text: str,
        scripts: list[Script],
        again: Callable[[str], list[Script]],
        absence: frozenset[str] = frozenset(),
    ) -> None:
        self.text = text
        self.scripts = scripts
        self._again = again
        self._absence = absence
        self._left = _READINGS

    def merged(self, results: Iterable[FileResult], whole: FileResult) -> FileResult:
        """Return ``whole`` with what was found in each script, in order of `scripts`; repeats are left out."""
        found = self._agreed(list(zip(self.scripts, results, strict=True)))
        kept = self._kept(found)
        findings: dict[tuple[str, Span, str], Finding] = {}
        errors: dict[tuple[str, Span, str], Finding] = {}
        notes = [note for one in self.scripts for _, note in one.notes]
        unread = {
            replace(one, span=script.source_map.place(one.span).span): None
            for script, result in found
            for one in result.unread
        }
        for script, result in found:
            notes += result.notes
            for target, several in ((findings, result.findings), (errors, result.errors)):
                for one in self._placed(script, several, kept):
                    target.setdefault((one.rule, one.span, one.message), one)
        return replace(
            whole,
            dialect=next((one.dialect for _, one in found if one.dialect), whole.dialect),
            findings=tuple(sorted(findings.values(), key=_place)),
            errors=tuple(sorted(errors.values(), key=_place)),
            statements=sum(one.statements for _, one in found),
            notes=tuple(dict.fromkeys(notes)),
            unread=tuple(sorted(unread, key=lambda one: one.span)),
        )

    def _agreed(self, found: list[tuple[Script, FileResult]]) -> list[tuple[Script, FileResult]]:
        """Leave out what one reading of a script calls unused and another does not."""
        said: dict[tuple[str, str, str, Span], set[str]] = {}
        readings: dict[str, set[str]] = {}
        for script, result in found:
            readings.setdefault(script.name, set()).add(script.variant)
            for one in result.findings:
                if one.rule in self._absence:
                    said.setdefault(self._key(script, one), set()).add(script.variant)
        return [
            (
                script,
                replace(
                    result,
                    findings=tuple(
                        one
                        for one in result.findings
                        if one.rule not in self._absence
                        or said[self._key(script, one)] == readings[script.name]
                    ),
                ),
            )
            for script, result in found
        ]

    @staticmethod
    def _key(script: Script, one: Finding) -> tuple[str, str, str, Span]:
        return script.name, one.rule, one.message, script.source_map.place(one.span).span

    def _placed(self, script: Script, found: Iterable[Finding], kept: set[_Edits]) -> Iterator[Finding]:
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
            edits = None if one.fix is None else _edits(script, one.fix)
            yield replace(
                one,
                span=place.span,
                fix=replace(one.fix, edits=edits) if one.fix is not None and edits in kept else None,
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

    def _kept(self, found: list[tuple[Script, FileResult]]) -> set[_Edits]:
        """Return the edits, placed in the text, of those fixes that keep what they promise."""
        proposed: dict[_Edits, dict[int, _Edits]] = {}
        kept: set[_Edits] = set()
        for number, (script, result) in enumerate(found):
            for fix in filter(None, (one.fix for one in result.findings)):
                edits = _edits(script, fix)
                if edits is not None and script.source_map.is_identity:
                    kept.add(edits)
                elif edits is not None:
                    proposed.setdefault(edits, {})[number] = fix.edits
        for group in _apart(list(proposed)):
            kept |= self._verified(group, proposed)
        return kept

    def _verified(self, group: list[_Edits], proposed: dict[_Edits, dict[int, _Edits]]) -> set[_Edits]:
        """Return those of ``group`` that do what they promise: all at once, or else each half by itself."""
        if not group or not self._left:
            return set()
        self._left -= 1
        after = edited(self.text, dict.fromkeys(edit for edits in group for edit in edits))
        again = {(one.name, one.variant): one.text for one in self._again(after)}
        for number, script in enumerate(self.scripts):
            own = [edit for edits in group for edit in proposed[edits].get(number, ())]
            if again.get((script.name, script.variant)) != edited(script.text, dict.fromkeys(own)):
                half = len(group) // 2
                if not half:
                    return set()
                return self._verified(group[:half], proposed) | self._verified(group[half:], proposed)
        return set(group)


_READINGS = 32
"""How often a text is read again for the sake of its fixes."""


def _edits(script: Script, fix: Fix) -> _Edits | None:
    """Return a fix's edits in the script's file; None where one stands in no text of it."""
    if not all(script.source_map.exact(edit.span) for edit in fix.edits):
        return None
    return tuple(Edit(script.source_map.place(edit.span).span, edit.text) for edit in fix.edits)


def _apart(fixes: list[_Edits]) -> list[list[_Edits]]:
    """Sort fixes into groups within which no edits touch."""
    groups: list[list[_Edits]] = []
    for one in fixes:
        for group in groups:
            if not any(_touch(a.span, b.span) for other in group for a in one for b in other):
                group.append(one)
                break
        else:
            groups.append([one])
    return groups


def _touch(one: Span, other: Span) -> bool:
    return one.start <= other.end and other.start <= one.end


def _place(finding: Finding) -> tuple[Span, str, str]:
    return finding.span, finding.rule, finding.message
