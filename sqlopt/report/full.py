"""``full``: the finding, the SQL with carets under it, its price and its fix. What people read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.report.summary import summary
from sqlopt.report.terminal import SEVERITY_COLORS, Paint, clip, expand, width
from sqlopt.report.words import Item, escape, items, now_and_after, saves_words, sure
from sqlopt.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.report import View
    from sqlopt.report.place import Lines
    from sqlopt.rewrite.edits import Fix
    from sqlopt.rules.finding import Report

_LONGEST_SPAN = 4
"""Lines up to which a span is shown whole; of a longer one the first and the last."""

_LONGEST_DIFF = 12


def render(report: Report, view: View) -> Iterator[str]:
    """Yield each finding as a block, then a summary."""
    paint = Paint(color=view.color)
    for item in items(report):
        yield "\n".join([*Block(item, paint, view.width).lines(), "", ""])
    if view.summary:
        yield from (f"{line}\n" for line in summary(report, paint, show_unread=view.show_unread))


class Block:
    """One finding, drawn for a terminal of ``room`` columns."""

    def __init__(self, item: Item, paint: Paint, room: int) -> None:
        self.file, self.finding, self.source = item
        self.paint = paint
        self.room = max(room, 40)
        spans = [self.finding.span, *(one.span for one in self.finding.related)]
        self.gutter = len(str(max(self.source.place(span.end).line for span in spans)))

    def lines(self) -> Iterator[str]:
        """Yield the lines of the block: place, message, SQL, price, fix and where to read on."""
        finding, paint = self.finding, self.paint
        line, column = self.source.place(finding.span.start)
        place = paint(f"{escape(self.file.path)}:{line}:{column}", "bold")
        rule = f"{paint(finding.rule, 'bold')} {escape(finding.name)}"
        yield f"{place}  {paint.severity(finding.severity)} {rule}"
        yield from self._wrapped(escape(finding.message))
        if self.source.text:
            yield self._bar("│")
            yield from self._excerpt(finding.span, "^", SEVERITY_COLORS[finding.severity])
            for related in finding.related:
                yield f"{self._bar('├')} {paint(escape(related.message), 'blue')}"
                yield from self._excerpt(related.span, "-", "blue")
            yield self._bar("│")
        yield from self._notes()

    def _bar(self, mark: str) -> str:
        return f"{' ' * self.gutter} {self.paint(mark, 'blue')}"

    def _notes(self) -> Iterator[str]:
        finding, paint = self.finding, self.paint
        lead = f"{self._bar('=')} "
        if finding.saving is not None:
            words = ": ".join(filter(None, (saves_words(finding), now_and_after(finding))))
            yield f"{lead}{paint('saves', 'green', 'bold')} {paint(escape(words), 'green')}"
        if finding.fix is not None:
            proof = finding.fix.proof
            yield f"{lead}{paint('fix', 'cyan', 'bold')} ({sure(finding.fix)}): {escape(finding.fix.title)}"
            yield from self._diff(finding.fix)
            for premise in proof.premises if proof else ():
                yield f"{lead}{paint('because', 'dim')} {escape(premise)}"
        yield f"{lead}{paint('help:', 'dim')} sqlopt explain {finding.rule}"

    def _wrapped(self, text: str) -> list[str]:
        from textwrap import wrap

        return wrap(text, self.room, initial_indent="  ", subsequent_indent="  ", break_long_words=False)

    def _excerpt(self, span: Span, mark: str, color: str) -> Iterator[str]:
        """Yield the lines of a span with marks beneath them."""
        first, last = self.source.ends(span)
        if last.column == 1 and last.line > first.line:
            last = self.source.place(span.end - 1)  # a span that ends with a line break
        whole = last.line - first.line < _LONGEST_SPAN
        for number in range(first.line, last.line + 1) if whole else (first.line, 0, last.line):
            if number == 0:
                yield self._bar("┆")
                continue
            text = self.source.line(number)
            start = first.column - 1 if number == first.line else len(text) - len(text.lstrip())
            end = last.column - 1 if number == last.line else len(text.rstrip())
            yield from self._marked(number, text, Span(start, max(start, end)), mark, color)

    def _marked(self, number: int, text: str, span: Span, mark: str, color: str) -> Iterator[str]:
        before, within, after = text[: span.start], span.of(text), text[span.end :]
        before, within, after = expand(before), expand(within), expand(after)
        line, start, end = clip(
            before + within + after, len(before), len(before) + len(within), self.room - self.gutter - 3
        )
        yield f"{self.paint(f'{number:>{self.gutter}}', 'blue')} {self.paint('│', 'blue')} {line}".rstrip()
        marks = self.paint(mark * max(1, width(line[start:end])), color, "bold")
        yield f"{self._bar('│')} {' ' * width(line[:start])}{marks}"

    def _diff(self, fix: Fix) -> Iterator[str]:
        """Yield the lines that the fix takes away and puts in."""
        shown = list(_changes(self.source, fix))
        for sign, line in shown[:_LONGEST_DIFF]:
            cut = clip(expand(line), 0, 0, self.room - self.gutter - 5)[0]
            yield f"{self._bar(' ')} {self.paint(f'{sign} {cut}', 'red' if sign == '-' else 'green')}"
        if len(shown) > _LONGEST_DIFF:
            yield f"{self._bar(' ')} {self.paint(f'… {len(shown) - _LONGEST_DIFF} more lines', 'dim')}"


def _changes(source: Lines, fix: Fix) -> Iterator[tuple[str, str]]:
    """Yield ``-`` and ``+`` with each line that a fix changes; unchanged lines are left out."""
    from difflib import SequenceMatcher

    if not fix.edits:
        return
    first = source.place(min(edit.span.start for edit in fix.edits)).line
    last = source.place(max(edit.span.end for edit in fix.edits)).line
    below = source.text.count("\n") + 1 - last
    after = fix.apply(source.text).split("\n")
    old = [source.line(number) for number in range(first, last + 1)]
    new = [line.removesuffix("\r") for line in after[first - 1 : len(after) - below]]
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            yield from (("-", line) for line in old[a:b])
            yield from (("+", line) for line in new[c:d])
