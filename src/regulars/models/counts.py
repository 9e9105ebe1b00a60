"""Chances of exactly j orders, from posterior rates: sums and integrals of positive terms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

OfTime = Callable[[Floats, Ints], Floats]  # of times (nodes, rows) and indices of the rows

_TINY = 1e-300
_FURTHEST = 600.0  # exponents up to here cannot overflow
_FRACTIONS = 2000  # terms of a continued fraction: enough for shapes to 1e6
_NODES, _SHARES = np.polynomial.legendre.leggauss(16)
_POINTS: Floats = 0.5 * (_NODES + 1.0)  # on [0, 1]
_WEIGHTS: Floats = 0.5 * _SHARES
_BLOCK = 16384  # values at a time, to stay in cache


def gamma_poisson(
    most: int, shape: ArrayLike, rate: ArrayLike, horizon: ArrayLike
) -> tuple[Floats, Floats]:
    """P(N = j) and P(N > j) for j = 0 .. most, two arrays (most + 1, ...).

    N counts a Poisson process over the horizon whose rate is Gamma(shape, rate): a negative
    binomial with q = horizon / (rate + horizon). Relative error below 1e-11, also in either tail.
    """
    shape, rate, horizon = np.broadcast_arrays(
        *(np.asarray(v, dtype=np.float64) for v in (shape, rate, horizon))
    )
    with np.errstate(divide="ignore", over="ignore"):
        grown = np.log1p(horizon / rate)
        log_q = -np.log1p(rate / horizon)
    logs = np.empty((most + 1, *shape.shape))
    logs[0] = -shape * grown
    for j in range(1, most + 1):
        logs[j] = logs[j - 1] + (np.log((shape + (j - 1)) / j) + log_q)
    chance = np.exp(logs)
    beyond = np.empty_like(chance)
    beyond[most] = _beyond(most, shape, log_q, logs[most], chance)
    for j in range(most, 0, -1):
        beyond[j - 1] = np.minimum(beyond[j] + chance[j], 1.0)
    return chance, beyond


def _beyond(most: int, shape: Floats, log_q: Floats, log_last: Floats, chance: Floats) -> Floats:
    """P(N > most): the rest of the sum where most of it is there, else a continued fraction.

    P(N >= m) is the regularised incomplete Beta function I_q(m, shape) (DLMF 8.17.22).
    """
    m, q = most + 1.0, np.exp(log_q)
    far = q * (m + shape + 2.0) < m + 1.0
    rest = np.asarray(np.maximum(1.0 - chance.sum(0), 0.0))
    s, q_far = shape[far], q[far]
    if not len(s):
        return rest
    front = np.exp(log_last[far] + log_q[far] + np.log((s + most) / m))  # P(N = m)
    rest[far] = front * _fraction(m, s, q_far)
    return rest


def _fraction(m: float, s: Floats, q: Floats) -> Floats:
    """P(N >= m) / P(N = m): the continued fraction of DLMF 8.17.22, by Lentz's method."""
    c, d = np.ones_like(q), _away(1.0 - (m + s) * q / (m + 1.0))
    d = 1.0 / d
    value = d.copy()
    going = np.ones(len(q), dtype=bool)
    for n in range(1, _FRACTIONS):
        change = np.ones_like(q)
        for step in (
            n * (s - n) * q / ((m + 2 * n - 1) * (m + 2 * n)),
            -(m + n) * (m + s + n) * q / ((m + 2 * n) * (m + 2 * n + 1)),
        ):
            d = 1.0 / _away(1.0 + step * d)
            c = _away(1.0 + step / c)
            change = c * d
            value = np.where(going, value * change, value)
        going &= np.abs(change - 1.0) > 1e-15
        if not going.any():
            break
    return value


def _away(values: Floats) -> Floats:
    return np.where(np.abs(values) < _TINY, _TINY, values)


def counts_until_exit(
    most: int,
    shape: ArrayLike,
    rate: ArrayLike,
    horizon: float,
    survival: OfTime,
    density: OfTime,
    scale: ArrayLike,
) -> Floats:
    """P(exactly j orders in the horizon) for j = 0 .. most of who may leave at any moment.

    Orders are a Poisson process whose rate is Gamma(shape, rate), independent of the moment of
    leaving: (most + 1, n) from

        P(N(h) = j) P(still there at h) + integral over u < h of P(N(u) = j) density(u),

    all positive, on Gauss-Legendre panels in log(1 + u / c). Relative error below 1e-9 where the
    survival is smooth on the scale of log u beyond `scale`.

    Args:
        most: the largest number of orders.
        shape: of the posterior of each customer's order rate (n,).
        rate: of the same (n,).
        horizon: how far to look; maybe inf.
        survival: P(there at T + u | there at T), for times u (nodes, rows) and the indices of
            the customers (rows,).
        density: minus the slope of it, for the same.
        scale: a time in which nobody's chance of leaving changes much (n,).
    """
    shape, rate, scale = np.broadcast_arrays(
        *(np.atleast_1d(np.asarray(v, dtype=np.float64)) for v in (shape, rate, scale))
    )
    c = np.minimum(rate / np.maximum(shape, 1.0), scale)
    with np.errstate(over="ignore"):
        width = np.minimum(np.log1p(horizon / c), _FURTHEST)
        end = c * np.expm1(width)
    everyone = np.arange(len(c))
    value = gamma_poisson(most, shape, rate, end)[0] * survival(end[None], everyone)[0]
    panels = np.maximum(np.ceil(width / min(1.0, 3.0 / np.sqrt(most + 1.0))), 1).astype(np.int64)
    for count in np.unique(panels):
        same = np.flatnonzero(panels == count)
        points, weights = _panels(int(count))
        size = max(1, _BLOCK // len(points))
        for begin in range(0, len(same), size):
            rows = same[begin : begin + size]
            w = points * width[rows]
            u = c[rows] * np.expm1(w)
            mass = weights * width[rows] * c[rows] * np.exp(w) * density(u, rows)
            value[:, rows] += _mixed(most, shape[rows], rate[rows], u, mass)
    return value


def _panels(count: int) -> tuple[Floats, Floats]:
    """Gauss-Legendre nodes and weights (nodes, 1) on [0, 1], cut into equal panels."""
    starts = np.arange(count, dtype=np.float64)[:, None]
    points: Floats = ((starts + _POINTS) / count).reshape(-1, 1)
    weights: Floats = np.tile(_WEIGHTS / count, count)[:, None]
    return points, weights


def _mixed(most: int, shape: Floats, rate: Floats, u: Floats, mass: Floats) -> Floats:
    """Sums over the nodes of mass x P(N(u) = j), (most + 1, rows)."""
    value = np.empty((most + 1, u.shape[1]))
    with np.errstate(divide="ignore"):
        log_q = -np.log1p(rate / u)
    logs = -shape * np.log1p(u / rate)
    value[0] = (mass * np.exp(logs)).sum(0)
    for j in range(1, most + 1):
        logs += np.log((shape + (j - 1)) / j) + log_q
        value[j] = (mass * np.exp(logs)).sum(0)
    return value


def poisson_until_exit(most: int, rate: Any, leaving: Any, horizon: float) -> Floats:
    """P(exactly j orders in the horizon) for known rates of ordering and of leaving.

    For j = 0 .. most, (most + 1, ...): for models that integrate over both rates by nodes. Either
    the customer is still there and ordered j times, or left after the j-th order: with m = rate +
    leaving, exp(-m h) (rate h)^j / j! + leaving / m (rate / m)^j P(Poisson(m h) > j).
    """
    rate, leaving = np.broadcast_arrays(
        np.asarray(rate, dtype=np.float64), np.asarray(leaving, dtype=np.float64)
    )
    both = np.maximum(rate + leaving, _TINY)
    share = rate / both
    powers = share ** np.arange(most + 1).reshape(-1, *(1,) * rate.ndim)
    if np.isinf(horizon):
        return powers * (leaving / both)
    mean = both * horizon
    chance = np.empty((most + 1, *rate.shape))
    with np.errstate(divide="ignore", invalid="ignore"):
        log_mean = np.log(mean)
    logs = -mean
    chance[0] = np.exp(logs)
    for j in range(1, most + 1):
        logs = logs + (log_mean - np.log(j))
        chance[j] = np.exp(logs)
    beyond = np.empty_like(chance)
    beyond[most] = _poisson_beyond(most, mean, logs, chance)
    for j in range(most, 0, -1):
        beyond[j - 1] = np.minimum(beyond[j] + chance[j], 1.0)
    return powers * (chance + leaving / both * beyond)


def _poisson_beyond(most: int, mean: Floats, log_last: Floats, chance: Floats) -> Floats:
    """P(Poisson > most): the rest of the sum, or a positive series where little is left."""
    rest = np.asarray(np.maximum(1.0 - chance.sum(0), 0.0))
    far = mean < most + 1.0
    term, value = np.ones_like(mean[far]), np.ones_like(mean[far])
    for i in range(2, _FRACTIONS):
        term = term * mean[far] / (most + i)
        value += term
        if (term <= 1e-17 * value).all():
            break
    rest[far] = np.exp(log_last[far]) * mean[far] / (most + 1.0) * value
    return rest
