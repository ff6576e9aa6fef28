"""DuckDB's plans: EXPLAIN (FORMAT JSON), profiling JSON of 1.x and 2.x, and the boxes of its text.

Sources: https://duckdb.org/docs/stable/dev/profiling (checked 2026-11-23), and runs of 1.5 and 2.0. A
profile's seconds are of all threads together.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from sqlopt.plan import Operator, Plan, PlanError, Totals
from sqlopt.span import Span
from sqlopt.warehouses.kinds import kind_of
from sqlopt.warehouses.positioned import Object, number, objects, texts, whole, words

_ROWS = ("operator_cardinality", "cardinality", "intermediate_rows")
_SECONDS = ("operator_timing", "timing")
_TABLES = ("Table", "Text", "Function")
_CONDITIONS = ("Conditions", "Filters", "Expression", "__expression__")
_WRAPPERS = frozenset({"EXPLAIN_ANALYZE", "RESULT_COLLECTOR", "QUERY_ROOT", "QUERY"})


def is_json(value: Any) -> bool:
    """Whether a JSON value is a plan or a profile of DuckDB."""
    first = value[0] if isinstance(value, list) and value else value
    if not isinstance(first, dict):
        return False
    if "extra_info" in first and ("children" in first or "name" in first):
        return True
    return ("operator" in first and ("query" in first or "io" in first)) or (
        "children" in first and ("query_name" in first or "cpu_time" in first or "latency" in first)
    )


def read_json(value: Any, text: str) -> Plan:
    """Read EXPLAIN (FORMAT JSON) or a profile."""
    if isinstance(value, list):
        return Plan("duckdb", _roots(value, text), span=Span(0, len(text)))
    query = value.get("query")
    about = query if isinstance(query, dict) else value
    below = value.get("operator", value.get("children", []))
    roots = _roots(
        [value] if "extra_info" in value and "query_name" not in value and "latency" not in value else below,
        text,
    )
    io, system = value.get("io"), value.get("system")
    members = {
        **about,
        **(io if isinstance(io, dict) else {}),
        **(system if isinstance(system, dict) else {}),
    }
    totals = Totals(
        seconds=_first(members, ("latency", "total_time")),
        bytes=_first(members, ("total_bytes_read",)) or None,
        partitions_scanned=whole(members.get("total_row_groups_scanned")),
        partitions_total=whole(members.get("total_row_groups_to_scan")),
        spilled_local=_first(members, ("system_peak_temp_dir_size", "peak_temp_dir_size")),
        rows=_first(members, ("rows_returned",)),
    )
    statement = about.get("sql") or about.get("query_name") or about.get("query")
    return Plan("duckdb", roots, statement=words(statement), totals=totals, span=Span(0, len(text)))


def _roots(values: Any, text: str) -> tuple[Operator, ...]:
    found = [_node(one, text) for one in objects(values)]
    if not found:
        raise PlanError("there is no operator in this profile", text, 0)
    while len(found) == 1 and found[0].name in _WRAPPERS and found[0].children:
        found = list(found[0].children)
    return tuple(found)


def _first(data: dict[str, Any], keys: tuple[str, ...]) -> float | None:
    return next((found for key in keys if (found := number(data.get(key))) is not None), None)


def _node(data: Object, text: str) -> Operator:
    name = data.get("operator_name") or data.get("operator_type") or data.get("name") or data.get("type")
    if not isinstance(name, str):
        raise PlanError("an operator has neither a name nor a type", text, data.span.start)
    info = data.get("extra_info")
    info = info if isinstance(info, dict) else {}
    below = data.get("children", [])
    if not isinstance(below, list):
        raise PlanError('"children" must be a list', text, data.span.start)
    kind = kind_of(name)
    scanned = _first(data, ("operator_rows_scanned", "rows_scanned"))
    rows = _first(data, _ROWS)
    return Operator(
        kind,
        name.strip(),
        data.span,
        tuple(_node(one, text) for one in objects(below)),
        tuple(pair for pair in texts(info) if pair[0] != "Estimated Cardinality"),
        next((words(info[key]) for key in _TABLES if info.get(key)), None) if kind == "Scan" else None,
        next((words(info[key]) for key in _CONDITIONS if info.get(key)), None),
        number(info.get("Estimated Cardinality")),
        rows,
        rows_in=scanned if kind == "Scan" and scanned else None,
        partitions_scanned=whole(data.get("row_groups_scanned")),
        partitions_total=whole(data.get("total_row_groups_to_scan")),
        seconds=_first(data, _SECONDS),
    )


# ---- the boxes

_TOP = re.compile(r"┌[─┴┬]+┐")
_ESTIMATE = re.compile(r"~([\d,]+) [Rr]ows?")
_ROW = re.compile(r"([\d,]+) [Rr]ows?")
_TIME = re.compile(r"\(?([\d.]+)s\)?")


def is_text(text: str) -> bool:
    """Whether a text holds DuckDB's boxes."""
    return "┌─" in text and "└─" in text


class _Box:
    """A box in the text: where it lies, its lines, and what stands beneath it."""

    def __init__(self, column: int, right: int, row: int, start: int) -> None:
        self.column, self.right, self.row, self.start = column, right, row, start
        self.end = start
        self.lines: list[str] = []
        self.last = row
        self.below: list[_Box] = []
        self.closed = False


def read_text(text: str) -> Plan:
    """Read the boxes of EXPLAIN and EXPLAIN ANALYZE. Raises `PlanError` for one that is cut off."""
    boxes = _boxes(text)
    open_ = next((one for one in boxes if not one.closed), None)
    if open_ is not None:
        raise PlanError("this box has no end", text, open_.start)
    plain = [one for one in boxes if any(re.fullmatch(r"[A-Z][A-Z0-9_ ]+", line) for line in one.lines[:1])]
    physical = max(text.find("Physical Plan"), 0)  # the logical ones stand before it
    plain = [one for one in plain if one.lines[0] not in _WRAPPERS and one.start >= physical]
    if not plain:
        raise PlanError("there is no operator in these boxes", text, 0)
    roots = _linked(plain)
    time = re.search(r"Total Time: ([\d.]+)s", text)
    return Plan(
        "duckdb",
        tuple(_box_node(one) for one in roots),
        totals=Totals(seconds=number(time[1]) if time else None),
        span=Span(0, len(text)),
    )


def _boxes(text: str) -> list[_Box]:
    found: list[_Box] = []
    at = 0
    open_: list[_Box] = []
    for row, line in enumerate(text.split("\n")):
        for box in open_:
            part = line[box.column : box.right]
            box.end = at + min(box.right, len(line))
            if part.startswith("└"):
                box.closed, box.last = True, row
            elif part.startswith("│"):
                box.lines.append(part.strip("│├ "))
        open_ = [one for one in open_ if not one.closed]
        for top in _TOP.finditer(line):
            if not any(one.column <= top.start() < one.right for one in open_):
                open_.append(_Box(top.start(), top.end(), row, at + top.start()))
                found.append(open_[-1])
        at += len(line) + 1
    for one in found:
        one.lines = [line for line in one.lines if line and not set(line) <= {"─", " "}]
    return found


def _linked(boxes: list[_Box]) -> list[_Box]:
    """Hang each box beneath the rightmost one of the row of boxes above that is not right of it."""
    levels: dict[int, list[_Box]] = {}
    for one in boxes:
        levels.setdefault(one.row, []).append(one)
    rows = [levels[row] for row in sorted(levels)]
    roots = list(rows[0])
    for above, here in pairwise(rows):
        for one in here:
            parents = [box for box in above if box.column <= one.column]
            (max(parents, key=lambda box: box.column).below if parents else roots).append(one)
    return roots


def _box_node(box: _Box) -> Operator:
    name, *rest = box.lines
    details: list[tuple[str, str]] = []
    plain: list[str] = []
    estimate = actual = seconds = None
    for line in rest:
        estimated, rows, time = _ESTIMATE.fullmatch(line), _ROW.fullmatch(line), _TIME.fullmatch(line)
        if estimated is not None:
            estimate = number(estimated[1])
        elif rows is not None:
            actual = number(rows[1])
        elif time is not None:
            seconds = number(time[1])
        elif ": " in line or line.endswith(":"):
            key, _, value = line.partition(":")
            details.append((key, value.strip()))
        elif details and not details[-1][1]:
            details[-1] = (details[-1][0], line)
        elif details:
            details[-1] = (details[-1][0], f"{details[-1][1]} {line}")
        else:
            plain.append(line)
    if plain:
        details.append(("Text", " ".join(plain)))
    known = dict(details)
    kind = kind_of(name)
    return Operator(
        kind,
        name,
        Span(box.start, box.end),
        tuple(map(_box_node, box.below)),
        tuple(details),
        next((known[key] for key in _TABLES if known.get(key)), None) if kind == "Scan" else None,
        next((known[key] for key in _CONDITIONS if known.get(key)), None),
        estimate,
        actual,
        seconds=seconds,
    )
