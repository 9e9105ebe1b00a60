"""Odds that a customer left during the silence since the last order, by a positive integral."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.models.base import Params
from regulars.models.maths import log_growth, value_of

Floats = NDArray[np.float64]

ROWS = 1536  # customers at a time, so that their nodes stay in cache

_CUT = 34.0  # the integral ends where its integrand is exp(-_CUT) of its start
_SHORTEST = 1e-100  # silence that stands for none: then the odds are 0 to any precision
_FURTHEST = 600.0  # exponents up to here cannot overflow

# Nodes that leave a relative error below 3e-13 for a `spread` up to a limit: the most that any of
# 120,000 random customers needed, parameters over five decades, x and T to 10^4.
_NODES = (
    (0.2, 4),
    (0.7, 5),
    (1.5, 6),
    (3.0, 7),
    (4.0, 8),
    (6.0, 9),
    (8.0, 10),
    (12.0, 12),
    (18.0, 16),
    (26.0, 20),
    (40.0, 28),
    (50.0, 40),
)
_MOST_NODES = 56


def log_odds_left(params: Params, x: Any, t_x: Any, T: Any) -> Any:
    """Log odds of having left by T against being there, given the orders; floats or jets.

    The odds are the integral over the moment u of leaving, from t_x to T, of

        s (alpha + T)^(r + x) (beta + T)^s / ((alpha + u)^(r + x) (beta + u)^(s + 1)).

    The integrand is positive, so nothing cancels, where the closed form is the difference of
    two 2F1. Gauss-Legendre nodes in w = log((c + u) / (c + t_x)), c the smaller of alpha and
    beta: on that scale the integrand is a falling exponential or a smooth step. The nodes are
    constants to the derivatives. Jets are (n,) and best come in `ROWS` of equal difficulty.
    Source: Schmittlein, Morrison & Colombo (1987), before its eq. A20 is solved.
    """
    jets = any(hasattr(p, "chain") for p in params)
    if jets and not any(np.ndim(value_of(p)) for p in params):
        return _log_odds(params, x, t_x, T)
    sizes = [np.shape(v) for v in (x, t_x, T, *(value_of(p) for p in params))]
    shape = np.broadcast_shapes(*sizes)
    data = [_flat(np.asarray(v, dtype=np.float64), shape) for v in (x, t_x, T)]
    each = [_flat(p, shape) if np.ndim(value_of(p)) else p for p in params]
    order = _by_difficulty([value_of(p) for p in each], *data)
    parts = [
        (rows, _log_odds([_at(p, rows) for p in each], *(v[rows] for v in data)))
        for rows in np.split(order, range(ROWS, len(order), ROWS))
    ]
    if jets:
        back = np.argsort(order)
        return _joined([part for _, part in parts], lambda whole: whole[back].reshape(shape))
    odds = np.empty(len(order))
    for rows, part in parts:
        odds[rows] = part
    return odds.reshape(shape)


def _flat(values: Any, shape: tuple[int, ...]) -> Any:
    """An array, or a jet of one, as one row of numbers."""
    if hasattr(values, "chain"):
        return values.broadcast_to(shape).ravel()
    return np.ascontiguousarray(np.broadcast_to(values, shape)).reshape(-1)


def _at(param: Any, rows: NDArray[np.int64]) -> Any:
    return param[rows] if np.ndim(value_of(param)) else param


def _by_difficulty(params: Params, x: Floats, t_x: Floats, T: Floats) -> NDArray[np.int64]:
    if len(x) <= ROWS:
        return np.arange(len(x))
    width, fall, _ = _reach(params, x, t_x, np.maximum(T - t_x, _SHORTEST))
    return np.argsort(spread(fall, width))


def _joined(parts: Sequence[Any], change: Callable[[Floats], Floats]) -> Any:
    """Jets of consecutive rows as one, each of its arrays changed."""
    found: list[list[Floats]] = []
    for part in parts:
        arrays: list[Floats] = []
        part.map(arrays.append)
        found.append(arrays)
    whole = iter([change(np.concatenate(pieces)) for pieces in zip(*found, strict=True)])

    def put(_: Floats) -> Floats:
        return next(whole)

    return parts[0].map(put)


def _log_odds(params: Params, x: Any, t_x: Any, T: Any) -> Any:
    r, alpha, s, beta = params
    silence = np.maximum(T - t_x, _SHORTEST)
    after, log_weight = _nodes([value_of(p) for p in params], x, t_x, silence)
    shape = x + r
    fall = shape * log_growth(alpha, t_x, after) + (s + 1.0) * log_growth(beta, t_x, after)
    integral = np.exp(log_weight - fall).sum(0)
    rise = shape * log_growth(alpha, t_x, silence) + s * log_growth(beta, t_x, silence)
    return np.log(s) + rise - np.log(beta + t_x) + np.log(integral)


def spread(fall: Floats, width: Floats) -> Floats:
    """How hard an integrand is, from its fall in nats and its width in w."""
    return fall + 3.0 * width


def nodes_for(difficulty: float) -> int:
    """Gauss-Legendre nodes for a `spread`."""
    return next((nodes for limit, nodes in _NODES if difficulty < limit), _MOST_NODES)


@cache
def legendre(nodes: int) -> tuple[Floats, Floats]:
    """Gauss-Legendre nodes and weights on [0, 1]."""
    points, weights = np.polynomial.legendre.leggauss(nodes)
    return 0.5 * (points + 1.0), 0.5 * weights


def _nodes(params: Params, x: Any, t_x: Any, silence: Floats) -> tuple[Floats, Floats]:
    """Times after t_x and log weights (nodes, n) for an integral over the silence."""
    width, fall, scale = _reach(params, x, t_x, silence)
    hardest = float(spread(fall, width).max(initial=0.0))
    points, weights = (part[:, None] for part in legendre(nodes_for(hardest)))
    w = points * width
    return np.expm1(w) * scale, w + (np.log(weights) + np.log(width * scale))


def _reach(params: Params, x: Any, t_x: Any, silence: Floats) -> tuple[Floats, Floats, Floats]:
    """Up to where the integrand matters: width in w, its fall in nats, and c + t_x; all (n,)."""
    r, alpha, s, beta = params
    shape = x + r
    a, b = alpha + t_x, beta + t_x
    c = np.minimum(a, b)
    longest_a = (_CUT + np.log(a / c)) / np.maximum(shape - 1.0, 1e-9)
    longest_b = (_CUT + np.log(b / c)) / s
    end = np.minimum(a * np.expm1(np.minimum(longest_a, _FURTHEST)), silence)
    end = np.minimum(b * np.expm1(np.minimum(longest_b, _FURTHEST)), end)
    fall = shape * np.log1p(end / a) + (s + 1.0) * np.log1p(end / b)
    return np.log1p(end / c), fall, c
