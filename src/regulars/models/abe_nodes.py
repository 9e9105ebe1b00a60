"""Nodes of a customer's order rate and dropout rate, for integrals over a log-normal pair."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

EXACT = 26.0  # nats of relative error that the steps leave for a likelihood: 5e-12
CLOSE = 18.0  # the same for a prediction: 1.5e-8
_MARGIN = 4.0  # nats that the ends of the ranges lie deeper
_STRIP = 1.4  # how far into the complex plane exp(-t exp(y)) stays small, at most pi / 2
_CHUNK = 40_000  # nodes at a time, so that they stay in cache
_ROUNDED = 6  # counts of nodes are multiples of it, so that customers share a shape
_MOST = 1200  # nodes along one axis
_LEAST = 1e-9  # standard deviations below it change nothing
_NEVER = 1e-290
_NEWTON = 40
_HIGHEST = 690.0  # exponents up to here cannot overflow


@dataclass(frozen=True, slots=True)
class Pair:
    """(log lambda, log mu) = means + (spread_l a, spread_m (rho a + rest b)), a and b normal.

    Each attribute is an array with one entry for each customer (n,).
    """

    mean_l: Floats
    mean_m: Floats
    spread_l: Floats
    spread_m: Floats
    rho: Floats
    rest: Floats

    @classmethod
    def of(cls, params: Any, size: int) -> Pair:
        """From m_l, m_m, s_l, s_m and z = artanh(rho), floats or arrays (n,)."""
        arrays = [np.broadcast_to(np.asarray(p, dtype=np.float64), (size,)) for p in params]
        mean_l, mean_m, spread_l, spread_m, z = arrays
        rest = 1.0 / np.cosh(np.clip(z, -300.0, 300.0))
        wide = np.maximum(spread_l, _LEAST), np.maximum(spread_m, _LEAST)
        return cls(mean_l, mean_m, *wide, np.tanh(z), np.maximum(rest, _LEAST))

    def select(self, rows: Ints) -> Pair:
        """The pairs of some customers."""
        names = ("mean_l", "mean_m", "spread_l", "spread_m", "rho", "rest")
        return Pair(*(getattr(self, name)[rows] for name in names))

    @property
    def kappa(self) -> Floats:
        """Standard deviation of log mu once lambda is known."""
        return self.spread_m * self.rest

    def log_rate(self, a: Floats) -> Floats:
        """Log lambda."""
        return self.mean_l + self.spread_l * a

    def log_drop(self, a: Floats) -> Floats:
        """Log mu at b = 0."""
        return self.mean_m + self.spread_m * self.rho * a


@dataclass(frozen=True, slots=True)
class Nodes:
    """Nodes of some customers with their share of the likelihood; axes (b, a, customers).

    Attributes:
        rows: which customers.
        a: standardised log order rate (a, n).
        b: standardised rest of the log dropout rate (b, a, n).
        order_rate, dropout_rate: lambda (a, n) and mu (b, a, n).
        alive, left: likelihood of being there until T, and of having left in the silence.
        log_scale: logarithm of what alive and left are to be multiplied by (n,).
    """

    rows: Ints
    a: Floats
    b: Floats
    order_rate: Floats
    dropout_rate: Floats
    alive: Floats
    left: Floats
    log_scale: Floats


def nodes(pair: Pair, x: Floats, t_x: Floats, T: Floats, digits: float = EXACT) -> Iterator[Nodes]:
    """Blocks of nodes that together hold every customer (x, t_x, T) of 1-d arrays once.

    Given lambda and mu, the likelihood is lambda^x [exp(-(lambda + mu) T) + mu (exp(-(lambda +
    mu) t_x) - exp(-(lambda + mu) T)) / (lambda + mu)] (Abe 2009, eq. 3). Times the normal density
    that is a smooth function on the plane, and the trapezoidal rule errs by its Fourier
    transform at 2 pi / step, which falls at least as fast as exp(-1.4 frequency) and so sets the
    step. Each customer's range of `a` is where an upper bound of the integral over b, the normal
    density times lambda^x exp(-lambda t_x), is above what was found at two likely places; given
    `a`, the density of b is at least as concave as the normal's, so its range is known as well.
    A customer's nodes depend on nobody else.
    """
    cut = digits + _MARGIN
    low, high = _range_of_a(pair, x, t_x, T, cut)
    along = _count(high - low, _frequency_of_a(pair, x, digits))
    widest = _width_of_b(pair, low, high, t_x, T, cut)
    across = _count(widest, _frequency_of_b(pair, digits))
    shape = along * (2 * _MOST) + across
    order = np.argsort(shape, kind="stable")
    shapes, firsts = np.unique(shape[order], return_index=True)
    for size, first, last in zip(shapes, firsts, np.append(firsts, len(x))[1:], strict=True):
        many_a, many_b = divmod(int(size), 2 * _MOST)
        step = max(1, _CHUNK // (many_a * many_b))
        for begin in range(int(first), int(last), step):
            rows = order[begin : min(begin + step, int(last))]
            a = low[rows] + (high - low)[rows] * np.linspace(0.0, 1.0, many_a)[:, None]
            yield _scaled(pair.select(rows), rows, a, many_b, cut, x[rows], t_x[rows], T[rows])


def _scaled(
    pair: Pair,
    rows: Ints,
    a: Floats,
    many_b: int,
    cut: float,
    x: Floats,
    t_x: Floats,
    T: Floats,
) -> Nodes:
    """Nodes with their shares, scaled by the largest."""
    b, rate, drop, alive, left, logs = _weigh(pair, a, many_b, cut, x, t_x, T)
    top = logs.max(axis=0)
    scale = np.exp(logs - top)
    alive *= scale
    left *= scale
    log_scale = top + np.log((a[-1] - a[0]) / (len(a) - 1)) - np.log(2.0 * np.pi)
    return Nodes(rows, a, b, rate, drop, alive, left, log_scale)


def _weigh(
    pair: Pair, a: Floats, many_b: int, cut: float, x: Floats, t_x: Floats, T: Floats
) -> tuple[Floats, Floats, Floats, Floats, Floats, Floats]:
    """Nodes b, lambda, mu, shares alive and left, and the log of their scale (a, n)."""
    log_rate, log_drop = pair.log_rate(a), pair.log_drop(a)
    kappa = pair.kappa
    low, high = _range_of_b(kappa, log_drop, t_x, T, cut)
    b = low + (high - low) * np.linspace(0.0, 1.0, many_b)[:, None, None]
    rate = np.exp(np.minimum(log_rate, _HIGHEST))
    drop = np.exp(np.minimum(log_drop + kappa * b, _HIGHEST))
    log_weight = -0.5 * b * b
    log_weight -= drop * t_x
    peak = log_weight.max(axis=0)
    log_weight -= peak
    weight = np.exp(log_weight, out=log_weight)
    weight *= (high - low) / (many_b - 1)
    both = drop + rate
    gone = np.expm1(both * (t_x - T))
    alive = weight * (1.0 + gone)
    left = gone
    left *= drop
    left /= -np.maximum(both, _NEVER)
    left *= weight
    return b, rate, drop, alive, left, x * log_rate - 0.5 * a * a - rate * t_x + peak


def _range_of_a(pair: Pair, x: Floats, t_x: Floats, T: Floats, cut: float) -> tuple[Floats, Floats]:
    """First and last `a` of each customer."""
    s, drift = pair.spread_l, pair.spread_l * x
    floor = np.full(len(x), -np.inf)
    for until in (T, t_x):
        mode = (drift - _lambert(2.0 * np.log(s) + _log(until) + pair.mean_l + drift * s) / s)[None]
        _, _, _, alive, left, logs = _weigh(pair, mode, 4 * _ROUNDED, cut, x, t_x, T)
        found = np.log(np.maximum((alive + left).sum(axis=(0, 1)), _NEVER)) + logs[0]
        floor = np.maximum(floor, found)
    floor -= x * pair.mean_l + cut + 1.5  # the sums' steps are coarse

    def above(a: Floats) -> tuple[Floats, Floats]:
        rate = np.exp(np.minimum(pair.log_rate(a), _HIGHEST)) * t_x
        return drift * a - 0.5 * a * a - rate - floor, drift - a - s * rate

    # the bound without its exponential is higher, so its cuts lie outside; so does the place
    # where the exponential alone takes all; Newton's method approaches from there
    most = np.maximum(0.5 * drift * drift - floor, 0.5)
    reach = np.sqrt(2.0 * most)
    low = drift - reach
    high = np.minimum(drift + reach, (np.log(most) - _log(t_x) - pair.mean_l) / s)
    far = np.ones(len(x), dtype=bool)  # each stops for itself, whoever else is there
    for _ in range(_NEWTON):
        (value, slope), (beyond, fall) = above(low), above(high)
        rise = np.minimum(value, 0.0) / np.maximum(slope, 1.0)
        drop = np.minimum(beyond, 0.0) / np.minimum(fall, -1.0)
        low, high = low - np.where(far, rise, 0.0), high - np.where(far, drop, 0.0)
        far &= np.maximum(-rise, drop) > 0.1
        if not far.any():
            break
    high = np.maximum(high, low + 1e-6)
    return low, high


def _range_of_b(
    kappa: Floats, log_drop: Floats, t_x: Floats, T: Floats, cut: float
) -> tuple[Floats, Floats]:
    """First and last b for each node in `a`, around the modes of having stayed and having left."""
    width = np.sqrt(2.0 * cut)
    steep = 2.0 * np.log(kappa) + log_drop
    stayed = -_lambert(steep + _log(T)) / kappa
    left = kappa - _lambert(steep + _log(t_x) + kappa * kappa) / kappa
    return stayed - width, np.where(t_x < T, np.maximum(left, stayed), stayed) + width


def _width_of_b(
    pair: Pair, low: Floats, high: Floats, t_x: Floats, T: Floats, cut: float
) -> Floats:
    """The widest range of b that a customer has at any `a`."""
    a = low + (high - low) * np.linspace(0.0, 1.0, 5)[:, None]
    first, last = _range_of_b(pair.kappa, pair.log_drop(a), t_x, T, cut)
    return (last - first).max(axis=0)


def _frequency_of_a(pair: Pair, x: Floats, digits: float) -> Floats:
    """Where the Fourier transform along `a` is small enough."""
    wave = digits / _STRIP * np.maximum(pair.spread_l, np.abs(pair.rho) * pair.spread_m)
    return np.sqrt(2.0 * digits * (1.0 + x * pair.spread_l**2) + wave**2)


def _frequency_of_b(pair: Pair, digits: float) -> Floats:
    kappa = pair.kappa
    return np.sqrt(2.0 * digits * (1.0 + kappa**2) + (digits / _STRIP * kappa) ** 2)


def _count(width: Floats, frequency: Floats) -> Ints:
    """Nodes for steps of 2 pi / frequency."""
    count = np.ceil((width * frequency / (2.0 * np.pi) + 1.0) / _ROUNDED) * _ROUNDED
    return np.clip(count, 2 * _ROUNDED, _MOST).astype(np.int64)


def _log(value: Floats) -> Floats:
    return np.log(np.maximum(value, _NEVER))


def _lambert(log_v: Floats) -> Floats:
    """W(v) for v = exp(log_v): w + log w = log v, by Newton's method."""
    small = np.exp(np.minimum(log_v, 1.0))
    w = np.where(log_v > 1.0, log_v - np.log(np.maximum(log_v, 1.0)), small / (1.0 + small))
    for _ in range(4):
        w = np.maximum(w, _NEVER)
        w = w * (1.0 + log_v - np.log(w)) / (1.0 + w)
    return np.maximum(w, 0.0)
