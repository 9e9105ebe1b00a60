"""Spend: Gamma-Gamma where it has a mean, shrinkage where it has not, never a negative value."""

import numpy as np
import pytest

from regulars.fitting.spend import GammaGammaSpend, ShrunkSpend, fit_spend
from regulars.terms.summary import Summary


def base(mean_spend, x):
    x = np.asarray(x)
    age = np.full(len(x), 50.0)
    return Summary.from_rfm(x, np.where(x > 0, 25.0, 0), age, mean_spend)


def gamma_gamma(n, p, q, v, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 12, n)
    rate = rng.gamma(q, 1 / v, n)
    many = np.maximum(x, 1)
    return base(np.where(x > 0, rng.gamma(p * many) / (many * rate), 0.0), x)


def test_gamma_gamma_is_taken_where_it_has_a_mean():
    spend = fit_spend(gamma_gamma(4_000, 6.0, 4.0, 15.0))
    assert isinstance(spend, GammaGammaSpend)
    assert spend.expected(np.array([0.0]), np.array([0.0]))[0] == pytest.approx(30, rel=0.1)


def test_without_a_mean_each_customer_is_shrunk_and_the_reader_told():
    spend = fit_spend(gamma_gamma(4_000, 6.0, 0.7, 15.0))
    assert isinstance(spend, ShrunkSpend)
    assert "no mean" in spend.note
    values = spend.expected(np.array([0.0, 1, 10]), np.array([0.0, 1e4, 1e4]))
    assert np.isfinite(values).all()
    assert (values > 0).all()
    assert values[2] > values[1] > values[0]


def test_too_few_buyers_are_shrunk_too():
    spend = fit_spend(base([20.0, 30.0, 0.0], [2, 3, 0]))
    assert isinstance(spend, ShrunkSpend)
    assert 15 < spend.expected(np.array([0.0]), np.array([0.0]))[0] < 40


def test_amounts_all_alike_stay_that_amount():
    spend = fit_spend(base(np.full(200, 10.0), np.full(200, 3)))
    assert spend.expected(np.array([0.0, 3.0]), np.array([0.0, 10.0])) == pytest.approx(
        10, rel=0.01
    )


def test_nobody_came_back_means_no_value_is_claimed():
    spend = fit_spend(base(np.zeros(50), np.zeros(50, int)))
    assert np.isnan(spend.expected(np.zeros(2), np.zeros(2))).all()
    assert "No repeat order" in spend.note


def test_few_buyers_make_the_value_of_an_order_less_sure():
    few, many = gamma_gamma(60, 6.0, 4.0, 15.0), gamma_gamma(6_000, 6.0, 4.0, 15.0)
    found = []
    for summary in (few, many):
        x = summary.repeat_orders.astype(float)
        found.append(fit_spend(summary).log_variance(x, summary.mean_spend, np.ones(len(x))))
    assert 0 < found[1] < 0.05 * found[0]


def test_orders_without_amounts_have_no_spend():
    assert fit_spend(Summary.from_rfm([1], [1], [2])) is None


def test_shrinkage_keeps_the_total_that_was_seen():
    summary = gamma_gamma(2_000, 3.0, 0.8, 10.0)
    spend = fit_spend(summary)
    x, mean = summary.repeat_orders.astype(float), summary.mean_spend
    expected = spend.expected(x, mean)
    assert (x * expected)[x > 0].sum() == pytest.approx((x * mean)[x > 0].sum(), rel=1e-6)


@pytest.mark.parametrize("q", [4.0, 0.7])
def test_drawn_totals_have_the_expected_value_as_their_mean(q):
    spend = fit_spend(gamma_gamma(4_000, 6.0, q, 15.0))
    rng = np.random.default_rng(1)
    ratio = spend.total_ratio(3.0, np.full(200_000, 4), rng)
    assert ratio.mean() == pytest.approx(4.0, rel=0.03)
    assert (spend.total_ratio(3.0, np.zeros(10, int), rng) == 0).all()
