"""Rules of growth for expressions (see `rules`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp
from sqlglot.tokenizer_core import TokenType as T

from sqlopt.query.spans.moves import (
    alias_columns,
    balance,
    enclose,
    extent_of,
    first_of,
    grow_left,
    kind_at,
    named_call,
    prefix,
    seek,
    type_end,
    type_start,
    union,
    word_at,
)

if TYPE_CHECKING:
    from sqlopt.query.spans.extents import Layout
    from sqlopt.query.spans.moves import Extent, Rule

# Functions that sqlglot reads with parsers of their own and notes no position for.
_CALLS = frozenset(
    """
    APPROX_PERCENTILE APPROX_QUANTILE ARGMAX ARGMIN ARG_MAX ARG_MIN ARRAY CEIL CHAR CHR COLUMNS DATEPART
    DATE_PART DECODE EXTRACT FEATURES_AT_TIME FLOOR FORECAST GAP_FILL GENERATE_BOOL GENERATE_DOUBLE
    GENERATE_EMBEDDING GENERATE_INT GENERATE_TABLE GENERATE_TEXT GENERATE_TEXT_EMBEDDING INITCAP
    JSONB_EXISTS JSON_AGG JSON_ARRAY JSON_ARRAYAGG JSON_EXISTS JSON_EXTRACT JSON_OBJECT JSON_OBJECTAGG
    JSON_QUERY JSON_TABLE JSON_VALUE MAKE_INTERVAL MATCH MAX MAX_BY MEDIAN MIN MIN_BY NORMALIZE
    OBJECT_CONSTRUCT_KEEP_NULL OBJECT_TRANSFORM OPENJSON OVERLAY PERCENTILE PERCENTILE_APPROX POSITION
    PREDICT QUANTILE QUANTILE_CONT QUANTILE_DISC REGR_AVGX REGR_AVGY REGR_SXX REGR_SXY REGR_SYY SUBSTR
    SUBSTRING TO_NUMBER TRANSFORM TRANSLATE TRIM UNNEST VECTOR_SEARCH XMLELEMENT XMLTABLE
    """.split()  # noqa: SIM905 - a list of words
)
_CASTS = frozenset({"CAST", "TRY_CAST", "SAFE_CAST", "TRYCAST", "CONVERT", "TRY_CONVERT"})
_JOINED = frozenset({"STRING_AGG", "STRINGAGG", "LISTAGG", "GROUP_CONCAT", "GROUPCONCAT", "ARRAYJOIN"})
# Their text may be an operator, or none: they are what a function's argument was turned into.
_NO_CALL = (
    *(exp.Connector, exp.Binary, exp.Unary, exp.TsOrDsToDate, exp.TsOrDsToTimestamp, exp.RegexpLike),
    *(exp.RegexpILike, exp.Coalesce, exp.Concat, exp.ToArray, exp.ParseJSON, exp.Lower, exp.Upper),
)


# What negates a predicate from within; ALL stands for the ``<> ALL`` that `forms` reads as NOT IN.
_NEGATED = frozenset({"NOT", "!", "<>", "!="})


# ---- functions


def call(layout: Layout, head: int, hull: Extent | None) -> Extent:
    """Return the extent of a function whose name's token is known: up to its closing parenthesis."""
    closing = layout.match.get(head + 1, head) if kind_at(layout, head + 1) == T.L_PAREN else head
    return (head, closing) if hull is None else union((head, closing), hull)


def function(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    """Grow to NAME ( ... ) for a function whose name's token isn't known."""
    if isinstance(node, _NO_CALL) or id(node) in layout.known:
        return hull
    return named_call(layout, hull, _CALLS)


def cast(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    """``CAST(x AS t)``, ``x::t`` and ``DATE 'x'``."""
    this = extent_of(layout, node.this)
    to = node.args.get("to")
    if this is None:
        return hull
    after = this[1] + 1
    if kind_at(layout, after) in {T.DCOLON, T.DCOLONDOLLAR, T.DCOLONPERCENT, T.DCOLONQMARK}:
        kind = after + 1, type_end(layout, after + 1)
        layout.known[id(to)] = kind
        return union(hull, kind)
    call = named_call(layout, this, _CASTS)
    if call != this:
        if word_at(layout, after) == "AS" and after + 1 < call[1]:
            layout.known[id(to)] = (after + 1, min(type_end(layout, after + 1), call[1] - 1))
        return union(hull, call)
    before = this[0] - 1
    if kind_at(layout, before) == T.GT:  # ARRAY<INT64>[1, 2]
        start = type_start(layout, before)
        layout.known[id(to)] = (start, before)
        return union(hull, (start, this[1]))
    if layout.kinds[this[0]] == T.STRING and before >= 0:
        # TIMESTAMP WITH TIME ZONE '...' has more than one word
        start = before
        while start > 0 and layout.words[start] in {"ZONE", "TIME", "WITH", "WITHOUT", "LOCAL"}:
            start -= 1
            if layout.words[start] in {"TIMESTAMP", "TIME"} and layout.words[start + 1] in {
                "WITH",
                "WITHOUT",
            }:
                break
        layout.known[id(to)] = (start, before)
        return union(hull, (start, this[1]))
    return hull


def interval(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    """Grow over ``INTERVAL``'s value and unit."""
    start, end = hull
    if layout.kinds[start] != T.INTERVAL:
        return start, end
    if end == start:
        end = start + 1 if start + 1 < len(layout.kinds) else start
        if end in layout.match:
            end = layout.match[end]
    unit = node.args.get("unit")
    if unit is not None and extent_of(layout, unit) is None:
        words = {unit.name.upper(), f"{unit.name.upper()}S", unit.name.upper().removesuffix("S")}
        if word_at(layout, end + 1) in words:
            end += 1
            layout.known[id(unit)] = (end, end)
    return start, end


def window(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    """Grow to the end of ``OVER (...)`` or ``OVER name``."""
    this = extent_of(layout, node.this)
    if this is None:
        return hull
    over = this[1] + 1
    if word_at(layout, over) != "OVER":
        # a named window: name AS ( ... )
        return balance(layout, union(hull, _enclose_after(layout, this)))
    end = layout.match.get(over + 1, over + 1)
    spec = node.args.get("spec")
    if spec is not None:
        _place_spec(layout, spec, end)
    return union(hull, (over, end))


def _place_spec(layout: Layout, spec: exp.Expr, closing: int) -> None:
    """Place ``ROWS BETWEEN ...``: from its first word to the end of the window."""
    opening = layout.match.get(closing)
    if opening is None:
        return
    for index in range(closing - 1, opening, -1):
        if layout.words[index] in {"ROWS", "RANGE", "GROUPS"} and layout.inside[index] == opening:
            layout.known[id(spec)] = (index, closing - 1)
            return


def _enclose_after(layout: Layout, this: Extent) -> Extent:
    if word_at(layout, this[1] + 1) == "AS" and this[1] + 2 in layout.match:
        return this[0], layout.match[this[1] + 2]
    return this


def after_keyword(*words: str) -> Rule:
    """Make a rule for ``this KEYWORD ( ... )``: grow to the closing parenthesis."""

    def rule(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
        this = extent_of(layout, node.this)
        if this is None:
            return hull
        end = this[1]
        while word_at(layout, end + 1) in words:
            end += 1
        if end == this[1]:
            return hull
        return union(hull, (this[0], layout.match.get(end + 1, end)))

    return rule


def case(layout: Layout, _node: exp.Expr, hull: Extent) -> Extent:
    """Grow over CASE and END."""
    start, end = seek(layout, hull, "CASE", limit=3)
    return start, end + 1 if word_at(layout, end + 1) == "END" else end


def if_(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    """Grow over WHEN, or over the name and parentheses of the function."""
    if isinstance(node.parent, exp.Case):
        return grow_left(layout, hull, "WHEN")
    return named_call(layout, hull, frozenset({"IF", "IFF", "IIF"}))


# ---- predicates


def in_(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    """Grow to the closing parenthesis after IN."""
    this = extent_of(layout, node.this)
    if this is None:
        return hull
    index = this[1] + 1
    index += word_at(layout, index) == "NOT"
    if word_at(layout, index) == "GLOBAL":
        index += 1
    if word_at(layout, index) != "IN":
        return hull
    if index + 1 in layout.match:
        return union(hull, (index, layout.match[index + 1]))
    return union(hull, (index, index + 1)) if index + 1 < len(layout.kinds) else hull


def is_(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    """Grow over ISNULL and NOTNULL."""
    this = extent_of(layout, node.this)
    if this is not None and this == hull:
        end = this[1] + 1
        if kind_at(layout, end) in {T.ISNULL, T.NOTNULL}:
            return hull[0], end
    return hull


def not_(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    """``NOT x``; in ``x NOT IN ...`` and ``x !~~ y`` the word stands inside already."""
    inner = node.this
    if isinstance(inner, exp.Escape):
        inner = inner.this
    operand = extent_of(
        layout, inner.this if isinstance(inner, exp.Expr) and not isinstance(inner, exp.Paren) else None
    )
    if operand is not None and operand[0] == hull[0]:
        following = operand[1] + 1
        word = word_at(layout, following)
        inside = word in _NEGATED or (word == "IS" and word_at(layout, following + 1) == "NOT")
        if following <= hull[1] and inside:
            return hull
        if kind_at(layout, following) == T.NOTNULL:
            return hull[0], max(hull[1], following)
    before = hull[0] - 1
    if before >= 0 and (layout.words[before] in {"NOT", "!"}):
        return before, hull[1]
    return hull


def bracket(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    """Grow to the bracket that closes the subscript."""
    this = extent_of(layout, node.this) if isinstance(node.this, exp.Expr) else None
    if this is not None and kind_at(layout, this[1] + 1) == T.L_BRACKET:
        return union(hull, (this[1] + 1, layout.match.get(this[1] + 1, this[1] + 1)))
    return enclose(layout, hull)


def collection(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    """``[1, 2]``, ``{'a': 1}``, ``ARRAY[...]``, ``ARRAY(...)``, ``ARRAY<INT64>[...]``."""
    opening = layout.inside[hull[0]]
    closing = layout.match.get(opening, -1)
    if opening < 0 or closing <= hull[1]:
        return hull
    names = {"ARRAY"} if isinstance(node, exp.Array) else {"STRUCT", "ROW"}
    named = word_at(layout, opening - 1) in names
    if layout.kinds[opening] == T.L_PAREN and not named:
        return hull
    return union(hull, (opening - named, closing))


def to_map(layout: Layout, _node: exp.Expr, hull: Extent) -> Extent:
    """Grow over MAP."""
    return prefix("MAP")(layout, _node, hull)


def safe(layout: Layout, _node: exp.Expr, hull: Extent) -> Extent:
    """``SAFE.f(x)``."""
    return (hull[0] - 2, hull[1]) if word_at(layout, hull[0] - 2) == "SAFE" else hull


def joined(layout: Layout, _node: exp.Expr, hull: Extent) -> Extent:
    """``LISTAGG(a, ',') WITHIN GROUP (ORDER BY b)``."""
    start, end = named_call(layout, (hull[0], hull[0]), _JOINED)
    end = max(end, hull[1])
    if hull[1] > end or word_at(layout, layout.match.get(start + 1, end) + 1) in {"WITHIN", "WITHIN GROUP"}:
        end = balance(layout, (start, end))[1]
        end = max(end, layout.match.get(layout.inside[end], end)) if layout.inside[end] > start else end
    return start, end


def unnest(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    """Grow over the call, the alias and WITH OFFSET."""
    inner = first_of(layout, node.expressions)
    if inner is not None:
        call = named_call(layout, inner, frozenset({"UNNEST"}))
        hull = union(hull, call)
    hull = alias_columns(layout, node, hull)
    if word_at(layout, hull[1] + 1) == "WITH" and word_at(layout, hull[1] + 2) in {"OFFSET", "ORDINALITY"}:
        return hull[0], hull[1] + 2
    return hull


def json(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    """``a:b.c[0]``, ``a -> 'b'``: the path holds no position, so it is read off the tokens."""
    this = extent_of(layout, node.this)
    if this is None or hull[1] > this[1]:
        return named_call(layout, hull, _CALLS)
    end = this[1]
    if kind_at(layout, end + 1) in {T.ARROW, T.DARROW, T.HASH_ARROW, T.DHASH_ARROW}:
        end += 2
        end = layout.match.get(end, end)
        return hull[0], min(end, len(layout.kinds) - 1)
    if kind_at(layout, end + 1) != T.COLON:
        return hull
    while True:
        following = kind_at(layout, end + 1)
        if following in {T.COLON, T.DOT} and end + 2 < len(layout.kinds):
            end += 2
        elif following == T.L_BRACKET:
            end = layout.match.get(end + 1, end + 1)
        else:
            break
    path = node.args.get("expression")
    if path is not None:
        layout.known[id(path)] = (this[1] + 1, end)
    return hull[0], end


def parameter(layout: Layout, _node: exp.Expr, hull: Extent) -> Extent:
    """Grow over the marks before a parameter."""
    start, end = hull
    while start > 0 and layout.kinds[start - 1] in {T.PARAMETER, T.SESSION_PARAMETER, T.DOLLAR, T.COLON}:
        start -= 1
    return start, end
