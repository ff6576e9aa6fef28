"""Spark's EXPLAIN in text: simple, extended, cost and formatted.

Sources: https://spark.apache.org/docs/latest/sql-ref-syntax-qry-explain.html and
https://spark.apache.org/docs/latest/sql-performance-tuning.html (checked 2026-11-23), and runs of Spark 4.
The physical plan is what is read; the statistics of the logical one go to the scans of the same tables.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from sqlopt.plan import Kind, Operator, Plan, PlanError
from sqlopt.span import Span
from sqlopt.warehouses.kinds import kind_of
from sqlopt.warehouses.positioned import Line, Tree, lines, nested, number, size

if TYPE_CHECKING:
    from collections.abc import Iterator

_SECTION = re.compile(r"== (?P<name>[\w ]+ Plan) ==")
_NODE = re.compile(r"(?P<prefix>[ :+-]*)(?:\*?\((?P<stage>\d+)\) |\*)?(?P<text>['A-Z].*)")
_NUMBERED = re.compile(r"(?P<text>.*?)\s*(?:\[codegen id : \d+\]\s*)?\((?P<number>\d+)\)")
_DETAIL = re.compile(r"\((?P<number>\d+)\) (?P<text>\S.*)")
_PAIR = re.compile(r"(?P<key>[A-Z][\w ]*?)(?: \[\d+\])? ?: (?P<value>.*)")
_STATISTICS = re.compile(r", Statistics\(sizeInBytes=(?P<size>[^,)]+)(?:, rowCount=(?P<rows>[^,)]+))?[^)]*\)")
_TABLE = re.compile(
    r"(?:FileScan|BatchScan|Scan|Relation|HiveTableRelation)\s+"
    r"(?:(?:parquet|orc|csv|json|avro|text|delta|hive)\s+)?(?P<table>`?[A-Za-z_][\w.`]*)"
)
_PATHS = re.compile(r"InMemoryFileIndex\((\d+) paths\)")
_NAME = re.compile(r"'?(?P<name>(?:File|Batch)?Scan|[A-Z]\w*)")
_JOIN = re.compile(r"\b(Inner|LeftOuter|RightOuter|FullOuter|LeftSemi|LeftAnti|Cross|ExistenceJoin)\b")


def is_text(text: str) -> bool:
    """Whether a text is a plan of Spark."""
    return bool(_SECTION.search(text[:100_000]))


class _Node(NamedTuple):
    line: Line
    text: str
    number: str | None


def read_text(text: str) -> Plan:
    """Read EXPLAIN's text. Raises `PlanError`."""
    sections = _sections(text)
    if not sections:
        raise PlanError("expected a heading such as == Physical Plan ==", text, 0)
    chosen = next((one for name, one in reversed(sections) if name == "Physical Plan"), sections[-1][1])
    details = _details(chosen)
    trees = _trees(chosen, text)
    if not trees:
        raise PlanError(
            "there is no operator under this heading", text, chosen[0].start if chosen else len(text)
        )
    known = _statistics(sections)
    return Plan("spark", tuple(_operator(one, details, known) for one in trees), span=Span(0, len(text)))


def _sections(text: str) -> list[tuple[str, list[Line]]]:
    found: list[tuple[str, list[Line]]] = []
    for line in lines(text):
        heading = _SECTION.fullmatch(line.text.strip())
        if heading is not None and heading["name"] not in ("Final Plan", "Initial Plan"):
            found.append((heading["name"], []))
        elif found:
            found[-1][1].append(line)
    return found


def _trees(section: list[Line], text: str) -> list[Tree]:
    """Return the plan's tree, and those of its subqueries in the formatted layout."""
    items: list[tuple[int, _Node]] = []
    roots: list[Tree] = []
    skipped: int | None = None
    for line in section:
        if line.text.startswith("=====") or _DETAIL.match(line.text) or line.text.startswith("Subquery:"):
            roots += nested(items, text, _place)
            items = []
            continue
        depth = len(line.text) - len(line.text.lstrip(" :+-"))
        if "== Final Plan ==" in line.text or "== Current Plan ==" in line.text:
            continue
        if "== Initial Plan ==" in line.text:
            skipped = depth
        elif skipped is not None and depth < skipped:
            skipped = None
        found = _NODE.fullmatch(line.text)
        if skipped is not None or found is None:
            continue
        prefixed = bool(found["prefix"].strip())
        if not items and prefixed:
            raise PlanError("an operator without one above it", text, line.span.start)
        if items and not prefixed:
            continue  # the details of the formatted layout
        if not items and _PAIR.fullmatch(line.text):
            continue
        numbered = _NUMBERED.fullmatch(found["text"])
        label = numbered["text"] if numbered else found["text"]
        items.append((depth, _Node(line, label, numbered["number"] if numbered else None)))
    return roots + nested(items, text, _place)


def _place(node: _Node) -> Span:
    return node.line.span


def _details(section: list[Line]) -> dict[str, list[tuple[str, str]]]:
    """Return the (label, value) pairs of the formatted layout by operator number."""
    found: dict[str, list[tuple[str, str]]] = {}
    here: list[tuple[str, str]] | None = None
    for line in section:
        head, pair = _DETAIL.fullmatch(line.text), _PAIR.fullmatch(line.text)
        if head is not None:
            here = found.setdefault(head["number"], [])
        elif here is not None and pair is not None:
            here.append((pair["key"], pair["value"][:2000]))
    return found


def _statistics(sections: list[tuple[str, list[Line]]]) -> dict[str, tuple[float | None, float | None]]:
    """Return (bytes, rows) of the tables in the optimized logical plan, where it says them."""
    found: dict[str, tuple[float | None, float | None]] = {}
    for name, section in sections:
        if name != "Optimized Logical Plan":
            continue
        for line in section:
            table, known = _TABLE.search(line.text), _STATISTICS.search(line.text)
            if table is not None and known is not None:
                found[table["table"]] = (size(known["size"]), number(known["rows"]))
    return found


def _operator(
    tree: Tree, details: dict[str, list[tuple[str, str]]], known: dict[str, tuple[float | None, float | None]]
) -> Operator:
    node: _Node = tree.item
    statistics = _STATISTICS.search(node.text)
    text = _STATISTICS.sub("", node.text)
    pairs = details.get(node.number or "", [])
    name = _name(text)
    kind = Kind.JOIN if name == "CartesianProduct" else kind_of(name)
    rest = text[len(name) :].strip()
    table = _TABLE.match(text) if kind == Kind.SCAN else None
    labelled = dict(pairs)
    filters = labelled.get("PartitionFilters") or _listed(text, "PartitionFilters")
    paths = _PATHS.search(text)
    read, rows = known.get(table["table"], (None, None)) if table else (None, None)
    more = [("text", rest[:2000])] if rest else []
    if filters is not None:
        more.append(("partition filters", filters))
    if paths is not None:
        more.append(("paths", paths[1]))
    operator = Operator(
        kind,
        name,
        node.line.span,
        tuple(_operator(one, details, known) for one in tree.children),
        (
            *more,
            *((key, value) for key, value in pairs if key not in ("Output", "Input", "PartitionFilters")),
        ),
        table["table"].replace("`", "") if table else None,
        _condition(kind, rest, labelled),
        number(statistics["rows"]) if statistics and statistics["rows"] else None,
        bytes=size(statistics["size"]) if statistics and kind == Kind.SCAN else None,
    )
    if rows is not None or read is not None:
        operator = replace(operator, details=(*operator.details, *_of_table(read, rows)))
    return operator


def _of_table(read: float | None, rows: float | None) -> Iterator[tuple[str, str]]:
    if read is not None:
        yield "table bytes", f"{read:.0f}"
    if rows is not None:
        yield "table rows", f"{rows:.0f}"


def _name(text: str) -> str:
    found = _NAME.match(text)
    name = found["name"] if found else text.partition(" ")[0]
    if name == "Execute":  # commands: "Execute InsertIntoHadoopFsRelationCommand ..."
        return " ".join(text.split(" ")[:2])
    return name


def _listed(text: str, key: str) -> str | None:
    """Return ``[...]`` after a key, however deep the brackets in it."""
    start = text.find(f"{key}: [")
    if start < 0:
        return None
    depth, at = 0, start + len(key) + 2
    for index in range(at, len(text)):
        depth += {"[": 1, "]": -1}.get(text[index], 0)
        if depth == 0:
            return text[at : index + 1]
    return text[at:]


def _condition(kind: Kind, rest: str, pairs: dict[str, str]) -> str | None:
    if kind == Kind.FILTER:
        return pairs.get("Condition") or rest or None
    if kind != Kind.JOIN:
        return None
    keys = [pairs[one] for one in ("Left keys", "Right keys") if pairs.get(one)]
    other = pairs.get("Join condition")
    found = [" = ".join(keys)] if keys else []
    found += [other] if other and other != "None" else []
    if pairs:
        return " AND ".join(found) or None
    plain = _JOIN.sub("", re.sub(r"\b(BuildLeft|BuildRight|true|false)\b", "", rest)).strip(" ,")
    return plain or None
