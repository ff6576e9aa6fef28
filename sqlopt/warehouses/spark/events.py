"""Spark's event log: the SQL execution that took longest, with what its metrics counted.

Source: https://spark.apache.org/docs/latest/monitoring.html (checked 2026-11-23). The log is read line by line;
lines of other events are passed over unparsed, so that memory grows with the plans, not with the log.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlopt.plan import Kind, Note, Operator, Plan, PlanError, Totals
from sqlopt.warehouses.kinds import kind_of
from sqlopt.warehouses.positioned import DEEPEST, lines, milliseconds, number, texts, words

if TYPE_CHECKING:
    from sqlopt.span import Span

_SQL = "org.apache.spark.sql.execution.ui.SparkListener"
_WANTED = re.compile(
    r'"Event"\s*:\s*"(?:org\.apache\.spark\.sql\.execution\.ui\.SparkListener(?:SQL|Driver)\w+|SparkListenerStageCompleted)"'
)
_SIGN = re.compile(r'\s*\{"Event"\s*:\s*"')
_ROWS = ("number of output rows",)
_BYTES = ("size of files read", "data size")
_SCALE = {"timing": 1e-3, "nsTiming": 1e-9}


def is_log(text: str) -> bool:
    """Whether a text starts as an event log does."""
    return _SIGN.match(text) is not None


@dataclass
class _Execution:
    span: Span
    statement: str | None = None
    plan: Any = None
    start: float | None = None
    end: float | None = None
    values: dict[int, float] = field(default_factory=dict)

    @property
    def seconds(self) -> float | None:
        return None if self.start is None or self.end is None else self.end - self.start


def read_log(text: str) -> Plan:
    """Read the execution that took longest. Raises `PlanError` for a log without one."""
    runs: dict[Any, _Execution] = {}
    values: dict[int, float] = {}
    notes: list[Note] = []
    for line in lines(text):
        if not _WANTED.search(line.text[:200]):
            continue
        try:
            event = json.loads(line.text)
        except (ValueError, RecursionError) as error:
            raise PlanError(f"this event is no JSON: {error}", text, line.start) from error
        _take(event, line.span, runs, values)
    with_plan = [one for one in runs.values() if isinstance(one.plan, dict)]
    if not with_plan:
        raise PlanError("the log holds no execution of SQL", text, 0)
    longest = max(with_plan, key=lambda one: one.seconds or 0.0)
    if len(with_plan) > 1:
        notes.append(Note(f"{len(with_plan)} executions; the one that took longest is shown", longest.span))
    return Plan(
        "spark",
        (_node(longest.plan, values, longest.span, text, 0),),
        statement=longest.statement,
        totals=Totals(seconds=longest.seconds),
        notes=tuple(notes),
        span=longest.span,
    )


def _take(event: Any, span: Span, runs: dict[Any, _Execution], values: dict[int, float]) -> None:
    if not isinstance(event, dict):
        return
    name = str(event.get("Event")).removeprefix(_SQL)
    if name == "SparkListenerStageCompleted":
        _count_stage(event.get("Stage Info"), values)
        return
    key = words(event.get("executionId"))
    run = runs.setdefault(key, _Execution(span))
    if name == "SQLExecutionStart":
        run.span, run.start = span, milliseconds(event.get("time"))
        run.statement = words(event.get("description"))
        run.plan = event.get("sparkPlanInfo")
    elif name == "SQLAdaptiveExecutionUpdate":
        run.plan = event.get("sparkPlanInfo") or run.plan
    elif name == "SQLExecutionEnd":
        run.end = milliseconds(event.get("time"))
    elif name == "DriverAccumUpdates":
        updates = event.get("accumUpdates")
        for one in updates if isinstance(updates, list) else []:
            if isinstance(one, list) and len(one) == 2:  # noqa: PLR2004 - id and value
                _set(values, one[0], one[1])


def _count_stage(stage: Any, values: dict[int, float]) -> None:
    found = stage.get("Accumulables") if isinstance(stage, dict) else None
    for one in found if isinstance(found, list) else []:
        if isinstance(one, dict):
            _set(values, one.get("ID"), one.get("Value"))


def _set(values: dict[int, float], key: Any, value: Any) -> None:
    found = number(value)
    if isinstance(key, int) and found is not None:
        values[key] = found


def _node(data: Any, values: dict[int, float], span: Span, text: str, depth: int) -> Operator:
    if not isinstance(data, dict) or not isinstance(data.get("nodeName"), str) or depth > DEEPEST:
        raise PlanError("a node of the plan has no nodeName, or lies too deep", text, span.start)
    metrics: dict[str, tuple[float, str]] = {}
    listed = data.get("metrics")
    for one in listed if isinstance(listed, list) else []:
        if isinstance(one, dict) and one.get("accumulatorId") in values:
            value = values[one["accumulatorId"]] * _SCALE.get(str(one.get("metricType")), 1)
            metrics[str(one.get("name"))] = (value, str(one.get("metricType")))
    below = data.get("children")
    name = data["nodeName"].split(" ")[0] if data["nodeName"].startswith("Scan") else data["nodeName"]
    kind = kind_of(name)
    simple = words(data.get("simpleString")) or ""
    table = data["nodeName"].split(" ")[-1] if kind == Kind.SCAN and " " in data["nodeName"] else None
    seconds = [value for value, kind_ in metrics.values() if kind_ in _SCALE]
    spills = [value for key, (value, _) in metrics.items() if key == "spill size"]
    return Operator(
        kind,
        name,
        span,
        tuple(
            _node(one, values, span, text, depth + 1) for one in (below if isinstance(below, list) else [])
        ),
        ((("text", simple),) if simple else ())
        + texts(data.get("metadata"), ("PartitionFilters", "PushedFilters")),
        table,
        simple if kind in (Kind.JOIN, Kind.FILTER) and simple else None,
        actual_rows=_metric(metrics, _ROWS),
        bytes=_metric(metrics, _BYTES),
        partitions_scanned=_count(_metric(metrics, ("number of partitions read",))),
        spilled_local=spills[0] if spills else None,
        seconds=max(seconds) if seconds else None,
    )


def _metric(metrics: dict[str, tuple[float, str]], names: tuple[str, ...]) -> float | None:
    return next((metrics[one][0] for one in names if one in metrics), None)


def _count(value: float | None) -> int | None:
    return None if value is None else int(value)
