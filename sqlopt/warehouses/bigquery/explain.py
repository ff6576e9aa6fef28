"""BigQuery's jobs: `jobs.get` replies, dry runs, rows of INFORMATION_SCHEMA.JOBS.

Sources: https://cloud.google.com/bigquery/docs/query-plan-explanation,
https://cloud.google.com/bigquery/docs/reference/rest/v2/Job and
https://cloud.google.com/bigquery/docs/information-schema-jobs (checked 2026-11-23). A stage's seconds are
slot seconds; a stage that several others read hangs beneath the first of them.
"""

from __future__ import annotations

import re
from typing import Any

from sqlopt.plan import Insight, Kind, Operator, Plan, PlanError, Totals
from sqlopt.span import Span
from sqlopt.warehouses.positioned import DEEPEST, Object, milliseconds, number, objects, whole, words

_FLAGS = ("slotContention", "insufficientShuffleQuota")
_PRINCIPAL = (
    ("JOIN", Kind.JOIN),
    ("AGGREGATE", Kind.AGGREGATE),
    ("ANALYTIC_FUNCTION", Kind.WINDOW),
    ("SORT", Kind.SORT),
    ("LIMIT", Kind.LIMIT),
    ("UNION", Kind.UNION),
    ("FILTER", Kind.FILTER),
)


def _get(data: Any, key: str) -> Any:
    """Return a member by its name in camel case, or as INFORMATION_SCHEMA writes it."""
    if not isinstance(data, dict):
        return None
    if key in data:
        return data[key]
    return data.get(re.sub(r"([A-Z])", lambda found: f"_{found[1].lower()}", key))


def is_json(value: Any) -> bool:
    """Whether a JSON value is a job of BigQuery or a row about one."""
    first = value[0] if isinstance(value, list) and value else value
    if not isinstance(first, dict):
        return False
    if str(first.get("kind", "")).startswith("bigquery#"):
        return True
    statistics = first.get("statistics")
    if isinstance(statistics, dict) and ("query" in statistics or "totalBytesProcessed" in statistics):
        return True
    return "job_id" in first and bool({"job_stages", "total_bytes_processed", "total_slot_ms"} & first.keys())


def read_json(value: Any, text: str) -> Plan:
    """Read a job, or the first of a list of rows."""
    job = value[0] if isinstance(value, list) else value
    statistics = job.get("statistics")
    statistics = statistics if isinstance(statistics, dict) else job
    query = statistics.get("query")
    query = query if isinstance(query, dict) else statistics
    stages = objects(_get(query, "queryPlan") or _get(query, "jobStages"))
    configuration = job.get("configuration")
    configuration = configuration if isinstance(configuration, dict) else {}
    asked = configuration.get("query")
    statement = asked.get("query") if isinstance(asked, dict) else job.get("query")
    reference = job.get("jobReference")
    identity = reference.get("jobId") if isinstance(reference, dict) else job.get("job_id") or job.get("id")
    basis = "dry run" if configuration.get("dryRun") is True or statistics.get("dryRun") is True else None
    kind = words(query.get("statementType") or job.get("statement_type"))
    settings = (("statement type", kind), ("basis", basis), ("cache hit", words(_get(query, "cacheHit"))))
    return Plan(
        "bigquery",
        _Stages(stages, text).roots(),
        words(identity),
        words(statement) if isinstance(statement, str) else None,
        _totals(statistics, query),
        tuple((key, one) for key, one in settings if one),
        insights=tuple(_insights(query)),
        span=Span(0, len(text)),
    )


def _totals(statistics: Any, query: Any) -> Totals:
    start, end, made = (number(_get(statistics, f"{one}Time")) for one in ("start", "end", "creation"))
    timeline = objects(query.get("timeline"))
    processed = number(_get(query, "totalBytesProcessed"))
    return Totals(
        seconds=None if start is None or end is None else (end - start) / 1000,
        queued=None if start is None or made is None else (start - made) / 1000,
        slot_seconds=milliseconds(
            _get(query, "totalSlotMs") or (timeline and timeline[-1].get("totalSlotMs"))
        ),
        bytes=processed if processed is not None else number(_get(statistics, "totalBytesProcessed")),
        bytes_billed=number(_get(query, "totalBytesBilled")),
        partitions_scanned=whole(_get(query, "totalPartitionsProcessed")) or None,
    )


def _insights(query: Any) -> list[Insight]:
    insights = _get(query, "performanceInsights")
    if insights is None and isinstance(_get(query, "queryInfo"), dict):
        insights = _get(_get(query, "queryInfo"), "performanceInsights")
    found: list[Insight] = []
    for one in objects(_get(insights, "stagePerformanceStandaloneInsights")):
        stage = words(_get(one, "stageId"))
        where = f"stage {stage}" if stage else "a stage"
        found += [Insight(key, where, one.span) for key in _FLAGS if _get(one, key) in (True, "true")]
        found += [
            Insight("highCardinalityJoins", f"{where}: {_join_rows(join)}", join.span)
            for join in objects(_get(one, "highCardinalityJoins"))
        ]
        if isinstance(_get(one, "partitionSkew"), dict):
            found.append(Insight("partitionSkew", where, one.span))
    found += [
        Insight("inputDataChange", f"stage {words(_get(one, 'stageId'))}", one.span)
        for one in objects(_get(insights, "stagePerformanceChangeInsights"))
        if isinstance(_get(one, "inputDataChange"), dict)
    ]
    return found


def _join_rows(join: Object) -> str:
    names = (("leftRows", "left"), ("rightRows", "right"), ("outputRows", "out"))
    rows = ((label, number(_get(join, key))) for key, label in names)
    return ", ".join(f"{label} {count:,.0f} rows" for label, count in rows if count is not None)


class _Stages:
    """The stages of a job, hung beneath those that read them."""

    def __init__(self, stages: list[Object], text: str) -> None:
        self.stages = stages
        self.text = text
        self.by_id = {words(one.get("id")): one for one in stages}
        self.seen: set[int] = set()

    def roots(self) -> tuple[Operator, ...]:
        inputs = {words(one) for stage in self.stages for one in self._inputs(stage)}
        last = [one for one in self.stages if words(one.get("id")) not in inputs]
        if self.stages and not last:
            raise PlanError("the stages feed one another in a circle", self.text, self.stages[0].span.start)
        return tuple(self._stage(one, 0) for one in reversed(last))

    def _inputs(self, stage: Object) -> list[Any]:
        found = _get(stage, "inputStages")
        return found if isinstance(found, list) else []

    def _stage(self, stage: Object, depth: int) -> Operator:
        name = words(stage.get("name")) or f"stage {words(stage.get('id'))}"
        if depth > DEEPEST:
            raise PlanError(f"the plan is deeper than {DEEPEST} stages", self.text, stage.span.start)
        if id(stage) in self.seen:
            return Operator(Kind.OTHER, f"{name} (shown elsewhere)", stage.span)
        self.seen.add(id(stage))
        inputs = [self.by_id.get(words(one)) for one in self._inputs(stage)]
        before = tuple(self._stage(one, depth + 1) for one in inputs if one is not None)
        steps = objects(stage.get("steps"))
        scans = tuple(_scans(steps))
        read = number(_get(stage, "recordsRead"))
        if len(scans) == 1 and not before:
            scans = (_with_rows(scans[0], read),)
        kinds = {str(one.get("kind")).upper() for one in steps}
        kind = next((kind for word, kind in _PRINCIPAL if word in kinds), Kind.STAGE)
        return Operator(
            kind,
            name,
            stage.span,
            (*before, *scans),
            _details(stage, steps),
            condition=_joined_on(steps),
            actual_rows=number(_get(stage, "recordsWritten")),
            rows_in=read,
            spilled_local=number(_get(stage, "shuffleOutputBytesSpilled")),
            seconds=milliseconds(_get(stage, "slotMs")),
            average=milliseconds(_get(stage, "computeMsAvg")),
            slowest=milliseconds(_get(stage, "computeMsMax")),
        )


def _with_rows(scan: Operator, rows: float | None) -> Operator:
    return Operator(
        scan.kind, scan.name, scan.span, (), scan.details, scan.table, scan.condition, rows_in=rows
    )


def _details(stage: Object, steps: list[Object]) -> tuple[tuple[str, str], ...]:
    labels = (
        ("parallelInputs", "parallel inputs"),
        ("shuffleOutputBytes", "shuffle bytes"),
        ("status", "status"),
    )
    pairs = [(label, words(_get(stage, key))) for key, label in labels]
    waits = milliseconds(_get(stage, "waitMsAvg"))
    pairs += [("wait seconds", None if waits is None else f"{waits:g}")]
    pairs += [(str(one.get("kind")), words(one.get("substeps"))) for one in steps]
    return tuple((label, value) for label, value in pairs if value)


def _scans(steps: list[Object]) -> list[Operator]:
    found: list[Operator] = []
    for step in steps:
        lines = step.get("substeps")
        if str(step.get("kind")).upper() != "READ" or not isinstance(lines, list):
            continue
        texts = [one for one in lines if isinstance(one, str)]
        table = next(
            (one[5:] for one in texts if one.startswith("FROM ") and not one.startswith("FROM __")), None
        )
        where = next((one[6:] for one in texts if one.startswith("WHERE ")), None)
        if table is not None:
            found.append(Operator(Kind.SCAN, "READ", step.span, (), (), table, where))
    return found


def _joined_on(steps: list[Object]) -> str | None:
    join = next((one for one in steps if str(one.get("kind")).upper() == "JOIN"), None)
    return words(join.get("substeps")) if join is not None else None
