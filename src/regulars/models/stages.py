"""Sums over the stages to come of gaps that have k of them: orders, staying, lifetime, chances.

The number N of stages within a time h is negative binomial, for the stages' rate is Gamma(shape,
rate). With j stages passed before, the orders are M = floor((N + j) / k), each the last with
chance p ~ Beta(a, b). E[(1 - p)^n] = D(n) and its sums G(n) = D(0) + ... + D(n - 1) give

    P(still there)  = E[D(M)]
    E[orders]       = E[G(M)]
    E[min(life, h)] = E[(rate + h) / (shape + N - 1) (k G(M) + (N + j - k M) D(M) - j); N > 0]

where the last is the sum of the mean times spent in each stage, summed by parts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from regulars.models.counts import gamma_poisson
from regulars.models.discrete import expected_chances, log_gamma_ratio
from regulars.models.maths import log_beta_ratio

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Gap:
    """Stages of a gap, and how many of them have passed."""

    k: int
    passed: int


class OfGap(Protocol):
    """A quantity of the time ahead, for stages already passed; its last axes are the shape's."""

    def __call__(self, gap: Gap, shape: Any, rate: Any, a: Any, b: Any, time: Any) -> Floats:
        """The quantity; everything but the gap broadcasts."""
        ...


# f(blocks n, stages beyond them, D(n), G(n), N, shape, rate + h) -> integrand
Integrand = Callable[[Gap, Floats, Floats, Floats, Floats, Floats, Floats], Floats]

_LEVEL = 41.0  # nats below its peak at which the distribution of N is cut
_WINDOW = 3000.0  # stages up to which each is summed
_DEEPEST = 1200.0  # nats between P(N = 0) and the peak that a running product can span
_LOWEST = -690.0  # where such a product starts
_BLOCK = 32_768  # values at a time
_SWITCH, _SOFT = 192.0, 4.0  # orders around which sums turn into integrals, and how softly
_FIRST, _LAST = 40.0, 344.0  # where the switch is 0 and 1 to rounding
_NODES, _SHARES = np.polynomial.legendre.leggauss(16)
_HEAD_PANELS, _TAIL_PANELS = 24, 48
_GRID = 256  # numbers of orders tried when their range is sought


def survival(gap: Gap, shape: Any, rate: Any, a: Any, b: Any, time: Any) -> Floats:
    """P(no order within the time is the last)."""
    return _mean(_survival, gap, shape, rate, a, b, time, np.zeros_like)


def orders(gap: Gap, shape: Any, rate: Any, a: Any, b: Any, time: Any) -> Floats:
    """E[orders within the time]; time may be inf, where it is E[1 / p]."""
    return _mean(_orders, gap, shape, rate, a, b, time, lambda never: never)


def lifetime(gap: Gap, shape: Any, rate: Any, a: Any, b: Any, time: Any) -> Floats:
    """E[min(time until the last order, time)]; time may be inf."""
    shape, rate = np.broadcast_arrays(np.asarray(shape), np.asarray(rate))
    with np.errstate(divide="ignore", invalid="ignore"):
        stage = np.where(shape > 1.0, rate / (shape - 1.0), np.inf)  # mean time of one
    return _mean(
        _lifetime, gap, shape, rate, a, b, time, lambda never: (gap.k * never - gap.passed) * stage
    )


@dataclass(frozen=True, slots=True)
class Chances:
    """P(exactly j orders within the time) for j = 0 .. most, (most + 1, ...)."""

    most: int

    def __call__(self, gap: Gap, shape: Any, rate: Any, a: Any, b: Any, time: Any) -> Floats:
        """Either j orders came and none was the last, or the j-th was and more would have come."""
        k, j = gap.k, gap.passed
        chance, beyond = gamma_poisson((self.most + 1) * k, shape, rate, time)
        a, b = np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in (a, b)))
        found = np.empty((self.most + 1, *chance.shape[1:]))
        stayed = np.ones(chance.shape[1:])
        found[0] = chance[: k - j].sum(0)
        for n in range(1, self.most + 1):
            first = n * k - j
            left = stayed * a / (a + b + (n - 1))
            stayed = stayed * (b + (n - 1)) / (a + b + (n - 1))
            exactly = chance[first : first + k].sum(0)
            found[n] = stayed * exactly + left * beyond[first - 1]
        return found


def _survival(
    gap: Gap, over: Floats, d: Floats, g: Floats, n: Floats, shape: Floats, end: Floats
) -> Floats:
    return d


def _orders(
    gap: Gap, over: Floats, d: Floats, g: Floats, n: Floats, shape: Floats, end: Floats
) -> Floats:
    return g


def _lifetime(
    gap: Gap, over: Floats, d: Floats, g: Floats, n: Floats, shape: Floats, end: Floats
) -> Floats:
    spent = gap.k * g + over * d - gap.passed
    return np.where(n > 0, end / np.where(n > 0, shape + n - 1.0, 1.0) * spent, 0.0)


def _mean(
    f: Integrand,
    gap: Gap,
    shape: Any,
    rate: Any,
    a: Any,
    b: Any,
    time: Any,
    forever: Callable[[Floats], Floats],
) -> Floats:
    """E[f] for anything that broadcasts; `forever` turns E[1 / p] into its value at time inf."""
    given = np.broadcast_arrays(
        *(np.asarray(v, dtype=np.float64) for v in (shape, rate, a, b, time))
    )
    flat = [v.reshape(-1) for v in given]
    shape, rate, a, b, time = flat
    value = np.zeros(len(shape))
    endless = np.isinf(time)
    if endless.any():
        never = 1.0 + np.divide(b, a - 1.0, out=np.full(len(a), np.inf), where=a > 1.0)
        whole = forever(never.reshape(given[0].shape)).reshape(-1)
        value[endless] = whole[endless]
    some = np.flatnonzero((time > 0) & ~endless)
    u = time[some] / rate[some]
    last = _last_stage(gap, shape[some], u)
    wide = (last > _WINDOW) | (shape[some] * np.log1p(u) > _DEEPEST)
    for rows, way in ((~wide, _summed), (wide, _integrated)):
        part = some[rows]
        if len(part):
            numbers = shape[part], u[rows], a[part], b[part], rate[part] + time[part]
            value[part] = way(f, gap, last[rows], *numbers)
    if f is _survival:
        value[time == 0] = 1.0
    return value.reshape(given[0].shape)


def _last_stage(gap: Gap, s: Floats, u: Floats) -> Floats:
    """N beyond which nothing counts, by its rate of large deviations (convex beyond the mean)."""
    mean = s * u

    needed = np.maximum(float(gap.k - gap.passed), mean)
    aim = _LEVEL + _deviation(needed, s, u)
    low, high = needed, needed + 8.0
    for _ in range(60):
        short = _deviation(high, s, u) < aim
        if not short.any():
            break
        high = np.where(short, high * 2.0, high)
    for _ in range(20):
        middle = 0.5 * (low + high)
        short = _deviation(middle, s, u) < aim
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    return np.ceil(high) + 8.0


def _summed(
    f: Integrand,
    gap: Gap,
    last: Floats,
    s: Floats,
    u: Floats,
    a: Floats,
    b: Floats,
    end: Floats,
) -> Floats:
    """Stage by stage, with the distribution of N as a running product that adds up to 1."""
    value = np.empty(len(s))
    k, j = gap.k, gap.passed
    size = (np.exp2(np.ceil(np.log2(last) * 4.0) / 4.0)).astype(np.int64) + 1
    log_q: Floats = -np.log1p(1.0 / u)
    start: Floats = np.maximum(-s * np.log1p(u), _LOWEST)
    for count in map(int, np.unique(size)):
        same = np.flatnonzero(size == count)
        n = np.arange(count, dtype=np.float64)[:, None]
        block, over = np.divmod(np.arange(count) + j, k)
        many = int(block[-1]) + 1
        step = max(1, _BLOCK // count)
        for begin in range(0, len(same), step):
            i = same[begin : begin + step]
            weight = np.empty((count, len(i)))
            weight[0] = np.exp(start[i])
            weight[1:] = (s[i] + n[:-1]) / n[1:] * np.exp(log_q[i])
            np.multiply.accumulate(weight, axis=0, out=weight)
            m = np.arange(many, dtype=np.float64)[:, None]
            stay = np.ones((many, len(i)))
            stay[1:] = (b[i] + m[:-1]) / (a[i] + b[i] + m[:-1])
            np.multiply.accumulate(stay, axis=0, out=stay)
            sums = np.zeros((many, len(i)))
            np.cumsum(stay[:-1], axis=0, out=sums[1:])
            inside = f(
                gap, over[:, None].astype(np.float64), stay[block], sums[block], n, s[i], end[i]
            )
            value[i] = (weight * inside).sum(0) / weight.sum(0)
    return value


def _integrated(
    f: Integrand,
    gap: Gap,
    last: Floats,
    s: Floats,
    u: Floats,
    a: Floats,
    b: Floats,
    end: Floats,
) -> Floats:
    """Few orders one by one, many as an integral over their number.

    A sum over the orders n of a function that is smooth from n = 40 on equals an integral as soon
    as a soft switch hides its beginning: the error is that of the switch's Fourier transform at
    frequency 1, below 1e-30.
    """
    k, j = gap.k, gap.passed
    along, width = _orders_nodes(*_reach(k, s, u, a), last / k)
    few = np.broadcast_to(np.arange(_LAST)[:, None], (int(_LAST), len(s)))
    soft = np.exp(-np.logaddexp(0.0, (_SWITCH - along) / _SOFT))
    hard = np.exp(-np.logaddexp(0.0, (few - _SWITCH) / _SOFT))
    whole, part = np.zeros(len(s)), np.zeros(len(s))
    top = np.maximum((s - 1.0) * u, 1.0)
    peak = _log_chance(top, s, u)
    for n, weight in ((few, hard), (along, width * soft)):
        stay, sums = _stay(n, a, b)
        for over in range(k):
            stage = n * k - j + over
            real = stage >= 0
            stage = np.maximum(stage, 0.0)
            chance = np.where(real, np.exp(_log_chance(stage, s, u) - peak) * weight, 0.0)
            whole += chance.sum(0)
            inside = f(gap, np.full((1, 1), float(over)), stay, sums, stage, s, end)
            part += (chance * inside).sum(0)
    return part / whole


def _reach(k: int, s: Floats, u: Floats, a: Floats) -> tuple[Floats, Floats]:
    """Orders from where on P(N) counts when it is weighted with n^-a, and by itself."""
    mean = np.maximum(s * u / k, _LAST)
    n = np.exp(np.linspace(np.full(len(s), np.log(_LAST)), np.log(mean), _GRID))
    plain = _deviation(n * k, s, u)
    tilted = plain + a * np.log(n / mean)
    found: list[Floats] = []
    for nats in (tilted - tilted.min(axis=0), plain - plain.min(axis=0)):
        first = np.maximum(np.argmax(nats < _LEVEL, axis=0) - 1, 0)
        found.append(n[first, np.arange(len(s))])
    return found[0], found[1]


def _deviation(m: Floats, s: Floats, u: Floats) -> Floats:
    """Rate of large deviations of N: minus log P(N = m) but for slow factors, 0 at the mean."""
    y = m / s
    return s * (y * np.log(y / u) - (1.0 + y) * np.log((1.0 + y) / (1.0 + u)))


def _orders_nodes(first: Floats, core: Floats, last: Floats) -> tuple[Floats, Floats]:
    """Nodes and weights (nodes, rows) in the number of orders, on a logarithmic scale."""
    edges = np.log([np.full(len(first), _FIRST), np.full(len(first), _LAST), first, core])
    top = np.log(np.maximum(last, _LAST))
    pieces = zip(edges, [*edges[1:], top], (_HEAD_PANELS, 2, *(_TAIL_PANELS,) * 2), strict=True)
    y: list[Floats] = []
    weight: list[Floats] = []
    for low, high, panels in pieces:
        share = (np.arange(panels)[:, None, None] + 0.5) / panels
        reach = np.maximum(high - low, 0.0)
        half: Floats = np.broadcast_to(0.5 * reach / panels, (panels, 1, len(first)))
        middle: Floats = low + reach * share
        y.append((middle + half * _NODES[:, None]).reshape(-1, len(first)))
        weight.append((half * _SHARES[:, None]).reshape(-1, len(first)))
    n = np.exp(np.concatenate(y))
    return n, np.concatenate(weight) * n


def _log_chance(n: Floats, s: Floats, u: Floats) -> Floats:
    """Log P(N = n) but for a constant, for real n >= 0: Gamma(s + n) / Gamma(1 + n) q^n."""
    return log_gamma_ratio(n + 1.0, s - 1.0) - n * np.log1p(1.0 / u)


def _stay(n: Floats, a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """D(n) and G(n) for real n >= 0, where n between 0 and 1 has no meaning but a value."""
    sums = np.where(n >= 1.0, 1.0 + expected_chances(a, b, np.maximum(n - 1.0, 0.0)), n)
    return np.exp(log_beta_ratio(a, b, n)), sums
