"""NULL replaced by a made-up value, in all the ways in which that is written. Helpers of this pack's rules."""

from __future__ import annotations

from sqlglot import exp


def replaced(side: exp.Expr) -> tuple[exp.Expr, exp.Expr] | None:
    """Return (column, constant) of COALESCE(column, constant) and of the CASE, IF and NVL2 that mean the same."""
    side = side.unnest()
    if isinstance(side, exp.Coalesce):
        if not side.expressions or not all(_is_constant(one) for one in side.expressions):
            return None
        return (side.this, side.expressions[0].unnest()) if isinstance(side.this, exp.Column) else None
    if isinstance(side, exp.Nvl2):
        return _pair(side.this, side.args.get("true"), side.args.get("false"))
    if isinstance(side, exp.Case) and side.this is None and len(side.args["ifs"]) == 1:
        side, last = side.args["ifs"][0], side.args.get("default")
    elif isinstance(side, exp.If):
        last = side.args.get("false")
    else:
        return None
    asked = side.this.unnest()
    negated = bool(asked.args.get("negate"))
    if isinstance(asked, exp.Not):
        asked, negated = asked.this.unnest(), True
    if not isinstance(asked, exp.Is) or not isinstance(asked.expression, exp.Null):
        return None
    branches = (side.args["true"], last)
    return _pair(asked.this, *(branches if negated else reversed(branches)))


def _pair(
    column: exp.Expr, kept: exp.Expr | None, other: exp.Expr | None
) -> tuple[exp.Expr, exp.Expr] | None:
    if kept is None or other is None or not isinstance(column.unnest(), exp.Column):
        return None
    same = column.unnest() == kept.unnest() and _is_constant(other)
    return (column.unnest(), other.unnest()) if same else None


def _is_constant(node: exp.Expr) -> bool:
    node = node.unnest()
    plain = node.this if isinstance(node, (exp.Neg, exp.Cast)) else node
    return isinstance(plain, (exp.Literal, exp.Boolean))
