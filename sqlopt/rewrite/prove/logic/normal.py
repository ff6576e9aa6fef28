"""Relations in a normal form, under what is known where they stand.

1. A term whose conditions contradict each other is empty.
2. A single value that equals an expression is that expression.
3. Two rows of a table that agree in a declared key are one.
4. Rows that exist and are determined by the values bound become rows of the term; so DISTINCT goes where keys
   already make its rows unique.
5. A row that the others determine, and of which no output is needed, only has to exist.
6. An aggregate of one row is its value; MIN, MAX and ANY_VALUE of values that are all the same, of at least one row,
   are that value.
7. Distinct values of relations that have none in common are those of each.
8. A SUM of sums or counts of groups, and a MIN or MAX of those of groups, is that of their rows.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import TYPE_CHECKING

from sqlopt.rewrite.prove.effort import Exhausted, spend
from sqlopt.rewrite.prove.logic.closure import offset
from sqlopt.rewrite.prove.logic.isomorphic import among
from sqlopt.rewrite.prove.logic.refute import Reasoner, Search, Sources, solved
from sqlopt.rewrite.prove.logic.terms import (
    EXACT,
    NULL,
    Node,
    both,
    case,
    cmp,
    conjuncts,
    either,
    fn,
    integer,
    kind_of,
    lift,
    negated,
    notnull,
    same,
)
from sqlopt.rewrite.prove.logic.trees import bound, parts_of, renamed, replaced, variables

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlopt.rewrite.prove.logic.closure import Closure

Rule = Callable[[Node, list[Node], Sources, "Closure"], Node | None]
_ROUNDS = 12
_ALIKE = ("max", "min", "any", "and", "or", "spelled")


class Normaliser:
    """Normalises relations with a `Reasoner`."""

    def __init__(self, reasoner: Reasoner) -> None:
        self.reasoner = reasoner
        self._inside: set[Node] = set()  # relations that only have to exist, in normal form
        self._there = (self._determined, self._merged, self._aggregates, self._nested)
        self._rows = (
            self._determined, self._merged, self._promoted, self._demoted, self._aggregates, self._nested,
        )  # fmt: skip

    def relation(self, relation: Node, facts: list[Node], sources: Sources) -> Node:
        """Return a relation's terms in normal form; empty ones are left out."""
        found = []
        for whole in relation:
            for term in self._apart(whole, facts, sources):
                done = self.term(term, facts, sources)
                if done is not None:
                    found.append(done)
        return self._unsaid(tuple(found), facts, sources) if facts else tuple(found)

    def _unsaid(self, relation: Node, facts: list[Node], sources: Sources) -> Node:
        """Return a relation without the conditions that hold of what stands outside."""
        outside = self.closure(facts, sources)
        if outside.broken:
            return relation
        found = []
        for term in relation:
            kept = tuple(one for one in term[2] if not outside.value(one) and not among(one, facts))
            found.append((*term[:2], kept, term[3]))
        return tuple(found)

    def term(self, term: Node, facts: list[Node], sources: Sources) -> Node | None:
        """Return a term in normal form, None if it is empty."""
        return self._settled(term, facts, sources, self._rows)

    def _settled(
        self, term: Node, facts: list[Node], sources: Sources, rules: tuple[Rule, ...]
    ) -> Node | None:
        for _ in range(_ROUNDS):
            spend()
            step = self._step(term, facts, sources, rules)
            if step is None or step == term:
                break
            term = step
        else:
            step = term
        if step is None or self.reasoner.inconsistent([*facts, *term[2]], self._with(term, sources)):
            return None
        return term

    @staticmethod
    def _with(term: Node, sources: Sources) -> Sources:
        return {**sources, **{row[1]: row[2] for row in term[1]}}

    def closure(self, facts: Iterable[Node], sources: Sources) -> Closure:
        """Return what formulas say without looking at cases; the rows that must exist are named in it."""
        search = Search(self.reasoner, dict(sources), 0)
        queue = list(facts)
        if not queue:
            search.closure.add()  # rows of a table that holds one at most are one
        while queue and not search.absorb(queue):
            queue = search.units()
        return search.closure

    def _step(self, term: Node, facts: list[Node], sources: Sources, rules: tuple[Rule, ...]) -> Node | None:
        done = solved(term)
        if done is None:
            return None
        mine = self._with(done, sources)
        closure = self.closure([*facts, *done[2]], mine)
        if closure.broken:
            return None
        done = _sharpened(done, closure)
        for rule in rules:
            changed = rule(done, facts, sources, closure)
            if changed is not None:
                return changed
        return done

    # ---- single values and keys

    def _determined(self, term: Node, facts: list[Node], sources: Sources, closure: Closure) -> Node | None:
        """Replace a single value that the conditions determine."""
        del facts
        singles = [row for row in term[1] if row[2] == ("value",)]
        if not singles:
            return None
        here = set(self._with(term, sources))
        columns = [
            one
            for one in parts_of(term)
            if one and one[0] == "col" and len(one) == 4 and one[1] in here  # noqa: PLR2004
        ]
        for row in singles:
            known = next((one for one in columns if one[1] == row[1]), None)
            if known is None:
                continue
            value = closure.of(known)
            worked = [one for one in parts_of(term) if one and one[0] in ("fn", "agg")]
            others = [value, *columns, *worked, *_beside(known, columns, closure)]
            for other in others:
                free = variables(other) - set(bound(other))
                if row[1] in free or not free <= here or closure.of(other) != value:
                    continue
                table = {known: self.reasoner.fresh(other)}
                keep = tuple(one for one in term[1] if one is not row)
                return ("term", keep, tuple(replaced(one, table) for one in term[2]),
                        tuple(replaced(one, table) for one in term[3]))  # fmt: skip
        return None

    def _merged(self, term: Node, facts: list[Node], sources: Sources, closure: Closure) -> Node | None:
        """Make rows one that agree in a key."""
        del facts
        for row in term[1]:
            twin = closure.row(row[1])
            if twin == row[1] or twin not in self._with(term, sources):
                continue
            numbers = {row[1]: twin}
            keep = tuple(one for one in term[1] if one is not row)
            return ("term", keep, tuple(renamed(one, numbers) for one in term[2]),
                    tuple(renamed(one, numbers) for one in term[3]))  # fmt: skip
        return None

    # ---- rows that exist, and rows that count

    def determined(
        self, rows: tuple[Node, ...], conditions: list[Node], facts: list[Node], sources: Sources
    ) -> bool:
        """Whether at most one choice of rows satisfies conditions, everything else being given."""
        keys = self.reasoner.knowledge.keys
        if any(row[2][0] == "table" and not keys(row[2][1]) for row in rows):
            return False
        numbers = {row[1]: self.reasoner.number() for row in rows}
        twins = [renamed(one, numbers) for one in conditions]
        mine = {**sources, **{row[1]: row[2] for row in rows}}
        mine |= {numbers[row[1]]: row[2] for row in rows}
        closure = self.closure([*facts, *conditions, *twins], mine)
        if closure.broken:
            return True
        for row in rows:
            if row[2] == ("value",):
                known = [
                    one
                    for condition in conditions
                    for one in parts_of(condition)
                    if one and one[0] == "col" and len(one) == 4 and one[1] == row[1]  # noqa: PLR2004
                ]
                if not known or closure.of(known[0]) != closure.of(renamed(known[0], numbers)):
                    return False
            elif closure.row(row[1]) != closure.row(numbers[row[1]]):
                return False
        return True

    def _promoted(self, term: Node, facts: list[Node], sources: Sources, closure: Closure) -> Node | None:
        del closure
        singles = {row[1] for row in term[1] if row[2] == ("value",)}
        if not singles:
            return None
        for place, one in enumerate(term[2]):
            if one[0] != "exists" or not variables(one) & singles:
                continue
            rest = [*term[2][:place], *term[2][place + 1 :]]
            # As it stands a group's values may be determined, where the rows behind them are not.
            for terms in (self.reasoner.flat(one[1]), [self.reasoner.fresh(each) for each in one[1]]):
                if len(terms) != 1:
                    continue
                (inner,) = terms
                if self.determined(inner[1], list(inner[2]), [*facts, *rest], self._with(term, sources)):
                    return ("term", term[1] + inner[1], (*rest, *inner[2]), term[3])
                split = self._halves(inner, [*facts, *rest], self._with(term, sources))
                if split is not None:
                    rows, conditions = split
                    return ("term", term[1] + rows, (*rest, *conditions), term[3])
        return None

    def _halves(
        self, inner: Node, facts: list[Node], sources: Sources
    ) -> tuple[tuple[Node, ...], list[Node]] | None:
        """Return the rows of a term that its conditions on them alone determine, and all its conditions.

        The rest only has to exist beside these rows.
        """
        chosen: list[Node] = []
        left = list(inner[1])
        again = True
        while again and left:
            again = False
            for row in left:
                others = {one[1] for one in left if one is not row}
                about = [one for one in inner[2] if not variables(one) & others]
                keyed = row[2][0] == "table" and self.reasoner.knowledge.keys(row[2][1])
                if keyed and self.determined((*chosen, row), about, facts, sources):
                    chosen.append(row)
                    left.remove(row)
                    again = True
                    break
        if not chosen or not left:
            return None
        others = {one[1] for one in left}
        about = [one for one in inner[2] if not variables(one) & others]
        rest = tuple(one for one in inner[2] if variables(one) & others)
        return tuple(chosen), [*about, ("exists", (("term", tuple(left), rest, ()),))]

    def _apart(self, term: Node, facts: list[Node], sources: Sources) -> list[Node]:
        """Return the terms of a term that is distinct values of several relations, no two of which share any."""
        singles = {row[1] for row in term[1] if row[2] == ("value",)}
        for place, one in enumerate(term[2]):
            if one[0] != "exists" or len(one[1]) == 1 or not variables(one) & singles:
                continue
            rest = [*term[2][:place], *term[2][place + 1 :]]
            here = self._with(term, sources)
            if all(
                self.reasoner.inconsistent([*facts, *rest, ("exists", (left,)), ("exists", (right,))], here)
                for left, right in combinations(one[1], 2)
            ):
                return [
                    self.reasoner.fresh(("term", term[1], (*rest, ("exists", (part,))), term[3]))
                    for part in one[1]
                ]
        return [term]

    def _demoted(self, term: Node, facts: list[Node], sources: Sources, closure: Closure) -> Node | None:
        for row in sorted(term[1], key=lambda one: repr(one[2]), reverse=True):
            if row[2][0] != "table":
                continue
            outputs = self._without(term, row[1], closure, set(self._with(term, sources)))
            if outputs is None:
                continue
            about = [one for one in term[2] if row[1] in variables(one)]
            rest = [one for one in term[2] if row[1] not in variables(one)]
            keep = tuple(one for one in term[1] if one is not row)
            without = ("term", keep, tuple(rest), outputs)
            if not self.determined((row,), about, [*facts, *rest], self._with(without, sources)):
                continue
            exists = ("exists", (("term", (row,), tuple(about), ()),))
            return ("term", keep, (*rest, exists), outputs)
        return None

    @staticmethod
    def _without(term: Node, row: int, closure: Closure, here: set[int]) -> tuple[Node, ...] | None:
        """Return the outputs without a row's columns, if equal ones are at hand."""
        table: dict[Node, Node] = {}
        columns = [
            one
            for one in parts_of(term)
            if one and one[0] == "col" and len(one) == 4  # noqa: PLR2004
        ]
        for output in term[3]:
            for one in parts_of(output):
                if not (one and one[0] == "col" and len(one) == 4 and one[1] == row) or one in table:  # noqa: PLR2004
                    continue
                value = closure.of(one)
                other = next(
                    (c for c in [value, *columns]
                     if (c[0] == "const" or (c[0] == "col" and c[1] != row and c[1] in here))
                     and closure.of(c) == value and kind_of(c) in (kind_of(one), "null")),
                    None,
                )  # fmt: skip
                if other is None:
                    return None
                table[one] = other
        return tuple(replaced(one, table) for one in term[3])

    # ---- what stands inside of conditions

    def _nested(self, term: Node, facts: list[Node], sources: Sources, closure: Closure) -> Node | None:
        """Bring to a normal form what must exist or not, once each."""
        del closure
        here = self._with(term, sources)
        for place, one in enumerate(term[2]):
            if one[0] not in ("exists", "none") or one[1] in self._inside:
                continue
            rest = [*term[2][:place], *term[2][place + 1 :]]
            found = self._existing(one[1], [*facts, *rest], here)
            self._inside |= {found, one[1]}
            if all(not each[1] for each in found):
                held = either([both(list(each[2])) for each in found])
                said = held if one[0] == "exists" else negated(held)
                return ("term", term[1], conjuncts([*rest, said]), term[3])
            if found != one[1]:
                return ("term", term[1], (*rest, (one[0], found)), term[3])
        return None

    def _existing(self, relation: Node, facts: list[Node], sources: Sources) -> Node:
        """Return rows that exist where those of a relation do."""
        try:
            flat = self.reasoner.flat(relation)
        except Exhausted:  # of room; of steps, the next one will say so
            return relation
        done = [self._settled(one, facts, sources, self._there) for one in flat]
        return tuple(("term", one[1], one[2], ()) for one in done if one is not None)

    # ---- aggregates

    def _aggregates(self, term: Node, facts: list[Node], sources: Sources, closure: Closure) -> Node | None:
        del closure
        for one in outermost(term):
            if one[0] != "agg":
                continue
            known = [*facts, *(c for c in term[2] if one not in parts_of(c))]
            changed = self.aggregate(one, known, self._with(term, sources))
            if changed != one:
                table = {one: changed}
                return ("term", term[1], tuple(replaced(c, table) for c in term[2]),
                        tuple(replaced(o, table) for o in term[3]))  # fmt: skip
        return None

    def aggregate(self, node: Node, facts: list[Node], sources: Sources) -> Node:
        """Return an aggregate simplified."""
        _, name, kind, relation = node
        relation = self.relation(relation, facts, sources)
        if name in ("sum", "min", "max", "spelled"):
            name, relation = self._flattened(name, relation, facts, sources)
        if not relation:
            return integer(0) if name == "count" else NULL
        if len(relation) == 1 and not relation[0][1]:
            condition = both(list(relation[0][2]))
            if name == "count":
                return lift(case(((condition, integer(1)),), integer(0)), kind)
            if name.split()[0] in (*_ALIKE, "sum", "avg"):
                return case(((condition, lift(relation[0][3][0], kind)),), NULL)
        if name.split()[0] in _ALIKE:
            value = self._common(relation, facts, sources)
            if value is not None:
                return value
        return lift(("agg", name, "int" if name == "count" else kind, relation), kind)

    def _common(self, relation: Node, facts: list[Node], sources: Sources) -> Node | None:
        """Return the value that all rows have, if there is one outside, and no row only where it is NULL."""
        candidates: list[list[Node]] = []
        for term in relation:
            value = term[3][0]
            closure = self.closure([*facts, *term[2]], self._with(term, sources))
            mine = [value, closure.of(value)]
            mine += [
                one for one in parts_of(term)
                if one and one[0] == "col" and len(one) == 4 and closure.of(one) == closure.of(value)  # noqa: PLR2004
            ]  # fmt: skip
            candidates.append([one for one in mine if variables(one) <= set(sources)])
        for value in candidates[0]:
            if all(
                self.reasoner.implies([*facts, *term[2]], self._with(term, sources), same(term[3][0], value))
                for term in relation
            ) and self.reasoner.inconsistent([*facts, ("none", _bare(relation)), notnull(value)], sources):
                return self.reasoner.fresh(value)
        return None

    def _flattened(self, name: str, relation: Node, facts: list[Node], sources: Sources) -> tuple[str, Node]:
        """Replace groups whose aggregates are aggregated again by their rows.

        A SUM of counts, or of ones, of at least one row is a count.
        """
        counts = name == "sum"
        found: list[Node] = []
        for term in relation:
            output = _plain(term[3][0])
            counted = output[0] == "agg" and output[1] == "count"
            counts = counts and (counted or output == integer(1))
            parts = self._regrouped(name, term)
            if parts is None and counted:
                counts = False
            found += [term] if parts is None else parts
        if counts and relation and self.reasoner.implies(facts, sources, ("exists", _bare(relation))):
            return "count", tuple((*term[:3], (NULL,)) for term in found)
        if any(_plain(term[3][0])[:2] == ("agg", "count") for term in relation):
            return name, relation
        return name, tuple(found)

    def _regrouped(self, name: str, term: Node) -> list[Node] | None:
        """Return the rows of the groups that a term binds.

        1. It binds single values, rows of tables or both. 2. Its output is an aggregate of rows that determine these
        values, so that each
        row belongs to one group: SUM of SUM or COUNT, MIN of MIN, MAX of MAX, one of equal values of such ones.
        3. Its other conditions hold no aggregate; each row keeps them. NULLs count nowhere, so that a group's
        aggregate may be required not to be NULL.
        """
        rows, output = term[1], _plain(term[3][0])
        wanted = ("sum", "count") if name == "sum" else (name,)
        if name == "sum" and kind_of(output) not in EXACT:
            return None  # in another order, floats add up to something else
        if output[0] != "agg" or output[1] not in wanted:
            return None
        filled = (notnull(term[3][0]), notnull(output))
        rest = [one for one in term[2] if one not in filled]
        if any(outermost(("x", one)) for one in rest):
            return None
        found = []
        for part in output[3]:
            value = integer(1) if output[1] == "count" else part[3][0]
            whole = solved(("term", rows + part[1], (*rest, *part[2]), (lift(value, kind_of(term[3][0])),)))
            if whole is None:
                continue
            if any(row[2] == ("value",) for row in whole[1]):
                return None
            found.append(whole)
        return [self.reasoner.fresh(one) for one in found]


def _sharpened(term: Node, closure: Closure) -> Node:
    """Return a term that says ``=`` for values that are the same and not NULL."""
    conditions = tuple(
        cmp("=", one[1], one[2])
        if one[0] == "same" and (closure.filled(one[1]) or closure.filled(one[2]))
        else one
        for one in term[2]
    )
    return (*term[:2], conditions, term[3])


def _beside(known: Node, columns: list[Node], closure: Closure) -> list[Node]:
    """Return what a whole number is in terms of others that differ from it by a number."""
    if kind_of(known) != "int":
        return []
    base, more = offset(closure.of(known))
    found = []
    for one in columns:
        if one != known and kind_of(one) == "int":
            other, less = offset(closure.of(one))
            if other == base and more != less:
                found.append(fn("+", "int", (one, integer(int(more - less)))))
    return found


def _plain(node: Node) -> Node:
    while node[0] == "fn" and node[1] in ("to", "spelled"):
        node = node[3][-1]
    return node


def _bare(relation: Node) -> Node:
    return tuple((*term[:3], ()) for term in relation)


def outermost(node: Node) -> list[Node]:
    """Return the aggregates and scalar subqueries of a term that stand in no relation below it."""
    found: list[Node] = []
    stack: list[Node] = [*node[2], *node[3]] if node[0] == "term" else list(node[1:])
    while stack:
        one = stack.pop()
        if not isinstance(one, tuple) or not one:
            continue
        if one[0] in ("agg", "scalar"):
            if one not in found:
                found.append(one)
        elif one[0] not in ("exists", "none", "const", "col"):
            stack += [part for part in one if isinstance(part, tuple)]
    return found
