"""Groups: what customers of each label are expected to bring over one span."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regulars.actions.forecast.simulate import Expected, Paths, came_again
from regulars.actions.forecast.weather import Weather
from regulars.terms.forecast import QUANTILES, Floats, GroupRow, Total

_SMALL = 30  # customers
_LEAST = 1e-9


@dataclass(frozen=True)
class Groups:
    """Labels and what is expected of those who carry them.

    Attributes:
        names: of the groups (g,).
        customers: of today (g,).
        orders, value: expected of them in each period (g, p).
        new_share: of the new customers who will carry the label (g,), adding up to 1.
        new_value: value of their orders over that of all new customers (g,).
        own: standard deviation of the logarithm of what only a group has.
    """

    names: tuple[str, ...]
    customers: NDArray[np.int64]
    orders: Floats
    value: Floats
    new_share: Floats
    new_value: Floats
    own: float


def group_rows(
    groups: Groups,
    expected: Expected,
    weather: Weather,
    paths: Paths,
    months: slice,
    *,
    spread: float,
    margin: float | None,
    with_money: bool,
    seed: int = 0,
) -> tuple[GroupRow, ...]:
    """Totals of each group over some periods, most first; their means add up to those of all.

    Every group meets the same shared shocks, and has a chance and a drift of its own.
    """
    rng = np.random.default_rng(seed)
    demand = paths.existing_orders[:, months] / np.maximum(expected.orders[months], _LEAST)
    worth = weather.worth[:, months]
    new = paths.new_customers[:, months]
    again = came_again(paths.new_customers, expected.curve, expected.rest)[:, months] * demand
    orders_new = (new + again).sum(1)
    money_new = ((new * expected.first_value + again * expected.repeat_value) * worth).sum(1)
    mix = float(groups.new_share @ groups.new_value)
    found: list[tuple[float, GroupRow]] = []
    for i, name in enumerate(groups.names):
        orders = (demand @ groups.orders[i, months], orders_new * groups.new_share[i])
        share = groups.new_share[i] * groups.new_value[i] / mix if mix > 0 else 0.0
        money = ((demand * worth) @ groups.value[i, months], money_new * share)
        drift: Floats = np.exp(groups.own * rng.standard_normal(len(orders_new)))
        drift /= drift.mean()
        mean: Floats = np.maximum(orders[0] + orders[1], 0.0) * drift
        came: Floats = rng.poisson(np.minimum(mean, 1e15)).astype(np.float64)
        totals = {"orders": _total(orders, came)}
        if with_money:
            shape: Floats = np.maximum(came / max(spread, _LEAST), _LEAST)
            chance: Floats = came / np.maximum(mean, _LEAST) * rng.standard_gamma(shape) / shape
            revenue = (money[0] + money[1]) * drift * np.where(came > 0, chance, 0.0)
            totals = {"revenue": _total(money, revenue)} | totals
            if margin is not None:
                parts = (money[0] * margin, money[1] * margin)
                totals["margin"] = _total(parts, revenue * margin)
        customers = int(groups.customers[i])
        row = GroupRow(name, customers, totals, 0 < customers < _SMALL)
        found.append((-totals["revenue" if with_money else "orders"].mean, row))
    return tuple(row for _, row in sorted(found, key=lambda pair: (pair[0], pair[1].name)))


def _total(parts: tuple[Floats, Floats], drawn: Floats) -> Total:
    existing, new = (float(part.mean()) for part in parts)
    return Total(existing + new, existing, new, np.quantile(drawn, QUANTILES))
