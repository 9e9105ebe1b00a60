"""Draws of the orders to come of a Pareto/GGG customer who is still there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from regulars.models.gamma_functions import log_gamma
from regulars.models.ggg_nodes import EARLY, MARGIN, Known, nodes, panels
from regulars.models.ggg_renewal import draw_renewals
from regulars.models.pareto_integral import legendre

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_POINTS = 64  # of a panel, narrow enough to be drawn from
_DIGITS = 20.0  # nats of relative error of the sum in log k: it sets the width of a cell
_UNLIKELY = 18.0  # nats below the most likely cell at which one is never drawn
_CELLS = 2_000_000  # draws x nodes at a time
_STEEPEST, _EVEN = 500.0, 1e-9  # how far the log-density of a cell falls, and what counts as even
_LONGEST = 1e15  # gaps that a draw may count


def draw_orders(known: Known, horizon: float, rng: np.random.Generator) -> Ints:
    """Draw one number of orders for each entry: its parameters, and the same history in all.

    Regularity and next gap come from the nodes' cells by their chance at the entry's own
    parameters, within a cell evenly in log k and by the slope of the density in the log of the
    gap; the order rate, the lifetime and all later gaps exactly.
    """
    k, gap = _draw_gap(known, rng)
    rate = rng.gamma(known.r + k * (known.x + 1.0)) / (known.alpha + k * (known.t_x + gap))
    drop = rng.gamma(known.s) / (known.beta + known.T)
    wait = rng.exponential(size=len(k))
    life = np.divide(wait, drop, out=np.full(len(k), np.inf), where=drop > wait * 1e-300)
    first = np.maximum(gap - known.silence, 0.0)
    rest = np.minimum(life, horizon) - first
    some = np.flatnonzero(rest > 0)
    orders = np.zeros(len(k), dtype=np.int64)
    pace = np.maximum(rate[some], 1e-300)
    time = np.minimum(rest[some], _LONGEST / pace)
    orders[some] = 1 + draw_renewals(k[some], pace, time, rng)
    return orders


def _draw_gap(known: Known, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Regularity and the gap since the last order, longer than the silence."""
    size = len(known.x)
    middle = known.select(np.zeros(1, dtype=np.int64))
    own = ("t", "gamma", "r", "alpha")
    means = {name: np.exp(np.log(getattr(known, name)).mean(keepdims=True)) for name in own}
    middle = replace(middle, **means)
    block = next(nodes(middle, _DIGITS, _POINTS, after=True))
    log_k = np.log(block.k)
    low, high = _cells(middle, log_k)
    logs = np.log(np.maximum(block.share[..., 0], 1e-300))
    v, i = np.nonzero(logs > logs.max() - _UNLIKELY)
    logs, low, high, gap = logs[v, i], low[v, i], high[v, i], block.gap[v, i, 0]
    place = np.empty(size, dtype=np.int64)
    alike = all(bool((getattr(known, name) == getattr(known, name)[0]).all()) for name in own)
    step = size if alike else max(1, _CELLS // logs.size)
    for begin in range(0, size, step):
        rows = slice(begin, begin + 1) if alike else slice(begin, min(begin + step, size))
        at = logs + _turned(known.select(rows), middle, block.k[i, 0], gap)
        steps = np.cumsum(np.exp(at - at.max(axis=1, keepdims=True)), axis=1)
        if alike:
            place[:] = np.searchsorted(steps[0], rng.random(size) * steps[0, -1])
        else:
            mark = rng.random(len(at)) * steps[:, -1]
            place[rows] = (steps < mark[:, None]).sum(axis=1)
    place = np.minimum(place, logs.size - 1)
    width = float(log_k[1, 0] - log_k[0, 0])
    slope = _slope(known, block.k[i, 0][place], gap[place])
    log_gap = low[place] + _along((high - low)[place], slope, rng.random(size))
    k = np.exp(log_k[i[place], 0] + (rng.random(size) - 0.5) * width)
    return k, np.exp(log_gap)


def _slope(known: Known, k: Floats, gap: Floats) -> Floats:
    """Slope of the log-density of the log of the gap (n,), see `panels`."""
    reach = k * (known.t_x + gap)
    return k - (known.r + k * (known.x + 1.0)) * k * gap / (known.alpha + reach)


def _along(width: Floats, slope: Floats, share: Floats) -> Floats:
    """How far into cells of some width a share of a density that grows like exp(slope y) lies."""
    turn = np.clip(slope * width, -_STEEPEST, _STEEPEST)
    turn = np.where(np.abs(turn) < _EVEN, _EVEN, turn)
    return width * np.log1p(share * np.expm1(turn)) / turn


def _turned(known: Known, middle: Known, k: Floats, gap: Floats) -> Floats:
    """How the log-density at nodes (m,) differs at each entry's parameters (entries, m)."""
    t, gamma, r, alpha = (getattr(known, name)[:, None] for name in ("t", "gamma", "r", "alpha"))
    grown = k * (middle.x + 1.0)
    value = (t - middle.t) * np.log(k) - (gamma - middle.gamma) * k
    value = value + log_gamma(r + grown) - log_gamma(middle.r + grown)
    reach = k * (middle.t_x + gap)
    value = value + (middle.r + grown) * np.log(middle.alpha + reach)
    return value - (r + grown) * np.log(alpha + reach)


def _cells(known: Known, log_k: Floats) -> tuple[Floats, Floats]:
    """Ends of the cell of log gap that each late node stands for (v, k)."""
    k = np.exp(log_k)
    unit = (known.alpha + k * known.t_x) / k
    starts, widths = panels(known, k, known.r + k * known.x, unit, _DIGITS + MARGIN)
    edges = np.append(0.0, np.cumsum(legendre(_POINTS)[1]))[:, None, None]
    bounds = starts[EARLY:, None] + widths[EARLY:, None] * edges + np.log(unit)
    low, high = (part.reshape(-1, len(k)) for part in (bounds[:, :-1, :, 0], bounds[:, 1:, :, 0]))
    return low, high
