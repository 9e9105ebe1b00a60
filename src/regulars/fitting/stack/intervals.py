"""Intervals: a customer's interval moved to where the stack expects them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regulars.terms.summary import Floats


@dataclass(frozen=True)
class Moved:
    """How a model's distribution of orders is moved to another mean.

    alive: share of a customer's futures that are those of somebody alive (n,).
    stretch: factor on the number of orders in them (n,).
    """

    alive: Floats
    stretch: Floats


def moved(
    alive: Floats, expected: Floats, wanted: Floats, soon: tuple[Floats, Floats] | None = None
) -> Moved:
    """Move a distribution with P(alive) and a mean to the wanted mean.

    Fewer orders are taken as a lower, more as a higher chance of being there; what is left
    stretches the number of orders of somebody who is.

    Args:
        alive: P(alive) (n,).
        expected: mean of the distribution (n,).
        wanted: the mean it is moved to (n,).
        soon: (expected, wanted) within the days that set the chance of being there; those above
            where None. It must not depend on the horizon, or a longer one could spread less.
    """
    first, second = soon or (expected, wanted)
    there = np.clip(alive * _ratio(second, first), 0.0, 1.0)
    return Moved(there, np.where(there > 0, alive * _ratio(wanted, expected), 1.0) / _one(there))


def _ratio(above: Floats, below: Floats) -> Floats:
    return np.where(below > 0, above / np.where(below > 0, below, 1.0), 1.0)


def _one(values: Floats) -> Floats:
    """The values, 1 instead of 0."""
    return np.where(values > 0, values, 1.0)
