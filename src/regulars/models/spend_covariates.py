"""Covariates of spend: the scale of any spend model moves with what is known of customers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from regulars.models.base import BLOCK, Floats, Likelihood, Parameter, Params
from regulars.models.design import Design
from regulars.terms.errors import DataError
from regulars.terms.summary import Summary


class Scalable(Likelihood, Protocol):
    """A likelihood of mean spend whose scale can differ by customer."""

    def log_likelihood(self, params: Params, x: Floats, mean_spend: Floats) -> Any:
        """Log-likelihood of each mean of x repeat orders (n,), for floats or jets."""
        ...

    def scaled(self, params: Params, factor: Any) -> tuple[Any, ...]:
        """The parameters for customers whose values are all `factor` times as large."""
        ...

    def has_mean(self, params: Params) -> bool:
        """Whether a customer of whom no order was seen has an expected value."""
        ...

    def expected_spend(self, params: Params, x: Floats, mean_spend: Floats) -> Floats:
        """E[value of a future order | x repeat orders of this mean]."""
        ...


@dataclass(frozen=True, slots=True)
class SpendRows:
    """Repeat buyers: counts, means and weights (n,), and their columns of the design (n, c)."""

    customers: int
    x: Floats
    mean_spend: Floats
    weight: Floats
    columns: Floats


class SpendWithCovariates:
    """A spend model in which customers' values are exp(g'x) times as large: Gamma-Gamma's v.

    Its parameters are the base model's, at the design's origin, and one coefficient on the whole
    line for each column: `spend.plan=pro`.
    """

    detours = ()

    def __init__(self, base: Scalable, design: Design, names: Sequence[str]) -> None:
        """Let attributes of a design act on a spend model's scale."""
        self.base, self.design, self.attributes = base, design, tuple(names)
        self.name, self.title = f"{base.name}+covariates", f"{base.title} with covariates"
        self.parameters: tuple[Parameter, ...] = (
            *base.parameters,
            *(
                Parameter(
                    f"spend.{column.name}",
                    f"what {column.meaning} adds to the log value of an order",
                    "such orders are worth nothing",
                    "such orders are worth more than any number",
                    real=True,
                )
                for column in design.columns
            ),
        )

    def each(self, params: Params, columns: Sequence[Any]) -> tuple[Any, ...]:
        """The base model's parameters of every customer, from the columns of the design."""
        count = len(self.base.parameters)
        parts = [column * g for g, column in zip(params[count:], columns, strict=True)]
        return self.base.scaled(params[:count], np.exp(sum(parts[1:], start=parts[0])))

    def start(self, summary: Summary) -> tuple[float, ...]:
        """The base model's start, with all coefficients 0."""
        return (*self.base.start(summary), *(0.0 for _ in self.design.columns))

    def prepare(self, summary: Summary) -> SpendRows:
        """Keep the repeat buyers with a positive mean spend.

        Raises:
            DataError: without amounts, or if nobody has a repeat order of positive value.
        """
        spend = summary.mean_spend
        if spend is None or not (usable := (summary.repeat_orders > 0) & (spend > 0)).any():
            raise DataError(
                "Nobody has a repeat order of positive value, so spend cannot be modelled.",
                "Use a longer history, with amounts.",
            )
        weight = np.ones(len(spend)) if summary.weight is None else summary.weight.astype(float)
        return SpendRows(
            customers=round(float(weight[usable].sum())),
            x=summary.repeat_orders[usable].astype(np.float64),
            mean_spend=spend[usable],
            weight=weight[usable],
            columns=np.stack(self.design.values(summary.covariates or {}), axis=1)[usable],
        )

    def terms(self, params: Params, data: SpendRows) -> Iterator[tuple[Any, Any]]:
        """Blocks of (log-likelihoods, weights)."""
        for begin in range(0, len(data.x), BLOCK):
            rows = slice(begin, begin + BLOCK)
            own = self.each(params, list(data.columns[rows].T))
            values = self.base.log_likelihood(own, data.x[rows], data.mean_spend[rows])
            yield values, data.weight[rows]

    def expected(self, params: Params, summary: Summary) -> Floats:
        """E[value of a future order] of each customer (n,); a mean below 0 counts as 0."""
        spend = np.zeros(len(summary)) if summary.mean_spend is None else summary.mean_spend
        own = self.each(params, self.design.values(summary.covariates or {}))
        x = summary.repeat_orders.astype(np.float64)
        return self.base.expected_spend(own, x, np.maximum(spend, 0.0))
