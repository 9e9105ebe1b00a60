"""Predictions of a fitted model hold together."""

import numpy as np
import pytest

from regulars.fitting import expected_orders, fit, predict
from regulars.terms.errors import InputError
from regulars.terms.period import Period
from regulars.terms.summary import Summary


@pytest.fixture(scope="module")
def base():
    rng = np.random.default_rng(5)
    days = rng.integers(30, 700, 3_000)
    x = rng.poisson(rng.gamma(0.5, 1.0, 3_000) * days / 200)
    last = np.where(x > 0, np.floor(days * rng.beta(2, 1, 3_000)), 0)
    return Summary.from_rfm(x, last / 7, days / 7)


@pytest.fixture(scope="module", params=["bg-nbd", "mbg-nbd", "pareto-nbd", "nbd"])
def fitted(base, request):
    return fit(request.param, base)


def test_one_customer_is_predicted_alike_alone_and_among_others(fitted, base):
    together = predict(fitted, base, Period.parse("52w"))
    for i in (0, 17, 2_999):
        alone = predict(fitted, base.select(np.array([i])), Period.parse("52w"))
        for name in ("p_alive", "orders", "discounted_orders", "lifetime", "next_order"):
            assert getattr(alone, name)[0] == getattr(together, name)[i], name


def test_discounting_lowers_orders_by_less_than_the_whole_horizons_rate(fitted, base):
    found = predict(fitted, base, Period.parse("1y"), annual_rate=0.1)
    ratio = found.discounted_orders[found.orders > 0] / found.orders[found.orders > 0]
    assert (ratio < 1).all()
    assert (ratio > 1 / 1.1).all()


def test_without_a_discount_both_counts_agree(fitted, base):
    found = predict(fitted, base, Period.parse("1y"), annual_rate=0.0)
    assert found.discounted_orders == pytest.approx(found.orders, rel=1e-12)


def test_a_longer_horizon_never_expects_fewer_orders(fitted, base):
    shorter = expected_orders(fitted, base, Period.parse("13w"))
    longer = expected_orders(fitted, base, Period.parse("52w"))
    assert (longer >= shorter).all()


def test_the_wait_for_the_next_order_lies_in_its_interval(fitted, base):
    found = predict(fitted, base, Period.parse("1y"))
    assert (found.next_order_low < found.next_order).all()
    assert (found.next_order < found.next_order_high).all()


def test_the_lifetime_is_capped_and_positive(fitted, base):
    found = predict(fitted, base, Period.parse("1y"))
    assert (found.lifetime >= 0).all()
    assert found.lifetime.max() <= Period.parse("10y").count("week") * (1 + 1e-12)


def test_horizons_and_rates_may_be_text(fitted, base):
    period = predict(fitted, base, Period.parse("26w"), 0.2)
    text = predict(fitted, base, "26w", "20%")
    np.testing.assert_array_equal(text.discounted_orders, period.discounted_orders)
    np.testing.assert_array_equal(expected_orders(fitted, base, "26w"), period.orders)


def test_a_summary_in_another_unit_is_refused(fitted, base):
    days = Summary.from_rfm(base.repeat_orders, base.last_order_age, base.age, unit="day")
    for look in (predict, expected_orders):
        with pytest.raises(InputError, match="fitted in weeks and the summary counts in days"):
            look(fitted, days, "26w")
