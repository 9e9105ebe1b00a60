"""Outlook: all that is foreseen for a base of customers, and how well that was foreseen before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from regulars import data
from regulars.fitting.choose import CANDIDATES, LAST_RESORT, Contest, compete
from regulars.fitting.fit import fit
from regulars.fitting.fitted import Fitted
from regulars.fitting.predict import Prediction, expected_orders, predict
from regulars.fitting.question import Question
from regulars.fitting.spend import Spend, fit_spend
from regulars.fitting.spread import Spread, futures
from regulars.fitting.stack.auto import Stacked, stack
from regulars.fitting.stack.intervals import moved, read_intervals
from regulars.fitting.totals import parameter_variance, shock_variance, unseen_variance
from regulars.fitting.tracking import track
from regulars.models.base import History
from regulars.terms.answer import AliveGrid, Calibration, Tracking
from regulars.terms.errors import DataError, FitError
from regulars.terms.period import DAYS, Period
from regulars.terms.summary import Floats, Summary

_LEAST_DAYS = 28  # a shorter holdout tells nothing about a model
_LEAST_CUSTOMERS = 200  # at the split, for a choice to mean something
_NOBODY_LEAVES = (
    "Within these days nobody is seen to leave for good, so P(alive) is 1 for everybody and "
    "nobody can be called at risk. A longer history would tell."
)
_SETTLED = (
    "{title}: these days hardly show who leaves for good, so a weak prior settles what they leave "
    "open. Read P(alive) with care; a longer history would tell."
)


@dataclass(frozen=True)
class Outlook:
    """What is foreseen, one entry per customer where an array.

    Attributes:
        fitted: the orders model, fitted on all days.
        spend: the value of an order, None where orders carry no amounts.
        prediction: orders, P(alive), lifetime, next order.
        spread: intervals; those of value are over the value if alive.
        value: expected discounted revenue within the horizon (NaN without amounts).
        value_low, value_high: its interval.
        total_variance: variance of the log of the total number of orders, shocks included.
        spend_variance: what the uncertain value of an order adds to that of the total value.
        tracking, calibration: how a model fitted up to the split foretold what came.
        notes: sentences a reader must see.
        horizon: how far it looks.
    """

    fitted: Fitted
    spend: Spend | None
    prediction: Prediction
    spread: Spread
    value: Floats
    value_low: Floats
    value_high: Floats
    total_variance: float
    spend_variance: float
    tracking: Tracking | None
    calibration: Calibration | None
    notes: tuple[str, ...]
    horizon: Period

    @property
    def if_alive(self) -> Floats:
        """`value` of a customer who is still there: the expectation over P(alive) (n,).

        0 where P(alive) is 0: nothing is expected, and nothing can be told of a return.
        """
        alive = self.prediction.p_alive
        there = alive > 0
        found = np.where(there, self.value / np.where(there, alive, 1.0), 0.0)
        return np.where(np.isnan(alive) | np.isnan(self.value), np.nan, found)

    @property
    def own_variance(self) -> Floats:
        """Variance of each customer's own value to come, by chance of its own (n,)."""
        return self.spread.value_variance * self.if_alive**2


def look_ahead(
    orders: data.Orders,
    summary: Summary,
    question: Question,
    *,
    kept_share: float = 1.0,
    say: Callable[[str], None] = lambda _: None,
) -> Outlook:
    """Choose a model by a holdout, fit it on all days, predict every customer with intervals.

    Args:
        orders: the checked orders that `summary` was made of.
        summary: the customers at the cut-off.
        question: horizon, discount, model (`auto` chooses), coverage, seed.
        kept_share: share of an order's value that later refunds leave.
        say: called with a line at each step.

    Raises:
        FitError: when no model could be fitted.
    """
    contest = _contest(orders, summary, question, say)
    names = list(contest.trials) if contest else _names(question)
    taken, fitted, notes = _fit_first(names, summary, say, prior=question.model == "auto")
    calibration = contest and contest.calibration(taken)
    tracking = contest and _tracking(orders, contest, taken, summary)
    if fitted.model.name == "nbd" and question.model == "auto":
        notes.append(_NOBODY_LEAVES)
    spend = fit_spend(summary)
    if spend is not None and spend.note:
        notes.append(f"{spend.note} Each customer's mean is shrunk towards the base's instead.")
    say("predicting every customer")
    plain = predict(fitted, summary, question.horizon, question.discount, question.level)
    stacked = _stacked(orders, summary, question, taken, fitted, say) if contest else None
    prediction, near = plain, None
    if stacked is not None:
        found = stacked.forecast
        prediction = replace(
            plain,
            p_alive=found.p_alive,
            orders=found.orders,
            discounted_orders=found.discounted_orders,
            lifetime=found.lifetime,
        )
        calibration = calibration and replace(calibration, reason=stacked.reason(calibration))
        days = Period(stacked.learnt.days, "day")
        near = (expected_orders(fitted, summary, days), found.soon)
    shift = moved(plain.p_alive, plain.orders, prediction.orders, near)
    drawn = futures(fitted, spend, summary, question.horizon, seed=question.seed)
    widths = stacked.widths if stacked else None
    ranges = read_intervals(drawn, shift, summary, widths, question.level)
    order_value = _order_value(spend, summary, kept_share)
    value = prediction.discounted_orders * (np.nan if spend is None else order_value)
    if_alive = value / np.where(shift.alive > 0, shift.alive, 1.0)
    variance = (
        parameter_variance(fitted, summary, order_value, question.horizon, question.seed)
        + _shock(tracking, calibration, stacked)
        + _own_variance(value, ranges.value_variance * if_alive**2)
    )
    return Outlook(
        fitted=fitted,
        spend=spend,
        prediction=prediction,
        spread=ranges,
        value=value,
        value_low=ranges.value_low * if_alive,
        value_high=ranges.value_high * if_alive,
        total_variance=variance,
        spend_variance=_spend_variance(spend, summary, prediction.discounted_orders),
        tracking=tracking,
        calibration=calibration,
        notes=tuple(notes),
        horizon=question.horizon,
    )


def _stacked(
    orders: data.Orders,
    summary: Summary,
    question: Question,
    taken: str,
    lead: Fitted,
    say: Callable[[str], None],
) -> Stacked | None:
    """What auto adds to its leading model; None where a model was named or the data are short."""
    if question.model != "auto":
        return None
    say("learning from earlier days what came after them")
    return stack(orders, summary, question, (taken, lead), CANDIDATES)


def _shock(
    tracking: Tracking | None, calibration: Calibration | None, stacked: Stacked | None
) -> float:
    """Variance of the log of a total that customers share."""
    if stacked is None:
        return shock_variance(tracking, _bias(calibration))
    return unseen_variance(tracking) + stacked.learnt.level.variance


def _contest(
    orders: data.Orders, summary: Summary, question: Question, say: Callable[[str], None]
) -> Contest | None:
    """Hold the candidates against the last days; None where there are too few of them."""
    split, days = _split(summary, question.horizon)
    if days < _LEAST_DAYS:
        return None
    before = data.summarise(orders, until=split, unit=summary.unit)
    if len(before) < _LEAST_CUSTOMERS:
        return None
    say(f"choosing a model on the {days} days after {split}")
    came = data.repeat_orders_between(orders, split, until=summary.until)
    if not came.repeat_orders.any():
        return None
    try:
        return compete(before, came.repeat_orders.astype(np.float64), days, _names(question))
    except FitError:
        return None


def _names(question: Question) -> list[str]:
    return [*CANDIDATES[1:], CANDIDATES[0]] if question.model == "auto" else [question.model]


def _split(summary: Summary, horizon: Period) -> tuple[dt.date, int]:
    """The cut inside the data: a third of its span is held out, at most the horizon."""
    end = summary.until or dt.date.max
    span = round(float(summary.age.max(initial=0.0)) * DAYS[summary.unit])
    days = int(min(horizon.days, span / 3)) // 7 * 7
    return end - dt.timedelta(days=days), days


def _tracking(orders: data.Orders, contest: Contest, name: str, summary: Summary) -> Tracking:
    """The plot of the named candidate as it was fitted up to the split."""
    return track(contest.trials[name].fitted, orders, summary.until)


def _fit_first(
    names: list[str], summary: Summary, say: Callable[[str], None], *, prior: bool
) -> tuple[str, Fitted, list[str]]:
    """The name and fit of the first that converges on all days, else is usable; what to say.

    With `prior` one whose parameters are not all pinned is settled by a prior before the model
    in which nobody leaves is taken.
    """
    usable: tuple[str, Fitted] | None = None
    failures: list[str] = []
    for name in names:
        if prior and name == LAST_RESORT and usable is not None:
            settled = _with_prior(usable[0], summary)
            if settled is not None:
                return usable[0], settled, [_SETTLED.format(title=settled.report.title)]
        say(f"fitting {name} to {len(summary):,} customers")
        try:
            fitted = fit(name, summary)
        except (FitError, DataError) as error:
            failures.append(f"{name}: {error.message}")
            continue
        if fitted.report.verdict == "converged":
            return name, fitted, []
        if fitted.report.verdict != "failed":
            usable = usable or (name, fitted)
    if usable is None:
        raise FitError("No model could be fitted. " + "; ".join(failures))
    name, fitted = usable
    return name, fitted, [f"{fitted.report.title}: {fitted.report.explanation}"]


def _with_prior(name: str, summary: Summary) -> Fitted | None:
    """The most credible parameters under the default prior, None where they do not settle."""
    try:
        fitted = fit(name, summary, method="map")
    except (FitError, DataError):
        return None
    return fitted if fitted.report.verdict == "converged" else None


def _order_value(spend: Spend | None, summary: Summary, kept_share: float) -> Floats:
    """Expected value of a customer's future order, after refunds; 1 where orders have none."""
    if spend is None or summary.mean_spend is None:
        return np.ones(len(summary))
    x = summary.repeat_orders.astype(np.float64)
    return spend.expected(x, summary.mean_spend, summary.first_spend) * kept_share


def _spend_variance(spend: Spend | None, summary: Summary, orders: Floats) -> float:
    if spend is None or summary.mean_spend is None:
        return 0.0
    x = summary.repeat_orders.astype(np.float64)
    return spend.log_variance(x, summary.mean_spend, orders, summary.first_spend)


def _bias(calibration: Calibration | None) -> float | None:
    return None if calibration is None else calibration.metrics[calibration.chosen]["bias"]


def _own_variance(value: Floats, variance: Floats) -> float:
    """Variance of the log of the total from each customer's own chance."""
    total = float(np.nansum(value))
    return float(np.nansum(variance)) / total**2 if total > 0 else 0.0


def alive_grid(fitted: Fitted, summary: Summary) -> AliveGrid:
    """P(alive) by repeat orders and days since the last, for a customer of median age."""
    age = float(np.median(summary.age))
    top = int(np.clip(np.quantile(summary.repeat_orders, 0.99), 3, 12))
    counts = np.arange(top + 1)
    since = np.linspace(0.0, age, 25)
    x = np.repeat(counts.astype(np.float64), len(since))
    gap = np.tile(since, len(counts))
    ages = np.where(x > 0, age, gap)  # without a repeat order the last order is the first
    grid = fitted.model.p_alive(fitted.params, History(x, ages - gap, ages))
    day = DAYS[summary.unit]
    return AliveGrid(counts, since * day, grid.reshape(len(counts), -1), age * day)
