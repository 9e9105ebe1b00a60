"""Features: what the orders up to a day tell of each customer, as a table for learners."""

import datetime as dt
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.data.ids import begins
from regulars.data.orders import EPOCH, Orders
from regulars.data.summary import Floats, Ints, cut_off, money
from regulars.data.tally import LOG_TICKS, log_days
from regulars.terms.errors import DataError
from regulars.terms.period import DAYS
from regulars.terms.summary import Summary

WINDOWS = (28, 91, 182, 364)  # days back in which orders are counted
NAMES = (
    "repeat_orders",
    "last_order_age",
    "age",
    "silence",
    "mean_gap",
    "gap_variation",
    "silence_over_gap",
    "last_gap_over_mean",
    *(f"orders_{days}d" for days in WINDOWS),
    "orders_per_day",
    "first_weekday",
    "refunded_share",
    "spend_mean",
    "spend_last",
    "spend_max",
    "spend_trend",
    "spend_first",
)


@dataclass(frozen=True)
class OrderDays:
    """Every purchase day of every customer up to `until`, by customer_id and day.

    Attributes:
        who: the customer of each purchase day (m,), 0, 1, ... in the order of `summarise`; whole
            numbers of 32 bits, as are `day` and `placed`.
        day: days since 1970-01-01 (m,).
        net, refunded: amounts of it; zeros where the orders carry none.
        placed: orders placed on it.
        until: the last day that is known.
        has_money: whether amounts mean anything.
    """

    who: NDArray[Any]
    day: NDArray[Any]
    net: Floats
    refunded: Floats
    placed: NDArray[Any]
    until: dt.date
    has_money: bool

    @cached_property
    def first(self) -> Ints:
        """Day of each customer's first purchase."""
        return self.day[np.flatnonzero(np.diff(self.who, prepend=-1))].astype(np.int64)

    @property
    def span(self) -> int:
        """Days from the first purchase of anybody to `until`, both included."""
        return _number(self.until) - int(self.first.min()) + 1

    def known(self, at: dt.date) -> Ints:
        """Customers who had ordered by a day, in the order of `summarise(orders, at)`."""
        return np.flatnonzero(self.first <= _number(at))

    def came(self, at: dt.date, days: int) -> tuple[Floats, Floats]:
        """Purchase days and their net in the `days` after `at`, for those known by then."""
        start = _number(at)
        later = (self.day > start) & (self.day <= start + days)
        known, n = self.known(at), len(self.first)
        who = self.who[later]
        counts = np.bincount(who, minlength=n).astype(np.float64)
        value = np.bincount(who, weights=self.net[later], minlength=n).astype(np.float64)
        return counts[known], value[known]

    def only(self, customers: Ints) -> "OrderDays":
        """The days of some customers, who are 0, 1, ... in the given (rising) order."""
        place = np.full(len(self.first), -1, dtype=np.int64)
        place[customers] = np.arange(len(customers))
        who = place[self.who]
        kept = who >= 0
        return replace(
            self,
            who=who[kept],
            day=self.day[kept],
            net=self.net[kept],
            refunded=self.refunded[kept],
            placed=self.placed[kept],
        )

    def summary(self, at: dt.date, unit: str = "week") -> Summary:
        """Those known by a day, the same as `summarise(orders, at)` to the bit, but without ids."""
        end, days = _number(at), DAYS[unit]
        seen = self.day <= end
        who, day = self.who[seen], self.day[seen].astype(np.int64)
        opens = np.flatnonzero(np.diff(who, prepend=-1))
        closes = np.append(opens[1:], len(who)) - 1
        repeats = closes - opens
        gaps = np.diff(day, prepend=0)
        gaps[opens] = 0
        logs = np.cumsum(log_days()[gaps])
        log_gaps = (logs[closes] - logs[opens]) / LOG_TICKS - repeats * np.log(days)
        mean = first = None
        if self.has_money:
            ticks = np.rint(self.net[seen] * 10_000).astype(np.int64)
            spent = np.cumsum(ticks)
            first = self.net[seen][opens]
            total = (spent[closes] - spent[opens]).astype(np.float64)
            mean = np.divide(total, repeats, out=np.zeros(len(total)), where=repeats > 0) / 10_000
        return Summary(
            repeat_orders=repeats,
            last_order_age=(day[closes] - day[opens]) / days,
            age=(end - day[opens]) / days,
            mean_spend=mean,
            unit=unit,
            until=at,
            step=1.0 / days,
            first_spend=first,
            log_gaps=log_gaps,
        )

    def features(self, at: dt.date) -> Floats:
        """The columns `NAMES` (n, k) for those known by a day, from what was seen by then.

        Times are in days. What a customer has too few orders for is NaN, and so is all of money
        where the orders carry none. Later refunds of earlier days are not known by the day.
        """
        return _table(self, _number(at))[self.known(at)]


def order_days(orders: Orders, until: dt.date | None = None) -> OrderDays:
    """Every purchase day up to and including `until`, as arrays.

    Raises:
        DataError: nobody bought anything by `until`.
    """
    until = cut_off(orders, until)
    days = orders.up_to(until).days()
    table = orders.engine.query(
        f"SELECT customer_id, day, net, refunded, orders FROM ({days}) AS d"
        " WHERE bought = 1 ORDER BY customer_id, day"
    )
    if table.num_rows == 0:
        raise DataError(f"No customer bought anything up to {until}.", "Choose a later day.")
    return OrderDays(
        who=np.cumsum(begins(table["customer_id"]), dtype=np.int32) - np.int32(1),
        day=table["day"].to_numpy().astype(np.int32, copy=False),
        net=money(table["net"]),
        refunded=money(table["refunded"]),
        placed=table["orders"].to_numpy().astype(np.int32),
        until=until,
        has_money=orders.has_money,
    )


def _number(day: dt.date) -> int:
    return (day - EPOCH).days


def _table(log: OrderDays, at: int) -> Floats:
    """The features of every customer; of one who is not known at `at` they mean nothing."""
    seen = log.day <= at
    who, day, net = log.who[seen], log.day[seen], log.net[seen]
    n = len(log.first)

    def summed(values: Floats) -> Floats:
        return np.bincount(who, weights=values, minlength=n).astype(np.float64)

    count = summed(np.ones(len(who)))
    opens = np.diff(who, prepend=-1) != 0  # a customer's first row, and last
    closes = np.append(opens[1:], True)[: len(who)]
    gap = np.where(opens, 0.0, np.diff(day, prepend=0)).astype(np.float64)
    last, last_gap, last_net, first_net = (np.full(n, np.nan) for _ in range(4))
    last[who[closes]], last_gap[who[closes]] = day[closes], gap[closes]
    last_net[who[closes]], first_net[who[opens]] = net[closes], net[opens]
    with np.errstate(divide="ignore", invalid="ignore"):
        gaps = np.where(count > 1, count - 1, np.nan)
        mean_gap = summed(gap) / gaps
        deviation = np.sqrt(np.maximum(summed(gap**2) / gaps - mean_gap**2, 0.0))
        silence = at - last
        columns = [
            count - 1,
            last - log.first,
            (at - log.first).astype(np.float64),
            silence,
            mean_gap,
            np.where(count > 2, deviation / mean_gap, np.nan),
            silence / mean_gap,
            np.where(count > 2, last_gap / mean_gap, np.nan),
            *(summed((day > at - back).astype(np.float64)) for back in WINDOWS),
            summed(log.placed[seen].astype(np.float64)) / count,
            ((log.first + 3) % 7).astype(np.float64),
        ]
        if not log.has_money:
            return np.column_stack([*columns, np.full((n, 6), np.nan)])
        paid = summed(net)
        biggest = np.full(n, -np.inf)
        np.maximum.at(biggest, who, net)
        mean = paid / count
        columns += [
            summed(log.refunded[seen]) / np.maximum(paid + summed(log.refunded[seen]), 1e-9),
            mean,
            last_net,
            biggest,
            np.where(count > 1, last_net / np.where(mean > 0, mean, np.nan), np.nan),
            first_net,
        ]
    return np.column_stack(columns)
