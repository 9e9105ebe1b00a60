"""Intervals of orders, and tracking of what came week by week."""

import datetime as dt

import numpy as np
import pytest

import regulars as rg
from regulars.data import repeat_orders_between, simulate_orders


@pytest.fixture(scope="module")
def orders(tmp_path_factory):
    path = tmp_path_factory.mktemp("shop") / "orders.csv"
    simulate_orders(customers=2_500, seed=8, days=800).write_csv(path)
    return rg.read_orders(path)


@pytest.fixture(scope="module")
def split(orders):
    return orders.bounds[1] - dt.timedelta(days=182)


@pytest.fixture(scope="module")
def fitted(orders, split):
    return rg.fit("pareto-nbd", rg.summarise(orders, until=split))


def test_intervals_hold_customers_and_their_total(orders, split, fitted):
    summary = rg.summarise(orders, until=split)
    past = rg.track(fitted, orders, split)
    found = rg.predict_intervals(fitted, summary, "182d", tracking=past, seed=1)
    came = repeat_orders_between(orders, split).repeat_orders
    held = (found.low <= came) & (came <= found.high)
    assert 0.86 < held.mean() <= 1.0
    assert found.expected.sum() == pytest.approx(found.total.value)
    assert found.total.low < came.sum() < found.total.high


def test_one_customer_alone_has_the_same_interval(orders, split, fitted):
    summary = rg.summarise(orders, until=split)
    whole = rg.predict_intervals(fitted, summary, "26w", seed=3)
    busiest = np.array([int(np.argmax(summary.repeat_orders))])
    alone = rg.predict_intervals(fitted, summary.select(busiest), "26w", seed=3)
    assert alone.low[0] == whole.low[busiest[0]]
    assert alone.high[0] == whole.high[busiest[0]]
    assert alone.high[0] > 1


def test_a_total_is_less_sure_than_independent_customers_would_be(orders, split, fitted):
    summary = rg.summarise(orders, until=split)
    total = rg.predict_intervals(fitted, summary, "26w").total
    independent = 2 * 1.645 / np.sqrt(total.value)
    assert np.log(total.high / total.low) > 2 * independent


def test_tracking_counts_what_came_and_what_was_expected(orders, split, fitted):
    past = rg.track(fitted, orders)
    assert past.split == split
    weeks = past.week_end <= np.datetime64(split)
    assert past.cumulative_expected[weeks][-1] == pytest.approx(past.actual[weeks].sum(), rel=0.05)
    assert past.cumulative_actual[-1] == past.actual.sum()
