"""A join of a table with itself as a window over it. Helper of this pack's rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.query.bind.nodes import conjuncts
from sqlopt.query.values.calendar import family
from sqlopt.rules import Edit
from sqlopt.rules.wording import has_comment
from sqlopt.span import Span

from ._links import equality

if TYPE_CHECKING:
    from sqlopt.query import Query, Scope, Source

BARRED = ("where", "having", "joins", "limit", "distinct", "qualify", "laterals")
_WINDOWED = (exp.Sum, exp.Min, exp.Max, exp.Count, exp.Avg)


def as_window(scope: Scope, table: Source, groups: Source, query: Query) -> tuple[Edit, ...] | None:
    """Return the edits that put windows over ``table`` in the place of a join with groups of it."""
    join, inner = groups.join, groups.inner
    if join is None or inner is None or not _nothing_else(scope, table, groups, join, query):
        return None
    keys = _group_keys(inner, query)
    # 1.
    if keys is None or not _by_all_keys(join, keys, scope, query):
        return None
    if any(query.facts.source_not_null(table, key) is not True for key in keys):
        return None
    edits = []
    within = {id(one) for one in join.find_all(exp.Column)}
    for column in scope.node.find_all(exp.Column):
        binding = query.binding(column)
        if binding is None or binding.source is not groups or id(column) in within:
            continue
        if not _may_be_a_window(column, scope):
            return None
        # 3.
        text = _computed(binding.name, table, inner, keys, query)
        if text is None:
            return None
        edits.append(Edit(query.span(column), text))
    cut = _cut(join, query)
    return (*edits, Edit(cut, "")) if cut is not None else None


def _nothing_else(scope: Scope, table: Source, groups: Source, join: exp.Join, query: Query) -> bool:
    """Whether the SELECT reads the two and does nothing before windows would be computed."""
    # 2.
    node = scope.node
    if any(node.args.get(one) for one in ("where", "group", "having", "qualify", "distinct")) or scope.merged:
        return False
    if table.table is None or len(scope.sources) > len((table, groups)) or not query.reads.of(groups).plain:
        return False
    if any(one.is_star for one in node.expressions):
        return False
    kinds = (join.side or "") in ("", "LEFT"), (join.kind or "") in ("", "INNER", "OUTER"), not join.method
    return all(kinds)


def _by_all_keys(join: exp.Join, keys: dict[str, str], scope: Scope, query: Query) -> bool:
    """Whether a join's condition is nothing but the equality of each key with the same column."""
    edges = [equality(one, scope, query) for one in conjuncts(join.args.get("on"))]
    same = {one.name for one in edges if one is not None and one.name == one.other}
    return None not in edges and same == set(keys) and len(edges) == len(keys)


def _group_keys(inner: Scope, query: Query) -> dict[str, str] | None:
    """Return the columns that a subquery groups by, by the names under which it gives them; None if it is more."""
    node = inner.node
    group = node.args.get("group")
    if (
        group is None
        or any(node.args.get(one) for one in BARRED)
        or any(value for key, value in group.args.items() if key != "expressions")
    ):
        return None
    found = {}
    for key in group.expressions:
        binding = query.binding(key)
        output = next((one for one in inner.outputs if one.expr == key), None)
        if binding is None or binding.path or output is None or output.name != binding.name:
            return None
        found[output.name] = binding.name
    return found


def _computed(name: str, table: Source, inner: Scope, keys: dict[str, str], query: Query) -> str | None:
    """Return what a column of the groups is for a row of the table."""
    if name in keys:
        return f"{table.name}.{keys[name]}"
    output = inner.output(name)
    call = output.expr if output is not None else None
    if not isinstance(call, _WINDOWED):
        return None
    argument = "*"
    if not isinstance(call.this, exp.Star):
        binding = query.binding(call.this)
        column = table.column(binding.name) if binding is not None and not binding.path else None
        if binding is None or column is None or family(column.type or "", query.dialect) in ("float", ""):
            return None
        argument = f"{table.name}.{binding.name}"
    over = ", ".join(f"{table.name}.{key}" for key in keys.values())
    return f"({type(call).__name__.upper()}({argument}) OVER (PARTITION BY {over}))"


# ---- the row before, or after


def as_neighbour(
    scope: Scope, table: Source, other: Source, step: exp.Expr, query: Query
) -> tuple[Edit, ...] | None:
    """Return the edits that put LAG or LEAD over ``table`` in the place of a left join with ``other``, itself again.

    ``step`` is the condition that puts ``other`` one number before ``table``, or after it.
    """
    join = other.join
    if join is None or join.side != "LEFT" or not _nothing_else(scope, table, other, join, query):
        return None
    if query.flow.windows(scope) or query.flow.aggregates(scope):
        return None
    rest = [one for one in conjuncts(join.args.get("on")) if one is not step]
    edges = [equality(one, scope, query) for one in rest]
    keys = [one.name for one in edges if one is not None and one.name == one.other]
    found = _step(step, table, other, query)
    if found is None or not keys or len(keys) != len(rest):
        return None
    number, before = found
    call, sign = ("LAG", "-") if before else ("LEAD", "+")
    over = f"OVER (PARTITION BY {', '.join(f'{table.name}.{one}' for one in keys)} ORDER BY {table.name}.{number})"
    asked = [f"{call}({table.name}.{number}) {over} = {table.name}.{number} {sign} 1"]
    asked += [
        f"{table.name}.{one} IS NOT NULL"
        for one in keys
        if query.facts.source_not_null(table, one) is not True
    ]
    within = {id(one) for one in join.find_all(exp.Column)}
    edits = []
    for column in scope.node.find_all(exp.Column):
        binding = query.binding(column)
        if binding is None or binding.source is not other or id(column) in within:
            continue
        if binding.path or not _may_be_a_window(column, scope):
            return None
        value = f"{call}({table.name}.{binding.name}) {over}"
        edits.append(Edit(query.span(column), f"(CASE WHEN {' AND '.join(asked)} THEN {value} END)"))
    cut = _cut(join, query)
    return (*edits, Edit(cut, "")) if cut is not None and edits else None


def _step(step: exp.Expr, table: Source, other: Source, query: Query) -> tuple[str, bool] | None:
    """Return the column of whole numbers in which ``other`` is one away, and whether it comes before."""
    sides = step.this.unnest(), step.expression.unnest()
    for moved, bare in (sides, sides[::-1]):
        if not isinstance(moved, (exp.Add, exp.Sub)) or moved.expression != exp.Literal.number(1):
            continue
        far, near = query.binding(moved.this), query.binding(bare)
        if far is None or near is None or far.name != near.name or far.path or near.path:
            continue
        column = table.column(far.name)
        if column is None or family(column.type or "", query.dialect) != "integer":
            return None
        if {id(far.source), id(near.source)} != {id(table), id(other)}:
            return None
        # `other.n = table.n - 1` and `other.n + 1 = table.n` are the row before.
        return far.name, isinstance(moved, exp.Sub) is (far.source is table)
    return None


def _may_be_a_window(column: exp.Expr, scope: Scope) -> bool:
    """Whether a window may stand in a column's place: in no other window, aggregate or query."""
    up = column.parent
    while up is not None and up is not scope.node:
        if isinstance(up, (exp.Window, exp.AggFunc, exp.Query)):
            return False
        up = up.parent
    return True


def _cut(join: exp.Join, query: Query) -> Span | None:
    """Return the span of a join with the space before it; None where a comment stands in it."""
    span = query.span(join)
    start = len(query.source[: span.start].rstrip())
    return None if has_comment(query.source[start : span.end]) else Span(start, span.end)
