"""SQL patterns with placeholders (``:x``), as house rules use them: parse, match, fill in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from sqlopt.errors import PackError
from sqlopt.query.text.forms import settled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlopt.query import Query

Bound = dict[str, "exp.Expr | list[exp.Expr]"]
"""What each placeholder stands for; ``:any`` and its like stand for lists."""

_MARK = "sqlopt__"
_PLACEHOLDER = re.compile(r"""'(?:[^']|'')*'|"[^"]*"|`[^`]*`|(?<![:\w]):([A-Za-z_]\w*)""")
_OPERATORS = (exp.Binary, exp.Unary, exp.Between, exp.In)
_LOOSE = (exp.Connector, exp.Not)


def placeholders(text: str) -> set[str]:
    """Return the names of the placeholders in a pattern or template, without the colon."""
    return {found.group(1) for found in _PLACEHOLDER.finditer(text) if found.group(1)}


def parse(text: str, dialect: str, *, general: bool = False) -> exp.Expr:
    """Parse a pattern. Raises `PackError` where the dialect can't read it.

    ``general`` admits a single placeholder, which as a pattern would match everything.

    Placeholders become names that no one writes, for a colon means something else at some places of
    some dialects.
    """
    named = _PLACEHOLDER.sub(lambda found: f"{_MARK}{found[1]}" if found[1] else found[0], text)
    try:
        tree = settled(parse_one(named, dialect=dialect))
    except SqlglotError as error:
        raise PackError(f"the pattern {text!r} can't be parsed as {dialect}") from error
    if isinstance(tree, exp.Command) or (_placeholder(tree) and not general):
        raise PackError(f"the pattern {text!r} is too general")
    return tree


def match(pattern: exp.Expr, node: exp.Expr) -> Bound | None:
    """Return what the placeholders stand for if ``node`` has the shape of ``pattern``, else None.

    A placeholder that stands twice must stand for equal trees. A name without qualifier matches a
    qualified one; names compare without case. A SELECT may have clauses that the pattern has not.
    """
    bound: Bound = {}
    return bound if _matches(pattern, node, bound) else None


def _placeholder(node: object) -> str | None:
    """Return the name of the placeholder that a node of a pattern is, or None."""
    if isinstance(node, exp.Column | exp.Table):
        parts = node.parts
        return _placeholder(parts[0]) if len(parts) == 1 else None
    if isinstance(node, exp.Identifier) and node.name.startswith(_MARK):
        return node.name[len(_MARK) :]
    return None


def _is_any(node: object) -> bool:
    return (_placeholder(node) or "").startswith("any")


def _matches(pattern: object, node: object, bound: Bound) -> bool:
    if isinstance(pattern, list) and isinstance(node, list):
        return _lists_match(pattern, node, bound)
    if not isinstance(pattern, exp.Expr) or not isinstance(node, exp.Expr):
        return pattern == node or (not pattern and not node)
    name = _placeholder(pattern)
    if name is not None:
        return bound.setdefault(name, node) == node
    pattern, node = _bare(pattern), _bare(node)
    if type(pattern) is not type(node):
        return False
    if isinstance(pattern, exp.Identifier):
        return pattern.name.casefold() == node.name.casefold()
    keys = {key for key, value in pattern.args.items() if value}
    if isinstance(pattern, exp.Func) and _is_any(pattern.this) and keys == {"this"}:
        arguments = [node.this, *node.expressions]
        return _lists_match([pattern.this], arguments, bound)
    if not isinstance(pattern, exp.Column | exp.Table | exp.Select):
        keys |= {key for key, value in node.args.items() if value}
    return all(_matches(pattern.args.get(key), node.args.get(key), bound) for key in sorted(keys))


def _lists_match(pattern: list[object], node: list[object], bound: Bound) -> bool:
    if len(pattern) == 1 and _is_any(pattern[0]):
        name = _placeholder(pattern[0]) or ""
        found = [one for one in node if isinstance(one, exp.Expr)]
        return bound.setdefault(name, found) == found
    return len(pattern) == len(node) and all(
        _matches(mine, theirs, bound) for mine, theirs in zip(pattern, node, strict=True)
    )


def _bare(node: exp.Expr) -> exp.Expr:
    while isinstance(node, exp.Paren):
        node = node.this
    return node


# ---- filling in


def texts(bound: Bound, query: Query) -> dict[str, str]:
    """Return each placeholder's text as the person wrote it."""
    return {name: _text(found, query) for name, found in bound.items()}


def _text(found: exp.Expr | list[exp.Expr], query: Query) -> str:
    if isinstance(found, exp.Expr):
        return query.text(found)
    return query.span(found[0]).hull(query.span(found[-1])).of(query.source) if found else ""


def say(message: str, words: Mapping[str, str]) -> str:
    """Return a message with its placeholders replaced by what was found, shortened."""

    def word(found: re.Match[str]) -> str:
        text = " ".join(words.get(found[1], found[0]).split()) if found[1] else found[0]
        return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 - a message is one line

    return _PLACEHOLDER.sub(word, message)


def fill(template: str, root: exp.Expr, node: exp.Expr, bound: Bound, words: Mapping[str, str]) -> str:
    """Return ``template`` with its placeholders replaced, parenthesised where precedence asks for it.

    ``root`` is the parsed template, ``node`` what it is to replace.
    """

    def piece(found: re.Match[str]) -> str:
        name = found[1]
        if not name:
            return found[0]
        before, after = template[: found.start()].rstrip(), template[found.end() :].lstrip()
        alone = (not before or before[-1] in "(,") and (not after or after[0] in "),")
        compound = isinstance(bound[name], _OPERATORS)
        return f"({words[name]})" if compound and not alone else words[name]

    text = _PLACEHOLDER.sub(piece, template)
    return f"({text})" if _needs_parentheses(root, node.parent) else text


def _needs_parentheses(root: exp.Expr, parent: exp.Expr | None) -> bool:
    if not isinstance(root, _OPERATORS) or isinstance(root, exp.Paren):
        return False
    if isinstance(parent, _LOOSE):
        return isinstance(root, _LOOSE) and not (
            type(root) is type(parent) and isinstance(root, exp.And | exp.Or)
        )
    return isinstance(parent, (*_OPERATORS, exp.Cast)) and not isinstance(parent, exp.Paren)
