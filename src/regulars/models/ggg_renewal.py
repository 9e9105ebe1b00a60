"""Renewals with Gamma gaps: how many are expected, how likely a number is, and draws of it."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.models.gamma_functions import log_gamma

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_SMALLEST_K, _LARGEST_K, _SHAPES = 0.05, 64.0, 64
_TURN = 0.25  # mean gaps from which the table's places are even; before they are logarithmic
_FIRST, _LAST, _STEP = -17.0, 39.0, 0.2  # places of the table
_TALBOT = 24
_TERMS = 3000
_DOUBLINGS, _HALVINGS = 60, 64
_MOST = 1e15


def excess_renewals(k: Floats, time: Floats) -> Floats:
    """Expected renewals in `time` after one, beyond `time`; gaps are Gamma(k) with mean 1.

    0 for k = 1 and (1 / k - 1) / 2 in the long run. From a table by bilinear interpolation: errors
    below 0.002 for k up to 16.
    """
    table = _table()
    row = np.clip(np.log(k / _SMALLEST_K) / _log_step(), 0.0, _SHAPES - 1.000001)
    near = np.maximum(time, 1e-300) / _TURN
    place = np.where(near < 1.0, np.log(near), near - 1.0)
    column = np.clip((place - _FIRST) / _STEP, 0.0, table.shape[1] - 1.000001)
    i, j = row.astype(np.int64), column.astype(np.int64)
    a, b = row - i, column - j
    flat, width = table.reshape(-1), table.shape[1]
    at = i * width + j
    low = flat[at] + b * (flat[at + 1] - flat[at])
    high = flat[at + width] + b * (flat[at + width + 1] - flat[at + width])
    return np.where(time > 0, low + a * (high - low), 0.0)


def _log_step() -> float:
    return float(np.log(_LARGEST_K / _SMALLEST_K) / (_SHAPES - 1))


@cache
def _table() -> Floats:
    """Excess (k, place), by Talbot's inversion of the Laplace transform (Abate & Valko 2004).

    The renewal function has the transform 1 / (q ((1 + q / k)^k - 1)).
    """
    k = _SMALLEST_K * np.exp(_log_step() * np.arange(_SHAPES))[:, None]
    place = np.arange(_FIRST, _LAST + _STEP, _STEP)
    time = _TURN * np.where(place < 0, np.exp(np.minimum(place, 0.0)), 1.0 + place)
    angle = np.pi * np.arange(1, _TALBOT) / _TALBOT
    cot = 1.0 / np.tan(angle)
    scale = 2.0 * _TALBOT / 5.0

    def transform(q: Any) -> Any:
        power = k * np.log1p(q / k)
        known = power.real < 300.0  # beyond it nothing is left
        return np.where(known, 1.0 / (q * np.expm1(np.where(known, power, 1.0))), 0.0)

    total = 0.5 * np.exp(scale) * transform(scale / time)
    for theta, c in zip(angle, cot, strict=True):
        q = scale * theta * (c + 1j)
        factor = np.exp(q) * (1.0 + 1j * (theta + (theta * c - 1.0) * c))
        total = total + (factor * transform(q / time)).real
    return total * (scale / _TALBOT) / time - time


def beta_share(a: Floats, b: Floats, odds: Floats) -> Floats:
    """P(Beta(a, b) <= p) where p / (1 - p) = odds; arrays of one shape.

    The regularised incomplete Beta function, by the continued fraction of DLMF 8.17.22 on the side
    where it converges fast.
    """
    swapped = odds * (b + 1.0) > a + 1.0
    first, second = np.where(swapped, b, a), np.where(swapped, a, b)
    ratio = np.where(swapped, 1.0 / np.maximum(odds, 1e-300), odds)
    with np.errstate(divide="ignore"):
        logs = first * np.log(ratio) - (first + second) * np.log1p(ratio)
    logs += log_gamma(first + second) - log_gamma(first) - log_gamma(second)
    part = np.exp(logs) / first * _fraction(first, second, ratio / (1.0 + ratio))
    return np.clip(np.where(swapped, 1.0 - part, part), 0.0, 1.0)


def _fraction(a: Floats, b: Floats, p: Floats) -> Floats:
    """The continued fraction of I_p(a, b), by Lentz's method."""
    c = np.ones_like(p)
    d = 1.0 / _away(1.0 - (a + b) * p / (a + 1.0))
    value = d.copy()
    for m in range(1, _TERMS):
        twice = a + 2.0 * m
        change = np.ones_like(p)
        for step in (
            m * (b - m) * p / ((twice - 1.0) * twice),
            -(a + m) * (a + b + m) * p / (twice * (twice + 1.0)),
        ):
            d = 1.0 / _away(1.0 + step * d)
            c = _away(1.0 + step / c)
            change = c * d
            value = value * change
        if np.all(np.abs(change - 1.0) < 1e-13):
            break
    return value


def _away(value: Floats) -> Floats:
    return np.where(np.abs(value) < 1e-300, 1e-300, value)


def draw_renewals(k: Floats, rate: Floats, time: Floats, rng: np.random.Generator) -> Ints:
    """Draw how many gaps Gamma(k, k rate) fit into `time`, exactly; arrays (n,).

    Blocks of gaps are drawn at once, as large as is likely to fit; the one that goes beyond the
    end is halved, its middle being Beta-distributed between its ends, until a single gap is left.
    """
    count, place = np.zeros(len(k), dtype=np.int64), np.zeros(len(k))
    likely = np.minimum(np.maximum(rate * time, 0.0), _MOST)
    block = np.ceil(likely + 4.0 * np.sqrt(likely / k) + 4.0).astype(np.int64)
    end = np.zeros(len(k))
    going = np.arange(len(k))
    for _ in range(_DOUBLINGS):
        steps = rng.standard_gamma(k[going] * block[going]) / (k[going] * rate[going])
        end[going] = place[going] + steps
        inside = end[going] <= time[going]
        passed = going[inside]
        count[passed] += block[passed]
        place[passed] = end[passed]
        going = passed
        if not len(going):
            break
    for _ in range(_HALVINGS):
        wide = np.flatnonzero(block > 1)
        if not len(wide):
            break
        half = block[wide] // 2
        share = rng.beta(k[wide] * half, k[wide] * (block[wide] - half))
        middle = place[wide] + (end[wide] - place[wide]) * share
        inside = middle <= time[wide]
        count[wide] += np.where(inside, half, 0)
        place[wide] = np.where(inside, middle, place[wide])
        end[wide] = np.where(inside, end[wide], middle)
        block[wide] = np.where(inside, block[wide] - half, half)
    return count
