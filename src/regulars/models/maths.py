"""Special functions and integrals that the models share, for floats, arrays and jets."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Kernel = Callable[[Floats, Floats], Floats]

# Bernoulli numbers B2, B4, ... B18 of the Stirling series
_BERNOULLI = np.array(
    [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798]
)
_TWICE = 2.0 * np.arange(1.0, 10.0)  # 2k
_SHIFT = 8  # the series is taken at this value or above
_HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)

_TAIL = 32.0  # the dropout integral is cut where its integrand is exp(-_TAIL) of its peak
_FREQUENCY = 18.0  # its trapezoidal rule has steps of 2 pi / _FREQUENCY or finer
_SHARP = 1e6  # a Beta(a, b) above it is two points
_BLOCK = 16384  # values at a time, to stay in cache
_TINY = 1e-300


def log_beta(a: Any, b: Any) -> Any:
    """Logarithm of the Beta function of positive floats, arrays or jets.

    Right to 1e-13 of max(1, |value|), also where one argument is so large that log Gamma(b) -
    log Gamma(a + b) would cancel: the recurrence shifts both by 8, and there the Stirling series
    (DLMF 5.11) of the three log Gamma are combined first.
    """
    shifted = 0.0
    for step in range(_SHIFT):
        shifted = shifted + (np.log(a + step) + np.log(b + step))
    for step in range(2 * _SHIFT):
        shifted = shifted - np.log(a + b + step)
    a, b = a + _SHIFT, b + _SHIFT
    both = a + b
    value = (a - 0.5) * np.log1p(b / a) + (b - 0.5) * np.log1p(a / b) + 0.5 * np.log(both)
    rest = _stirling(a) + _stirling(b) - _stirling(both)
    return _HALF_LOG_2PI + rest - value - shifted


def log_beta_ratio(a: Any, b: Any, x: Any) -> Any:
    """Log B(a, b + x) - log B(a, b) for positive a, b and x >= 0: floats, arrays or jets.

    That is log E[(1 - p)^x] for p ~ Beta(a, b). Right to 1e-12 of max(1, |value|), also where a, b
    or x are so large that the logarithms of the Beta functions would cancel.
    """
    both, rest = a + b, 0.0
    for step in range(_SHIFT):
        rest = rest - np.log1p(a * x / ((b + step) * (both + step + x)))
    low, high = b + _SHIFT, both + _SHIFT
    rest = rest + (low - 0.5) * np.log1p(a * x / (low * (high + x))) - a * np.log1p(x / high)
    rest = rest + (_stirling(low + x) - _stirling(low)) - (_stirling(high + x) - _stirling(high))
    return rest - x * np.log1p(a / (low + x))


def _stirling(y: Any) -> Any:
    """What log Gamma(y) has beyond (y - 1/2) log y - y + log(2 pi) / 2, for y >= 8."""
    at = value_of(y)
    inverse = 1.0 / at
    square = inverse * inverse
    value = inverse * _polynomial(_BERNOULLI / (_TWICE * (_TWICE - 1.0)), square)
    chain = getattr(y, "chain", None)
    if chain is None:
        return value
    slope = -square * _polynomial(_BERNOULLI / _TWICE, square)
    return chain(value, slope, inverse * square * _polynomial(_BERNOULLI, square))


def _polynomial(coefficients: Floats, at: Any) -> Any:
    value = coefficients[-1]
    for coefficient in coefficients[-2::-1]:
        value = value * at + coefficient
    return value


def value_of(a: Any) -> Any:
    """The plain value of a jet; floats and arrays are their own."""
    return getattr(a, "value", a)


def log_growth(a: Any, t: Any, v: Any) -> Any:
    """log((a + t + v) / (a + t)) for a float or jet `a`, without cancellation for small v."""
    before = value_of(a) + t
    ratio = v / before
    chain = getattr(a, "chain", None)
    if chain is None:
        return np.log1p(ratio)
    after = 1.0 / (before + v)
    first = -ratio * after
    return chain(np.log1p(ratio), first, -first * (1.0 / before + after))


def saturation(k: Any, u: Any) -> Floats:
    """[1 - (1 + u)^-k] / (k u), which is 1 at u = 0 and log(1 + u) / u at k = 0."""
    u = np.maximum(u, _TINY)
    slope = np.log1p(u)
    power = k * slope
    power = np.where(np.abs(power) < _TINY, _TINY, power)
    return np.expm1(-power) / power * slope / -u


def expected_until_dropout(
    shape: ArrayLike, rate: ArrayLike, a: ArrayLike, b: ArrayLike, horizon: ArrayLike
) -> Floats:
    """E over p ~ Beta(a, b) of [1 - (1 + p horizon / rate)^-shape] / p.

    The orders up to `horizon` of a customer whose order rate is Gamma(shape, rate) and who drops
    out after each order with probability p. Everything broadcasts; shape >= 0, the others
    positive, horizon >= 0 or inf, where it is E[1/p] = (a + b - 1) / (a - 1), infinite for
    a <= 1. Relative error below 1e-9 for any arguments.
    Source: Fader, Hardie & Lee (2005), eq. 10, without the 2F1: the integral over p is positive.
    """
    shape, rate, a, b, horizon = _broadcast(shape, rate, a, b, horizon)
    ratio = horizon / rate
    finite = np.isfinite(ratio)
    value = np.where(shape > 0.0, _mean_reciprocal(a, b), 0.0)
    k, u = shape[finite], ratio[finite]
    value[finite] = k * u * _mean_over_dropout(saturation, k, u, a[finite], b[finite])
    return value


def expected_time_until_dropout(
    shape: ArrayLike, rate: ArrayLike, a: ArrayLike, b: ArrayLike, cap: ArrayLike
) -> Floats:
    """E[min(lifetime, cap)]: rate / k E over p ~ Beta(a, b) of [1 - (1 + p cap / rate)^-k] / p.

    Here k = shape - 1, and the value passes smoothly through k = 0. The lifetime given the order
    rate and p is exponential with rate (order rate) p. cap = inf gives the mean lifetime, which is
    infinite for shape <= 1 or a <= 1. Everything broadcasts. Relative error below 1e-9.
    """
    shape, rate, a, b, cap = _broadcast(shape, rate, a, b, cap)
    ratio = cap / rate
    finite = np.isfinite(ratio)
    k = np.where(shape > 1.0, shape - 1.0, np.nan)
    value = np.where(shape > 1.0, rate / k * _mean_reciprocal(a, b), np.inf)
    part = shape[finite] - 1.0, ratio[finite], a[finite], b[finite]
    value[finite] = cap[finite] * _mean_over_dropout(saturation, *part)
    return value


def survival_until_dropout(
    shape: ArrayLike, rate: ArrayLike, a: ArrayLike, b: ArrayLike, ahead: ArrayLike
) -> Floats:
    """E over p ~ Beta(a, b) of (1 + p ahead / rate)^-shape: P(no order within `ahead` is the last).

    Everything broadcasts; 0 where `ahead` is inf. Relative error below 1e-9.
    """
    shape, rate, a, b, ahead = _broadcast(shape, rate, a, b, ahead)
    ratio = ahead / rate
    finite = np.isfinite(ratio)
    value = np.zeros(shape.shape)
    value[finite] = _mean_over_dropout(_decay, shape[finite], ratio[finite], a[finite], b[finite])
    return np.minimum(value, 1.0)


def _decay(k: Floats, u: Floats) -> Floats:
    """(1 + u)^-k."""
    return np.exp(-k * np.log1p(u))


def _broadcast(*values: ArrayLike) -> list[Floats]:
    return list(np.broadcast_arrays(*(np.asarray(value, dtype=np.float64) for value in values)))


def _mean_reciprocal(a: Floats, b: Floats) -> Floats:
    """E[1/p] for p ~ Beta(a, b)."""
    return 1.0 + np.divide(b, a - 1.0, out=np.full(a.shape, np.inf), where=a > 1.0)


def _mean_over_dropout(f: Kernel, k: Floats, u: Floats, a: Floats, b: Floats) -> Floats:
    """E over p ~ Beta(a, b) of f(k, p u), for 1-d arrays and f `saturation` or `_decay`; k >= -1.

    Where `a` is huge p hardly varies: the two points that share its mean and variance are then
    right to its standard deviation (below 1e-3 of the mean) to the fourth power.
    """
    sharp = a > _SHARP
    if not sharp.any():
        return _mean_by_trapezoids(f, k, u, a, b)
    value = np.empty(len(k))
    mean = a[sharp] / (a[sharp] + b[sharp])
    apart = np.sqrt(b[sharp] / (a[sharp] * (a[sharp] + b[sharp] + 1.0)))  # relative
    points = [f(k[sharp], u[sharp] * mean * (1.0 + side * apart)) for side in (-1, 1)]
    value[sharp] = (points[0] + points[1]) / 2.0
    wide = ~sharp
    value[wide] = _mean_by_trapezoids(f, k[wide], u[wide], a[wide], b[wide])
    return value


def _mean_by_trapezoids(f: Kernel, k: Floats, u: Floats, a: Floats, b: Floats) -> Floats:
    """The same for any `a`.

    Both this integral and the Beta function that normalises it are taken by one trapezoidal rule
    in z, where logit p = y(z) = z - exp(low - z) + exp(z - high). Between `low` and `high` lie
    all places where the integrand bends; beyond them y(z) makes its exponential tails double
    exponential, so that small a and b cost no extra nodes (Takahasi & Mori 1974). All terms are
    positive. The error of the rule is the Fourier transform of the integrand at 2 pi / step,
    about |B(a + i w, b - i w)| / B(a, b), which sets the step.
    """
    start, stop, low, high, peak = _dropout_range(f, k, u, a, b)
    steep = b if f is saturation else b + k  # of the falling side
    frequency = np.sqrt(_FREQUENCY**2 + 56.0 * np.minimum(a, steep))
    needed = np.ceil((stop - start) * frequency / (2.0 * np.pi)) + 1.0
    count = (np.clip(needed, 16.0, 4096.0).astype(np.int64) + 7) // 8 * 8
    order = np.argsort(count, kind="stable")
    sizes, firsts = np.unique(count[order], return_index=True)
    value = np.empty(len(k))
    for nodes, first, last in zip(sizes, firsts, np.append(firsts, len(k))[1:], strict=True):
        along = np.linspace(0.0, 1.0, nodes)[:, None]
        rows = max(1, _BLOCK // int(nodes))
        for block in range(first, last, rows):
            i = order[block : min(block + rows, last)]
            z = start[i] + (stop[i] - start[i]) * along
            left = np.exp(low[i] - z)
            right = np.exp(low[i] - high[i]) / left
            log_p, log_rest = _log_both(z - left + right)
            weight = np.exp(a[i] * log_p + b[i] * log_rest - peak[i])
            weight *= 1.0 + left + right
            mean = np.einsum("nr,nr->r", weight, f(k[i], u[i] * np.exp(log_p)))
            value[i] = mean / weight.sum(axis=0)
    return value


def _log_both(y: Floats) -> tuple[Floats, Floats]:
    """Log p and log(1 - p) where y = logit p."""
    soft = np.log1p(np.exp(-np.abs(y)))
    return np.minimum(y, 0.0) - soft, np.minimum(-y, 0.0) - soft


def _dropout_range(
    f: Kernel, k: Floats, u: Floats, a: Floats, b: Floats
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """First and last z, `low`, `high`, and the log of the Beta integrand's peak.

    The cuts in y start outside of the level sought, and Newton steps on a concave function
    approach it from there, so they never cut too much.
    """

    def log_beta(y: Floats) -> Floats:
        log_p, log_rest = _log_both(y)
        return a * log_p + b * log_rest

    def log_whole(y: Floats) -> Floats:
        return log_beta(y) + np.log(np.maximum(f(k, u * np.exp(_log_both(y)[0])), _TINY))

    mode = np.log(a) - np.log(b)
    low = -np.log(np.maximum(np.maximum(b, 1.0), u * np.maximum(k, 1.0)))
    high = np.log(np.maximum(a, 1.0))
    peak = log_beta(mode)
    floor = np.maximum(log_whole(mode), log_whole(low)) - _TAIL
    ceiling = peak - _TAIL
    log_p = floor / a  # log_beta <= a log p
    first = log_p - np.log(-np.expm1(log_p))
    soft = -ceiling / b  # log_beta <= -b log(1 + exp(y))
    last = soft + np.log(-np.expm1(-soft))
    for _ in range(4):
        first = first - (log_beta(first) - floor) / (a - (a + b) * np.exp(_log_both(first)[0]))
        last = last - (log_beta(last) - ceiling) / (a - (a + b) * np.exp(_log_both(last)[0]))
    start = np.where(first < low, low - np.log1p(np.maximum(low - first, 0.0)), first)
    stop = np.where(last > high, high + np.log1p(np.maximum(last - high, 0.0)), last)
    start = start - np.exp(np.minimum(first - high, 0.0))
    stop = stop + np.exp(np.minimum(low - last, 0.0))
    return start, stop, low, high, peak
