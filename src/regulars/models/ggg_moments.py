"""The Pareto/GGG likelihood of customers, its derivatives from moments over the nodes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.models.base import Params
from regulars.models.gamma_functions import digamma, trigamma
from regulars.models.ggg_nodes import Known, Nodes, nodes
from regulars.models.maths import value_of

Floats = NDArray[np.float64]

_COUNT = 6
_T, _GAMMA, _R, _ALPHA, _S, _BETA = range(_COUNT)


def log_integral(params: Params, x: Floats, t_x: Floats, T: Floats, log_gaps: Floats) -> Any:
    """Log-likelihood of customers (n,), for floats or jets.

    The nodes are constants to the derivatives. With L the log-density at a node, the gradient of
    the log-integral is the mean of L' over the nodes and its Hessian the mean of L'' plus the
    covariance of L' (Louis 1982). The parabola with these, taken at the jets, is right to
    second order.
    """
    known = Known.of([value_of(p) for p in params], x, t_x, T, log_gaps)
    value = np.empty(len(x))
    if not any(hasattr(p, "chain") for p in params):
        for block in nodes(known):
            alive, left = block.likelihood()
            value[block.rows] = np.log(alive + left) + block.log_scale
        return value
    gradient, hessian = np.empty((_COUNT, len(x))), np.empty((_COUNT, _COUNT, len(x)))
    for block in nodes(known):
        rows = block.rows
        whole, gradient[:, rows], hessian[:, :, rows] = _moments(block)
        value[rows] = np.log(whole) + block.log_scale
    change = [p - value_of(p) for p in params]
    total: Any = value
    for i in range(_COUNT):
        total = total + change[i] * gradient[i]
        for j in range(i, _COUNT):
            part = change[i] * change[j]
            total = total + part * (0.5 * hessian[i, j] if i == j else hessian[i, j])
    return total


def _moments(block: Nodes) -> tuple[Floats, Floats, Floats]:
    """Sum over the nodes (n,), gradient (6, n) and Hessian (6, 6, n) of the log-integral."""
    known, k, early = block.known, block.k, block.early
    share = block.share
    leaving, bends = _leaving(known, block.gap[:early])
    share[:early] *= leaving.pop("chance")
    reach = known.alpha + k * (known.t_x + block.gap)
    log_reach, inverse = np.log(reach), 1.0 / reach
    sums = share.sum(axis=0)
    whole = sums.sum(axis=0)
    done = known.r + k * (known.x + 1.0)
    rates = {_R: digamma(done) - log_reach, _ALPHA: -done * inverse}
    first, second = np.zeros((_COUNT, *k.shape)), np.zeros((_COUNT, _COUNT, *k.shape))
    for i, slope in rates.items():
        weighted = share * slope
        first[i] = weighted.sum(axis=0)
        for j, other in rates.items():
            if i <= j:
                second[i, j] = np.einsum("vkn,vkn->kn", weighted, other)
    for i, slope in ((_S, leaving["s"]), (_BETA, leaving["beta"])):
        weighted = share[:early] * slope
        first[i] = weighted.sum(axis=0)
        for j, other in rates.items():
            second[j, i] = np.einsum("vkn,vkn->kn", weighted, other[:early])
    for (i, j), bend in bends.items():  # the products of the slopes are in them
        second[i, j] = np.einsum("vkn,vkn->kn", share[:early], bend)
    weighted = share * inverse
    second[_R, _R] += sums * trigamma(done)
    second[_R, _ALPHA] -= weighted.sum(axis=0)
    second[_ALPHA, _ALPHA] += done * np.einsum("vkn,vkn->kn", weighted, inverse)
    _of_k(first, second, sums, np.log(k), -k)
    mean = first.sum(axis=1) / whole
    spread = second.sum(axis=2) / whole - mean[:, None] * mean
    for i in range(_COUNT):
        spread[i, :i] = spread[:i, i]
    slopes, curves = _constants(known)
    return whole, mean + slopes, spread + curves


def _of_k(first: Floats, second: Floats, sums: Floats, log_k: Floats, minus_k: Floats) -> None:
    """Fill in the moments with the slopes in t and gamma, which depend on k alone."""
    for i, slope in ((_T, log_k), (_GAMMA, minus_k)):
        first[i] = slope * sums
        second[i, _R:] = slope * first[_R:]
    second[_T, _T] = log_k * log_k * sums
    second[_T, _GAMMA] = log_k * minus_k * sums
    second[_GAMMA, _GAMMA] = minus_k * minus_k * sums


def _leaving(known: Known, gap: Floats) -> tuple[dict[str, Floats], dict[tuple[int, int], Floats]]:
    """Chance h of having left before the gap is over, slopes of log h, and h'' / h in s and beta.

    h = 1 - exp(-s g) with g = log(1 + gap / b) and b = beta + t_x.
    """
    s, start = known.s, known.beta + known.t_x
    ratio = gap / start
    grown = np.maximum(np.log1p(ratio), 1e-290)
    w = s * grown
    chance = -np.expm1(-w)
    q = w * np.exp(-w) / chance
    by_start = -ratio / (start * (1.0 + ratio) * grown)  # g' / g in b
    bend = ratio * (2.0 + ratio) / (np.square(start * (1.0 + ratio)) * grown)  # g'' / g
    slopes = {"chance": chance, "s": q / s, "beta": by_start * q}
    return slopes, {
        (_S, _S): -grown * q / s,
        (_S, _BETA): by_start * (q / s - grown * q),
        (_BETA, _BETA): q * (bend - by_start * by_start * w),
    }


def _constants(known: Known) -> tuple[Floats, Floats]:
    """Slopes (6, n) and curvatures (6, 6, n) of the part of L that is the same at all nodes."""
    t, gamma, r, alpha, s, beta = (
        known.t,
        known.gamma,
        known.r,
        known.alpha,
        known.s,
        known.beta,
    )
    aged = beta + known.t_x
    slopes, curves = np.zeros((_COUNT, len(t))), np.zeros((_COUNT, _COUNT, len(t)))
    slopes[_T], slopes[_GAMMA] = np.log(gamma) - digamma(t), t / gamma
    slopes[_R], slopes[_ALPHA] = np.log(alpha) - digamma(r), r / alpha
    slopes[_S], slopes[_BETA] = -np.log1p(known.t_x / beta), s * known.t_x / (beta * aged)
    curves[_T, _T], curves[_GAMMA, _GAMMA] = -trigamma(t), -t / gamma**2
    curves[_R, _R], curves[_ALPHA, _ALPHA] = -trigamma(r), -r / alpha**2
    curves[_BETA, _BETA] = -s * known.t_x * (beta + aged) / np.square(beta * aged)
    for i, j, value in (
        (_T, _GAMMA, 1.0 / gamma),
        (_R, _ALPHA, 1.0 / alpha),
        (_S, _BETA, known.t_x / (beta * aged)),
    ):
        curves[i, j] = curves[j, i] = value
    return slopes, curves
