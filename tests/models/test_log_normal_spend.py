"""Log-normal spend: what the likelihood says of means of orders, and how a customer is shrunk."""

import numpy as np
import pytest

from regulars.fitting.fit import fit
from regulars.models.log_normal_spend import LogNormalSpend
from regulars.terms.errors import DataError
from regulars.terms.summary import Summary

PARAMS = (26.0, 0.3, 0.25)
MODEL = LogNormalSpend()


def simulated(n, params=PARAMS, seed=0):
    """Customers with 0 to 11 repeat orders whose values follow the story exactly."""
    typical, between, within = params
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 12, n)
    level = np.log(typical) + np.sqrt(between) * rng.standard_normal(n)
    orders = np.exp(level[:, None] + np.sqrt(within) * rng.standard_normal((n, 11)))
    orders[np.arange(11) >= x[:, None]] = 0
    mean = orders.sum(1) / np.maximum(x, 1)
    return Summary.from_rfm(x, np.where(x > 0, 25.0, 0), np.full(n, 50.0), mean)


def test_one_order_has_the_log_normal_density():
    values = np.array([1.0, 26.0, 400.0])
    variance = 0.3 + 0.25
    apart = np.log(values / 26.0)
    expected = -0.5 * np.log(2 * np.pi * variance) - apart**2 / (2 * variance) - np.log(values)
    found = MODEL.log_likelihood(PARAMS, np.ones(3), values)
    np.testing.assert_allclose(found, expected, rtol=1e-13)


@pytest.mark.parametrize("x", [1.0, 2.0, 7.0, 1000.0])
def test_the_mean_of_orders_has_the_two_moments_of_the_story(x):
    """E[mean] and E[mean^2] of x log-normal values with a normal level, in closed form."""
    typical, between, within = PARAMS
    u, weight = np.polynomial.hermite_e.hermegauss(120)
    s = np.sqrt(3.0)  # a proposal that is wider than the density
    logs = np.log(typical) + s * u
    density = MODEL.log_likelihood(PARAMS, np.full(120, x), np.exp(logs)) + logs
    mass = weight * np.exp(density + u**2 / 2) * s
    mean = typical * np.exp((between + within) / 2)
    square = typical**2 * np.exp(2 * between + within) * (1 + np.expm1(within) / x)
    assert mass.sum() == pytest.approx(1, rel=1e-6)
    assert mass @ np.exp(logs) == pytest.approx(mean, rel=1e-6)
    assert mass @ np.exp(2 * logs) == pytest.approx(square, rel=1e-6)


def test_a_fit_finds_the_parameters_of_simulated_orders():
    """The moments of the mean are exact and its shape is not, so `within` comes out 8 % high."""
    found = fit(MODEL, simulated(40_000))
    assert found.report.verdict == "converged"
    assert found.params[0] == pytest.approx(26.0, rel=0.02)
    assert found.params[1:] == pytest.approx(PARAMS[1:], abs=0.03)


def test_expected_spend_is_right_on_average_for_every_count():
    summary = simulated(200_000, seed=3)
    x, mean = summary.repeat_orders.astype(float), summary.mean_spend
    expected = MODEL.expected_spend(PARAMS, x, mean)
    for count in (0, 1, 3, 11):
        rows = x == count
        assert expected[rows].mean() == pytest.approx(MODEL.population_mean(PARAMS), rel=0.02)


def test_more_orders_are_trusted_more():
    x = np.array([0.0, 1.0, 5.0, 50.0, 1e7])
    expected = MODEL.expected_spend(PARAMS, x, np.full(5, 200.0))
    assert expected[0] == pytest.approx(MODEL.population_mean(PARAMS))
    assert (np.diff(expected) > 0).all()
    assert expected[-1] == pytest.approx(200.0, rel=1e-5)
    assert MODEL.expected_spend(PARAMS, np.ones(1), np.zeros(1))[0] == expected[0]


def test_customers_whose_values_are_all_larger_are_the_same_customers():
    x, mean = np.array([1.0, 4.0]), np.array([12.0, 80.0])
    larger = MODEL.scaled(PARAMS, 7.0)
    np.testing.assert_allclose(
        MODEL.expected_spend(larger, x, 7 * mean), 7 * MODEL.expected_spend(PARAMS, x, mean)
    )
    np.testing.assert_allclose(
        MODEL.log_likelihood(larger, x, 7 * mean),
        MODEL.log_likelihood(PARAMS, x, mean) - np.log(7),
    )


def test_drawn_totals_have_the_mean_and_the_variance_of_the_story():
    rng = np.random.default_rng(2)
    drawn = MODEL.sample_total_ratio(PARAMS, 0.0, np.full(400_000, 3), rng)
    square = np.exp(0.3) * (1 + np.expm1(0.25) / 3)
    assert drawn.mean() == pytest.approx(3, rel=0.01)
    assert drawn.var() == pytest.approx(9 * (square - 1), rel=0.05)
    assert (MODEL.sample_total_ratio(PARAMS, 2.0, np.zeros(5, int), rng) == 0).all()


def test_without_values_there_is_nothing_to_fit():
    with pytest.raises(DataError, match="no amounts"):
        fit(MODEL, Summary.from_rfm([1], [1], [2]))
    with pytest.raises(DataError, match="positive value"):
        fit(MODEL, Summary.from_rfm([1, 0], [1, 0], [2, 2], [0.0, 0.0]))
