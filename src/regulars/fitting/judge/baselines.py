"""Baselines: what anybody could foretell without a model; they stand in every table."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from regulars import data
from regulars.fitting.judge.base import Forecasted
from regulars.terms.period import DAYS, Period
from regulars.terms.summary import Floats, Summary
from regulars.valuation import formula_of_base


@dataclass(frozen=True)
class LastPeriod:
    """Each customer does again what they did in the last horizon-long window.

    Repeat orders and their value in (at - horizon, at]; where the data begin later than that,
    what is seen is scaled up to the horizon. It knows neither leaving nor luck.
    """

    name: str = "last-period"

    def predict(
        self, orders: data.Orders, at: dt.date, horizon: Period, level: float, seed: int
    ) -> Forecasted:
        """The last window again."""
        return Forecasted(*_last_window(orders, at, horizon))


@dataclass(frozen=True)
class Mean:
    """Every customer does what the average one did in the last horizon-long window."""

    name: str = "mean"

    def predict(
        self, orders: data.Orders, at: dt.date, horizon: Period, level: float, seed: int
    ) -> Forecasted:
        """The mean of the last window for everybody."""
        count, value = _last_window(orders, at, horizon)
        return Forecasted(
            np.full(len(count), count.mean()),
            None if value is None else np.full(len(value), value.mean()),
        )


@dataclass(frozen=True)
class TextbookFormula:
    """Average purchase value x purchases a month x the horizon, the same for every customer.

    As `value` reports it: first orders count as a habit, and nobody leaves.
    """

    name: str = "formula"

    def predict(
        self, orders: data.Orders, at: dt.date, horizon: Period, level: float, seed: int
    ) -> Forecasted:
        """The formula of the base, with the horizon as the lifespan."""
        summary = data.summarise(orders, until=at)
        history = data.customer_table(orders, until=at)
        n, placed = len(summary), float(history.orders.sum())
        months = float(summary.age.sum()) * DAYS[summary.unit] / DAYS["month"]
        formula = formula_of_base(
            revenue=float(history.value.sum()),
            orders=placed,
            customer_months=max(months, float(n)),  # a pace needs a month to be one
            lifespan_months=horizon.count("month"),
            margin=None,
            model_mean=None,
            share_alive=None,
            repeat_share=1 - n / placed,
        )
        return Forecasted(
            np.full(n, formula.frequency_per_month * formula.lifespan_months),
            np.full(n, formula.value) if orders.has_money else None,
        )


def _last_window(orders: data.Orders, at: dt.date, horizon: Period) -> tuple[Floats, Floats | None]:
    """Repeat orders and value of each customer in (at - horizon, at], scaled where cut short."""
    now = data.summarise(orders, until=at)
    count, value = _repeats(now)
    days = round(horizon.days)
    first = orders.bounds[0] if orders.bounds else at
    start = at - dt.timedelta(days=days)
    if start < first:
        scale = days / max((at - first).days, 1)
        return count * scale, None if value is None else value * scale
    earlier = data.summarise(orders, until=start)
    if now.customer_id is None or earlier.customer_id is None:
        return count, value
    known = np.isin(now.customer_id, earlier.customer_id)
    was, worth = _repeats(earlier)
    count[known] -= was
    if value is not None and worth is not None:
        value[known] = np.where(count[known] > 0, np.round(value[known] - worth, 4), 0.0)
    return count, value


def _repeats(summary: Summary) -> tuple[Floats, Floats | None]:
    count = summary.repeat_orders.astype(np.float64)
    return count, None if summary.mean_spend is None else count * summary.mean_spend
