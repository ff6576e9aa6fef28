"""Two statements run on a fixed number of generated databases, or until they differ."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rewrite.edits import Proof, Verdict
from sqlopt.rewrite.prove.chance import choices, random_part
from sqlopt.rewrite.prove.effort import Exhausted
from sqlopt.rewrite.prove.engine.compare import Failed, same
from sqlopt.rewrite.prove.engine.engine import Engine, Result
from sqlopt.rewrite.prove.pair import Unsupported, width
from sqlopt.rewrite.prove.testing.shrink import script, shrink
from sqlopt.rewrite.prove.testing.supply import Supply

if TYPE_CHECKING:
    from sqlopt.rewrite.prove.effort import Work
    from sqlopt.rewrite.prove.engine.compare import Row
    from sqlopt.rewrite.prove.pair import Pair
    from sqlopt.rewrite.prove.testing.databases import Database

_FEWEST = 5
_BATCH = 8  # databases in one question to the engine


@dataclass(slots=True)
class _Count:
    compared: int = 0
    filled: int = 0
    failed: int = 0
    one_sided: int = 0
    chosen: int = 0
    always: bool = False  # whether there are rows even where the tables have none
    last: str = ""
    sides: set[str] = field(default_factory=set)


class Tester:
    """Looks for a database on which two statements differ."""

    def __init__(self, pair: Pair, work: Work, seed: int = 0) -> None:
        self.pair = pair
        self.work = work
        self.seed = seed
        self.count = _Count()

    def judge(self) -> Proof:
        """Return tested, refuted, or unknown with the reason. Raises `CeilingReached`."""
        for query in self.pair.queries:
            part = random_part(query)
            if part is not None:
                return unknown(f"two runs of {part} differ")
        try:
            self.engine = Engine(self.pair, self.work)
            try:
                return self._search()
            finally:
                self.engine.close()
        except Unsupported as error:
            return unknown(str(error), error.notes)

    def _search(self) -> Proof:
        widths = [len(names) for names in self.engine.names]
        if widths[0] != widths[1]:
            return Proof(
                Verdict.REFUTED,
                reason=f"the first statement gives {widths[0]} columns, the second {widths[1]}",
            )
        budget, count = self.work.budget, self.count
        # What a join makes of its tables grows with the power of their number.
        most = int(budget.combinations ** (1 / max(map(width, self.pair.queries))))
        supply = Supply(self.pair, self.engine.texts, self.engine.ask, most, self.seed)
        nothing: tuple[list[Row], list[Row]] | None = None
        made = 0
        while made < budget.attempts and self.engine.affords(1 + budget.shuffles):
            batch = supply.batch(min(_BATCH, 1 + made, budget.attempts - made))
            made += len(batch)
            there = [one for one in batch if one.rows is not None]
            for one, found in zip(
                there, self.engine.both([one.rows for one in there if one.rows is not None]), strict=True
            ):
                results = self._compared(*found)
                if results is None or one.rows is None:
                    continue
                if one.way is None:
                    nothing, count.always = results, any(results)
                filled = any(results) and results != nothing
                supply.tell(one, filled=filled)
                count.compared += 1
                count.filled += filled
                if not self._same(results) and self._is_certain(one.rows, results):
                    return self._refuted(one.rows, results)
            hopeless = not count.filled and made > budget.databases // 2
            if not self.pair.relations or count.filled >= budget.databases or hopeless:
                break
        return self._tested()

    def _both(self, rows: Database) -> tuple[list[Row], list[Row]] | None:
        """Run both; None where one failed: an error is no result."""
        return self._compared(*self.engine.both([rows])[0])

    def _compared(self, before: Result, after: Result) -> tuple[list[Row], list[Row]] | None:
        if not isinstance(before, Failed) and not isinstance(after, Failed):
            return before, after
        failed = [isinstance(one, Failed) for one in (before, after)]
        self.count.failed += 1
        self.count.one_sided += not all(failed)
        self.count.last = str(after if failed[1] else before)
        self.count.sides |= {which for which, wrong in zip(("first", "second"), failed, strict=True) if wrong}
        return None

    def _same(self, results: tuple[list[Row], list[Row]]) -> bool:
        width = len(self.engine.names[0])
        return same(*results, self.engine.keys, width)

    def _is_certain(self, rows: Database, results: tuple[list[Row], list[Row]]) -> bool:
        """Whether the results differ whatever the engine chooses: shuffled tables must give the same ones.

        Where a choice shows, results whose numbers of rows never meet still differ.
        """
        sizes: tuple[set[int], set[int]] = ({len(results[0])}, {len(results[1])})
        settled = True
        shuffles = [_shuffled(rows, turn) for turn in range(self.work.budget.shuffles)]
        for before, after in self.engine.both(shuffles):
            again = self._compared(before, after)
            if again is None:
                return False
            for place in (0, 1):
                settled = settled and same(
                    results[place], again[place], self.engine.keys if not place else ()
                )
                sizes[place].add(len(again[place]))
        if settled:
            return True
        self.count.chosen += 1
        return len(sizes[0]) == len(sizes[1]) == 1 and sizes[0] != sizes[1]

    def _refuted(self, rows: Database, results: tuple[list[Row], list[Row]]) -> Proof:
        tries = iter(range(self.work.budget.shrinks))
        whole = results
        # Where nothing is known to be left to the engine, one look at the end is enough.
        free = bool(self._choices()) or any(one.tree.find(exp.Window) for one in self.pair.queries)

        def still(tried: Database) -> bool:
            nonlocal results
            if next(tries, None) is None or not self.engine.affords(1 + self.work.budget.shuffles):
                raise Exhausted
            found = self._both(tried)
            if found is None or self._same(found) or (free and not self._is_certain(tried, found)):
                return False
            results = found
            return True

        compared = self.count.compared
        small = shrink(self.pair, rows, still)
        if not free and small != rows and not self._is_certain(small, results):
            small, results = rows, whole
        columns = len(self.engine.names[0])
        results = [row[:columns] for row in results[0]], results[1]
        return Proof(
            Verdict.REFUTED,
            tuple(self.pair.premises),
            compared,
            script(self.pair, small, results, self.engine.names),
            reason="the results differ on the database shown"
            if not same(*results)
            else "the order differs on the database shown",
            notes=self._notes(),
        )

    def _tested(self) -> Proof:
        count = self.count
        shown = count.filled if self.pair.relations else count.compared
        fewest = _FEWEST if self.pair.relations else 1
        if shown < fewest:
            if count.failed > count.compared:
                return unknown(
                    f"the {' and '.join(sorted(count.sides))} statement fails at run time: {count.last}"
                )
            if not self.engine.affords(1 + self.work.budget.shuffles):
                return unknown("the statements are too large to be run on enough databases")
            if not shown:
                rows = "other rows than the one without any" if count.always else "rows"
                return unknown(f"no database gave {rows}", self._notes())
            return unknown(f"only {shown} of the databases tried gave rows", self._notes())
        if count.chosen > shown // 2:
            return unknown(f"the results depend on choices of the engine: {', '.join(self._choices())}")
        return Proof(
            Verdict.TESTED,
            tuple(self.pair.premises),
            shown,
            reason=f"no difference in {shown} generated databases that give rows",
            notes=self._notes(),
        )

    def _choices(self) -> list[str]:
        return sorted({one for query in self.pair.queries for one in choices(query)})

    def _notes(self) -> tuple[str, ...]:
        notes = []
        names = [[one.casefold() for one in names] for names in self.engine.names]
        if names[0] != names[1]:
            notes.append("the names of the columns differ; they are compared by position")
        if self.count.one_sided:
            notes.append(
                f"in {self.count.one_sided} databases only the {' or '.join(sorted(self.count.sides))} statement "
                f"failed ({self.count.last}); those are not compared"
            )
        notes += [f"left to the engine: {one}" for one in self._choices()]
        return tuple(notes)


def unknown(reason: str, notes: tuple[str, ...] = ()) -> Proof:
    """Return the verdict `unknown` with its reason."""
    return Proof(Verdict.UNKNOWN, reason=reason, notes=notes)


def _shuffled(rows: Database, turn: int) -> Database:
    """Return the same bags in another order."""
    if turn == 0:
        return {key: mine[::-1] for key, mine in rows.items()}
    return {
        key: mine[turn % max(len(mine), 1) :] + mine[: turn % max(len(mine), 1)] for key, mine in rows.items()
    }
