"""The operator tree: own times, shares, q-errors and the costliest path."""

import pytest

from sqlopt.plan import Kind, Operator, Plan, PlanError
from sqlopt.span import Span

HERE = Span(0, 1)


def test_own_time_and_shares_are_filled_in():
    scan = Operator(Kind.SCAN, "scan", HERE, total_seconds=3.0)
    plan = Plan("x", (Operator(Kind.SORT, "sort", HERE, (scan,), total_seconds=4.0),))
    assert [one.seconds for one in plan.walk()] == [1.0, 3.0]
    assert [one.share for one in plan.walk()] == [0.25, 0.75]
    assert [one.name for one in plan.costliest] == ["sort", "scan"]


def test_cost_stands_in_where_no_time_is_known():
    scan = Operator(Kind.SCAN, "scan", HERE, cost=30.0)
    plan = Plan("x", (Operator(Kind.SORT, "sort", HERE, (scan,), cost=40.0),))
    assert [one.share for one in plan.walk()] == [0.25, 0.75]


def test_what_is_unknown_stays_so():
    plan = Plan("x", (Operator(Kind.SCAN, "scan", HERE),))
    (one,) = plan.walk()
    assert (one.seconds, one.share, one.q_error, one.actual_rows) == (None, None, None, None)
    assert plan.costliest == ()
    assert plan.totals.to_dict() == {}


@pytest.mark.parametrize(
    ("estimated", "actual", "loops", "error"),
    [(100, 10, None, 10), (10, 100, None, 10), (10, 100, 10, 1), (1, 0, 0, 1), (None, 5, None, None)],
)
def test_q_error(estimated, actual, loops, error):
    one = Operator(Kind.SCAN, "s", HERE, estimated_rows=estimated, actual_rows=actual, loops=loops)
    assert one.q_error == error


def test_an_error_says_where():
    error = PlanError("broken", "a\nbcd", 3)
    assert str(error) == "line 2, column 2: broken"
    assert error.span == Span(3, 3)
