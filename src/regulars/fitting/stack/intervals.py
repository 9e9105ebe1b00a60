"""Intervals: moved to where the stack expects a customer, as wide as inner origins ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from regulars.fitting.fitted import Fitted
from regulars.fitting.predict import expected_orders, p_alive
from regulars.fitting.spend import fit_spend
from regulars.fitting.spread import Spread, futures
from regulars.fitting.stack.conformal import Marks, Placed, calibrate, groups, place
from regulars.fitting.stack.origins import Origin
from regulars.terms.period import Period
from regulars.terms.summary import Floats, Summary

_DRAWS = 1_000
_MOST = 12_000  # customers of an origin that are enough to see how often intervals hold


class Readable(Protocol):
    """Drawn futures from which intervals are read."""

    def read(
        self,
        alive: Floats,
        low: Floats | float,
        high: Floats | float,
        stretch: Floats | float = 1.0,
    ) -> Spread:
        """Intervals between two quantiles."""
        ...


@dataclass(frozen=True)
class Moved:
    """How a model's distribution of orders is moved to another mean.

    alive: share of a customer's futures that are those of somebody alive (n,).
    stretch: factor on the number of orders in them (n,).
    """

    alive: Floats
    stretch: Floats


@dataclass(frozen=True)
class Widths:
    """The marks of intervals of orders and of value, None where none could be learnt.

    rows: customers at inner origins that they stand on.
    """

    orders: Marks
    value: Marks | None
    rows: int


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


def learn_widths(
    origins: Sequence[Origin],
    leads: Sequence[Fitted],
    expected: Sequence[Floats],
    level: float,
    seed: int,
) -> Widths:
    """Learn from inner origins between which marks intervals hold what came.

    Args:
        origins: the inner origins.
        leads: the model whose futures are drawn, as fitted at each.
        expected: what the stack would have expected at each, out of sample.
        level: coverage of the intervals.
        seed: of the draws.
    """
    orders: list[Placed] = []
    value: list[Placed] = []
    for origin, lead, wanted in zip(origins, leads, expected, strict=True):
        for found, one in zip((orders, value), _placed(origin, lead, wanted, seed), strict=True):
            if one is not None:
                found.append(one)
    return Widths(
        orders=calibrate(orders, level),
        value=calibrate(value, level) if value else None,
        rows=sum(len(one.group) for one in orders),
    )


def read_intervals(
    drawn: Readable, shift: Moved, summary: Summary, widths: Widths | None, level: float
) -> Spread:
    """Every customer's interval: between equal tails, or between learnt marks.

    Args:
        drawn: futures of the leading model.
        shift: where the stack moves them.
        summary: the customers.
        widths: what inner origins asked for, or None.
        level: coverage.
    """
    tail = (1 - level) / 2
    if widths is None:
        return drawn.read(shift.alive, tail, 1 - tail, shift.stretch)
    group = groups(summary.repeat_orders, shift.alive)
    counts = drawn.read(shift.alive, *widths.orders.of(group), shift.stretch)
    comes = drawn.read(shift.alive, widths.orders.nothing, 1.0, shift.stretch).orders_low >= 1
    counts = replace(counts, orders_low=np.maximum(counts.orders_low, comes))
    if widths.value is None:
        return counts
    worth = drawn.read(shift.alive, *widths.value.of(group), shift.stretch)
    return replace(counts, value_low=worth.value_low, value_high=worth.value_high)


def _placed(
    origin: Origin, lead: Fitted, wanted: Floats, seed: int
) -> tuple[Placed, Placed | None]:
    """Where the orders, and the value, of an origin's customers lay in their distributions."""
    rows = np.arange(0, len(origin.summary), max(-(-len(origin.summary) // _MOST), 1))
    summary, wanted = origin.summary.select(rows), wanted[rows]
    days = Period(origin.days, "day")
    shift = moved(p_alive(lead, summary), expected_orders(lead, summary, days), wanted)
    spend = fit_spend(origin.summary)
    drawn = futures(lead, spend, summary, days, seed=seed, draws=_DRAWS)
    group = groups(summary.repeat_orders, shift.alive)

    def count(low: float, high: float) -> tuple[Floats, Floats]:
        found = drawn.read(shift.alive, low, high, shift.stretch)
        return found.orders_low, found.orders_high

    placed = place(origin.orders[rows], group, count)
    if spend is None or summary.mean_spend is None:
        return placed, None
    x = summary.repeat_orders.astype(np.float64)
    each = spend.expected(x, summary.mean_spend, summary.first_spend)
    if_alive = wanted * each / _one(shift.alive)

    def worth(low: float, high: float) -> tuple[Floats, Floats]:
        found = drawn.read(shift.alive, low, high, shift.stretch)
        return found.value_low * if_alive, found.value_high * if_alive

    return placed, place(origin.value[rows], group, worth)


def _ratio(above: Floats, below: Floats) -> Floats:
    return np.where(below > 0, above / np.where(below > 0, below, 1.0), 1.0)


def _one(values: Floats) -> Floats:
    """The values, 1 instead of 0."""
    return np.where(values > 0, values, 1.0)
