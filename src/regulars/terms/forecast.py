"""Forecast: what is expected of the coming months, for all customers together.

`fitting` says what its model expects from a day on (`Outset`), `actions` makes months with
intervals of it, `pipeline` joins the two and `reports` renders them, so the types live here.
Calendar months count from year 0: year * 12 + month - 1.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regulars.terms.answer import Estimate

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Dates = NDArray[np.datetime64]

QUANTILES = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
MEASURES = ("revenue", "margin", "orders")


@dataclass(frozen=True)
class Months:
    """What came in every calendar month (n,), the last of which may not be over.

    Attributes:
        month: the calendar month, one after the other without gaps.
        days: days of it that the data cover.
        new: customers whose first order fell into it.
        repeats: days on which a customer came back.
        net: net revenue in currency; NaN without amounts.
        whole: whether the data cover all its days.
        spread: variance of the value of an order over its squared mean, one number.
    """

    month: Ints
    days: Ints
    new: Floats
    repeats: Floats
    net: Floats
    whole: NDArray[np.bool_]
    spread: float

    @property
    def orders(self) -> Floats:
        """Order days: first orders and repeats."""
        return self.new + self.repeats

    def __len__(self) -> int:
        return len(self.month)

    def upto(self, count: int) -> Months:
        """The first months."""
        return Months(
            self.month[:count],
            self.days[:count],
            self.new[:count],
            self.repeats[:count],
            self.net[:count],
            self.whole[:count],
            self.spread,
        )


@dataclass(frozen=True)
class Outset:
    """What a model fitted on the days up to `at` expects, in order days.

    Attributes:
        at: the last day that was known.
        existing: of the customers known by then, in each coming month (p,).
        curve: repeat orders of one new customer in the month of the first order, in the next
            one, and so on (p,).
        past: repeat orders expected in each past month from customers as they joined (n,).
    """

    at: dt.date
    existing: Floats
    curve: Floats
    past: Floats


@dataclass(frozen=True)
class Total:
    """One measure over one stretch of time.

    Attributes:
        mean: what is expected.
        existing, new: the parts of it from customers known today and from those to come.
        quantiles: at the shares `QUANTILES` (7,).
    """

    mean: float
    existing: float
    new: float
    quantiles: Floats

    @property
    def half(self) -> tuple[float, float]:
        """The 50 % interval."""
        return float(self.quantiles[2]), float(self.quantiles[4])

    @property
    def usual(self) -> tuple[float, float]:
        """The 80 % interval."""
        return float(self.quantiles[1]), float(self.quantiles[5])

    @property
    def wide(self) -> tuple[float, float]:
        """The 95 % interval."""
        return float(self.quantiles[0]), float(self.quantiles[6])


@dataclass(frozen=True)
class Course:
    """One measure month by month: the fields of `Total`, each (p,), quantiles (7, p)."""

    mean: Floats
    existing: Floats
    new: Floats
    quantiles: Floats


@dataclass(frozen=True)
class Span:
    """The coming month, quarter or year: whole calendar months after the running one.

    Attributes:
        key: `month`, `quarter` or `year`.
        first, last: its first and last day.
        totals: by measure: revenue (with amounts), margin (where one is known), orders.
    """

    key: str
    first: dt.date
    last: dt.date
    totals: Mapping[str, Total]


@dataclass(frozen=True)
class GroupRow:
    """What one group of customers is expected to bring.

    Attributes:
        name: its label.
        customers: customers of today in it.
        totals: by measure, as in `Span`.
        few: whether it is small (below 30 customers), so that it says little.
    """

    name: str
    customers: int
    totals: Mapping[str, Total]
    few: bool


@dataclass(frozen=True)
class GroupTable:
    """The groups of one label over one span, most revenue first; means add up to the total."""

    by: str
    first: dt.date
    last: dt.date
    rows: tuple[GroupRow, ...]


@dataclass(frozen=True)
class NewCustomers:
    """How many new customers are counted on, and what one of them brings.

    Attributes:
        mean, low, high: each month (p,), with the 80 % interval.
        given: whether somebody gave the plan; else it is the recent pace, whose growth fades.
        orders: repeat orders of one by month since the first order (p,).
        first_value, repeat_value: net value of the first order and of a later one; NaN without
            amounts.
        cac: what winning one costs, None where nobody said.
        words: where the plan comes from, in a sentence.
    """

    mean: Floats
    low: Floats
    high: Floats
    given: bool
    orders: Floats
    first_value: float
    repeat_value: float
    cac: float | None
    words: str

    @property
    def year_value(self) -> float:
        """Expected net revenue of one within a year of joining (of the months there are)."""
        return self.first_value + float(self.orders[:12].sum()) * self.repeat_value


@dataclass(frozen=True)
class CheckRow:
    """How forecasts of so many months would have done in the past.

    Attributes:
        measure: revenue or orders. months: how far each looked ahead.
        origins: month ends from which it was tried.
        covered80, covered95: share of intervals that held what came.
        pinball: mean pinball loss over `QUANTILES`, as a share of what came (of what had come
            before, where nothing did).
        seasonal: that of the same months a year before with their own usual error; None where
            too little was known then. `pinball_beside` is the loss of the forecast on the same
            origins, None likewise.
        drift: that of the last month going on with the mean change so far, with its usual error.
        wider: factor on the intervals that these misses taught.
    """

    measure: str
    months: int
    origins: int
    covered80: float
    covered95: float
    pinball: float
    seasonal: float | None
    pinball_beside: float | None
    drift: float
    wider: float


@dataclass(frozen=True)
class Miss:
    """One earlier forecast beside what came; `low` to `high` is the 80 % interval."""

    measure: str
    at: dt.date
    months: int
    low: float
    middle: float
    high: float
    came: float


@dataclass(frozen=True)
class PastCheck:
    """The rolling-origin check of the forecast's own past, and what it says in sentences."""

    rows: tuple[CheckRow, ...]
    misses: tuple[Miss, ...]
    words: tuple[str, ...]

    def row(self, measure: str, months: int) -> CheckRow | None:
        """The row of a measure and horizon, or None."""
        found = (r for r in self.rows if r.measure == measure and r.months == months)
        return next(found, None)


@dataclass(frozen=True)
class Effect:
    """What one change would do over the span `first` to `last`, all else as forecast.

    Attributes:
        lever: retention, order_value, margin, cac, new_customers, or `together` for all.
        change: relative, 0.05 for +5 %.
        words: what exactly is changed.
        revenue, margin: the paired difference, with its 80 % interval; None where not known.
            Margin is after the cost of winning customers where that is known.
    """

    lever: str
    change: float
    words: str
    first: dt.date
    last: dt.date
    revenue: Estimate | None
    margin: Estimate | None


@dataclass(frozen=True)
class Forecast:
    """Revenue, margin and orders of the coming months, with what they stand on.

    Attributes:
        data_date: the last day that is known. currency: of the money.
        margin: profit share of revenue, or None. model: the title of the orders model.
        past: what came in each month so far.
        starts, ends: first and last day of each coming period (p,); `partial` tells whether the
            first is only the rest of the running month.
        measures: month by month, by name: revenue, margin, orders.
        spans: the coming month, quarter and year, as far as the forecast reaches.
        groups: by source, segment and the like.
        new_customers: the plan. check: of its own past, None where there is too little of it.
        effects: what-if. season_seen: share of the coming months whose month of the year was
            seen at least twice.
        horizon: of the customers' own values; `horizon_orders`, `horizon_value` what existing
            customers bring within it, undiscounted: the sum over customers.
        notes: sentences a reader must see.
    """

    data_date: dt.date
    currency: str
    margin: float | None
    model: str
    past: Months
    starts: Dates
    ends: Dates
    partial: bool
    measures: Mapping[str, Course]
    spans: tuple[Span, ...]
    groups: tuple[GroupTable, ...]
    new_customers: NewCustomers
    check: PastCheck | None
    effects: tuple[Effect, ...]
    season_seen: float
    horizon: str
    horizon_orders: float
    horizon_value: float
    notes: tuple[str, ...]

    @property
    def lead(self) -> str:
        """The measure that stands first: revenue, or orders without amounts."""
        return "revenue" if "revenue" in self.measures else "orders"

    def __repr__(self) -> str:
        span = self.spans[-1] if self.spans else None
        if span is None:
            return f"<Forecast from {self.data_date}>"
        low, high = span.totals[self.lead].usual
        return (
            f"<Forecast from {self.data_date}: {self.lead} of the coming {span.key}"
            f" {span.totals[self.lead].mean:,.0f} {self.currency} ({low:,.0f} to {high:,.0f})>"
        )
