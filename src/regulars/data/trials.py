"""Trials: who tried, who then paid, and how sure the conversion rate is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regulars.data.spells import Ints, Stretches
from regulars.data.subscriptions import OPEN, Subscriptions
from regulars.terms.shares import wilson

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Trials:
    """Every trial that began up to the last day; arrays of one length.

    Attributes:
        customer, plan: indices. start, end: days; `OPEN` for a trial without an end.
        outcome: 1 paid within the grace after it, 0 did not, -1 not known yet.
    """

    customer: Ints
    plan: Ints
    start: Ints
    end: Ints
    outcome: Ints

    def __len__(self) -> int:
        return len(self.customer)

    @property
    def cohort(self) -> NDArray[np.datetime64]:
        """First day of the month in which each began."""
        months = self.start.astype("datetime64[D]").astype("datetime64[M]")
        return months.astype("datetime64[D]")


@dataclass(frozen=True)
class Conversion:
    """Trials of one group; `rate` is converted over converted and lost, NaN without any."""

    group: str
    trials: int
    converted: int
    lost: int
    undecided: int
    rate: float
    low: float
    high: float


def find_trials(subscriptions: Subscriptions, paid: Stretches, grace: int) -> Trials:
    """Trials of a table of subscriptions, and what became of them by the last day of `paid`.

    A trial is the time up to `trial_end`, a row with an amount of 0, or a row whose status says
    so. It converted when the customer paid from its start on and at the latest `grace` days after
    its end; it is lost when that time is over, or the row ended with the trial.
    """
    s, last = subscriptions, paid.until
    free = (s.ticks == 0) | (s.trialing & (s.trial_end == OPEN))
    rows = np.flatnonzero((s.started <= last) & (free | (s.trial_end < OPEN)))
    start = s.started[rows]
    end = np.where(s.trial_end[rows] < OPEN, s.trial_end[rows], s.ended[rows])
    end = np.minimum(end, np.where(s.ended[rows] < OPEN, s.ended[rows], OPEN))
    key = 2 * OPEN  # keeps customers apart on one axis
    axis = np.sort(paid.customer * key + paid.start)
    low = np.searchsorted(axis, s.customer[rows] * key + start, side="left")
    latest = np.minimum(np.minimum(end + grace, last), OPEN)
    high = np.searchsorted(axis, s.customer[rows] * key + latest, side="right")
    converted = high > low
    stopped = (s.ended[rows] <= end) & (end <= last) & (s.ended[rows] < OPEN)
    over = (end + grace <= last) | stopped
    return Trials(
        customer=s.customer[rows],
        plan=s.plan[rows],
        start=start,
        end=end,
        outcome=np.where(converted, 1, np.where(over, 0, -1)),
    )


def conversions(
    trials: Trials, plans: Sequence[str], level: float = 0.9
) -> dict[str, list[Conversion]]:
    """Conversion of all trials, by plan and by month of their start (`all`, `plan`, `cohort`)."""
    months = trials.cohort.astype(str)
    return {
        "all": [_conversion("all", trials.outcome, level)] if len(trials) else [],
        "plan": [
            _conversion(str(plans[int(i)]), trials.outcome[trials.plan == i], level)
            for i in np.unique(trials.plan)
        ],
        "cohort": [
            _conversion(str(month)[:7], trials.outcome[months == month], level)
            for month in np.unique(months)
        ],
    }


def share_interval(hits: int, of: int, level: float) -> tuple[float, float]:
    """Wilson's score interval of a share; (0, 1) of none at all."""
    if not of:
        return 0.0, 1.0
    low, high = wilson(hits, of, level)
    return float(low), float(high)


def _conversion(group: str, outcome: Ints, level: float) -> Conversion:
    yes, no = int((outcome == 1).sum()), int((outcome == 0).sum())
    low, high = share_interval(yes, yes + no, level)
    return Conversion(
        group=group,
        trials=len(outcome),
        converted=yes,
        lost=no,
        undecided=int((outcome == -1).sum()),
        rate=yes / (yes + no) if yes + no else math.nan,
        low=low,
        high=high,
    )
