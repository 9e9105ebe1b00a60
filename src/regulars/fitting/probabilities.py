"""Probabilities: how many orders a customer places, and what a new customer brings."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from regulars.fitting.fitted import Fitted
from regulars.fitting.predict import alive_of, gathered
from regulars.models.base import History
from regulars.terms.errors import InputError
from regulars.terms.period import Period
from regulars.terms.summary import Floats, Summary

_MOST = 1_000  # orders that one table of chances goes up to


def order_probabilities(
    fitted: Fitted, summary: Summary, horizon: str | Period, most: int = 10
) -> Floats:
    """P(exactly j orders within the horizon) of each customer, j = 0 .. most.

    Who has left orders nothing, so a customer's chance of having left is part of j = 0. The sum
    of j times these chances comes to `expected_orders` as `most` grows; what is left to 1 is the
    chance of more.

    Args:
        fitted: an orders model, fitted in the summary's unit.
        summary: the customers; they need not be those of the fit.
        horizon: how far to look, `12mo`.
        most: the largest number of orders in the table, at most 1,000.

    Returns:
        Chances of shape (n, most + 1), one row per customer.

    Raises:
        InputError: where the summary counts in another unit than the fit, or `most` is none of
            0 .. 1,000.
    """
    if not 0 <= most <= _MOST:
        raise InputError(f"A table of {most} orders cannot be made.", f"Give 0 to {_MOST:,}.")
    histories = gathered(fitted, summary)
    states = histories.states
    reach = Period.parse(horizon).count(summary.unit)
    found = fitted.model.order_probabilities_alive(fitted.params, states.history, reach, most)
    alive = alive_of(fitted, histories)
    table = alive * found[:, states.index]
    table[0] += 1.0 - alive
    return np.ascontiguousarray(table.T[histories.index])


def expected_orders_new(
    fitted: Fitted, horizon: str | Period, covariates: Mapping[str, ArrayLike] | None = None
) -> Floats:
    """Expected repeat orders of a new customer within the horizon after the first order.

    Args:
        fitted: an orders model.
        horizon: how far to look, `12mo`; for a model in which nobody leaves it must end.
        covariates: attributes of new customers (n,) by name, for a fit with attributes; without
            them the answer is the mean over the customers of the fit.

    Returns:
        One entry for each row of the covariates, or one entry without them.

    Raises:
        InputError: where the horizon has no end or the covariates differ in length.
    """
    reach = Period.parse(horizon).count(fitted.unit)
    if not np.isfinite(reach):
        raise InputError("New customers need a horizon that ends.", "Give one, such as 10y.")
    known = None if covariates is None else {k: np.asarray(v) for k, v in covariates.items()}
    sizes = {len(values) for values in known.values()} if known else {1}
    if len(sizes) > 1:
        raise InputError(
            f"Covariates of {sorted(sizes)} entries.", "Give one of each per customer."
        )
    age = np.full(sizes.pop(), reach)
    return fitted.model.expected_orders_new(fitted.params, History.new(age, known))
