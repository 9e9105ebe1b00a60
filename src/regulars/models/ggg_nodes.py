"""Nodes of a customer's regularity and of the gap since the last order, for Pareto/GGG."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.models.gamma_functions import HALF_LOG_2PI, log_gamma, stirling_rest
from regulars.models.pareto_integral import legendre

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

EXACT = 22.0  # nats of relative error that the steps leave for a likelihood: 3e-10
CLOSE = 12.0  # the same for a prediction: 6e-6
MARGIN = 4.0  # nats that the ends of the ranges lie deeper
_STRIP = 1.35  # how far into the complex plane the density of log k stays tame
_SCANNED = 17  # points of a search for the range of log k
_ROUNDS = 4
_FIRST, _LAST = -30.0, 14.0  # log k
_ROUNDED = 6  # counts of nodes are multiples of it, so that customers share a shape
_MOST = 600
_CHUNK = 40_000  # nodes at a time, so that they stay in cache
_TAIL = 8.0  # beyond it (1 + w)^-R is a pure power of w
_NEWTON = 40
_NONE = 1e-100  # silence that stands for none
_FURTHEST = 600.0  # log w beyond which exp overflows
_ROUGHLY = 5  # points of a panel for a first look
EARLY = 2  # panels up to the silence
_PANELS = 6


@dataclass(frozen=True, slots=True)
class Known:
    """Parameters and histories; each attribute is an array with one entry per customer (n,)."""

    t: Floats
    gamma: Floats
    r: Floats
    alpha: Floats
    s: Floats
    beta: Floats
    x: Floats
    t_x: Floats
    T: Floats
    log_gaps: Floats

    @classmethod
    def of(cls, params: Any, x: Floats, t_x: Floats, T: Floats, log_gaps: Floats) -> Known:
        """Parameters are floats or arrays of the histories' length."""
        t, gamma, r, alpha, s, beta = (
            np.broadcast_to(np.asarray(p, dtype=np.float64), x.shape) for p in params
        )
        return cls(t, gamma, r, alpha, s, beta, x, t_x, T, log_gaps)

    def select(self, rows: Any) -> Known:
        """Some of the customers."""
        return Known(*(getattr(self, name)[rows] for name in self.__slots__))

    @property
    def silence(self) -> Floats:
        """Time since the last order."""
        return np.maximum(self.T - self.t_x, _NONE)

    def log_left(self, gap: Floats) -> Floats:
        """Log chance of having left before a gap was over, given there at the last order."""
        exponent = self.s * np.log1p(gap / (self.beta + self.t_x))
        return np.log(np.maximum(-np.expm1(-exponent), 1e-300))


@dataclass(frozen=True, slots=True)
class Nodes:
    """Nodes of some customers with their share of the likelihood; axes (v, k, customers).

    Attributes:
        rows: which customers.
        known: their parameters and histories.
        k: regularity (k, n).
        gap: the whole gap after the last order, had the customer not left (v, k, n).
        share: density times step, without the chance of having left.
        early: how many of the first nodes are gaps shorter than the silence.
        log_scale: logarithm of what the shares are to be multiplied by (n,).
    """

    rows: Ints
    known: Known
    k: Floats
    gap: Floats
    share: Floats
    early: int
    log_scale: Floats

    def likelihood(self) -> tuple[Floats, Floats]:
        """Alive and left: the two parts of the likelihood over the scale (n,)."""
        known = self.known
        late = self.share[self.early :].sum(axis=(0, 1))
        stays = np.exp(-known.s * np.log1p(known.silence / (known.beta + known.t_x)))
        left = self.share[: self.early] * np.exp(known.log_left(self.gap[: self.early]))
        return late * stays, late * (1.0 - stays) + left.sum(axis=(0, 1))


def nodes(
    known: Known, digits: float = EXACT, points: int = 20, after: bool = False
) -> Iterator[Nodes]:
    """Blocks of nodes that together hold every customer once; `after`, only gaps that last to T.

    With K = k (x + 1) and v the gap after the last order, had the customer not left, all x + 1
    gaps and the two Gamma priors give, lambda integrated out,

        gamma^t k^(t - 1) exp(-gamma k) / Gamma(t) (k^k / Gamma(k))^(x + 1)
        (product of the x gaps)^(k - 1) v^(k - 1) Gamma(r + K) / Gamma(r)
        alpha^r (alpha + k (t_x + v))^-(r + K),

    and the silence means: v was longer than it, or the customer left before v was over. Both
    are positive integrals over v of that density, so there is neither an incomplete Beta function
    nor a difference (Platzer & Reutterer 2016, eq. 3 to 6, with lambda, mu and the moment of
    leaving integrated out). In log k it is a trapezoidal sum over the range that matters, in log v
    Gauss-Legendre panels that end at the silence and where the density bends.
    """
    low, high, bend = _range_of_k(known, digits + MARGIN, after)
    frequency = np.sqrt((digits / _STRIP) ** 2 + 2.0 * digits * bend)
    count = np.ceil(((high - low) * frequency / (2.0 * np.pi) + 1.0) / _ROUNDED) * _ROUNDED
    count = np.clip(count, 2 * _ROUNDED, _MOST).astype(np.int64)
    order = np.argsort(count, kind="stable")
    sizes, firsts = np.unique(count[order], return_index=True)
    for size, first, last in zip(sizes, firsts, np.append(firsts, len(order))[1:], strict=True):
        step = max(1, _CHUNK // (int(size) * _PANELS * points))
        along = np.linspace(0.0, 1.0, int(size))[:, None]
        for begin in range(int(first), int(last), step):
            rows = order[begin : min(begin + step, int(last))]
            log_k = low[rows] + (high - low)[rows] * along
            some = known.select(rows)
            gap, share, early, log_scale = weigh(some, log_k, digits + MARGIN, points, after)
            top = log_scale.max(axis=0)
            share *= np.exp(log_scale - top)
            top = top + np.log((high - low)[rows] / (len(log_k) - 1))
            yield Nodes(rows, some, np.exp(log_k), gap, share, early, top)


def log_prior(known: Known, log_k: Floats) -> Floats:
    """Log density of log k and of the gaps between the orders, with lambda integrated out."""
    k = np.exp(log_k)
    done = known.r + k * known.x
    away = log_k + np.log(known.gamma / known.t)  # of the Gamma density, exact also where t is huge
    value = known.t * (away - np.expm1(away)) + (k - 1.0) * known.log_gaps
    value += 0.5 * np.log(known.t) - HALF_LOG_2PI - stirling_rest(known.t)
    value += known.x * (k * log_k - log_gamma(k)) + log_gamma(done) - log_gamma(known.r)
    value += known.r * np.log(known.alpha) - done * np.log(known.alpha + k * known.t_x)
    return value - known.s * np.log1p(known.t_x / known.beta)


def weigh(
    known: Known,
    log_k: Floats,
    cut: float,
    points: int,
    after: bool = False,
    until: Any = np.inf,
) -> tuple[Floats, Floats, int, Floats]:
    """Gaps and shares (v, k, n), how many gaps are early, and the log of the shares' scale (k, n).

    Late gaps are counted that end within `until` after T.
    """
    k = np.exp(log_k)
    done = known.r + k * known.x
    reach = known.alpha + k * known.t_x
    starts, widths = panels(known, k, done, reach / k, cut, until)
    early = 0 if after else EARLY
    starts, widths = starts[EARLY - early :], widths[EARLY - early :]
    base, weight = (part[None, :, None, None] for part in legendre(points))
    log_w = (starts[:, None] + widths[:, None] * base).reshape(-1, *k.shape)
    grown = np.exp(log_w)
    logs = k * log_w
    logs -= (k + done) * np.log1p(grown)
    peak = logs.max(axis=0)
    logs -= peak
    share = np.exp(logs, out=logs)
    share *= (weight * widths[:, None]).reshape(-1, *k.shape)
    share[early * points] += _below(known, k, reach / k, peak)
    grown *= reach / k
    normal = log_gamma(k + done) - log_gamma(k) - log_gamma(done)
    return grown, share, early * points, log_prior(known, log_k) + normal + peak


def _below(known: Known, k: Floats, unit: Floats, peak: Floats) -> Floats:
    """Integral of the density of log w below the first late gap, without a silence (k, n).

    It is a pure power there. With small k much of it is gaps too short for a float, as good as 0.
    """
    edge = np.clip(np.log(known.silence / unit), -_FURTHEST, _FURTHEST)
    below = k * edge - np.log(k) - peak
    return np.exp(np.where(known.silence > _NONE, -np.inf, below))


def panels(
    known: Known, k: Floats, done: Floats, unit: Floats, cut: float, until: Any = np.inf
) -> tuple[Floats, Floats]:
    """Starts and widths (panels, k, n) in the log of w = v / unit: two early, four late.

    The density of log w is exp(k log w - (k + done) log(1 + w)), concave, with its bend at about
    (1 + k) / (1 + done) and its peak at k / done. Its cuts are found from outside by Newton's
    method, where it is below exp(-cut) of the highest value in the panel.
    """
    shape = k + done
    edge = np.clip(np.log(known.silence / unit), -_FURTHEST, _FURTHEST)
    peak, bend = np.log(k / done), np.log1p(k) - np.log1p(done)

    close = 0.05 * np.minimum(1.0, 8.0 * np.sqrt(1.0 / k + 1.0 / done))

    def height(at: Floats) -> Floats:
        return k * at - shape * np.log1p(np.exp(at))

    def cross(at: Floats, floor: Floats, extra: float) -> Floats:
        """The cut from `at`, which is outside; `extra` is added to the slope in log w."""
        at = np.clip(at, -_FURTHEST, _FURTHEST)
        far = np.ones(at.shape, dtype=bool)  # each stops for itself, whoever else is there
        for _ in range(_NEWTON):
            grown = np.exp(at)
            below = np.minimum((k + extra) * at - shape * np.log1p(grown) - floor, 0.0)
            slope = k + extra - shape * (grown / (1.0 + grown))
            step = below / np.where(np.abs(slope) > 1e-12, slope, 1e-12)
            at = at - np.where(far, step, 0.0)
            far &= np.abs(step) > close
            if not far.any():
                break
        return at

    gone = known.log_left(np.exp(edge) * unit)
    early = height(edge) + gone
    for place in (peak, bend):
        at = np.minimum(place, edge)
        early = np.maximum(early, height(at) + known.log_left(np.exp(at) * unit))
    early -= cut
    rising = np.log(known.s * unit / (known.beta + known.t_x))  # the slope of having left at 0
    first = np.minimum(cross((early - rising) / (k + 1.0), early - rising, 1.0), edge)
    last = np.minimum(np.maximum(cross((gone - early) / done, early - gone, 0.0), first), edge)
    late = height(np.maximum(peak, edge)) - cut
    begin = np.maximum(edge, np.where(peak > edge, cross(late / k, late, 0.0), edge))
    latest = np.minimum((known.silence + until) / unit, np.exp(_FURTHEST))
    end = np.maximum(np.minimum(cross(-late / done, late, 0.0), np.log(latest)), begin)
    middle = np.clip(bend, first, last)
    bends = [np.clip(bend + away, begin, end) for away in (-_TAIL, 0.0, _TAIL)]
    starts = np.stack([first, middle, begin, *bends])
    ends = np.stack([middle, last, *bends, end])
    return starts, ends - starts


def _range_of_k(known: Known, cut: float, after: bool) -> tuple[Floats, Floats, Floats]:
    """First and last log k of each customer, and how sharply the log-density bends at its top.

    What the gaps and the prior say of k bounds the density from above; it is searched by ever
    finer scans, and the last one takes the silence into account.
    """
    size = len(known.x)
    low, high = np.full(size, _FIRST), np.full(size, _LAST)
    along = np.linspace(0.0, 1.0, _SCANNED)[:, None]
    lost = np.zeros(size)
    for turn in range(_ROUNDS):
        log_k = low + (high - low) * along
        value = log_prior(known, log_k)
        best = value.argmax(axis=0)
        if turn == _ROUNDS - 2:
            at = log_k[best, np.arange(size)]
            lost = value.max(axis=0) - _whole(known, at[None], after)[0]
        low, high = _shrink(log_k, value, cut + np.maximum(lost, 0.0))
    log_k = low + (high - low) * along
    value = _whole(known, log_k, after)
    low, high = _shrink(log_k, value, cut)
    log_k = low + (high - low) * along
    value = _whole(known, log_k, after)
    step = log_k[1] - log_k[0]
    best = np.clip(value.argmax(axis=0), 1, _SCANNED - 2)
    each = np.arange(size)
    bend = 2.0 * value[best, each] - value[best - 1, each] - value[best + 1, each]
    low, high = _shrink(log_k, value, cut)
    return low, high, np.maximum(bend, 0.0) / np.square(step)


def _whole(known: Known, log_k: Floats, after: bool) -> Floats:
    """Log density of log k (k, n), roughly, with the silence in it."""
    out = np.empty(log_k.shape)
    step = max(1, _CHUNK // (len(log_k) * _PANELS * _ROUGHLY))
    for begin in range(0, log_k.shape[1], step):
        rows = slice(begin, begin + step)
        some = known.select(rows)
        gap, share, early, scale = weigh(some, log_k[:, rows], 10.0, _ROUGHLY, after)
        share[:early] *= np.exp(some.log_left(gap[:early]))
        out[:, rows] = scale + np.log(np.maximum(share.sum(axis=0), 1e-300))
    return out


def _shrink(log_k: Floats, value: Floats, cut: Any) -> tuple[Floats, Floats]:
    """The points around those within `cut` of the highest value."""
    inside = value > value.max(axis=0) - cut
    each = np.arange(int(log_k.shape[1]))
    first = np.maximum(inside.argmax(axis=0) - 1, 0)
    last = np.minimum(len(log_k) - inside[::-1].argmax(axis=0), len(log_k) - 1)
    return log_k[first, each], log_k[last, each]
