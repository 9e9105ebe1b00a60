"""The whole flow in one place: checked orders in, what every customer is worth out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars import data, fitting
from regulars.fitting import Outlook, Question
from regulars.terms.answer import About, Answer, Estimate, Formula, Totals
from regulars.terms.errors import DataError, FitError, InputError
from regulars.terms.period import DAYS, Period
from regulars.terms.summary import Summary
from regulars.terms.version import VERSION
from regulars.valuation import Economics, base_totals, formula_of_base, total_estimate

Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Valued:
    """Orders and what their customers are worth: what every other question starts from.

    Attributes:
        orders: the checked orders.
        question: horizon, discount, model, cut-off, unit, coverage, seed.
        summary: the customers with a purchase, sorted by id (n,).
        history: what they bought (n,).
        economics: margin and what refunds leave.
        outlook: what is foreseen of them; None with too little data to predict.
        answer: the same as `value_customers` gives.
    """

    orders: data.Orders
    question: Question
    summary: Summary
    history: data.Customers
    economics: Economics
    outlook: Outlook | None
    answer: Answer

    @cached_property
    def ledger(self) -> data.Ledger:
        """What all customers with any row did, month by month; its N customers hold the n."""
        return data.keep_ledger(self.orders, self.summary.until)

    def to_all(self, values: NDArray[Any]) -> NDArray[Any]:
        """An entry for each customer of the ledger (N,) from those who bought (n,).

        Numbers become floats, NaN where nobody bought; dates NaT, anything else None.
        """
        values = np.asarray(values)
        kind = values.dtype.kind
        blank: Any = {"M": np.datetime64("NaT", "D"), "O": None}.get(kind, np.nan)
        found = np.full(len(self.ledger.customer_id), blank, values.dtype if kind in "MO" else None)
        found[self.ledger.bought] = values
        return found

    def labels(self, name: str, customers: data.Attributes | None = None) -> NDArray[Any]:
        """A label of each customer of the ledger (N,), None where unknown.

        Names are `cohort`; `source`, `campaign`, `country`, `product` of the first order, with
        `last_` before it of the last; else a column of `customers` or of the orders.

        Raises:
            ColumnError: for a name that nobody knows.
        """
        key = (name, id(customers))
        if key not in self._labels:
            found = data.labels_beside(self.orders, self.ledger, name, customers)
            for other, labels in found.items():
                self._labels.setdefault((other, id(customers)), (customers, labels))
        return self._labels[key][1]

    def places(self, ids: NDArray[Any]) -> NDArray[np.int64]:
        """Place in the ledger of each of some ids, -1 for who is not in it; asked for once."""
        if id(ids) not in self._places:
            self._places[id(ids)] = (ids, data.places(ids, self.ledger.customer_id))
        return self._places[id(ids)][1]

    @cached_property
    def _places(self) -> dict[int, tuple[NDArray[Any], NDArray[np.int64]]]:
        """Places asked for before, with the ids so that their number stays their own."""
        return {}

    @cached_property
    def _labels(self) -> dict[tuple[str, int], tuple[data.Attributes | None, NDArray[Any]]]:
        """Labels asked for before, since several questions tell customers apart by the same."""
        return {}


def value_customers(
    orders: data.Orders,
    *,
    horizon: str | Period = "12mo",
    discount: str | float = "10%/year",
    margin: float | None = None,
    model: str = "auto",
    until: str | dt.date | None = None,
    unit: str = "week",
    level: float = 0.9,
    seed: int = 0,
    progress: Callable[[str], None] | None = None,
) -> Answer:
    """Value every customer: historic, by the textbook formula, and predicted with intervals.

    Args:
        orders: checked orders, from `read_orders`.
        horizon: how far to look: `52w`, `12mo`, `forever`.
        discount: yearly discount of future money.
        margin: share of revenue that is profit; a cost column serves where it is None.
        model: `auto` chooses by a holdout inside the data; or a model's name.
        until: last day that counts; the last day with an order where None.
        unit: unit of the model's time; lifetimes are counted in it.
        level: coverage of the intervals.
        seed: the same orders and seed give the same answer to the bit.
        progress: called with a line at each step.

    Returns:
        The answer. With too little data to predict it holds the historic and formula values,
        the predicted columns are NaN, and `notes` say so.

    Raises:
        InputError: for a setting that cannot be used.
        DataError: when no customer has an order.
    """
    question = Question.of(horizon, discount, margin, model, until, unit, level, seed)
    return _value(orders, question, progress).answer


def value_base(
    orders: data.Orders, *, progress: Callable[[str], None] | None = None, **settings: Any
) -> Valued:
    """Value every customer and keep what the next questions need: sources, cohorts, forecasts.

    Args:
        orders: checked orders, from `read_orders`.
        progress: called with a line at each step.
        settings: those of `value_customers`.

    Raises:
        InputError: for a setting that cannot be used.
        DataError: when no customer has an order.
    """
    return _value(orders, Question.of(**settings), progress)


def as_valued(given: data.Orders | Valued, **settings: Any) -> Valued:
    """What was given, valued first where it is orders; settings are those of `value_customers`.

    Raises:
        InputError: for settings of what is valued already.
    """
    if not isinstance(given, Valued):
        return value_base(given, **settings)
    if settings:
        raise InputError(
            f"The customers are valued already, so {', '.join(settings)} cannot be set any more.",
            "Give it to value_base(orders, ...).",
        )
    return given


def _value(
    orders: data.Orders,
    question: Question,
    progress: Callable[[str], None] | None,
) -> Valued:
    audit = orders.audit.as_dict()
    summary = data.summarise(orders, until=question.until, unit=question.unit)
    history = data.customer_table(orders, until=summary.until)
    if summary.customer_id is not None:  # the same ones: held in memory once
        history = replace(history, customer_id=summary.customer_id)
    if not orders.has_money:  # nothing is known of money, which is not the same as none
        history = replace(history, value=np.full(len(summary), np.nan))
    economics = Economics.of(history.value, history.cost, history.purchased, question.margin)
    outlook, notes = _outlook(orders, summary, question, economics, _stages(progress))
    answer = Answer(
        about=_about(orders, summary, economics, question),
        audit=audit,
        customers=fitting.customer_columns(summary, history, outlook, economics),
        totals=_totals(history, outlook, economics, question.level),
        formula=_formula(summary, history, outlook, economics, question),
        cohorts=data.cohort_table(orders, until=summary.until),
        notes=notes,
        **({} if outlook is None else _foreseen(outlook, summary)),
    )
    return Valued(orders, question, summary, history, economics, outlook, answer)


def _stages(progress: Callable[[str], None] | None) -> Callable[[str], None]:
    """Report each step, and give back what the one before it freed."""

    def say(text: str) -> None:
        data.give_back()
        if progress is not None:
            progress(text)

    return say


def summary_for(
    model: str, orders: data.Orders, until: str | dt.date | None = None, unit: str = "week"
) -> Summary:
    """The summary that a model of that name is fitted to: of days, or of periods for BG/BB.

    Raises:
        DataError: when nobody bought anything.
    """
    if model in fitting.PERIODIC:
        return data.count_chances(orders, every=unit, until=until)
    return data.summarise(orders, until=until, unit=unit)


def score_customers(
    fitted: fitting.Fitted,
    orders: data.Orders,
    *,
    horizon: str | Period = "12mo",
    discount: str | float = "10%/year",
    until: str | dt.date | None = None,
    level: float = 0.9,
    customers: data.Attributes | None = None,
    courses: data.Courses | None = None,
) -> tuple[Columns, dict[str, str]]:
    """Score the customers of an orders file with a model fitted before.

    A model with covariates takes them from `customers`, a table of theirs that
    `read_attributes` read, or from the orders' own columns; one with covariates over time from
    `courses`, which `read_courses` read.

    Returns:
        Columns along customers, and what they stand on (horizon, unit, model, data date, hash).
    """
    question = Question.of(horizon, discount, until=until, level=level)
    summary = summary_for(fitted.model.name, orders, question.until, fitted.unit)
    if courses is not None:
        summary = data.summary_over(summary, orders, courses)
    summary = data.with_known(summary, orders, fitted.attributes, customers)
    foreseen = fitting.predict(fitted, summary, question.horizon, question.discount, question.level)
    columns = fitting.score_columns(summary, foreseen)
    about = {
        "model": fitted.model.name,
        "horizon": str(question.horizon),
        "discount": f"{question.discount:g}/year",
        "unit": fitted.unit,
        "data_date": str(summary.until),
        "data_hash": orders.data_hash,
    }
    return columns, about


def _outlook(
    orders: data.Orders,
    summary: Summary,
    question: Question,
    economics: Economics,
    say: Callable[[str], None],
) -> tuple[Outlook | None, tuple[str, ...]]:
    """Look ahead where there is enough to (or a model was asked for by name), and what to say."""
    days = round(float(summary.age.max()) * DAYS[summary.unit]) + 1
    three_times = int((summary.repeat_orders >= 2).sum())
    lacking = "; ".join(data.lacking(len(summary), days, three_times))
    notes = (f"Too little data to predict well: that takes {lacking}.",) if lacking else ()
    last = orders.audit["last_date"]
    if last > str(summary.until):
        notes = (*notes, f"Only orders up to {summary.until} count here; the data go on to {last}.")
    if lacking and question.model == "auto":
        return None, notes
    try:
        outlook = fitting.look_ahead(
            orders, summary, question, kept_share=economics.kept_share, say=say
        )
    except (DataError, FitError) as error:
        return None, (*notes, f"No prediction: {error.message}")
    return outlook, (*notes, *outlook.notes)


def _totals(
    history: data.Customers, outlook: Outlook | None, economics: Economics, level: float
) -> Totals:
    value = orders = Estimate(float("nan"), level=level)
    if outlook is not None:
        variance = outlook.total_variance
        value = total_estimate(float(outlook.value.sum()), variance + outlook.spend_variance, level)
        orders = total_estimate(float(outlook.prediction.orders.sum()), variance, level)
    return base_totals(
        history.value,
        economics.historic_profit(history.value, history.cost),
        value,
        orders,
        float("nan") if outlook is None else float(outlook.prediction.p_alive.sum()),
        economics.profit_share,
    )


def _foreseen(outlook: Outlook, summary: Summary) -> dict[str, Any]:
    """The fields of an answer that only a prediction has."""
    return {
        "orders_fit": outlook.fitted.report,
        "spend_fit": None if outlook.spend is None else outlook.spend.report,
        "tracking": outlook.tracking,
        "calibration": outlook.calibration,
        "alive": fitting.alive_grid(outlook.fitted, summary),
        "model_document": fitting.as_object(outlook.fitted),
    }


def _formula(
    summary: Summary,
    history: data.Customers,
    outlook: Outlook | None,
    economics: Economics,
    question: Question,
) -> Formula:
    """The textbook formula over the same horizon (a year where that has no end)."""
    endless = question.horizon.is_forever
    horizon = Period(1, "year") if endless else question.horizon
    orders = float(history.orders.sum())
    months = float(summary.age.sum()) * DAYS[summary.unit] / DAYS["month"]
    return formula_of_base(
        revenue=float(history.value.sum()),
        orders=orders,
        customer_months=max(months, float(len(summary))),  # a pace needs a month to be one
        lifespan_months=horizon.count("month"),
        margin=economics.profit_share,
        model_mean=None if outlook is None or endless else float(outlook.value.mean()),
        share_alive=None if outlook is None else float(outlook.prediction.p_alive.mean()),
        repeat_share=1 - len(summary) / orders if orders else 0.0,
    )


def _about(
    orders: data.Orders, summary: Summary, economics: Economics, question: Question
) -> About:
    audit = orders.audit.as_dict()
    return About(
        data_date=summary.until or dt.date.max,
        first_date=dt.date.fromisoformat(audit["first_date"]),
        horizon=str(question.horizon),
        discount=question.discount,
        margin=economics.profit_share,
        has_cost=economics.from_cost,
        currency=orders.currency,
        unit=summary.unit,
        level=question.level,
        seed=question.seed,
        data_hash=orders.data_hash,
        version=VERSION,
        source=", ".join(source["file"] for source in audit["sources"]),
    )
