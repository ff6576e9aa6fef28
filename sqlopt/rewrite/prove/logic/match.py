"""Whether two relations in normal form are equal, as bags or as sets.

1. Two terms are equal bags if a one-to-one choice of rows makes each one's conditions follow from the other's, and
their outputs the same. 2. Two relations are if their terms are, one to one. 3. Terms over the same rows that exclude
each other are one term with either condition, if their outputs agree. 4. Relations without duplicates are equal bags
if they are equal sets. 5. Sets are equal if every row of each exists in the other.
"""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING

from sqlopt.rewrite.prove.effort import spend
from sqlopt.rewrite.prove.logic.isomorphic import alike_rows, likely
from sqlopt.rewrite.prove.logic.normal import Normaliser, outermost
from sqlopt.rewrite.prove.logic.terms import (
    TOP,
    Node,
    bare,
    both,
    either,
    kind_of,
    negated,
    notnull,
    null,
    same,
)
from sqlopt.rewrite.prove.logic.trees import renamed, replaced

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlopt.rewrite.prove.logic.refute import Reasoner, Sources

_MOST_CHOICES = 150
_ALIKE = ("max", "min", "and", "or", "spelled")


class Matcher:
    """Compares relations with a `Reasoner`."""

    def __init__(self, reasoner: Reasoner) -> None:
        self.reasoner = reasoner
        self.normaliser = Normaliser(reasoner)

    def bags(self, one: Node, other: Node, facts: list[Node], sources: Sources) -> bool:
        """Whether two relations are equal bags wherever ``facts`` hold."""
        if alike_rows(one, other):
            return True
        one = self.normaliser.relation(one, facts, sources)
        other = self.normaliser.relation(other, facts, sources)
        if alike_rows(one, other) or self._matched(one, other, facts, sources):
            return True
        fewer, less = self._joined(one, facts, sources), self._joined(other, facts, sources)
        if (fewer != one or less != other) and self._matched(fewer, less, facts, sources):
            return True
        return (
            self.unique(fewer, facts, sources)
            and self.unique(less, facts, sources)
            and self.sets(fewer, less, facts, sources)
        )

    def sets(self, one: Node, other: Node, facts: list[Node], sources: Sources) -> bool:
        """Whether two relations have the same rows, however often."""
        if alike_rows(one, other):
            return True
        return self._within(one, other, facts, sources) and self._within(other, one, facts, sources)

    def _within(self, one: Node, other: Node, facts: list[Node], sources: Sources) -> bool:
        for term in one:
            mine = self.reasoner.fresh(term)
            there = tuple(
                ("term", x[1], (*x[2], *(same(a, b) for a, b in zip(x[3], mine[3], strict=True))), ())
                for x in map(self.reasoner.fresh, other)
            )
            here = {**sources, **{row[1]: row[2] for row in mine[1]}}
            goal = [("none", there)] if there else []
            if not self.reasoner.inconsistent([*facts, *mine[2], *goal], here):
                return False
        return True

    # ---- terms one to one

    def _matched(self, one: Node, other: Node, facts: list[Node], sources: Sources) -> bool:
        if len(one) != len(other):
            return False
        left = list(other)
        for term in one:
            found = next((x for x in left if self._equal(term, x, facts, sources)), None)
            if found is None:
                return False
            left.remove(found)
        return True

    def _equal(self, one: Node, other: Node, facts: list[Node], sources: Sources) -> bool:
        if len(one[3]) != len(other[3]):
            return False
        choices = islice(self._choices(one, other), _MOST_CHOICES)
        return any(self._same(one, renamed(other, numbers), facts, sources) for numbers in choices)

    def _choices(self, one: Node, other: Node) -> Iterator[dict[int, int]]:
        """Yield which row of the first each row of the second stands for."""
        if Counter(row[2] for row in one[1]) != Counter(row[2] for row in other[1]):
            return
        guess = likely(one, other)
        yield from self._assigned(list(other[1]), list(one[1]), guess, {})
        pinned: dict[int, int] = {}
        singles = [{row[1] for row in x[1] if row[2] == ("value",)} for x in (one, other)]
        for left, right in zip(one[3], other[3], strict=True):
            left, right = _core(left), _core(right)  # noqa: PLW2901
            if left[0] == right[0] == "col" and left[1] in singles[0] and right[1] in singles[1]:
                pinned.setdefault(right[1], left[1])
        if pinned != guess:
            yield from self._assigned(list(other[1]), list(one[1]), pinned, {})

    def _assigned(
        self, rows: list[Node], free: list[Node], pinned: dict[int, int], chosen: dict[int, int]
    ) -> Iterator[dict[int, int]]:
        spend()
        if not rows:
            yield dict(chosen)
            return
        row = rows[0]
        for one in free:
            if one[2] != row[2] or pinned.get(row[1], one[1]) != one[1]:
                continue
            rest = [x for x in free if x is not one]
            yield from self._assigned(rows[1:], rest, pinned, {**chosen, row[1]: one[1]})

    def _same(self, one: Node, other: Node, facts: list[Node], sources: Sources) -> bool:
        """Whether two terms over the same rows say the same."""
        here = {**sources, **{row[1]: row[2] for row in one[1]}}
        if not self._follows(one, other, facts, here, outputs=True):
            return False
        return self._follows(other, one, facts, here, outputs=False)

    def _follows(self, one: Node, other: Node, facts: list[Node], here: Sources, *, outputs: bool) -> bool:
        """Whether the conditions of the first make those of the second hold (and the outputs the same)."""
        known = [*facts, *one[2]]
        table = self._bridges(one, other, known, here)
        if not all(self.reasoner.implies(known, here, replaced(c, table)) for c in other[2]):
            return False
        return not outputs or all(
            self.alike(a, replaced(b, table), known, here) for a, b in zip(one[3], other[3], strict=True)
        )

    def alike(self, one: Node, other: Node, facts: list[Node], sources: Sources) -> bool:
        """Whether two outputs show the same: kinds of numbers do not matter, other kinds do."""
        kinds = kind_of(one), kind_of(other)
        one, other = _shown(one), _shown(other)
        if one == other:
            return True
        kinds = kind_of(one), kind_of(other)
        if kinds[0] != kinds[1] and "null" not in kinds and not set(kinds) <= {"int", "num", "float"}:
            return False
        return self.reasoner.implies(facts, sources, same(one, other))

    def _bridges(self, one: Node, other: Node, facts: list[Node], here: Sources) -> dict[Node, Node]:
        """Return which aggregates and scalar subqueries of the second are some of the first."""
        mine = outermost(one)
        table: dict[Node, Node] = {}
        for theirs in outermost(other):
            if theirs in mine:
                continue
            known = [c for c in facts if not outermost(("x", c))]
            found = next((x for x in mine if self._aggregates(x, theirs, known, here)), None)
            if found is not None:
                table[theirs] = found
        return table

    def _aggregates(self, one: Node, other: Node, facts: list[Node], sources: Sources) -> bool:
        if one[:-1] != other[:-1]:
            return False
        if one[0] == "agg" and one[1] in _ALIKE:
            return self.sets(one[-1], other[-1], facts, sources) or self.bags(
                one[-1], other[-1], facts, sources
            )
        return self.bags(one[-1], other[-1], facts, sources)

    # ---- fewer terms

    def _joined(self, relation: Node, facts: list[Node], sources: Sources) -> Node:
        """Return a relation with terms that exclude each other made one."""
        terms = list(relation)
        again = True
        while again:
            again = False
            for place, one in enumerate(terms):
                for other in terms[place + 1 :]:
                    whole = self._union(one, other, facts, sources)
                    if whole is not None:
                        terms = [x for x in terms if x is not one and x is not other]
                        done = self.normaliser.term(whole, facts, sources)
                        terms += [done] if done is not None else []
                        again = True
                        break
                if again:
                    break
        return tuple(terms)

    def _union(self, one: Node, other: Node, facts: list[Node], sources: Sources) -> Node | None:
        for numbers in islice(self._choices(one, other), 6):
            moved = renamed(other, numbers)
            here = {**sources, **{row[1]: row[2] for row in one[1]}}
            outputs = self._either(one, moved, facts, here)
            if outputs is None:
                outputs = self._either(moved, one, facts, here)
            if outputs is None or not self.reasoner.inconsistent([*facts, *one[2], *moved[2]], here):
                continue
            shared = [c for c in one[2] if self.reasoner.implies([*facts, *moved[2]], here, c)]
            more = [
                c for c in moved[2] if c not in shared and self.reasoner.implies([*facts, *one[2]], here, c)
            ]
            shared += more
            rests = [both([c for c in x[2] if c not in shared]) for x in (one, moved)]
            whole = either(rests)
            if whole != TOP and self.reasoner.inconsistent([*facts, *shared, *map(negated, rests)], here):
                whole = TOP
            conditions = both([*shared, whole])
            kept = conditions[1] if conditions[0] == "and" else () if conditions == TOP else (conditions,)
            return ("term", one[1], kept, outputs)
        return None

    def _either(self, one: Node, other: Node, facts: list[Node], here: Sources) -> tuple[Node, ...] | None:
        """Return the first's outputs if they are the second's too, where its conditions hold."""
        known = [*facts, *other[2]]
        found = []
        for a, b in zip(one[3], other[3], strict=True):
            value = self.normaliser.aggregate(a, known, here) if a[0] == "agg" else a
            if not self.alike(value, b, known, here):
                return None
            found.append(a)
        return tuple(found)

    def unique(self, relation: Node, facts: list[Node], sources: Sources) -> bool:
        """Whether a relation holds no row twice."""
        for place, term in enumerate(relation):
            outside = {**sources}
            given = [*facts]
            numbers: list[Node] = []
            for output in term[3]:
                number = self.reasoner.number()
                value: Node = ("col", number, "", kind_of(output))
                outside[number] = ("value",)
                numbers.append(value)
            equal = [same(a, b) for a, b in zip(term[3], numbers, strict=True)]
            if not self.normaliser.determined(term[1], [*term[2], *equal], given, outside):
                return False
            for other in relation[place + 1 :]:
                here = {row[1]: row[2] for row in (*term[1], *other[1])}
                alike = [same(a, b) for a, b in zip(term[3], other[3], strict=True)]
                if not self.reasoner.inconsistent([*facts, *term[2], *other[2], *alike], {**sources, **here}):
                    return False
        return True


def _shown(node: Node) -> Node:
    """Return what of a value is seen: numbers without their type, also in the branches of a CASE."""
    node = bare(node)
    if node[0] == "case" and kind_of(node) in ("num", "float"):
        return ("case", tuple((when, bare(value)) for when, value in node[1]), bare(node[2]))
    return node


def _core(node: Node) -> Node:
    while node[0] == "fn" and node[1] in ("to", "spelled"):
        node = node[3][0]
    return node


__all__ = ["Matcher", "notnull", "null"]
