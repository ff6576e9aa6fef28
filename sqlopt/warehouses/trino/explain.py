"""Trino's EXPLAIN and EXPLAIN ANALYZE in text, and EXPLAIN (FORMAT JSON).

Sources: https://trino.io/docs/current/sql/explain-analyze.html, https://trino.io/docs/current/sql/explain.html
(checked 2026-11-23). Fragments hang beneath the RemoteSource that reads them; a node's seconds are CPU time.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from sqlopt.plan import Kind, Note, Operator, Plan, PlanError, Totals
from sqlopt.span import Span
from sqlopt.warehouses.kinds import kind_of
from sqlopt.warehouses.positioned import (
    DEEPEST,
    Line,
    Object,
    Tree,
    duration,
    lines,
    nested,
    number,
    objects,
    size,
    texts,
    words,
)

_FRAGMENT = re.compile(r"\s*Fragment (?P<number>\d+) \[(?P<kind>\w+)\]")
_NODE = re.compile(r"(?P<prefix>[\s│├└─-]*)(?P<name>[A-Z]\w+)\s?\[(?P<rest>.*)")
_PROPERTY = re.compile(r"[\s│├└─]*(?P<key>[A-Z][\w .]*?): (?P<value>.*)")
_ESTIMATE = re.compile(r"\{rows: (?P<rows>[\d,.]+|\?)(?: \((?P<size>[^)]+)\))?, cpu: (?P<cpu>[\d.]+\w*|\?)")
_OUTPUT = re.compile(r"Output: (?P<rows>[\d,.]+) rows? \((?P<size>[^)]+)\)")
_INPUT = re.compile(r"Input: (?P<rows>[\d,.]+) rows? \((?P<size>[^)]+)\)")
_CPU = re.compile(r"CPU: (?P<time>[\d.]+\w+)(?: \((?P<share>[\d.]+)%\))?")
_SOURCES = re.compile(r"sourceFragmentIds = \[(?P<ids>[\d, ]+)\]|^(?P<old>[\d, ]+)\]")
_TABLE = re.compile(r"table = (?P<table>[^\s,\]]+)")
_HEADER = re.compile(r"Queued: (?P<queued>[\d.]+\w+).*Execution: (?P<execution>[\d.]+\w+)")


def is_text(text: str) -> bool:
    """Whether a text is a plan of Trino."""
    head = text[:20_000]
    return bool(_FRAGMENT.search(head)) or ("Trino version:" in head and "Layout:" in head)


class _Node(NamedTuple):
    line: Line
    name: str
    rest: str
    properties: list[str]


def read_text(text: str) -> Plan:
    """Read EXPLAIN's text. Raises `PlanError`."""
    fragments: dict[str, list[tuple[int, _Node]]] = {}
    here: list[tuple[int, _Node]] | None = None
    notes: list[Note] = []
    totals = Totals()
    for line in lines(text):
        fragment, node = _FRAGMENT.fullmatch(line.text), _NODE.fullmatch(line.text)
        header = _HEADER.search(line.text)
        if fragment is not None:
            here = fragments.setdefault(fragment["number"], [])
        elif node is not None and here is not None:
            here.append((node.start("name"), _Node(line, node["name"], node["rest"], [])))
        elif header is not None:
            totals = Totals(duration(header["execution"]), duration(header["queued"]))
        elif here:
            here[-1][1].properties.append(line.text)
            if ":" not in line.text and "│" not in line.text:
                notes.append(Note("this line is not understood", line.span))
    trees = {key: nested(items, text, lambda one: one.line.span) for key, items in fragments.items()}
    if not any(trees.values()):
        raise PlanError("there is no fragment with an operator in this text", text, 0)
    return Plan(
        "trino", _Fragments(trees).roots(), totals=totals, notes=tuple(notes), span=Span(0, len(text))
    )


class _Fragments:
    """Fragments hung beneath the sources that read them, each once."""

    def __init__(self, trees: dict[str, list[Tree]]) -> None:
        self.trees = trees
        self.used: set[str] = set()

    def roots(self) -> tuple[Operator, ...]:
        found: list[Operator] = []
        for key, trees in self.trees.items():
            if key not in self.used:
                self.used.add(key)
                found += [self._operator(one) for one in trees]
        return tuple(found)

    def _operator(self, tree: Tree) -> Operator:
        node: _Node = tree.item
        children = [self._operator(one) for one in tree.children]
        if node.name == "RemoteSource":
            sources = _SOURCES.search(node.rest)
            for key in re.findall(r"\d+", sources[0]) if sources else []:
                if key in self.trees and key not in self.used:
                    self.used.add(key)
                    children += [self._operator(one) for one in self.trees[key]]
        return _made(node, tuple(children))


def _made(node: _Node, children: tuple[Operator, ...]) -> Operator:
    text = "\n".join(node.properties)
    estimate, output, cpu, read = (one.search(text) for one in (_ESTIMATE, _OUTPUT, _CPU, _INPUT))
    kind = Kind.EXCHANGE if node.name in ("LocalExchange", "RemoteSource") else kind_of(node.name)
    rest = node.rest.rstrip("]")
    table = _TABLE.search(node.rest) if kind == Kind.SCAN else None
    pairs = [found.group("key", "value") for one in node.properties if (found := _PROPERTY.fullmatch(one))]
    return Operator(
        kind,
        node.name,
        node.line.span,
        children,
        ((("text", rest),) if rest else ()) + tuple((key.strip(), value) for key, value in pairs),
        table["table"] if table else None,
        rest or None if kind in (Kind.JOIN, Kind.FILTER) else None,
        number(estimate["rows"]) if estimate else None,
        number(output["rows"]) if output else None,
        number(read["rows"]) if read else None,
        bytes=size(read["size"]) if read and kind == Kind.SCAN else None,
        seconds=duration(cpu["time"]) if cpu else None,
    )


def is_json(value: Any) -> bool:
    """Whether a JSON value is a plan of Trino."""
    first = next(iter(value.values()), None) if isinstance(value, dict) and value else None
    return any(isinstance(one, dict) and "children" in one and "descriptor" in one for one in (value, first))


def read_json(value: Any, text: str) -> Plan:
    """Read EXPLAIN (FORMAT JSON): one tree, or fragments by number."""
    trees = [value] if "children" in value else [one for one in value.values() if isinstance(one, Object)]
    return Plan("trino", tuple(_json_node(one, text, 0) for one in trees), span=Span(0, len(text)))


def _json_node(data: Object, text: str, depth: int) -> Operator:
    name = data.get("name")
    if not isinstance(name, str) or depth > DEEPEST:
        raise PlanError("a node of the plan has no name, or lies too deep", text, data.span.start)
    estimates = objects(data.get("estimates"))
    first = estimates[0] if estimates else Object()
    kind = kind_of(name)
    described = texts(data.get("descriptor"))
    condition = ", ".join(
        value for key, value in described if key in ("criteria", "filter", "filterPredicate", "predicate")
    )
    return Operator(
        kind,
        name,
        data.span,
        tuple(_json_node(one, text, depth + 1) for one in objects(data.get("children"))),
        (*described, *((("details", found),) if (found := words(data.get("details"))) else ())),
        dict(described).get("table") if kind == Kind.SCAN else None,
        condition or None,
        number(first.get("outputRowCount")),
        bytes=number(first.get("outputSizeInBytes")) if kind == Kind.SCAN else None,
    )
