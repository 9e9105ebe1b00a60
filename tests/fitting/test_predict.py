"""Predictions of a fitted model hold together."""

import numpy as np
import pytest

from regulars.fitting import expected_orders, expected_spend, fit, p_alive, predict
from regulars.fitting.given import given
from regulars.fitting.probabilities import order_probabilities
from regulars.terms.errors import InputError, ModelError
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


def test_expected_spend_is_gamma_gammas_conditional_mean():
    rng = np.random.default_rng(1)
    x = rng.integers(1, 9, 500)
    mean = rng.gamma(6 * x) / (6 * x * rng.gamma(4, 1 / 15, 500)) * 6
    spent = Summary.from_rfm(x, np.full(500, 5), np.full(500, 9), mean)
    gamma_gamma = fit("gamma-gamma", spent)
    p, q, v = gamma_gamma.params
    assert expected_spend(gamma_gamma, spent) == pytest.approx((v + x * mean) * p / (p * x + q - 1))
    with pytest.raises(InputError, match="no amounts"):
        expected_spend(gamma_gamma, Summary.from_rfm(x, np.full(500, 5), np.full(500, 9)))
    with pytest.raises(ModelError, match="says nothing of spend"):
        expected_spend(fit("nbd", spent), spent)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: fit("nbd", [1, 2, 3]), "fitted to a Summary, not to a list"),
        (lambda: Summary.from_rfm([1], [1], [2], unit="W"), "no unit"),
        (lambda: Period.parse(39), "has no unit"),
    ],
)
def test_what_a_newcomer_tries_first_is_answered_in_words(wrong, words):
    with pytest.raises(InputError, match=words):
        wrong()


@pytest.mark.parametrize(
    "call",
    [
        lambda a, b: expected_orders(a, b, "12mo"),
        lambda a, b: predict(a, b, "12mo"),
        lambda a, b: order_probabilities(a, b, "12mo"),
        p_alive,
        expected_spend,
    ],
    ids=["expected_orders", "predict", "order_probabilities", "p_alive", "expected_spend"],
)
def test_fit_and_summary_in_the_wrong_order_are_named(call):
    summary = Summary.from_rfm([1, 0], [2, 0], [9, 9])
    fitted = given("bg-nbd", {"r": 0.25, "alpha": 4.5, "a": 0.8, "b": 2.4})
    with pytest.raises(InputError, match="needed, not Summary and Fitted"):
        call(summary, fitted)
