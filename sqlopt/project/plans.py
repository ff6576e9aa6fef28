"""Plans of engines, read and judged."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING

from sqlopt.errors import SourceError
from sqlopt.plan import Operator, Plan, PlanError
from sqlopt.rules.finding import Report

if TYPE_CHECKING:
    from sqlopt.project.loading import Loaded
    from sqlopt.rules.finding import Finding


LARGEST = 256 << 20
"""Bytes of the largest document that is read."""


@dataclass(frozen=True)
class CheckedPlan(Plan):
    """A plan with what the plan rules found in it; ``report`` is what every format prints."""

    report: Report = field(default_factory=Report)

    @property
    def findings(self) -> list[Finding]:
        """What the plan rules found, in order of position in the document."""
        return self.report.findings


def read(document: str, path: str, loaded: Loaded) -> CheckedPlan:
    """Read a document and run the selected plan rules. Raises `PlanError` naming ``path`` and the position."""
    from sqlopt.rules.plans import check_plan
    from sqlopt.warehouses.explain import read as read_plan

    try:
        plan = own(document, loaded) if path.casefold().endswith(".sql") else read_plan(document)
    except PlanError as error:
        raise error.named(path) from error
    result = check_plan(plan, document, loaded.rules, loaded.options, path)
    crashed = tuple(f"{path}: {one.message}" for one in result.errors)
    values = {one.name: getattr(plan, one.name) for one in fields(plan)}
    return CheckedPlan(**values, report=Report((result,), crashed))


def own(sql: str, loaded: Loaded) -> Plan:
    """Return our own plan of the statements in a text, a root each. Raises `PlanError` for what can't be parsed."""
    from sqlopt.cost.planner import plan as plan_of
    from sqlopt.query.understand import understand

    roots: list[Operator] = []
    for query in understand(sql, loaded.dialect, loaded.catalog):
        if query.statement.error is not None:
            raise PlanError(
                query.statement.error.message.splitlines()[0], sql, query.statement.error.span.start
            )
        roots += plan_of(query).roots
    return Plan("sqlopt", tuple(roots))


def text_of(data: bytes | None, path: str) -> str:
    """Return the document in ``data``, or in the file at ``path``. Raises `SourceError` naming it."""
    from sqlopt.source.files import decode

    if data is None:
        data = _bytes(Path(path))
    text, problem = decode(data)
    if problem is not None and problem.fatal:
        raise SourceError(f"{path}: {problem.message}")
    return text


def _bytes(path: Path) -> bytes:
    """Read a file that may be far larger than one of SQL."""
    try:
        if path.stat().st_size > LARGEST:
            raise SourceError(f"{path}: the document is larger than {LARGEST >> 20} MB and was not read")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise SourceError(f"{path}: the file can't be read: {getattr(error, 'strerror', error)}") from error
