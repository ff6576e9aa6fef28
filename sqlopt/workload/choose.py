"""Which views to suggest: those whose saving, less refresh and storage, is the greatest, one a block.

Candidates are the tables that two blocks share. For each such set of tables, blocks are put together as long as the
view that serves them all saves more than they would apart. Then the best view is taken, its blocks are done with,
and the others are weighed again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Final

from sqlopt.workload.merge import connected, merge
from sqlopt.workload.part import Part, part
from sqlopt.workload.saving import DAYS, Rough, Sized, sized
from sqlopt.workload.views import written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlopt.cost.statement import StatementCost
    from sqlopt.workload.blocks import Block

LEAST: Final = 5.0
"""A view has at most one row for so many of its largest table; else it is not worth its storage."""
GROUPED: Final = 2.0
"""It puts at least so many rows together; a mere copy of the rows that conditions leave has to be far smaller."""
MUCH: Final = 50.0
PRUNED: Final = 4.0
"""Unless it is `FAR` smaller, it has at most so many times the rows that a statement's own conditions leave."""
FAR: Final = 15.0
SMALL: Final = 10_000
"""Tables with fewer rows are not worth a view."""
_MOST_BLOCKS: Final = 2_000
_MOST_KEYS: Final = 2
"""Without statistics, a view may be grouped by so many columns more than the narrowest of its blocks needs."""


@dataclass(frozen=True)
class Weighed:
    """What is known of the statements: cost a run and runs a month, by the id of their `Query`."""

    costs: Mapping[int, StatementCost]
    runs: Mapping[int, float]
    refreshes: float


@dataclass(eq=False)
class Candidate:
    """A view with the parts that it serves. ``net`` are the bytes that it saves a month; None where not known."""

    parts: list[Part]
    view: Sized
    net: float | None

    @property
    def fewest(self) -> int:
        """How many keys the narrowest of its parts would be grouped by alone."""
        alone = [merge([one]) for one in self.parts]
        return min((len(one.keys) for one in alone if one is not None), default=0)

    @property
    def order(self) -> tuple[bool, float, int]:
        """What the best candidate has most of."""
        return self.net is not None, self.net or 0.0, len(self.statements)

    @property
    def statements(self) -> set[int]:
        """The ids of the statements that it serves."""
        return {id(one.block.query) for one in self.parts}


@dataclass
class Chooser:
    """Weighs views over one workload, each once. ``dropped`` says why sets of tables that repeat got none."""

    weighed: Weighed
    dropped: dict[frozenset[str], tuple[str, list[Part]]] = field(default_factory=dict)
    _known: dict[tuple[object, ...], Sized] = field(default_factory=dict)
    _rough: dict[int, Rough] = field(default_factory=dict)

    def choose(self, blocks: Sequence[Block]) -> list[Candidate]:
        """Return the views to suggest, the best first."""
        blocks = blocks[:_MOST_BLOCKS]
        pools = [found for labels in _shared(blocks) for found in self._of(labels, blocks)]
        chosen: list[Candidate] = []
        while pools:
            best = max(pools, key=lambda one: one.order)
            chosen.append(best)
            done = {id(one.block) for one in best.parts}
            pools = [left for one in pools if one is not best for left in self._without(one, done)]
        return chosen

    def _of(self, labels: frozenset[str], blocks: Sequence[Block]) -> list[Candidate]:
        """Return what `_pool` yields; a fault of ours costs this set of tables and nothing else."""
        try:
            return list(self._pool(labels, blocks))
        except Exception as error:  # noqa: BLE001 - the other tables are still to be looked at
            asking = [
                found
                for one in blocks
                if labels <= set(one.sources)
                if (found := _part(one, labels)) is not None
            ]
            self.dropped[labels] = (
                f"no view could be made: {type(error).__name__}, a fault of sqlopt",
                asking,
            )
            return []

    def _without(self, candidate: Candidate, done: set[int]) -> Iterator[Candidate]:
        """Yield a candidate without blocks that another view serves, if it is still worth it."""
        parts = [one for one in candidate.parts if id(one.block) not in done]
        if len(parts) == len(candidate.parts):
            yield candidate
        elif len({id(one.block.query) for one in parts}) > 1:
            found = self._candidate(parts)
            if found is not None and _pays(found):
                yield found

    def _pool(self, labels: frozenset[str], blocks: Iterable[Block]) -> Iterator[Candidate]:
        """Yield the views over a set of tables that are worth it, each block in one of them."""
        parts = [
            found for one in blocks if labels <= set(one.sources) if (found := part(one, labels)) is not None
        ]
        parts = [one for one in parts if connected(one)]
        if len({id(one.block.query) for one in parts}) < 2:  # noqa: PLR2004 - shared by two
            return
        clusters: list[Candidate] = []
        for one in sorted(parts, key=lambda one: -self._read(one)):
            alone = self._candidate([one])
            if alone is None:
                continue
            best: tuple[float, int, Candidate] | None = None
            for place, cluster in enumerate(clusters):
                both = self._candidate([*cluster.parts, one])
                gain = _gain(both, cluster, alone)
                if both is not None and gain > 0 and (best is None or gain > best[0]):
                    best = (gain, place, both)
            if best is None:
                clusters.append(alone)
            else:
                clusters[best[1]] = best[2]
        worth = [one for one in clusters if len(one.statements) > 1 and _pays(one)]
        if not clusters and not self._is_small(parts[0]):
            self.dropped[labels] = (
                f"no view of it is small enough: at least {LEAST:g} times fewer rows than its largest table",
                parts,
            )
        yield from worth

    def _candidate(self, parts: list[Part]) -> Candidate | None:
        found = self._sized(parts)
        if found is None or not _smaller(found) or any(self._is_slower(one, found) for one in parts):
            return None
        return Candidate(parts, found, self._net(parts, found))

    def _sized(self, parts: list[Part]) -> Sized | None:
        view = merge(parts)
        if view is None:
            return None
        found = self._known.get(view.signature)
        if found is None:
            base = parts[0].block.query.catalog
            rough = self._rough.setdefault(id(base), Rough(base))
            found = sized(written(view, parts), parts[0], rough)
            self._known[view.signature] = found
        return found

    def _is_small(self, one: Part) -> bool:
        alone = self._sized([one])
        return alone is None or (alone.base_rows is not None and alone.base_rows < SMALL)

    def _is_slower(self, one: Part, view: Sized) -> bool:
        """Whether a view has far more rows than a statement's own conditions leave of its tables.

        Engines skip most of a table for such a statement; where bytes are billed it pays nevertheless.
        """
        alone = self._sized([one]) if one.block.query.dialect != "bigquery" else None
        if alone is None or alone.size is None or view.size is None:
            return False
        pruned = view.size.rows > PRUNED * max(alone.size.joined, 1.0)
        return pruned and view.size.base / max(view.size.rows, 1.0) < FAR

    def _net(self, parts: Sequence[Part], view: Sized) -> float | None:
        """Return the bytes that a view saves a month, less those of its refreshes; roughly, to compare by."""
        size, build = view.table.bytes, view.reads
        if size is None or build is None:
            return None
        saved = 0.0
        for one in parts:
            saved += self.weighed.runs[id(one.block.query)] * (self._read(one) - size)
        return saved - self.weighed.refreshes * build

    def _read(self, one: Part) -> float:
        """Return the bytes that a statement reads a run of the tables that the view would stand for, in one block."""
        query = one.block.query
        spans = [query.span(one.block.sources[label].node) for label in one.labels]
        tables = self.weighed.costs[id(query)].tables
        return sum(
            each.bytes.expected
            for each in tables
            if each.bytes is not None
            and any(span.covers(each.span) or each.span.covers(span) for span in spans)
        )


def _part(block: Block, labels: frozenset[str]) -> Part | None:
    """Return a block's part over these tables; None where there is none, or where that fails."""
    try:
        return part(block, labels)
    except Exception:  # noqa: BLE001 - only to name the places
        return None


def _smaller(view: Sized) -> bool:
    """Whether a view is so much smaller than its tables that it is worth keeping, as far as that is known."""
    if view.base_rows is not None and view.base_rows < SMALL:
        return False
    if view.reduction is None or view.grouping is None:
        return True
    return view.reduction >= (LEAST if view.grouping >= GROUPED else MUCH)


def _pays(one: Candidate) -> bool:
    return one.net is None or one.net > 0


def _gain(both: Candidate | None, left: Candidate, right: Candidate) -> float:
    """Return what two views put together save more than apart."""
    if both is None:
        return -1.0
    if both.net is not None and left.net is not None and right.net is not None:
        return both.net - max(left.net, 0.0) - max(right.net, 0.0)
    fewest = min(one.fewest for one in (left, right))
    return 1.0 if len(both.view.written.view.keys) <= fewest + _MOST_KEYS else -1.0


def _shared(blocks: Sequence[Block]) -> list[frozenset[str]]:
    """Return the sets of tables that two blocks share, in a fixed order."""
    found: set[frozenset[str]] = set()
    for left, right in combinations(blocks, 2):
        if left.query.dialect == right.query.dialect and left.query.catalog is right.query.catalog:
            found |= set(_components(left, frozenset(left.sources) & frozenset(right.sources)))
    return sorted(found, key=lambda one: (-len(one), sorted(one)))


def _components(block: Block, labels: frozenset[str]) -> Iterator[frozenset[str]]:
    """Yield the parts of a set of tables that the block's equalities hold together."""
    links = [
        ends
        for one in block.conditions
        if one.equal is not None and (ends := {label for label, _ in one.equal}) <= labels
    ]
    left = set(labels)
    while left:
        reached = {min(left)}
        for _ in labels:
            reached = reached.union(*(link for link in links if link & reached))
        left -= reached
        yield frozenset(reached)


def monthly(runs_per_day: float) -> float:
    """Return the runs of a month."""
    return runs_per_day * DAYS
