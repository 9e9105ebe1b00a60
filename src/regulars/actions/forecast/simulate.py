"""Simulate: paths of the coming months from expectations, shared shocks and own chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regulars.actions.forecast.weather import Weather
from regulars.terms.forecast import QUANTILES, Course, Floats, Total

_LEAST = 1e-9


@dataclass(frozen=True)
class Expected:
    """What the models expect of the coming periods, before any shock.

    Attributes:
        orders, value: of the customers known today (p,).
        stays: expected number of them who are customers still, now and at each end (p + 1,).
        curve: repeat orders of a new customer by month since joining (p,).
        new_stays: share of new customers who stay to the end of each of these months (p,).
        first_value, repeat_value: of a new customer's orders.
        days: of each period (p,). rest: share of its month that the first period is.
        doubt: standard deviation of the logarithm of a total from the parameters alone.
    """

    orders: Floats
    value: Floats
    stays: Floats
    curve: Floats
    new_stays: Floats
    first_value: float
    repeat_value: float
    days: Floats
    rest: float = 1.0
    doubt: float = 0.0


@dataclass(frozen=True)
class Paths:
    """Futures (d, p) of orders and revenue, each of existing and of new customers."""

    existing_orders: Floats
    new_orders: Floats
    existing_revenue: Floats
    new_revenue: Floats
    new_customers: Floats

    @property
    def orders(self) -> Floats:
        """Order days of everybody."""
        return self.existing_orders + self.new_orders

    @property
    def revenue(self) -> Floats:
        """Net revenue of everybody."""
        return self.existing_revenue + self.new_revenue


def mean_paths(
    expected: Expected, weather: Weather, plan: Floats | None = None, more: float = 1.0
) -> Paths:
    """Futures as each path of shocks expects them, without customers' own chance.

    Args:
        expected: what the models expect.
        weather: the shared shocks.
        plan: new customers of each period (p,), in place of the recent pace.
        more: factor on the new customers.
    """
    demand = weather.demand * _doubt(expected.doubt, len(weather.demand))[:, None]
    new = weather.new * expected.days if plan is None else np.tile(plan, (len(demand), 1))
    new = new * more
    again = came_again(new, expected.curve, expected.rest) * demand
    return Paths(
        existing_orders=expected.orders * demand,
        new_orders=new + again,
        existing_revenue=expected.value * demand * weather.worth,
        new_revenue=(new * expected.first_value + again * expected.repeat_value) * weather.worth,
        new_customers=new,
    )


def came_again(new: Floats, curve: Floats, rest: float = 1.0) -> Floats:
    """Repeat orders of those who join in each period (d, p), by the curve of one of them.

    Where the first period is the `rest` of a month, its joiners have that much of it to come
    again.
    """
    months = new.shape[1]
    again = np.zeros(new.shape)
    for age in range(months):
        again[:, age:] += new[:, : months - age] * curve[age]
    again[:, 0] *= rest
    return again


def with_chance(paths: Paths, spread: float, rng: np.random.Generator) -> Paths:
    """The same with each customer's own chance: how many orders come, and what each is worth.

    Orders are Poisson, their values independent with the squared coefficient of variation
    `spread`; so a total varies as a compound Poisson one does.
    """
    found: list[Floats] = []
    for orders, revenue in (
        (paths.existing_orders, paths.existing_revenue),
        (paths.new_orders, paths.new_revenue),
    ):
        came = rng.poisson(np.minimum(orders, 1e15)).astype(np.float64)
        shape = came / max(spread, _LEAST)
        each = rng.standard_gamma(np.maximum(shape, _LEAST)) / np.maximum(shape, _LEAST)
        worth = np.where(came > 0, each, 0.0) if spread > 0 else (came > 0).astype(np.float64)
        found += [came, revenue * came / np.maximum(orders, _LEAST) * worth]
    new = rng.poisson(paths.new_customers).astype(np.float64)
    return Paths(found[0], found[2], found[1], found[3], new)


def course(plain: tuple[Floats, Floats], drawn: Floats) -> Course:
    """Means of existing and new (d, p) before chance, and quantiles of the paths (d, p)."""
    existing, new = (part.mean(0) for part in plain)
    return Course(existing + new, existing, new, np.quantile(drawn, QUANTILES, axis=0))


def total(plain: tuple[Floats, Floats], drawn: Floats) -> Total:
    """The same for the sum over the given months."""
    existing, new = (float(part.sum(1).mean()) for part in plain)
    sums: Floats = drawn.sum(1)
    return Total(existing + new, existing, new, np.quantile(sums, np.array(QUANTILES)))


def _doubt(size: float, draws: int) -> Floats:
    """Factors from uncertain parameters, with mean 1; the same ones in any scenario."""
    drawn = np.exp(size * np.random.default_rng(1).standard_normal(draws))
    return drawn / drawn.mean()
