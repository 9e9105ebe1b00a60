"""Study: every answer about a business side by side, ready to be written as one report.

`pipeline` makes it and `reports` renders it; neither may import the other, so it lives here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from regulars.terms.acquisition import Acquisition
from regulars.terms.alerts import Alert
from regulars.terms.answer import Answer, Estimate
from regulars.terms.chat_value import ServiceReport
from regulars.terms.forecast import Forecast
from regulars.terms.retention import Cohorts, Drivers
from regulars.terms.segments import Segments

Columns = Mapping[str, NDArray[Any]]
Tables = Mapping[str, Columns]


@dataclass(frozen=True)
class Foretold:
    """The net revenue that an earlier run foretold of the days from `first` to `last`."""

    first: dt.date
    last: dt.date
    revenue: Estimate


@dataclass(frozen=True)
class Compared:
    """What a digest compares: as many days before and after the day `since`.

    Attributes:
        since: last day of the span before.
        before, now: the tables of each span.
        foretold: what was foretold of the revenue of just the days since, or None.
    """

    since: dt.date
    before: Tables
    now: Tables
    foretold: Estimate | None = None


@dataclass(frozen=True)
class Study:
    """Everything `regulars report` tells; a part is None where its input is not there.

    Attributes:
        answer: what customers are worth.
        customers: one row for each customer with any row in the orders; its net_revenue, like
            that of every table that splits customers or months, sums to that of the orders.
        months: one row for each calendar month.
        acquisition: how customers were won and what that may cost, by what tells them apart.
        cohorts: who stays, for how long; drivers: what goes with a higher value.
        segments: who differs, and how.
        forecast: what is coming.
        service: what the service tables say.
        subscriptions: the answer about customers with a contract.
        moved: the spans before and after a day that a digest compares.
        alerts: what to look at today.
        notes: sentences that a reader must see, such as why a part is missing.
    """

    answer: Answer
    customers: Columns
    months: Columns
    acquisition: Mapping[str, Acquisition] = field(default_factory=dict[str, Acquisition])
    cohorts: Cohorts | None = None
    drivers: Drivers | None = None
    segments: Segments | None = None
    forecast: Forecast | None = None
    service: ServiceReport | None = None
    subscriptions: Any = None
    moved: Compared | None = None
    alerts: tuple[Alert, ...] = ()
    notes: tuple[str, ...] = ()
