"""A prover with one check switched off is caught: by pairs that an engine has shown to differ.

The prover as it is proves none of the pairs; each mutant proves at least one. So the pairs, which chance makes in the
shapes of the fuzz of fixes, look where the checks are.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest
from sqlglot import exp

from sqlopt.rewrite.prove import premises
from sqlopt.rewrite.prove.algebra import frames, read
from sqlopt.rewrite.prove.algebra.joins import Joins
from sqlopt.rewrite.prove.algebra.read import Reader
from sqlopt.rewrite.prove.algebra.scalar import Scalar
from sqlopt.rewrite.prove.effort import Effort, Limits, Work
from sqlopt.rewrite.prove.logic import terms
from sqlopt.rewrite.prove.logic.match import Matcher
from sqlopt.rewrite.prove.pair import Pair, Unsupported
from sqlopt.rewrite.prove.premises import Knowledge
from sqlopt.rewrite.prove.rules import by_rules
from tests.rewrite.hostile import Hostile, hostile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROUNDS = 2


@pytest.fixture(scope="module")
def pairs() -> list[Hostile]:
    return [one for number in range(ROUNDS) for one in hostile(number)]


def proved(pairs: list[Hostile]) -> Iterator[Hostile]:
    """The pairs that are proved, though they differ."""
    for one in pairs:
        try:
            if by_rules(Pair(one.before, one.after, "duckdb", one.catalog), Work(Limits(Effort.LOW))):
                yield one
        except (Unsupported, AssertionError, IndexError):  # a mutant may stumble
            continue


def test_none_that_differ_are_proved(pairs):
    assert len(pairs) >= 150 * ROUNDS
    assert next(proved(pairs), None) is None


# ---- the mutants


class Patch:
    """Puts other functions in the place of the prover's."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch

    def method(self, owner: type, name: str, change: Callable[[Any], Any]) -> None:
        """Put ``change(original)`` in a method's place."""
        self.monkeypatch.setattr(owner, name, change(getattr(owner, name)))

    def function(self, original: Any, mutant: Any) -> None:
        """Put a function in another's place, wherever it was imported to."""
        for name, module in list(sys.modules.items()):
            if name.startswith("sqlopt.rewrite.prove"):
                for key, value in vars(module).copy().items():
                    if value is original:
                        self.monkeypatch.setattr(module, key, mutant)


def two_valued_comparisons(patch):
    def change(original):
        def compared(self, node, frame):
            true, _ = original(self, node, frame)
            return true, terms.negated(true)

        return compared

    patch.method(Scalar, "_comparison", change)


def two_valued_lists(patch):
    def change(original):
        def membership(self, node, frame):
            true, _ = original(self, node, frame)
            return true, terms.negated(true)

        return membership

    patch.method(Scalar, "_membership", change)


def every_column_is_filled(patch):
    patch.method(Knowledge, "not_null", lambda _: lambda *_: True)


def every_first_column_is_a_key(patch):
    patch.method(Knowledge, "keys", lambda _: lambda self, table: [tuple(self.columns(table, 0))[:1]])


def distinct_is_not_read(patch):
    patch.method(Reader, "distinct", lambda _: lambda _self, relation: relation)


def bags_are_sets(patch):
    patch.method(Matcher, "bags", lambda _: Matcher.sets)


def outer_joins_are_inner(patch):
    def change(original):
        def joined(self, join, before, outer):
            join.set("side", None)
            return original(self, join, before, outer)

        return joined

    patch.method(Joins, "_join", change)


def aggregates_are_never_null(patch):
    original = terms.null
    patch.function(original, lambda node: terms.BOTTOM if node[0] == "agg" else original(node))


def counts_take_nulls(patch):
    patch.monkeypatch.setattr(frames, "notnull", lambda _: terms.TOP)


def all_numbers_are_whole(patch):
    original = vars(premises)["_kind"]
    patch.function(
        original, lambda *given: "int" if original(*given) in {"num", "float"} else original(*given)
    )


def stars_have_no_modifiers(patch):
    patch.function(vars(read)["_renames"], lambda _: False)


def union_keeps_all(patch):
    def change(original):
        def union(self, node, outer):
            if isinstance(node, exp.Union):
                node.set("distinct", None)
            return original(self, node, outer)

        return union

    patch.method(Reader, "union", change)


MUTANTS = [
    two_valued_comparisons, two_valued_lists, every_column_is_filled, every_first_column_is_a_key, distinct_is_not_read,
    bags_are_sets, outer_joins_are_inner, aggregates_are_never_null, counts_take_nulls, all_numbers_are_whole,
    stars_have_no_modifiers, union_keeps_all,
]  # fmt: skip


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.__name__)
def test_a_mutant_is_caught(mutant, pairs, monkeypatch):
    mutant(Patch(monkeypatch))
    assert next(proved(pairs), None) is not None
