"""Integrals of Gompertz lifetimes across customers: of survival, and of leaving in a silence."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.models.base import Params
from regulars.models.maths import log_growth, value_of

Floats = NDArray[np.float64]

_ROWS = 1024  # customers at a time, so that their nodes stay in cache
_CUT = 40.0  # an integral ends where its integrand is exp(-_CUT) of its peak
_SHORTEST = 1e-100  # silence that stands for none
_REACH = 3.2  # of the double exponential rule: beyond it weights are below 1e-16
_FEW, _MANY = 41, 73  # nodes of the rule on each side of the bend, odd
_SAME = 1e-7  # what half of the nodes may differ by: all of them are then right to 1e-10


def log_hazard_growth(b: Any, beta: Any, u: Any) -> Any:
    """log(beta + exp(b u) - 1), less b u: no overflow, no cancellation."""
    fall = np.exp(b * -u)
    return np.log(beta * fall - np.expm1(b * -u))


def bend(b: Any, beta: Any) -> Any:
    """Age around which a Gompertz lifetime mixed over Gamma(s, beta) begins to end."""
    return np.log1p(value_of(beta)) / value_of(b)


def log_odds_left(params: Params, x: Any, t_x: Any, T: Any) -> Any:
    """Log odds of having left by T against being there, given the orders; floats or jets (n,).

    The integral over the moment u of leaving, from t_x to T, of

        s b exp(b u) B(T)^s (alpha + T)^(r + x) / (B(u)^(s + 1) (alpha + u)^(r + x)),

    with B(u) = beta - 1 + exp(b u). All terms are positive. Double exponential nodes on each side
    of the bend of B, where the hazard turns from rising to constant: they resolve layers at both
    ends of a side, so neither a fast buyer nor a steep hazard needs more of them. The nodes are
    constants to the derivatives. A customer for whom half of the few nodes say the same needs no
    more of them. Source: Bemmaor & Glady (2012), before their eq. 9 is solved.
    """
    if any(hasattr(p, "chain") for p in params):
        values = [value_of(p) for p in params]
        few = bool(few_do(values, x, t_x, T).all())
        return _log_odds(params, x, t_x, T, _FEW if few else _MANY)[0]
    odds = np.empty(x.shape)
    _, middle, end = _sides(params, x, t_x, np.maximum(T - t_x, _SHORTEST))
    single = (middle <= 0.0) | (middle >= end)
    for group in (np.flatnonzero(single), np.flatnonzero(~single)):
        for begin in range(0, len(group), _ROWS):
            rows = group[begin : begin + _ROWS]
            part, known = _log_odds(_select(params, rows), x[rows], t_x[rows], T[rows], _FEW)
            hard = rows[~known]
            if len(hard):
                block = _select(params, hard)
                part[~known] = _log_odds(block, x[hard], t_x[hard], T[hard], _MANY)[0]
            odds[rows] = part
    return odds


def few_do(params: Params, x: Floats, t_x: Floats, T: Floats) -> NDArray[np.bool_]:
    """For which customers (n,) few nodes are enough; parameters are floats."""
    found = np.empty(x.shape, dtype=bool)
    for begin in range(0, len(x), _ROWS):
        rows = slice(begin, begin + _ROWS)
        found[rows] = _log_odds(_select(params, rows), x[rows], t_x[rows], T[rows], _FEW)[1]
    return found


def _select(params: Params, rows: Any) -> list[Any]:
    """Parameters of some customers; one for all stays as it is."""
    return [p[rows] if np.ndim(p) else p for p in params]


def _log_odds(
    params: Params, x: Any, t_x: Any, T: Any, count: int
) -> tuple[Any, NDArray[np.bool_]]:
    """The log odds by `count` nodes a side, and where every other node says the same.

    The error of a double exponential rule falls to about its square where the step is halved.
    """
    r, alpha, b, s, beta = params
    silence = np.maximum(T - t_x, _SHORTEST)
    after, log_weight = _nodes(params, x, t_x, silence, count)
    u = t_x + after
    shape = x + r
    fall = shape * log_growth(alpha, t_x, after) + (s + 1.0) * log_hazard_growth(b, beta, u)
    terms = log_weight - fall - s * (b * u)
    plain = value_of(terms)
    top = plain.max(0)
    grown = np.exp(terms - top)
    sums = grown.sum(0)
    every, whole = _every_other(count), value_of(sums)
    known = np.abs(every[: len(plain)] @ value_of(grown) - whole) < _SAME * whole
    total = np.log(sums) + top
    rise = shape * log_growth(alpha, t_x, silence)
    odds = np.log(s) + np.log(b) + rise + s * (log_hazard_growth(b, beta, T) + b * T) + total
    return odds, known


def expected_time(b: Any, s: Any, ratio: Any, cap: Any) -> Floats:
    """E[min(lifetime, cap)] where P(lifetime > y) = (1 + ratio (exp(b y) - 1))^-s; cap may be inf.

    `ratio` is exp(b T) / B(T) for who is there at T. Positive, broadcasting, relative error below
    1e-10: double exponential nodes on each side of the bend of the survival curve.
    """
    arrays = np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in (b, s, ratio, cap)))
    flat = [array.reshape(-1) for array in arrays]
    out = np.empty(flat[0].shape)
    for begin in range(0, len(out), _ROWS):
        rows = slice(begin, begin + _ROWS)
        out[rows] = _time(*(v[rows] for v in flat))
    return out.reshape(arrays[0].shape)


def log_stay(b: Any, s: Any, ratio: Any, ahead: Any) -> Floats:
    """Log P(lifetime > ahead): -s log(1 + ratio (exp(b ahead) - 1)) without overflow."""
    grown = b * ahead
    small = np.minimum(grown, 1.0)
    near = np.log1p(ratio * np.expm1(small))
    far = np.maximum(grown, 1.0)
    beyond: Floats = far + np.log(ratio + (1.0 - ratio) * np.exp(-far))
    return -s * np.where(grown <= 1.0, near, beyond)


def _time(b: Floats, s: Floats, ratio: Floats, cap: Floats) -> Floats:
    turn = np.log1p(1.0 / ratio) / b
    end = np.minimum(cap, turn + _CUT / (s * b))
    middle = np.minimum(turn, end)
    total = np.zeros(b.shape)
    share, weight = (part[:, None] for part in _rule(_MANY))
    for start, stop in ((np.zeros(b.shape), middle), (middle, end)):
        width = stop - start
        y = start + share * width
        total = total + width * (weight * np.exp(log_stay(b, s, ratio, y))).sum(0)
    return total


def _nodes(params: Params, x: Any, t_x: Any, silence: Floats, count: int) -> tuple[Floats, Floats]:
    """Times after t_x and log weights (nodes, n) for an integral over the silence."""
    start, middle, end = _sides(params, x, t_x, silence)
    share, weight = (part[:, None] for part in _rule(count))
    sides = [(start, middle), (middle, end)]
    if ((middle <= start) | (middle >= end)).all():
        sides = [(start, end)]
    after = np.concatenate([low + share * (high - low) for low, high in sides])
    with np.errstate(divide="ignore"):
        logs = [np.log(weight) + np.log(high - low) for low, high in sides]
    return after, np.maximum(np.concatenate(logs), -1e300)


def _sides(params: Params, x: Any, t_x: Any, silence: Floats) -> tuple[Floats, Floats, Floats]:
    """0, the bend and the end of what matters of the silence, in time after t_x."""
    r, alpha, b, s, beta = (value_of(p) for p in params)
    shape = np.maximum(x + r, 1e-9)
    rise = np.log1p(beta)  # more the hazard never grows
    far = (alpha + t_x) * np.expm1(np.minimum((_CUT + rise) / shape, 600.0))
    turn = np.maximum(bend(b, beta) - t_x, 0.0)
    end = np.minimum(np.minimum(silence, far), turn + (_CUT + np.log1p(s)) / (s * b))
    end = np.maximum(end, np.minimum(silence, _SHORTEST))
    middle = np.minimum(turn, end)
    return np.zeros_like(end), middle, end


@cache
def _rule(count: int) -> tuple[Floats, Floats]:
    """Double exponential nodes and weights on [0, 1] (Takahasi & Mori 1974)."""
    t = np.linspace(-_REACH, _REACH, count)
    step = t[1] - t[0]
    inner = 0.5 * np.pi * np.sinh(t)
    share = 1.0 / (1.0 + np.exp(-2.0 * inner))
    weight = step * np.pi * np.cosh(t) * share * (1.0 - share)
    return share, weight / weight.sum()


@cache
def _every_other(count: int) -> Floats:
    """Factors on the weights of both sides for the rule of every other node."""
    factor = np.zeros(count)
    factor[::2] = 1.0 / _rule(count)[1][::2].sum()
    return np.tile(factor, 2)
