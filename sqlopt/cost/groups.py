"""The rows of groups: distinct combinations of columns, and the share of them that HAVING keeps."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.cost import selectivity
from sqlopt.cost.expressions import values_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlopt.cost.statistics import Values


def groups(rows: float, keys: Sequence[tuple[int, Values]], most: Mapping[int, float]) -> float:
    """Return the distinct combinations of columns among ``rows``, each with the source that it comes from.

    Each further column counts for less, columns of one source give no more than that source has rows (``most``),
    and all together no more than there are rows.
    """
    rows = max(rows, 0.0)
    if not keys:
        return min(rows, 1.0)
    parts = []
    for owner in dict.fromkeys(owner for owner, _ in keys):
        sizes = sorted((one.distinct + (one.nulls > 0) for key, one in keys if key == owner), reverse=True)
        parts.append(min(_damped(sizes), most.get(owner, math.inf)))
    found = max(math.prod(max(one, 1.0) for one in parts), 1.0)
    if found >= rows:
        return rows
    # Rows fall into the combinations by chance; a combination that none falls into is no group.
    return found * -math.expm1(-rows / found) if rows < found * 50 else found


def _damped(sizes: list[float]) -> float:
    """Return the combinations of columns of one source, of so many values each, most first."""
    found = 1.0
    for exponent, one in zip((1.0, 0.8, 0.6, 0.4, *([0.2] * len(sizes))), sizes, strict=False):
        found *= max(one, 1.0) ** exponent
    return found


def having_share(
    node: exp.Expr, rows: float, below: float | None, column: Callable[[exp.Expr], Values]
) -> float:
    """Return the share of groups that a condition keeps: sums and counts are spread about their mean.

    ``rows`` are the groups, made of ``below`` rows.
    """
    big, small = isinstance(node, (exp.GT, exp.GTE)), isinstance(node, (exp.LT, exp.LTE))
    left, right = node.args.get("this"), node.args.get("expression")
    if not (big or small) or not isinstance(left, (exp.Sum, exp.Count)) or not isinstance(right, exp.Literal):
        return selectivity.OTHER
    mean = (below or 0.0) / max(rows, 1.0)
    if isinstance(left, exp.Sum):
        values = values_of(left.this, column, rows)
        ends = [float(one) for one in (values.low, values.high) if isinstance(one, (int, float, Decimal))]
        mean *= sum(ends) / 2 if len(ends) == 2 else 0.0  # noqa: PLR2004 - least and greatest
    if mean <= 0 or not right.is_number:
        return selectivity.OTHER
    above = math.exp(-float(right.this) / mean)
    return min(max(above if big else 1.0 - above, 0.0), 1.0)
