"""The same quantities in 60-digit arithmetic, straight from the papers' integrals."""

from __future__ import annotations

import mpmath as mp

mp.mp.dps = 60


def log_rising(a, n):
    return mp.loggamma(mp.mpf(a) + n) - mp.loggamma(mp.mpf(a))


def log_beta(a, b):
    return mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(mp.mpf(a) + b)


def nbd_log_likelihood(params, x, t_x, T):
    r, alpha = map(mp.mpf, params)
    return log_rising(r, x) + r * mp.log(alpha) - (r + x) * mp.log(alpha + T)


def bg_log_likelihood(params, x, t_x, T):
    """Fader, Hardie & Lee 2005, eq. 6."""
    r, alpha, a, b = map(mp.mpf, params)
    here = mp.exp(log_beta(a, b + x) - log_beta(a, b)) * (alpha + T) ** -(r + x)
    if x > 0:
        here += mp.exp(log_beta(a + 1, b + x - 1) - log_beta(a, b)) * (alpha + t_x) ** -(r + x)
    return log_rising(r, x) + r * mp.log(alpha) + mp.log(here)


def mbg_log_likelihood(params, x, t_x, T):
    """Batislam, Denizel & Filiztekin 2007: one more chance to leave, at the first order."""
    r, alpha, a, b = map(mp.mpf, params)
    here = mp.exp(log_beta(a, b + x + 1) - log_beta(a, b)) * (alpha + T) ** -(r + x)
    here += mp.exp(log_beta(a + 1, b + x) - log_beta(a, b)) * (alpha + t_x) ** -(r + x)
    return log_rising(r, x) + r * mp.log(alpha) + mp.log(here)


def bg_p_alive(params, x, t_x, T):
    r, alpha, a, b = map(mp.mpf, params)
    if x == 0:
        return mp.mpf(1)
    return 1 / (1 + a / (b + x - 1) * ((alpha + T) / (alpha + mp.mpf(t_x))) ** (r + x))


def mbg_p_alive(params, x, t_x, T):
    r, alpha, a, b = map(mp.mpf, params)
    return 1 / (1 + a / (b + x) * ((alpha + T) / (alpha + mp.mpf(t_x))) ** (r + x))


def until_dropout(shape, rate, a, b, horizon):
    """E[(1 - (1 + p h / rate)^-shape) / p] over p ~ Beta(a, b).

    Fader, Hardie & Lee 2005, eq. 9 and 10, before Euler's transformation of the 2F1.
    """
    shape, rate, a, b, horizon = map(mp.mpf, (shape, rate, a, b, horizon))
    if a == 1:
        a += mp.mpf(10) ** -40
    with mp.workdps(100):
        tail = mp.hyp2f1(shape, a - 1, a + b - 1, -horizon / rate)
        return (a + b - 1) / (a - 1) * (1 - tail)


def lifetime_until_dropout(shape, rate, a, b, cap):
    """Integral over u < cap of P(there at u) = E[(1 + p u / rate)^-shape]."""
    shape, rate, a, b, cap = map(mp.mpf, (shape, rate, a, b, cap))
    less = shape - 1
    if less == 0:
        less = mp.mpf(10) ** -18
    return rate / less * until_dropout(less, rate, a, b, cap)
