"""Materialized views for a workload: each with its DDL, the statements over it, their proofs and what is saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlopt.cost.estimate import Estimate
from sqlopt.cost.statement import StatementCost, statement_cost
from sqlopt.cost.worth import worth
from sqlopt.rewrite.edits import Proof, Verdict
from sqlopt.workload.blocks import Block, blocks
from sqlopt.workload.choose import Candidate, Chooser, Weighed
from sqlopt.workload.ddl import Made, made, model
from sqlopt.workload.part import Part, UnservedError
from sqlopt.workload.proving import judge
from sqlopt.workload.rewriting import rewritten
from sqlopt.workload.saving import cost_after, difference, less, sized
from sqlopt.workload.views import written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlopt.cost.calibration import Calibration
    from sqlopt.cost.terms import Terms
    from sqlopt.query import Query
    from sqlopt.rewrite.prove.effort import Limits
    from sqlopt.workload.saving import Sized

WORTH: Final = 0.1
"""The share of its bytes that a statement must save at least."""
UNITS: Final = ("bytes_scanned", "credits", "money")
"""What savings are told in."""


@dataclass(frozen=True)
class Asked:
    """A statement of the workload: where it stands, what it is there (a dbt ``model``), its runs in a month."""

    query: Query
    path: str
    line: int
    name: str
    runs: float
    model: bool = False


@dataclass(frozen=True)
class Profit:
    """A statement that profits from a view: its text before and after, with the proof that they are the same.

    ``worth`` is what the bytes that a run saves are worth: credits and money, where they have a price.
    """

    path: str
    line: int
    name: str
    runs: float
    original: str
    rewritten: str
    proof: Proof
    before: StatementCost
    after: StatementCost
    worth: tuple[Estimate, ...] = ()

    def saved(self, unit: str) -> Estimate | None:
        """Return what a run saves, in one of `UNITS`: bytes, and what these are worth."""
        if unit == "bytes_scanned":
            return difference(self.before.bytes_scanned, self.after.bytes_scanned)
        return next((one for one in self.worth if (one.unit == "credits") == (unit == "credits")), None)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, for JSON."""
        return {
            "path": self.path,
            "line": self.line,
            "name": self.name,
            "runs_per_month": self.runs,
            "original": self.original,
            "rewritten": self.rewritten,
            "verdict": str(self.proof.verdict),
            "reason": self.proof.reason,
            "premises": list(self.proof.premises),
            "notes": list(self.proof.notes),
            "saved_a_run": _plain({unit: self.saved(unit) for unit in UNITS}),
        }


@dataclass(frozen=True)
class Suggestion:
    """A view, the statements that profit from it, and what a month of it saves net of refreshes and storage.

    ``model`` is the view as a dbt model, where statements of dbt models profit. ``left_out`` says of which statements
    the view would serve it was not shown, and why.
    """

    name: str
    tables: tuple[str, ...]
    made: Made
    definition: str
    rows: int | None
    base_rows: int | None
    bytes: int | None
    profits: tuple[Profit, ...]
    build: StatementCost
    refreshes: float
    storage: Estimate | None
    left_out: tuple[str, ...] = ()
    model: str = ""

    def gross(self, unit: str) -> Estimate | None:
        """Return what the statements save in a month; None where that is not known of one of them."""
        parts = [
            saved.times(one.runs) if (saved := one.saved(unit)) is not None else None for one in self.profits
        ]
        known = [one for one in parts if one is not None]
        if not known or len(known) < len(parts):
            return None
        total = known[0]
        for one in known[1:]:
            total = Estimate(
                total.low + one.low, total.expected + one.expected, total.high + one.high, one.unit, one.basis
            )
        return total

    def refresh(self, unit: str) -> Estimate | None:
        """Return what a month of refreshes costs, each taken to make the view anew."""
        cost: Estimate | None = getattr(self.build, unit)
        return cost.times(self.refreshes) if cost is not None else None

    def net(self, unit: str) -> Estimate | None:
        """Return what a month saves, less refreshes, and for money less storage."""
        gross, refresh = self.gross(unit), self.refresh(unit)
        if gross is None or refresh is None:
            return None
        found = less(gross, refresh)
        return less(found, self.storage) if unit == "money" and self.storage is not None else found

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, for JSON."""
        return {
            "name": self.name,
            "tables": list(self.tables),
            "form": self.made.form,
            "ddl": self.made.statement,
            "refresh": self.made.refresh,
            "dbt_model": self.model,
            "refused": [{"reason": one.reason, "source": str(one.source)} for one in self.made.refused],
            "notes": list(self.made.notes),
            "rows": self.rows,
            "base_rows": self.base_rows,
            "bytes": self.bytes,
            "refreshes_per_month": self.refreshes,
            "month": {
                "saved": _plain({unit: self.gross(unit) for unit in UNITS}),
                "refresh": _plain({unit: self.refresh(unit) for unit in UNITS}),
                "storage": self.storage.to_dict() if self.storage is not None else None,
                "net": _plain({unit: self.net(unit) for unit in UNITS}),
            },
            "statements": [one.to_dict() for one in self.profits],
            "left_out": list(self.left_out),
        }


@dataclass(frozen=True)
class Suggested:
    """The views for a workload, the best first; ``dropped`` says what repeats but is not worth a view, and why."""

    suggestions: tuple[Suggestion, ...]
    dropped: tuple[str, ...] = ()
    statements: int = 0
    problems: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, for JSON."""
        return {
            "statements": self.statements,
            "suggestions": [one.to_dict() for one in self.suggestions],
            "dropped": list(self.dropped),
            "problems": list(self.problems),
        }


def _plain(values: dict[str, Estimate | None]) -> dict[str, Any]:
    return {unit: one.to_dict() if one is not None else None for unit, one in values.items()}


def suggest(  # noqa: PLR0913 - one argument a setting
    asked: Sequence[Asked],
    terms: Terms,
    *,
    refreshes: float,
    calibrations: Callable[[str], Calibration | None] = lambda _: None,
    limits: Limits,
    top: int | None = None,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Suggested:
    """Return the views that pay for a workload whose views are refreshed so many times a month.

    ``calibrations`` gives each dialect's history; ``limits`` are those of each proof.
    """
    costs, passed_over = _costs(asked, terms, calibrations)
    asked = [one for one in asked if id(one.query) in costs]
    if not asked:
        return Suggested((), problems=passed_over)
    runs = {id(one.query): one.runs for one in asked}
    chooser = Chooser(Weighed(costs, runs, refreshes))
    chosen = chooser.choose(_blocks(asked))
    places = {id(one.query): one for one in asked}
    maker = _Maker(places, costs, terms, refreshes, calibrations, limits)
    found: list[Suggestion] = []
    for done, candidate in enumerate(chosen):
        one = maker.made(candidate)
        if one is not None:
            found.append(one)
        progress(done + 1, len(chosen))
        if top is not None and len(found) == top:
            break
    dropped = [
        f"{', '.join(sorted(labels))} ({_places(parts, places)}): {why}"
        for labels, (why, parts) in chooser.dropped.items()
    ]
    return Suggested(tuple(found), (*dropped, *maker.dropped), len(asked), passed_over)


def _costs(
    asked: Iterable[Asked], terms: Terms, calibrations: Callable[[str], Calibration | None]
) -> tuple[dict[int, StatementCost], tuple[str, ...]]:
    """Return what each statement costs, by id of its query, and why others are passed over."""
    costs: dict[int, StatementCost] = {}
    passed_over = []
    for one in asked:
        if one.query.statement.tree is None:
            continue
        try:
            list(blocks(one.query))
            costs[id(one.query)] = statement_cost(one.query, terms, calibrations(one.query.dialect))
        except Exception as error:  # noqa: BLE001 - one statement's failure costs that statement
            passed_over.append(f"{one.path}:{one.line}: can't be read: {type(error).__name__}")
    return costs, tuple(passed_over)


def _blocks(asked: Iterable[Asked]) -> list[Block]:
    made_here = {name for one in asked for name in _temporary(one.query)}
    written_in: dict[str, set[str]] = {}
    for one in asked:
        written_in.setdefault(one.path, set()).update(_written(one.query))
    return [
        block
        for one in asked
        for block in blocks(one.query)
        if not any(
            source.table_name.casefold() in made_here | written_in[one.path]
            for source in block.sources.values()
        )
    ]


def _written(query: Query) -> Iterable[str]:
    """Yield the name of the table that a statement changes: what reads it later in the file must see that."""
    from sqlglot import exp

    if isinstance(query.tree, (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Create)):
        target = query.tree.this
        target = target.this if isinstance(target, exp.Schema) else target
        if isinstance(target, exp.Table):
            yield ".".join(part.name for part in target.parts).casefold()


def _temporary(query: Query) -> Iterable[str]:
    """Yield the names of tables that a statement makes for its session, and of views: no view holds them."""
    from sqlglot import exp

    tree = query.tree
    if isinstance(tree, exp.Create) and (tree.kind or "").upper() in ("TABLE", "VIEW"):
        temporary = tree.find(exp.TemporaryProperty) is not None
        target = tree.find(exp.Table)
        if target is not None and (temporary or (tree.kind or "").upper() == "VIEW"):
            yield ".".join(part.name for part in target.parts).casefold()
            yield target.name.casefold()


def _places(parts: Iterable[Part], places: dict[int, Asked]) -> str:
    found = dict.fromkeys(
        f"{places[id(one.block.query)].path}:{places[id(one.block.query)].line}" for one in parts
    )
    names = list(found)
    more = f" and {len(names) - 3} more" if len(names) > 4 else ""  # noqa: PLR2004 - a line's worth
    return ", ".join(names[:3] if more else names) + more


@dataclass
class _Maker:
    """Turns candidates into suggestions. ``names`` are those given so far, ``dropped`` why candidates came to none."""

    places: dict[int, Asked]
    costs: dict[int, StatementCost]
    terms: Terms
    refreshes: float
    calibrations: Callable[[str], Calibration | None]
    limits: Limits

    def __post_init__(self) -> None:
        self.names: set[str] = set()
        self.dropped: list[str] = []

    def made(self, candidate: Candidate) -> Suggestion | None:
        """Return what `suggestion` does; a fault of ours costs this candidate and nothing else."""
        try:
            return self.suggestion(candidate)
        except Exception as error:  # noqa: BLE001 - the other views are still to be made
            tables = ", ".join(sorted(candidate.view.written.view.labels))
            why = f"no view could be made: {type(error).__name__}, a fault of sqlopt"
            self.dropped.append(f"{tables} ({_places(candidate.parts, self.places)}): {why}")
            return None

    def suggestion(self, candidate: Candidate) -> Suggestion | None:
        """Return a suggestion; None if fewer than two statements are left that it serves for sure."""
        view = self._named(candidate)
        by_query: dict[int, list[Part]] = {}
        for one in candidate.parts:
            by_query.setdefault(id(one.block.query), []).append(one)
        profits, left_out = [], []
        for parts in by_query.values():
            profit = self._profit(parts, view)
            if isinstance(profit, Profit):
                profits.append(profit)
            else:
                left_out.append(profit)
        if len(profits) < 2:  # noqa: PLR2004 - shared by two
            self.dropped += left_out
            return None
        how = made(view.written)
        in_dbt = any(self.places[id(one.block.query)].model for one in candidate.parts)
        found = Suggestion(
            view.written.full_name,
            tuple(sorted({label.split("@", maxsplit=1)[0] for label in view.written.view.labels})),
            how,
            view.written.sql(),
            view.table.rows,
            view.base_rows,
            view.table.bytes,
            tuple(profits),
            view.build(self.terms, self.calibrations(view.written.view.dialect)),
            self.refreshes,
            view.stored(self.terms),
            tuple(left_out),
            model(view.written, how.form) if in_dbt else "",
        )
        net = found.net("money")
        if net is not None and net.expected <= 0:
            places = _places(candidate.parts, self.places)
            self.dropped.append(
                f"{', '.join(found.tables)} ({places}): refreshes cost more than a view saves"
            )
            return None
        self.names.add(view.written.name)
        return found

    def _named(self, candidate: Candidate) -> Sized:
        """Return the candidate's view with a name that no other one has."""
        again = written(candidate.view.written.view, candidate.parts, self.names)
        part = candidate.parts[0]
        return sized(again, part, part.block.query.catalog)

    def _profit(self, parts: list[Part], view: Sized) -> Profit | str:
        """Return a statement over a view, or why it can't be."""
        query = parts[0].block.query
        place = self.places[id(query)]
        where = f"{place.path}:{place.line}"
        try:
            text = rewritten(parts, view.written)
            proof = judge(parts, view.written, self.limits)
        except UnservedError:
            return f"{where}: its text can't be changed for this view"
        if proof.verdict is Verdict.REFUTED:
            return f"{where}: the rewritten statement does not give the same result"
        after = cost_after(text, query, view, self.terms, self.calibrations(query.dialect))
        if after is None:
            return f"{where}: the rewritten statement is not understood"
        if _idle(self.costs[id(query)], after):
            return f"{where}: it would read less than a tenth less"
        span = query.statement.span
        before = self.costs[id(query)]
        saved = difference(before.bytes_scanned, after.bytes_scanned)
        return Profit(
            place.path,
            place.line,
            place.name,
            place.runs,
            span.of(query.source),
            text,
            proof,
            before,
            after,
            worth(saved, query.dialect, self.terms, self.calibrations(query.dialect)),
        )


def _idle(before: StatementCost, after: StatementCost) -> bool:
    """Whether a statement reads nearly as much as before, for all that is known."""
    if before.bytes_scanned is None or after.bytes_scanned is None:
        return False
    return after.bytes_scanned.expected > before.bytes_scanned.expected * (1 - WORTH)
