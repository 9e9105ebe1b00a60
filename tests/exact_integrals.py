"""Integrals in 30-digit arithmetic where mpmath's own hypergeometric functions give up.

Each integral is cut on a logarithmic scale into panels no wider than the distance over which its
integrand bends, and every panel is taken by 14 Gauss-Legendre nodes: about 1e-15 or better. The
pieces beyond the panels are analytic to 1e-18.
"""

from __future__ import annotations

from functools import cache

import mpmath as mp

_DIGITS = 30
_EDGE = mp.mpf(10) ** -18


@cache
def _legendre(n=14):
    """Nodes and weights on [0, 1], by Newton's method on the Legendre polynomial."""
    rule = []
    with mp.workdps(_DIGITS + 10):
        for i in range(1, n + 1):
            x = mp.cos(mp.pi * (i - mp.mpf(1) / 4) / (n + mp.mpf(1) / 2))
            for _ in range(7):
                before, now = mp.mpf(1), x
                for j in range(2, n + 1):
                    before, now = now, ((2 * j - 1) * x * now - (j - 1) * before) / j
                slope = n * (x * now - before) / (x * x - 1)
                x -= now / slope
            rule.append(((x + 1) / 2, 1 / ((1 - x * x) * slope * slope)))
    return rule


def _panels(low, high, f, bend=1):
    """The integral of each component of f(y) over [low, high]."""
    count = max(1, int(mp.ceil((high - low) / bend)))
    width = (high - low) / count
    sums = None
    for i in range(count):
        for point, weight in _legendre():
            values = [weight * width * part for part in f(low + width * (i + point))]
            sums = values if sums is None else [a + b for a, b in zip(sums, values, strict=True)]
    return sums


def pareto_log_odds(params, x, t_x, T):
    """Log odds of having left by T: the integral of the docstring of `log_odds_left`."""
    with mp.workdps(_DIGITS):
        r, alpha, s, beta = map(mp.mpf, params)
        t_x, T = mp.mpf(t_x), mp.mpf(T)
        silence = T - t_x
        if not silence:
            return mp.ninf
        k, a, b = r + x, alpha + t_x, beta + t_x
        steep = k / a + (s + 1) / b
        start = _EDGE / max(steep, 1 / silence)

        def piece(y):
            v = mp.exp(y)
            return [mp.exp(y - k * mp.log1p(v / a) - (s + 1) * mp.log1p(v / b))]

        integral = start + _panels(mp.log(start), mp.log(silence), piece)[0]
        rise = k * mp.log((alpha + T) / a) + s * mp.log((beta + T) / b)
        return mp.log(s) + rise - mp.log(b) + mp.log(integral)


def pareto(params, x, t_x, T):
    """Log-likelihood and P(alive): here until T, or gone since some moment after t_x.

    Schmittlein, Morrison & Colombo 1987.
    """
    with mp.workdps(_DIGITS):
        r, alpha, s, beta = map(mp.mpf, params)
        T = mp.mpf(T)
        value = mp.loggamma(r + x) - mp.loggamma(r) + r * mp.log(alpha) + s * mp.log(beta)
        value -= (r + x) * mp.log(alpha + T) + s * mp.log(beta + T)
        odds = mp.exp(pareto_log_odds(params, x, t_x, T))
        return float(value + mp.log1p(odds)), float(1 / (1 + odds))


def mean_saturation(k, u, a, b):
    """E over p ~ Beta(a, b) of [1 - (1 + p u)^-k] / (k p u)."""
    with mp.workdps(_DIGITS):
        k, u, a, b = map(mp.mpf, (k, u, a, b))

        def share(p):
            slope = mp.log1p(p * u)
            return (slope if k == 0 else -mp.expm1(-k * slope) / k) / (p * u)

        def left(y):
            p = mp.exp(y)
            weight = mp.exp(a * y + (b - 1) * mp.log1p(-p))
            return [weight, weight * share(p)]

        def right(y):
            q = mp.exp(y)
            weight = mp.exp(b * y + (a - 1) * mp.log1p(-q))
            return [weight, weight * share(1 - q)]

        first, last = _EDGE / max(b, 1, u * max(k, 1)), _EDGE / max(a, 1)
        whole = first**a / a + last**b / b
        part = first**a / a + last**b / b * share(mp.mpf(1))
        bend = min(1, 3 / mp.sqrt(min(a, b)))
        for low, f in ((first, left), (last, right)):
            mass, seen = _panels(mp.log(low), -mp.log(2), f, bend)
            whole, part = whole + mass, part + seen
        return part / whole
