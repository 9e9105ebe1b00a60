"""Predict: what a fitted model expects of each customer; exact and independent of the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regulars.fitting.fitted import Fitted
from regulars.fitting.groups import Histories, histories_of
from regulars.fitting.registry import PERIODIC
from regulars.fitting.spend.driven import order_value, parts
from regulars.models.base import History
from regulars.models.spend_covariates import SpendWithCovariates
from regulars.terms.errors import FitError, InputError
from regulars.terms.period import Period
from regulars.terms.period import annual_rate as read_rate
from regulars.terms.summary import Floats, Summary
from regulars.valuation.discount import discount_nodes, discount_periods

COUNTED = Period(50, "year")  # orders of a forever are counted up to here
LIFETIME_CAP = Period(10, "year")  # beyond it nobody's model of a shop is worth a number


@dataclass(frozen=True)
class Prediction:
    """Point predictions, one entry per customer, times in the summary's unit.

    Attributes:
        p_alive: P(still a customer at the cut-off).
        orders: expected orders within the horizon, at most fifty years.
        discounted_orders: the same, each order discounted from its date.
        lifetime: expected remaining time as a customer, counted up to ten years.
        next_order: median wait for the next order of a customer who is still there.
        next_order_low, next_order_high: the interval of that wait.
    """

    p_alive: Floats
    orders: Floats
    discounted_orders: Floats
    lifetime: Floats
    next_order: Floats
    next_order_low: Floats
    next_order_high: Floats


def p_alive(fitted: Fitted, summary: Summary, after: str | Period | None = None) -> Floats:
    """P(still a customer at the cut-off, or a time `after` it), one per customer.

    Args:
        fitted: an orders model, fitted in the summary's unit.
        summary: the customers; they need not be those of the fit.
        after: how long after the cut-off, `26w`; None is at the cut-off. It is the chance as seen
            from the cut-off, whether or not an order comes in between.

    Raises:
        InputError: where the summary counts in another unit than the fit.
    """
    histories = gathered(fitted, summary)
    alive = alive_of(fitted, histories)
    if after is not None:
        states, ahead = histories.states, Period.parse(after).count(summary.unit)
        stays = fitted.model.survival_alive(fitted.params, states.history, ahead)
        alive = alive * stays[states.index]
    return alive[histories.index]


def expected_orders(fitted: Fitted, summary: Summary, horizon: str | Period) -> Floats:
    """Expected orders within the horizon (`12mo`), one per customer; inf where it has no limit.

    Raises:
        InputError: where the summary counts in another unit than the fit.
    """
    histories = gathered(fitted, summary)
    states = histories.states
    reach = Period.parse(horizon).count(summary.unit)
    table = fitted.model.expected_orders_alive(fitted.params, states.history, reach)
    return _times(alive_of(fitted, histories), table[states.index])[histories.index]


def predict(
    fitted: Fitted,
    summary: Summary,
    horizon: str | Period,
    annual_rate: str | float = 0.1,
    level: float = 0.9,
) -> Prediction:
    """Everything a fitted model says of each customer.

    Args:
        fitted: an orders model, fitted in the summary's unit.
        summary: the customers; they need not be those of the fit.
        horizon: how far to look, `12mo`; forever needs a discount.
        annual_rate: yearly discount of future orders, `10%` or 0.1.
        level: coverage of the interval of the next order.

    Raises:
        InputError: where the summary counts in another unit than the fit, or a setting cannot be
            used.
    """
    histories = gathered(fitted, summary)
    model, params = fitted.model, fitted.params
    horizon, rate = Period.parse(horizon), read_rate(annual_rate)
    reach = min(horizon.count(summary.unit), COUNTED.count(summary.unit))
    alive = alive_of(fitted, histories)
    states, index = histories.states.history, histories.states.index
    orders = model.expected_orders_alive(params, states, reach)
    discounted = discounted_orders_alive(fitted, states, horizon, rate, summary.unit)
    lifetime = model.expected_lifetime_alive(params, states, LIFETIME_CAP.count(summary.unit))
    waits = [
        model.next_order_alive(params, states, quantile)[index]
        for quantile in (0.5, (1 - level) / 2, (1 + level) / 2)
    ]
    found = (
        alive,
        _times(alive, orders[index]),
        alive * discounted[index],
        alive * lifetime[index],
        *waits,
    )
    return Prediction(*(values[histories.index] for values in found))


def gathered(fitted: Fitted, summary: Summary) -> Histories:
    """The distinct histories of a summary that a fit can predict.

    Raises:
        InputError: where the summary counts in another unit than the fit, or the two are no fit
            and no summary.
    """
    fit_and_summary(fitted, summary)
    if summary.unit != fitted.unit:
        raise InputError(
            f"The model was fitted in {fitted.unit}s and the summary counts in {summary.unit}s.",
            f"Summarise with unit='{fitted.unit}', or fit again.",
        )
    return histories_of(summary, fitted.model.reads, fitted.model.state)


def fit_and_summary(fitted: object, summary: object) -> None:
    """Refuse anything but a fit and then a summary.

    Raises:
        InputError: it says what was given instead.
    """
    if not (isinstance(fitted, Fitted) and isinstance(summary, Summary)):
        raise InputError(
            "A fitted model and then a summary of customers are needed, not "
            f"{type(fitted).__name__} and {type(summary).__name__}.",
            "Fit one: fitted = fit('bg-nbd', summary), and give fitted first, summary second.",
        )


def alive_of(fitted: Fitted, histories: Histories) -> Floats:
    """P(alive) of each history."""
    return fitted.model.p_alive(fitted.params, histories.history)


def expected_spend(fitted: Fitted, summary: Summary) -> Floats:
    """Expected value of one future order of each customer, from a fit of spend.

    Raises:
        ModelError: where a model of orders was fitted.
        FitError: where the fit has no mean (Gamma-Gamma with q <= 1).
        InputError: where the summary has no amounts.
    """
    fit_and_summary(fitted, summary)
    known = fitted.likelihood
    own = known if isinstance(known, SpendWithCovariates) else None
    spend = parts(known)[0] if own is None else own.base
    if not spend.has_mean(fitted.params):
        raise FitError(
            f"{spend.title} has no mean here (q = {fitted.params[1]:.2f} <= 1).",
            "fit_spend(summary) shrinks each customer's mean towards the base's instead.",
        )
    if summary.mean_spend is None:
        raise InputError("The summary has no amounts.", "Give monetary_value to from_rfm.")
    if own is not None:
        return own.expected(fitted.params, summary)
    x = summary.repeat_orders.astype(np.float64)
    return order_value(fitted.likelihood, fitted.params, x, summary.mean_spend, summary.first_spend)


def discounted_orders_alive(
    fitted: Fitted, states: History, horizon: Period, annual_rate: float, unit: str
) -> Floats:
    """Present value of the orders of a customer who is still there, one per entry."""
    total = np.zeros(states.shape)
    whole = fitted.model.name.partition("+")[0] in PERIODIC
    nodes = (discount_periods if whole else discount_nodes)(horizon, annual_rate, unit)
    for time, weight in zip(*nodes, strict=True):
        total += weight * fitted.model.expected_orders_alive(fitted.params, states, float(time))
    return total


def _times(alive: Floats, expected: Floats) -> Floats:
    """Alive x expected, where nobody left makes 0 even of an endless expectation."""
    return np.where(alive > 0, alive, 1.0) * np.where(alive > 0, expected, 0.0)
