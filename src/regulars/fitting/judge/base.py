"""Candidate: whatever foretells every customer's orders from the days up to an origin."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Protocol

from regulars import data
from regulars.terms.answer import Estimate
from regulars.terms.period import Period
from regulars.terms.summary import Floats


@dataclass(frozen=True)
class Forecasted:
    """What a candidate expects, one entry per customer in the order of `summarise(orders, at)`.

    Attributes:
        orders: expected orders within the horizon (n,).
        value: expected undiscounted value of them (n,), or None without amounts.
        orders_low, orders_high: interval of the number of orders, or None.
        value_low, value_high: interval of the value, or None.
        orders_total, value_total: the totals with their intervals, or None.
        note: what must be said of it, such as the model that was chosen, or ''.
    """

    orders: Floats
    value: Floats | None = None
    orders_low: Floats | None = None
    orders_high: Floats | None = None
    value_low: Floats | None = None
    value_high: Floats | None = None
    orders_total: Estimate | None = None
    value_total: Estimate | None = None
    note: str = ""


class Candidate(Protocol):
    """One way to foretell; it may look at orders up to and including the day `at` only."""

    @property
    def name(self) -> str:
        """How tables call it."""
        ...

    def predict(
        self, orders: data.Orders, at: dt.date, horizon: Period, level: float, seed: int
    ) -> Forecasted:
        """Foretell the horizon after `at` for every customer who had ordered by then.

        Args:
            orders: all orders; nothing later than `at` may be used.
            at: the last day that is known, wholly included.
            horizon: how far to look.
            level: coverage of the intervals.
            seed: of every random draw.

        Raises:
            RegularsError: where these days do not allow it; the judge reports why.
        """
        ...
