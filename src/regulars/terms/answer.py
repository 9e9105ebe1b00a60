"""Answer: everything one valuation found, ready to be written, shown or served.

`pipeline` makes it and `reports` renders it; neither may import the other, so it lives here.
Arrays along customers share one order; money is a float in the answer's currency.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Dates = NDArray[np.datetime64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its interval at `level`; `low` and `high` are None where there is none."""

    value: float
    low: float | None = None
    high: float | None = None
    level: float = 0.9


@dataclass(frozen=True, slots=True)
class About:
    """What the numbers stand on: dates, horizon, money, model."""

    data_date: dt.date
    first_date: dt.date
    horizon: str
    discount: float
    margin: float | None
    has_cost: bool
    currency: str
    unit: str
    level: float
    seed: int
    data_hash: str
    version: str
    source: str


@dataclass(frozen=True)
class FitSummary:
    """One fitted model, in numbers and in words.

    `verdict` is `converged`, `not identified` or `failed`; `explanation` says it in a sentence.

    Parameters are those at the maximum, of the likelihood or, with priors, of the posterior.
    `method` names how they were found. Where it made draws, `draws` counts those kept,
    `posterior` has for each parameter their `mean`, `sd`, `low` (5 %) and `high` (95 %), and
    `diagnostics` what tells how far to trust them: `pareto_k`, `ess`, `r_hat`, `ess_bulk`,
    `ess_tail`, `divergences`, `failed_refits`. `log_prior` is None without priors.
    """

    model: str
    title: str
    parameters: Mapping[str, float]
    standard_errors: Mapping[str, float | None]
    log_likelihood: float
    aic: float
    bic: float
    customers: int
    iterations: int
    verdict: str
    explanation: str
    method: str = "maximum-likelihood"
    log_prior: float | None = None
    draws: int = 0
    posterior: Mapping[str, Mapping[str, float]] = field(
        default_factory=dict[str, Mapping[str, float]]
    )
    diagnostics: Mapping[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True)
class Formula:
    """The textbook formula: average purchase value x purchase frequency x lifespan.

    Frequency is per month, lifespan in months; `value` is per customer and `profit` the same
    times the margin (None without one). `ratio` is formula over model for the same customers,
    minus 1, and None without a model. `explanation` says where the difference comes from.
    """

    purchase_value: float
    frequency_per_month: float
    lifespan_months: float
    value: float
    profit: float | None
    value_per_month: float
    value_per_year: float
    ratio: float | None
    explanation: str


@dataclass(frozen=True)
class CohortTable:
    """Customers by month of first order (rows) and months since (columns).

    `active`, `orders` and `revenue` are (cohorts, ages), NaN where the future has not been seen;
    `unfinished` marks cells whose month is still running at the data date.
    """

    starts: Dates
    sizes: NDArray[np.int64]
    active: Floats
    orders: Floats
    revenue: Floats
    unfinished: NDArray[np.bool_]


@dataclass(frozen=True)
class Tracking:
    """Repeat orders per week, counted and expected, before and after the holdout's cut.

    `week_end` are dates; `split` is the cut-off that the expectation was fitted on.
    """

    week_end: Dates
    actual: Floats
    expected: Floats
    split: dt.date
    model: str

    @property
    def cumulative_actual(self) -> Floats:
        """Repeat orders counted up to the end of each week."""
        return np.cumsum(self.actual)

    @property
    def cumulative_expected(self) -> Floats:
        """Repeat orders expected up to the end of each week."""
        return np.cumsum(self.expected)


@dataclass(frozen=True)
class Calibration:
    """What a model fitted up to `split` said of the days after it, against what came.

    The arrays run over groups of customers by repeat orders up to the split (the last group is
    open-ended, `labels` names them): how many customers, mean actual and mean expected orders.
    `metrics` maps a model's name to its bias, mae, rmse, deviance on orders; `chosen` names the
    one that was picked and `reason` says why.
    """

    split: dt.date
    days: int
    labels: tuple[str, ...]
    customers: NDArray[np.int64]
    actual: Floats
    expected: Floats
    metrics: Mapping[str, Mapping[str, float]]
    chosen: str
    reason: str


@dataclass(frozen=True)
class AliveGrid:
    """P(alive) for a customer of median age, by repeat orders (rows) and days since the last."""

    repeat_orders: NDArray[np.int64]
    days_since: Floats
    p_alive: Floats
    age_days: float


@dataclass(frozen=True)
class Totals:
    """The base as a whole and the average customer; profit is None without margin or cost."""

    customers: int
    expected_customers_alive: float
    historic_value: Estimate
    expected_value: Estimate
    lifetime_value: Estimate
    historic_value_mean: Estimate
    expected_value_mean: Estimate
    lifetime_value_mean: Estimate
    expected_profit: Estimate | None
    expected_profit_mean: Estimate | None
    lifetime_profit: Estimate | None
    lifetime_profit_mean: Estimate | None
    expected_orders: Estimate
    expected_orders_mean: Estimate


@dataclass(frozen=True, repr=False)
class Answer:
    """What every customer is worth and everything that was found on the way.

    Attributes:
        about: dates, horizon, money, model seeds and hashes.
        audit: the object of `audit.json`.
        customers: name -> array, the columns of `customers.parquet` in their order.
        totals: sums and means with intervals.
        formula: the textbook value.
        cohorts: by month of first order.
        notes: plain sentences a reader must see (for example: too little data to predict).
        orders_fit, spend_fit: the fitted models, None where there was too little data.
        tracking, calibration, alive: None where there was too little data.
        model_document: the fitted orders model as `model.json` holds it, or None.
    """

    about: About
    audit: Mapping[str, Any]
    customers: Mapping[str, NDArray[Any]]
    totals: Totals
    formula: Formula
    cohorts: CohortTable
    notes: tuple[str, ...] = ()
    orders_fit: FitSummary | None = None
    spend_fit: FitSummary | None = None
    tracking: Tracking | None = None
    calibration: Calibration | None = None
    alive: AliveGrid | None = None
    model_document: Mapping[str, Any] | None = None

    def __repr__(self) -> str:
        mean = self.totals.expected_value_mean
        return (
            f"<Answer on {self.totals.customers:,} customers up to {self.about.data_date}:"
            f" {mean.value:,.2f} {self.about.currency} each in the next {self.about.horizon}>"
        )
