"""Spend: the model that fits, shrinkage where it has no mean, never a negative value."""

import numpy as np
import pytest

from regulars.fitting.spend import GammaGammaSpend, LogNormalSpending, ShrunkSpend, fit_spend
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


def log_normal(n, link=0.0, first=None, seed=0):
    """Customers of log-normal orders whose level moves with log2(1 + x) and the first order."""
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 16, n)
    level = 3 + 0.6 * rng.standard_normal(n) + link * np.log2(1 + x)
    orders = np.exp(level[:, None] + 0.7 * rng.standard_normal((n, 16)))
    begun = orders[:, 15].copy()
    orders[np.arange(16) >= x[:, None]] = 0
    mean = orders.sum(1) / np.maximum(x, 1)
    summary = Summary.from_rfm(
        x, np.where(x > 0, 25.0, 0), np.full(n, 50.0), mean, first_spend=begun if first else None
    )
    return summary, np.exp(level + 0.7**2 / 2)


def test_a_log_normal_is_taken_where_it_fits_better():
    summary, _ = log_normal(6_000)
    spend = fit_spend(summary)
    assert isinstance(spend, LogNormalSpending)
    assert "fits better than Gamma-Gamma" in spend.findings[0]
    assert spend.report.parameters["between"] == pytest.approx(0.36, abs=0.06)
    rng = np.random.default_rng(1)
    ratio = spend.total_ratio(3.0, np.full(200_000, 4), rng)
    assert ratio.mean() == pytest.approx(4.0, rel=0.03)
    x, mean = summary.repeat_orders.astype(float), summary.mean_spend
    assert 0 < spend.log_variance(x, mean, np.ones(len(x))) < 1e-3


def test_gamma_gamma_says_what_it_was_held_against():
    spend = fit_spend(gamma_gamma(6_000, 6.0, 4.0, 15.0))
    assert spend.findings[0].startswith("Gamma-Gamma gives what an order is worth; it fits better")
    assert "No link" in spend.findings[1]


def test_the_first_order_tells_what_one_time_buyers_will_spend():
    summary, truth = log_normal(6_000, first=True)
    x, mean, first = summary.repeat_orders.astype(float), summary.mean_spend, summary.first_spend
    spend = fit_spend(summary)
    assert spend.report.parameters["first_factor"] == pytest.approx(2 ** (0.36 / 0.85), rel=0.05)
    once = x == 0
    found = spend.expected(x, mean, first)[once]
    blind = spend.expected(x, mean)[once]
    assert found.sum() == pytest.approx(truth[once].sum(), rel=0.1)
    assert np.abs(found - truth[once]).mean() < 0.85 * np.abs(blind - truth[once]).mean()
    assert len(np.unique(blind)) == 1


def test_a_first_order_that_tells_nothing_is_not_read():
    summary = gamma_gamma(3_000, 6.0, 4.0, 15.0)
    noise = np.random.default_rng(8).gamma(2.0, 10.0, 3_000)
    x, mean = summary.repeat_orders, summary.mean_spend
    told = Summary(x, summary.last_order_age, summary.age, mean, first_spend=noise)
    assert fit_spend(told).report.parameters == fit_spend(summary).report.parameters


def test_a_first_order_of_nothing_is_as_good_as_unknown():
    summary, _ = log_normal(3_000, first=True)
    spend = fit_spend(summary)
    x, mean = np.zeros(3), np.zeros(3)
    found = spend.expected(x, mean, np.array([0.0, -5.0, 1e12]))
    assert found[0] == found[1] == spend.expected(x, mean)[0]
    assert np.isfinite(found).all()


def test_a_strong_link_with_frequency_is_modelled_and_said():
    summary, truth = log_normal(6_000, link=0.35)
    spend = fit_spend(summary)
    x, mean = summary.repeat_orders.astype(float), summary.mean_spend
    assert spend.report.parameters["order_factor"] == pytest.approx(np.exp(0.35), rel=0.06)
    assert "It is modelled" in spend.findings[1]
    found = spend.expected(x, mean)
    one_more = np.exp(3 + (0.36 + 0.49) / 2 + 0.35)  # the prior of who orders again
    assert found[x == 0].mean() == pytest.approx(one_more, rel=0.1)
    many = x == 15
    assert found[many].mean() == pytest.approx(truth[many].mean(), rel=0.06)


def test_a_link_too_small_to_be_modelled_is_said():
    spend = fit_spend(log_normal(20_000, link=0.05)[0])
    assert "order_factor" not in spend.report.parameters
    assert "spend 5% more an order" in spend.findings[1]
    assert "from which it is modelled" in spend.findings[1]


def test_weights_are_repeated_rows():
    plain, _ = log_normal(300, link=0.4, first=True)
    rows = np.repeat(np.arange(300), np.random.default_rng(2).integers(1, 4, 300))
    weight = np.bincount(rows, minlength=300)
    many = plain.select(rows)
    once = Summary(
        plain.repeat_orders,
        plain.last_order_age,
        plain.age,
        plain.mean_spend,
        weight=weight,
        first_spend=plain.first_spend,
    )
    found = [tuple(fit_spend(s).report.parameters.values()) for s in (once, many)]
    assert found[0] == pytest.approx(found[1], rel=1e-6)


def test_the_choice_on_a_part_of_many_buyers_does_not_depend_on_their_order():
    summary, _ = log_normal(60_000, first=True)
    mixed = summary.select(np.random.default_rng(3).permutation(60_000))
    one, two = fit_spend(summary), fit_spend(mixed)
    assert one.findings == two.findings
    assert one.report.customers == int((summary.repeat_orders > 0).sum())
    assert one.report.parameters == pytest.approx(two.report.parameters, rel=1e-6)
