"""Judge one predicate for one column: what it lets through, and what of that an engine sees.

The answer has two halves. ``logical`` is the truth about values, as far as it can be computed:
``EXTRACT(YEAR FROM d) = 2026`` allows one year. ``seen`` is what the engine's partition pruning gets
out of it, which depends on the engine's table: nothing, there, for BigQuery.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sqlglot import exp

from sqlopt.query.bind.nodes import is_query
from sqlopt.query.pruning.comparison import Comparisons
from sqlopt.query.pruning.functions import functions_around
from sqlopt.query.pruning.outcome import ANYTHING, NEVER_NULL, Block, Outcome, combine
from sqlopt.query.text.forms import bounds
from sqlopt.query.values.constants import Constant
from sqlopt.query.values.intervals import Ranges, Truth
from sqlopt.warehouses.pruning import Cell, Form, Prunes

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlopt.query.bind.model import Source
    from sqlopt.query.flow import Filter


class Judge(Comparisons):
    """Judges predicates for one column of one scan."""

    # ---- predicates

    def filter(self, one: Filter) -> Outcome:
        """Judge a filter that reaches the scan."""
        outcome = self.predicate(one.node, one)
        nullable = one.where and self.scan.source.nullable and one.scope is self.scan.scope
        if nullable and outcome.restricts and outcome.logical.true.null:
            # WHERE right.d IS NULL is about rows that the outer join made: nothing is pushed.
            return Outcome(touches=True)
        return outcome

    def predicate(self, node: exp.Expr, one: Filter) -> Outcome:
        """Judge ``node``; what is not understood lets everything through."""
        while isinstance(node, exp.Paren):
            node = node.this
        handler = self._HANDLERS.get(type(node))
        if handler is not None:
            return handler(self, node, one)
        if isinstance(node, exp.Column):
            inner = self.meaning(node, one)
            if inner is not None:
                return self.predicate(inner, one)
        if self.touches(node, one):
            return Outcome(touches=True, blocked=self.block(Form.OTHER_FUNCTION, node))
        return Outcome()

    def _connective(self, node: exp.Expr, one: Filter) -> Outcome:
        arms = _arms(node)
        if isinstance(node, exp.And):
            return combine([self.predicate(arm, one) for arm in arms], Outcome.and_)
        return self._either(*self._alternatives(arms, one))

    def _alternatives(self, arms: list[exp.Expr], one: Filter) -> tuple[list[exp.Expr], list[Outcome]]:
        """Judge the arms of an OR; equalities of the bare column with constants are judged as one list."""
        values: list[Constant] = []
        equal: exp.Expr | None = None
        rest: list[exp.Expr] = []
        for arm in arms:
            value = self._equated(arm, one)
            if value is None:
                rest.append(arm)
                continue
            equal = equal if equal is not None else arm
            values.append(value)
        outcomes = [self.predicate(arm, one) for arm in rest]
        if equal is not None:
            rest.append(equal)
            outcomes.append(self.against(equal.this, exp.EQ, values, equal, one))
        return rest, outcomes

    def _equated(self, arm: exp.Expr, one: Filter) -> Constant | None:
        if type(arm) is exp.EQ and isinstance(arm.this, exp.Column) and self.is_column(arm.this, one):
            return self.constant(arm.expression)
        return None

    def _either(self, arms: list[exp.Expr], outcomes: list[Outcome]) -> Outcome:
        whole = combine(list(outcomes), Outcome.or_)
        if whole.touches and whole.logical.exact and Ranges.NOT_NULL.is_subset(whole.logical.true):
            return Outcome(
                whole.logical, whole.logical, touches=True, idle=True
            )  # d IS NULL OR d IS NOT NULL
        outcomes = [
            Outcome(unknown=True) if not x.touches and self._set_later(arm) else x
            for arm, x in zip(arms, outcomes, strict=True)
        ]
        whole = combine(list(outcomes), Outcome.or_)
        helps = [x.restricts or x.at_run_time or x.unknown or x.partial or bool(x.blocked) for x in outcomes]
        if any(helps) and not all(helps):
            idle = arms[helps.index(False)]
            cell = self.table.cell(Form.OR_OTHER, cluster=self.cluster)
            if cell.prunes is Prunes.UNKNOWN:
                # Logic decides here: an arm that says nothing of the column lets every value through.
                cell = Cell(Prunes.NO, "an arm without the column lets every partition through", "logic")
            partial = cell.prunes is Prunes.PARTIALLY
            blocked = () if partial else (*whole.blocked, Block(Form.OR_OTHER, idle, cell))
            return Outcome(whole.seen, whole.logical, touches=True, partial=partial, blocked=blocked)
        return whole

    def _set_later(self, arm: exp.Expr) -> bool:
        """Whether a parameter or variable alone decides: ``@day IS NULL OR d = @day`` may well prune."""
        found = self.constant(arm)
        return (
            found is not None
            and not found.known
            and arm.find(exp.Parameter, exp.Placeholder, exp.Column) is not None
        )

    def _not(self, node: exp.Expr, one: Filter) -> Outcome:
        return self._negation(node.this, one)

    def _negation(self, node: exp.Expr, one: Filter) -> Outcome:
        negated = _bare(node)
        if isinstance(negated, (exp.And, exp.Or)):
            arms = _arms(negated)
            outcomes = [self._negation(arm, one) for arm in arms]
            if isinstance(negated, exp.Or):
                return combine(outcomes, Outcome.and_)
            return self._either(arms, outcomes)
        inner = self.predicate(negated, one)
        outcome = inner.not_()
        if outcome.touches and outcome.logical.exact and not self.limits(outcome.logical):
            return Outcome(outcome.logical, outcome.logical, touches=True, idle=True)
        if inner.restricts and not inner.opaque:
            return Outcome(
                outcome.seen,
                outcome.logical,
                touches=True,
                restricts=self.limits(outcome.seen),
                at_run_time=outcome.at_run_time,
                unknown=outcome.unknown,
                blocked=outcome.blocked,
            )
        return outcome

    def _comparison(self, node: exp.Expr, one: Filter) -> Outcome:
        left, right, kind = node.this, node.args["expression"], type(node)
        if not self.touches(left, one):
            if not self.touches(right, one):
                return self._constant_truth(node)
            left, right, kind = right, left, _MIRROR[kind]
        elif self.touches(right, one):
            if left == right and kind in (exp.EQ, exp.GTE, exp.LTE):
                keeps = Truth(Ranges.NOT_NULL, Ranges.NONE)
                return Outcome(keeps, keeps, touches=True, idle=True)
            return Outcome(touches=True, blocked=self.block(Form.OTHER_COLUMN, node))
        if isinstance(left, exp.Tuple):
            return self.by_cell(Form.ROW_VALUE, left, NEVER_NULL)
        value = self.constant(right)
        if value is None:
            return self._not_constant(node, left, right, one)
        return self.against(left, kind, [value], node, one)

    def _not_constant(self, node: exp.Expr, left: exp.Expr, right: exp.Expr, one: Filter) -> Outcome:
        if is_query(right) or right.find(exp.Select) is not None:
            if right.find(exp.Table) is None:
                return Outcome(logical=NEVER_NULL, touches=True, unknown=True)  # a query of constants
            return self.by_cell(Form.SUBQUERY, right, NEVER_NULL)
        return self._by_column(node, left, right, one)

    def _by_column(self, node: exp.Expr, left: exp.Expr, right: exp.Expr, one: Filter) -> Outcome:
        """A comparison with another column: of the same row, or of a joined table."""
        from sqlopt.query.pruning.verdict import filtered

        others = set()
        for column in right.find_all(exp.Column):
            binding = self.query.binding(column)
            others.add(binding.source if binding is not None else None)
        others_known = [source for source in others if source is not None]
        if len(others_known) == len(others) and others and all(self._one_row(x, one) for x in others_known):
            return self.by_cell(Form.SUBQUERY, right, NEVER_NULL)
        same_row = self.scan.source in others or None in others or one.path
        if same_row or not isinstance(node, (exp.EQ, exp.NullSafeEQ)):
            return Outcome(logical=NEVER_NULL, touches=True, blocked=self.block(Form.OTHER_COLUMN, right))
        wrapped = functions_around(left, self, one)
        if wrapped is None or wrapped.functions:
            form = wrapped.functions[0].form if wrapped is not None else Form.OTHER_FUNCTION
            at = wrapped.functions[0].node if wrapped is not None else left
            return Outcome(logical=NEVER_NULL, touches=True, blocked=self.block(form, at))
        limited = any(source is not None and filtered(source, self.scan) for source in others)
        if not limited:
            return Outcome(logical=NEVER_NULL, touches=True)
        return self.by_cell(Form.JOIN, right, NEVER_NULL)

    def _one_row(self, source: Source, one: Filter) -> bool:
        """Whether ``source`` is a query of one row, its columns thus as good as scalar subqueries."""
        inner = source.inner
        if inner is None or any(step.source is source for step in one.path):
            return False
        return frozenset() in self.query.facts.keys(inner) or not (inner.sources or inner.branches)

    def _between(self, node: exp.Expr, one: Filter) -> Outcome:
        if not self.touches(node.this, one):
            return (
                Outcome(touches=self.touches(node, one))
                if self.constant(node.this) is None
                else self._reversed_between(node, one)
            )
        ways = [self._within(node, low, high, one) for low, high in bounds(node)]
        return combine(ways, Outcome.or_)

    def _within(self, node: exp.Expr, low: exp.Expr, high: exp.Expr, one: Filter) -> Outcome:
        outcomes = []
        for bound, kind in ((low, exp.GTE), (high, exp.LTE)):
            value = self.constant(bound)
            if value is None:
                outcomes.append(self._not_constant(node, node.this, bound, one))
            else:
                outcomes.append(self.against(node.this, kind, [value], node, one))
        return outcomes[0].and_(outcomes[1])

    def _reversed_between(self, node: exp.Expr, one: Filter) -> Outcome:
        """``constant BETWEEN a AND b``: two comparisons with the column on the other side."""
        value = self.constant(node.this)
        ways = []
        for low, high in bounds(node):
            outcomes = [Outcome()]
            if value is not None:
                for kind, bound in ((exp.LTE, low), (exp.GTE, high)):
                    if self.touches(bound, one):
                        outcomes.append(self.against(bound, kind, [value], node, one))
            ways.append(combine(outcomes, Outcome.and_))
        return combine(ways, Outcome.or_)

    def _in(self, node: exp.Expr, one: Filter) -> Outcome:
        if not self.touches(node.this, one):
            return Outcome(touches=self.touches(node, one))
        if isinstance(node.this, exp.Tuple):
            return self.by_cell(Form.ROW_VALUE, node.this, NEVER_NULL)
        if node.args.get("query") is not None:
            return self.by_cell(Form.IN_SUBQUERY, node.args["query"], NEVER_NULL)
        unnest = node.args.get("unnest")
        listed = unnest.expressions if unnest is not None else node.expressions
        values = [self.constant(item) for item in listed]
        if unnest is not None and any(value is not None and not value.known for value in values):
            return self.against(node.this, exp.EQ, [Constant(None, known=False)], node, one)
        if any(value is None for value in values):
            return self._not_constant(exp.LT(), node.this, node, one)
        known = [value for value in values if value is not None]
        return self.against(node.this, exp.EQ, known, node, one, form=Form.IN_LIST)

    def _exists(self, node: exp.Expr, one: Filter) -> Outcome:
        if not self.touches(node, one):
            return Outcome()
        return self.by_cell(Form.IN_SUBQUERY, node, NEVER_NULL)

    def _is(self, node: exp.Expr, one: Filter) -> Outcome:
        if not self.touches(node.this, one) or not isinstance(node.args["expression"], exp.Null):
            return Outcome(touches=self.touches(node, one))
        if not self.is_column(_bare(node.this), one):
            return Outcome(touches=True, logical=ANYTHING, blocked=self.block(Form.OTHER_FUNCTION, node.this))
        truth = Truth(Ranges.NULL, Ranges.NOT_NULL)
        return self.by_cell(Form.IS_NULL, node, truth)

    def _like(self, node: exp.Expr, one: Filter) -> Outcome:
        if not self.touches(node.this, one):
            return Outcome(touches=self.touches(node, one))
        if isinstance(node.args["expression"], (exp.Any, exp.All)):
            return self.by_cell(Form.LIKE_WILDCARD, node, NEVER_NULL)  # negated or not
        wrapped = functions_around(node.this, self, one)
        if wrapped is not None:
            blocked, unknown, _ = self.wrapped([w for w in wrapped.functions if not self.no_op(w)])
            if blocked or unknown:
                return Outcome(logical=NEVER_NULL, touches=True, unknown=unknown, blocked=blocked)
        pattern = self.constant(node.args["expression"])
        text = str(pattern.value) if pattern is not None and pattern.known else ""
        wildcard = not text or text[0] in "%_" or isinstance(node, exp.ILike)
        form = Form.LIKE_WILDCARD if wildcard else Form.LIKE_PREFIX
        if form is Form.LIKE_PREFIX:
            prefix = _prefix(text)
            truth = Truth(
                Ranges.at_least(prefix).intersect(Ranges.less_than(prefix + "\U0010ffff")),
                NEVER_NULL.false,
                exact=False,
            )
            return self.by_cell(form, node, truth)
        return self.by_cell(form, node, NEVER_NULL)

    def _boolean(self, node: exp.Expr, one: Filter) -> Outcome:
        del one
        truth = Truth(Ranges.ALL, Ranges.NONE) if node.this else Truth(Ranges.NONE, Ranges.ALL)
        return Outcome(truth, truth, restricts=not node.this)

    def _constant_truth(self, node: exp.Expr) -> Outcome:
        """``1 = 0`` keeps nothing; every other comparison without the column says nothing of it."""
        left, right = self.constant(node.this), self.constant(node.args["expression"])
        if left is None or right is None or not (left.known and right.known) or left.clock or right.clock:
            return Outcome()
        if type(node) is exp.EQ and left.value != right.value and type(left.value) is type(right.value):
            never = Truth(Ranges.NONE, Ranges.ALL)
            return Outcome(never, never, restricts=True)
        return Outcome()

    _HANDLERS: ClassVar[dict[type[exp.Expr], Callable[[Judge, exp.Expr, Filter], Outcome]]] = {
        exp.And: _connective,
        exp.Or: _connective,
        exp.Not: _not,
        exp.EQ: _comparison,
        exp.NullSafeEQ: _comparison,
        exp.NEQ: _comparison,
        exp.LT: _comparison,
        exp.LTE: _comparison,
        exp.GT: _comparison,
        exp.GTE: _comparison,
        exp.Between: _between,
        exp.In: _in,
        exp.Exists: _exists,
        exp.Is: _is,
        exp.Like: _like,
        exp.ILike: _like,
        exp.Boolean: _boolean,
    }


_MIRROR: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.EQ: exp.EQ,
    exp.NullSafeEQ: exp.NullSafeEQ,
    exp.NEQ: exp.NEQ,
    exp.LT: exp.GT,
    exp.LTE: exp.GTE,
    exp.GT: exp.LT,
    exp.GTE: exp.LTE,
}


def _arms(node: exp.Expr) -> list[exp.Expr]:
    """Return the operands of a chain of ANDs, or of ORs."""
    kind = type(node)
    arms: list[exp.Expr] = []
    stack = [node]
    while stack:
        top = _bare(stack.pop())
        if isinstance(top, kind):
            stack += [top.args["expression"], top.this]
        else:
            arms.append(top)
    return arms


def _bare(node: exp.Expr) -> exp.Expr:
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def _prefix(pattern: str) -> str:
    for i, char in enumerate(pattern):
        if char in "%_\\":
            return pattern[:i]
    return pattern
