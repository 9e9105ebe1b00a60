"""What one valuation of subscriptions found, ready to be written and shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from regulars.data.recurring import Movements
from regulars.data.trials import Conversion
from regulars.fitting.contracts.fit import FittedContract
from regulars.fitting.contracts.predict import Curve
from regulars.terms.answer import Estimate
from regulars.terms.tenures import Floats


@dataclass(frozen=True)
class AboutSubscriptions:
    """What the numbers stand on."""

    data_date: dt.date
    first_date: dt.date
    horizon: str
    discount: float
    margin: float | None
    currency: str
    has_money: bool
    grace_days: int
    since: dt.date | None
    level: float
    seed: int
    data_hash: str
    version: str
    source: str


@dataclass(frozen=True)
class Observed:
    """Renewals as they came: at renewal 1, 2, ... how many were due, lost, and what share stayed.

    `survival` has one entry more: the share that is left after 0, 1, 2 ... renewals
    (Kaplan & Meier 1958).
    """

    due: Floats
    lost: Floats
    retention: Floats
    survival: Floats


@dataclass(frozen=True)
class PeriodFit:
    """Contracts of one billing period: what was seen, the model, and what it projects.

    Attributes:
        billing: in words, such as month. months: its length. plan: '' for all plans together.
        contracts, lost: how many were watched, and how many of them ended.
        running: contracts that run at the data date.
        amount: mean charge per period of those that run (of all where none does).
        churn: share of the renewals watched at which a contract ended.
        observed: by number of the renewal.
        fitted: the model, None where there is too little to fit one.
        reason: why this model, or why none.
        others: BIC of every model tried.
        retention, survival: projected, with intervals; None without a model.
        lifetime: expected periods that a new contract is paid, up to ten years.
        value: discounted revenue of a new contract within the horizon, first payment included.
        formula_lifetime, formula_value: 1 / churn periods, and charge / churn.
    """

    billing: str
    months: float
    plan: str
    contracts: float
    lost: float
    running: int
    amount: float
    churn: float
    observed: Observed
    fitted: FittedContract | None
    reason: str
    others: Mapping[str, float]
    retention: Curve | None
    survival: Curve | None
    lifetime: Estimate | None
    value: Estimate | None
    formula_lifetime: float | None
    formula_value: float | None


@dataclass(frozen=True)
class GroupValue:
    """Customers of one plan or cohort: who pays, and what each is worth on average.

    `historic`, `expected` and `lifetime` are revenue per customer who ever paid.
    """

    group: str
    customers: int
    active: int
    monthly: float
    churn: float
    lifetime_months: float | None
    historic: float
    expected: Estimate
    lifetime: Estimate


@dataclass(frozen=True)
class SubscriptionTotals:
    """The base as a whole; money is revenue, profit is None without a margin.

    Attributes:
        customers: who ever paid. active, paused: at the data date.
        monthly: monthly recurring revenue at the data date. monthly_each: per active customer.
        historic: charges due so far. expected: still to come within the horizon, discounted.
        expected_mean: per active customer. lifetime_mean: historic + expected per customer.
        lifetime_months: expected months still to be paid by an active customer.
        logo_churn: share of customers lost a month, over the last twelve months.
        formula: monthly revenue of a customer / logo churn, None without churn.
        new: value of a new customer of the commonest billing period, None without a model.
    """

    customers: int
    active: int
    paused: int
    monthly: float
    monthly_each: float
    historic: float
    expected: Estimate
    expected_mean: Estimate
    lifetime_mean: Estimate
    expected_profit: Estimate | None
    expected_profit_mean: Estimate | None
    lifetime_profit_mean: Estimate | None
    lifetime_months: float | None
    logo_churn: float | None
    formula: float | None
    formula_profit: float | None
    new: Estimate | None


@dataclass(frozen=True, repr=False)
class SubscriptionAnswer:
    """Everything that one valuation of subscriptions found.

    Attributes:
        about: dates, horizon, money, seeds and hashes.
        audit: what was read, kept and refused.
        customers: name -> array, the columns of `customers.parquet`.
        fits: one per billing period, the commonest first.
        plan_fits: one per plan of the billing periods whose plans differ so much that each is
            worth a model of its own; they value the customers of these plans.
        totals: the base as a whole.
        movements: monthly recurring revenue and what moved it; None for a retention table.
        plans, cohorts: value by plan and by month of the first payment.
        trials: conversion over all, by plan and by cohort.
        notes: plain sentences that a reader must see.
    """

    about: AboutSubscriptions
    audit: Mapping[str, Any]
    customers: Mapping[str, NDArray[Any]]
    fits: tuple[PeriodFit, ...]
    plan_fits: tuple[PeriodFit, ...]
    totals: SubscriptionTotals
    movements: Movements
    plans: tuple[GroupValue, ...]
    cohorts: tuple[GroupValue, ...]
    trials: Mapping[str, list[Conversion]]
    notes: tuple[str, ...] = field(default=())

    def __repr__(self) -> str:
        each = self.totals.expected_mean
        return (
            f"<SubscriptionAnswer on {self.totals.active:,} customers up to"
            f" {self.about.data_date}: {each.value:,.2f} {self.about.currency} each still to come>"
        )
