"""Intervals cover what the model itself would do, and do not depend on the company."""

import numpy as np
import pytest

from regulars.fitting import fit
from regulars.fitting.spread import spread
from regulars.models.base import History
from regulars.terms.period import Period
from regulars.terms.summary import Summary

HORIZON = Period.parse("52w")


class OneEach:
    """Every order is worth exactly one."""

    report = None
    note = ""

    def expected(self, x, mean_spend):
        return np.ones(len(x))

    def total_ratio(self, x, orders, rng):
        return orders.astype(float)


@pytest.fixture(scope="module")
def fitted():
    rng = np.random.default_rng(2)
    model = fit("bg-nbd", Summary.from_rfm([0, 1, 2, 5], [0, 3, 5, 30], [10, 20, 30, 40])).model
    age = rng.integers(28, 728, 20_000) / 7
    story = model.simulate((0.6, 8.0, 0.8, 3.0), age, rng)
    whole = np.minimum(np.ceil(story.t_x * 7) / 7, age) * (story.x > 0)
    return fit("bg-nbd", Summary.from_rfm(story.x, whole, age))


def customers(x, last, age):
    return Summary.from_rfm(np.atleast_1d(x), np.atleast_1d(last), np.atleast_1d(age))


@pytest.mark.parametrize(
    ("x", "last", "age"), [(0, 0, 20), (2, 30, 40), (7, 60, 70), (25, 80, 90), (3, 10, 90)]
)
def test_the_interval_covers_what_is_drawn_from_the_model(fitted, x, last, age):
    summary = customers(x, last, age)
    alive = fitted.model.p_alive(
        fitted.params,
        History(summary.repeat_orders.astype(float), summary.last_order_age, summary.age),
    )
    found = spread(fitted, OneEach(), summary, alive, HORIZON, level=0.9, seed=1)
    rng = np.random.default_rng(7)
    drawn = fitted.model.sample_orders_alive(
        fitted.params, History(x, np.nan, age), 52.0, rng, 40_000
    )
    drawn = np.where(rng.random(40_000) < alive[0], drawn, 0)
    inside = (drawn >= found.orders_low[0]) & (drawn <= found.orders_high[0])
    assert inside.mean() >= 0.88  # counts are whole: an interval may cover more, hardly less
    narrower = (drawn > found.orders_low[0]) & (drawn < found.orders_high[0])
    assert narrower.mean() <= 0.93


def test_the_variance_is_that_of_the_drawn_totals(fitted):
    summary = customers(5, 60, 70)
    alive = np.array([0.6])
    found = spread(fitted, OneEach(), summary, alive, HORIZON, seed=1)
    rng = np.random.default_rng(3)
    drawn = fitted.model.sample_orders_alive(
        fitted.params, History(5, np.nan, 70), 52.0, rng, 100_000
    )
    total = np.where(rng.random(100_000) < 0.6, drawn, 0) / drawn.mean()
    assert found.value_variance[0] == pytest.approx(total.var(), rel=0.1)


def test_one_customer_has_the_same_interval_alone_and_among_others(fitted):
    rng = np.random.default_rng(4)
    age = rng.integers(28, 728, 300) / 7
    x = rng.integers(0, 60, 300)
    many = Summary.from_rfm(x, np.where(x > 0, age / 2, 0), age)
    alive = rng.random(300)
    together = spread(fitted, OneEach(), many, alive, HORIZON, seed=9)
    for i in (0, 150, 299):
        alone = spread(fitted, OneEach(), many.select(np.array([i])), alive[[i]], HORIZON, seed=9)
        assert alone.value_low[0] == together.value_low[i]
        assert alone.value_high[0] == together.value_high[i]


def test_who_has_surely_left_has_no_future(fitted):
    found = spread(fitted, OneEach(), customers(5, 60, 70), np.zeros(1), HORIZON)
    assert found.orders_high[0] == found.value_high[0] == 0


def test_a_higher_level_is_wider(fitted):
    summary, alive = customers(7, 60, 70), np.array([0.9])
    narrow = spread(fitted, OneEach(), summary, alive, HORIZON, level=0.5)
    wide = spread(fitted, OneEach(), summary, alive, HORIZON, level=0.95)
    assert wide.value_low[0] <= narrow.value_low[0] <= narrow.value_high[0] < wide.value_high[0]
