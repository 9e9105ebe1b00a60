"""The integral over a customer's log-normal pair, its derivatives from moments over the nodes."""

from __future__ import annotations

from itertools import combinations_with_replacement
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.models.abe_nodes import Nodes, Pair, nodes
from regulars.models.base import Params
from regulars.models.maths import value_of

Floats = NDArray[np.float64]

_POWERS = ((1, 0), (0, 1), (2, 0), (1, 1), (0, 2))  # of a and b
_PAIRS = tuple(combinations_with_replacement(range(len(_POWERS)), 2))


def log_integral(params: Params, x: Floats, t_x: Floats, T: Floats) -> Any:
    """Log-likelihood of customers (n,) with the two rates integrated out, for floats or jets.

    The nodes are constants to the derivatives, so the parameters enter through the normal
    density alone, whose logarithm is k0 + k . (a, b, a^2, a b, b^2). The derivatives of the
    log-integral in k are the mean and the covariance of these powers over the nodes, and the
    parabola with that gradient and Hessian, taken at the jets k, is right to second order.
    """
    plain = [value_of(p) for p in params]
    pair = Pair.of(plain, len(x))
    if not any(hasattr(p, "chain") for p in params):
        value = np.empty(len(x))
        for block in nodes(pair, x, t_x, T):
            whole = (block.alive + block.left).sum(axis=(0, 1))
            value[block.rows] = np.log(whole) + block.log_scale
        return value
    value, centre, mean, spread = _moments(pair, x, t_x, T)
    constant, change = _log_density(params, pair, centre)
    total: Any = constant + value
    for k, first in zip(change, mean, strict=True):
        total = total + k * first
    for (i, j), second in zip(_PAIRS, spread, strict=True):
        total = total + (change[i] * change[j]) * (0.5 * second if i == j else second)
    return total


def _log_density(params: Params, pair: Pair, centre: Floats) -> tuple[Any, list[Any]]:
    """Log normal density of constant nodes over its value now: k0 and the five k.

    A node stays where it is, so its standardised place (A, B) moves with the parameters. In
    its distance (a, b) from the `centre`, A = c0 + c1 a and B = d0 + d1 a + d2 b.
    """
    mean_l, mean_m, spread_l, spread_m, z = params
    at_a, at_b = centre
    rho, stretch = _tanh(z), _cosh(z)  # stretch is 1 / sqrt(1 - rho^2)
    c1 = np.reciprocal(spread_l) * pair.spread_l
    c0 = (pair.mean_l - mean_l) / spread_l + c1 * at_a
    d2 = stretch / spread_m * (pair.spread_m * pair.rest)
    d1 = (np.reciprocal(spread_m) * (pair.spread_m * pair.rho) - rho * c1) * stretch
    away = (pair.mean_m - mean_m + pair.spread_m * pair.rho * at_a) / spread_m
    d0 = (away - rho * c0) * stretch + d2 * at_b
    constant = 0.5 * (at_a * at_a + at_b * at_b) - 0.5 * (c0 * c0 + d0 * d0)
    return constant + np.log(c1) + np.log(d2), [
        at_a - (c0 * c1 + d0 * d1),
        at_b - d0 * d2,
        0.5 - 0.5 * (c1 * c1 + d1 * d1),
        -(d1 * d2),
        0.5 - 0.5 * (d2 * d2),
    ]


def _moments(pair: Pair, x: Floats, t_x: Floats, T: Floats) -> tuple[Floats, ...]:
    """Log-integral (n,), centre (2, n), means (5, n) and covariances (15, n) of the powers."""
    value, centre = np.empty(len(x)), np.empty((2, len(x)))
    mean, spread = np.empty((len(_POWERS), len(x))), np.empty((len(_PAIRS), len(x)))
    for block in nodes(pair, x, t_x, T):
        rows = block.rows
        whole, centre[:, rows], moment = _central(block)
        value[rows] = np.log(whole) + block.log_scale
        mean[:, rows] = first = np.array([moment[p][q] for p, q in _POWERS])
        for row, (i, j) in enumerate(_PAIRS):
            p, q = (sum(powers) for powers in zip(_POWERS[i], _POWERS[j], strict=True))
            spread[row, rows] = moment[p][q] - first[i] * first[j]
    return value, centre, mean, spread


def _central(block: Nodes) -> tuple[Floats, Floats, list[list[Floats]]]:
    """Sum of the weights, means of a and b, and moments[p][q] of a^p b^q around them."""
    weight = block.alive + block.left
    by_a = weight.sum(axis=0)
    whole = by_a.sum(axis=0)
    at_a = (by_a * block.a).sum(axis=0) / whole
    at_b = (weight * block.b).sum(axis=(0, 1)) / whole
    a, b = block.a - at_a, block.b - at_b
    moments: list[list[Floats]] = [[] for _ in range(5)]
    for _ in range(5):
        part = weight.sum(axis=0) / whole
        for powers in moments:
            powers.append(part.sum(axis=0))
            part = part * a
        weight *= b
    return whole, np.array([at_a, at_b]), moments


def _tanh(z: Any) -> Any:
    tangent = np.tanh(value_of(z))
    chain = getattr(z, "chain", None)
    slope = 1.0 - tangent * tangent
    return tangent if chain is None else chain(tangent, slope, -2.0 * tangent * slope)


def _cosh(z: Any) -> Any:
    at = np.clip(value_of(z), -300.0, 300.0)
    chain = getattr(z, "chain", None)
    cosh = np.cosh(at)
    return cosh if chain is None else chain(cosh, np.sinh(at), cosh)
