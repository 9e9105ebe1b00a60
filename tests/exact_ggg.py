"""Pareto/GGG in 30-digit arithmetic, from its definition: integrals over k, lambda done, and u."""

from __future__ import annotations

import mpmath as mp

_DIGITS = 30


def _survival(k, shape, ratio):
    """P(no order for a time) given k: I_(1 - p)(shape, k), p = ratio / (1 + ratio)."""
    return mp.betainc(shape, k, 0, 1 / (1 + ratio), regularized=True)


def _given_k(params, x, t_x, T, log_gaps, k):
    """Alive and left at one k, with the density of the gaps; left is integrated over u."""
    t, gamma, r, alpha, s, beta = params
    log_c = t * mp.log(gamma) - mp.loggamma(t) + (t - 1) * mp.log(k) - gamma * k
    log_c += x * (k * mp.log(k) - mp.loggamma(k)) + (k - 1) * log_gaps
    done = r + k * x
    log_c += mp.loggamma(done) - mp.loggamma(r) + r * mp.log(alpha) - done * mp.log(alpha + k * t_x)
    reach = alpha + k * t_x

    def there(u):
        return (beta / (beta + u)) ** s

    alive = _survival(k, done, k * (T - t_x) / reach) * there(T)

    def leaves(u):
        return _survival(k, done, k * (u - t_x) / reach) * s / (beta + u) * there(u)

    left = mp.quad(leaves, mp.linspace(t_x, T, 5)) if t_x < T else mp.mpf(0)
    return mp.exp(log_c) * alive, mp.exp(log_c) * left


def pareto_ggg(params, x, t_x, T, log_gaps, low=-12, high=6, panels=24):
    """Log-likelihood and P(alive)."""
    with mp.workdps(_DIGITS):
        params = [mp.mpf(p) for p in params]
        x, t_x, T, log_gaps = (mp.mpf(v) for v in (x, t_x, T, log_gaps))
        nodes = mp.linspace(low, high, panels * 12 + 1)
        alive = left = mp.mpf(0)
        for y in nodes:
            k = mp.exp(y)
            a, b = _given_k(params, x, t_x, T, log_gaps, k)
            alive, left = alive + a * k, left + b * k
        step = nodes[1] - nodes[0]
        whole = (alive + left) * step
        return float(mp.log(whole)), float(alive / (alive + left))
