"""Laplace: draws from the shape of the log-density at its top, corrected by importance sampling."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from regulars.inference.base import Draws, Floats, Target
from regulars.inference.maximum_likelihood import maximise
from regulars.inference.psis import TRUSTED, effective, resample, smooth

WIDEST = 1.5  # standard deviation at which any direction is held, in coordinates

_TAILS = 7.0  # degrees of freedom of the proposals: heavier tails than the posterior's
_HEAVY = 4.0  # the same once the first proposals did not cover it
_ROUNDS = 4  # proposals, each shaped by the last one's weights
_LEAST = 2000  # proposals, for a steady k-hat


@dataclass(frozen=True, slots=True)
class _Proposal:
    """Multivariate t: centre (k,), a factor of the scale (k, k) and degrees of freedom."""

    centre: Floats
    factor: Floats
    freedom: float

    @classmethod
    def of(cls, centre: Floats, covariance: Floats, freedom: float) -> _Proposal:
        variance, directions = np.linalg.eigh(covariance)
        return cls(centre, directions * np.sqrt(np.clip(variance, 1e-16, WIDEST**2)), freedom)

    def draw(self, count: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Points (count, k) and their log-density, up to a constant."""
        size = len(self.centre)
        noise = rng.standard_normal((count, size))
        noise /= np.sqrt(rng.chisquare(self.freedom, count) / self.freedom)[:, None]
        power = 0.5 * (self.freedom + size)
        logs = -power * np.log1p((noise * noise).sum(axis=1) / self.freedom)
        return self.centre + noise @ self.factor.T, logs


class Laplace:
    """Draws at the top of the log-density, weighted to its true shape, and thinned.

    Proposals come from a multivariate t with the mode and curvature of the log-density; each is
    weighted by the true density over the proposed one, the weights are Pareto-smoothed, and
    equal draws are taken by weight. k-hat says whether that worked; above 0.7 the proposals are
    shaped anew by their weights, and if that does not help either the draws are those of the
    plain normal approximation and `words` says so. Good for up to some twenty parameters with
    one hump.
    """

    name = "laplace"

    def draw(self, target: Target, start: Floats, count: int, seed: int) -> Draws:
        """Draw `count` points, thinned from twice as many proposals and at least 2,000."""
        top = maximise(target, start)
        rng = np.random.default_rng(seed)
        proposal = _Proposal.of(top.point, top.covariance(), _TAILS)
        proposals, worst = max(2 * count, _LEAST), math.inf
        for _ in range(_ROUNDS):
            points, logs = proposal.draw(proposals, rng)
            heights = np.array([target.value(point) for point in points])
            weights, shape = smooth(heights - logs)
            worst = min(worst, shape)
            if shape <= TRUSTED:
                return _weighted(points, weights, shape, count, rng)
            proposal = _reshaped(points, np.exp(weights))
        return _plain(top.point, top.covariance(), worst, count, seed)


def normal_draws(mean: Floats, covariance: Floats, count: int, seed: int) -> Floats:
    """Draws (count, k) from a normal distribution, no direction wider than `WIDEST`."""
    variance, directions = np.linalg.eigh(covariance)
    spread = np.sqrt(np.clip(variance, 0.0, WIDEST**2))
    noise = np.random.default_rng(seed).standard_normal((count, len(mean)))
    return mean + (noise * spread) @ directions.T


def _weighted(
    points: Floats, weights: Floats, shape: float, count: int, rng: np.random.Generator
) -> Draws:
    worth = effective(weights)
    return Draws(
        points[resample(np.exp(weights), count, rng)][rng.permutation(count)],
        diagnostics={"pareto_k": shape, "ess": worth},
        words=(
            f"Importance sampling at the top: {len(points):,} proposals are worth {worth:,.0f} "
            f"independent draws, k-hat {shape:.2f} (up to {TRUSTED} is good)."
        ),
    )


def _reshaped(points: Floats, weights: Floats) -> _Proposal:
    """Proposals with the weighted mean and covariance of the last ones, and heavier tails."""
    centre = weights @ points
    away = points - centre
    return _Proposal.of(centre, (away * weights[:, None]).T @ away, _HEAVY)


def _plain(top: Floats, covariance: Floats, shape: float, count: int, seed: int) -> Draws:
    return Draws(
        normal_draws(top, covariance, count, seed),
        diagnostics={"pareto_k": shape, "ess": 0.0},
        trusted=False,
        words=(
            f"Importance sampling failed (k-hat {shape:.2f} is above {TRUSTED}): these are draws "
            "of the plain normal approximation at the top, whose spread may be far off. Use "
            "method='nuts' (--method nuts), or a prior that says more."
        ),
    )
