"""Which tokens belong to a node beside those of its descendants, by its kind.

Each rule takes the layout, the node and the hull of what is located of it, and returns the node's
extent: two token indices, both inclusive. A rule that doesn't find what it looks for returns the hull.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp
from sqlglot.tokenizer_core import TokenType as T

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlopt.query.extents import Layout

    Extent = tuple[int, int]
    Rule = Callable[[Layout, exp.Expr, Extent], Extent]

OPENING = frozenset({T.L_PAREN, T.L_BRACKET, T.L_BRACE})
CLOSING = frozenset({T.R_PAREN, T.R_BRACKET, T.R_BRACE})
NAMES_AND_VALUES = frozenset({T.VAR, T.IDENTIFIER, T.STRING, T.NUMBER, T.RAW_STRING, T.HEREDOC_STRING})
LONE = (exp.Identifier, exp.Literal, exp.Star, exp.Var, exp.Null, exp.Boolean, exp.Column, exp.Table)

_JOIN_WORDS = frozenset(
    "JOIN INNER LEFT RIGHT FULL OUTER CROSS NATURAL SEMI ANTI ASOF STRAIGHT_JOIN GLOBAL ANY POSITIONAL".split()  # noqa: SIM905
)
_STAR_WORDS = frozenset({"EXCEPT", "EXCLUDE", "REPLACE", "RENAME", "ILIKE"})
_APPLY = frozenset({"APPLY", "OUTER", "CROSS"})
_ORDER_WORDS = frozenset({"ASC", "DESC", "NULLS", "FIRST", "LAST"})
_LIMIT_WORDS = frozenset({"PERCENT", "ROW", "ROWS", "ONLY", "WITH", "TIES"})
_SELECT_WORDS = frozenset({"DISTINCT", "ALL", "AS", "STRUCT", "VALUE", "TOP", "ON"})
# Functions that sqlglot reads with parsers of their own and notes no position for.
_CALLS = frozenset(
    """
    APPROX_PERCENTILE APPROX_QUANTILE ARGMAX ARGMIN ARG_MAX ARG_MIN ARRAY CEIL CHAR CHR COLUMNS DATEPART
    DATE_PART DECODE EXTRACT FEATURES_AT_TIME FLOOR FORECAST GAP_FILL GENERATE_BOOL GENERATE_DOUBLE
    GENERATE_EMBEDDING GENERATE_INT GENERATE_TABLE GENERATE_TEXT GENERATE_TEXT_EMBEDDING INITCAP JSONB_EXISTS
    JSON_AGG JSON_ARRAY JSON_ARRAYAGG JSON_EXISTS JSON_EXTRACT JSON_OBJECT JSON_OBJECTAGG JSON_QUERY JSON_TABLE
    JSON_VALUE MAKE_INTERVAL MATCH MAX MAX_BY MEDIAN MIN MIN_BY NORMALIZE OBJECT_CONSTRUCT_KEEP_NULL
    OBJECT_TRANSFORM OPENJSON OVERLAY PERCENTILE PERCENTILE_APPROX POSITION PREDICT QUANTILE QUANTILE_CONT
    QUANTILE_DISC REGR_AVGX REGR_AVGY REGR_SXX REGR_SXY REGR_SYY SUBSTR SUBSTRING TO_NUMBER TRANSFORM TRANSLATE
    TRIM UNNEST VECTOR_SEARCH XMLELEMENT XMLTABLE
    """.split()  # noqa: SIM905 - a list of words
)
_CASTS = frozenset({"CAST", "TRY_CAST", "SAFE_CAST", "TRYCAST", "CONVERT", "TRY_CONVERT"})
_JOINED = frozenset({"STRING_AGG", "STRINGAGG", "LISTAGG", "GROUP_CONCAT", "GROUPCONCAT", "ARRAYJOIN"})
# Their text may be an operator, or none: they are what a function's argument was turned into.
_NO_CALL = (
    *(exp.Connector, exp.Binary, exp.Unary, exp.TsOrDsToDate, exp.TsOrDsToTimestamp, exp.RegexpLike),
    *(exp.RegexpILike, exp.Coalesce, exp.Concat, exp.ToArray, exp.ParseJSON, exp.Lower, exp.Upper),
)


def grow(layout: Layout, node: exp.Expr) -> Extent | None:
    """Return the extent of ``node`` once its children's are known, or None if nothing is located."""
    own = layout.known.get(id(node))
    hull = layout.hull(node)
    if own is not None:
        hull = own if hull is None else (min(own[0], hull[0]), max(own[1], hull[1]))
    head = layout.heads.get(id(node))
    if head is not None:
        return _call(layout, node, head, hull)
    kind = type(node)
    if hull is None:
        empty = _EMPTY.get(kind)
        return empty(layout, node) if empty else None
    rule = _rule(kind)
    return rule(layout, node, hull) if rule else hull


# ---- tools


def _join(one: Extent, other: Extent) -> Extent:
    return min(one[0], other[0]), max(one[1], other[1])


def _left(layout: Layout, hull: Extent, *words: str) -> Extent:
    """Grow to the left over these words."""
    start, end = hull
    while start > 0 and layout.words[start - 1] in words:
        start -= 1
    return start, end


def _right(layout: Layout, hull: Extent, words: frozenset[str]) -> Extent:
    start, end = hull
    while end + 1 < len(layout.words) and layout.words[end + 1] in words:
        end += 1
    return start, end


def _seek(layout: Layout, hull: Extent, *words: str, limit: int = 12) -> Extent:
    """Grow to the left up to the nearest of these words within the same brackets."""
    index = hull[0] - 1
    for _ in range(limit):
        if index < 0:
            break
        if layout.words[index] in words:
            return index, hull[1]
        if layout.kinds[index] in OPENING:
            break
        index = layout.match.get(index, index) - 1 if layout.kinds[index] in CLOSING else index - 1
    return hull


def _wrap(layout: Layout, hull: Extent) -> Extent:
    """Grow over the brackets right around the hull."""
    start, end = hull
    if start > 0 and layout.match.get(start - 1) == end + 1:
        return start - 1, end + 1
    return hull


def _enclose(layout: Layout, hull: Extent) -> Extent:
    """Grow to the innermost brackets around the hull, whatever else they hold."""
    opening = layout.inside[hull[0]]
    closing = layout.match.get(opening, -1)
    return (opening, closing) if opening >= 0 and closing > hull[1] else hull


def _balance(layout: Layout, hull: Extent) -> Extent:
    """Grow so that every bracket in the hull has its partner."""
    start, end = hull
    index = start
    while index <= end:
        partner = layout.match.get(index)
        if partner is not None:
            start, end = min(start, partner), max(end, partner)
            index = max(index, partner) if partner > index else index
        index += 1
    return start, end


def _word(layout: Layout, index: int) -> str:
    return layout.words[index] if 0 <= index < len(layout.words) else ""


def _kind(layout: Layout, index: int) -> T | None:
    return layout.kinds[index] if 0 <= index < len(layout.kinds) else None


def _of(layout: Layout, node: exp.Expr | None) -> Extent | None:
    return None if node is None else layout.known.get(id(node))


def _type_end(layout: Layout, index: int) -> int:
    """The last token of the type name that starts at ``index``."""
    end = index
    size = len(layout.kinds)
    while end + 1 < size:
        kind = layout.kinds[end + 1]
        word = layout.words[end + 1]
        if kind in {T.L_PAREN, T.L_BRACKET} and end + 1 in layout.match:
            end = layout.match[end + 1]
        elif kind == T.LT:
            depth = 0
            for ahead in range(end + 1, size):
                depth += (layout.kinds[ahead] == T.LT) - (layout.kinds[ahead] == T.GT)
                if depth == 0:
                    end = ahead
                    break
            else:
                return end
        elif word in {"PRECISION", "VARYING", "UNSIGNED"}:
            end += 1
        elif word in {"WITH", "WITHOUT"} and _word(layout, end + 3) == "ZONE":
            end += 3
        elif word in {"WITH", "WITHOUT"} and _word(layout, end + 4) == "ZONE":
            end += 4
        else:
            break
    return end


def _type_start(layout: Layout, index: int) -> int:
    """Return the first token of the type whose closing ``>`` is at ``index``."""
    depth = 0
    while index > 0:
        depth += (layout.kinds[index] == T.GT) - (layout.kinds[index] == T.LT)
        index -= 1
        if not depth:
            break
    return index


# ---- functions


def _call(layout: Layout, node: exp.Expr, head: int, hull: Extent | None) -> Extent:
    """A function whose name's token is known: up to its closing parenthesis."""
    own = (head, layout.match.get(head + 1, head) if _kind(layout, head + 1) == T.L_PAREN else head)
    if hull is None or isinstance(node, exp.Func):
        return own if hull is None else _join(own, hull)
    return _join(own, hull)


def _function(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    """A function whose name's token isn't known: NAME ( ... ) around what is."""
    if isinstance(node, _NO_CALL) or id(node) in layout.known:
        return hull
    return _named_call(layout, hull, _CALLS)


def _named_call(layout: Layout, hull: Extent, names: frozenset[str]) -> Extent:
    opening = layout.inside[hull[0]]
    if opening > 0 and layout.kinds[opening] == T.L_PAREN and _word(layout, opening - 1) in names:
        closing = layout.match.get(opening, -1)
        if closing > hull[1]:
            return opening - 1, closing
    return hull


def _cast(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    """``CAST(x AS t)``, ``x::t`` and ``DATE 'x'``."""
    this = _of(layout, node.this)
    to = node.args.get("to")
    if this is None:
        return hull
    after = this[1] + 1
    if _kind(layout, after) in {T.DCOLON, T.DCOLONDOLLAR, T.DCOLONPERCENT, T.DCOLONQMARK}:
        kind = after + 1, _type_end(layout, after + 1)
        layout.known[id(to)] = kind
        return _join(hull, kind)
    call = _named_call(layout, this, _CASTS)
    if call != this:
        if _word(layout, after) == "AS" and after + 1 < call[1]:
            layout.known[id(to)] = (after + 1, min(_type_end(layout, after + 1), call[1] - 1))
        return _join(hull, call)
    before = this[0] - 1
    if _kind(layout, before) == T.GT:  # ARRAY<INT64>[1, 2]
        start = _type_start(layout, before)
        layout.known[id(to)] = (start, before)
        return _join(hull, (start, this[1]))
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
        return _join(hull, (start, this[1]))
    return hull


def _interval(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    start, end = hull
    if layout.kinds[start] != T.INTERVAL:
        return start, end
    if end == start:
        end = start + 1 if start + 1 < len(layout.kinds) else start
        if end in layout.match:
            end = layout.match[end]
    unit = node.args.get("unit")
    if unit is not None and _of(layout, unit) is None:
        words = {unit.name.upper(), f"{unit.name.upper()}S", unit.name.upper().removesuffix("S")}
        if _word(layout, end + 1) in words:
            end += 1
            layout.known[id(unit)] = (end, end)
    return start, end


def _window(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    this = _of(layout, node.this)
    if this is None:
        return hull
    over = this[1] + 1
    if _word(layout, over) != "OVER":
        # a named window: name AS ( ... )
        return _balance(layout, _join(hull, _enclose_after(layout, this)))
    end = layout.match.get(over + 1, over + 1)
    spec = node.args.get("spec")
    if spec is not None:
        _spec(layout, spec, end)
    return _join(hull, (over, end))


def _spec(layout: Layout, spec: exp.Expr, closing: int) -> None:
    """Place ``ROWS BETWEEN ...``: from its first word to the end of the window."""
    opening = layout.match.get(closing)
    if opening is None:
        return
    for index in range(closing - 1, opening, -1):
        if layout.words[index] in {"ROWS", "RANGE", "GROUPS"} and layout.inside[index] == opening:
            layout.known[id(spec)] = (index, closing - 1)
            return


def _enclose_after(layout: Layout, this: Extent) -> Extent:
    if _word(layout, this[1] + 1) == "AS" and this[1] + 2 in layout.match:
        return this[0], layout.match[this[1] + 2]
    return this


def _after_keyword(*words: str) -> Rule:
    """``this KEYWORD ( ... )``: grow to the closing parenthesis."""

    def rule(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
        this = _of(layout, node.this)
        if this is None:
            return hull
        end = this[1]
        while _word(layout, end + 1) in words:
            end += 1
        if end == this[1]:
            return hull
        return _join(hull, (this[0], layout.match.get(end + 1, end)))

    return rule


def _case(layout: Layout, _node: exp.Expr, hull: Extent) -> Extent:
    start, end = _seek(layout, hull, "CASE", limit=3)
    return start, end + 1 if _word(layout, end + 1) == "END" else end


def _if(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    if isinstance(node.parent, exp.Case):
        return _left(layout, hull, "WHEN")
    return _named_call(layout, hull, frozenset({"IF", "IFF", "IIF"}))


# ---- predicates


def _in(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    this = _of(layout, node.this)
    if this is None:
        return hull
    index = this[1] + 1
    index += _word(layout, index) == "NOT"
    if _word(layout, index) == "GLOBAL":
        index += 1
    if _word(layout, index) != "IN":
        return hull
    if index + 1 in layout.match:
        return _join(hull, (index, layout.match[index + 1]))
    return _join(hull, (index, index + 1)) if index + 1 < len(layout.kinds) else hull


def _is(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    this = _of(layout, node.this)
    if this is not None and this == hull:
        end = this[1] + 1
        if _kind(layout, end) in {T.ISNULL, T.NOTNULL}:
            return hull[0], end
    return hull


def _not(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    """``NOT x``; in ``x NOT IN ...`` the word stands inside already."""
    inner = node.this
    operand = _of(
        layout, inner.this if isinstance(inner, exp.Expr) and not isinstance(inner, exp.Paren) else None
    )
    if operand is not None and operand[0] == hull[0]:
        following = operand[1] + 1
        inside = _word(layout, following) == "NOT" or (
            _word(layout, following) == "IS" and _word(layout, following + 1) == "NOT"
        )
        if following <= hull[1] and inside:
            return hull
        if _kind(layout, following) == T.NOTNULL:
            return hull[0], max(hull[1], following)
    before = hull[0] - 1
    if before >= 0 and (layout.words[before] in {"NOT", "!"}):
        return before, hull[1]
    return hull


def _prefix(*words: str) -> Rule:
    def rule(layout: Layout, _node: exp.Expr, hull: Extent) -> Extent:
        before = hull[0] - 1
        return (before, hull[1]) if before >= 0 and layout.words[before] in words else hull

    return rule


def _wrapped(*words: str) -> Rule:
    """In brackets of its own, after at most one of these words."""

    def rule(layout: Layout, _node: exp.Expr, hull: Extent) -> Extent:
        start, end = _wrap(layout, hull)
        if start > 0 and layout.words[start - 1] in words:
            start -= 1
        return start, end

    return rule


def _bracket(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    this = _of(layout, node.this) if isinstance(node.this, exp.Expr) else None
    if this is not None and _kind(layout, this[1] + 1) == T.L_BRACKET:
        return _join(hull, (this[1] + 1, layout.match.get(this[1] + 1, this[1] + 1)))
    return _enclose(layout, hull)


def _collection(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    """``[1, 2]``, ``{'a': 1}``, ``ARRAY[...]``, ``ARRAY(...)``, ``ARRAY<INT64>[...]``."""
    opening = layout.inside[hull[0]]
    closing = layout.match.get(opening, -1)
    if opening < 0 or closing <= hull[1]:
        return hull
    names = {"ARRAY"} if isinstance(node, exp.Array) else {"STRUCT", "ROW"}
    named = _word(layout, opening - 1) in names
    if layout.kinds[opening] == T.L_PAREN and not named:
        return hull
    return _join(hull, (opening - named, closing))


def _to_map(layout: Layout, _node: exp.Expr, hull: Extent) -> Extent:
    return _prefix("MAP")(layout, _node, hull)


def _safe(layout: Layout, _node: exp.Expr, hull: Extent) -> Extent:
    """``SAFE.f(x)``."""
    return (hull[0] - 2, hull[1]) if _word(layout, hull[0] - 2) == "SAFE" else hull


def _joined(layout: Layout, _node: exp.Expr, hull: Extent) -> Extent:
    """``LISTAGG(a, ',') WITHIN GROUP (ORDER BY b)``."""
    start, end = _named_call(layout, (hull[0], hull[0]), _JOINED)
    end = max(end, hull[1])
    if hull[1] > end or _word(layout, layout.match.get(start + 1, end) + 1) in {"WITHIN", "WITHIN GROUP"}:
        end = _balance(layout, (start, end))[1]
        end = max(end, layout.match.get(layout.inside[end], end)) if layout.inside[end] > start else end
    return start, end


def _unnest(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    inner = _first_of(layout, node.expressions)
    if inner is not None:
        call = _named_call(layout, inner, frozenset({"UNNEST"}))
        hull = _join(hull, call)
    hull = _alias_columns(layout, node, hull)
    if _word(layout, hull[1] + 1) == "WITH" and _word(layout, hull[1] + 2) in {"OFFSET", "ORDINALITY"}:
        return hull[0], hull[1] + 2
    return hull


def _first_of(layout: Layout, nodes: list[exp.Expr]) -> Extent | None:
    return next((found for found in (layout.known.get(id(node)) for node in nodes) if found), None)


def _json(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    """``a:b.c[0]``, ``a -> 'b'``: the path holds no position, so it is read off the tokens."""
    this = _of(layout, node.this)
    if this is None or hull[1] > this[1]:
        return _named_call(layout, hull, _CALLS)
    end = this[1]
    if _kind(layout, end + 1) in {T.ARROW, T.DARROW, T.HASH_ARROW, T.DHASH_ARROW}:
        end += 2
        end = layout.match.get(end, end)
        return hull[0], min(end, len(layout.kinds) - 1)
    if _kind(layout, end + 1) != T.COLON:
        return hull
    while True:
        following = _kind(layout, end + 1)
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


def _parameter(layout: Layout, _node: exp.Expr, hull: Extent) -> Extent:
    start, end = hull
    while start > 0 and layout.kinds[start - 1] in {T.PARAMETER, T.SESSION_PARAMETER, T.DOLLAR, T.COLON}:
        start -= 1
    return start, end


# ---- queries


def _star(layout: Layout, _node: exp.Expr, hull: Extent) -> Extent:
    start, end = _balance(layout, hull)
    while _word(layout, end + 1) in _STAR_WORDS and end + 2 in layout.match:
        end = layout.match[end + 2]
    return start, end


def _select(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    first = _first_of(layout, node.expressions)
    start, end = hull
    if first is not None:
        found = _seek(layout, first, "SELECT", limit=64)
        start = min(start, found[0])
    return start, end


def _clause(*words: str) -> Rule:
    """A clause that starts with these words, of which the last stands right before the hull."""

    def rule(layout: Layout, _node: exp.Expr, hull: Extent) -> Extent:
        return _left(layout, hull, *words)

    return rule


def _group(layout: Layout, _node: exp.Expr, hull: Extent) -> Extent:
    start, end = _prefix("GROUP BY")(layout, _node, hull)
    if _word(layout, end + 1) == "WITH" and _word(layout, end + 2) in {"ROLLUP", "CUBE", "TOTALS"}:
        end += 2
    return start, end


def _ordered(layout: Layout, _node: exp.Expr, hull: Extent) -> Extent:
    return _right(layout, hull, _ORDER_WORDS)


def _limit(layout: Layout, _node: exp.Expr, hull: Extent) -> Extent:
    hull = _balance(layout, hull)
    if _word(layout, hull[0] - 1) in {"FIRST", "NEXT"} and _word(layout, hull[0] - 2) == "FETCH":
        return _right(layout, (hull[0] - 2, hull[1]), _LIMIT_WORDS)
    return _right(layout, _prefix("LIMIT", "OFFSET", "TOP")(layout, _node, hull), _LIMIT_WORDS)


def _subquery(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    this = _of(layout, node.this)
    if this is not None:
        wrapped = _wrap(layout, this)
        if layout.kinds[wrapped[0]] == T.L_PAREN:
            hull = _join(hull, wrapped)
    return _alias_columns(layout, node, hull)


def _alias_columns(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    """Take in the closing parenthesis of an alias's column list, too."""
    alias = node.args.get("alias")
    found = _of(layout, alias) if isinstance(alias, exp.Expr) else None
    return hull if found is None else _join(hull, found)


def _table_alias(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    columns = _first_of(layout, node.args.get("columns") or [])
    if columns is not None and hull[0] < columns[0] and layout.inside[columns[0]] > hull[0]:
        return _join(hull, _enclose(layout, columns))
    return hull


def _table(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    hull = _balance(layout, _alias_columns(layout, node, hull))
    if (
        hull[0] > 0
        and _word(layout, hull[0] - 1) == "TABLE"
        and hull[0] > 1
        and layout.kinds[hull[0] - 1] == T.L_PAREN
    ):
        return hull
    return hull


def _join_clause(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    start, end = hull
    if _kind(layout, start - 1) == T.COMMA:
        return start - 1, end
    while start > 0 and layout.words[start - 1] in _JOIN_WORDS | _APPLY:
        start -= 1
    using = node.args.get("using")
    if using:
        last = layout.known.get(id(using[-1]))
        if last is not None:
            end = max(end, _enclose(layout, last)[1])
    return start, end


def _cte(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    this = _of(layout, node.this)
    return hull if this is None else _join(hull, _wrap(layout, this))


def _alias(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    return _balance(layout, hull)


def _sample(layout: Layout, _node: exp.Expr, hull: Extent) -> Extent:
    return _seek(layout, _enclose(layout, hull), "TABLESAMPLE", "SAMPLE", "USING", limit=4)


def _lateral(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    return _left(layout, _alias_columns(layout, node, hull), "LATERAL", "VIEW", "OUTER")


def _pivot(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    first = _first_of(layout, node.expressions) or hull
    return _join(hull, _seek(layout, _enclose(layout, first), "PIVOT", "UNPIVOT", limit=4))


def _values(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    rows = _first_of(layout, node.expressions)
    if rows is None:
        return hull
    grown = _join(hull, _left(layout, rows, "VALUES"))
    return _alias_columns(layout, node, _wrap(layout, grown) if isinstance(node.parent, exp.From) else grown)


# ---- statements


def _when(layout: Layout, _node: exp.Expr, hull: Extent) -> Extent:
    start, end = _seek(layout, hull, "WHEN", limit=12)
    if _word(layout, end + 1) == "THEN":
        end += 1
        while end + 1 < len(layout.words) and layout.words[end + 1] not in {"WHEN", ""}:
            end += 1
    return start, end


def _column_def(layout: Layout, node: exp.Expr, hull: Extent) -> Extent:
    """``name type constraints``, up to the comma or the bracket that ends it."""
    this = _of(layout, node.this)
    if this is None:
        return hull
    kind = node.args.get("kind")
    end = this[1]
    if kind is not None and end + 1 < len(layout.kinds):
        layout.known[id(kind)] = end + 1, _type_end(layout, end + 1)
        end = layout.known[id(kind)][1]
    while _kind(layout, end + 1) not in {T.COMMA, None} and layout.kinds[end + 1] not in CLOSING:
        end = layout.match.get(end + 1, end + 1)
    return _join(hull, (this[0], end))


def _property(layout: Layout, _node: exp.Expr, hull: Extent) -> Extent:
    start, end = _wrap(layout, hull)
    return _left(
        layout, (start, end), "PARTITION BY", "PARTITIONED BY", "CLUSTER BY", "OPTIONS", "PARTITIONED", "BY"
    )


def _empty_wrapped(_layout: Layout, _node: exp.Expr) -> Extent | None:
    return None


_EMPTY: dict[type[exp.Expr], Callable[[Layout, exp.Expr], Extent | None]] = {}

_RULES: list[tuple[type[exp.Expr], Rule]] = [
    (exp.Cast, _cast),
    (exp.Interval, _interval),
    (exp.Window, _window),
    (exp.Filter, _after_keyword("FILTER")),
    (exp.WithinGroup, _after_keyword("WITHIN", "GROUP", "WITHIN GROUP")),
    (exp.IgnoreNulls, _after_keyword("IGNORE", "NULLS", "IGNORE NULLS")),
    (exp.RespectNulls, _after_keyword("RESPECT", "NULLS", "RESPECT NULLS")),
    (exp.Case, _case),
    (exp.If, _if),
    (exp.In, _in),
    (exp.Is, _is),
    (exp.Not, _not),
    (exp.Neg, _prefix("-")),
    (exp.BitwiseNot, _prefix("~")),
    (exp.Prior, _prefix("PRIOR")),
    (exp.Paren, _wrapped()),
    (exp.Tuple, _wrapped()),
    (exp.Exists, _wrapped("EXISTS")),
    (exp.Any, _wrapped("ANY", "SOME")),
    (exp.All, _wrapped("ALL")),
    (exp.Bracket, _bracket),
    (exp.Array, _collection),
    (exp.Struct, _collection),
    (exp.ToMap, _to_map),
    (exp.SafeFunc, _safe),
    (exp.GroupConcat, _joined),
    (exp.Unnest, _unnest),
    (exp.JSONExtract, _json),
    (exp.JSONExtractScalar, _json),
    (exp.JSONBExtract, _json),
    (exp.JSONBExtractScalar, _json),
    (exp.Parameter, _parameter),
    (exp.SessionParameter, _parameter),
    (exp.Placeholder, _parameter),
    (exp.Star, _star),
    (exp.Distinct, _clause("DISTINCT")),
    (exp.Select, _select),
    (exp.With, _clause("WITH", "RECURSIVE")),
    (exp.From, _clause("FROM")),
    (exp.Where, _clause("WHERE")),
    (exp.Having, _clause("HAVING")),
    (exp.Qualify, _clause("QUALIFY")),
    (exp.Group, _group),
    (exp.Rollup, _wrapped("ROLLUP")),
    (exp.Cube, _wrapped("CUBE")),
    (exp.GroupingSets, _wrapped("GROUPING SETS")),
    (exp.Order, _clause("ORDER BY")),
    (exp.Sort, _clause("SORT BY")),
    (exp.Cluster, _clause("CLUSTER BY")),
    (exp.Distribute, _clause("DISTRIBUTE BY")),
    (exp.Ordered, _ordered),
    (exp.Limit, _limit),
    (exp.Fetch, _limit),
    (exp.Offset, _limit),
    (exp.Subquery, _subquery),
    (exp.TableAlias, _table_alias),
    (exp.Table, _table),
    (exp.Join, _join_clause),
    (exp.CTE, _cte),
    (exp.Alias, _alias),
    (exp.Aliases, _alias),
    (exp.TableSample, _sample),
    (exp.Lateral, _lateral),
    (exp.Pivot, _pivot),
    (exp.Values, _values),
    (exp.When, _when),
    (exp.ColumnDef, _column_def),
    (exp.Property, _property),
    (exp.Func, _function),
]
_FOUND: dict[type[exp.Expr], Rule | None] = {}


def _rule(kind: type[exp.Expr]) -> Rule | None:
    """The rule of a class or of the first of the list that it is a subclass of."""
    if kind not in _FOUND:
        _FOUND[kind] = next((rule for base, rule in _RULES if issubclass(kind, base)), None)
    return _FOUND[kind]
