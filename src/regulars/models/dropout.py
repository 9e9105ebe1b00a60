"""Customers who may leave right after an order, with a Beta-distributed chance of their own.

Throughout, orders arrive at a rate lambda ~ Gamma(shape, rate) and each is the last with chance
p ~ Beta(a, b); BG/NBD and MBG/NBD differ only in how many such chances a customer has survived.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.models.base import BLOCK, History, Params
from regulars.models.counts import gamma_poisson

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Both shapes by the same factor (CLVTools), which leaves the mean chance to leave as it is, or
# each by its own (Fader & Hardie 2007, "Incorporating Time-Invariant Covariates").
EFFECTS = (
    ("dropout", "a", 1.0),
    ("dropout", "b", 1.0),
    ("dropout_a", "a", 1.0),
    ("dropout_b", "b", 1.0),
)

_SMALLEST_CHANCE = 1e-15  # below it an order count no longer fits 64 bits


def log_odds_left(params: Params, survived: Any, shape: Any, ratio: Any) -> Any:
    """Log odds of having left after the last order, against silence until now.

    a / (b + survived) times ((alpha + T) / (alpha + t_x))^shape, where `ratio` is the logarithm
    of the quotient and `survived` counts the chances to leave before the last order.
    """
    _, _, a, b = params
    return np.log(a) - np.log(b + survived) + shape * ratio


def p_alive(params: Params, history: History, first_chance: int) -> Floats:
    """P(still a customer at T); 1 before the first chance to leave.

    `first_chance` is the number of repeat orders at which a customer may first leave. Blocked so
    that scratch arrays stay in cache: about 15 ns a customer.
    """
    shape = history.shape
    flat_x, flat_t, flat_T = (
        np.broadcast_to(np.asarray(v, dtype=np.float64), shape).reshape(-1)
        for v in (history.x, history.t_x, history.T)
    )
    each = [np.broadcast_to(p, shape).reshape(-1) if np.ndim(p) else p for p in params]
    out = np.empty(flat_x.shape)
    with np.errstate(over="ignore", divide="ignore"):
        for begin in range(0, len(out), BLOCK):
            rows = slice(begin, begin + BLOCK)
            r, alpha, a, b = (p[rows] if np.ndim(p) else p for p in each)
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
    return out.reshape(shape)


def order_probabilities(a: Any, b: Any, shape: Any, rate: Any, horizon: float, most: int) -> Floats:
    """P(exactly j orders within the horizon), (most + 1, ...).

    Either j orders came and none was the last, or the j-th was and more would have come:
    E[(1 - p)^j] P(N = j) + E[p (1 - p)^(j - 1)] P(N >= j), N the orders of who never leaves.
    """
    chance, beyond = gamma_poisson(most, shape, rate, horizon)
    a, b = np.broadcast_arrays(np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64))
    stayed = np.ones(chance.shape[1:])  # E[(1 - p)^j]
    for j in range(1, most + 1):
        left = stayed * a / (a + b + (j - 1))
        stayed = stayed * (b + (j - 1)) / (a + b + (j - 1))
        chance[j] = stayed * chance[j] + left * (chance[j] + beyond[j])
    return chance


def draw_orders(rate: Floats, chance: Floats, horizon: float, rng: np.random.Generator) -> Ints:
    """Draw the orders within the horizon, given each customer's rate and chance to leave."""
    last = draw_last(chance, rng)
    return last if np.isinf(horizon) else np.minimum(rng.poisson(rate * horizon), last)


def draw_last(chance: Floats, rng: np.random.Generator) -> Ints:
    """Draw how many orders it takes until the one after which the customer leaves (1, 2, ...)."""
    return rng.geometric(np.maximum(chance, _SMALLEST_CHANCE))
