"""Customers who may leave right after an order, with a Beta-distributed chance of their own.

Throughout, orders arrive at a rate lambda ~ Gamma(shape, rate) and each is the last with chance
p ~ Beta(a, b); BG/NBD and MBG/NBD differ only in how many such chances a customer has survived.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.models.base import BLOCK, Params
from regulars.models.maths import expected_until_dropout

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_SMALLEST_CHANCE = 1e-15  # below it an order count no longer fits 64 bits
_SMALLEST_SHAPE = 1e-10  # where (1 - y^-s) / s has become log y


def log_odds_left(params: Params, survived: Any, shape: Any, ratio: Any) -> Any:
    """Log odds of having left after the last order, against silence until now.

    a / (b + survived) times ((alpha + T) / (alpha + t_x))^shape, where `ratio` is the logarithm
    of the quotient and `survived` counts the chances to leave before the last order.
    """
    _, _, a, b = params
    return np.log(a) - np.log(b + survived) + shape * ratio


def p_alive(params: Params, x: Any, t_x: Any, T: Any, first_chance: int) -> Floats:
    """P(still a customer at T); 1 before the first chance to leave.

    `first_chance` is the number of repeat orders at which a customer may first leave. Blocked so
    that scratch arrays stay in cache: about 15 ns a customer.
    """
    r, alpha, a, b = (float(p) for p in params)
    arrays = np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in (x, t_x, T)))
    flat_x, flat_t, flat_T = (v.reshape(-1) for v in arrays)
    out = np.empty(flat_x.shape)
    with np.errstate(over="ignore", divide="ignore"):
        for begin in range(0, len(out), BLOCK):
            rows = slice(begin, begin + BLOCK)
            odds = flat_T[rows] + alpha
            odds /= flat_t[rows] + alpha
            np.log(odds, out=odds)
            odds *= flat_x[rows] + r
            np.exp(odds, out=odds)
            odds *= a
            odds /= np.maximum(flat_x[rows] - first_chance, 0.0) + b
            odds += 1.0
            np.reciprocal(odds, out=out[rows])
    if first_chance:
        out[flat_x < first_chance] = 1.0
    return out.reshape(arrays[0].shape)


def expected_orders(shape: Any, rate: Any, a: Any, b: Any, horizon: Any) -> Floats:
    """Expected orders within the horizon, the last one included.

    Given lambda and p it is (1 - exp(-lambda p horizon)) / p; over an endless horizon 1 / p.
    """
    shape, rate, a, b, horizon = np.broadcast_arrays(shape, rate, a, b, horizon)
    ends = np.isfinite(horizon)
    if ends.all():
        return expected_until_dropout(shape, rate, a, b, horizon)
    finite = expected_until_dropout(shape, rate, a, b, np.where(ends, horizon, 0.0))
    return np.where(ends, finite, _endless(a, b))


def expected_lifetime(shape: Any, rate: Any, a: Any, b: Any, cap: float) -> Floats:
    """Expected remaining lifetime, counted up to `cap`.

    Integrating P(there at u) = E[(1 + p u / rate)^-shape] over u < cap gives
    rate E[(1 - (1 + p cap / rate)^-(shape - 1)) / p] / (shape - 1).
    """
    shape, rate, a, b = np.broadcast_arrays(shape, rate, a, b)
    less = shape - 1.0
    if np.isinf(cap):
        with np.errstate(divide="ignore"):
            return np.where(less > 0.0, rate / np.maximum(less, 0.0) * _endless(a, b), np.inf)
    less = np.where(np.abs(less) < _SMALLEST_SHAPE, _SMALLEST_SHAPE, less)
    return rate / less * expected_until_dropout(less, rate, a, b, cap)


def _endless(a: Any, b: Any) -> Floats:
    """E[1 / p] for p ~ Beta(a, b): (a + b - 1) / (a - 1), without limit for a <= 1."""
    with np.errstate(divide="ignore"):
        return np.where(a > 1.0, (a + b - 1.0) / np.maximum(a - 1.0, 0.0), np.inf)


def draw_orders(rate: Floats, chance: Floats, horizon: float, rng: np.random.Generator) -> Ints:
    """Draw the orders within the horizon, given each customer's rate and chance to leave."""
    last = draw_last(chance, rng)
    return last if np.isinf(horizon) else np.minimum(rng.poisson(rate * horizon), last)


def draw_last(chance: Floats, rng: np.random.Generator) -> Ints:
    """Draw how many orders it takes until the one after which the customer leaves (1, 2, ...)."""
    return rng.geometric(np.maximum(chance, _SMALLEST_CHANCE))
