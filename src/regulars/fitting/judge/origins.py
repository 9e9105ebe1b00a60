"""Origins: the days from which to look ahead, and what came after each of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regulars import data
from regulars.terms.errors import DataError, InputError
from regulars.terms.period import DAYS, Period, as_date
from regulars.terms.summary import Floats, Summary

Days = str | dt.date | Sequence[str | dt.date] | None


@dataclass(frozen=True)
class Holdout:
    """The customers known at an origin and what each of them did in the days after it.

    Attributes:
        summary: the customers at the origin; `summary.until` is its date.
        orders: purchase days after it (n,).
        value: net value of those days (n,), or None without amounts.
        days: length of the window.
    """

    summary: Summary
    orders: Floats
    value: Floats | None
    days: int

    @property
    def actual(self) -> dict[str, Floats]:
        """What came, by target: orders, and value where there are amounts."""
        return {"orders": self.orders} | ({} if self.value is None else {"value": self.value})

    @property
    def one_time(self) -> NDArray[np.bool_]:
        """Who had ordered once by the origin (n,)."""
        return self.summary.repeat_orders == 0

    @property
    def cohort(self) -> NDArray[np.datetime64]:
        """Month of each customer's first order (n,)."""
        ages = np.rint(self.summary.age * DAYS[self.summary.unit]).astype("timedelta64[D]")
        return (np.datetime64(self.summary.until, "D") - ages).astype("datetime64[M]")


def place_origins(
    orders: data.Orders,
    at: Days = None,
    horizon: str | Period = "39w",
    origins: int = 1,
    every: str | Period = "13w",
) -> tuple[list[dt.date], int]:
    """The days to look ahead from, earliest first, and the horizon in whole days.

    Args:
        orders: the orders that must reach a horizon beyond each origin.
        at: the origins; where None they are counted back from the last possible one.
        horizon: how far each looks ahead; it must have an end.
        origins: how many, where `at` is None.
        every: how far apart, where `at` is None.

    Raises:
        InputError: for an origin outside the data or too near to their end, a horizon without
            an end, or fewer than one origin.
        DataError: where the data are too short for what was asked.
    """
    period = Period.parse(horizon)
    if period.is_forever:
        raise InputError("Forever has not come yet.", "Judge by a finite --horizon, such as 39w.")
    days = round(period.days)
    if days < 1:
        raise InputError(f"A horizon of {period} is less than a day.", "Give 1d or more.")
    if orders.bounds is None:
        raise DataError("There is no order that could be read.", "Look at the refused rows.")
    first, end = orders.bounds
    last = end - dt.timedelta(days=days)
    if last < first:
        raise DataError(
            f"The data span {(end - first).days} days, which leaves none before {days} held out.",
            "Give a shorter --horizon.",
        )
    if at is not None:
        return _given(at, first, last, days), days
    return _counted_back(first, last, origins, Period.parse(every)), days


def _given(at: Days, first: dt.date, last: dt.date, days: int) -> list[dt.date]:
    several = [at] if isinstance(at, str | dt.date) else list(at or ())
    found = sorted({day for item in several if (day := as_date(item)) is not None})
    if not found:
        raise InputError("No day to look ahead from was given.", "Write --at 2024-06-30.")
    for day in found:
        if not first <= day <= last:
            raise InputError(
                f"From {day} the data do not hold {days} days to judge by.",
                f"Choose a day from {first} to {last}, or a shorter --horizon.",
            )
    return found


def _counted_back(first: dt.date, last: dt.date, origins: int, every: Period) -> list[dt.date]:
    if origins < 1:
        raise InputError(f"{origins} origins judge nothing.", "Give --origins 1 or more.")
    step = 0 if every.is_forever else round(every.days)
    if step < 1:
        raise InputError(f"Origins cannot be {every} apart.", "Write --every 13w.")
    found = [last - dt.timedelta(days=step * i) for i in range(origins)]
    if found[-1] < first:
        room = (last - first).days // step + 1
        raise DataError(
            f"{origins} origins {every} apart reach back to {found[-1]}; the data begin {first}.",
            f"Give --origins {room} or fewer, or a shorter --every.",
        )
    return found[::-1]


def hold_out(orders: data.Orders, at: dt.date, days: int, unit: str = "week") -> Holdout:
    """The customers at an origin and what came in the days after it.

    Raises:
        DataError: nobody had ordered by then.
    """
    summary = data.summarise(orders, until=at, unit=unit)
    came = data.repeat_orders_between(orders, at, at + dt.timedelta(days=days))
    return Holdout(
        summary=summary,
        orders=came.repeat_orders.astype(np.float64),
        value=came.value if orders.has_money else None,
        days=days,
    )
