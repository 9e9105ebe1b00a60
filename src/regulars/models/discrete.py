"""Chances that come one by one: how many a customer stays for, and when one is taken."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_SHIFT = 10  # the asymptotic series is used from here on
_SERIES = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360)  # of log Gamma
_SMALLEST = 1e-9  # a difference of shapes below it stands for 0
_FURTHEST = 700.0  # logarithm of a wait that stands for no end
_HALVINGS = 64


def log_gamma_ratio(y: Any, c: Any) -> Floats:
    """Log Gamma(y + c) - log Gamma(y) for y > 0 and y + c > 0, right also for tiny c and huge y.

    Both arguments are shifted by recurrence to where the Stirling series (DLMF 5.11) holds, and
    the leading terms are combined before they could cancel.
    """
    y, c = np.broadcast_arrays(np.asarray(y, dtype=np.float64), np.asarray(c, dtype=np.float64))
    shifted = sum(np.log1p(c / (y + step)) for step in range(_SHIFT))
    y = y + _SHIFT
    main = (y - 0.5) * np.log1p(c / y) + c * (np.log(y + c) - 1.0)
    return main + _rest(y + c) - _rest(y) - shifted


def _rest(y: Floats) -> Floats:
    inverse = 1.0 / y
    square = inverse * inverse
    value = np.zeros_like(y)
    for coefficient in reversed(_SERIES):
        value = value * square + coefficient
    return value * inverse


def expected_chances(gamma: Any, delta: Any, cap: Any) -> Floats:
    """Expected chances before leaving, at most `cap`, for a chance to leave ~ Beta(gamma, delta).

    The sum over j = 1 .. cap of E[(1 - theta)^j] = delta^(j) / (gamma + delta)^(j), rising
    factorials, is delta [1 - exp(g)] / c with c = gamma - 1 and g the log of Gamma(y + h)
    Gamma(y + c) / (Gamma(y) Gamma(y + h + c)) for y = delta + 1, h = cap. It passes smoothly
    through c = 0 and through caps that are not whole. Infinite for cap = inf and gamma <= 1.
    Source: Fader, Hardie & Shang (2010), eq. 8 and 13, without their pole at gamma = 1.
    """
    gamma, delta, cap = np.broadcast_arrays(
        *(np.asarray(v, dtype=np.float64) for v in (gamma, delta, cap))
    )
    c = gamma - 1.0
    c = np.where(np.abs(c) < _SMALLEST, _SMALLEST, c)
    ends = np.isfinite(cap)
    finite = np.where(ends, cap, 0.0)
    log_left = log_gamma_ratio(delta + 1.0, c) - log_gamma_ratio(delta + 1.0 + finite, c)
    endless = np.where(gamma > 1.0, delta / c, np.inf)
    return np.where(ends, np.abs(delta * np.expm1(log_left) / c), endless)


def quantile_of_wait(a: Any, b: Any, quantile: float) -> Floats:
    """Chances until the first that is taken, for a chance ~ Beta(a, b): its quantile.

    Solves P(wait > w) = Gamma(b + w) Gamma(a + b) / (Gamma(b) Gamma(a + b + w)) = 1 - quantile for
    a real w by halving its logarithm; inf where that is beyond any number of chances.
    """
    a, b = np.broadcast_arrays(np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64))
    goal = log_gamma_ratio(b, a) - np.log1p(-quantile)
    low, high = np.full(a.shape, -_FURTHEST), np.full(a.shape, _FURTHEST)
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        early = log_gamma_ratio(b + np.exp(middle), a) < goal
        low, high = np.where(early, middle, low), np.where(early, high, middle)
    return np.where(high < _FURTHEST, np.exp(np.minimum(high, _FURTHEST)), np.inf)


def order_chances(
    a: Floats, b: Floats, gamma: Floats, delta: Floats, chances: int, most: int
) -> Floats:
    """P(exactly j orders in the next chances) for j = 0 .. most, (most + 1, customers).

    Each chance is taken with a chance ~ Beta(a, b) until the customer leaves, before any of them
    with a chance ~ Beta(gamma, delta): the sum over how many a customer stays for.
    """
    order, miss, both, stays, ends = (
        Rising(start, max(chances, most) + 1).sums for start in (a, b, a + b, delta, gamma + delta)
    )
    m = np.arange(chances + 1)
    leave = np.exp(np.log(gamma) + stays[m] - ends[m + 1])
    leave[-1] = np.exp(stays[chances] - ends[chances])  # stayed for all of them
    factorials = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, chances + 1)))])
    found = np.zeros((most + 1, len(a)))
    for j in range(min(most, chances) + 1):
        taken = m[j:]
        ways = factorials[taken] - factorials[j] - factorials[taken - j]
        logs = ways[:, None] + order[j] + miss[taken - j] - both[taken]
        found[j] = (np.exp(logs) * leave[j:]).sum(0)
    return found


class Rising:
    """Log of start (start + 1) ... (start + k - 1) for whole k up to `most`, by lookup.

    `start` is one number, or has one for each customer along the last axis of k.
    """

    def __init__(self, start: Any, most: int) -> None:
        logs = np.log(start + np.arange(most, dtype=np.float64)[:, None])
        self.sums: Any = logs.map(_cumulate) if hasattr(logs, "map") else _cumulate(logs)

    def minus(self, other: Rising, ahead: int = 0) -> Rising:
        """The difference at each k; the other's at k + ahead."""
        end = self.sums.shape[0] - ahead
        found = object.__new__(Rising)
        found.sums = self.sums[:end] - other.sums[ahead:]
        return found

    def __getitem__(self, k: Ints) -> Any:
        own = self.sums.shape[1] > 1
        return self.sums[k, np.arange(k.shape[-1])] if own else self.sums[k, 0]


def _cumulate(logs: Floats) -> Floats:
    return np.concatenate([np.zeros((1, logs.shape[1])), np.cumsum(logs, axis=0)])
