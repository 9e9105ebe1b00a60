"""The backtest: every candidate looks ahead from every origin and is held against what came."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from regulars import data
from regulars.fitting.judge.base import Candidate, Forecasted
from regulars.fitting.judge.bootstrap import DRAWS, Difference, differences
from regulars.fitting.judge.candidates import candidates
from regulars.fitting.judge.origins import Days, Holdout, hold_out, place_origins
from regulars.fitting.judge.result import ORDERS, VALUE, Backtest, Groups, Judged, Round
from regulars.fitting.judge.scores import Expectation, Outcome, by_group, deciles, score
from regulars.fitting.judge.verdict import verdict
from regulars.terms.answer import Estimate
from regulars.terms.errors import FitError, InputError, ModelError, RegularsError
from regulars.terms.period import DAYS, Period
from regulars.terms.summary import Floats

_CURVE = 100  # points of a cumulative curve


def backtest(
    orders: data.Orders,
    *,
    at: Days = None,
    horizon: str | Period = "39w",
    models: Sequence[str | Candidate] | None = None,
    origins: int = 1,
    every: str | Period = "13w",
    reference: str | None = None,
    level: float = 0.9,
    unit: str = "week",
    seed: int = 0,
    draws: int = DRAWS,
    progress: Callable[[str], None] | None = None,
) -> Backtest:
    """Look ahead from days inside the data and hold what was foretold against what came.

    From each origin a candidate sees the orders up to that day alone. The naive baselines
    (`last-period`, `mean`, `formula`) are judged beside whatever is named.

    Args:
        orders: checked orders, from `read_orders`.
        at: the origin or origins, the last day that is known; where None they are counted back
            from the last day that leaves a horizon.
        horizon: how far to look: `39w`, `12mo`.
        models: `auto`, names of models of orders and of learners, or candidates of your own; where
            None `auto`, every model but bg-bb, pareto-ggg and abe, and every learner at hand.
        origins: how many, where `at` is None.
        every: how far apart, where `at` is None.
        reference: whom the paired bootstrap compares to; the best of each metric where None.
        level: coverage of the intervals.
        unit: unit of the models' time.
        seed: the same orders and seed give the same backtest.
        draws: how many times the bootstrap redraws the customers; 0 leaves it out.
        progress: called with a line at each step.

    Raises:
        InputError: for an origin that leaves no horizon, an unknown candidate or setting.
        DataError: where the data are too short, or nobody had ordered by an origin.
    """
    asked = _Asked(horizon, reference, level, unit, seed, draws)
    judges = candidates(models, unit)
    names = [judge.name for judge in judges]
    if reference is not None and reference not in names:
        raise ModelError(
            f"'{reference}' is not among the candidates.", f"Those are {', '.join(names)}."
        )
    starts, days = place_origins(orders, at, horizon, origins, every)
    rounds = [_round(orders, judges, start, days, asked, progress or _silent) for start in starts]
    targets = (ORDERS, VALUE) if orders.has_money else (ORDERS,)
    return Backtest(
        rounds=tuple(rounds),
        candidates=tuple(names),
        targets=targets,
        horizon=str(Period.parse(horizon)),
        days=days,
        level=level,
        unit=unit,
        seed=seed,
        reference=reference,
        currency=orders.currency,
        data_hash=orders.data_hash,
        verdict=verdict(rounds, targets, level),
    )


def _silent(_: str) -> None:
    """Say nothing."""


@dataclass(frozen=True)
class _Asked:
    """The settings of a backtest, checked."""

    horizon: str | Period
    reference: str | None
    level: float
    unit: str
    seed: int
    draws: int

    def __post_init__(self) -> None:
        if not 0 < self.level < 1:
            raise InputError(f"A level of {self.level:g} is no coverage.", "Write 0.9 for 90 %.")
        if self.unit not in DAYS:
            raise InputError(f"'{self.unit}' is no unit.", f"Use {', '.join(DAYS)}.")
        if self.seed < 0:
            raise InputError(f"A seed of {self.seed} is below 0.", "Give 0 or more.")
        if self.draws < 0:
            raise InputError(f"{self.draws} draws cannot be taken.", "Give 0 or more.")


def _round(
    orders: data.Orders,
    judges: Sequence[Candidate],
    at: dt.date,
    days: int,
    asked: _Asked,
    say: Callable[[str], None],
) -> Round:
    """Every candidate from one origin."""
    came = hold_out(orders, at, days, asked.unit)
    found: dict[str, Forecasted] = {}
    failures: dict[str, str] = {}
    for judge in judges:
        say(f"{judge.name} looks ahead from {at}")
        try:
            forecast = judge.predict(orders, at, Period(days, "day"), asked.level, asked.seed)
            found[judge.name] = _usable(forecast, len(came.orders))
        except RegularsError as error:
            failures[judge.name] = error.message
    say(f"holding {len(found)} candidates against the {days} days after {at}")
    judged: list[Judged] = []
    apart: dict[str, tuple[Difference, ...]] = {}
    for target, actual in came.actual.items():
        expected = _expectations(target, found)
        judged += [
            _judge(name, target, came, one, asked.level, found[name].note)
            for name, one in expected.items()
        ]
        means = {name: one.mean for name, one in expected.items()}
        apart[target] = tuple(
            differences(actual, means, asked.reference, draws=asked.draws, seed=asked.seed)
        )
    return Round(
        at=at,
        until=at + dt.timedelta(days=days),
        customers=len(came.orders),
        buyers=int((came.orders > 0).sum()),
        one_time=int(came.one_time.sum()),
        actual={target: float(values.sum()) for target, values in came.actual.items()},
        judged=tuple(judged),
        differences=apart,
        failures=failures,
    )


def _usable(forecast: Forecasted, customers: int) -> Forecasted:
    """The forecast, if it says something finite of every customer.

    Raises:
        FitError: where it does not.
    """
    for target, mean in ((ORDERS, forecast.orders), (VALUE, forecast.value)):
        told = customers if mean is None else int(np.isfinite(mean).sum())
        if told != customers or (mean is not None and len(mean) != customers):
            raise FitError(f"It gave {target} of {told:,} customers; there are {customers:,}.")
    return forecast


def _expectations(target: str, found: dict[str, Forecasted]) -> dict[str, Expectation]:
    """What each candidate foretold of a target, without those who are silent about it."""
    if target == ORDERS:
        return {
            name: Expectation(one.orders, one.orders_low, one.orders_high, one.orders_total)
            for name, one in found.items()
        }
    return {
        name: Expectation(one.value, one.value_low, one.value_high, one.value_total)
        for name, one in found.items()
        if one.value is not None
    }


def _judge(
    name: str,
    target: str,
    came: Holdout,
    expected: Expectation,
    level: float,
    note: str,
) -> Judged:
    """A candidate's scores, and its customers in groups for the eye."""
    actual = came.actual[target]
    outcome = Outcome(actual, came.one_time, came.cohort)
    months, people, brought, foretold = by_group(came.cohort, actual, expected.mean)
    return Judged(
        candidate=name,
        target=target,
        scores=score(outcome, expected, level),
        total=expected.total or Estimate(float(expected.mean.sum()), level=level),
        deciles=_numbered(*deciles(actual, expected.mean)),
        cohorts=Groups(tuple(np.datetime_as_string(months).tolist()), people, brought, foretold),
        curve=_numbered(*deciles(actual, expected.mean, min(_CURVE, len(actual)))),
        note=note,
    )


def _numbered(customers: Floats, actual: Floats, expected: Floats) -> Groups:
    labels = tuple(str(i + 1) for i in range(len(customers)))
    return Groups(labels, customers, actual, expected)
