"""Candidates: the baselines, every orders model of the registry, `auto`, and learners."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from regulars import data
from regulars.fitting.judge.base import Candidate, Forecasted
from regulars.fitting.judge.baselines import LastPeriod, Mean, TextbookFormula
from regulars.fitting.judge.learners import boosted, network
from regulars.fitting.outlook import Outlook, look_ahead
from regulars.fitting.question import Question
from regulars.fitting.registry import ORDER_MODELS, PERIODIC, find_model
from regulars.terms.errors import InputError, ModelError
from regulars.terms.period import Period
from regulars.valuation import total_estimate

AUTO = "auto"
BASELINES: dict[str, Callable[[], Candidate]] = {
    "last-period": LastPeriod,
    "mean": Mean,
    "formula": TextbookFormula,
}
# Judged when they are named: those that integrate over each customer take minutes.
ON_REQUEST = PERIODIC | {"pareto-ggg", "abe"}
# Machine learning by name: one line here makes a learner a candidate of every backtest. A
# factory raises InputError, naming the extra, where what it needs is not installed.
LEARNERS: dict[str, Callable[[], Candidate]] = {"lightgbm": boosted, "ziln": network}


@dataclass(frozen=True)
class Product:
    """What `value` would say from the days up to the origin, with one model or `auto`.

    The same `look_ahead`: the product's spend, its intervals and its totals, at no discount.
    Values are net of purchase days, as the holdout counts them.
    """

    name: str
    unit: str = "week"

    def predict(
        self, orders: data.Orders, at: dt.date, horizon: Period, level: float, seed: int
    ) -> Forecasted:
        """Look ahead from `at`."""
        summary = data.summarise(orders, until=at, unit=self.unit)
        question = Question(
            horizon, discount=0.0, model=self.name, until=at, unit=self.unit, level=level, seed=seed
        )
        found = look_ahead(orders, summary, question)
        expected, variance = found.prediction.orders, found.total_variance
        orders_total = total_estimate(float(expected.sum()), variance, level)
        forecast = Forecasted(
            orders=expected,
            orders_low=found.spread.orders_low,
            orders_high=found.spread.orders_high,
            orders_total=orders_total,
            note=" ".join([*self._reason(found), *found.notes]),
        )
        if not orders.has_money:
            return forecast
        worth = total_estimate(float(found.value.sum()), variance + found.spend_variance, level)
        return replace(
            forecast,
            value=found.value,
            value_low=found.value_low,
            value_high=found.value_high,
            value_total=worth,
        )

    def _reason(self, found: Outlook) -> list[str]:
        """Why `auto` took what it took."""
        if self.name != AUTO:
            return []
        if found.calibration is None:
            return [f"Took {found.fitted.report.title}: too few days to choose by."]
        return [found.calibration.reason]


def candidates(
    names: Sequence[str | Candidate] | None = None, unit: str = "week"
) -> list[Candidate]:
    """The candidates of these names, baselines first; the baselines are always among them.

    Args:
        names: `auto`, models, learners, or candidates of your own; where None `auto`, every
            model of orders but those of `ON_REQUEST`, and every learner whose extra is installed.
        unit: unit of the models' time.

    Raises:
        ModelError: for a name that is none of them; the text lists those that are.
        InputError: where a learner that was named lacks its extra.
    """
    found: dict[str, Candidate] = {name: make() for name, make in BASELINES.items()}
    by_default = [AUTO, *(name for name in ORDER_MODELS if name not in ON_REQUEST)]
    for one in by_default if names is None else names:
        if not isinstance(one, str):
            found[one.name] = one
        elif one not in found:
            found[one] = _make(one, unit)
    if names is None:
        found |= _installed()
    return list(found.values())


def _make(name: str, unit: str) -> Candidate:
    if name == AUTO or find_model(name) is not None:
        return Product(name, unit)
    try:
        return LEARNERS[name]()
    except KeyError:
        known = ", ".join([AUTO, *ORDER_MODELS, *LEARNERS, *BASELINES])
        raise ModelError(f"'{name}' is no candidate.", f"Candidates: {known}.") from None


def _installed() -> dict[str, Candidate]:
    found: dict[str, Candidate] = {}
    for name, make in LEARNERS.items():
        try:
            found[name] = make()
        except InputError:
            continue
    return found
