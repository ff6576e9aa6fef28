"""Whether an expression gives exactly one value for a row and does nothing else, so that it may go unread.

Only what is known to be so counts: a function that nobody listed may give many rows, or change something.
"""

from __future__ import annotations

from sqlglot import exp

from sqlopt.query.values.volatility import chance

# Parts of expressions that are no functions, and operators.
_PLAIN = (
    exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Null, exp.Paren, exp.Alias, exp.Cast, exp.DataType,
    exp.Binary, exp.Unary, exp.Case, exp.If, exp.Between, exp.In, exp.Tuple, exp.Interval, exp.IntervalSpan,
    exp.Var, exp.Ordered, exp.Order, exp.Distinct, exp.Window, exp.WindowSpec, exp.Filter, exp.Where,
    exp.WithinGroup, exp.IgnoreNulls, exp.RespectNulls, exp.Star, exp.Limit, exp.Bracket, exp.Slice, exp.JSONPath,
    exp.JSONPathPart, exp.PropertyEQ, exp.DataTypeParam, exp.AtTimeZone, exp.Collate, exp.Dot, exp.Kwarg,
    exp.HexString, exp.RawString, exp.National, exp.Placeholder, exp.Parameter, exp.SessionParameter,
)  # fmt: skip
# Functions that give several rows, change something, or wait.
_MANY_OR_ACTING = (
    exp.UDTF, exp.Explode, exp.Posexplode, exp.PosexplodeOuter, exp.Inline, exp.GenerateSeries, exp.Flatten,
    exp.ExplodingGenerateSeries, exp.Unnest, exp.JSONTable, exp.XMLTable, exp.NextValueFor, exp.Stack, exp.Generator,
    exp.GenerateTable, exp.SplitToTable, exp.StrtokSplitToTable, exp.AnonymousAggFunc, exp.CombinedAggFunc,
)  # fmt: skip
# Functions that sqlglot has no class for, by the dialects that know them: each gives one value for a row.
_NAMED = frozenset(
    """
    to_json to_jsonb row_to_json json_build_object jsonb_build_object json_build_array jsonb_build_array
    json_agg jsonb_agg to_tsvector to_tsquery age left right btrim ltrim rtrim quote_ident quote_literal
    array_to_string string_to_array cardinality array_length jsonb_typeof json_typeof jsonb_array_length
    json_array_length nullif greatest least sign mod power round floor ceil ceiling trunc sqrt exp ln log log10
    iff nvl nvl2 zeroifnull nullifzero div0 decode try_to_number try_to_date try_to_timestamp to_char to_date
    to_number to_timestamp to_varchar to_variant to_object to_array get get_path parse_json object_construct
    array_construct regexp_substr regexp_count regexp_instr initcap soundex translate ascii hash md5 sha1 sha2
    farm_fingerprint safe_divide to_json_string format_date format_timestamp parse_date parse_timestamp
    date_diff timestamp_diff datetime_diff list_value struct_pack struct_extract list_extract map_extract
    """.split()  # noqa: SIM905 - a list of words
)

_SEQUENCES = frozenset({"nextval", "currval"})  # Snowflake's and Oracle's ``numbers.NEXTVAL``


def one_value(node: exp.Expr) -> bool:
    """Whether ``node`` gives one value for each row, or group of rows, and has no effect.

    A subquery in it counts as long as it is a plain query; an unknown function does not.
    """
    return not chance(node) and all(_single(one) for one in node.walk(bfs=False, prune=_is_query))


def _is_query(node: exp.Expr) -> bool:
    return isinstance(node, exp.Query)


def _single(node: exp.Expr) -> bool:
    if isinstance(node, exp.Anonymous):
        return node.name.casefold() in _NAMED
    if isinstance(node, exp.Column):
        return node.name.casefold() not in _SEQUENCES or not node.args.get("table")
    if isinstance(node, exp.Query):
        return all(_single(one) for one in node.find_all(exp.Func))
    if isinstance(node, _MANY_OR_ACTING):
        return False
    return isinstance(node, (_PLAIN, exp.Func))
