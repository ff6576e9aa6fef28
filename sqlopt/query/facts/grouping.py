"""What GROUP BY groups by, and which of its keys the totals of ROLLUP, CUBE and GROUPING SETS have as NULL.

https://www.postgresql.org/docs/current/queries-table-expressions.html#QUERIES-GROUPING-SETS (checked 2026-12-01):
columns that a grouping set does not name are NULL in its rows. BigQuery, Snowflake, Spark and DuckDB agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.query.bind.model import Output, Scope

_SETS = (exp.Rollup, exp.Cube, exp.GroupingSets)
_BEHIND = (
    "rollup",
    "cube",
    "grouping_sets",
    "totals",
)  # GROUP BY a WITH ROLLUP, GROUP BY a, b GROUPING SETS (..)


def has_sets(group: exp.Expr) -> bool:
    """Whether a GROUP BY makes rows for more than one set of keys."""
    return any(group.args.get(one) for one in _BEHIND) or any(
        isinstance(one, _SETS) for one in group.expressions
    )


def group_items(group: exp.Expr) -> list[exp.Expr]:
    """Return what all rows are grouped by: the items outside of grouping sets, without parentheses."""
    if any(group.args.get(one) for one in _BEHIND):
        return []
    return [each for one in group.expressions if not isinstance(one, _SETS) for each in _flat(one)]


def sets_made(group: exp.Expr) -> list[exp.Expr]:
    """Return the keys that some of the rows have as NULL because their grouping set is without them."""
    found: list[exp.Expr] = []
    if group.args.get("rollup") or group.args.get("cube"):
        found += [each for one in group.expressions for each in _flat(one)]
    for one in (*group.expressions, *(group.args.get("grouping_sets") or ())):
        if isinstance(one, _SETS):
            found += _missing(one)
    plain = group_items(group)
    return [one for one in found if one not in plain]


def _missing(node: exp.Expr) -> list[exp.Expr]:
    if not isinstance(node, exp.GroupingSets):
        return [each for one in node.expressions for each in _flat(one)]
    nested = [each for one in node.expressions if isinstance(one, _SETS) for each in _missing(one)]
    sets = [list(_flat(one)) for one in node.expressions if not isinstance(one, _SETS)]
    named = [each for one in sets for each in one]
    return nested + [one for one in named if not all(one in each for each in sets)]


def _flat(node: exp.Expr) -> Iterator[exp.Expr]:
    node = node.unnest()
    if isinstance(node, exp.Tuple):
        for one in node.expressions:
            yield from _flat(one)
    else:
        yield node


def is_item(item: exp.Expr, output: Output, scope: Scope) -> bool:
    """Whether an item of GROUP BY or of a window's PARTITION BY is what ``output`` gives: by text, name or place."""
    if output.expr is not None and item == output.expr:
        return True
    if isinstance(item, exp.Column) and not item.args.get("table"):
        return item.name.casefold() == output.name
    if isinstance(item, exp.Literal) and not item.is_string and item.this.isdigit():
        place = int(item.this) - 1
        return 0 <= place < len(scope.outputs) and scope.outputs[place] is output
    return False
