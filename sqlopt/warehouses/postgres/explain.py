"""PostgreSQL's EXPLAIN: FORMAT JSON and text, with or without ANALYZE and BUFFERS.

Source: https://www.postgresql.org/docs/current/using-explain.html (checked 2026-11-23), and runs of
PostgreSQL 15 and 18. Rows and times are averages of a loop there; here they are sums.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlopt.plan import Kind, Note, Operator, Plan, PlanError, Totals
from sqlopt.span import Span
from sqlopt.warehouses.kinds import kind_of
from sqlopt.warehouses.positioned import Line, Object, Tree, lines, milliseconds, nested, number, texts, words

if TYPE_CHECKING:
    from collections.abc import Sequence

BLOCK = 8192
"""Bytes of a block, unless the server was built otherwise."""

_DETAILS = (
    *("Index Name", "Index Cond", "Recheck Cond", "Filter", "Join Type", "Join Filter", "Hash Cond"),
    *("Merge Cond", "Sort Key", "Presorted Key", "Sort Method", "Group Key", "Strategy", "Partial Mode"),
    *(
        "Parent Relationship",
        "Subplan Name",
        "CTE Name",
        "Function Name",
        "Workers Planned",
        "Workers Launched",
    ),
    *(
        "Hash Batches",
        "HashAgg Batches",
        "Peak Memory Usage",
        "Subplans Removed",
        "Operation",
        "Heap Fetches",
    ),
    *("Rows Removed by Filter", "Rows Removed by Join Filter", "Rows Removed by Index Recheck"),
)
_CONDITIONS = ("Hash Cond", "Merge Cond", "Join Filter", "Index Cond", "Recheck Cond", "TID Cond", "Filter")


def is_json(value: Any) -> bool:
    """Whether a JSON value is a plan of PostgreSQL."""
    value = _unwrapped(value)
    first = value[0] if isinstance(value, list) and value else value
    return isinstance(first, dict) and isinstance(first.get("Plan"), dict) and "Node Type" in first["Plan"]


def _unwrapped(value: Any) -> Any:
    """Return the plan in what clients export: a row with the column QUERY PLAN."""
    row = value[0] if isinstance(value, list) and len(value) == 1 else value
    return row["QUERY PLAN"] if isinstance(row, dict) and len(row) == 1 and "QUERY PLAN" in row else value


_PSQL = re.compile(r"\s*QUERY PLAN\s*\n\s*-{3,}\s*\n(?=\s*(?:[\[{]|- Plan:))")


def unframed(text: str) -> str | None:
    """Return what psql shows of a plan in JSON or YAML without psql's frame, or None where it is no such thing.

    All that is taken away becomes blanks, so that positions stay.
    """
    head = _PSQL.match(text)
    if head is None:
        return text if re.match(r"\s*- Plan:", text) else None
    body = re.sub(r"\+(?=\r?$)", " ", text[head.end() :], flags=re.MULTILINE)
    body = re.sub(r"^\(\d+ rows?\)", lambda found: " " * len(found[0]), body, flags=re.MULTILINE)
    return re.sub(r"[^\n]", " ", head[0]) + body


def read_json(value: Any, text: str) -> Plan:
    """Read the value of EXPLAIN (FORMAT JSON): one plan, or a list of them with one each."""
    value = _unwrapped(value)
    plans = value if isinstance(value, list) else [value]
    roots: list[Operator] = []
    for one in plans:
        if not isinstance(one, dict) or not isinstance(one.get("Plan"), Object):
            raise PlanError(
                'expected an object with the key "Plan"', text, getattr(one, "span", Span(0, 0)).start
            )
        roots.append(_node(one["Plan"], text))
    first = plans[0]
    settings = texts(first.get("Settings"))
    return Plan(
        "postgres",
        tuple(roots),
        query_id=words(first.get("Query Identifier")),
        statement=words(first.get("Query Text")),
        totals=_totals(roots, milliseconds(first.get("Execution Time"))),
        settings=(*settings, *texts(first, ("Planning Time", "Execution Time"))),
        span=Span(0, len(text)),
    )


def _totals(roots: Sequence[Operator], seconds: float | None) -> Totals:
    root = roots[0] if roots else None
    return Totals(
        seconds=seconds,
        cost=root.cost if root else None,
        rows=root.actual_rows if root else None,
    )


def _node(data: Object, text: str) -> Operator:
    name = data.get("Node Type")
    if not isinstance(name, str):
        raise PlanError('a node of the plan has no "Node Type"', text, data.span.start)
    below = data.get("Plans", [])
    if not isinstance(below, list) or not all(isinstance(one, Object) for one in below):
        raise PlanError('"Plans" must be a list of nodes', text, data.span.start)
    loops = number(data.get("Actual Loops"))
    table = words(data.get("Relation Name"))
    if table and data.get("Schema"):
        table = f"{data['Schema']}.{table}"
    return Operator(
        kind_of(str(data.get("Operation", "")) if name == "ModifyTable" else name),
        _full_name(name, data),
        data.span,
        tuple(_node(one, text) for one in below),
        texts(data, _DETAILS),
        table,
        next((found for one in _CONDITIONS if (found := words(data.get(one)))), None),
        number(data.get("Plan Rows")),
        _times(number(data.get("Actual Rows")), loops),
        rows_removed=_times(number(data.get("Rows Removed by Filter")), loops),
        loops=loops,
        bytes=_blocks_read(data) if not below else None,
        partitions_total=None,
        spilled_local=_spilled(data, below),
        total_seconds=_times(milliseconds(data.get("Actual Total Time")), loops),
        cost=number(data.get("Total Cost")),
    )


def _full_name(name: str, data: Object) -> str:
    """Return the name as the text format has it."""
    if name == "Aggregate":
        prefix = {"Hashed": "Hash", "Sorted": "Group", "Mixed": "Mixed"}.get(str(data.get("Strategy")), "")
        name = f"{prefix}{name}"
    join = data.get("Join Type")
    if isinstance(join, str) and join != "Inner":
        name = f"{name.removesuffix(' Join')} {join} Join"
    mode = data.get("Partial Mode")
    if mode in ("Partial", "Finalize"):
        name = f"{mode} {name}"
    return f"Parallel {name}" if data.get("Parallel Aware") is True else name


def _times(value: float | None, loops: float | None) -> float | None:
    return None if value is None else value * (1 if loops is None else loops)


def _blocks_read(data: Object) -> float | None:
    counts = [number(data.get(f"Shared {one} Blocks")) for one in ("Hit", "Read")]
    known = [one for one in counts if one is not None]
    return sum(known) * BLOCK if known else None


def _spilled(data: Object, below: Sequence[Object]) -> float | None:
    """Return the bytes that an operator itself wrote to temporary files."""
    if "Sort Space Type" in data:
        kilobytes = number(data.get("Sort Space Used")) if data["Sort Space Type"] == "Disk" else 0.0
        return None if kilobytes is None else kilobytes * 1024
    disk = number(data.get("Disk Usage"))
    if disk:
        return disk * 1024
    written = number(data.get("Temp Written Blocks"))
    if written is None:
        return disk
    return max(written - sum(number(one.get("Temp Written Blocks")) or 0.0 for one in below), 0.0) * BLOCK


# ---- text

_COST = re.compile(r"\(cost=(?P<start>[\d.]+)\.\.(?P<cost>[\d.]+) rows=(?P<rows>\d+) width=(?P<width>\d+)\)")
_ACTUAL = re.compile(
    r"\((?:never executed|actual(?: time=(?P<first>[\d.]+)\.\.(?P<last>[\d.]+))?"
    r" rows=(?P<rows>[\d.]+) loops=(?P<loops>\d+))\)"
)
_ARROW = re.compile(r"(?P<indent>[\s|]*)->\s*")
_PROPERTY = re.compile(r"\s*(?P<key>[A-Z][\w ()]*?): +(?P<value>.+)")
_NAME = re.compile(r"(?P<name>.+?)(?: using (?P<index>\S+))?(?: on (?P<table>\S+)(?: (?P<alias>\S+))?)?")
_WRITTEN = re.compile(r"temp\b[^,]*?written=(\d+)")
_READ = re.compile(r"shared\b(?: hit=(?P<hit>\d+))?(?: read=(?P<read>\d+))?")
_DISK = re.compile(r"Disk(?: Usage)?: +(\d+)kB")
_HEADER = re.compile(r"\s*(?:QUERY PLAN|-+|\(\d+ rows?\))\s*")


class _Node(NamedTuple):
    line: Line
    properties: list[tuple[str, str]]


def is_text(line: str) -> bool:
    """Whether a line is the root of a plan in PostgreSQL's text format."""
    return bool(_COST.search(line)) or bool(_ACTUAL.search(line))


def read_text(text: str, engine: str = "postgres") -> Plan:
    """Read EXPLAIN's text. Raises `PlanError` with the position of a line that is none of it."""
    items: list[tuple[int, _Node]] = []
    outside: dict[str, str] = {}
    notes: list[Note] = []
    for line in lines(text):
        arrow = _ARROW.match(line.text)
        if _HEADER.fullmatch(line.text):
            continue
        if arrow is not None or not items:
            if not items and arrow is None and not is_text(line.text):
                raise PlanError("expected an operator with its cost", text, line.span.start)
            depth = len(arrow["indent"]) + 1 if arrow else 0
            items.append((depth, _Node(line, [])))
            continue
        found = _PROPERTY.fullmatch(line.text)
        if found is None:
            label = re.match(
                r"\s*(InitPlan|SubPlan|CTE|Send|Distribute|Planning|Buffers|Worker|JIT|-----|Query)\b",
                line.text,
            )
            if label is None and ":" not in line.text:
                notes.append(Note("this line is not understood", line.span))
        elif found["key"] in ("Planning Time", "Execution Time", "Total runtime", "Query Identifier"):
            outside[found["key"]] = found["value"]
        else:
            items[-1][1].properties.append((found["key"], found["value"]))
    if not items:
        raise PlanError("there is no operator in this text", text, 0)
    trees = nested(items, text, lambda one: one.line.span)
    roots = [_text_node(one) for one in trees]
    time = outside.get("Execution Time") or outside.get("Total runtime") or ""
    return Plan(
        engine,
        tuple(roots),
        query_id=outside.get("Query Identifier"),
        totals=_totals(roots, milliseconds(time.removesuffix(" ms") or None)),
        settings=tuple(outside.items()),
        notes=tuple(notes),
        span=Span(0, len(text)),
    )


def _text_node(tree: Tree) -> Operator:
    node: _Node = tree.item
    text = _ARROW.sub("", node.line.text, count=1).strip()
    cost, actual = _COST.search(text), _ACTUAL.search(text)
    label = re.split(r"\s+\((?:cost=|actual |never )", text)[0].removeprefix("XN ").removeprefix("LD ")
    named = _NAME.fullmatch(label)
    name = named["name"] if named else label
    properties = dict(node.properties)
    index = named["index"] if named else None
    details = ((("Index Name", index),) if index else ()) + tuple(node.properties)
    loops = number(actual["loops"]) if actual else None
    kind = Kind.EXCHANGE if name == "Merge" else kind_of(name)  # Redshift's leader merges sorted slices
    last = milliseconds(actual["last"]) if actual else None
    return Operator(
        kind,
        name,
        node.line.span,
        tuple(map(_text_node, tree.children)),
        details,
        named["table"] if named else None,
        next((properties[one] for one in _CONDITIONS if one in properties), None),
        number(cost["rows"]) if cost else None,
        _times(number(actual["rows"]), loops) if actual else None,
        rows_removed=_times(number(properties.get("Rows Removed by Filter")), loops),
        loops=loops,
        bytes=_text_bytes(properties) if not tree.children else None,
        spilled_local=_text_spill(properties, tree),
        total_seconds=_times(last, loops),
        cost=number(cost["cost"]) if cost else None,
    )


def _text_bytes(properties: dict[str, str]) -> float | None:
    found = _READ.search(properties.get("Buffers", ""))
    counts = [number(one) for one in found.groups()] if found else []
    known = [one for one in counts if one is not None]
    return sum(known) * BLOCK if known else None


def _text_spill(properties: dict[str, str], tree: Tree) -> float | None:
    for key in ("Sort Method", "Batches"):
        disk = _DISK.search(properties.get(key, ""))
        if disk is not None:
            return float(disk[1]) * 1024
    if "Buffers" not in properties:
        return 0.0 if "Sort Method" in properties else None
    own = _written(properties["Buffers"])
    below = sum(_written(dict(one.item.properties).get("Buffers", "")) for one in tree.children)
    return max(own - below, 0.0) * BLOCK


def _written(buffers: str) -> float:
    found = _WRITTEN.search(buffers)
    return float(found[1]) if found else 0.0
