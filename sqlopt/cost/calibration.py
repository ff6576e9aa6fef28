"""Seconds from history: what statements took, fitted by bytes and warehouse size, with an interval that holds.

A statement that ran before is expected to take its own median again. For others the logarithm of the seconds is a
line in that of the bytes and of the warehouse's size, by least squares; the interval comes from how far off that
line the history itself lies (its residuals' quantiles), so that it holds for the stated share of statements like
those.
"""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from sqlopt.cost.estimate import Basis, Estimate
from sqlopt.cost.terms import SIZES, size_name
from sqlopt.errors import ConfigError, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

HELD: Final = 0.8
"""The share of statements that lie in an interval."""
_FEWEST: Final = 8
"""Runs from which on a line is drawn through them."""
_REPEATED: Final = 3
"""Runs of one statement from which on its own times are used."""
_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "statement": ("statement", "query_text", "query", "sql"),
    "size": ("warehouse_size", "size", "warehouse"),
    "bytes": ("bytes", "bytes_scanned", "total_bytes_processed"),
    "seconds": ("seconds", "execution_seconds", "elapsed_seconds"),
    "milliseconds": ("execution_time", "total_elapsed_time", "milliseconds", "elapsed_ms"),
}
"""The columns that a history file may have, by what they hold; Snowflake's QUERY_HISTORY counts milliseconds."""


@dataclass(frozen=True, slots=True)
class Run:
    """One statement that ran: seconds, bytes it read, and the warehouse's size, where they are known."""

    seconds: float
    bytes: float | None = None
    size: str | None = None
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a history says of seconds. ``line`` is (constant, slope of log bytes, slope of log size)."""

    runs: int = 0
    line: tuple[float, float, float] | None = None
    residuals: tuple[float, float] = (0.0, 0.0)
    own: dict[str, tuple[float, ...]] = field(default_factory=dict)
    spread: tuple[float, float] = (0.0, 0.0)
    sized: bool = False

    @classmethod
    def fit(cls, runs: Sequence[Run]) -> Calibration:
        """Fit a history. With fewer than 8 usable runs only repeated statements are known."""
        own: dict[str, list[float]] = defaultdict(list)
        for one in runs:
            if one.fingerprint and one.seconds > 0:
                own[one.fingerprint].append(one.seconds)
        repeated = {key: tuple(values) for key, values in own.items() if len(values) >= _REPEATED}
        off = [
            math.log(one / median(others))
            for values in repeated.values()
            for place, one in enumerate(values)
            if (others := values[:place] + values[place + 1 :])
        ]
        usable = [one for one in runs if one.seconds > 0 and one.bytes is not None and one.bytes > 0]
        line, residuals = _line(usable) if len(usable) >= _FEWEST else (None, (0.0, 0.0))
        sized = len({one.size for one in usable if one.size}) > 1
        return cls(len(runs), line, residuals, repeated, _ends(off), sized)

    def seconds(
        self, scanned: float | None, size: str | None, fingerprint: str
    ) -> tuple[Estimate, tuple[str, ...]] | None:
        """Return how long a statement takes, and from what that is known; None where history says nothing."""
        if fingerprint in self.own:
            values = self.own[fingerprint]
            middle = median(values)
            low, high = (middle * math.exp(one) for one in self.spread)
            found = Estimate(min(low, middle), middle, max(high, middle), "seconds", Basis.HISTORY)
            return found, (
                f"seconds: its {len(values)} runs of the history; {HELD:.0%} of runs lie in the range",
            )
        if self.line is None or scanned is None or scanned <= 0:
            return None
        constant, slope, by_size = self.line
        middle = math.exp(constant + slope * math.log(scanned) + by_size * _units(size))
        low, high = (middle * math.exp(one) for one in self.residuals)
        found = Estimate(min(low, middle), middle, max(high, middle), "seconds", Basis.HISTORY)
        words = f"seconds: fitted to {self.runs} runs of the history; {HELD:.0%} of runs lie in the range"
        return found, (words,)


def _units(size: str | None) -> float:
    """Return the logarithm of a size's units of compute, each size being twice the one before."""
    return math.log(2.0) * (SIZES.index(size) if size in SIZES else 0)


def _line(runs: Sequence[Run]) -> tuple[tuple[float, float, float], tuple[float, float]]:
    """Fit the line by least squares; the residuals' ends are computed with each run left out of the fit."""
    points = [(1.0, math.log(one.bytes or 1.0), _units(one.size), math.log(one.seconds)) for one in runs]
    line = _least_squares(points)
    folds = 5
    off: list[float] = []
    for fold in range(folds):
        rest = [one for place, one in enumerate(points) if place % folds != fold]
        other = _least_squares(rest)
        off += [one[3] - _at(other, one) for one in points[fold::folds]]
    return line, _ends(off)


def _at(line: tuple[float, float, float], point: tuple[float, ...]) -> float:
    return sum(a * b for a, b in zip(line, point, strict=False))


def _least_squares(points: Sequence[tuple[float, float, float, float]]) -> tuple[float, float, float]:
    """Solve the normal equations, with a trifle added so that columns that don't vary have no slope."""
    size = 3
    matrix = [[sum(p[i] * p[j] for p in points) for j in range(size)] for i in range(size)]
    right = [sum(p[i] * p[3] for p in points) for i in range(size)]
    for i in range(1, size):
        matrix[i][i] += 1e-6
    for i in range(size):
        pivot = max(range(i, size), key=lambda row: abs(matrix[row][i]))
        matrix[i], matrix[pivot] = matrix[pivot], matrix[i]
        right[i], right[pivot] = right[pivot], right[i]
        for row in range(i + 1, size):
            factor = matrix[row][i] / matrix[i][i]
            matrix[row] = [a - factor * b for a, b in zip(matrix[row], matrix[i], strict=True)]
            right[row] -= factor * right[i]
    found = [0.0] * size
    for i in reversed(range(size)):
        found[i] = (right[i] - sum(matrix[i][j] * found[j] for j in range(i + 1, size))) / matrix[i][i]
    return found[0], found[1], found[2]


def _ends(off: Sequence[float]) -> tuple[float, float]:
    """Return the ends between which the stated share of values lies; wider the fewer there are."""
    if not off:
        return (-math.log(2.0), math.log(2.0))
    values = sorted(off)
    tail = (1.0 - HELD) / 2
    place = max(math.floor(tail * (len(values) + 1)) - 1, 0)
    return values[place], values[-1 - place]


def read_history(path: str | Path, dialect: str = "snowflake") -> list[Run]:
    """Read a history file, CSV or Parquet, with a header. Raises `SourceError` naming what is missing.

    Columns: a statement's text, its seconds (or Snowflake's milliseconds), the bytes it read, the warehouse's
    size, by the names that QUERY_HISTORY and JOBS give them or plain ones.
    """
    rows = _parquet(Path(path)) if str(path).endswith(".parquet") else _csv(Path(path))
    runs = []
    columns: dict[str, str | None] | None = None
    for row in rows:
        if columns is None:
            columns = {
                what: next((n for n in row if n.lower() in names), None) for what, names in _NAMES.items()
            }
            if columns["seconds"] is None and columns["milliseconds"] is None:
                raise SourceError(f"{path}: there is no column of seconds; it has {', '.join(row)}")
        one = _run(row, columns, dialect)
        if one is not None:
            runs.append(one)
    if not runs:
        raise SourceError(f"{path}: there is no run in it")
    return runs


def _run(row: Mapping[str, Any], columns: Mapping[str, str | None], dialect: str) -> Run | None:
    def number(what: str) -> float | None:
        name = columns[what]
        try:
            return float(row[name]) if name is not None and row[name] not in (None, "") else None
        except (TypeError, ValueError):
            return None

    seconds, milliseconds = number("seconds"), number("milliseconds")
    taken = seconds if seconds is not None else milliseconds / 1000 if milliseconds is not None else None
    if taken is None:
        return None
    size = str(row[columns["size"]] or "") if columns["size"] else ""
    text = str(row[columns["statement"]] or "") if columns["statement"] else ""
    return Run(taken, number("bytes"), _size(size), _fingerprint(text, dialect))


def _size(given: str) -> str | None:
    try:
        return size_name(given) if given else None
    except ConfigError:
        return None


def _fingerprint(text: str, dialect: str) -> str:
    if not text.strip():
        return ""
    from sqlopt.query.text.parse import parse

    statements = parse(text, dialect)
    return statements[0].fingerprint if len(statements) == 1 else ""


def _csv(path: Path) -> Iterable[Mapping[str, Any]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from csv.DictReader(file)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SourceError(f"{path}: can't be read: {error}") from None


def _parquet(path: Path) -> Iterable[Mapping[str, Any]]:
    import duckdb

    if not path.is_file():
        raise SourceError(f"{path}: no such file")
    try:
        relation = duckdb.read_parquet(str(path))
        names = relation.columns
        while batch := relation.fetchmany(10_000):
            yield from (dict(zip(names, row, strict=True)) for row in batch)
    except duckdb.Error as error:
        raise SourceError(f"{path}: can't be read: {error}") from None
