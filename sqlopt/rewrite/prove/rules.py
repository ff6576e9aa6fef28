"""`by_rules`: whether two statements are equal for every database, by rules alone.

Both are read as relations (`read`), brought to a normal form (`normal`) and matched (`match`); the declared facts that
were used are named. What no rule knows makes no proof. What a proof leaves aside: errors at run time (a cast, a
division, an overflow, a scalar subquery of several rows) are no results.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlopt.rewrite.edits import Proof, Verdict
from sqlopt.rewrite.prove.algebra import understood
from sqlopt.rewrite.prove.algebra.order import Ordered, ordered
from sqlopt.rewrite.prove.algebra.read import Reader
from sqlopt.rewrite.prove.alike import alike
from sqlopt.rewrite.prove.chance import choices, random_part
from sqlopt.rewrite.prove.effort import CeilingReached, Exhausted
from sqlopt.rewrite.prove.logic.match import Matcher
from sqlopt.rewrite.prove.logic.refute import Reasoner
from sqlopt.rewrite.prove.names import hidden
from sqlopt.rewrite.prove.pair import Unsupported
from sqlopt.rewrite.prove.premises import FINITE, Fact, Knowledge

if TYPE_CHECKING:
    from sqlopt.query.query import Query
    from sqlopt.rewrite.prove.effort import Work
    from sqlopt.rewrite.prove.pair import Pair

KNOWN = frozenset(
    {"duckdb", "postgres", "redshift", "snowflake", "bigquery", "databricks", "spark", "spark2", "hive", "trino",
     "presto", "athena", "mysql", "sqlite", "tsql", "oracle"}
)  # fmt: skip
"""Dialects whose joins, groups and NULLs are those of the standard (ClickHouse fills outer joins with defaults)."""
_RISKY = (
    exp.Cast, exp.Div, exp.Mod, exp.IntDiv, exp.Sqrt, exp.Ln, exp.Log, exp.Pow, exp.Add, exp.Sub, exp.Mul, exp.Sum,
)  # fmt: skip


def by_rules(pair: Pair, work: Work) -> Proof | None:
    """Return the proof that both statements of a pair are equal, None if the steps of ``work`` make none.

    Raises `CeilingReached`.
    """
    try:
        if any(_nodes(query, work.budget.nodes) > work.budget.nodes for query in pair.queries):
            return None
        if any(random_part(query) or hidden(query) for query in pair.queries):
            return None
        if alike(pair):
            return Proof(
                Verdict.PROVED, reason="both are the same statement but for names", notes=_notes(pair)
            )
        if pair.dialect not in KNOWN:
            return None
        for query in pair.queries:
            understood.check(query.tree)
        knowledge = Knowledge(pair)
        with work.steps(work.budget.steps):
            if not _equal(pair, knowledge):
                return None
        used = _needed(pair, knowledge.used, work)
    except (Unsupported, Exhausted, RecursionError, ArithmeticError):
        return None
    premises = [knowledge.sentence(fact) for fact in sorted(used, key=repr)]
    return Proof(
        Verdict.PROVED,
        tuple(premises),
        reason="both statements have the same normal form",
        notes=_notes(pair),
    )


def _nodes(query: Query, most: int) -> int:
    """Return how large a statement is, counted no further than beyond ``most`` nodes."""
    return sum(1 for _ in islice(query.tree.walk(), most + 1))


def _equal(pair: Pair, knowledge: Knowledge) -> bool:
    reasoner = Reasoner(knowledge)
    before, after = (_result(pair, query, reasoner) for query in pair.queries)
    if before.order and before.limit is None and Matcher(reasoner).unique(before.bare, [], {}):
        before = replace(before, order=())  # one row at most is in any order
    if not before.comparable(after):
        return False
    keys = len(before.order) if before.limit is None else max(len(before.order), len(after.order))
    left, right = before.shown(keys), after.shown(keys)
    return Matcher(reasoner).bags(left, right, [], {})


def _result(pair: Pair, query: Query, reasoner: Reasoner) -> Ordered:
    node: exp.Expr = query.tree
    while isinstance(node, (exp.Subquery, exp.Paren)) and not any(
        node.args.get(key) for key in ("order", "limit", "offset", "with_", "pivots")
    ):
        node = node.this
    plain = not any(node.args.get(key) for key in ("limit", "offset", "with_", "pivots"))
    if not isinstance(node, (exp.Select, exp.SetOperation)) and not (
        isinstance(node, exp.Subquery) and plain
    ):
        raise Unsupported(f"no rule knows {type(node).__name__} at the top")
    return ordered(Reader(pair, query, reasoner), node, None)


def _needed(pair: Pair, used: set[Fact], work: Work) -> set[Fact]:
    """Return the facts without which the proof fails, as far as a quarter of a proof's steps shows."""
    kept = set(used)
    every = _all(pair, Knowledge(pair))
    try:
        with work.steps(work.budget.steps // 4):
            for fact in sorted(used - {FINITE}, key=repr):
                rest = kept - {fact}
                try:
                    if _equal(pair, Knowledge(pair, frozenset(every - rest))):
                        kept = rest
                except Unsupported:
                    continue
    except (Exhausted, CeilingReached):
        pass  # what is proved stays so
    return kept


def _all(pair: Pair, knowledge: Knowledge) -> set[Fact]:
    """Return every fact that a proof could use."""
    found: set[Fact] = set()
    for table, relation in pair.relations.items():
        found |= {("key", table, key) for key in knowledge.keys(table)}
        found |= {("link", table, link) for link in knowledge.links(table)}
        names = [one.name.casefold() for one in relation.fields]
        found |= {("not null", table, name) for name in names if knowledge.not_null(table, name)}
    return found


def _notes(pair: Pair) -> tuple[str, ...]:
    notes = []
    found = [
        Counter(type(node) for node in query.tree.walk() if isinstance(node, _RISKY))
        for query in pair.queries
    ]
    if found[0] != found[1]:
        notes.append("errors at run time (casts, divisions, overflows) are not compared")
    if _names(pair.queries[0]) != _names(pair.queries[1]):
        notes.append("the names of the columns differ; they are compared by position")
    notes += [f"left to the engine: {one}" for one in sorted({x for q in pair.queries for x in choices(q)})]
    return tuple(notes)


def _names(query: Query) -> list[str]:
    scope = query.scope_of(query.tree)
    return [one.name for one in scope.outputs] if scope is not None else []
