"""BG/CNBD-k and MBG/CNBD-k in 60-digit arithmetic, stage by stage and order by order.

Nothing is shared with the package: likelihoods are Gamma and Beta integrals of the story given
the customer's rate and chance to leave, and the future is summed over each possible order.
"""

from __future__ import annotations

from dataclasses import dataclass

import mpmath as mp

from exact import log_beta

mp.mp.dps = 60


@dataclass(frozen=True)
class Future:
    """What is to come of a customer who is still there."""

    orders: mp.mpf
    stays: mp.mpf
    life: mp.mpf
    chances: list[mp.mpf]


def _still(k, shape, alpha, t_x, T):
    """Integral over the rate of rate^(shape - 1) times P(fewer than k stages in the silence)."""
    silent = mp.mpf(T) - mp.mpf(t_x)
    return sum(
        silent**j / mp.factorial(j) * mp.gamma(shape + j) / (alpha + T) ** (shape + j)
        for j in range(k)
    )


def regular(params, k, at_first, x, t_x, T, log_gaps):
    """Log-likelihood and P(alive) (Reutterer, Platzer & Schroeder 2021, before simplification)."""
    r, alpha, a, b = map(mp.mpf, params)
    x, t_x, T = int(x), mp.mpf(t_x), mp.mpf(T)
    shape, passed = r + k * x, x + (1 if at_first else 0)
    here = mp.exp(log_beta(a, b + passed) - log_beta(a, b)) * _still(k, shape, alpha, t_x, T)
    gone = mp.mpf(0)
    if passed:
        gone = mp.exp(log_beta(a + 1, b + passed - 1) - log_beta(a, b))
        gone *= mp.gamma(shape) / (alpha + t_x) ** shape
    value = r * mp.log(alpha) - mp.loggamma(r) + mp.log(here + gone)
    value += (k - 1) * mp.mpf(log_gaps) - x * mp.loggamma(k)
    return value, here / (here + gone)


def silence(params, k, x, t_x, T, wait):
    """P(no order in (T, T + wait)) of who was silent since t_x and will not leave before one."""
    r, alpha, _, _ = map(mp.mpf, params)
    shape, T = r + k * int(x), mp.mpf(T)
    longer = _still(k, shape, alpha, mp.mpf(t_x), T + mp.mpf(wait))
    return longer / _still(k, shape, alpha, mp.mpf(t_x), T)


def future(params, k, at_first, x, t_x, T, horizon, most=3):
    """Sums over the number of stages to come, each with its orders; the lifetime stage by stage."""
    r, alpha, a, b = map(mp.mpf, params)
    x, t_x, T, h = int(x), mp.mpf(t_x), mp.mpf(T), mp.mpf(horizon)
    shape, b = r + k * x, b + x + (1 if at_first else 0)
    parts = [
        (T - t_x) ** j / mp.factorial(j) * mp.gamma(shape + j) / (alpha + T) ** (shape + j)
        for j in range(k)
    ]
    orders = stays = life = mp.mpf(0)
    chances = [mp.mpf(0)] * (most + 1)
    leaves = [  # E[p (1 - p)^(count - 1)]
        mp.exp(log_beta(a + 1, b + max(count, 1) - 1) - log_beta(a, b)) for count in range(most + 1)
    ]
    for j, part in enumerate(parts):
        weight = part / sum(parts)
        s, rate = shape + j, alpha + T
        q = h / (rate + h)
        seen = (1 - q) ** s  # P(N = n)
        spent = rate / (s - 1) * (1 - (1 - q) ** (s - 1))  # E[time with n stages passed]
        n, left = 0, mp.mpf(1)
        d, sums, m = mp.mpf(1), mp.mpf(0), 0  # E[(1 - p)^m] and its sum below m
        while left > mp.mpf(10) ** -16 or n < 4 * k:
            if (n + j) // k > m:
                sums, d, m = sums + d, d * (b + m) / (a + b + m), m + 1
            orders += weight * seen * sums
            stays += weight * seen * d
            life += weight * spent * d
            for count in range(most + 1):
                if count == m:
                    chances[count] += weight * seen * d
                if 0 < count <= m:
                    chances[count] += weight * seen * leaves[count]
            left -= seen
            n += 1
            spent -= rate / (s - 1) * seen_before(s - 1, n, q)
            seen *= q * (s + n - 1) / n
    return Future(orders, stays, life, chances)


def seen_before(shape, n, q):
    """P(N = n) of a negative binomial."""
    front = mp.gamma(shape + n) / (mp.gamma(shape) * mp.factorial(n))
    return front * q**n * (1 - q) ** shape
