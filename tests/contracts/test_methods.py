"""What every method of inference must satisfy: right on known targets, and repeatable.

Each target is made of numbers (customers of a kind), so that it can also be drawn anew.
"""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest

from regulars.fitting.methods import METHODS
from regulars.inference.base import Evaluation
from regulars.terms.errors import FitError, RegularsError

MEAN = np.array([0.5, -1.0, 2.0])
COVARIANCE = np.array([[0.04, 0.01, 0.0], [0.01, 0.09, -0.02], [0.0, -0.02, 0.25]])
MANY = {"bootstrap": 400, "nuts": 4000}  # draws of the slow ones

needs_nutpie = pytest.mark.skipif(find_spec("nutpie") is None, reason="nutpie is not installed")
methods = pytest.mark.parametrize(
    "method",
    [
        pytest.param(way.method, id=name, marks=needs_nutpie if name == "nuts" else ())
        for name, way in METHODS.items()
    ],
)


class Normal:
    """Normal log-density of a mean, given observations whose mean has COVARIANCE."""

    precision = np.linalg.inv(COVARIANCE)

    def __init__(self, numbers=None):
        if numbers is None:
            noise = np.random.default_rng(1).standard_normal((500, 3))
            noise -= noise.mean(axis=0)
            noise = noise @ np.linalg.inv(np.linalg.cholesky(np.cov(noise.T, bias=True))).T
            numbers = MEAN + np.sqrt(500) * noise @ np.linalg.cholesky(COVARIANCE).T
        self.numbers = numbers
        self.mean = numbers.mean(axis=0)

    def value(self, point):
        return self.evaluate(point).value

    def evaluate(self, point):
        away = self.precision @ (point - self.mean)
        return Evaluation(float(-0.5 * (point - self.mean) @ away), -away, -self.precision)

    def resample(self, rng):
        return type(self)(self.numbers[rng.integers(0, len(self.numbers), len(self.numbers))])


class Skewed:
    """Rate of exponential gaps in its logarithm, flat prior: Gamma(n, sum) for the rate."""

    def __init__(self, gaps=None):
        self.gaps = -np.log1p(-(np.arange(12) + 0.5) / 12) if gaps is None else gaps

    def value(self, point):
        return self.evaluate(point).value

    def evaluate(self, point):
        n, s = len(self.gaps), self.gaps.sum()
        with np.errstate(over="ignore"):
            rate = np.exp(point[0])
        return Evaluation(
            float(n * point[0] - s * rate), np.array([n - s * rate]), np.array([[-s * rate]])
        )

    def resample(self, rng):
        return Skewed(self.gaps[rng.integers(0, len(self.gaps), len(self.gaps))])


class Nowhere(Normal):
    def evaluate(self, point):
        return Evaluation(float("nan"), np.zeros(3), np.zeros((3, 3)))


def drawn(method, target, size, seed=4):
    return method.draw(target, np.zeros(size), MANY.get(method.name, 20_000), seed)


@methods
def test_draws_have_the_targets_mean_and_spread(method):
    draws = drawn(method, Normal(), 3)
    points = draws.points
    assert points.shape[1] == 3
    assert draws.trusted
    if len(points) == 1:
        np.testing.assert_allclose(points[0], MEAN, atol=1e-9)
        return
    error = np.sqrt(np.diag(COVARIANCE) / len(points))
    assert (np.abs(points.mean(axis=0) - MEAN) < 4 * error).all()
    bound = 6 * np.sqrt(np.outer(np.diag(COVARIANCE), np.diag(COVARIANCE)) / len(points))
    assert (np.abs(np.cov(points.T) - COVARIANCE) < bound).all()


@methods
def test_a_skewed_target_keeps_its_moments(method):
    """log Gamma(n, s): mean psi(n) - log s, variance psi'(n), third moment psi''(n)."""
    draws = drawn(method, Skewed(), 1)
    points, gaps = draws.points[:, 0], Skewed().gaps
    n, s = len(gaps), gaps.sum()
    if len(points) == 1:
        np.testing.assert_allclose(points[0], np.log(n / s), atol=1e-6)
        return
    if method.name == "bootstrap":  # of the maximum, whatever the prior
        again = np.random.default_rng(9).choice(gaps, (100_000, n))
        expected = -np.log(again.mean(axis=1))
        assert abs(points.mean() - expected.mean()) < 4 * expected.std() / np.sqrt(len(points))
        np.testing.assert_allclose(points.std(), expected.std(), rtol=0.15)
        return
    log_gamma = np.log(np.random.default_rng(9).gamma(n, 1 / s, 1_000_000))
    assert abs(points.mean() - log_gamma.mean()) < 4 * log_gamma.std() / np.sqrt(len(points))
    np.testing.assert_allclose(points.var(), log_gamma.var(), rtol=6 / np.sqrt(len(points) / 2))
    third = ((points - points.mean()) ** 3).mean() / points.std() ** 3
    assert abs(third - -0.295) < 0.2  # the skewness that the normal approximation misses


@methods
def test_a_seed_repeats_the_draws(method):
    first, again, other = (
        method.draw(Normal(), np.zeros(3), 40, seed).points for seed in (8, 8, 9)
    )
    np.testing.assert_array_equal(first, again)
    if len(first) > 1:
        assert len(first) == 40
        assert (first != other).any()


@methods
def test_a_start_without_density_is_an_error(method):
    with pytest.raises(FitError, match="not a finite number"):
        method.draw(Nowhere(), np.zeros(3), 10, seed=1)


@methods
def test_what_cannot_be_drawn_is_said(method):
    """A density with a wall: no draw lies behind it, and nothing is NaN."""

    class Walled(Normal):
        def evaluate(self, point):
            here = super().evaluate(point)
            return here if point[0] > 0.3 else Evaluation(-np.inf, *here[1:])

    try:
        draws = method.draw(Walled(), np.array([0.5, 0.0, 0.0]), 400, seed=2)
    except RegularsError:
        return
    assert (draws.points[:, 0] > 0.3).all() or not draws.trusted or method.name == "bootstrap"
    assert np.isfinite(draws.points).all()
