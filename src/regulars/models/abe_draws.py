"""Draws of the two log-normal rates of customers who are still there, by exact rejection."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from regulars.models.abe_nodes import Pair

Floats = NDArray[np.float64]

_NEWTON = 60
_ROUNDS = 10_000


def draw_alive(pair: Pair, x: float, T: float, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Draw (lambda, mu), one for each entry of `pair`, given x orders and being there at T.

    Their log-density in (a, b) is -(a^2 + b^2) / 2 + x log lambda - (lambda + mu) T. Where T exp()
    is replaced by its tangent at the mode it is normal with that mode, which is above it
    everywhere. Where the orders say more of lambda than the normal does, the normal's parabola in
    `a` is replaced by its tangent instead: lambda is then proposed from a Gamma distribution.
    """
    size = len(pair.mean_l)
    a0, b0 = _mode(pair, x, T)
    rate0, drop0 = np.exp(pair.log_rate(a0)), np.exp(pair.log_drop(a0) + pair.kappa * b0)
    tilt = pair.spread_m * pair.rho  # of log mu in a
    shape = x - (a0 + tilt * drop0 * T) / pair.spread_l  # equals rate0 T at the mode
    gamma = (shape * pair.spread_l**2 > 1.0) & (T > 0)
    rate, drop = np.empty(size), np.empty(size)
    left = np.arange(size)
    for _ in range(_ROUNDS):
        some = pair.select(left)
        by_gamma = gamma[left]
        b = b0[left] + rng.standard_normal(len(left))
        step = rng.standard_normal(len(left))
        drawn = rng.standard_gamma(np.where(by_gamma, np.maximum(shape[left], 1e-3), 1.0))
        log_lambda = np.log(np.maximum(drawn, 1e-300) / max(T, 1e-300))
        a = np.where(by_gamma, (log_lambda - some.mean_l) / some.spread_l, a0[left] + step)
        away = a - a0[left]
        grown = some.spread_l * away
        late = tilt[left] * away + some.kappa * (b - b0[left])
        fall = drop0[left] * T * (np.expm1(np.minimum(late, 600.0)) - late)
        by_rate = rate0[left] * T * (np.expm1(np.minimum(grown, 600.0)) - grown)
        fall += np.where(by_gamma, 0.5 * away * away, by_rate)
        kept = rng.exponential(size=len(left)) >= fall
        done = left[kept]
        rate[done] = np.exp(some.log_rate(a)[kept])
        drop[done] = np.exp((some.log_drop(a) + some.kappa * b)[kept])
        left = left[~kept]
        if not len(left):
            break
    rate[left], drop[left] = rate0[left], drop0[left]
    return rate, drop


def _mode(pair: Pair, x: float, T: float) -> tuple[Floats, Floats]:
    """Where the log-density is highest, by Newton's method with a limited step (it is concave)."""
    a, b = np.zeros_like(pair.mean_l), np.zeros_like(pair.mean_l)
    tilt, kappa, s = pair.spread_m * pair.rho, pair.kappa, pair.spread_l
    for _ in range(_NEWTON):
        rate = T * np.exp(np.minimum(pair.log_rate(a), 600.0))
        drop = T * np.exp(np.minimum(pair.log_drop(a) + kappa * b, 600.0))
        slope_a, slope_b = -a + x * s - s * rate - tilt * drop, -b - kappa * drop
        bend_aa = 1.0 + s * s * rate + tilt * tilt * drop
        bend_bb, bend_ab = 1.0 + kappa * kappa * drop, tilt * kappa * drop
        size = bend_aa * bend_bb - bend_ab * bend_ab
        step_a = (bend_bb * slope_a - bend_ab * slope_b) / size
        step_b = (bend_aa * slope_b - bend_ab * slope_a) / size
        longest = np.maximum(np.abs(step_a * s), np.abs(tilt * step_a + kappa * step_b))
        share = 1.0 / np.maximum(longest, 1.0)
        a, b = a + share * step_a, b + share * step_b
        if max(np.abs(step_a).max(initial=0.0), np.abs(step_b).max(initial=0.0)) < 1e-12:
            break
    return a, b
