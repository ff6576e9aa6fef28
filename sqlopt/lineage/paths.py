"""Which part of an expression a field of it comes from: ``STRUCT(a AS x, b AS y).x`` is ``a``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.lineage.edge import Transformation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Rule = Callable[[exp.Expr, "Path", Transformation], "list[Step] | None"]

T = Transformation
Path = tuple[str, ...]
"""Fields taken one from the other, outermost first, as written."""
Step = tuple[exp.Expr, Transformation, Path]
"""A part of an expression, how it is used, and the fields that are taken from it."""

# These give one of the values that they are called on, or an array of them.
_PASSING = (
    exp.ArrayAgg, exp.AnyValue, exp.First, exp.Last, exp.FirstValue, exp.LastValue, exp.NthValue, exp.Lag,
    exp.Lead, exp.Max, exp.Min, exp.ArgMax, exp.ArgMin, exp.ArrayConcatAgg, exp.ArrayUniqueAgg,
)  # fmt: skip
_AROUND = (exp.Subquery, exp.Paren, exp.Alias, exp.IgnoreNulls, exp.RespectNulls, exp.Limit, exp.HavingMax)
_UNNESTING = (exp.Explode, exp.Inline, exp.ToArray)


def taken(node: exp.Expr, path: Path, use: Transformation) -> list[Step] | None:
    """Return the parts that the field ``path`` of an expression comes from; None where that can't be told."""
    if isinstance(node, _AROUND):
        return [(node.this, use, path), *_beside(node, use)]
    for kind, rule in _RULES.items():
        if isinstance(node, kind):
            return rule(node, path, use)
    if isinstance(node, _PASSING):
        inner = T.AGGREGATION if isinstance(node, exp.AggFunc) else use
        return [(node.this, inner, path), *_beside(node, use)] if isinstance(node.this, exp.Expr) else None
    if isinstance(node, _UNNESTING):
        return [(node.this, T.TRANSFORMATION, path)]
    if isinstance(node, exp.Order) and isinstance(node.this, exp.Expr):
        return [(node.this, use, path), *((one.this, T.WINDOW, ()) for one in node.expressions)]
    return None


def _beside(node: exp.Expr, use: Transformation) -> Iterator[Step]:
    """What an aggregate is told beside its value: of ARG_MAX and HAVING MAX what decides."""
    del use
    for key in ("expression", "having"):
        other = node.args.get(key)
        if isinstance(other, exp.Expr) and not isinstance(node, exp.Limit):
            yield other, T.CONDITIONAL, ()


def _subscript(node: exp.Expr, path: Path, use: Transformation) -> list[Step]:
    key = node.expressions[0] if len(node.expressions) == 1 else None
    if isinstance(key, exp.Literal) and key.is_string:
        return [(node.this, use, (key.name, *path))]
    asked = [(one, T.CONDITIONAL, ()) for one in node.expressions if one.find(exp.Column) is not None]
    return [(node.this, use, path), *asked]


def _field(node: exp.Expr, path: Path, use: Transformation) -> list[Step] | None:
    wanted = path[0].casefold()
    for one in node.expressions:
        if isinstance(one, exp.PropertyEQ):
            name, value = one.this.name, one.expression
        else:
            name, value = one.alias_or_name, one.unalias()
        if name.casefold() == wanted:
            return [(value, use, path[1:])]
    return None


def _cast(node: exp.Expr, path: Path, use: Transformation) -> list[Step] | None:
    """``CAST(ROW(a, b) AS ROW(x INT, y INT))`` names the fields of a row by their places."""
    names = [one.name.casefold() for one in node.args["to"].expressions if isinstance(one, exp.ColumnDef)]
    row = node.this
    made = row.expressions if isinstance(row, (exp.Struct, exp.Tuple)) else []
    if isinstance(row, exp.Anonymous) and row.name.upper() in ("ROW", "STRUCT"):
        made = row.expressions
    if not made or path[0].casefold() not in names:
        return [(row, use, path)] if not names else None
    place = names.index(path[0].casefold())
    if place >= len(made):
        return None
    value = made[place]
    return [(value.expression if isinstance(value, exp.PropertyEQ) else value, use, path[1:])]


def _dot(node: exp.Expr, path: Path, use: Transformation) -> list[Step] | None:
    named = isinstance(node.expression, exp.Identifier)
    return [(node.this, use, (node.expression.name, *path))] if named else None


def _elements(node: exp.Expr, path: Path, use: Transformation) -> list[Step]:
    return [(one, use, path) for one in node.expressions]


def _choice(node: exp.Expr, path: Path, use: Transformation) -> list[Step]:
    return list(_arms(node, path, use))


def _arms(node: exp.Expr, path: Path, use: Transformation) -> Iterator[Step]:
    if isinstance(node, exp.Coalesce):
        for one in (node.this, *node.expressions):
            yield one, use, path
        return
    arms = node.args.get("ifs") if isinstance(node, exp.Case) else [node]
    if isinstance(node, exp.Case) and node.this is not None:
        yield node.this, T.CONDITIONAL, ()
    for arm in arms or ():
        yield arm.this, T.CONDITIONAL, ()
        for key in ("true", "false"):
            if arm.args.get(key) is not None:
                yield arm.args[key], use, path
    if node.args.get("default") is not None:
        yield node.args["default"], use, path


_RULES: dict[type[exp.Expr], Rule] = {
    exp.Dot: _dot,
    exp.Bracket: _subscript,
    exp.Struct: _field,
    exp.Cast: _cast,
    exp.Array: _elements,
    exp.Coalesce: _choice,
    exp.Case: _choice,
    exp.If: _choice,
}
