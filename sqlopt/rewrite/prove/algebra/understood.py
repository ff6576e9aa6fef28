"""What the rules of proof read: every class of node with the arguments that some rule looks at.

A statement with anything else proves nothing: an argument that is not looked at may be the one that tells two
statements apart (``negate``, FINAL, ONLY, WITH TIES, TABLESAMPLE, FOR UPDATE SKIP LOCKED, a named window, an order
inside an aggregate). What the ledger calls irrelevant to rows and values may be there.
"""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from sqlopt.query.bind.ledger import Standing, standing
from sqlopt.rewrite.prove.algebra.functions import DETERMINISTIC
from sqlopt.rewrite.prove.algebra.operations import CLOCKS
from sqlopt.rewrite.prove.pair import Unsupported

_QUERY = "with_ order limit offset"
_PAIR = "this expression"
_ARGUMENTS: Final[dict[type[exp.Expr], str]] = {
    # queries
    exp.Select: f"{_QUERY} expressions distinct from_ joins where group having qualify",
    exp.Union: f"{_QUERY} this expression distinct",
    exp.Intersect: f"{_QUERY} this expression distinct",
    exp.Except: f"{_QUERY} this expression distinct",
    exp.Subquery: "this alias joins with_ order",
    exp.With: "expressions recursive",
    exp.CTE: "this alias",
    exp.TableAlias: "this columns",
    exp.Table: "this db catalog alias joins",
    exp.Values: "expressions alias",
    exp.Lateral: "this alias",
    exp.From: "this",
    exp.Join: "this on side kind using",
    exp.Where: "this",
    exp.Having: "this",
    exp.Qualify: "this",
    exp.Group: "expressions grouping_sets rollup cube",
    **dict.fromkeys((exp.GroupingSets, exp.Rollup, exp.Cube, exp.Grouping), "expressions"),
    exp.Distinct: "expressions",
    exp.Order: "expressions",
    exp.Ordered: "this desc nulls_first",
    exp.Limit: "expression",
    exp.Fetch: "direction count limit_options",
    exp.LimitOptions: "percent rows with_ties",
    exp.Offset: "expression",
    # names and constants
    exp.Identifier: "this quoted",
    exp.Column: "this table db catalog",
    exp.Star: "except_ replace rename",
    exp.Alias: "this alias",
    exp.Var: "this",
    exp.Literal: "this is_string",
    exp.Boolean: "this",
    exp.Null: "",
    # conditions
    exp.Paren: "this",
    exp.Tuple: "expressions",
    exp.Not: "this",
    exp.In: "this expressions query",
    exp.Between: "this low high",
    exp.Exists: "this",
    exp.Any: "this",
    exp.Array: "expressions",
    exp.All: "this",
    **dict.fromkeys(
        (exp.And, exp.Or, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Is, exp.NullSafeEQ, exp.NullSafeNEQ),
        _PAIR,
    ),
    # values
    exp.Neg: "this",
    **dict.fromkeys((exp.Add, exp.Sub, exp.Mul, exp.Nullif), _PAIR),
    exp.Div: f"{_PAIR} typed safe",  # both are the dialect's own, alike in both statements
    exp.Case: "this ifs default",
    exp.If: "this true false",
    exp.Coalesce: "this expressions",
    exp.Cast: "this to",
    exp.TryCast: "this to safe requires_string",
    exp.Year: "this",
    exp.Extract: _PAIR,
    **dict.fromkeys((exp.DateTrunc, exp.TimestampTrunc, exp.DatetimeTrunc), "this unit zone"),
    # aggregates and windows
    exp.Filter: _PAIR,
    exp.IgnoreNulls: "this",
    **dict.fromkeys(
        (exp.Max, exp.Min, exp.LogicalAnd, exp.LogicalOr, exp.Sum, exp.Avg, exp.Stddev, exp.StddevPop, exp.StddevSamp,
         exp.Variance, exp.VariancePop, exp.Median, exp.CountIf, exp.AnyValue),
        "this",
    ),
    exp.Count: "this expressions big_int",
    **dict.fromkeys((exp.RowNumber, exp.Rank, exp.DenseRank), "this"),
    exp.Window: "this partition_by order spec over",
    exp.WindowSpec: "kind start start_side end end_side",
}  # fmt: skip
_READ: Final = {kind: frozenset(arguments.split()) for kind, arguments in _ARGUMENTS.items()}
_TEXT: Final = (exp.DataType,)
"""Written out as they stand, with all that is in them."""


def check(tree: exp.Expr) -> None:
    """Raise `Unsupported` for the first part of a statement that no rule of proof looks at."""
    nodes = [tree]
    while nodes:
        node = nodes.pop()
        if isinstance(node, _TEXT):
            continue
        read = _READ.get(type(node))
        whole = read is None and _is_function(node)
        for key, value in node.args.items():
            if value is None or value is False or value == []:
                continue
            if not whole and (read is None or key not in read):
                if standing(type(node), key) is Standing.IRRELEVANT:
                    continue
                raise Unsupported(f"no rule knows {type(node).__name__} with {key.strip('_')}")
            values = value if isinstance(value, list) else [value]
            nodes.extend(one for one in values if isinstance(one, exp.Expr))
        if read is None and not whole:
            raise Unsupported(f"no rule knows {type(node).__name__}")


def _is_function(node: exp.Expr) -> bool:
    """Whether it is written out with every argument: a function of these alone, or a clock."""
    return type(node).__name__ in DETERMINISTIC or isinstance(node, (*CLOCKS, exp.Anonymous))
