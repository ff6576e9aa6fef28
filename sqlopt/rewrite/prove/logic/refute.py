"""Whether formulas contradict each other: literals by closure, rows that exist by naming them, cases by cases.

Everything else asks this one question: a formula follows from others if its opposite contradicts them.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from sqlopt.rewrite.prove.effort import Exhausted, spend
from sqlopt.rewrite.prove.logic.closure import Closure
from sqlopt.rewrite.prove.logic.extremes import extremes
from sqlopt.rewrite.prove.logic.isomorphic import among
from sqlopt.rewrite.prove.logic.terms import (
    BOTTOM,
    NULL,
    TOP,
    Node,
    both,
    cmp,
    conjuncts,
    either,
    integer,
    kind_of,
    negated,
    notnull,
    same,
)
from sqlopt.rewrite.prove.logic.trees import bound, parts_of, renamed, replaced, variables

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlopt.rewrite.prove.algebra.limits import Chosen
    from sqlopt.rewrite.prove.premises import Knowledge

Sources = dict[int, Node]
_DEEPEST = 7
_MOST_TERMS = 16
_LITERALS = frozenset({"cmp", "null", "notnull", "same", "diff"})


class Reasoner:
    """Finds contradictions among formulas, within the steps of the proof's budget (`Exhausted`)."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self._numbers = count(1)
        self.chosen: list[Chosen] = []

    # ---- variables

    def number(self) -> int:
        """Return the number of a new variable."""
        return next(self._numbers)

    def fresh(self, node: Node) -> Node:
        """Return a copy whose bound variables are new."""
        return renamed(node, {one: self.number() for one in bound(node)})

    # ---- questions

    def implies(self, facts: Sequence[Node], sources: Sources, formula: Node, depth: int = 0) -> bool:
        """Whether a formula follows."""
        if formula == TOP:
            return True
        if formula[0] == "and":
            return all(self.implies(facts, sources, one, depth) for one in formula[1])
        if among(formula, facts):
            return True
        return self.inconsistent([*facts, negated(formula)], sources, depth)

    def inconsistent(self, facts: Iterable[Node], sources: Sources, depth: int = 0) -> bool:
        """Whether formulas certainly contradict each other; ``sources`` are the rows that are there."""
        return Search(self, dict(sources), depth).run(list(facts))

    # ---- relations as sets

    def flat(self, relation: Node) -> list[Node]:
        """Return a relation's terms where only existence counts: rows that must exist become its own rows.

        1. EXISTS inside EXISTS binds its rows beside the outer ones. 2. Of a disjunction of EXISTS, each part makes a
        term. 3. A single value that equals an expression is replaced by it.
        """
        found: list[Node] = []
        waiting = [self.fresh(one) for one in relation]
        while waiting:
            if len(waiting) + len(found) > _MOST_TERMS:
                raise Exhausted
            term = waiting.pop()
            inner = next((one for one in term[2] if one[0] == "exists"), None)
            if inner is not None:
                rest = [one for one in term[2] if one is not inner]
                for one in inner[1]:
                    mine = self.fresh(one)
                    waiting.append(("term", term[1] + mine[1], (*rest, *mine[2]), term[3]))
                continue
            split = next((one for one in term[2] if one[0] == "or" and _has_exists(one)), None)
            if split is not None:
                rest = [one for one in term[2] if one is not split]
                waiting += [
                    self.fresh(("term", term[1], conjuncts([*rest, one]), term[3])) for one in split[1]
                ]
                continue
            settled = solved(term)
            if settled is not None:
                found.append(settled)
        return found


def _has_exists(node: Node) -> bool:
    return any(one[0] == "exists" or (one[0] == "and" and _has_exists(one)) for one in node[1])


def solved(term: Node) -> Node | None:
    """Replace single values by what they equal; None if a condition is plainly false."""
    _, rows, conditions, outputs = term
    while True:
        conditions = conjuncts(list(conditions))
        if BOTTOM in conditions:
            return None
        table = _solution(rows, conditions)
        if table is None:
            return ("term", rows, conditions, outputs)
        (known,) = table
        rows = tuple(one for one in rows if one[1] != known[1])
        more = [notnull(table[known])] if _strictly(conditions, known) else []
        conditions = tuple(replaced(one, table) for one in conditions) + tuple(more)
        outputs = tuple(replaced(one, table) for one in outputs)


def _solution(rows: tuple[Node, ...], conditions: tuple[Node, ...]) -> dict[Node, Node] | None:
    singles = {one[1] for one in rows if one[2] == ("value",)}
    for one in conditions:
        if not (one[0] == "same" or one[:2] == ("cmp", "=")):
            continue
        for known, other in ((one[-2], one[-1]), (one[-1], one[-2])):
            if known[0] == "col" and known[1] in singles and known[1] not in variables(other):
                return {known: other}
    return None


def _strictly(conditions: tuple[Node, ...], known: Node) -> bool:
    return any(one[:2] == ("cmp", "=") and known in one for one in conditions)


class Search:
    """One search for a contradiction."""

    def __init__(self, reasoner: Reasoner, sources: Sources, depth: int) -> None:
        self.reasoner = reasoner
        self.sources = sources
        self.depth = depth
        self.closure = Closure(reasoner.knowledge, sources)
        self.literals: list[Node] = []
        self.ors: list[Node] = []
        self.nones: list[Node] = []
        self.chased: set[tuple[int, object]] = set()
        self.absorbed: list[Node] = []  # what was said of rows that exist or do not
        self.followed: dict[Node, bool] = {}

    def run(self, facts: list[Node]) -> bool:
        """Whether facts contradict each other."""
        spend()
        if self.depth > _DEEPEST:
            return False
        queue = facts
        while True:
            if self.absorb(queue):
                return True
            queue = self.units()
            if self.closure.broken:
                return True
            if not queue:
                break
        self._chase()
        if self._empty_aggregates():
            return True
        if any(self._present(term) for term in self.nones):
            return True
        return self._split()

    def absorb(self, facts: list[Node]) -> bool:
        """Take formulas apart; whether a contradiction shows."""
        queue = list(facts)
        literals: list[Node] = []
        takers = {"exists": self._exists, "none": self._none}
        while queue:
            fact = queue.pop(0)
            tag = fact[0]
            if tag == "false":
                return True
            if tag == "and":
                queue = [*fact[1], *queue]
            elif tag == "or":
                self.ors.append(fact)
            elif tag in takers:
                self.absorbed.append(fact)
                queue += takers[tag](fact)
            elif tag in _LITERALS:
                literals.append(fact)
                queue += extremes(fact)
        self.literals += literals
        self.closure.add(*literals)
        return self.closure.broken

    def _exists(self, fact: Node) -> list[Node]:
        """Name the rows that exist; of several alternatives make a disjunction."""
        terms = self.reasoner.flat(fact[1])
        if len(terms) != 1:
            return [either([("exists", (one,)) for one in terms])]
        self.sources.update({row[1]: row[2] for row in terms[0][1]})
        return list(terms[0][2])

    def _none(self, fact: Node) -> list[Node]:
        """Keep what must not exist; without rows, its conditions do not all hold."""
        terms = self.reasoner.flat(fact[1])
        self.nones += [one for one in terms if one[1]]
        return [negated(both(list(one[2]))) for one in terms if not one[1]]

    def units(self) -> list[Node]:
        """Drop what is known from the disjunctions; return the parts that have no alternative left."""
        found: list[Node] = []
        kept: list[Node] = []
        for one in self.ors:
            rest = []
            for part in one[1]:
                held = self.closure.value(part)
                if held:
                    break
                if held is None:
                    rest.append(part)
            else:
                whole = either(rest)
                if whole[0] == "or":
                    kept.append(whole)
                else:
                    found.append(whole)
        self.ors = kept
        return found

    def _chase(self) -> None:
        """Name the rows that foreign keys promise, as far as a row of that table must not exist."""
        wanted = {row[2][1] for term in self.nones for row in term[1] if row[2][0] == "table"}
        knowledge = self.reasoner.knowledge
        for _ in range(2 if wanted else 0):
            for row, source in list(self.sources.items()):
                if source[0] != "table":
                    continue
                for link in knowledge.links(source[1]):
                    columns, other, to = link
                    values = [knowledge.column(source[1], row, one) for one in columns]
                    if (row, link) in self.chased or not all(self.closure.filled(one) for one in values):
                        continue
                    if other not in wanted and not any(x[1] in wanted for x in knowledge.links(other)):
                        continue
                    self.chased.add((row, link))
                    knowledge.use(("link", source[1], link))
                    new = self.reasoner.number()
                    self.sources[new] = ("table", other)
                    for mine, name in zip(columns, to, strict=True):
                        left, right = (
                            knowledge.identity(source[1], row, mine),
                            knowledge.identity(other, new, name),
                        )
                        if kind_of(left) == kind_of(right):
                            self.closure.add(cmp("=", left, right))

    def _empty_aggregates(self) -> bool:
        """Note the value of aggregates whose rows must not exist; whether that contradicts the rest."""
        if not self.nones or self.depth + 2 > _DEEPEST:
            return False
        found = [one for literal in self.literals for one in parts_of(literal) if one and one[0] == "agg"]
        for node in dict.fromkeys(found):
            if not variables(node) - set(bound(node)) <= set(self.sources):
                continue
            if all(self._rules_out(self.reasoner.fresh(term)) for term in node[3]):
                self.closure.add(same(node, integer(0) if node[1] == "count" else NULL))
        return self.closure.broken

    def _rules_out(self, term: Node) -> bool:
        facts = [*self.literals, *(("none", (one,)) for one in self.nones), *term[2]]
        here = {**self.sources, **{row[1]: row[2] for row in term[1]}}
        return Search(self.reasoner, here, _DEEPEST - 1).run(facts)

    def _present(self, term: Node) -> bool:
        """Whether rows that are there fit a term that must have none."""
        spend()
        if any(row[2] == ("value",) for row in term[1]):
            return False
        return self._fit(list(term[1]), list(term[2]), {})

    def _fit(self, rows: list[Node], conditions: list[Node], numbers: dict[int, int]) -> bool:
        unknown = {one[1] for one in rows}
        open_: list[Node] = []
        hard: list[Node] = []
        for one in conditions:
            if variables(one) & unknown:
                open_.append(one)
                continue
            held = self.closure.value(one)
            if held is False:
                return False
            if held is None:
                if one[0] in _LITERALS:
                    return False
                hard.append(one)
        if not rows:
            return all(self._follows(one) for one in hard)
        row = rows[0]
        for candidate, source in list(self.sources.items()):
            if source != row[2] or source[0] == "value" or self.closure.row(candidate) != candidate:
                continue
            moved = [renamed(one, {row[1]: candidate}) for one in open_]
            if self._fit(rows[1:], moved + hard, numbers):
                return True
        return False

    def _follows(self, formula: Node) -> bool:
        if formula not in self.followed:
            self.followed[formula] = among(formula, self.absorbed) or self._searched(formula)
        return self.followed[formula]

    def _searched(self, formula: Node) -> bool:
        if self.depth + 2 > _DEEPEST:
            return False
        facts = [*self.literals, *self.ors, *(("none", (one,)) for one in self.nones), negated(formula)]
        return Search(self.reasoner, dict(self.sources), self.depth + 2).run(facts)

    def _split(self) -> bool:
        """Try the parts of the smallest disjunction one by one; all must contradict the rest."""
        if not self.ors or self.depth >= _DEEPEST:
            return False
        chosen = min(self.ors, key=lambda one: len(one[1]))
        rest = [one for one in self.ors if one is not chosen]
        facts = [*self.literals, *rest, *(("none", (one,)) for one in self.nones)]
        return all(
            Search(self.reasoner, dict(self.sources), self.depth + 1).run([*facts, part])
            for part in chosen[1]
        )
