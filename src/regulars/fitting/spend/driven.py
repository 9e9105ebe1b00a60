"""Driven: a spend model whose scale moves with drivers, and is the plain one where none does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from regulars.fitting.spend.base import SpendModel
from regulars.fitting.spend.drivers import Drivers
from regulars.models.base import BLOCK, Floats, Likelihood, Parameter, Params
from regulars.models.gamma_gamma import GammaGamma
from regulars.models.log_normal_spend import LogNormalSpend
from regulars.terms.errors import DataError, ModelError
from regulars.terms.summary import Summary

SPEND_MODELS: dict[str, SpendModel] = {
    "gamma-gamma": GammaGamma(),
    "log-normal-spend": LogNormalSpend(),
}


@dataclass(frozen=True, slots=True)
class DrivenSpending:
    """Repeat buyers: counts, means and weights (n,), and doublings of each driver (k, n)."""

    customers: int
    x: Floats
    mean_spend: Floats
    weight: Floats
    doublings: Floats


class Driven:
    """A spend model in which customers' values scale with factor^doublings of each driver.

    With every factor at 1 it is the model itself, so the two are nested and their likelihoods
    compare. A log-linear scale is what a log-normal customer level and a log-normal driver that
    are correlated give exactly.
    """

    detours = ()

    def __init__(self, base: SpendModel, drivers: Drivers) -> None:
        self.base, self.drivers = base, drivers
        self.name, self.title = base.name, base.title
        self.parameters: tuple[Parameter, ...] = (*base.parameters, *drivers.parameters)

    def start(self, summary: Summary) -> tuple[float, ...]:
        """The model's own start, with nothing driven."""
        return (*self.base.start(summary), *(1.0 for _ in self.drivers.parameters))

    def prepare(self, summary: Summary) -> DrivenSpending:
        """Keep the repeat buyers with a positive mean spend.

        Raises:
            DataError: without amounts, or if nobody has a repeat order of positive value.
        """
        spend = summary.mean_spend
        rows = np.zeros(0, dtype=np.bool_)
        if spend is not None:
            rows = (summary.repeat_orders > 0) & (spend > 0)
        if spend is None or not rows.any():
            raise DataError(
                "Nobody has a repeat order of positive value, so spend cannot be modelled.",
                "Use a longer history, with amounts.",
            )
        x = summary.repeat_orders[rows].astype(np.float64)
        first = None if summary.first_spend is None else summary.first_spend[rows]
        weight = np.ones(len(x)) if summary.weight is None else summary.weight[rows].astype(float)
        return DrivenSpending(
            customers=round(float(weight.sum())),
            x=x,
            mean_spend=spend[rows],
            weight=weight,
            doublings=self.drivers.doublings(x, first),
        )

    def terms(self, params: Params, data: DrivenSpending) -> Iterator[tuple[Any, Any]]:
        """The log-likelihood of a whole sample, block by block."""
        for begin in range(0, len(data.x), BLOCK):
            rows = slice(begin, begin + BLOCK)
            own = scaled(self.base, params, data.doublings[:, rows])
            yield (
                self.base.log_likelihood(own, data.x[rows], data.mean_spend[rows]),
                data.weight[rows],
            )


def scaled(model: SpendModel, params: Params, doublings: Floats) -> tuple[Any, ...]:
    """The model's parameters for customers at these doublings (k, n); params hold the factors."""
    count = len(model.parameters)
    own, factors = tuple(params[:count]), params[count:]
    if not factors:
        return own
    logs = sum(np.log(factor) * z for factor, z in zip(factors, doublings, strict=True))
    return model.scaled(own, np.exp(logs))


def parts(likelihood: Likelihood) -> tuple[SpendModel, Drivers]:
    """The spend model of a likelihood, and its drivers.

    Raises:
        ModelError: where it says nothing of spend.
    """
    if likelihood.name not in SPEND_MODELS:
        raise ModelError(
            f"{likelihood.title} says nothing of spend.", f"Fit {' or '.join(SPEND_MODELS)}."
        )
    drivers = likelihood.drivers if isinstance(likelihood, Driven) else Drivers()
    return SPEND_MODELS[likelihood.name], drivers


def order_value(
    likelihood: Likelihood,
    params: Params,
    x: Floats,
    mean_spend: Floats,
    first_spend: Floats | None = None,
) -> Floats:
    """E[value of a future order | x, mean, and the first order where that is a driver] (n,).

    A customer's prior is that of customers with one more order: only who orders again has a
    future order to be valued, and by then they have one more. It also keeps one-time buyers
    within the range that was fitted. A mean below 0 counts as 0: no order is worth less.

    Raises:
        ModelError: where the likelihood says nothing of spend.
    """
    model, drivers = parts(likelihood)
    own = scaled(model, params, drivers.doublings(x + 1.0, first_spend))
    return model.expected_spend(own, x, np.maximum(mean_spend, 0.0))
