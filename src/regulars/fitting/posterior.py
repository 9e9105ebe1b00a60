"""Posterior of a prediction: its mean and interval over draws of the parameters, block by block."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regulars.fitting.fitted import Fitted
from regulars.fitting.groups import Histories, histories_of
from regulars.fitting.predict import COUNTED
from regulars.models.base import History, Model, Params
from regulars.terms.errors import InputError
from regulars.terms.period import Period
from regulars.terms.summary import Floats, Summary

Quantity = Callable[[Model, Params, History, float], Floats]

DRAWS = 400
_CELLS = 2_000_000  # draws times customers that are held at once: 16 MB


@dataclass(frozen=True)
class Believed:
    """A prediction over the draws of the parameters, one entry per customer.

    Attributes:
        mean: its posterior mean.
        low, high: its interval. It holds what is not known of the parameters, not what chance
            adds to one customer: that is wider, see `orders_low` and `orders_high` of a score.
    """

    mean: Floats
    low: Floats
    high: Floats


def _alive(model: Model, params: Params, history: History, reach: float) -> Floats:
    return model.p_alive(params, history)


def _orders(model: Model, params: Params, history: History, reach: float) -> Floats:
    alive = model.p_alive(params, history)
    expected = model.expected_orders_alive(params, history, reach)
    return np.where(alive > 0, alive, 1.0) * np.where(alive > 0, expected, 0.0)


def _lifetime(model: Model, params: Params, history: History, reach: float) -> Floats:
    return model.p_alive(params, history) * model.expected_lifetime_alive(params, history, reach)


QUANTITIES: dict[str, Quantity] = {"orders": _orders, "p_alive": _alive, "lifetime": _lifetime}


def posterior_of(
    fitted: Fitted,
    summary: Summary,
    horizon: str | Period = "12mo",
    what: str | Quantity = "orders",
    *,
    level: float = 0.9,
    draws: int = DRAWS,
    seed: int = 0,
) -> Believed:
    """Mean and interval of a prediction over the posterior of the parameters.

    Args:
        fitted: an orders model; with draws if its method made them, else those of the normal
            approximation at the maximum.
        summary: the customers, in the unit of the fit.
        horizon: how far to look; at most fifty years are counted.
        what: `orders` within the horizon, `p_alive` at the cut-off, `lifetime` left within the
            horizon, or a function of (model, params, history, reach) that gives one number per
            customer.
        level: coverage of the interval.
        draws: how many draws of the parameters are used.
        seed: the same seed uses the same draws.

    Returns:
        One entry per customer; the same for a customer alone as among a million.

    Raises:
        InputError: for another unit than the fit's, or a quantity that is none.
    """
    if isinstance(what, str) and what not in QUANTITIES:
        raise InputError(f"'{what}' is no prediction.", f"Ask for {', '.join(QUANTITIES)}.")
    if not 0 < level < 1 or draws < 2:
        raise InputError(
            f"level {level} with {draws} draws gives no interval.",
            "Use a level between 0 and 1 and two draws or more.",
        )
    if summary.unit != fitted.unit:
        raise InputError(
            f"The model was fitted in {fitted.unit}s and the summary counts in {summary.unit}s.",
            f"Summarise with unit='{fitted.unit}', or fit again.",
        )
    quantity = QUANTITIES[what] if isinstance(what, str) else what
    model = fitted.model
    reach = min(Period.parse(horizon).count(summary.unit), COUNTED.count(summary.unit))
    histories = histories_of(summary, model.reads, model.state)
    params = [tuple(row) for row in fitted.draws(draws, seed).tolist()]
    tails = [(1 - level) / 2, (1 + level) / 2]
    found = np.empty((3, len(histories.states.index)))
    for rows in _blocks(histories, len(params)):
        few = histories.history.select(rows)
        values = np.stack([quantity(model, each, few, reach) for each in params])
        found[0, rows] = values.mean(axis=0)
        found[1:, rows] = np.quantile(values, tails, axis=0)
    return Believed(*found[:, histories.index])


def _blocks(histories: Histories, draws: int) -> Iterator[NDArray[np.int64]]:
    """Rows of the distinct histories, few enough to hold all draws of a block."""
    size = max(_CELLS // draws, 1)
    rows = np.arange(len(histories.states.index))
    for begin in range(0, len(rows), size):
        yield rows[begin : begin + size]
