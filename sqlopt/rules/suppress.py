"""Suppression comments: ``-- sqlopt: ignore PRN002 reason`` and ``ignore-file``.

At the end of a line a comment covers the findings that start on that line. Alone on its line it covers
the next line of code, or the whole statement where that line begins one.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from sqlopt.rewrite.edits import Edit, Fix, Safety
from sqlopt.rules.finding import Finding
from sqlopt.rules.own import (
    SuppressionWithoutReason,
    UnknownSuppression,
    UnparsableStatement,
    UnusedSuppression,
)
from sqlopt.span import Span

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from sqlopt.rules.finding import FileResult
    from sqlopt.rules.rule import Rule

MARK = "sqlopt:"
"""A text without it holds no suppression."""

_DIRECTIVE = re.compile(r"\s*sqlopt:\s*([\w-]+)[ \t:=]*")
_RULE = r"[A-Za-z][\w-]*"
_RULES = re.compile(rf"{_RULE}(?:\s*,\s*{_RULE})*")
_OPENERS = re.compile(r"/\*|\{#|--|#|//")
_CLOSERS = re.compile(r"/\*|\*/")


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment: its ``span`` with the marks around it, and the ``body`` between them."""

    span: Span
    body: Span


@dataclass(frozen=True, slots=True)
class Suppression:
    """What one comment asks for.

    ``rules`` are the spans of the rules it names; ``scope`` is where findings have to start;
    ``reason`` is why, or empty. ``directive`` is ``ignore``, ``ignore-file`` or something unknown.
    """

    comment: Comment
    directive: str
    rules: tuple[Span, ...]
    reason: str
    scope: Span


class _Layout:
    """The code and comments of a text, as the dialect's tokenizer sees them."""

    def __init__(self, text: str, dialect: str, statements: Iterable[Span]) -> None:
        self.text = text
        self.statements = sorted(statements)
        self.code = _code(text, dialect)
        self.starts = [span.start for span in self.code]

    @cached_property
    def comments(self) -> list[Comment]:
        """All comments, from the gaps between tokens."""
        edges = [0, *(edge for span in self.code for edge in (span.start, span.end)), len(self.text)]
        gaps = zip(edges[::2], edges[1::2], strict=True)
        return [
            comment
            for start, end in gaps
            if self.text.find(MARK, start, end) >= 0
            for comment in _comments(self.text, start, end)
        ]

    def lines(self, span: Span) -> Span:
        """Return the whole lines that ``span`` touches, with the line break."""
        start = self.text.rfind("\n", 0, span.start) + 1
        end = self.text.find("\n", max(span.end - 1, span.start))
        return Span(start, len(self.text) + 1 if end < 0 else end + 1)

    def has_code(self, span: Span) -> bool:
        """Whether a token starts or goes on within ``span``."""
        at = bisect_left(self.starts, span.end) - 1
        return at >= 0 and self.code[at].end > span.start

    def scope(self, comment: Comment) -> Span:
        """Return where a finding must start to be covered by ``comment``."""
        lines = self.lines(comment.span)
        if self.has_code(lines):
            return lines
        at = bisect_right(self.starts, comment.span.start)
        if at == len(self.code):
            return lines
        here = self.code[at]
        before = self.code[at - 1].end if at else 0
        for statement in self.statements:
            if before <= statement.start <= here.start < statement.end:
                return statement
        return self.lines(Span(here.start, here.start + 1))


def _code(text: str, dialect: str) -> list[Span]:
    """Return the spans of all tokens, and of what can't be read as tokens."""
    from sqlopt.query.text.lexer import chunks, reader

    spans: list[Span] = []
    unread: int | None = None
    for chunk in chunks(text, reader(dialect)):
        if unread is not None and chunk.tokens:
            spans.append(Span(unread, chunk.tokens[0].start))
            unread = None
        for token in chunk.tokens:
            start, end = token.start, token.end + 1
            if spans and end - start < len(token.text):
                start = spans[-1].end  # what follows a command is one token, whose start is not kept
            spans.append(Span(start, end))
        if chunk.failure is not None and unread is None:
            unread = chunk.failure.span.start
    return spans if unread is None else [*spans, Span(unread, len(text))]


def _comments(text: str, start: int, end: int) -> Iterator[Comment]:
    """Yield the comments of a gap between two tokens."""
    while opener := _OPENERS.search(text, start, end):
        mark = opener.group()
        if mark == "/*":
            stop, body = _block_end(text, opener.end(), end)
        elif mark == "{#":
            body = text.find("#}", opener.end(), end)
            body = end if body < 0 else body
            stop = min(body + 2, end)
        else:
            body = text.find("\n", opener.end(), end)
            stop = body = end if body < 0 else body
        yield Comment(Span(opener.start(), stop), Span(opener.end(), body))
        start = stop


def _block_end(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the ends of a block comment, which may nest, and of its body."""
    depth = 1
    for mark in _CLOSERS.finditer(text, start, end):
        depth += 1 if mark.group() == "/*" else -1
        if not depth:
            return mark.end(), mark.start()
    return end, end


def find(text: str, dialect: str, statements: Iterable[Span]) -> list[Suppression]:
    """Return the suppressions of a text; ``statements`` are the spans of its statements."""
    if MARK not in text:
        return []
    layout = _Layout(text, dialect, statements)
    found = (_suppression(comment, layout) for comment in layout.comments)
    return [one for one in found if one is not None]


def _suppression(comment: Comment, layout: _Layout) -> Suppression | None:
    text = layout.text
    directive = _DIRECTIVE.match(text, comment.body.start, comment.body.end)
    if directive is None:
        return None
    named = _RULES.match(text, directive.end(), comment.body.end)
    rules: list[Span] = []
    reason = directive.end()
    if named is not None:
        found = re.compile(_RULE).finditer(text, named.start(), named.end())
        rules = [Span(*one.span()) for one in found]
        reason = named.end()
    word = directive.group(1).lower()
    scope = Span(0, len(text) + 1) if word == "ignore-file" else layout.scope(comment)
    return Suppression(
        comment, word, tuple(rules), text[reason : comment.body.end].strip(" \t\r\n()-:."), scope
    )


@dataclass(frozen=True, slots=True)
class Ran:
    """The rules that ran, and the ids of those that crashed.

    ``known`` are all rules by id, run or not; None stands for the built-in and installed ones.
    """

    rules: Collection[type[Rule]]
    known: Mapping[str, type[Rule]] | None = None
    crashed: Collection[str] = ()


def apply(result: FileResult, statements: Iterable[Span], ran: Ran) -> FileResult:
    """Return ``result`` without what its comments suppress, and with our own findings on the comments.

    ``statements`` are the spans of its statements. A rule that did not run, or that crashed, is never
    called unused. Of the errors only an unparsable statement can be suppressed.
    """
    if MARK not in result.text:
        return result
    work = _Work(result.text, ran)
    suppressions = find(result.text, result.dialect, statements)
    named = [work.named(one) for one in suppressions]
    findings = [one for one in result.findings if not work.covered(one, named)]
    errors = [
        one for one in result.errors if one.rule != UnparsableStatement.id or not work.covered(one, named)
    ]
    for suppression, rules in zip(suppressions, named, strict=True):
        findings += work.judged(suppression, rules)
    findings.sort(key=lambda one: (one.span, one.rule, one.message))
    return replace(result, findings=tuple(findings), errors=tuple(errors))


@dataclass(slots=True)
class _Named:
    """A rule that a comment names, and whether it suppressed something."""

    rule: str
    span: Span
    scope: Span
    used: bool = False


class _Work:
    """What `apply` knows: the text, and the rules that a comment can name."""

    def __init__(self, text: str, ran: Ran) -> None:
        self.text = text
        known = ran.known
        if known is None:
            from sqlopt.rules.packs import load_packs

            known = load_packs()
        self.ran = {rule.id for rule in ran.rules}
        self.crashed = frozenset(ran.crashed)
        self.known = {**known, **{rule.id: rule for rule in ran.rules}}
        self.ids = {rule.name: one for one, rule in self.known.items()}

    def named(self, suppression: Suppression) -> list[_Named]:
        """Return the known rules that a suppression names."""
        if suppression.directive not in ("ignore", "ignore-file"):
            return []
        ids = ((self._id(span), span) for span in suppression.rules)
        return [_Named(one, span, suppression.scope) for one, span in ids if one]

    def _id(self, span: Span) -> str | None:
        name = span.of(self.text)
        return name.upper() if name.upper() in self.known else self.ids.get(name.lower().replace("_", "-"))

    def covered(self, finding: Finding, named: Iterable[list[_Named]]) -> bool:
        """Whether a comment covers ``finding``; marks every one that does as used."""
        covering = [
            one
            for group in named
            for one in group
            if one.rule == finding.rule and one.scope.start <= finding.span.start < one.scope.end
        ]
        for one in covering:
            one.used = True
        return bool(covering)

    def judged(self, suppression: Suppression, named: list[_Named]) -> Iterator[Finding]:
        """Yield our own findings on one comment."""
        for span, message in self._faults(suppression):
            yield from self._own(UnknownSuppression, message, span)
        unused = [one for one in named if not one.used and self._ran(one.rule)]
        if unused:
            names = ", ".join(one.span.of(self.text) for one in unused)
            message = f"nothing to suppress here: {names}; delete the comment"
            gone = {one.span for one in unused}
            if len(gone) < len(suppression.rules):
                message = f"nothing to suppress here: {names}; delete it from the comment"
            fix = self._without(suppression, gone)
            yield from self._own(UnusedSuppression, message, suppression.comment.span, fix)
        if named and not suppression.reason:
            example = f"-- sqlopt: {suppression.directive} {named[0].span.of(self.text)} reason"
            message = f"this suppression gives no reason; say why: {example}"
            yield from self._own(SuppressionWithoutReason, message, suppression.comment.span)

    def _ran(self, rule: str) -> bool:
        return rule in self.ran and rule not in self.crashed

    def _faults(self, suppression: Suppression) -> Iterator[tuple[Span, str]]:
        from sqlopt.rules.packs import did_you_mean

        comment = suppression.comment.span
        if suppression.directive not in ("ignore", "ignore-file"):
            yield comment, f"unknown directive {suppression.directive!r}; there are ignore and ignore-file"
        elif not suppression.rules:
            yield comment, "this suppression names no rule, and so suppresses nothing; name the rule's id"
        else:
            for span in suppression.rules:
                if self._id(span) is None:
                    name = span.of(self.text)
                    yield span, f"there is no rule {name!r}{did_you_mean(name, self.known)}"

    def _without(self, suppression: Suppression, gone: set[Span]) -> Fix:
        """Return the fix that deletes the rules ``gone`` from the comment, or all of it."""
        kept = [span.of(self.text) for span in suppression.rules if span not in gone]
        if kept:
            listed = suppression.rules[0].hull(suppression.rules[-1])
            edit = Edit(listed, ", ".join(kept))
        else:
            edit = Edit(self._with_blanks(suppression.comment.span), "")
        return Fix("Delete what suppresses nothing", (edit,), Safety.EXACT)

    def _with_blanks(self, span: Span) -> Span:
        """Return ``span`` with the blanks before it, and the line break where nothing else is on the line."""
        text = self.text
        start = len(text[: span.start].rstrip(" \t"))
        end = span.end
        rest = re.compile(r"[ \t]*(\r?\n|\Z)").match(text, end)
        alone = start == 0 or text[start - 1] == "\n"
        if rest is None:  # code follows: blanks stay on one side, so that tokens stay apart
            return span if alone else Span(start, end)
        return Span(start, rest.end() if alone else rest.start(1))

    def _own(self, rule: type[Rule], message: str, span: Span, fix: Fix | None = None) -> Iterator[Finding]:
        if rule.id in self.ran:
            yield Finding(rule.id, rule.name, rule.severity, message, span, fix)
