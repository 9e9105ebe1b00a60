"""Gamma-Gamma: what is kept of a summary, the conditional mean, and totals still to come."""

from __future__ import annotations

import numpy as np
import pytest

from regulars.fitting.fit import fit
from regulars.fitting.target import LogLikelihood
from regulars.inference.jets import variables
from regulars.models.gamma_gamma import GammaGamma
from regulars.terms.errors import DataError
from regulars.terms.summary import Summary

MODEL = GammaGamma()
PARAMS = (6.25, 3.74, 15.44)


def spending(n=500, seed=0, weight=False, params=PARAMS):
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 9, n)
    scale = rng.gamma(params[1], 1 / params[2], n)
    mean = rng.gamma(params[0] * np.maximum(x, 1)) / (scale * np.maximum(x, 1))
    many = rng.integers(1, 4, n) if weight else None
    return Summary(x, x * 1.0, x + 9.0, np.where(x > 0, mean, 0.0), weight=many)


@pytest.mark.parametrize("weight", [False, True])
def test_the_factored_likelihood_is_the_plain_one(weight):
    summary = spending(weight=weight)
    came = summary.repeat_orders > 0
    x, mean = summary.repeat_orders[came].astype(float), summary.mean_spend[came]
    many = summary.weight[came] if weight else 1.0
    target = LogLikelihood(MODEL, summary)
    assert target.data.customers == (many.sum() if weight else came.sum())
    for params in (PARAMS, (0.3, 0.9, 400.0), (80.0, 40.0, 0.3)):
        each = MODEL.log_likelihood(params, x, mean)
        assert target.value(np.log(params)) == pytest.approx((many * each).sum(), rel=1e-12)
        jet = MODEL.log_likelihood(variables(params), x, mean)
        assert jet.value == pytest.approx(each, rel=1e-13)
        here = target.evaluate(np.log(params))
        slope = [(many * jet.gradient[i]).sum() * params[i] for i in range(3)]
        assert here.gradient == pytest.approx(slope, rel=1e-10, abs=1e-8)


def test_a_density_integrates_to_1():
    grid = np.exp(np.linspace(-12, 22, 20_001))
    for x in (1.0, 4.0):
        density = np.exp(MODEL.log_likelihood(PARAMS, np.full(len(grid), x), grid))
        assert np.trapezoid(density * grid, np.log(grid)) == pytest.approx(1.0, abs=1e-9)


def test_only_repeat_buyers_with_a_value_count():
    summary = Summary(
        np.array([0, 2, 3, 1, 5]), np.ones(5), np.ones(5), np.array([9.0, 0.0, 20.0, -4.0, 30.0])
    )
    data = MODEL.prepare(summary)
    assert data.customers == 2
    assert data.counts.tolist() == [3, 5]
    assert data.spent.tolist() == [60, 150]


def test_missing_amounts_are_named():
    with pytest.raises(DataError, match="no amounts"):
        MODEL.prepare(Summary(np.array([1]), np.array([1.0]), np.array([2.0])))
    with pytest.raises(DataError, match="Nobody has a repeat order of positive value"):
        MODEL.prepare(Summary(np.array([0]), np.array([0.0]), np.array([2.0]), np.array([5.0])))


def test_the_conditional_mean_lies_between_the_own_and_the_populations():
    x, mean = np.array([0.0, 1.0, 4.0, 1e6]), np.array([0.0, 80.0, 80.0, 80.0])
    expected = MODEL.expected_spend(PARAMS, x, mean)
    population = MODEL.population_mean(PARAMS)
    assert population == pytest.approx(6.25 * 15.44 / 2.74)
    assert expected[0] == pytest.approx(population)
    assert (np.diff(expected) > 0).all()
    assert expected[3] == pytest.approx(80.0, rel=1e-4)


def test_the_conditional_mean_is_that_of_simulated_customers():
    """40 % of 400,000 customers with means in a narrow band: what they spend next."""
    rng = np.random.default_rng(3)
    p, q, v = PARAMS
    scale = rng.gamma(q, 1 / v, 400_000)
    mean = rng.gamma(p * 2, 1 / (scale * 2))
    nearby = (mean > 20) & (mean < 40)
    later = rng.gamma(p, 1 / scale[nearby])
    expected = MODEL.expected_spend(PARAMS, np.float64(2.0), mean[nearby])
    assert later.mean() == pytest.approx(expected.mean(), abs=4 * later.std() / nearby.sum() ** 0.5)


def test_a_tail_without_a_mean_is_said_to_have_none():
    heavy = (2.0, 0.8, 15.0)
    assert not MODEL.has_mean(heavy)
    assert MODEL.population_mean(heavy) is None
    expected = MODEL.expected_spend(heavy, np.array([0.0, 1.0]), np.array([0.0, 30.0]))
    assert np.isinf(expected[0])
    assert expected[1] == pytest.approx(45.0 * 2 / 1.8)
    assert MODEL.has_mean((2.0, 1.01, 15.0))


def test_drawn_totals_have_the_expected_mean_and_the_models_spread():
    rng = np.random.default_rng(7)
    orders = np.repeat([0, 1, 5], 60_000)
    ratio = MODEL.sample_total_ratio(PARAMS, 3.0, orders, rng)
    assert (ratio[orders == 0] == 0).all()
    for n in (1, 5):
        drawn = ratio[orders == n]
        below = 3.74 + 6.25 * 3 - 1
        mean = 6.25 * n / below
        variance = 6.25 * n * (6.25 * n + below) / (below**2 * (below - 1))
        assert drawn.mean() == pytest.approx(mean, abs=4.5 * drawn.std() / 60_000**0.5)
        assert drawn.var() == pytest.approx(variance, rel=0.05)


def test_drawn_totals_take_draws_of_the_parameters():
    many = tuple(np.full(40, value) for value in PARAMS)
    orders = np.arange(40)
    ratio = MODEL.sample_total_ratio(many, 2.0, orders, np.random.default_rng(1))
    assert ratio.shape == (40,)
    assert ratio[0] == 0.0
    assert (ratio[1:] > 0).all()


def test_a_simulated_shop_gives_its_parameters_back():
    fitted = fit("gamma-gamma", spending(n=20_000, seed=9))
    error = np.sqrt(np.diag(fitted.covariance))
    assert (np.abs(np.log(fitted.params) - np.log(PARAMS)) < 4 * error).all()
    assert error.max() < 0.2
