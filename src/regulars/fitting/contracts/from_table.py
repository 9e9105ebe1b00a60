"""A retention table alone: the model, its curves, and the value of customers by their renewals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from regulars.data.billing import Billing
from regulars.data.retention_table import RetentionTable
from regulars.fitting.contracts.answer import PeriodFit
from regulars.fitting.contracts.choose import choose_contract_model, fit_period, period_rate
from regulars.fitting.contracts.fit import contract_model, information
from regulars.fitting.contracts.predict import ContractPrediction, predict_contracts
from regulars.terms.errors import DataError, InputError
from regulars.terms.period import Period, annual_rate
from regulars.terms.tenures import Floats


@dataclass(frozen=True)
class RetentionPart:
    """Customers who share a model: all of a table, or one cohort of it.

    Attributes:
        name: of the cohort; '' for all together.
        fit: what was seen, the model, its curves, lifetime and value of a new customer.
        renewals: 0, 1, 2 ... renewals passed.
        ahead: what is expected of a customer after each number of renewals, in payments at the
            next renewal; times the amount it is money. The payment made last is not in it.
    """

    name: str
    fit: PeriodFit
    renewals: Floats
    ahead: ContractPrediction


@dataclass(frozen=True)
class RetentionAnswer:
    """What a retention table tells.

    Attributes:
        whole: all cohorts together.
        cohorts: each cohort by a model of its own, where the cohorts differ so much that it is
            worth the parameters; empty where one model does for all, or there is one cohort.
        reason: whether one model does for all cohorts, in words; '' for one cohort.
        horizon, discount, amount, level, seed: what was asked.
    """

    whole: RetentionPart
    horizon: str
    discount: float
    amount: float
    level: float
    seed: int
    cohorts: tuple[RetentionPart, ...] = field(default=())
    reason: str = ""

    @property
    def fit(self) -> PeriodFit:
        """The model of all cohorts together."""
        return self.whole.fit

    @property
    def renewals(self) -> Floats:
        """Renewals passed, of all cohorts together."""
        return self.whole.renewals

    @property
    def ahead(self) -> ContractPrediction:
        """What is expected of a customer whose cohort is not known."""
        return self.whole.ahead


def value_retention_table(
    table: RetentionTable,
    *,
    billing: str = "month",
    amount: float = 1.0,
    horizon: str | Period = "5y",
    discount: str | float = "10%/year",
    model: str = "auto",
    level: float = 0.9,
    seed: int = 0,
) -> RetentionAnswer:
    """Fit a model to a retention table and value customers by how often they have renewed.

    Each cohort gets a model of its own where BIC says that the cohorts differ.

    Args:
        table: from `read_retention_table`.
        billing: what a period of the table is: month, year, 4 weeks ...
        amount: what is charged each period.
        horizon: how far to look.
        discount: yearly discount of future money.
        model: `auto`, sbg, bdw, exponential-gamma or weibull-gamma.
        level: coverage of the intervals.
        seed: the same table and seed give the same answer.

    Raises:
        InputError: for a setting that cannot be used.
        DataError: when nobody, or too few, left.
    """
    if model != "auto":
        contract_model(model)
    if not amount > 0:
        raise InputError(f"An amount of {amount:g} is none.", "Give what a period costs.")
    if not 0 < level < 1:
        raise InputError(f"A level of {level:g} is no coverage.", "Write 0.9 for 90 %.")
    period, span, annual = Billing.parse(billing), Period.parse(horizon), annual_rate(discount)

    def part(rows: Sequence[int], name: str = "") -> RetentionPart:
        """The model of some cohorts and what it expects."""
        some = _rows(table, rows)
        running = sum(float(row[np.isfinite(row)][-1]) for row in some.left)
        fit = fit_period(
            period,
            some.tenures(),
            model=model,
            plan=name,
            running=round(running),
            amount=amount,
            horizon_months=span.count("month"),
            annual_discount=annual,
            level=level,
            seed=seed,
        )
        if fit.fitted is None:
            raise DataError(fit.reason, "Put more customers or periods into the table.")
        renewals = np.arange(len(fit.observed.due) + 1.0)
        ahead = predict_contracts(
            fit.fitted,
            renewals,
            renewals=np.floor(span.count("month") / period.months + 1e-9),
            discount=period_rate(annual, period.months),
            level=level,
            seed=seed,
        )
        return RetentionPart(name, fit, renewals, ahead)

    every = range(len(table.cohorts))
    whole = part(every)
    own, reason = _worth_their_own(table, model)
    return RetentionAnswer(
        whole,
        str(span),
        annual,
        amount,
        level,
        seed,
        cohorts=tuple(part([i], table.cohorts[i]) for i in own),
        reason=reason,
    )


def _worth_their_own(table: RetentionTable, model: str) -> tuple[list[int], str]:
    """Cohorts that get a model of their own, [] where one does for all, and why.

    The sum of the cohorts' BIC is held against that of one model for the same cohorts. Those with
    too few customers or renewals for a model are left out of both.
    """
    if len(table.cohorts) < 2:
        return [], ""
    alone: dict[int, float] = {}
    for i in range(len(table.cohorts)):
        fitted = choose_contract_model(_rows(table, [i]).tenures(), model)[0]
        if fitted is not None and np.isfinite(information(fitted)):
            alone[i] = information(fitted)
    own = list(alone)
    if len(own) < 2:
        return [], "One model for all cohorts: alone they hold too little for models of their own."
    pooled = choose_contract_model(_rows(table, own).tenures(), model)[0]
    together = np.inf if pooled is None else information(pooled)
    apart = sum(alone.values())
    if apart >= together:
        return [], (
            f"One model for all cohorts: BIC {together:,.1f} against {apart:,.1f} with a model for "
            "each, so they are alike."
        )
    few = len(table.cohorts) - len(own)
    rest = f" {few} cohorts with too little for one are left to the model of all." if few else ""
    return own, (
        f"The cohorts differ: with a model for each BIC is {apart:,.1f}, with one for all "
        f"{together:,.1f}. So each is valued by its own, and one model for all would hide that."
        f"{rest}"
    )


def _rows(table: RetentionTable, rows: Sequence[int]) -> RetentionTable:
    """Some cohorts of a table."""
    which = list(rows)
    names = tuple(table.cohorts[i] for i in which)
    return replace(table, cohorts=names, sizes=table.sizes[which], left=table.left[which])
