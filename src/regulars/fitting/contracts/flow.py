"""The whole flow for subscriptions: checked rows in, retention, revenue and value out."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from regulars.data.recurring import Movements, movements
from regulars.data.spells import Runs, Stretches, runs, stretches
from regulars.data.subscriptions import Subscriptions, as_day
from regulars.data.trials import conversions, find_trials
from regulars.fitting.contracts.answer import (
    AboutSubscriptions,
    GroupValue,
    PeriodFit,
    SubscriptionAnswer,
    SubscriptionTotals,
)
from regulars.fitting.contracts.customers import by_customer, customer_columns
from regulars.fitting.contracts.fit import contract_model
from regulars.fitting.contracts.plans import fit_all
from regulars.fitting.contracts.value import (
    ContractValues,
    Fits,
    Setting,
    group_draws,
    sum_estimate,
    value_runs,
)
from regulars.terms.answer import Estimate
from regulars.terms.errors import InputError
from regulars.terms.period import Period, annual_rate, as_date
from regulars.terms.tenures import Floats
from regulars.terms.version import VERSION
from regulars.valuation import formula_value

Ints = NDArray[np.int64]
_YEAR = 12  # months over which churn is averaged for the formula


def value_subscriptions(
    subscriptions: Subscriptions,
    *,
    horizon: str | Period = "5y",
    discount: str | float = "10%/year",
    margin: float | None = None,
    until: str | dt.date | None = None,
    since: str | dt.date | None = None,
    grace: str | Period = "30d",
    model: str = "auto",
    level: float = 0.9,
    seed: int = 0,
    progress: Callable[[str], None] | None = None,
) -> SubscriptionAnswer:
    """Value every customer with a contract: how long they stay, what they still bring, and churn.

    Contracts of each billing period get a model of their own. A change of plan is no end; a gap
    or pause of up to `grace` is none either, and after a longer one the customer begins anew.

    Args:
        subscriptions: checked rows, from `read_subscriptions`.
        horizon: how far to look: `12mo`, `5y`, `forever`.
        discount: yearly discount of future money.
        margin: share of revenue that is profit, or None.
        until: last day that counts; the last day with an event where None.
        since: the day from which on the data hold every subscription, where earlier ones that
            ended are missing; None where nobody is.
        grace: how long a customer may be away without having left.
        model: `auto` chooses between sbg and bdw; or sbg, bdw, exponential-gamma, weibull-gamma.
        level: coverage of the intervals.
        seed: the same rows and seed give the same answer to the bit.
        progress: called with a line at each step.

    Raises:
        InputError: for a setting that cannot be used.
        DataError: when nothing was paid for by then.
    """
    say = progress or _silent
    span, setting, days, first = _question(
        horizon, discount, margin, since, grace, model, level, seed
    )
    last = as_date(until) or subscriptions.bounds[1]
    if first is not None and first > last:
        raise InputError(
            f"Watching cannot begin on {first}, after the last day {last}.",
            "Give an earlier --since.",
        )
    paid = stretches(subscriptions, last)
    found = runs(paid, subscriptions.billings, days, first)
    say(f"{len(found):,} contracts of {len(np.unique(found.customer)):,} customers")
    fits = fit_all(subscriptions, paid, found, setting, model, last)
    values = value_runs(found, subscriptions.billings, fits, setting)
    book = movements(paid, subscriptions.billings, days)
    trials = find_trials(subscriptions, paid, days)
    trying = trials.customer[(trials.outcome < 0) & (trials.end > paid.until)]
    columns = customer_columns(subscriptions, paid, found, values, trying, margin)
    ordered = tuple(
        sorted(
            (fit for fit in fits.values() if not fit.plan),
            key=lambda fit: (-fit.contracts, fit.months),
        )
    )
    by_plan = tuple(fit for _, fit in sorted(fits.items()) if fit.plan)
    groups = _Groups(subscriptions, found, fits, values, columns, setting)
    payers = np.flatnonzero(~np.isnat(columns["first_paid"]))
    say("values by plan and cohort")
    whole = groups.values(np.zeros(len(columns["status"]), np.int64), ["all"], payers)[0]
    newest = columns["plan"].astype(str)
    months = columns["first_paid"].astype("datetime64[M]").astype(str)
    return SubscriptionAnswer(
        about=AboutSubscriptions(
            data_date=last,
            first_date=as_day(int(paid.start.min())),
            horizon=str(span),
            discount=setting.annual_discount,
            margin=margin,
            currency=subscriptions.currency,
            has_money=subscriptions.has_money,
            grace_days=days,
            since=first,
            level=level,
            seed=seed,
            data_hash=subscriptions.data_hash,
            version=VERSION,
            source=", ".join(source["file"] for source in subscriptions.audit["sources"]),
        ),
        audit=subscriptions.audit,
        customers=columns,
        fits=ordered,
        plan_fits=by_plan,
        totals=_totals(columns, whole, book, ordered, by_plan, margin),
        movements=book,
        plans=tuple(groups.by(newest, payers, biggest=True)),
        cohorts=tuple(groups.by(months, payers, biggest=False)),
        trials=conversions(trials, subscriptions.plans, level),
        notes=_notes(subscriptions, paid, found, ordered, setting, last),
    )


def _silent(_: str) -> None:
    """Say nothing."""


def _question(
    horizon: str | Period,
    discount: str | float,
    margin: float | None,
    since: str | dt.date | None,
    grace: str | Period,
    model: str,
    level: float,
    seed: int,
) -> tuple[Period, Setting, int, dt.date | None]:
    """Settings as people write them, checked once and then trusted."""
    if margin is not None and not -1 <= margin <= 1:
        raise InputError(f"A margin of {margin:g} is no share.", "Write 0.35 for 35 %.")
    if not 0 < level < 1:
        raise InputError(f"A level of {level:g} is no coverage.", "Write 0.9 for 90 %.")
    if seed < 0:
        raise InputError(f"A seed of {seed} is below 0.", "Give 0 or more.")
    if model != "auto":
        contract_model(model)
    span, rate = Period.parse(horizon), annual_rate(discount)
    if span.is_forever and rate == 0:
        raise InputError(
            "Without a discount the value of forever has no limit.",
            "Give --discount 10%/year or a finite --horizon.",
        )
    away = 0.0 if grace in (0, "0", "0d") else Period.parse(grace).days
    if math.isinf(away):
        raise InputError("A grace without an end lets nobody leave.", "Write 30d or 2mo.")
    return span, Setting(span.count("month"), rate, level, seed), round(away), as_date(since)


class _Groups:
    """Value of customers by group, with the uncertainty that a group shares."""

    def __init__(
        self,
        table: Subscriptions,
        found: Runs,
        fits: Fits,
        values: ContractValues,
        columns: dict[str, NDArray[np.generic]],
        setting: Setting,
    ) -> None:
        self.table, self.runs, self.fits, self.setting = table, found, fits, setting
        self.columns = columns
        count = len(table.customers)
        self.variance = by_customer(np.nan_to_num(values.variance), found, count)
        self.due = by_customer(found.renewals - found.entry, found, count)
        self.lost = by_customer(found.ended.astype(np.float64), found, count)

    def by(self, names: NDArray[np.str_], payers: Ints, biggest: bool) -> list[GroupValue]:
        """A row for each name: the group with most customers first, or in order of the names."""
        found, index = np.unique(names, return_inverse=True)
        rows = self.values(index.reshape(-1).astype(np.int64), found.tolist(), payers)
        rows = [row for row in rows if row.customers]
        return sorted(rows, key=lambda row: -row.customers) if biggest else rows

    def values(self, group: Ints, names: list[str], payers: Ints) -> list[GroupValue]:
        """A row for each group of customers."""
        count = len(names)
        draws = group_draws(
            self.runs,
            self.table.billings,
            self.fits,
            self.setting,
            group[self.runs.customer],
            count,
        )
        member = group[payers]
        return [self._one(name, payers[member == i], draws[i]) for i, name in enumerate(names)]

    def _one(self, name: str, members: Ints, draws: Floats) -> GroupValue:
        columns, n = self.columns, max(len(members), 1)
        active = members[columns["status"][members] == "active"]
        historic = float(columns["historic_value"][members].sum())
        expected = sum_estimate(
            float(columns["expected_value"][members].sum()),
            draws,
            float(self.variance[members].sum()),
            self.setting,
        )
        due, months = float(self.due[members].sum()), columns["expected_months"][active]
        return GroupValue(
            group=name,
            customers=len(members),
            active=len(active),
            monthly=float(columns["monthly_revenue"][members].sum()),
            churn=float(self.lost[members].sum()) / due if due else math.nan,
            lifetime_months=float(months.mean()) if len(active) else None,
            historic=historic / n,
            expected=_scaled(expected, 1 / n),
            lifetime=_scaled(_shifted(expected, historic), 1 / n),
        )


def _totals(
    columns: dict[str, NDArray[np.generic]],
    whole: GroupValue,
    book: Movements,
    fits: tuple[PeriodFit, ...],
    by_plan: tuple[PeriodFit, ...],
    margin: float | None,
) -> SubscriptionTotals:
    n, active = whole.customers, whole.active
    expected = _scaled(whole.expected, n)
    paused = int((columns["status"] == "paused").sum())
    each = whole.monthly / active if active else 0.0
    opening = float(book.customers_opening[-_YEAR:].sum())
    churn = float(book.lost[-_YEAR:].sum()) / opening if opening else None
    formula = formula_value(each, 1.0, 1 / churn) if churn else None
    mean = _scaled(expected, 1 / active) if active else Estimate(0.0, level=expected.level)
    share = None if margin is None else margin
    return SubscriptionTotals(
        customers=n,
        active=active,
        paused=paused,
        monthly=whole.monthly,
        monthly_each=each,
        historic=whole.historic * n,
        expected=expected,
        expected_mean=mean,
        lifetime_mean=whole.lifetime,
        expected_profit=None if share is None else _scaled(expected, share),
        expected_profit_mean=None if share is None else _scaled(mean, share),
        lifetime_profit_mean=None if share is None else _scaled(whole.lifetime, share),
        lifetime_months=whole.lifetime_months,
        logo_churn=churn,
        formula=formula,
        formula_profit=None if formula is None or share is None else formula * share,
        new=_new(fits, by_plan),
    )


def _new(fits: tuple[PeriodFit, ...], by_plan: tuple[PeriodFit, ...]) -> Estimate | None:
    """Value of a new customer of the commonest billing period, over its plans where they differ."""
    common = next((fit for fit in fits if fit.value is not None), None)
    if common is None:
        return None
    own = [fit for fit in by_plan if fit.billing == common.billing]
    parts = [(fit.contracts, fit.value) for fit in own if fit.value is not None]
    total = sum(contracts for contracts, _ in parts)
    if not parts or total < 0.9 * common.contracts:
        return common.value
    value, low, high = (
        sum(n / total * (getattr(estimate, part) or 0.0) for n, estimate in parts)
        for part in ("value", "low", "high")
    )
    return Estimate(value, low, high, parts[0][1].level)


def _notes(
    table: Subscriptions,
    paid: Stretches,
    found: Runs,
    fits: tuple[PeriodFit, ...],
    setting: Setting,
    last: dt.date,
) -> tuple[str, ...]:
    notes = list(table.audit["warnings"])
    end = table.bounds[1]
    if end > last:
        notes.append(f"Only what happened up to {last} counts here; the data go on to {end}.")
    later = int(((table.ended < 10_000_000) & (table.ended > paid.until)).sum())
    if later:
        were = "subscription ends" if later == 1 else "subscriptions end"
        notes.append(f"{later:,} {were} after {last}: counted as running until then.")
    for fit in fits:
        if fit.fitted is None:
            notes.append(f"Billed by the {fit.billing}: {fit.reason}")
            continue
        if fit.fitted.report.verdict != "converged":
            notes.append(f"Billed by the {fit.billing}: {fit.fitted.report.explanation}")
        seen = len(fit.observed.due) * fit.months
        if seen < 12 and setting.horizon_months > 3 * seen:
            notes.append(
                f"Billed by the {fit.billing}: only {seen:.0f} months of renewals were seen; what "
                "lies far beyond them is the model's word alone."
            )
    if not len(found):
        notes.append("Nobody was watched from the first day on that the data hold everybody.")
    return tuple(notes)


def _scaled(estimate: Estimate, by: float) -> Estimate:
    ends = [None if end is None else end * by for end in (estimate.low, estimate.high)]
    low, high = ends if by >= 0 else ends[::-1]
    return replace(estimate, value=estimate.value * by, low=low, high=high)


def _shifted(estimate: Estimate, by: float) -> Estimate:
    low, high = (None if end is None else end + by for end in (estimate.low, estimate.high))
    return replace(estimate, value=estimate.value + by, low=low, high=high)
