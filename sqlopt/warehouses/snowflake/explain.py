"""Snowflake's plans: EXPLAIN USING JSON, TABULAR and TEXT, operator statistics, history, insights.

Sources: https://docs.snowflake.com/en/sql-reference/sql/explain,
https://docs.snowflake.com/en/sql-reference/functions/get_query_operator_stats,
https://docs.snowflake.com/en/sql-reference/account-usage/query_history and
https://docs.snowflake.com/en/user-guide/query-insights (checked 2026-11-23).
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

from sqlopt.plan import Insight, Kind, Note, Operator, Plan, PlanError, Totals
from sqlopt.span import Span
from sqlopt.warehouses.kinds import kind_of
from sqlopt.warehouses.positioned import (
    DEEPEST,
    Object,
    Tree,
    lines,
    milliseconds,
    nested,
    number,
    objects,
    rows,
    texts,
    whole,
    words,
)

_HISTORY = frozenset({"bytes_scanned", "total_elapsed_time", "partitions_scanned", "queued_overload_time"})


def is_json(value: Any) -> bool:
    """Whether a JSON value is a plan of Snowflake, or rows about a query."""
    if isinstance(value, list):
        return bool(value) and isinstance(value[0], dict) and is_rows(value[0])
    return isinstance(value, dict) and (isinstance(value.get("Operations"), list) or is_rows(value))


def is_rows(row: dict[str, Any]) -> bool:
    """Whether a row is one of EXPLAIN, operator statistics, QUERY_HISTORY or QUERY_INSIGHTS."""
    keys = {str(key).casefold() for key in row}
    return (
        {"operator_id", "operator_type"} <= keys
        or "insight_type_id" in keys
        or {"operation", "id"} <= keys
        or ("query_id" in keys and bool(keys & _HISTORY))
    )


def read_json(value: Any, text: str) -> Plan:
    """Read EXPLAIN USING JSON, or rows as JSON."""
    if isinstance(value, dict) and "Operations" in value:
        steps = [one for one in value["Operations"] if isinstance(one, list)] or [value["Operations"]]
        found = [
            Object({**one, "step": number_}, one.span)
            for number_, step in enumerate(steps)
            for one in objects(step)
        ]
        return _explained([_lower(one) for one in found], text, value.get("GlobalStats"))
    return read_rows(objects(value) if isinstance(value, list) else [value], text)


def read_csv(text: str) -> Plan:
    """Read rows as CSV."""
    return read_rows(rows(text), text)


def read_rows(found: list[Object], text: str) -> Plan:
    """Read rows of EXPLAIN, GET_QUERY_OPERATOR_STATS, QUERY_HISTORY or QUERY_INSIGHTS."""
    low = [_lower(one) for one in found]
    if not low:
        raise PlanError("there are no rows under this header", text, len(text))
    keys = low[0].keys()
    if "insight_type_id" in keys:
        return _insights(low)
    if "operator_id" in keys:
        return _statistics(low, text)
    if "operation" in keys:
        return _explained(low, text, None)
    return _history(low)


def _lower(row: Object) -> Object:
    return Object(((str(key).casefold(), value) for key, value in row.items()), row.span)


# ---- EXPLAIN


def _explained(found: list[Object], text: str, stats: Any) -> Plan:
    if not found:
        raise PlanError("there is no operation in this plan", text, 0)
    stats = stats if isinstance(stats, dict) else {}
    head = next((one for one in found if str(one.get("operation")).casefold() == "globalstats"), None)
    if head is not None:
        stats = {
            "partitionsTotal": head.get("partitionstotal"),
            "partitionsAssigned": head.get("partitionsassigned"),
            "bytesAssigned": head.get("bytesassigned"),
        }
        found = [one for one in found if one is not head]
    roots = _assembled([(one, _operation(one, text)) for one in found], text)
    totals = Totals(
        bytes=number(stats.get("bytesAssigned")),
        partitions_scanned=whole(stats.get("partitionsAssigned")),
        partitions_total=whole(stats.get("partitionsTotal")),
    )
    return Plan("snowflake", roots, totals=totals, span=Span(0, len(text)))


def _operation(row: Object, text: str) -> Operator:
    name = row.get("operation")
    if not isinstance(name, str) or not name:
        raise PlanError('an operation has no "operation"', text, row.span.start)
    expressions = words(_value(row.get("expressions")))
    tables = words(_value(row.get("objects")))
    pairs = (("expressions", expressions), ("alias", words(row.get("alias"))))
    kind = kind_of(name)
    return Operator(
        kind,
        name,
        row.span,
        details=tuple((key, one) for key, one in pairs if one),
        table=tables or None,
        condition=expressions if kind in (Kind.JOIN, Kind.FILTER) else None,
        bytes=number(row.get("bytesassigned")),
        partitions_scanned=whole(row.get("partitionsassigned")),
        partitions_total=whole(row.get("partitionstotal")),
    )


def _value(given: Any) -> Any:
    """Return what a cell holds: JSON in a text is read, where it is any."""
    if isinstance(given, str) and given.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(given)
        except (ValueError, RecursionError):
            return given
    return given


def _parents(row: Object) -> list[str]:
    for key in ("parentoperators", "parent_operators", "parent", "parent_operator_id"):
        value = _value(row.get(key))
        if isinstance(value, list):
            return [one for one in map(words, value) if one]
        found = words(value)
        if found:
            return [found]
    return []


def _assembled(found: list[tuple[Object, Operator]], text: str) -> tuple[Operator, ...]:
    """Hang operators beneath their first parent of the same step."""
    below: dict[tuple[str | None, str], list[int]] = {}
    roots: list[int] = []
    ids = [
        (words(row.get("step", row.get("step_id"))), words(row.get("id", row.get("operator_id"))))
        for row, _ in found
    ]
    known = set(ids)
    for index, (row, _) in enumerate(found):
        step = ids[index][0]
        parents = [one for one in _parents(row) if (step, one) in known]
        if parents:
            below.setdefault((step, parents[0]), []).append(index)
        else:
            roots.append(index)
    done: set[int] = set()

    def built(index: int, depth: int) -> Operator:
        row, operator = found[index]
        if depth > DEEPEST or index in done:
            raise PlanError("the operators are nested in a circle or too deep", text, row.span.start)
        done.add(index)
        step, identity = ids[index]
        children = below.get((step, identity), []) if identity is not None else []
        return replace(operator, children=tuple(built(one, depth + 1) for one in children))

    trees = tuple(built(index, 0) for index in roots)
    if len(done) < len(found):
        lost = next(index for index in range(len(found)) if index not in done)
        raise PlanError("this operator hangs beneath itself", text, found[lost][0].span.start)
    return trees


# ---- after the run


def _statistics(found: list[Object], text: str) -> Plan:
    shares = [number(_part(row, "execution_time_breakdown").get("overall_percentage")) for row in found]
    percent = sum(one or 0.0 for one in shares) > 1.5  # noqa: PLR2004 - fractions add up to one
    operators = [
        (row, replace(_measured(row, text), share=None if share is None else share / (100 if percent else 1)))
        for row, share in zip(found, shares, strict=True)
    ]
    return Plan(
        "snowflake",
        _assembled(operators, text),
        words(found[0].get("query_id")),
        span=Span(0, len(text)),
    )


def _part(row: Object, key: str) -> dict[str, Any]:
    value = _value(row.get(key))
    return {str(name).casefold(): one for name, one in value.items()} if isinstance(value, dict) else {}


def _sub(data: dict[str, Any], key: str) -> dict[str, Any]:
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def _measured(row: Object, text: str) -> Operator:
    name = row.get("operator_type")
    if not isinstance(name, str) or not name:
        raise PlanError("a row has no operator_type", text, row.span.start)
    statistics, attributes = _part(row, "operator_statistics"), _part(row, "operator_attributes")
    pruning, spilling = _sub(statistics, "pruning"), _sub(statistics, "spilling")
    conditions = ("equality_join_condition", "additional_join_condition", "filter_condition")
    # Statistics that are given for an operator without spilling say that it had none.
    spilled = 0.0 if statistics and name != "TableScan" else None
    return Operator(
        kind_of(name),
        name,
        row.span,
        details=texts(attributes),
        table=words(attributes.get("table_name")),
        condition=next((one for key in conditions if (one := words(attributes.get(key)))), None),
        actual_rows=number(statistics.get("output_rows")),
        rows_in=number(statistics.get("input_rows")),
        bytes=number(_sub(statistics, "io").get("bytes_scanned")),
        partitions_scanned=whole(pruning.get("partitions_scanned")),
        partitions_total=whole(pruning.get("partitions_total")),
        spilled_local=_or(number(spilling.get("bytes_spilled_local_storage")), spilled),
        spilled_remote=_or(number(spilling.get("bytes_spilled_remote_storage")), spilled),
    )


def _or(value: float | None, other: float | None) -> float | None:
    return other if value is None else value


def _history(found: list[Object]) -> Plan:
    row = found[0]
    more = (Note(f"{len(found) - 1} more queries are left out", found[1].span),) if len(found) > 1 else ()
    queues = ("queued_overload_time", "queued_provisioning_time", "queued_repair_time")
    queued = [milliseconds(row.get(one)) for one in queues]
    return Plan(
        "snowflake",
        query_id=words(row.get("query_id")),
        statement=words(row.get("query_text")),
        totals=Totals(
            seconds=milliseconds(row.get("total_elapsed_time")),
            queued=sum(one or 0.0 for one in queued) if any(one is not None for one in queued) else None,
            bytes=number(row.get("bytes_scanned")),
            partitions_scanned=whole(row.get("partitions_scanned")),
            partitions_total=whole(row.get("partitions_total")),
            spilled_local=number(row.get("bytes_spilled_to_local_storage")),
            spilled_remote=number(row.get("bytes_spilled_to_remote_storage")),
            rows=number(row.get("rows_produced")),
        ),
        settings=texts(row, ("warehouse_name", "warehouse_size", "execution_status")),
        notes=more,
        span=row.span,
    )


def _insights(found: list[Object]) -> Plan:
    seen = tuple(
        Insight(str(row["insight_type_id"]), words(_value(row.get("message"))) or "", row.span)
        for row in found
        if row.get("insight_type_id")
    )
    return Plan("snowflake", query_id=words(found[0].get("query_id")), insights=seen)


# ---- text

_OPERATION = re.compile(r"\s*(\d+):(\d+)(\s*)->\s*(\w+)\s*(.*)")
_STATS = re.compile(r"\{([^{}]*=[^{}]*)\}\s*$")
_PAIR = re.compile(r"(\w+)=([\d.]+)")


def is_text(text: str) -> bool:
    """Whether a text is EXPLAIN USING TEXT, or its TABULAR output as a terminal shows it."""
    return bool(re.search(r"^\s*\d+:\d+\s+->\s*\w", text, re.MULTILINE) or _TABLE.search(text))


_TABLE = re.compile(r"^\|\s*step\s*\|\s*id\s*\|", re.MULTILINE | re.IGNORECASE)


def read_text(text: str) -> Plan:
    """Read EXPLAIN USING TEXT, or the table that a terminal shows of TABULAR."""
    if _TABLE.search(text):
        return _read_table(text)
    items: list[tuple[int, tuple[Span, re.Match[str]]]] = []
    stats: dict[str, str] = {}
    for line in lines(text):
        found = _OPERATION.fullmatch(line.text)
        if found is not None:
            items.append((found.start(4), (line.span, found)))
        elif items:
            raise PlanError("expected an operation, such as 1:0 ->Result", text, line.span.start)
        else:
            stats |= dict(_PAIR.findall(line.text))
    trees = nested(items, text, lambda one: one[0])
    totals = Totals(
        bytes=number(stats.get("bytesAssigned")),
        partitions_scanned=whole(stats.get("partitionsAssigned")),
        partitions_total=whole(stats.get("partitionsTotal")),
    )
    return Plan("snowflake", tuple(map(_text_node, trees)), totals=totals, span=Span(0, len(text)))


def _text_node(tree: Tree) -> Operator:
    span, found = tree.item
    name, rest = found[4], found[5]
    stats = _STATS.search(rest)
    known = dict(_PAIR.findall(stats[1])) if stats else {}
    rest = rest[: stats.start()].strip() if stats else rest.strip()
    kind = kind_of(name)
    table, _, expressions = rest.partition("  ") if kind == Kind.SCAN else ("", "", rest)
    return Operator(
        kind,
        name,
        span,
        tuple(map(_text_node, tree.children)),
        (("expressions", expressions.strip()),) if expressions.strip() else (),
        re.sub(r" as \S+$", "", table) or None,
        expressions.strip() or None if kind in (Kind.JOIN, Kind.FILTER) else None,
        bytes=number(known.get("bytesAssigned")),
        partitions_scanned=whole(known.get("partitionsAssigned")),
        partitions_total=whole(known.get("partitionsTotal")),
    )


def _read_table(text: str) -> Plan:
    header: list[str] | None = None
    found: list[Object] = []
    for line in lines(text):
        if not line.text.lstrip().startswith("|") or line.text.lstrip().startswith("|-"):
            continue
        cells = [one.strip() for one in line.text.strip().strip("|").split(" | ")]
        if header is None:
            header = [one.strip().casefold() for one in line.text.strip().strip("|").split("|")]
        elif len(cells) == len(header):
            values = (None if one in ("NULL", "") else one for one in cells)
            found.append(Object(zip(header, values, strict=True), line.span))
        else:
            message = f"a row of {len(cells)} cells under a header of {len(header)}"
            raise PlanError(message, text, line.span.start)
    return read_rows(found, text)
