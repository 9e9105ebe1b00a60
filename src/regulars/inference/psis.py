"""Pareto-smoothed importance sampling: steady weights, and a number that tells if they can be used.

Vehtari, Simpson, Gelman, Yao & Gabry, "Pareto Smoothed Importance Sampling", JMLR 25 (2024).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from regulars.inference.base import Floats

TRUSTED = 0.7  # k-hat above which the weights' mean converges too slowly to be used (sec. 3)

_PRIOR_SHAPE, _PRIOR_SIZE = 0.5, 10.0  # steadies k-hat in small tails (appendix C)
_FEWEST = 5  # ratios in a tail below which nothing can be said of its shape


def smooth(log_ratios: Floats) -> tuple[Floats, float]:
    """Normalised log-weights (n,) and k-hat, the shape of the ratios' tail.

    The largest min(n / 5, 3 sqrt(n)) ratios are replaced by the expected order statistics of the
    generalised Pareto distribution fitted to them, never above the largest raw one. k-hat is inf
    where too few ratios are finite.
    """
    logs = np.where(np.isnan(log_ratios), -np.inf, log_ratios)
    top = float(logs.max(initial=-np.inf))
    if not np.isfinite(top):
        return np.full(len(logs), -np.log(max(len(logs), 1))), np.inf
    logs = logs - top
    count = int(np.ceil(min(0.2 * len(logs), 3.0 * np.sqrt(len(logs)))))
    order = np.argsort(logs, kind="stable")
    tail = order[-count:]
    below = float(logs[order[-count - 1]]) if count < len(logs) else -np.inf
    if count < _FEWEST or not np.isfinite(below):
        return _normalised(logs), np.inf
    excess = np.exp(logs[tail]) - np.exp(below)
    if excess[-1] <= 1e-12:  # all ratios in the tail are the same: nothing to smooth
        return _normalised(logs), 0.0
    shape, scale = fit_pareto(np.maximum(excess, 1e-300))
    if np.isfinite(shape):
        chance = (np.arange(count) + 0.5) / count
        smoothed = np.log(np.exp(below) + pareto_quantile(chance, shape, scale))
        logs[tail] = np.minimum(smoothed, 0.0)
    return _normalised(logs), shape


def effective(log_weights: Floats) -> float:
    """How many equal draws are worth as much: 1 / sum of squared normalised weights."""
    return float(1.0 / np.exp(2.0 * log_weights).sum())


def fit_pareto(excess: Floats) -> tuple[float, float]:
    """Shape and scale of a generalised Pareto distribution for sorted positive values (n,).

    The empirical Bayes estimate of Zhang & Stephens, Technometrics 51 (2009), the shape drawn
    towards 1/2 as by ten more values.
    """
    n = len(excess)
    grid = 30 + int(np.sqrt(n))
    quartile = excess[int(n / 4 + 0.5) - 1]
    rise = 1.0 - np.sqrt(grid / (np.arange(1, grid + 1) - 0.5))
    theta = 1.0 / excess[-1] + rise / (3.0 * quartile)
    with np.errstate(all="ignore"):
        shapes = np.log1p(-np.multiply.outer(theta, excess)).mean(axis=1)
        profile = n * (np.log(-theta / shapes) - shapes - 1.0)
        weights = 1.0 / np.exp(profile - profile[:, None]).sum(axis=1)
        weights = np.where(np.isfinite(weights), weights, 0.0)
        best = float(theta @ weights) / float(weights.sum())
        shape = float(np.log1p(-best * excess).mean())
        scale = -shape / best
    return (n * shape + _PRIOR_SHAPE * _PRIOR_SIZE) / (n + _PRIOR_SIZE), scale


def pareto_quantile(chance: Floats, shape: float, scale: float) -> Floats:
    """Quantiles of the generalised Pareto distribution that starts at 0."""
    far = -np.log1p(-chance)
    return scale * (far if abs(shape) < 1e-12 else np.expm1(shape * far) / shape)


def resample(weights: Floats, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Indices (count,) drawn by weight at even steps, so each comes up as often as it should."""
    steps = (np.arange(count) + rng.random()) / count
    ends = np.cumsum(weights)
    return np.minimum(np.searchsorted(ends / ends[-1], steps, side="right"), len(weights) - 1)


def _normalised(logs: Floats) -> Floats:
    return logs - np.log(np.exp(logs).sum())
