"""Two statements run on generated databases until they differ or the time is over."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlopt.rewrite.edits import Proof, Verdict
from sqlopt.rewrite.prove.chance import choices, random_part
from sqlopt.rewrite.prove.compare import Failed, same
from sqlopt.rewrite.prove.engine import Engine, Timeout
from sqlopt.rewrite.prove.pair import Unsupported
from sqlopt.rewrite.prove.shrink import script, shrink
from sqlopt.rewrite.prove.supply import Supply

if TYPE_CHECKING:
    from sqlopt.rewrite.prove.compare import Row
    from sqlopt.rewrite.prove.databases import Database
    from sqlopt.rewrite.prove.pair import Pair

MOST_DATABASES = 400
_FEWEST = 5
_SHUFFLES = 4


@dataclass(slots=True)
class _Count:
    compared: int = 0
    filled: int = 0
    failed: int = 0
    one_sided: int = 0
    chosen: int = 0
    last: str = ""
    sides: set[str] = field(default_factory=set)


class Tester:
    """Looks for a database on which two statements differ."""

    def __init__(self, pair: Pair, seconds: float, seed: int = 0) -> None:
        self.pair = pair
        self.deadline = time.monotonic() + seconds
        self.seed = seed
        self.count = _Count()
        self.doubt = False

    def judge(self) -> Proof:
        """Return tested, refuted, or unknown with the reason."""
        for query in self.pair.queries:
            part = random_part(query)
            if part is not None:
                return unknown(f"two runs of {part} differ")
        try:
            self.engine = Engine(self.pair, self.deadline)
        except Unsupported as error:
            return unknown(str(error))
        try:
            return self._search()
        finally:
            self.engine.close()

    def _search(self) -> Proof:
        widths = [len(names) for names in self.engine.names]
        if widths[0] != widths[1]:
            return Proof(
                Verdict.REFUTED,
                reason=f"the first statement gives {widths[0]} columns, the second {widths[1]}",
            )
        supply = Supply(self.pair, self.engine.texts, self.engine.ask, self.seed)
        count = self.count
        nothing: tuple[list[Row], list[Row]] | None = None
        try:
            for number in range(MOST_DATABASES):
                rows = supply.next() if number else supply.empty()
                results = self._both(rows) if rows is not None else None
                if rows is None or results is None:
                    continue
                count.compared += 1
                if number:
                    filled = any(results) and results != nothing
                    count.filled += filled
                    supply.tell(filled=filled)
                else:
                    nothing = results
                if not self._same(results):
                    self.doubt = True  # until it is sure, or the engine's choice: the time may be over first
                    if self._is_certain(rows, results):
                        return self._refuted(rows)
                    self.doubt = False
                if not self.pair.relations:
                    break
        except Timeout:
            pass
        return self._tested()

    def _both(self, rows: Database) -> tuple[list[Row], list[Row]] | None:
        """Run both; None where one failed: an error is no result."""
        self.engine.load(rows)
        found: list[list[Row]] = []
        for place in (0, 1):
            try:
                found.append(self.engine.run(place))
            except Failed as error:
                self.count.last = str(error)
                self.count.sides.add(("first", "second")[place])
        if len(found) < 2:  # noqa: PLR2004
            self.count.failed += 1
            self.count.one_sided += len(found)
            return None
        return found[0], found[1]

    def _same(self, results: tuple[list[Row], list[Row]]) -> bool:
        width = len(self.engine.names[0])
        return same(*results, self.engine.keys, width)

    def _is_certain(self, rows: Database, results: tuple[list[Row], list[Row]]) -> bool:
        """Whether the results differ whatever the engine chooses: shuffled tables must give the same ones.

        Where a choice shows, results whose numbers of rows never meet still differ.
        """
        sizes: tuple[set[int], set[int]] = ({len(results[0])}, {len(results[1])})
        settled = True
        for shuffle in range(_SHUFFLES):
            again = self._both(_shuffled(rows, shuffle))
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

    def _refuted(self, rows: Database) -> Proof:
        # A little time beyond what was given: a small counterexample is worth it.
        end = min(max(self.deadline, time.monotonic() + 0.15), self.deadline + 0.15)
        self.engine.deadline = end + 1.0

        def still(tried: Database) -> bool:
            if time.monotonic() > end:
                raise TimeoutError
            results = self._both(tried)
            return results is not None and not self._same(results) and self._is_certain(tried, results)

        compared = self.count.compared
        small = shrink(self.pair, rows, still)
        results = self._both(small)
        if results is None:
            return unknown("a counterexample could not be run again")
        width = len(self.engine.names[0])
        results = [row[:width] for row in results[0]], results[1]
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
        if count.compared < (_FEWEST if self.pair.relations else 1):
            if count.failed > count.compared:
                return unknown(
                    f"the {' and '.join(sorted(count.sides))} statement fails at run time: {count.last}"
                )
            return unknown(f"too few databases ({count.compared}) could be compared in the time given")
        if count.chosen > count.compared // 2:
            return unknown(f"the results depend on choices of the engine: {', '.join(self._choices())}")
        return Proof(
            Verdict.TESTED,
            tuple(self.pair.premises),
            count.compared,
            reason=f"no difference in {count.compared} generated databases",
            notes=self._notes(),
        )

    def _choices(self) -> list[str]:
        return sorted({one for query in self.pair.queries for one in choices(query)})

    def _notes(self) -> tuple[str, ...]:
        notes = []
        names = [[one.casefold() for one in names] for names in self.engine.names]
        if names[0] != names[1]:
            notes.append("the names of the columns differ; they are compared by position")
        if self.count.compared and not self.count.filled:
            notes.append("both results were empty in every database")
        if self.count.one_sided:
            notes.append(
                f"in {self.count.one_sided} databases only the {' or '.join(sorted(self.count.sides))} statement "
                f"failed ({self.count.last}); those are not compared"
            )
        notes += [f"left to the engine: {one}" for one in self._choices()]
        return tuple(notes)


def unknown(reason: str) -> Proof:
    """Return the verdict `unknown` with its reason."""
    return Proof(Verdict.UNKNOWN, reason=reason)


def _shuffled(rows: Database, turn: int) -> Database:
    """Return the same bags in another order."""
    if turn == 0:
        return {key: mine[::-1] for key, mine in rows.items()}
    return {
        key: mine[turn % max(len(mine), 1) :] + mine[: turn % max(len(mine), 1)] for key, mine in rows.items()
    }
