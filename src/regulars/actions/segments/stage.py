"""Stage: where customers stand between their first order and being lost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Stage:
    """A stage: it holds below `alive` (P(alive)), or above `silence` (own rhythms) without one."""

    name: str
    alive: float
    silence: float
    meaning: str


NEW, ACTIVE, SLOWING, AT_RISK, DORMANT, LOST = range(6)
STAGES = (
    Stage("New", 1.0, 0.0, "one order, and less than one rhythm of this business ago"),
    Stage("Active", 1.0, 0.0, "probably a customer still, and in rhythm"),
    Stage("Slowing", 1.0, 1.5, "probably a customer still, but 1.5 own rhythms silent"),
    Stage("At risk", 0.6, 2.5, "P(alive) below 60 %"),
    Stage("Dormant", 0.3, 4.0, "P(alive) below 30 %"),
    Stage("Lost", 0.1, 8.0, "P(alive) below 10 %"),
)


def rhythm(repeat_orders: Ints, last_order_age: Floats) -> Floats:
    """Time between orders that is usual for each customer, drawn towards that of the base.

    One usual gap of the base stands beside the customer's own: (t_x + g) / (x + 1), where g is the
    median over customers with a repeat order of t_x / x. NaN where nobody has one.
    """
    x = np.asarray(repeat_orders, dtype=np.float64)
    again = x > 0
    if not again.any():
        return np.full(len(x), np.nan)
    usual = float(np.median(last_order_age[again] / x[again]))
    return (last_order_age + usual) / (x + 1.0)


def silence_in_rhythms(repeat_orders: Ints, last_order_age: Floats, age: Floats) -> Floats:
    """Time since the last order over the customer's `rhythm`; NaN where that is not known."""
    gap = rhythm(repeat_orders, last_order_age)
    silent = age - last_order_age
    positive = gap > 0
    return np.where(positive, silent / np.where(positive, gap, 1.0), np.nan)


def stage_codes(p_alive: Floats, silence: Floats, repeat_orders: Ints) -> Ints:
    """The place in `STAGES` of each customer.

    Args:
        p_alive: NaN where it is not known, or where it is 1 whatever the silence, as some models
            have it for a single order: there the silence alone decides.
        silence: time since the last order in own rhythms; NaN where that is not known.
        repeat_orders: days with an order after the first.
    """
    told = ~np.isnan(p_alive)
    quiet = np.where(np.isnan(silence), 0.0, silence)
    found = np.full(len(p_alive), ACTIVE, dtype=np.int64)
    found[quiet > STAGES[SLOWING].silence] = SLOWING
    found[(repeat_orders == 0) & (quiet <= 1.0)] = NEW
    for place in (AT_RISK, DORMANT, LOST):
        stage = STAGES[place]
        found[np.where(told, p_alive < stage.alive, quiet > stage.silence)] = place
    return found
