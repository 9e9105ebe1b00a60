"""Ledger: what every customer did in every calendar month, in exact integers.

Every table of a report that splits the customers or the months is a sum over it, so all of them
add up to the same revenue to the last tick.
"""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from regulars.data.ids import begins
from regulars.data.orders import Orders
from regulars.data.summary import cut_off, labels
from regulars.terms.errors import DataError

Ints = NDArray[np.int64]

NEVER = -1  # the month of the first purchase of who never bought
UNKNOWN = "(unknown)"  # the row of customers without a label
NEVER_BOUGHT = "(never bought)"  # the row of customers who only ever had refunds


@dataclass(frozen=True)
class Ledger:
    """Rows of customer and calendar month; months count from year 0 (year * 12 + month - 1).

    Attributes:
        customer_id: everyone with any row, also who only ever had refunds, sorted (N,).
        first: month of each customer's first purchase, NEVER for who never bought (N,).
        customer: place in `customer_id` of each row (m,); rows are sorted by it and by `month`.
        month: calendar month of each row (m,).
        active: whether the customer bought in it (m,).
        orders: orders placed in it on days with a purchase (m,).
        net, refunds, cost: integers of 1/10000 (m,); net is sales less refunds.
        until: the last day that counts.
        currency: of the money, '' where none is known; has_money, has_cost: what is known.
    """

    customer_id: NDArray[Any]
    first: Ints
    customer: Ints
    month: Ints
    active: NDArray[np.bool_]
    orders: Ints
    net: Ints
    refunds: Ints
    cost: Ints
    until: dt.date
    currency: str
    has_money: bool
    has_cost: bool

    @property
    def last_month(self) -> int:
        """The calendar month of the last day that counts."""
        return month_of(self.until)

    @property
    def unfinished(self) -> bool:
        """Whether that month goes on after the last day that counts."""
        return (self.until + dt.timedelta(days=1)).day != 1

    @property
    def bought(self) -> NDArray[np.bool_]:
        """Who ever bought anything (N,); they are the customers of a summary, in its order."""
        return self.first != NEVER

    @cached_property
    def age(self) -> Ints:
        """Months since the first purchase of each row; 0 before it and for who never bought."""
        first = self.first[self.customer]
        return np.where(first == NEVER, 0, np.maximum(self.month - first, 0))

    def per_customer(self, values: NDArray[Any]) -> Ints:
        """Whole numbers of rows (m,), summed for each customer (N,)."""
        return sum_by(self.customer, values, len(self.customer_id))

    @cached_property
    def net_of_customer(self) -> Ints:
        """Net revenue of each customer in integers of 1/10000 (N,)."""
        return self.per_customer(self.net)


def keep_ledger(orders: Orders, until: str | dt.date | None = None) -> Ledger:
    """Keep the ledger of all customers with any row up to and including the day `until`.

    Raises:
        DataError: there is no order of a customer.
    """
    until = cut_off(orders, until)
    table = orders.engine.query(orders.up_to(until).ledger())
    if table.num_rows == 0:
        raise DataError(f"No row of a customer lies before {until}.", "Choose a later day.")
    starts = begins(table["customer_id"])
    customer = np.cumsum(starts) - 1
    active = table["active"].to_numpy() == 1
    month = table["month"].to_numpy().astype(np.int64, copy=False)
    n = int(customer[-1]) + 1
    far = np.iinfo(np.int64).max
    first = np.full(n, far)
    np.minimum.at(first, customer[active], month[active])
    net, refunds, cost, orders_of = (
        table[name].to_numpy().astype(np.int64, copy=False)
        for name in ("net", "refunded", "cost", "orders")
    )
    return Ledger(
        customer_id=labels(table["customer_id"].filter(pa.array(starts))),
        first=np.where(first == far, NEVER, first),
        customer=customer,
        month=month,
        active=active,
        orders=orders_of,
        net=net,
        refunds=refunds,
        cost=cost,
        until=until,
        currency=orders.currency,
        has_money=orders.has_money,
        has_cost=orders.has_cost,
    )


def month_of(day: dt.date) -> int:
    """The calendar month of a day, counted from year 0."""
    return day.year * 12 + day.month - 1


def month_starts(months: Ints) -> NDArray[np.datetime64]:
    """First days of calendar months that are counted from year 0."""
    return (np.asarray(months) - 1970 * 12).astype("datetime64[M]").astype("datetime64[D]")


def sum_by(place: Ints, values: NDArray[Any], n: int) -> Ints:
    """Whole numbers summed by place, exactly: each sum of 32-bit halves stays below 2^53."""
    whole = np.asarray(values).astype(np.int64, copy=False)
    high = np.bincount(place, whole >> 32, n).astype(np.int64)
    low = np.bincount(place, whole & 0xFFFFFFFF, n).astype(np.int64)
    return (high << 32) + low
