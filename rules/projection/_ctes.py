"""Where a CTE stands in the text. Helper of this pack's rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlopt.span import Span

if TYPE_CHECKING:
    from sqlglot import exp

    from sqlopt.query import Query


def cut_of(cte: exp.CTE, query: Query) -> Span | None:
    """Return the text to remove so that a WITH clause loses the CTE, or goes with its last one; None with a comment."""
    with_ = cte.parent
    if with_ is None:
        return None
    ctes = with_.expressions
    place = next(i for i, one in enumerate(ctes) if one is cte)
    if len(ctes) == 1:
        span = query.span(with_)
        body = query.source[span.end :]
        cut = Span(span.start, span.end + len(body) - len(body.lstrip()))
    elif place + 1 < len(ctes):
        cut = Span(query.span(cte).start, query.span(ctes[place + 1]).start)
    else:
        cut = Span(query.span(ctes[place - 1]).end, query.span(cte).end)
    removed = cut.of(query.source)
    return None if "--" in removed or "/*" in removed else cut
