"""Weather: what all customers share, drawn month by month: who comes, demand, value of orders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regulars.actions.forecast.wander import ACQUISITION, DEMAND, WORTH, Wander, foresee
from regulars.terms.forecast import Floats, Ints, Months

_TOGETHER = 0.5  # correlation of who comes, and of how much those who came before buy
_STOPPED = 0.01  # of the best month: three such months in a row mean that nobody is won any more
TOLD = 20  # days of a month from which on its daily rates say what a whole one would
_FURTHEST = 2.0  # of a logarithm: a month e^2 times another of its kind is no forecast


@dataclass(frozen=True)
class Weather:
    """Futures of what no customer chooses (d, p).

    Attributes:
        new: new customers of a day.
        demand: factor on the repeat orders that the model expects; its mean is the season.
        worth: factor on the value of orders; its mean is their season.
        order_value: recent net value of an order, or NaN.
        stopped: whether nobody is won any more.
    """

    new: Floats
    demand: Floats
    worth: Floats
    order_value: float
    stopped: bool


def draw_weather(
    past: Months,
    expected: Floats,
    ahead: Ints,
    weights: Floats,
    *,
    wider: Floats | float = 1.0,
    draws: int = 2_000,
    seed: int = 0,
) -> Weather:
    """Learn how the months of a shop vary, and draw those to come.

    A month counts that is over, or nearly so.

    Args:
        past: what came in each month (n,).
        expected: repeat orders that the model expects of each of them as customers joined (n,).
        ahead: the coming months (p,).
        weights: what is expected of each by the model alone (p,); the season moves orders
            between the months and leaves their sum.
        wider: factor on the spread of each coming month.
        draws: how many futures, an even number.
        seed: the same seed gives the same futures.
    """
    whole = past.days >= TOLD
    month, days = past.month[whole], past.days[whole]
    new, repeats, due = past.new[whole], past.repeats[whole], expected[whole]
    rng = np.random.default_rng(seed)
    half = rng.standard_normal((3, draws // 2, len(ahead)))
    noise = np.concatenate([half, -half], axis=1)  # pairs, so that means are steady
    pick = rng.permuted(np.tile((np.arange(draws) + 0.5) / draws, (2, 1)), axis=1)
    noise[1] = _TOGETHER * noise[0] + np.sqrt(1 - _TOGETHER**2) * noise[1]

    stopped = bool(len(new) and new[-3:].sum() < _STOPPED * new.max())
    arrivals = np.zeros((draws, len(ahead)))
    if not stopped:
        rate = np.log((new + 0.5) / days)
        come = foresee(rate, 1 / (new + 1), month, ahead, ACQUISITION)
        top = np.log((new.max(initial=0.0) + 0.5) / 28) + _FURTHEST
        arrivals = np.exp(np.minimum(_stretched(come, noise[0], pick[0], wider), top))
    ratio = np.log((repeats + 0.5) / (due + 0.5))
    tide = foresee(ratio, 1 / (due + 1), month, ahead, DEMAND)
    demand = _around(tide, _stretched(tide, noise[1], pick[0], wider), weights)
    known = np.isfinite(past.net) & (past.net > 0) & (past.orders > 0) & whole
    orders = past.orders[known]
    each = np.log(past.net[known] / np.maximum(orders, 1.0))
    price = foresee(each, past.spread / np.maximum(orders, 1.0), past.month[known], ahead, WORTH)
    worth = _around(price, _stretched(price, noise[2], pick[1], wider), weights)
    value = float(np.exp(price.level)) if known.any() else float("nan")
    return Weather(arrivals, demand, worth, value, stopped)


def _stretched(wander: Wander, noise: Floats, pick: Floats, wider: Floats | float) -> Floats:
    drawn = wander.draw(noise, pick)
    middle = wander.weights @ wander.mean
    return middle + (drawn - middle) * wider


def _around(wander: Wander, drawn: Floats, weights: Floats) -> Floats:
    """Draws as factors whose mean is the season, and whose season leaves the weighted sum."""
    away = np.clip(drawn - wander.level - wander.season, -_FURTHEST, _FURTHEST)
    factor = np.exp(away)
    season = np.exp(wander.season)
    total = float(weights.sum())
    season = season * total / float(weights @ season) if total > 0 else season
    return factor / factor.mean(0) * season


def seen_twice(past: Months, ahead: Ints) -> float:
    """Share of the coming months whose month of the year was seen at least twice."""
    seen = np.bincount(past.month[past.days >= TOLD] % 12, minlength=12)
    return float((seen[ahead % 12] >= 2).mean()) if len(ahead) else 0.0
