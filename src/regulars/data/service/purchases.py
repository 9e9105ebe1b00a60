"""Purchases of those who talk: each order with its time, its net and the conversation it names."""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from regulars.data.dates import as_utc
from regulars.data.ids import codes
from regulars.data.orders import EPOCH, Orders
from regulars.data.service.arrays import flags, moments, texts
from regulars.data.summary import cut_off
from regulars.terms.service import Moments, Texts

Ints = NDArray[np.int64]
DAY = 86_400


@dataclass(frozen=True)
class Purchases:
    """Orders of customers who talk or whose orders name a conversation, by time (n,).

    Attributes:
        customer_id, order_id, conversation_id: text; None where unknown.
        earliest, latest: seconds of the epoch between which it was placed.
        day: days since 1970-01-01 where the business is.
        ticks: net of the refunds of that order; refunds that name no order are those of the
            customer's last one before them.
        counted: False for an order that was taken back on its own day.
        by_day: whether orders have no times.
        total: net of all customers, in ticks; all_months, all_purchases, all_ticks: purchases and
            net of all customers by calendar month (months since year 0).
    """

    customer_id: Texts
    order_id: Texts
    conversation_id: Texts
    earliest: Ints
    latest: Ints
    day: Ints
    ticks: Ints
    counted: NDArray[np.bool_]
    by_day: bool
    all_days: Ints
    all_purchases: Ints
    all_ticks: Ints

    def __len__(self) -> int:
        return len(self.customer_id)


def purchases_of(orders: Orders, talkers: Texts, until: str | dt.date | None = None) -> Purchases:
    """The orders, up to and including `until`, of customers that may have to do with chat.

    talkers: ids of customers with a conversation, as text.

    Raises:
        DataError: there is no order.
    """
    until = cut_off(orders, until)
    last = (until - EPOCH).days
    engine = orders.engine
    frame = engine.relation(pa.table({"name": pa.array(codes(talkers)[0], pa.string())}))
    try:
        table = engine.query(_purchases(orders, frame, last))
        everybody = engine.query(_everybody(orders, until))
        clock = engine.scalar(
            f"SELECT 1 FROM {orders.relation} WHERE ordered_at <> date_trunc('day', ordered_at)"
            f" AND kind = 'sale' AND day <= {last} LIMIT 1"
        )
    finally:
        engine.unregister(frame)
    earliest = table["earliest"].to_numpy().astype(np.int64)
    by_day = clock is None
    return Purchases(
        **{name: texts(table[name]) for name in ("customer_id", "order_id", "conversation_id")},
        earliest=earliest,
        latest=earliest + (DAY - 1) * by_day,
        day=table["day"].to_numpy().astype(np.int64),
        ticks=table["ticks"].to_numpy().astype(np.int64),
        counted=flags(table["counted"]),
        by_day=by_day,
        all_days=everybody["day"].to_numpy().astype(np.int64),
        all_purchases=everybody["purchases"].to_numpy().astype(np.int64),
        all_ticks=everybody["ticks"].to_numpy().astype(np.int64),
    )


@dataclass(frozen=True)
class Placed:
    """Purchases since a day: whose and when (UTC), how many, and of how many customers."""

    customer_id: Texts
    moment: Moments
    orders: int
    customers: int


def order_moments(
    orders: Orders, since: dt.date, until: str | dt.date | None = None, most: int = 5_000_000
) -> Placed:
    """First purchase of each customer and day from `since` to `until`.

    Of more than `most` rows of orders, only how many they are.
    """
    until = cut_off(orders, until)
    first, last = (since - EPOCH).days, (until - EPOCH).days
    placed = "orders" if orders.has_order_id else "1"
    days = f"({orders.up_to(until).days()})"
    count, customers = orders.engine.row(
        f"SELECT CAST(coalesce(SUM({placed}), 0) AS BIGINT), COUNT(DISTINCT customer_id)"
        f" FROM {days} AS d WHERE bought = 1 AND day >= {first}"
    )
    if orders.rows > most:
        return Placed(np.empty(0, object), np.empty(0, "datetime64[s]"), count, customers)
    rows = orders.engine.query(
        f"SELECT CAST(l.customer_id AS VARCHAR) AS customer_id,"
        f" {as_utc('MIN(l.ordered_at)', orders.timezone)} AS moment"
        f" FROM {orders.relation} AS l SEMI JOIN (SELECT * FROM {days} AS e WHERE bought = 1) AS d"
        f" ON l.customer_id = d.customer_id AND l.day = d.day WHERE l.kind = 'sale'"
        f" AND l.day BETWEEN {first} AND {last} GROUP BY l.customer_id, l.day"
        " ORDER BY moment, customer_id"
    )
    return Placed(texts(rows["customer_id"]), moments(rows["moment"]), count, customers)


def _everybody(orders: Orders, until: dt.date) -> str:
    """Purchases and net of all customers by day."""
    placed = "orders" if orders.has_order_id else "1"
    return (
        f"SELECT CAST(day AS BIGINT) AS day, CAST(SUM(CASE WHEN bought = 1 THEN {placed} ELSE 0"
        " END) AS BIGINT) AS purchases, CAST(SUM(net) AS BIGINT) AS ticks"
        f" FROM ({orders.up_to(until).days()}) AS d GROUP BY day ORDER BY day"
    )


def _purchases(orders: Orders, talkers: str, last: int) -> str:
    """One row per order of a customer who talks, with the refunds that belong to it."""
    moment = f"CAST(epoch({as_utc('bought_at', orders.timezone)}) AS BIGINT)"
    days = orders.up_to(EPOCH + dt.timedelta(days=last)).days()
    return f"""
WITH owned AS (
  SELECT CAST(customer_id AS VARCHAR) AS customer_id, ordered_at, day, kind, net,
    CAST(order_id AS VARCHAR) AS order_id, nullif(trim(CAST(conversation_id AS VARCHAR)), '')
    AS conversation_id
  FROM {orders.relation} WHERE customer_id IS NOT NULL AND day <= {last}
), chosen AS (
  SELECT name FROM {talkers}
  UNION SELECT customer_id FROM owned WHERE conversation_id IS NOT NULL
), mine AS (
  SELECT owned.*, coalesce('o' || order_id, 'd' || CAST(day AS VARCHAR)) AS place
  FROM owned SEMI JOIN chosen ON owned.customer_id = chosen.name
), sales AS (
  SELECT customer_id, place, MIN(order_id) AS order_id, MIN(ordered_at) AS bought_at,
    MIN(day) AS day,
    arg_min(conversation_id, ordered_at) FILTER (WHERE conversation_id IS NOT NULL)
    AS conversation_id, SUM(net) AS net
  FROM mine WHERE kind = 'sale' GROUP BY customer_id, place
), back AS (
  SELECT m.customer_id, m.ordered_at, m.net, s.place
  FROM mine AS m LEFT JOIN sales AS s
    ON m.customer_id = s.customer_id AND m.order_id IS NOT NULL AND m.place = s.place
  WHERE m.kind <> 'sale'
), settled AS (
  SELECT customer_id, place, net FROM back WHERE place IS NOT NULL
  UNION ALL
  SELECT b.customer_id, l.place, b.net
  FROM (SELECT * FROM back WHERE place IS NULL) AS b
  ASOF JOIN (
    SELECT customer_id, bought_at, MAX(place) AS place FROM sales GROUP BY customer_id, bought_at
  ) AS l
    ON b.customer_id = l.customer_id AND b.ordered_at >= l.bought_at
), refunds AS (
  SELECT customer_id, place, SUM(net) AS net FROM settled GROUP BY customer_id, place
)
SELECT s.customer_id, s.order_id, s.conversation_id, {moment} AS earliest,
  CAST(s.day AS BIGINT) AS day, CAST(s.net + coalesce(r.net, 0) AS BIGINT) AS ticks,
  coalesce(d.bought = 1, FALSE) AS counted
FROM sales AS s
LEFT JOIN refunds AS r ON s.customer_id = r.customer_id AND s.place = r.place
LEFT JOIN (SELECT CAST(customer_id AS VARCHAR) AS customer_id, day, bought FROM ({days}))
  AS d ON s.customer_id = d.customer_id AND s.day = d.day
ORDER BY earliest, s.customer_id, s.place
"""
