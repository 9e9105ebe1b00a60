"""A retention table alone: the model, its curves, and the value of customers by their renewals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regulars.data.billing import Billing
from regulars.data.retention_table import RetentionTable
from regulars.fitting.contracts.answer import PeriodFit
from regulars.fitting.contracts.choose import fit_period, period_rate
from regulars.fitting.contracts.fit import contract_model
from regulars.fitting.contracts.predict import ContractPrediction, predict_contracts
from regulars.terms.errors import DataError, InputError
from regulars.terms.period import Period, annual_rate
from regulars.terms.tenures import Floats


@dataclass(frozen=True)
class RetentionAnswer:
    """What a retention table tells.

    Attributes:
        fit: what was seen, the model, its curves, lifetime and value of a new customer.
        renewals: 0, 1, 2 ... renewals passed.
        ahead: what is expected of a customer after each number of renewals, in payments at the
            next renewal; times `amount` it is money.
        horizon, discount, amount, level, seed: what was asked.
    """

    fit: PeriodFit
    renewals: Floats
    ahead: ContractPrediction
    horizon: str
    discount: float
    amount: float
    level: float
    seed: int


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
    tenures = table.tenures()
    running = sum(float(row[np.isfinite(row)][-1]) for row in table.left)
    fit = fit_period(
        period,
        tenures,
        model=model,
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
    return RetentionAnswer(fit, renewals, ahead, str(span), annual, amount, level, seed)
