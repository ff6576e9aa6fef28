"""UNION looks for duplicates among rows that can't have any.

**Why** UNION sorts or hashes all rows of all branches; UNION ALL hands them on. They give the same where each branch
gives each row once and no two branches have a row in common.

**Valid when**
1. Each branch gives no row twice: a key of its rows is among its columns, or it is DISTINCT or grouped by them.
2. Each two branches have no row in common: a column is another constant, or in another range, in one than in the
   other; or both read the same table by its key and filter one column by ranges that don't meet, or by a condition
   and its contrary.
3. The keys are enforced, or a test stands behind them; else the fix needs that fact.

**Bad**
```sql
-- catalog: snowflake
SELECT user_id, 'a' AS src FROM USERS UNION SELECT user_id, 'b' AS src FROM PARTNERS
```
```sql
-- catalog: postgres
SELECT user_id, name FROM users WHERE country = 'NL' UNION SELECT user_id, name FROM users WHERE country = 'DE'
```
```sql
-- catalog: postgres
SELECT DISTINCT country, 1 AS kind FROM users UNION SELECT DISTINCT status, 2 AS kind FROM orders
```
```sql
-- catalog: postgres
SELECT user_id, name FROM users WHERE country = 'NL' UNION SELECT user_id, name FROM users WHERE country <> 'NL'
```
```sql
-- catalog: postgres
SELECT user_id FROM users WHERE country = 'NL' UNION
SELECT user_id FROM users AS u WHERE u.country NOT IN ('NL', 'BE')
```
```sql
-- catalog: postgres
SELECT user_id FROM users WHERE name IS NULL UNION SELECT user_id FROM users WHERE name IS NOT NULL AND user_id > 5
```

**Fixed**
```sql
-- catalog: snowflake
SELECT user_id, 'a' AS src FROM USERS UNION ALL SELECT user_id, 'b' AS src FROM PARTNERS
```
```sql
-- catalog: postgres
SELECT user_id, name FROM users WHERE country = 'NL' UNION ALL SELECT user_id, name FROM users WHERE country = 'DE'
```
```sql
-- catalog: postgres
SELECT DISTINCT country, 1 AS kind FROM users UNION ALL SELECT DISTINCT status, 2 AS kind FROM orders
```
```sql
-- catalog: postgres
SELECT user_id, name FROM users WHERE country = 'NL' UNION ALL SELECT user_id, name FROM users WHERE country <> 'NL'
```
```sql
-- catalog: postgres
SELECT user_id FROM users WHERE country = 'NL' UNION ALL
SELECT user_id FROM users AS u WHERE u.country NOT IN ('NL', 'BE')
```
```sql
-- catalog: postgres
SELECT user_id FROM users WHERE name IS NULL UNION ALL SELECT user_id FROM users WHERE name IS NOT NULL AND user_id > 5
```

**Good**
```sql
-- catalog: snowflake
SELECT user_id, 'a' AS src FROM USERS UNION ALL SELECT user_id, 'b' AS src FROM PARTNERS
```
```sql
-- catalog: snowflake
SELECT user_id FROM USERS UNION SELECT user_id FROM PARTNERS
```
```sql
-- catalog: snowflake
SELECT country, 'a' AS src FROM USERS UNION SELECT country, 'b' AS src FROM PARTNERS
```
```sql
-- catalog: postgres
SELECT name FROM users WHERE country = 'NL' UNION SELECT name FROM users WHERE country = 'DE'
```
```sql
-- catalog: postgres
SELECT user_id FROM users WHERE country = 'NL' UNION SELECT user_id FROM users WHERE signup_date = DATE '2026-01-01'
```
```sql
-- catalog: postgres
SELECT user_id FROM users WHERE country = 'NL' UNION SELECT user_id FROM users WHERE name <> 'NL'
```

**Sources** https://docs.snowflake.com/en/user-guide/query-insights (checked 2026-11-23): the insight
QUERY_INSIGHT_UNNECESSARY_UNION_DISTINCT. https://www.postgresql.org/docs/current/queries-union.html (checked
2026-11-23): UNION removes duplicates as DISTINCT does, inside a branch as between them; UNION ALL does not.
"""

from __future__ import annotations

import unicodedata
from itertools import combinations
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.values.calendar import family
from sqlopt.query.values.effects import one_value
from sqlopt.query.values.truth import quantifier
from sqlopt.rules import Context, Edit, Fix, Hit, Rule, Safety, Severity
from sqlopt.rules.wording import has_comment, like
from sqlopt.span import Span

from ._groups import bare, one_table, where_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query import Query, Scope
    from sqlopt.query.bind.model import Output
    from sqlopt.query.facts import Facts


class UnionWhereUnionAllSuffices(Rule):
    id = "AGG005"
    severity = Severity.WARNING
    match = "statement"

    def guard(self, target: Query, context: Context) -> Iterator[Hit]:
        del context
        for scope in target.scopes:
            if not _deduplicates(scope) or (scope.branch_of is not None and _deduplicates(scope.branch_of)):
                continue
            leaves = _leaves(scope)
            if len(leaves) == 1 or scope.recursive or any(one.open for one in leaves):
                continue
            if any(
                _rounds(outputs, target) for outputs in zip(*(one.outputs for one in leaves), strict=False)
            ):
                continue
            for facts in (target.facts, target.declared):
                # 1.
                if not all(_once(one, facts) for one in leaves):
                    continue
                # 2.
                if not all(_apart(one, other, target, facts) for one, other in combinations(leaves, 2)):
                    continue
                held = facts is target.facts
                span = _word(scope.node, target)
                yield Hit(
                    span or target.span(scope.node),
                    "no row can come twice, neither inside a branch nor from two: UNION ALL gives the same",
                    # 3.
                    severity=None if held else Severity.INFO,
                    evidence=() if held else (("key", "declared; the engine does not enforce it"),),
                    data=(_unions(scope.node), held),
                )
                break

    def rewrite(self, hit: Hit, context: Context) -> Fix | None:
        nodes, held = hit.data
        query = context.query
        edits = []
        for node in nodes:
            span = _word(node, query)
            if span is None:
                return None
            text = span.of(query.source)
            edits.append(Edit(span, f"{text[:5]} {like('ALL', text[:5])}"))
        return Fix("UNION ALL", tuple(edits), Safety.EXACT if held else Safety.NEEDS_FACTS)


def _deduplicates(scope: Scope) -> bool:
    return type(scope.node) is exp.Union and bool(scope.node.args.get("distinct")) and bool(scope.branches)


def _leaves(scope: Scope) -> list[Scope]:
    """Return the SELECTs of a chain of UNION and UNION ALL."""
    leaves: list[Scope] = []
    for branch in scope.branches:
        node = branch.node
        if type(node) is exp.Union and not any(node.args.get(end) for end in ("limit", "offset", "order")):
            leaves += _leaves(branch)
        else:
            leaves.append(branch)
    return leaves


def _unions(node: exp.Expr) -> list[exp.Expr]:
    """Return the nodes of a chain of UNION and UNION ALL that remove duplicates, the first written first."""
    found = []
    for side in (node.this, node.expression):
        if type(side) is exp.Union and not any(side.args.get(end) for end in ("limit", "offset", "order")):
            found += _unions(side)
    return [*found, node] if node.args.get("distinct") else found


def _word(node: exp.Expr, query: Query) -> Span | None:
    """Return the span of a UNION's word, with DISTINCT behind it."""
    left, right = query.span(node.this), query.span(node.expression)
    between = [one for one in query.tokens if left.end <= one.start and one.end < right.start]
    found = [one for one in between if one.text.upper() == "UNION"]
    if len(found) != 1:
        return None
    start, end = found[0].start, found[0].end + 1
    behind = [one for one in between if one.start > start and one.text.upper() in ("DISTINCT", "ALL")]
    if behind:
        end = behind[0].end + 1
    span = Span(start, end)
    return None if has_comment(span.of(query.source)) or behind[1:] else span


def _once(scope: Scope, facts: Facts) -> bool:
    return facts.unique(scope, frozenset(one.name for one in scope.outputs))


def _apart(one: Scope, other: Scope, query: Query, facts: Facts) -> bool:
    """Whether two branches have no row in common."""
    if len(one.outputs) != len(other.outputs):
        return False
    pairs = list(zip(one.outputs, other.outputs, strict=True))
    return any(_differ(*pair, query) for pair in pairs) or _filtered_apart(one, other, query, facts)


def _differ(left: Output, right: Output, query: Query) -> bool:
    """Whether two columns have no value in common, NULL neither."""
    if left.expr is None or right.expr is None:
        return False
    values = [query.facts.constant(bare(each.expr)) for each in (left, right) if each.expr is not None]
    if all(value is not None and value.known and not value.null for value in values):
        first, second = (value.value for value in values if value is not None)
        if isinstance(first, str) and isinstance(second, str):
            return _base(first) != _base(second)
        return type(first) is type(second) and first != second
    if isinstance(left.expr, exp.Column) and isinstance(right.expr, exp.Column):
        return _disjoint(left.expr, right.expr, query)
    return False


def _rounds(outputs: tuple[Output, ...], query: Query) -> bool:
    """Whether one column of the branches is a float and another is not, so that numbers may become the same."""
    kinds = {_family(one.expr, query) for one in outputs if one.expr is not None}
    return "float" in kinds and kinds != {"float"}


def _base(text: str) -> str:
    """Return a text without what some collation ignores: the case of letters, accents, blanks behind it."""
    plain = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    return plain.casefold().rstrip()


def _family(node: exp.Expr, query: Query) -> str:
    """Return the kind of type that a base column has, as the calendar calls it; the empty text for anything else."""
    origin = query.origin(node)
    column = origin[0].column(origin[1]) if origin is not None else None
    return family(column.type or "", query.dialect) if column is not None else ""


def _disjoint(left: exp.Expr, right: exp.Expr, query: Query) -> bool:
    ranges = [query.facts.interval(column) for column in (left, right)]
    if any(one.is_all or one.is_empty for one in ranges) or not ranges[0].comparable(ranges[1]):
        return False
    texts = [value for one in ranges for value in (one.lower, one.upper) if isinstance(value, str)]
    return not texts and ranges[0].disjoint(ranges[1])


def _filtered_apart(one: Scope, other: Scope, query: Query, facts: Facts) -> bool:
    """Whether both read one table by its key at the same places, and no row of it passes both filters."""
    left, right = one_table(one), one_table(other)
    if left is None or right is None or left.table is None or left.table is not right.table:
        return False
    if query.flow.aggregates(one) or query.flow.aggregates(other):
        return False
    names = zip(_columns(one, query), _columns(other, query), strict=True)
    same = {name for name, its in names if name and name == its}
    if not any(key and key <= same for key in facts.source_keys(left)):
        return False
    mine, yours = _points(one, query), _points(other, query)
    if any(_contrary(a, b, query) for a in where_of(one) for b in where_of(other)):
        return True
    return any(name in yours and not values & yours[name] for name, values in mine.items()) or any(
        _disjoint(a, b, query)
        for a in _filtering(one, query)
        for b in _filtering(other, query)
        if _name(a, query) == _name(b, query)
    )


def _contrary(one: exp.Expr, other: exp.Expr, query: Query) -> bool:
    """Whether no row of a table fulfils both conditions: one says no to what the other wants."""
    left, right = _meant(one), _meant(other)
    if (
        left[2] == right[2]
        or not one_value(one)
        or one.find(exp.Query) is not None
        or _about(left[0], query) is None
    ):
        return False
    if _about(left[0], query) != _about(right[0], query) or type(left[0]) is not type(right[0]):
        return False
    (_, wanted, _), (_, excluded, _) = (left, right) if left[2] else (right, left)
    return set(wanted) <= set(excluded)


def _meant(node: exp.Expr) -> tuple[exp.Expr, tuple[str, ...], bool]:
    """Return what a condition is about, the values that it names, and whether it wants them."""
    node = bare(node)
    wanted = not node.args.get("negate")
    if isinstance(node, exp.Not):
        node, wanted = bare(node.this), False
        wanted = bool(node.args.get("negate"))
    if isinstance(node, (exp.EQ, exp.NEQ)) and quantifier(node.expression):
        return node, ("",), wanted
    if isinstance(node, exp.NEQ):
        return bare(node.this), (node.expression.sql(),), not wanted
    if isinstance(node, exp.EQ):
        return bare(node.this), (node.expression.sql(),), wanted
    if isinstance(node, exp.In) and node.expressions:
        return bare(node.this), tuple(one.sql() for one in node.expressions), wanted
    if isinstance(node, exp.Is):
        return bare(node.this), (f"is {node.expression.sql()}",), wanted
    return node, ("",), wanted


def _about(node: exp.Expr, query: Query) -> str | None:
    """Return an expression's text without the names of its table; None where a column is not the table's own."""
    plain = node.copy()
    for column, twin in zip(node.find_all(exp.Column), plain.find_all(exp.Column), strict=True):
        if not _name(column, query):
            return None
        twin.set("table", None)
    if plain.args.get("negate"):
        plain.set("negate", None)
    return plain.sql()


def _columns(scope: Scope, query: Query) -> list[str]:
    """Return the base column that each output is, or an empty name."""
    return [
        one.column if one.expr is None else _name(one.expr, query) if isinstance(one.expr, exp.Column) else ""
        for one in scope.outputs
    ]


def _name(column: exp.Expr, query: Query) -> str:
    binding = query.binding(column)
    return binding.name if binding is not None and binding.source is not None and not binding.path else ""


def _filtering(scope: Scope, query: Query) -> list[exp.Expr]:
    return [
        column
        for one in where_of(scope)
        for column in one.find_all(exp.Column)
        if query.scope_of(column) is scope and _name(column, query)
    ]


def _points(scope: Scope, query: Query) -> dict[str, set[str]]:
    """Return the texts, by their `_base`, that equalities and IN lists leave of each column of texts.

    Of another type two texts may be one value: '1' and '01', '2026-01-01' and '20260101'.
    """
    found: dict[str, set[str]] = {}
    for one in where_of(scope):
        node = bare(one)
        if isinstance(node, exp.EQ):
            sides = [(node.this, [node.expression]), (node.expression, [node.this])]
        elif isinstance(node, exp.In) and node.expressions:
            sides = [(node.this, node.expressions)]
        else:
            continue
        for column, values in sides:
            name = _name(column, query) if isinstance(column, exp.Column) else ""
            listed = all(isinstance(value, exp.Literal) and value.is_string for value in values)
            if name and listed and _family(column, query) == "text":
                texts = {_base(value.this) for value in values}
                found[name] = found[name] & texts if name in found else texts
    return found
