"""A split in time: what customers known by one day did after it."""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from regulars.data.orders import EPOCH, Orders
from regulars.data.summary import Floats, Ints, cut_off, money
from regulars.terms.errors import InputError


@dataclass(frozen=True)
class Holdout:
    """What came after `after` and up to `until`, in the order of `summarise(orders, after)`.

    repeat_orders: purchase days; value: net value of those days. days: length of the window.
    """

    repeat_orders: Ints
    value: Floats
    after: dt.date
    until: dt.date

    @property
    def days(self) -> int:
        """Days in the window."""
        return (self.until - self.after).days


def repeat_orders_between(orders: Orders, after: dt.date, until: dt.date | None = None) -> Holdout:
    """Purchase days in (after, until] of every customer whose first purchase was by `after`.

    Raises:
        InputError: `until` (default: the last day of the data) is not later than `after`.
    """
    until = cut_off(orders, until)
    if until <= after:
        raise InputError(
            f"Nothing lies between {after} and {until}.", "Split before the last day of the data."
        )
    table = orders.engine.query(orders.up_to(until).after((after - EPOCH).days))
    return Holdout(
        repeat_orders=table["orders"].to_numpy().astype(np.int64, copy=False),
        value=money(table["net"]),
        after=after,
        until=until,
    )
