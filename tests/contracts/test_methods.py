"""What every method of inference must satisfy: on a normal target it is right, and repeatable."""

from __future__ import annotations

import numpy as np
import pytest

from regulars.inference.base import Evaluation
from regulars.inference.laplace import Laplace
from regulars.inference.maximum_likelihood import MaximumLikelihood
from regulars.terms.errors import FitError

METHODS = [MaximumLikelihood(), Laplace()]
MEAN = np.array([0.5, -1.0, 2.0])
COVARIANCE = np.array([[0.04, 0.01, 0.0], [0.01, 0.09, -0.02], [0.0, -0.02, 0.25]])

methods = pytest.mark.parametrize("method", METHODS, ids=lambda m: m.name)


class Normal:
    """A normal log-density."""

    precision = np.linalg.inv(COVARIANCE)

    def value(self, point):
        return self.evaluate(point).value

    def evaluate(self, point):
        away = self.precision @ (point - MEAN)
        return Evaluation(float(-0.5 * (point - MEAN) @ away), -away, -self.precision)


class Nowhere(Normal):
    def evaluate(self, point):
        return Evaluation(float("nan"), np.zeros(3), np.zeros((3, 3)))


@methods
def test_draws_have_the_targets_mean_and_spread(method):
    points = method.draw(Normal(), np.zeros(3), 20_000, seed=4).points
    assert points.shape[1] == 3
    if len(points) == 1:
        np.testing.assert_allclose(points[0], MEAN, atol=1e-9)
        return
    error = 4 * np.sqrt(np.diag(COVARIANCE) / len(points))
    assert (np.abs(points.mean(axis=0) - MEAN) < error).all()
    np.testing.assert_allclose(np.cov(points.T), COVARIANCE, atol=0.01)


@methods
def test_a_seed_repeats_the_draws(method):
    first, again = (method.draw(Normal(), np.zeros(3), 50, seed=8).points for _ in range(2))
    np.testing.assert_array_equal(first, again)


@methods
def test_a_start_without_density_is_an_error(method):
    with pytest.raises(FitError, match="not a finite number"):
        method.draw(Nowhere(), np.zeros(3), 10, seed=1)
