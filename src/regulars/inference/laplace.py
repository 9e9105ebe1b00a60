"""Laplace: the normal distribution that fits the log-density at its top."""

from __future__ import annotations

import numpy as np

from regulars.inference.base import Draws, Floats, Target
from regulars.inference.maximum_likelihood import maximise

WIDEST = 1.5  # standard deviation at which any direction is held, in log-parameters


class Laplace:
    """Draws from a normal distribution: mean at the maximum, covariance from the Hessian there.

    Good where the data speak clearly; in log-parameters skewness is mostly gone. A direction
    that the data leave open is held at a spread of `WIDEST`, so draws stay usable.
    """

    name = "laplace"

    def draw(self, target: Target, start: Floats, count: int, seed: int) -> Draws:
        """Draw `count` points from the normal approximation."""
        top = maximise(target, start)
        return Draws(normal_draws(top.point, top.covariance(), count, seed))


def normal_draws(mean: Floats, covariance: Floats, count: int, seed: int) -> Floats:
    """Draws (count, k) from a normal distribution, no direction wider than `WIDEST`."""
    variance, directions = np.linalg.eigh(covariance)
    spread = np.sqrt(np.clip(variance, 0.0, WIDEST**2))
    noise = np.random.default_rng(seed).standard_normal((count, len(mean)))
    return mean + (noise * spread) @ directions.T
