"""Pareto smoothing: the tail's shape is found, heavy weights are tamed, hopeless ones reported."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from hills import Hill
from regulars.inference.laplace import Laplace
from regulars.inference.psis import (
    TRUSTED,
    effective,
    fit_pareto,
    pareto_quantile,
    resample,
    smooth,
)


@pytest.mark.parametrize("shape", [-0.2, 0.0, 0.3, 0.7, 1.2])
def test_the_shape_of_a_tail_is_found(shape):
    chance = (np.arange(4000) + 0.5) / 4000
    excess = pareto_quantile(chance, shape, 2.0)
    found, scale = fit_pareto(excess)
    assert found == pytest.approx(shape, abs=0.02)
    assert scale == pytest.approx(2.0, rel=0.05)


def test_equal_ratios_keep_equal_weights():
    weights, shape = smooth(np.full(1000, -3.0))
    np.testing.assert_allclose(np.exp(weights), 1e-3)
    assert shape <= TRUSTED
    assert effective(weights) == pytest.approx(1000)


def test_weights_add_up_to_one_and_keep_their_order():
    logs = np.random.default_rng(1).standard_t(3, 2000)
    weights, _ = smooth(logs)
    assert np.exp(weights).sum() == pytest.approx(1.0)
    assert (np.diff(weights[np.argsort(logs)]) >= -1e-12).all()
    assert weights.max() <= np.log(np.exp(logs - logs.max()).sum() ** -1 * 3)


def test_k_hat_tells_narrow_proposals_from_wide_ones():
    """Normal proposals of width s for a unit normal: ratios have a tail of shape 1 - s^2."""
    rng = np.random.default_rng(3)
    for width, low, high in ((1.5, -2.0, 0.3), (0.8, 0.2, 0.6), (0.4, 0.7, 1.5)):
        z = rng.standard_normal(4000) * width
        _, shape = smooth(-0.5 * z**2 + 0.5 * (z / width) ** 2)
        assert low < shape < high


def test_what_has_no_finite_ratio_is_hopeless():
    weights, shape = smooth(np.full(100, -np.inf))
    assert shape == np.inf
    assert np.isfinite(weights).all()
    logs = np.zeros(500)
    logs[:10] = np.nan
    weights, _ = smooth(logs)
    assert (np.exp(weights)[:10] == 0).all()


def test_resampling_takes_each_as_often_as_it_should():
    weights = np.array([0.5, 0.25, 0.125, 0.125])
    counts = np.bincount(resample(weights, 800, np.random.default_rng(2)))
    np.testing.assert_allclose(counts, 800 * weights, atol=1)


def test_the_published_algorithm_gives_the_same_numbers():
    """ArviZ implements the same paper; weights agree to rounding."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        arviz = pytest.importorskip("arviz", exc_type=ImportError)
    if not hasattr(arviz, "psislw"):
        pytest.skip("ArviZ 1.0 has no psislw")
    logs = np.random.default_rng(1).standard_t(4, 2000) * 1.2
    mine, shape = smooth(logs)
    theirs, expected = arviz.psislw(logs.copy())
    np.testing.assert_allclose(mine, theirs, atol=1e-10)
    assert shape == pytest.approx(float(expected), abs=1e-10)


def test_a_hill_that_t_proposals_do_not_cover_is_said():
    """Two far humps: proposals at one never see the other, a cliff beyond makes k-hat large."""
    cauchy = Hill(
        lambda p: float(-0.55 * np.log1p(p @ p * 100)),
        lambda p: -1.1 * 100 * p / (1 + p @ p * 100),
        lambda p: (
            np.diag(np.full(3, -110.0)) / (1 + p @ p * 100)
            + 1.1 * 2e4 * np.outer(p, p) / (1 + p @ p * 100) ** 2
        ),
    )
    draws = Laplace().draw(cauchy, np.zeros(3), 500, seed=1)
    assert not draws.trusted
    assert "nuts" in draws.words
    assert draws.diagnostics["pareto_k"] > TRUSTED
    assert np.isfinite(draws.points).all()


def test_skewed_hills_are_covered_at_the_second_try():
    """A hill with one steep and one long side, far from the curve at its top."""
    hill = Hill(
        lambda p: float(2 * p[0] - np.exp(2 * p[0]) * 0.5),
        lambda p: np.array([2 - np.exp(2 * p[0])]),
        lambda p: np.array([[-2 * np.exp(2 * p[0])]]),
    )
    draws = Laplace().draw(hill, np.zeros(1), 20_000, seed=1)
    assert draws.trusted
    exact = 0.5 * np.log(np.random.default_rng(1).gamma(1.0, 2.0, 1_000_000))
    assert draws.points.mean() == pytest.approx(exact.mean(), abs=0.02)
    assert draws.points.std() == pytest.approx(exact.std(), rel=0.03)
