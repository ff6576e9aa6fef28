"""Which database is tested next: the empty one, then witnesses of both statements and adversarial ones in turn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlopt.rewrite.prove.testing.databases import Generator, holds
from sqlopt.rewrite.prove.testing.domain import Domains
from sqlopt.rewrite.prove.testing.witness.make import Witnesses

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlopt.rewrite.prove.pair import Pair
    from sqlopt.rewrite.prove.testing.databases import Database

_FIRST = 6  # databases of each way before one is preferred that gives rows
_SELDOM = 0.2


@dataclass(frozen=True, slots=True)
class Made:
    """A database, None where what was made does not keep the constraints, and the way that it was made."""

    rows: Database | None
    way: int | None


class Supply:
    """Databases for a pair, the cheap and telling first; the same seed gives the same ones.

    ``texts`` are the statements in DuckDB's SQL, ``ask`` runs a question in the engine, None where it fails;
    ``most`` is how many rows a table of an adversarial one may have.
    """

    def __init__(
        self,
        pair: Pair,
        texts: list[str],
        ask: Callable[[str], list[tuple[Any, ...]] | None],
        most: int,
        seed: int = 0,
    ) -> None:
        domains = Domains(pair)
        self.pair = pair
        self._ways: tuple[Callable[[], Database | None], ...] = (
            Witnesses(pair, domains, texts, ask, most, seed).next,
            Generator(pair, domains, seed, most).next,
        )
        self._given = [0, 0]
        self._gave = [0, 0]
        self._began = False

    def batch(self, many: int) -> list[Made]:
        """Return so many databases more; the first of all is the one without rows."""
        found = []
        if not self._began:
            self._began = True
            found.append(Made({key: [] for key in self.pair.relations}, None))
        while len(found) < many:
            way = self._turn()
            self._given[way] += 1
            rows = self._ways[way]()
            found.append(Made(rows if rows is not None and holds(self.pair, rows) else None, way))
        return found

    def tell(self, made: Made, *, filled: bool) -> None:
        """Say whether a database gave rows: the way that does so is taken more often."""
        if made.way is not None:
            self._gave[made.way] += filled

    def _turn(self) -> int:
        """Return the way that is behind: both get the same, but one that hardly ever gives rows less."""
        one, other = self._given
        shares = [self._gave[way] / max(self._given[way], 1) for way in (0, 1)]
        if min(one, other) >= _FIRST and min(shares) < _SELDOM < max(shares):
            slow = shares.index(min(shares))
            return slow if self._given[slow] * 5 < self._given[1 - slow] else 1 - slow
        return 0 if one <= other else 1
