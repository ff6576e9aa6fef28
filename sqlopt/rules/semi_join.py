"""A join that only asks for a partner, as EXISTS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.nodes import conjuncts
from sqlopt.query.values.volatility import chance
from sqlopt.rewrite.edits import Edit
from sqlopt.rules.wording import has_comment, like
from sqlopt.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlopt.query import Query, Scope
    from sqlopt.query.bind.model import Source


def as_exists(scope: Scope, other: Source, query: Query) -> Edit | None:
    """Return the edit that takes ``other`` out of a scope's FROM clause and asks for it in WHERE.

    Each row then comes out once, however many partners it has. None unless it is an inner join with ON, the last
    one, without comments about it, and nothing in the query is random.
    """
    node, join = scope.node, other.join
    on = join.args.get("on") if join is not None else None
    if join is None or on is None or join.side or join.method or chance(node) or node.args.get("laterals"):
        return None
    if join.parent is not node:
        return None  # it stands in parentheses with other joins
    if (join.kind or "").upper() not in ("", "INNER"):
        return None
    where = node.args.get("where")
    joined = query.span(join)
    start = len(query.source[: joined.start].rstrip())
    end = query.span(where).end if where is not None else joined.end
    text = query.source[start:end]
    between = query.source[joined.end : query.span(where).start] if where is not None else ""
    if has_comment(text) or between.strip() or has_comment(query.source[:start].rsplit("\n", 1)[-1]):
        return None
    inside: list[exp.Expr] = list(conjuncts(on))
    outside: list[exp.Expr] = []
    for one in conjuncts(where.this) if where is not None else ():
        (inside if other in (sources_read(scope, [one], query) or [other]) else outside).append(one)
    first = text.split()[0]
    where_, and_, exists = like("WHERE", first), like("AND", first), like("EXISTS", first)
    line, step = _layout(query.source, start, joined.start, query.span(node.args["from_"]).start)
    base = line + step if outside else line
    inner = base + step
    select = f"{like('SELECT', first)} 1{inner}{like('FROM', first)} {query.text(other.node)}"
    asked = f"{where_} " + f"{inner}{step}{and_} ".join(_factor(one, query) for one in inside)
    exists += f" ({inner}{select}{inner}{asked}{base})" if step else f" ({select} {asked})"
    parts = [*(_factor(one, query) for one in outside), exists]
    return Edit(Span(start, end), f"{line}{where_} " + f"{line}{step}{and_} ".join(parts))


def _layout(text: str, start: int, joined: int, from_: int) -> tuple[str, str]:
    """Return what begins a line as far in as FROM's, and a step further in; a blank and nothing for one line.

    Lines are broken where the join began one.
    """
    if "\n" not in text[start:joined]:
        return " ", ""
    end = "\r\n" if "\r\n" in text[start:joined] else "\n"
    before = text[text.rfind("\n", 0, from_) + 1 : from_]
    indent = before[: len(before) - len(before.lstrip())]
    return end + indent, "\t" if indent.startswith("\t") else "    "


def sources_read(scope: Scope, nodes: Iterable[exp.Expr], query: Query) -> list[Source] | None:
    """Return the sources of the scope that expressions read; None where a column can't be told."""
    found: list[Source] = []
    for node in nodes:
        for column in node.find_all(exp.Column):
            binding = query.binding(column)
            if binding is None or binding.source is None:
                return None
            if binding.source.scope is scope and binding.source not in found:
                found.append(binding.source)
    return found


def _factor(node: exp.Expr, query: Query) -> str:
    text = query.text(node)
    return f"({text})" if isinstance(node, (exp.Or, exp.Xor)) else text
