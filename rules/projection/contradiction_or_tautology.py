"""A condition that no value fulfils, or that every value does.

**Why** A contradiction returns nothing, every time, and the statement still costs its run; a tautology
filters nothing and hides what was meant.

**Valid when**
1. Every value fulfils the condition: all that it does is to drop NULLs, as `x IS NOT NULL` says openly. (`x = x` is
   not the same as TRUE.) Where no comparison is true of NaN (BigQuery), x is of a type without it.
2. It stands in WHERE, HAVING, QUALIFY or the ON of a join among conditions joined by AND and OR, where NULL counts as
   false.

A contradiction has no rewrite: which of the two sides was meant is for a person to say.

**Bad**
```sql
-- catalog: postgres
SELECT user_id FROM users WHERE signup_date > DATE '2026-01-01' OR signup_date <= DATE '2026-01-01'
```
```sql
-- catalog: postgres
SELECT user_id FROM users WHERE user_id > 10 AND user_id < 5
```
```sql
-- catalog: postgres
SELECT user_id FROM users WHERE country = 'NL' AND country = 'BE'
```
```sql
-- catalog: postgres
SELECT user_id FROM users WHERE signup_date BETWEEN '2026-02-01' AND '2026-01-01'
```
```sql
-- catalog: postgres
SELECT user_id FROM users WHERE user_id > 5 OR user_id <= 5
```
```sql
-- catalog: postgres
SELECT user_id FROM users WHERE country = 'NL' AND country NOT IN ('NL', 'BE')
```
```sql
-- catalog: postgres
SELECT user_id FROM users WHERE user_id IN (1, 2) AND user_id IN (3, 4)
```
```sql
-- catalog: postgres
SELECT user_id FROM users WHERE user_id IN (1, 2) AND NOT user_id IN (1, 2, 3)
```
```sql
-- catalog: postgres
SELECT user_id FROM users WHERE country IS NULL AND country = 'NL'
```

**Fixed**
```sql
-- catalog: postgres
SELECT user_id FROM users WHERE signup_date IS NOT NULL
```

**Good**
```sql
-- catalog: postgres
SELECT user_id FROM users WHERE user_id > 5 AND user_id < 10
```
```sql
-- catalog: postgres
SELECT user_id FROM users WHERE 1 = 1 AND country = 'NL'
```
```sql
-- catalog: postgres
SELECT user_id FROM users WHERE false
```
```sql
-- catalog: postgres
SELECT user_id FROM users WHERE signup_date IS NULL OR signup_date >= '2026-01-01'
```
```sql
-- catalog: postgres
SELECT user_id FROM users WHERE signup_date IS NULL OR signup_date IS NOT NULL
```
```sql
-- catalog: postgres
-- Two texts, unless a collation takes them for one.
SELECT user_id FROM users WHERE country = 'NL' AND country NOT IN ('nl', 'BE')
```
```sql
-- catalog: postgres
SELECT user_id FROM users WHERE country IS NULL AND COALESCE(country, 'NL') = 'NL'
```
```sql
-- catalog: postgres
SELECT user_id FROM users WHERE user_id IN (1, 2) AND user_id NOT IN (2, 3)
```

**Sources** https://www.postgresql.org/docs/current/functions-comparison.html (checked 2026-11-23). The rest is
arithmetic of intervals under SQL's three-valued logic. NaN: https://www.postgresql.org/docs/current/datatype-numeric.html
(it is the greatest number) and https://cloud.google.com/bigquery/docs/reference/standard-sql/operators (checked
2026-12-01).
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from sqlopt.query.bind.nodes import conjuncts
from sqlopt.query.text.forms import bounds
from sqlopt.query.values.calendar import family
from sqlopt.query.values.constants import constant, fold_cast
from sqlopt.query.values.intervals import Ranges
from sqlopt.query.values.truth import can_be_true
from sqlopt.query.values.volatility import chance
from sqlopt.rules import Context, Edit, Fix, Hit, Related, Rule, Safety, Severity
from sqlopt.warehouses.semantics import Nan, semantics

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query
    from sqlopt.query.values.intervals import Scalar

_MAKE = {
    exp.EQ: Ranges.point,
    exp.LT: Ranges.less_than,
    exp.LTE: Ranges.at_most,
    exp.GT: Ranges.more_than,
    exp.GTE: Ranges.at_least,
}
_MOST_ARMS = 200  # an OR of more is a list, and no slip of the pen
_MIRROR = {
    exp.EQ: exp.EQ,
    exp.NEQ: exp.NEQ,
    exp.LT: exp.GT,
    exp.LTE: exp.GTE,
    exp.GT: exp.LT,
    exp.GTE: exp.LTE,
}

Name = tuple[type[exp.Expr], str]
_COMPARED = (*_MIRROR, exp.In, exp.Between)


class ContradictionOrTautology(Rule):
    id = "SCN012"
    severity = Severity.WARNING
    match = (exp.Where, exp.Having, exp.Join, exp.Qualify)

    def guard(self, target: exp.Expr, context: Context) -> Iterator[Hit]:
        condition = target.args.get("on") if isinstance(target, exp.Join) else target.this
        if condition is not None:
            yield from _conjunction(condition, context.query)

    # An OR's arms are conjunctions of their own.

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        # 1. and 2.
        text = hit.span.of(context.query.source)
        if hit.data is None or "--" in text or "/*" in text:
            return None
        return Fix("say that NULLs are dropped", (Edit(hit.span, f"{hit.data} IS NOT NULL"),), Safety.EXACT)


def _conjunction(node: exp.Expr, query: Query) -> Iterator[Hit]:
    parts = [_bare(one) for one in conjuncts(node)]
    for one in parts:
        if isinstance(one, exp.Or):
            arms = list(one.flatten())
            if len(arms) < _MOST_ARMS:
                for arm in arms:
                    yield from _conjunction(arm, query)
    odd = _null_and_compared(parts, query) or _texts_at_odds(parts, query)
    if odd is not None:
        yield odd
    else:
        yield from _by_ranges(parts, query)


def _by_ranges(parts: list[exp.Expr], query: Query) -> Iterator[Hit]:
    """Conditions whose values, of numbers and times, are none or all, alone or together."""
    wanted: dict[exp.Expr, tuple[Ranges, exp.Expr]] = {}
    for one in _related(parts):
        found = _values(one, query)
        if found is None:
            continue
        key, ranges = found
        if ranges.is_empty and not isinstance(one, (exp.EQ, exp.In)):
            yield Hit(query.span(one), f"no value of {query.text(key)} fulfils this: nothing is returned")
            continue
        if Ranges.NOT_NULL.is_subset(ranges):
            if _may_be_nan(key, one, query):
                continue
            name = query.text(key)
            yield Hit(
                query.span(one),
                f"every value of {name} fulfils this; to drop NULLs write {name} IS NOT NULL",
                data=name,
            )
            continue
        before = wanted.get(key)
        both = ranges if before is None else before[0].intersect(ranges)
        if before is not None and both.is_empty:
            name = query.text(key)
            yield Hit(
                query.span(one),
                f"no value of {name} fulfils this and {query.text(before[1])}: nothing is returned",
                related=(Related(query.span(before[1]), "together with this"),),
                evidence=(("wanted here", ranges.describe(name)), ("wanted there", before[0].describe(name))),
            )
            return
        wanted[key] = both, one


def _may_be_nan(node: exp.Expr, condition: exp.Expr, query: Query) -> bool:
    """Whether what a condition compares may be NaN, of which the engine may say that no comparison is true."""
    if semantics(query.dialect).nan.value in (Nan.ABSENT, Nan.GREATEST):
        return False
    kind = _type(node, query)
    if kind is not None:
        return family(kind, query.dialect) in ("float", "")
    literals = [one for one in condition.find_all(exp.Literal) if not one.is_string]
    return bool(literals) or condition.find(exp.Literal) is None


def _null_and_compared(parts: list[exp.Expr], query: Query) -> Hit | None:
    """`x IS NULL` beside a condition that is never true of NULL."""
    for one in parts:
        if not isinstance(one, exp.Is) or one.args.get("negate") or not isinstance(one.expression, exp.Null):
            continue
        column = _bare(one.this)
        if not isinstance(column, exp.Column):
            continue
        for other in parts:
            about = other is not one and any(each == column for each in other.find_all(exp.Column))
            if about and not can_be_true(other, lambda each, column=column: each == column):  # type: ignore[misc]
                return _at_odds(query.text(column), other, one, query)
    return None


def _texts_at_odds(parts: list[exp.Expr], query: Query) -> Hit | None:
    """One of some texts is wanted, and each of them is ruled out elsewhere: letter for letter, in any collation."""
    listed = [(one, *found) for one in parts if (found := _listed_texts(one)) is not None]
    for one, key, texts, wanted in listed:
        if not wanted:
            continue
        for other, name, excluded, kept in listed:
            if not kept and name == key and texts <= excluded:
                return _at_odds(query.text(key), other, one, query)
    return None


def _at_odds(name: str, one: exp.Expr, other: exp.Expr, query: Query) -> Hit:
    return Hit(
        query.span(one),
        f"no value of {name} fulfils this and {query.text(other)}: nothing is returned",
        related=(Related(query.span(other), "together with this"),),
    )


def _listed_texts(node: exp.Expr) -> tuple[exp.Expr, frozenset[str], bool] | None:
    """The texts that =, <>, IN and NOT IN name, of which column, and whether they are wanted."""
    wanted = not node.args.get("negate")
    if isinstance(node, exp.Not):
        node, wanted = _bare(node.this), not wanted
    if isinstance(node, exp.In):
        values = node.expressions
    elif isinstance(node, (exp.EQ, exp.NEQ)):
        values, wanted = [node.expression], wanted == isinstance(node, exp.EQ)
    else:
        return None
    column, texts = _bare(node.this), [_bare(one) for one in values]
    if not isinstance(column, exp.Column) or not texts:
        return None
    if not all(isinstance(one, exp.Literal) and one.is_string for one in texts):
        return None
    return column, frozenset(one.this for one in texts), wanted


def _related(parts: list[exp.Expr]) -> list[exp.Expr]:
    """The conditions that can be at odds: with another about the same thing, or within themselves."""
    about: dict[Name, list[exp.Expr]] = {}
    for one in parts:
        for name in _names(one):
            about.setdefault(name, []).append(one)
    several = {id(one) for ones in about.values() if 1 < len(ones) < _MOST_ARMS for one in ones}
    return [
        one
        for one in parts
        if id(one) in several
        or (isinstance(one, exp.Or) and frozenset.intersection(*map(_names, one.flatten())))
        or (isinstance(one, exp.Between) and not _plainly_in_order(one.args["low"], one.args["high"]))
    ]


def _names(node: exp.Expr) -> frozenset[Name]:
    """What a comparison is about, by kind and name: telling trees apart takes long."""
    node = _bare(node)
    if isinstance(node, exp.Not):
        node = _bare(node.this)
    if isinstance(node, exp.Or):
        return frozenset.intersection(*map(_names, node.flatten()))
    if type(node) not in _COMPARED:
        return frozenset()
    sides = (node.this, node.args.get("expression"))
    return frozenset(
        (type(one), one.name)
        for one in sides
        if isinstance(one, exp.Expr) and not isinstance(one, exp.Literal)
    )


def _plainly_in_order(low: exp.Expr, high: exp.Expr) -> bool:
    """Whether two literals can be seen to stand in order, as those of nearly every BETWEEN do."""
    if (
        type(low) is type(high)
        and isinstance(low, (exp.Cast, exp.Date))
        and low.args.get("to") == high.args.get("to")
    ):
        low, high = low.this, high.this
    if not isinstance(low, exp.Literal) or not isinstance(high, exp.Literal):
        return False
    if low.is_string and high.is_string:
        return len(low.this) == len(high.this) and low.this <= high.this
    return low.is_int and high.is_int and int(low.this) <= int(high.this)


def _values(node: exp.Expr, query: Query) -> tuple[exp.Expr, Ranges] | None:
    """The expression that a condition is about and the values for which it is true; None when unsure."""
    node = _bare(node)
    if isinstance(node, exp.Or):
        return _either(node, query)
    if isinstance(node, exp.Not):
        inner = _bare(node.this)
        found = _values(inner, query) if isinstance(inner, (exp.In, exp.EQ)) else None
        return _all_but(found) if found is not None else None
    if isinstance(node, exp.Between):
        return _between(node, query)
    if isinstance(node, exp.In):
        return _listed(node, query)
    return _compared(node, query) if type(node) in _MIRROR else None


def _all_but(found: tuple[exp.Expr, Ranges]) -> tuple[exp.Expr, Ranges] | None:
    """What is left without some values; None for texts, of which a collation may take several for one."""
    key, ranges = found
    texts = any(isinstance(end, str) for one in ranges.intervals for end in (one.low, one.high))
    return None if texts else (key, Ranges.NOT_NULL.minus(ranges))


def _listed(node: exp.In, query: Query) -> tuple[exp.Expr, Ranges] | None:
    if not node.expressions or node.args.get("query") is not None or not _stable(node.this):
        return None
    values = [_value(one, node.this, query) for one in node.expressions]
    if None in values:
        return None
    found = _bare(node.this), Ranges.of([one for one in values if one is not None])
    return _all_but(found) if node.args.get("negate") else found


def _compared(node: exp.Expr, query: Query) -> tuple[exp.Expr, Ranges] | None:
    left, right = node.this, node.args["expression"]
    kind: Any = type(node)
    if left == right and kind in (exp.EQ, exp.LTE, exp.GTE) and isinstance(left, exp.Column):
        # Of a row, which its type does not tell here, IS NOT NULL asks for each field.
        scalar = bool(family(_type(left, query) or "", query.dialect))
        return (left, Ranges.NOT_NULL) if scalar and not isinstance(node.parent, exp.Join) else None
    if _value(left, right, query) is not None:
        left, right, kind = right, left, _MIRROR[kind]
    value = _value(right, left, query)
    if value is None or not _stable(left):
        return None
    if kind is exp.NEQ:
        return _all_but((_bare(left), Ranges.point(value)))
    if isinstance(value, str) and kind is not exp.EQ:
        return None  # how texts sort is the collation's affair
    return _bare(left), _MAKE[kind](value)


def _either(node: exp.Expr, query: Query) -> tuple[exp.Expr, Ranges] | None:
    """An OR of conditions on one and the same expression."""
    arms = list(node.flatten())
    if len(arms) > _MOST_ARMS:
        return None
    first = _values(arms[0], query)
    found = [first, *(_values(arm, query) for arm in arms[1:])] if first is not None else []
    if first is None or any(one is None or one[0] != first[0] for one in found):
        return None
    whole = Ranges.NONE
    for one in found:
        if one is not None:
            whole = whole.union(one[1])
    return first[0], whole


def _between(node: exp.Expr, query: Query) -> tuple[exp.Expr, Ranges] | None:
    ranges = Ranges.NONE
    for pair in bounds(node):
        low, high = (_value(one, node.this, query) for one in pair)
        if low is None or high is None or isinstance(low, str) or isinstance(high, str):
            return None
        ranges = ranges.union(Ranges.at_least(low).intersect(Ranges.at_most(high)))
    return (_bare(node.this), ranges) if _stable(node.this) else None


def _value(node: exp.Expr, other: exp.Expr, query: Query) -> Scalar | None:
    """The known constant that ``node`` is, as ``other`` would hold it; None when it is none or may vary."""
    found = constant(node, query.dialect, variables=query.variables)
    if found is None or not found.known or found.null or found.clock or found.value is None:
        return None
    value = found.value
    kind = _type(other, query)
    if kind is not None:
        folded = fold_cast(value, kind, query.dialect)
        if folded is None:
            return None
        value = folded
    if isinstance(value, str):
        text = value.rstrip().casefold()
        # CHAR pads, collations may ignore case, and '01' may be compared as a number.
        return text if kind is not None or not text.replace(".", "").lstrip("+-").isdigit() else None
    if kind is None and isinstance(value, date) and not isinstance(other, exp.Column):
        return None
    return value


def _type(node: exp.Expr, query: Query) -> str | None:
    origin = query.origin(node) if isinstance(node, exp.Column) else None
    if origin is None:
        return None
    column = origin[0].column(origin[1])
    return column.type if column is not None else None


def _stable(node: exp.Expr) -> bool:
    """Whether an expression has one value a row: it reads columns, asks no chance and no subquery."""
    if node.find(exp.Column) is None and node.find(exp.AggFunc) is None:
        return False
    return node.find(exp.Select, exp.Anonymous) is None and not chance(node)


def _bare(node: exp.Expr) -> exp.Expr:
    while isinstance(node, exp.Paren):
        node = node.this
    return node
