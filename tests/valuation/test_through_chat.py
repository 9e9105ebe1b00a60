"""Which conversation a purchase belongs to; the formula through chat; like against like."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.terms.errors import InputError
from regulars.valuation.through_chat import (
    attribute,
    share_estimate,
    through_chat_formula,
    within_cohorts,
)

DAY = 86_400


def attributed(purchases, talks, window, links=None):
    """Rows of (customer, second) and of (customer, start, end)."""
    customer, moment = (np.array(column) for column in zip(*purchases, strict=True))
    talker, start, end = (np.array(column) for column in zip(*talks, strict=True))
    link = np.full(len(purchases), -1) if links is None else np.array(links)
    return attribute(customer, moment, moment, link, talker, start, end, window).tolist()


def by_hand(purchases, talks, window, links):
    """The rule in words, one purchase after the other."""
    found = []
    for (customer, moment), link in zip(purchases, links, strict=True):
        best = link
        for i, (talker, start, end) in enumerate(talks):
            fits = talker == customer and start <= moment <= end + window
            if link < 0 and fits and (best < 0 or start >= talks[best][1]):
                best = i
        found.append(best)
    return found


def test_the_last_conversation_before_a_purchase_has_it():
    talks = [(1, 0, 10), (1, 50, 60), (1, 200, 210)]
    assert attributed([(1, 100), (1, 55), (1, 5)], talks, 100) == [1, 1, 0]


def test_a_purchase_before_any_conversation_or_long_after_has_none():
    talks = [(1, 50, 60)]
    assert attributed([(1, 49), (1, 161), (1, 160), (2, 55)], talks, 100) == [-1, -1, 0, -1]


def test_a_long_conversation_reaches_past_a_short_one_within_it():
    talks = [(1, 0, 1_000), (1, 100, 110)]
    assert attributed([(1, 900)], talks, 50) == [0]


def test_the_order_s_own_word_comes_first():
    talks = [(1, 0, 10), (2, 20, 30)]
    assert attributed([(1, 15), (1, 9_999)], talks, 100, links=[1, 0]) == [1, 0]


def test_conversations_of_nobody_known_have_no_purchase():
    assert attributed([(0, 15)], [(-1, 0, 10)], 100) == [-1]


def test_days_without_times_count_the_day_of_the_conversation():
    """The conversation begins at noon; the order's day begins before and ends after it."""
    found = attribute(
        np.array([1]),
        np.array([0]),
        np.array([DAY - 1]),
        np.array([-1]),
        np.array([1]),
        np.array([DAY // 2]),
        np.array([DAY // 2 + 60]),
        0,
    )
    assert found.tolist() == [0]


def test_a_window_is_not_negative():
    with pytest.raises(InputError):
        attributed([(1, 1)], [(1, 0, 1)], -1)


purchases = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 60)), min_size=1, max_size=25)
spans = st.tuples(st.integers(-1, 3), st.integers(0, 60), st.integers(0, 25))
conversations = st.lists(spans, min_size=1, max_size=15).map(
    lambda rows: sorted([(who, a, a + b) for who, a, b in rows], key=lambda row: row[1])
)


@settings(max_examples=80, deadline=None)
@given(purchases, conversations, st.integers(0, 30), st.data())
def test_the_rule_as_it_is_told(bought, talks, window, data):
    links = [data.draw(st.integers(-3, len(talks) - 1)) for _ in bought]
    links = [max(link, -1) for link in links]
    assert attributed(bought, talks, window, links) == by_hand(bought, talks, window, links)


@settings(max_examples=60, deadline=None)
@given(purchases, conversations, st.integers(0, 30), st.integers(0, 30))
def test_a_wider_window_never_takes_a_conversation_away(bought, talks, window, more):
    narrow = np.array(attributed(bought, talks, window))
    wide = np.array(attributed(bought, talks, window + more))
    assert (wide[narrow >= 0] >= 0).all()


def test_the_formula_of_the_articles():
    """A coffee of 5, 8 times a month, for 12 months: 480."""
    parts = through_chat_formula(revenue=5 * 8, purchases=8, customer_months=1, lifespan=12)
    assert parts.purchase_value == 5
    assert parts.frequency == 8
    assert parts.customer_value == 40
    assert parts.ltv == 480


def test_the_formula_of_nothing_is_nothing():
    assert through_chat_formula(0.0, 0, 0.0, 12).ltv == 0.0


def test_like_is_compared_with_like():
    """The group is worth 10 more in each cohort; it only looks worth less as it is younger."""
    group = np.array([True] * 4 + [False] * 4)
    cohort = np.array([0, 1, 1, 1, 0, 0, 0, 1])
    values = np.where(cohort == 0, 100.0, 20.0) + 10.0 * group
    found = within_cohorts(values, group, cohort)
    assert found.first < found.second
    assert found.difference.value == pytest.approx(10)
    assert found.alike == pytest.approx((100 + 3 * 20) / 4)
    assert found.compared == 4


def test_a_cohort_without_others_is_not_compared():
    group = np.array([True, True, False])
    found = within_cohorts(np.array([5.0, 50.0, 3.0]), group, np.array([0, 1, 0]))
    assert found.compared == 1
    assert found.difference.value == pytest.approx(2)
    assert found.difference.low is None


@pytest.mark.parametrize("group", [[True, True], [False, False]])
def test_without_two_groups_there_is_nothing_to_compare(group):
    found = within_cohorts(np.array([1.0, 2.0]), np.array(group), np.array([0, 0]))
    assert math.isnan(found.difference.value)


def test_the_interval_covers_no_difference_as_often_as_it_says():
    rng = np.random.default_rng(8)
    hits = 0
    for _ in range(400):
        cohort = rng.integers(0, 6, 300)
        values = rng.gamma(2.0, 10.0 * (cohort + 1))
        group = rng.random(300) < 0.1 + 0.1 * cohort
        told = within_cohorts(values, group, cohort, 0.9).difference
        hits += told.low <= 0 <= told.high
    assert 0.86 <= hits / 400 <= 0.94


def test_shares_have_the_interval_of_wilson():
    """10 of 100 at 95 %: 0.0552 to 0.1744 (Wilson 1927, as Agresti & Coull 1998 compute it)."""
    found = share_estimate(10, 100, 0.95)
    assert found.value == 0.1
    assert found.low == pytest.approx(0.0552, abs=1e-4)
    assert found.high == pytest.approx(0.1744, abs=1e-4)
    assert math.isnan(share_estimate(0, 0).value)
