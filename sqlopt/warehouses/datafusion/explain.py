"""DataFusion's EXPLAIN (FORMAT INDENT) and EXPLAIN ANALYZE: the physical plan.

Source: https://datafusion.apache.org/user-guide/explain-usage.html (checked 2026-11-23).
"""

from __future__ import annotations

import re

from sqlopt.plan import Kind, Operator, Plan, PlanError
from sqlopt.span import Span
from sqlopt.warehouses.kinds import kind_of
from sqlopt.warehouses.positioned import Line, Tree, duration, lines, nested, number, size

_NODE = re.compile(
    r"(?:\|\s*(?:physical_plan|Plan with Metrics)?\s*\|)?(?P<pad> *)(?P<name>[A-Z]\w*Exec)(?:: (?P<rest>.*?))?[\s|]*"
)
_METRICS = re.compile(r",? ?metrics=\[(?P<metrics>.*)\]$")
_METRIC = re.compile(r"(\w+)=([^,\]]+)")
_FILES = re.compile(r"(?:file_groups=\{.*?\[\[?)(?P<file>[^\],]+)")


def is_text(text: str) -> bool:
    """Whether a text is a physical plan of DataFusion."""
    return bool(
        re.search(
            r"^[\s|]*(?:physical_plan|Plan with Metrics)?[\s|]*[A-Z]\w*Exec(?::|\s*$)",
            text[:100_000],
            re.MULTILINE,
        )
    )


def read_text(text: str) -> Plan:
    """Read EXPLAIN's text. Raises `PlanError`."""
    items: list[tuple[int, tuple[Line, re.Match[str]]]] = []
    for line in lines(text):
        found = _NODE.fullmatch(line.text)
        if found is not None:
            items.append((found.start("name"), (line, found)))
    trees = nested(items, text, lambda one: one[0].span)
    if not trees:
        raise PlanError("there is no operator of a physical plan", text, 0)
    return Plan("datafusion", tuple(map(_operator, trees)), span=Span(0, len(text)))


def _operator(tree: Tree) -> Operator:
    line, found = tree.item
    name, rest = found["name"], found["rest"] or ""
    measured = _METRICS.search(rest)
    metrics: dict[str, str] = dict(_METRIC.findall(measured["metrics"])) if measured else {}
    rest = _METRICS.sub("", rest)
    kind = (
        Kind.SCAN
        if name.startswith(("DataSource", "Parquet", "Csv", "Memory"))
        else kind_of(name.removesuffix("Exec"))
    )
    file = _FILES.search(rest) if kind == Kind.SCAN else None
    return Operator(
        kind,
        name,
        line.span,
        tuple(map(_operator, tree.children)),
        ((("text", rest),) if rest else ()),
        file["file"].strip("[] ") if file else None,
        rest or None if kind in (Kind.JOIN, Kind.FILTER) else None,
        actual_rows=_count(metrics.get("output_rows")),
        bytes=_bytes(metrics.get("bytes_scanned")),
        spilled_local=_bytes(metrics.get("spilled_bytes")),
        seconds=duration(metrics.get("elapsed_compute")),
    )


def _count(text: str | None) -> float | None:
    return number(text.split("→")[0]) if text else None


def _bytes(text: str | None) -> float | None:
    return size(text) if text else None
