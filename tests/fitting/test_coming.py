"""What groups bring in each coming period adds up to what every customer was promised."""

from dataclasses import replace

import numpy as np
import pytest

from regulars.data import read_orders, simulate_orders, summarise
from regulars.fitting.coming import coming, expected_active, own_order_value
from regulars.fitting.outlook import look_ahead
from regulars.fitting.probabilities import order_probabilities
from regulars.fitting.question import Question
from regulars.terms.errors import InputError


@pytest.fixture(scope="module")
def shop():
    """A shop of two years, valued over 52 weeks by a named model."""
    orders = read_orders(simulate_orders(1_500, seed=3))
    summary = summarise(orders)
    outlook = look_ahead(orders, summary, Question.of("52w", model="bg-nbd"), kept_share=0.97)
    return summary, outlook


def _ends(summary, *days):
    return np.datetime64(summary.until, "D") + np.array(days)


def _thirds(summary):
    return np.arange(len(summary)) % 3


def test_all_periods_and_groups_hold_what_customers_were_promised(shop):
    summary, outlook = shop
    found = coming(outlook, summary, _ends(summary, 30, 61, 200, 364), _thirds(summary), 3)
    expected = outlook.prediction.orders
    value = expected * own_order_value(outlook)
    for group in range(3):
        mine = _thirds(summary) == group
        assert found.orders[group].sum() == pytest.approx(expected[mine].sum(), rel=1e-10)
        assert found.value[group].sum() == pytest.approx(value[mine].sum(), rel=1e-10)


def test_undiscounted_value_is_more_than_the_discounted_one(shop):
    summary, outlook = shop
    found = coming(outlook, summary, _ends(summary, 364), np.zeros(len(summary)), 1)
    assert 1.0 < found.value.sum() / outlook.value.sum() < 1.1


def test_finer_periods_and_groups_change_no_sum(shop):
    summary, outlook = shop
    whole = coming(outlook, summary, _ends(summary, 90, 364), np.zeros(len(summary)), 1)
    fine = coming(outlook, summary, _ends(summary, *range(30, 361, 30), 364), _thirds(summary), 3)
    assert fine.value[:, :3].sum() == pytest.approx(whole.value[0, 0], rel=1e-10)
    assert fine.alive[:, 2].sum() == pytest.approx(whole.alive[0, 0], rel=1e-10)


def test_fewer_stay_and_less_comes_as_time_goes_on(shop):
    summary, outlook = shop
    ends = _ends(summary, *range(30, 1081, 30))
    found = coming(outlook, summary, ends, np.zeros(len(summary)), 1)
    assert (np.diff(found.alive[0]) < 0).all()
    assert (np.diff(found.orders[0]) < 0).all()
    assert found.alive[0, 0] < outlook.prediction.p_alive.sum()


def test_one_customer_alone_gets_the_same(shop):
    summary, outlook = shop
    ends = _ends(summary, 30, 364)
    each = coming(outlook, summary, ends, np.arange(len(summary)), len(summary))
    both = coming(outlook, summary, ends, np.zeros(len(summary)), 1)
    assert each.orders.sum(0) == pytest.approx(both.orders[0], rel=1e-10)


def test_nobody_buys_more_than_once_and_no_more_than_are_there(shop):
    """Active customers of each period are fewer than its orders and than those still there."""
    summary, outlook = shop
    ends, n = _ends(summary, 30, 61, 200, 364), len(summary)
    each = expected_active(outlook, summary, ends, np.arange(n), n)
    orders = coming(outlook, summary, ends, np.arange(n), n).orders
    assert (each >= 0).all()
    assert (each <= orders + 1e-9).all()
    assert (each <= outlook.prediction.p_alive[:, None] + 1e-12).all()
    thirds = expected_active(outlook, summary, ends, _thirds(summary), 3)
    assert thirds.sum(0) == pytest.approx(each.sum(0), rel=1e-10)


def test_the_first_period_holds_the_models_own_chance_of_an_order(shop):
    """One period of the horizon's beginning: the sum of 1 - P(no order in it) over customers."""
    summary, outlook = shop
    ends, n = _ends(summary, 28), len(summary)
    found = expected_active(outlook, summary, ends, np.arange(n), n)[:, 0]
    none = order_probabilities(outlook.fitted, summary, "4w", most=0)[:, 0]
    assert found.sum() == pytest.approx((1 - none).sum(), rel=0.03)


def test_orders_of_a_few_are_few_customers(shop):
    """A group led by two who buy daily: about two are active, whatever share of orders is theirs.

    One ratio of customers to orders made dozens of their orders.
    """
    summary, outlook = shop
    who = np.argsort(outlook.prediction.orders)
    group = np.full(len(summary), 2)
    group[who[:100]], group[who[-2:]] = 0, 0
    scale = np.where(np.arange(len(summary)) == who[-1], 50.0, 1.0)
    many = replace(outlook.prediction, orders=outlook.prediction.orders * scale)
    whales = replace(outlook, prediction=many)
    ends = _ends(summary, 30)
    few = expected_active(whales, summary, ends, group, 3)[0, 0]
    usual = expected_active(outlook, summary, ends, group, 3)[0, 0]
    orders = coming(whales, summary, ends, group, 3).orders[0, 0]
    assert orders > 10
    assert few < usual + 1


def test_a_given_value_of_an_order_is_taken(shop):
    summary, outlook = shop
    ones = np.ones(len(summary))
    found = coming(outlook, summary, _ends(summary, 30), np.zeros(len(summary)), 1, ones)
    assert found.value == pytest.approx(found.orders)


@pytest.mark.parametrize(
    ("days", "codes", "words"),
    [
        ((0, 30), 0, "all after"),
        ((30, 30), 0, "all after"),
        ((30,), 5, "codes go from 5 to 5"),
    ],
    ids=["today", "twice", "no-group"],
)
def test_what_cannot_be_asked_is_refused(shop, days, codes, words):
    summary, outlook = shop
    with pytest.raises(InputError, match=words):
        coming(outlook, summary, _ends(summary, *days), np.full(len(summary), codes), 2)


def test_a_code_for_each_customer_is_needed(shop):
    summary, outlook = shop
    with pytest.raises(InputError, match="a group each"):
        coming(outlook, summary, _ends(summary, 30), np.zeros(3), 1)
