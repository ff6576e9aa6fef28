"""Macros that every project has: dbt's own for all databases, and those of dbt_utils where it is not installed.

What each returns is documented at https://docs.getdbt.com/reference/dbt-jinja-functions/cross-database-macros
and https://github.com/dbt-labs/dbt-utils (checked 2026-11-23); those texts are written here anew, so that they
mean the same, not so that they read the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlopt.source.dbt.words import Words

PACKAGES = frozenset({"dbt", "dbt_utils"})
_NULL = "_dbt_utils_surrogate_key_null_"
_POSTGRES = frozenset({"postgres", "redshift", "materialize"})
_SPARK = frozenset({"spark", "databricks"})
_TRINO = frozenset({"trino", "athena", "presto"})


class Column:
    """A column as templates see it."""

    def __init__(self, column: Any, dtype: Any = None, *_: Any, **__: Any) -> None:
        self.column = self.name = column
        self.dtype = self.data_type = dtype or "unknown"

    @property
    def quoted(self) -> str:
        """The name in double quotes."""
        return f'"{self.name}"'

    def is_string(self) -> bool:
        """Whether it holds text."""
        return str(self.dtype).split("(")[0].lower() in (
            "text",
            "varchar",
            "string",
            "char",
            "character varying",
        )

    def is_numeric(self) -> bool:
        """Whether it holds exact numbers."""
        return str(self.dtype).split("(")[0].lower() in ("numeric", "number", "decimal")

    def is_number(self) -> bool:
        """Whether it holds numbers."""
        return self.is_numeric() or self.is_integer() or self.is_float()

    def is_integer(self) -> bool:
        """Whether it holds whole numbers."""
        return str(self.dtype).lower() in ("int", "integer", "bigint", "smallint", "int64")

    def is_float(self) -> bool:
        """Whether it holds fractions."""
        return str(self.dtype).lower() in ("float", "double", "real", "double precision", "float64")


def find(package: str, name: str) -> Callable[..., Any] | None:
    """Return the macro, which takes the `Words` at hand first; None if it is none of these."""
    if package == "dbt_utils":
        return _UTILS.get(name) or _CORE.get(name)
    return _CORE.get(name) if package == "dbt" else None


def _type(kind: str) -> Callable[..., str]:
    names = {
        "string": {
            **dict.fromkeys(("bigquery", "spark", "databricks"), "string"),
            **dict.fromkeys(("snowflake", "postgres", "duckdb", "materialize"), "TEXT"),
        },
        "timestamp": {"snowflake": "timestamp_ntz", "postgres": "timestamp without time zone"},
        "float": {"bigquery": "float64", "postgres": "double precision", "redshift": "double precision"},
        "numeric": {"bigquery": "numeric", "spark": "decimal(28,6)", "databricks": "decimal(28,6)"},
        "bigint": {"bigquery": "int64"},
        "int": {"bigquery": "int64"},
        "boolean": {"bigquery": "bool"},
    }
    plain = {"string": "varchar", "numeric": "numeric(28,6)"}.get(kind, kind)

    def called(words: Words) -> str:
        if kind == "float" and words.adapter in _TRINO:
            return "double"
        return names[kind].get(words.adapter or "", plain)

    return called


_string = _type("string")


def _date_trunc(words: Words, datepart: Any, date: Any) -> str:
    if words.adapter == "bigquery":
        return f"timestamp_trunc(cast({date} as timestamp), {datepart})"
    return f"date_trunc('{datepart}', {date})"


def _dateadd(words: Words, datepart: Any, interval: Any, from_date_or_timestamp: Any) -> str:
    given = from_date_or_timestamp
    if words.adapter == "bigquery":
        return f"datetime_add(cast({given} as datetime), interval {interval} {datepart})"
    if words.adapter in ("postgres", "materialize"):
        return f"{given} + ((interval '1 {datepart}') * ({interval}))"
    if words.adapter == "duckdb":
        return f"({given} + cast({interval} as bigint) * interval 1 {datepart})"
    if words.adapter in _TRINO:
        return f"date_add('{datepart}', {interval}, {given})"
    return f"dateadd({datepart}, {interval}, {given})"


def _datediff(words: Words, first_date: Any, second_date: Any, datepart: Any) -> str:
    part = str(datepart).lower()
    if words.adapter == "bigquery":
        return f"datetime_diff(cast({second_date} as datetime), cast({first_date} as datetime), {part})"
    if words.adapter == "duckdb":
        return f"(date_diff('{part}', {first_date}::timestamp, {second_date}::timestamp))"
    if words.adapter in _TRINO:
        return f"date_diff('{part}', {first_date}, {second_date})"
    if words.adapter in ("postgres", "materialize"):
        return _postgres_difference(str(first_date), str(second_date), part)
    return f"datediff({part}, {first_date}, {second_date})"


def _postgres_difference(first: str, second: str, part: str) -> str:
    def number(unit: str, date: str) -> str:
        return f"date_part('{unit}', ({date})::timestamp)"

    years = f"({number('year', second)} - {number('year', first)})"
    days = f"(({second})::date - ({first})::date)"
    hours = f"({days} * 24 + {number('hour', second)} - {number('hour', first)})"
    minutes = f"({hours} * 60 + {number('minute', second)} - {number('minute', first)})"
    forms = {
        "year": years,
        "quarter": f"({years} * 4 + {number('quarter', second)} - {number('quarter', first)})",
        "month": f"({years} * 12 + {number('month', second)} - {number('month', first)})",
        "week": f"({days} / 7)",
        "day": days,
        "hour": hours,
        "minute": minutes,
    }
    seconds = f"({minutes} * 60 + floor({number('second', second)}) - floor({number('second', first)}))"
    return forms.get(part, seconds)


def _last_day(words: Words, date: Any, datepart: Any) -> str:
    start = _date_trunc(words, datepart, date)
    return f"cast({_dateadd(words, 'day', '-1', _dateadd(words, datepart, '1', start))} as date)"


def _concat(words: Words, fields: Any) -> str:
    if words.adapter in {"bigquery", *_SPARK}:
        return f"concat({', '.join(map(str, fields))})"
    return " || ".join(map(str, fields))


def _hash(words: Words, field: Any) -> str:
    text = f"md5(cast({field} as {_string(words)}))"
    return f"to_hex({text})" if words.adapter == "bigquery" else text


def _safe_cast(words: Words, field: Any, type: Any) -> str:  # noqa: A002 - as templates name it
    name = {"bigquery": "safe_cast", "snowflake": "try_cast"}.get(words.adapter or "", "cast")
    return f"{name}({field} as {type})"


def _split_part(words: Words, string_text: Any, delimiter_text: Any, part_number: Any) -> str:
    if words.adapter == "bigquery":
        return f"split({string_text}, {delimiter_text})[safe_offset({int(part_number) - 1})]"
    if words.adapter == "duckdb":
        return f"string_split({string_text}, {delimiter_text})[{part_number}]"
    return f"split_part({string_text}, {delimiter_text}, {part_number})"


def _listagg(
    words: Words,
    measure: Any,
    delimiter_text: Any = "','",
    order_by_clause: Any = None,
    limit_num: Any = None,  # noqa: ARG001 - as templates call it
) -> str:
    order = f" {order_by_clause}" if order_by_clause else ""
    if words.adapter in ("snowflake", "redshift"):
        within = f" within group ({order.strip()})" if order else ""
        return f"listagg({measure}, {delimiter_text}){within}"
    return f"string_agg({measure}, {delimiter_text}{order})"


def _current_timestamp(words: Words) -> str:
    return {
        "snowflake": "convert_timezone('UTC', current_timestamp())",
        "duckdb": "now()",
        "postgres": "now()",
    }.get(
        words.adapter or "",
        "current_timestamp()" if words.adapter in {"bigquery", *_SPARK} else "current_timestamp",
    )


def _escape(words: Words, expression: Any) -> str:
    quote = "\\'" if words.adapter in {"bigquery", *_SPARK} else "''"
    return str(expression).replace("'", quote)


def _form(text: str, **by_adapter: str) -> Callable[..., str]:
    """Return a macro that fills its arguments, in order or by name, into a text."""
    import string

    names = list(dict.fromkeys(name for _, name, _, _ in string.Formatter().parse(text) if name))

    def called(words: Words, *args: Any, **kwargs: Any) -> str:
        form = by_adapter.get(words.adapter or "", text)
        values = dict.fromkeys(names, "") | dict(zip(names, args, strict=False)) | kwargs
        return form.format(**values)

    return called


def _schema_name(words: Words, custom_schema_name: Any = None, node: Any = None) -> str:  # noqa: ARG001
    default = words.project.target.schema or ""
    custom = str(custom_schema_name).strip() if custom_schema_name else ""
    return "_".join(one for one in (default, custom) if one)


def _alias_name(words: Words, custom_alias_name: Any = None, node: Any = None) -> str:
    name = node["name"] if isinstance(node, dict) else words.node.name
    return str(custom_alias_name or name).strip()


def _database_name(words: Words, custom_database_name: Any = None, node: Any = None) -> str:  # noqa: ARG001
    return str(custom_database_name or words.project.target.database or "").strip()


def _series(words: Words, upper_bound: Any) -> str:
    return (
        f"select row_number() over (order by 1) as generated_number from generated_numbers_{upper_bound}"
        if (words.adapter is None)
        else _numbers(int(upper_bound))
    )


def _numbers(upper: int) -> str:
    powers = max(upper - 1, 1).bit_length()
    joins = "".join(f" cross join p as p{number}" for number in range(1, powers))
    total = " + ".join(f"p{number}.generated_number * {2**number}" for number in range(powers))
    return (
        "with p as (select 0 as generated_number union all select 1), "
        f"unioned as (select {total} + 1 as generated_number from p as p0{joins}) "
        f"select * from unioned where generated_number <= {upper} order by generated_number"
    )


def _date_spine(words: Words, datepart: Any, start_date: Any, end_date: Any) -> str:
    step = _dateadd(words, datepart, "row_number() over (order by 1) - 1", start_date)
    return (
        f"with rawdata as ({_numbers(1024)}), "
        f"all_periods as (select {step} as date_{datepart} from rawdata), "
        f"filtered as (select * from all_periods where date_{datepart} <= {end_date}) "
        "select * from filtered"
    )


_CORE: dict[str, Callable[..., Any]] = {
    **{
        f"type_{kind}": _type(kind)
        for kind in ("string", "timestamp", "float", "numeric", "bigint", "int", "boolean")
    },
    "date_trunc": _date_trunc,
    "dateadd": _dateadd,
    "datediff": _datediff,
    "last_day": _last_day,
    "concat": _concat,
    "hash": _hash,
    "safe_cast": _safe_cast,
    "split_part": _split_part,
    "listagg": _listagg,
    "current_timestamp": _current_timestamp,
    "current_timestamp_in_utc": _current_timestamp,
    "escape_single_quotes": _escape,
    "string_literal": lambda _, value: f"'{value}'",
    "date": lambda _, year, month, day: f"cast('{int(year):04}-{int(month):02}-{int(day):02}' as date)",
    "cast": _form("cast({field} as {type})"),
    "length": _form("length({expression})"),
    "replace": _form("replace({field}, {old_chars}, {new_chars})"),
    "right": _form("right({string_text}, {length_expression})"),
    "position": _form(
        "position({substring_text} in {string_text})",
        bigquery="strpos({string_text}, {substring_text})",
        snowflake="position({substring_text}, {string_text})",
    ),
    "any_value": _form(
        "any_value({expression})", postgres="min({expression})", duckdb="arbitrary({expression})"
    ),
    "bool_or": _form(
        "bool_or({expression})", bigquery="logical_or({expression})", snowflake="boolor_agg({expression})"
    ),
    "cast_bool_to_text": lambda words, bool_expression: f"cast({bool_expression} as {_string(words)})",
    "equals": _form("({expr1} = {expr2} or ({expr1} is null and {expr2} is null))"),
    "array_append": _form("array_append({array}, {new_element})"),
    "array_concat": _form("array_cat({array_1}, {array_2})", bigquery="array_concat({array_1}, {array_2})"),
    "array_construct": lambda words, inputs=(), data_type=None: (  # noqa: ARG005
        f"array_construct({', '.join(map(str, inputs))})"
        if words.adapter == "snowflake"
        else f"array[{', '.join(map(str, inputs))}]"
    ),
    "except": lambda words: "except distinct" if words.adapter == "bigquery" else "except",
    "intersect": lambda words: "intersect distinct" if words.adapter == "bigquery" else "intersect",
    "generate_series": _series,
    "date_spine": _date_spine,
    "generate_schema_name": _schema_name,
    "generate_alias_name": _alias_name,
    "generate_database_name": _database_name,
    "convert_datetime": lambda _, date, form: f"{date}",  # noqa: ARG005
    "should_full_refresh": lambda _: False,
    "snapshot_hash_arguments": lambda words, fields: _hash(
        words, " || '|' || ".join(f"coalesce(cast({one} as {_string(words)}), '')" for one in fields)
    ),
}


def _surrogate(words: Words, field_list: Any = (), *more: Any) -> str:
    fields = [field_list, *more] if isinstance(field_list, str) else list(field_list)
    text = _string(words)
    parts = [f"coalesce(cast({one} as {text}), '{_NULL}')" for one in fields]
    joined = [piece for one in parts for piece in ("'-'", one)][1:]
    return _hash(words, _concat(words, joined))


def _names(values: Any) -> set[str]:
    return {str(one).casefold() for one in ([values] if isinstance(values, str) else values or ())}


def _star(
    words: Words,
    from_: Any = None,
    relation_alias: Any = False,
    except_: Any = (),
    prefix: Any = "",
    suffix: Any = "",
    quote_identifiers: Any = True,
    **more: Any,
) -> str:
    relation, left_out = more.get("from", from_), _names(more.get("except", except_))
    known = words.project.columns_of(relation)
    before = f"{relation_alias}." if relation_alias else ""
    if known is None:
        said = f"the columns of {relation} are not known, so star() is read as *"
        words.state.notes[said] = None
        return f"{before}*"
    quoted = words.get("adapter").quote if quote_identifiers else str
    shown = []
    for name, _ in known:
        if name.casefold() not in left_out:
            alias = f" as {quoted(f'{prefix}{name}{suffix}')}" if prefix or suffix else ""
            shown.append(f"{before}{quoted(name)}{alias}")
    return ",\n  ".join(shown) or "*"


def _filtered(words: Words, from_: Any = None, except_: Any = (), **more: Any) -> Any:
    known = words.project.columns_of(more.get("from", from_))
    if known is None:
        return words.state.opaque("columns", called=False)
    left_out = _names(more.get("except", except_))
    return [name for name, _ in known if name.casefold() not in left_out]


def _union(words: Words, relations: Any = (), *_: Any, **more: Any) -> str:
    source = more.get("source_column_name", "_dbt_source_relation")
    where = f" where {more['where']}" if more.get("where") else ""
    shown = f"cast('{{}}' as {_string(words)}) as {source}, " if source else ""
    return " union all ".join(
        f"(select {shown.format(str(one).replace(chr(39), ''))}* from {one}{where})" for one in relations
    )


def _pivot(
    words: Words,
    column: Any,
    values: Any,
    alias: Any = True,
    agg: Any = "sum",
    cmp: Any = "=",
    prefix: Any = "",
    suffix: Any = "",
    then_value: Any = 1,
    else_value: Any = 0,
    quote_identifiers: Any = True,
    distinct: Any = False,
) -> str:
    quoted = words.get("adapter").quote if quote_identifiers else str
    shown = []
    for one in values:
        case = f"case when {column} {cmp} '{_escape(words, one)}' then {then_value} else {else_value} end"
        named = f" as {quoted(f'{prefix}{one}{suffix}')}" if alias else ""
        shown.append(f"{agg}({'distinct ' if distinct else ''}{case}){named}")
    return ",\n  ".join(shown)


def _deduplicate(words: Words, relation: Any, partition_by: Any, order_by: Any) -> str:
    if words.adapter in {"snowflake", "bigquery", "databricks", "duckdb"}:
        return (
            f"select * from {relation} qualify row_number() over "
            f"(partition by {partition_by} order by {order_by}) = 1"
        )
    return (
        f"select * from (select *, row_number() over (partition by {partition_by} order by {order_by}) as rn "
        f"from {relation}) as numbered where rn = 1"
    )


def _parameter(words: Words, field: Any, url_parameter: Any) -> str:
    split = _split_part(words, field, f"'{url_parameter}='", 2)
    return f"nullif({_split_part(words, split, chr(39) + '&' + chr(39), 1)}, '')"


def _slugify(_: Words, string: Any) -> str:
    import re

    text = re.sub("[^a-z0-9_]+", "", re.sub("[ -]+", "_", str(string).lower()))
    return f"_{text}" if text[:1].isdigit() else text


def _opaque(name: str) -> Callable[..., Any]:
    return lambda words, *_, **__: words.state.opaque(f"dbt_utils.{name}", called=False)


_ASKING = (
    "get_column_values",
    "get_single_value",
    "get_query_results_as_dict",
    "get_relations_by_pattern",
    "get_relations_by_prefix",
    "get_tables_by_pattern_sql",
    "get_tables_by_prefix_sql",
)
_UTILS: dict[str, Callable[..., Any]] = {
    "generate_surrogate_key": _surrogate,
    "surrogate_key": _surrogate,
    "star": _star,
    "get_filtered_columns_in_relation": _filtered,
    "union_relations": _union,
    "pivot": _pivot,
    "deduplicate": _deduplicate,
    "date_spine": _date_spine,
    "generate_series": _series,
    "group_by": lambda _, n: f"group by {','.join(str(one + 1) for one in range(int(n)))}",
    "safe_add": lambda _, field_list, *more: " + ".join(
        f"coalesce({one}, 0)" for one in ([field_list, *more] if isinstance(field_list, str) else field_list)
    ),
    "safe_subtract": lambda _, field_list: " - ".join(f"coalesce({one}, 0)" for one in field_list),
    "safe_divide": _form("({numerator}) / nullif(({denominator}), 0)"),
    "get_url_parameter": _parameter,
    "get_url_host": lambda words, field: _split_part(
        words,
        _split_part(words, f"replace(replace({field}, 'http://', ''), 'https://', '')", "'/'", 1),
        "'?'",
        1,
    ),
    "get_url_path": lambda words, field: _split_part(words, f"replace({field}, '://', '')", "'?'", 1),
    "nullcheck": lambda _, cols: ",\n".join(
        f"nullif({one.name}, '') as {one.name}" if one.is_string() else str(one.name) for one in cols
    ),
    "slugify": _slugify,
    "pretty_time": lambda _, format="": "00:00:00",  # noqa: A006, ARG005 - as templates name it
    "pretty_log_format": lambda _, message: str(message),
    "log_info": lambda _, message: "",  # noqa: ARG005
    "current_timestamp": _current_timestamp,
    **{name: _opaque(name) for name in _ASKING},
}
