"""The algebra of sets of values, checked against plain membership."""

# ruff: noqa: DTZ001 - naive datetimes are the subject

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqlopt.query.values.intervals import Interval, Ranges, Truth, compare
from tests.counting import is_linear

DAYS = [date(2026, 1, 1) + timedelta(days=n) for n in range(12)]
INFINITE, NAN = float("inf"), float("nan")
NUMBERS = [-INFINITE, -3, -1, 0, 0.5, Decimal("0.5"), 1, 2, Decimal("2.25"), 7, INFINITE, NAN]
MOMENTS = [datetime(2026, 1, 1) + timedelta(hours=8 * n) for n in range(12)]
TEXTS = ["", "a", "ab", "b", "z", "é"]


def _atoms(values):
    one = st.sampled_from(values)
    return st.one_of(
        one.map(Ranges.point),
        one.map(Ranges.at_least),
        one.map(Ranges.more_than),
        one.map(Ranges.at_most),
        one.map(Ranges.less_than),
        st.tuples(one, one).map(lambda pair: Ranges.between(*pair)),
        st.lists(one, max_size=4).map(Ranges.of),
        st.sampled_from([Ranges.ALL, Ranges.NOT_NULL, Ranges.NONE, Ranges.NULL]),
    )


def _sets(values):
    return st.recursive(
        _atoms(values),
        lambda inner: st.one_of(
            st.tuples(inner, inner).map(lambda pair: pair[0].union(pair[1])),
            st.tuples(inner, inner).map(lambda pair: pair[0].intersect(pair[1])),
            st.tuples(inner, inner).map(lambda pair: pair[0].minus(pair[1])),
            inner.map(Ranges.complement),
        ),
        max_leaves=6,
    )


families = st.sampled_from([DAYS, [*DAYS, *MOMENTS], NUMBERS, TEXTS])
triples = families.flatmap(
    lambda values: st.tuples(_sets(values), _sets(values), _sets(values), st.just(values))
)


def _same(one, other):
    return one.is_subset(other) and other.is_subset(one)


@given(triples)
def test_laws_of_the_algebra(four):
    a, b, c, _ = four
    assert _same(a.complement().complement(), a)
    assert _same(a.union(b).complement(), a.complement().intersect(b.complement()))
    assert _same(a.intersect(b).complement(), a.complement().union(b.complement()))
    assert _same(a.union(a.intersect(b)), a)
    assert _same(a.intersect(a.union(b)), a)
    assert _same(a.union(b), b.union(a))
    assert _same(a.intersect(b.union(c)), a.intersect(b).union(a.intersect(c)))
    assert a.union(a.complement()).is_all
    assert a.intersect(a.complement()).is_empty
    assert a.intersect(b).is_subset(a)
    assert a.is_subset(a.union(b))
    assert a.minus(b).disjoint(b)
    assert a.is_subset(b) == a.minus(b).is_empty


@given(triples)
def test_membership_agrees_with_the_operations(four):
    a, b, _, values = four
    for value in [*values, None]:
        assert a.union(b).contains(value) == (a.contains(value) or b.contains(value))
        assert a.intersect(b).contains(value) == (a.contains(value) and b.contains(value))
        assert a.minus(b).contains(value) == (a.contains(value) and not b.contains(value))
        assert a.complement().contains(value) != a.contains(value)


@given(triples)
def test_intervals_are_sorted_apart_and_not_empty(four):
    intervals = four[0].intervals
    assert not any(one.is_empty for one in intervals)
    for left, right in pairwise(intervals):
        order = compare(left.high, right.low)
        assert order == -1 or (order == 0 and not left.high_closed and not right.low_closed)


@given(triples, st.data())
def test_a_row_group_with_a_match_is_never_skipped(four, data):
    a, _, _, values = four
    low, high = data.draw(st.sampled_from(values)), data.draw(st.sampled_from(values))
    inside = [one for one in values if Ranges.between(low, high).contains(one)]
    if any(a.contains(one) for one in inside):
        assert a.overlaps(low, high)
    assert a.overlaps(low, high) == (not a.intersect(Ranges.between(low, high)).minus(Ranges.NULL).is_empty)


@given(
    st.sampled_from([DAYS, MOMENTS, [-3, 0, 1, 4, 9], [0.0, 0.5, Decimal("2.25"), 7.5]]).flatmap(
        lambda values: st.tuples(
            _sets(values), _sets(values), st.sampled_from(values), st.sampled_from(values)
        )
    ),
    st.booleans(),
)
def test_shares_lie_between_none_and_all(four, stepped):
    a, b, low, high = four
    step = None
    if stepped:
        step = timedelta(days=3) if isinstance(low, date) else 2
    share = a.share(low, high, step=step)
    if low > high:
        assert share is None
        return
    assert 0 <= share <= 1
    assert Ranges.ALL.share(low, high, step=step) == 1
    assert Ranges.NONE.share(low, high, step=step) == 0
    assert a.union(b).share(low, high, step=step) >= share
    assert share + a.complement().share(low, high, step=step) >= 1 - 1e-9


MIXED = [1, 2.5, "a", "2026-01-05", date(2026, 1, 5), datetime(2026, 1, 5, 3), time(10), True, b"x"]


@given(_sets(MIXED), _sets(MIXED), st.sampled_from(MIXED))
def test_values_that_do_not_compare_widen_and_never_raise(a, b, value):
    def member(one):
        """Whether an interval of the value's own family, or one without bounds, holds it."""
        kinds = ("", Ranges.point(value).family)
        return any(i.contains(value) for i in one.intervals if Ranges((i,)).family in kinds)

    if member(a) and member(b):
        assert a.intersect(b).contains(value)
        assert not a.disjoint(b)
    if member(a) or member(b):
        assert a.union(b).contains(value)
    if member(a) and not b.contains(value):
        assert a.minus(b).contains(value)
        assert not a.is_subset(b)
    a.describe()
    a.share(1, 2)
    a.share(date(2026, 1, 1), datetime(2026, 2, 1))
    a.span_length()
    a.overlaps("a", 1)
    assert a.is_bounded in (True, False)


def test_sets_of_several_families():
    both = Ranges.of([1, "a"])
    assert both.contains(1)
    assert both.contains("a")
    assert both.complement() == Ranges.ALL, "NOT IN (1, 'a') may keep anything"
    assert not Ranges.point(1).disjoint(Ranges.point("a")), "the engine may cast one to the other"
    assert not Ranges.point(1).is_subset(Ranges.point("a"))
    assert both.intersect(Ranges.NOT_NULL) == both


def test_dates_compare_with_datetimes_and_texts():
    january = Ranges.at_least(date(2026, 1, 1)).intersect(Ranges.less_than(date(2026, 2, 1)))
    assert january.contains(datetime(2026, 1, 31, 23, 59))
    assert not january.contains(datetime(2026, 2, 1))
    assert Ranges.at_least("2026-01-05").intersect(january).is_subset(january)
    assert Ranges.at_least("2026-03-01").disjoint(january)
    assert Ranges.point(datetime(2026, 1, 1, tzinfo=UTC)) == Ranges.of([datetime(2026, 1, 1, tzinfo=UTC)])
    assert january.contains(datetime(2026, 1, 1, tzinfo=UTC))


def test_numbers_of_all_kinds():
    assert Ranges.point(Decimal("0.1")).overlaps(0.1, 0.1), "a double's 0.1 is the literal 0.1"
    assert Ranges.more_than(INFINITE).contains(NAN), "NaN is above all numbers"
    assert not Ranges.at_most(INFINITE).contains(NAN)
    assert Ranges.point(NAN).contains(Decimal("NaN"))
    assert Ranges.point(10**40).intersect(Ranges.more_than(1e39)) == Ranges.point(10**40)
    assert Ranges.at_least(0).share(0, INFINITE) is None


def test_null_is_its_own_value():
    assert Ranges.NULL.complement() == Ranges.NOT_NULL
    assert Ranges.ALL.complement() == Ranges.NONE
    assert not Ranges.NULL.is_subset(Ranges.NOT_NULL)
    assert Ranges.NULL.disjoint(Ranges.NOT_NULL)
    assert Ranges.NULL.union(Ranges.NOT_NULL).is_all
    assert not Ranges.NULL.is_empty


def test_open_and_closed_ends_meet():
    assert Ranges.less_than(5).union(Ranges.at_least(5)) == Ranges.NOT_NULL
    assert Ranges.less_than(5).union(Ranges.more_than(5)) == Ranges.point(5).complement().minus(Ranges.NULL)
    assert Ranges.at_most(5).intersect(Ranges.at_least(5)) == Ranges.point(5)
    assert Ranges.between(5, 1).is_empty
    assert Interval(5, 5).is_empty


@pytest.mark.parametrize(
    ("ranges", "share"),
    [
        (Ranges.between(date(2026, 1, 1), date(2026, 1, 31)), 31 / 365),
        (Ranges.at_least(date(2026, 12, 31)), 1 / 365),
        (Ranges.more_than(date(2026, 12, 31)), 0),
        (Ranges.less_than(datetime(2026, 1, 1, 12)), 1 / 365),
        (Ranges.more_than(datetime(2026, 12, 30, 12)), 1 / 365),
        (Ranges.point(date(2026, 5, 5)), 1 / 365),
        (Ranges.point(date(2026, 5, 5)).complement(), 364 / 365),
        (Ranges.of([date(2026, 5, 5), date(2026, 5, 7), date(2031, 1, 1)]), 2 / 365),
        (Ranges.NULL, 0),
    ],
)
def test_share_of_the_days_of_a_year(ranges, share):
    assert ranges.share(date(2026, 1, 1), date(2026, 12, 31)) == pytest.approx(share)


def test_share_of_other_domains():
    ten = (datetime(2026, 1, 1), datetime(2026, 1, 11))
    assert Ranges.less_than(datetime(2026, 1, 2)).share(*ten) == pytest.approx(0.1)
    assert Ranges.point(datetime(2026, 1, 2, 5)).share(*ten) == 0
    assert Ranges.point(datetime(2026, 1, 2, 5)).share(*ten, step=timedelta(days=1)) == pytest.approx(1 / 11)
    assert Ranges.between(3, 4).share(1, 10) == pytest.approx(0.2)
    assert Ranges.at_most(2.5).share(0.0, 10.0) == pytest.approx(0.25)
    assert Ranges.at_most(2.5).share(2.5, 2.5) == 1
    assert Ranges.point("b").share("a", "z") is None
    month = (date(2026, 1, 1), date(2026, 12, 31))
    assert Ranges.point(date(2026, 5, 5)).share(*month, step=timedelta(days=73)) == pytest.approx(1 / 6)


def test_bounds_and_length():
    january = Ranges.at_least(date(2026, 1, 1)).intersect(Ranges.less_than(date(2026, 2, 1)))
    assert (january.lower, january.upper) == (date(2026, 1, 1), date(2026, 2, 1))
    assert january.span_length() == timedelta(days=31)
    assert january.is_bounded
    assert Ranges.at_least(3).span_length() is None
    assert not Ranges.at_least(3).is_bounded
    assert Ranges.of([3, 8]).span_length() == 5


@pytest.mark.parametrize(
    ("ranges", "text"),
    [
        (
            Ranges.at_least(date(2026, 1, 1)).intersect(Ranges.less_than(date(2026, 2, 1))),
            "2026-01-01 <= x < 2026-02-01",
        ),
        (Ranges.of([2, 1]), "x in (1, 2)"),
        (Ranges.point("a"), "x = 'a'"),
        (Ranges.NULL, "x is null"),
        (Ranges.NOT_NULL, "x is not null"),
        (Ranges.ALL, "anything"),
        (Ranges.NONE, "nothing"),
        (Ranges.at_least(3), "x >= 3"),
        (Ranges.less_than(3).union(Ranges.NULL), "x < 3 or x is null"),
        (Ranges.point(5).complement().minus(Ranges.NULL), "x <> 5"),
        (Ranges.of([5, 6]).complement().minus(Ranges.NULL), "x not in (5, 6)"),
        (Ranges.less_than(1).union(Ranges.between(3, 4)), "x < 1 or 3 <= x <= 4"),
        (Ranges.of(range(1000)), "x in (0, 1, 2, 3, 4, and 995 more)"),
    ],
)
def test_words(ranges, text):
    assert ranges.describe() == text
    assert ranges.describe("d") == text.replace("x ", "d ") if "x " in text else True


def test_long_lists_take_linear_work():
    def work(size):
        many = Ranges.of(range(0, 2 * size, 2))
        assert len(many.union(Ranges.of(range(1, size, 2))).intervals) == 1.5 * size
        assert many.complement().intersect(many).is_empty
        assert all(many.overlaps(n, n) == (n % 2 == 0) for n in range(size // 4))

    assert is_linear(work, 400)


# ---- three truth values


def _truths(values):
    one = st.sampled_from(values)
    return st.one_of(
        one.map(
            lambda v: (Truth(Ranges.less_than(v), Ranges.at_least(v)), lambda c: None if c is None else c < v)
        ),
        one.map(
            lambda v: (
                Truth(Ranges.point(v), Ranges.NOT_NULL.minus(Ranges.point(v))),
                lambda c: None if c is None else c == v,
            )
        ),
        st.just((Truth(Ranges.NULL, Ranges.NOT_NULL), lambda c: c is None)),
    )


def _and(one, other):
    return False if one is False or other is False else None if None in (one, other) else True


def _combined(inner):
    pairs = st.tuples(inner, inner)
    return st.one_of(
        pairs.map(lambda p: (p[0][0].and_(p[1][0]), lambda c: _and(p[0][1](c), p[1][1](c)))),
        pairs.map(lambda p: (p[0][0].or_(p[1][0]), lambda c: _not(_and(_not(p[0][1](c)), _not(p[1][1](c)))))),
        inner.map(lambda one: (one[0].not_(), lambda c: _not(one[1](c)))),
    )


def _not(one):
    return None if one is None else not one


@given(st.recursive(_truths(DAYS), _combined, max_leaves=6))
def test_truth_follows_sqls_logic(pair):
    truth, decide = pair
    assert truth.exact
    for value in [*DAYS, None]:
        assert truth.true.contains(value) == (decide(value) is True)
        assert truth.false.contains(value) == (decide(value) is False)


def test_inexact_truth_stays_inexact():
    maybe = Truth(Ranges.ALL, Ranges.ALL, exact=False)
    sure = Truth(Ranges.less_than(5), Ranges.at_least(5))
    assert not sure.and_(maybe).exact
    assert not maybe.not_().exact
    assert sure.and_(maybe).true == Ranges.less_than(5)
    text = Truth(Ranges.point("a"), Ranges.NOT_NULL.minus(Ranges.point("a")))
    assert not sure.or_(text).exact, "values that don't compare make the answer wider"
