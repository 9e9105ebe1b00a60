"""What every model must say of the chances of staying and of each number of orders."""

from __future__ import annotations

import numpy as np
import pytest

from contracts.test_models import PARAMS, UNUSUAL, heavy_apart, of
from regulars.fitting.registry import ORDER_MODELS, PERIODIC

pytestmark = pytest.mark.slow  # runs in .ci/run

# how far two approximations of the same renewals may lie apart
NEAR = {"pareto-ggg": 0.03}

models = pytest.mark.parametrize("model", ORDER_MODELS.values(), ids=ORDER_MODELS.keys())
quick = pytest.mark.parametrize("model", heavy_apart(ORDER_MODELS))


def moments():
    """Gauss-Legendre times and widths in 52 weeks."""
    points, weights = np.polynomial.legendre.leggauss(40)
    return 26.0 * (points + 1.0), 26.0 * weights


def periods():
    """The 52 next whole periods."""
    return np.arange(1.0, 53.0), np.ones(52)


@models
def test_staying_is_a_survival_and_its_area_the_lifetime(model):
    x, T = np.meshgrid([0.0, 1.0, 3.0, 40.0, 10_000.0], [0.1, 5.0, 40.0, 10_000.0])
    for params in (PARAMS[model.name], *UNUSUAL[model.name]):
        before = np.ones(x.shape)
        for ahead in (0.0, 1e-3, 1.0, 39.0, 5e3, 1e7):
            now = model.survival_alive(params, of(model, x, T), ahead)
            assert now.shape == x.shape
            assert ((now >= 0) & (now <= before * (1 + 1e-9))).all(), ahead
            if ahead == 0:
                np.testing.assert_allclose(now, 1.0, rtol=1e-12)
            before = now
        assert not np.isnan(model.survival_alive(params, of(model, x, T), np.inf)).any()
        few = of(model, [0.0, 3.0, 40.0], [5.0, 40.0, 70.0])
        times, widths = periods() if model.name in PERIODIC else moments()
        area = sum(
            width * model.survival_alive(params, few, time)
            for time, width in zip(times, widths, strict=True)
        )
        life = model.expected_lifetime_alive(params, few, 52.0)
        np.testing.assert_allclose(area, life, rtol=1e-4)


@quick
def test_order_probabilities_add_up_to_the_expectation(model):
    x, T = np.array([0.0, 1.0, 3.0, 40.0]), np.array([0.5, 9.0, 25.0, 60.0])
    history = of(model, x, T)
    for params in (PARAMS[model.name], *UNUSUAL[model.name]):
        for horizon in (0.0, 1.0 if model.name in PERIODIC else 0.3, 4.0):
            chance = model.order_probabilities_alive(params, history, horizon, 400)
            assert chance.shape == (401, 4)
            assert ((chance >= 0) & (chance <= 1)).all()
            assert (chance.sum(0) <= 1 + 1e-9).all()
            if horizon == 0:
                np.testing.assert_allclose(chance[0], 1.0, rtol=1e-12)
            rest = np.maximum(1.0 - chance.sum(0), 0.0)
            known = rest < 1e-9
            mean = (np.arange(401)[:, None] * chance).sum(0)
            expected = model.expected_orders_alive(params, history, horizon)
            near = NEAR.get(model.name, 1e-6)
            np.testing.assert_allclose(
                mean[known], expected[known], rtol=near, atol=max(1e-6, near / 20)
            )
            few = model.order_probabilities_alive(params, history, horizon, 2)
            np.testing.assert_allclose(few, chance[:3], rtol=1e-7, atol=1e-15)
        far = model.order_probabilities_alive(params, of(model, 1e4, 1e4), 1e7, 5)
        assert ((far >= 0) & (far <= 1)).all()


@models
def test_one_customer_has_the_same_chances_alone(model):
    x, T = np.array([0.0, 1.0, 7.0, 90.0]), np.array([3.0, 9.0, 25.0, 60.0])
    params = PARAMS[model.name]
    together = of(model, x, T)
    for i in range(len(x)):
        alone = of(model, x[i : i + 1], T[i : i + 1])
        for ask in (
            lambda h: model.order_probabilities_alive(params, h, 30.0, 6),
            lambda h: model.survival_alive(params, h, 30.0),
            lambda h: model.expected_orders_alive(params, h, 30.0),
            lambda h: model.expected_lifetime_alive(params, h, 30.0),
        ):
            np.testing.assert_allclose(ask(alone), ask(together)[..., i : i + 1], rtol=1e-11)


@models
def test_sampled_orders_have_the_stated_chances(model):
    n, params = 40_000, PARAMS[model.name]
    for x, T in ((0.0, 8.0), (3.0, 25.0)):
        drawn = model.sample_orders_alive(
            params, of(model, x, T), 30.0, np.random.default_rng(14), n
        )
        chance = model.order_probabilities_alive(
            params, of(model, np.array([x]), np.array([T])), 30.0, 4
        )[:, 0]
        seen = np.array([(drawn == j).mean() for j in range(5)])
        assert (np.abs(seen - chance) < 5 * np.sqrt(chance * (1 - chance) / n) + 1e-9).all()
