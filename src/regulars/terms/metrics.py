"""Metrics: what serving customers looks like, measured in the dialect of one help desk.

`chat` measures them and `reports` renders them; neither may import the other, so they live here.
Times are in seconds, shares lie between 0 and 1, and NaN stands where there is no value.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Dates = NDArray[np.datetime64]
Texts = NDArray[np.object_]


@dataclass(frozen=True)
class Metric:
    """One number of service, or several views of one.

    Attributes:
        name, title, family: the name in a file, on a page, and what it tells of.
        unit: `seconds`, `share`, `count`, `rate`, `ratio`, `score`, `points` or `money`.
        definition: what it is, in the words of the dialect.
        value: the number to quote: the median of times, else the share, count, rate or mean.
        mean, median, p90: of times and of scores. A mean of times with `censored` above 0 is
            restricted: it counts what still runs up to the longest time seen.
        ended_mean: mean of the times that have ended, as help desks print it.
        longest: the longest time seen; a quantile that is NaN lies beyond it.
        low, high: interval of `value` at `level`, for shares and scores.
        n: how many tickets, conversations, waits or answers stand behind it.
        censored: how many of them still run or are not decided yet.
    """

    name: str
    title: str
    family: str
    unit: str
    definition: str
    value: float = math.nan
    mean: float = math.nan
    median: float = math.nan
    p90: float = math.nan
    ended_mean: float = math.nan
    longest: float = math.nan
    low: float = math.nan
    high: float = math.nan
    level: float = 0.9
    n: int = 0
    censored: int = 0


@dataclass(frozen=True)
class Backlog:
    """Open cases by age: at the data date, and at the end of each week before it.

    Attributes:
        ages: names of the bands (b,), youngest first.
        now: open cases by band (b,).
        week_end: last days of whole weeks, Monday to Sunday (w,).
        weekly: open cases by week and band (w, b).
    """

    ages: tuple[str, ...]
    now: Ints
    week_end: Dates
    weekly: Ints


@dataclass(frozen=True)
class Weekly:
    """Whole weeks, Monday to Sunday, one entry each; times in seconds, NaN where there are none.

    created and solved count cases, and response times are of those created in the week, in
    business hours where `in_business_hours` says so.
    """

    week_end: Dates
    created: Ints
    solved: Ints
    conversations: Ints
    first_response_median: Floats
    first_response_p90: Floats
    in_business_hours: bool


@dataclass(frozen=True)
class ResolvedCohorts:
    """Cases by the month they were created, and how many of them have been solved.

    Attributes:
        month: first days (m,); created, solved: cases, and those solved by the data date (m,).
        days: ages at which the share solved is estimated (d,).
        within: share solved within so many days (m, d), censored cases counted while they were
            watched; NaN where no case has been watched for so long.
    """

    month: Dates
    created: Ints
    solved: Ints
    days: tuple[int, ...]
    within: Floats


@dataclass(frozen=True)
class Agents:
    """What each agent carried, one entry an agent, most cases first.

    handle_seconds is NaN where no handling time is known, first_response the median of theirs, in
    business hours where they are given.
    """

    agent_id: Texts
    cases: Ints
    open: Ints
    solved: Ints
    messages: Ints
    handle_seconds: Floats
    first_response: Floats


@dataclass(frozen=True)
class Returning:
    """Customers who ordered again after a contact, against matched customers without one.

    Attributes:
        days: how long after; contacts, matched: how many of each stand behind the shares.
        share, matched_share, difference: of those who ordered again, and what lies between.
        low, high: interval of the difference at `level`.
        unmatched: contacts for whom nobody alike was found.
    """

    days: int
    contacts: int
    share: float
    matched: int
    matched_share: float
    difference: float
    low: float
    high: float
    level: float
    unmatched: int


@dataclass(frozen=True, repr=False)
class Metrics:
    """Every metric of service over a time, in one dialect.

    Attributes:
        dialect, product: `zendesk` and `Zendesk`; case: what it calls a piece of work.
        since, until: first and last day on which a case was created; until is also the day as of
            which everything is told.
        timezone, hours: of the business; hours is '' where none were given.
        currency: of every cost.
        metrics: in reading order; `metrics["csat"]` finds one by name.
        by, groups: what the cases were split by, and group -> metrics.
        backlog, weekly, cohorts, agents, returning: None where there is nothing to tell.
        notes: what a reader should know.
    """

    dialect: str
    product: str
    case: str
    since: dt.date
    until: dt.date
    timezone: str
    hours: str
    currency: str
    metrics: tuple[Metric, ...]
    by: str | None = None
    groups: Mapping[str, tuple[Metric, ...]] = field(default_factory=dict[str, tuple[Metric, ...]])
    backlog: Backlog | None = None
    weekly: Weekly | None = None
    cohorts: ResolvedCohorts | None = None
    agents: Agents | None = None
    returning: Returning | None = None
    notes: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Metric:
        """A metric by its name.

        Raises:
            KeyError: there is none of that name.
        """
        for metric in self.metrics:
            if metric.name == name:
                return metric
        raise KeyError(name)

    def __repr__(self) -> str:
        told = sum(not math.isnan(metric.value) for metric in self.metrics)
        return f"<Metrics of service, {self.product}'s: {told} from {self.since} to {self.until}>"
