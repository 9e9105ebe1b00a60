"""A shop that does not exist: orders with the habits, refunds and oddities of a real one."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.data.mess import write_messy
from regulars.data.scores import PathLike, Table, write_csv
from regulars.terms.errors import InputError

Floats = NDArray[np.float64]

# source -> share of new customers, how often they come back, how much they spend, against average
SOURCES: dict[str, tuple[float, float, float]] = {
    "organic": (0.26, 1.15, 1.0),
    "google_ads": (0.21, 0.95, 1.0),
    "meta": (0.18, 0.7, 0.9),
    "email": (0.09, 1.4, 1.05),
    "referral": (0.08, 1.35, 1.2),
    "tiktok": (0.09, 0.5, 0.75),
    "affiliate": (0.05, 0.6, 0.95),
    "direct": (0.04, 1.2, 1.1),
}
PRODUCTS = 48
WHALES = 0.01  # of customers, who come six times as often and spend twice as much
REFUNDED = 0.04
DISCOUNTED = 0.22


@dataclass(frozen=True)
class Shop(Table):
    """Simulated orders, sorted by time; `columns` maps a field to its array.

    Works as a frame (`read_orders(shop)`), or writes itself to a file.
    """

    def write_csv(self, path: PathLike, messy: bool = False, seed: int = 0) -> Mapping[str, int]:
        """Write the orders as CSV; `messy` as a shop's system might have.

        A messy file has dates in three formats, amounts with signs and thousands separators,
        cancellations whose order number starts with C, customers left blank, orders exported
        twice, test orders and rows that nobody can read. Returns how many of each.
        """
        if messy:
            return write_messy(self.columns, path, np.random.default_rng(seed))
        write_csv(self.columns, path)
        return {}


def simulate_orders(
    customers: int = 10_000,
    seed: int = 0,
    start: dt.date = dt.date(2023, 1, 1),
    days: int = 730,
) -> Shop:
    """Orders of `customers` people who found a shop within `days` of `start`.

    Customers arrive at a growing rate, buy at random at a rate of their own, and leave for good
    at a random time; both vary between people and with the source they came from. The year's
    seasons, weekdays, discounts, returns within three weeks, a few very large customers, and costs
    come on top. The same arguments give the same orders.

    Raises:
        InputError: for less than one customer or one day.
    """
    if customers < 1 or days < 1:
        raise InputError(
            f"{customers} customers within {days} days make no shop.", "Give 1 or more of both."
        )
    rng = np.random.default_rng(seed)
    season = season_of(start, days)
    share, often, spend = np.array(list(SOURCES.values())).T
    source = rng.choice(len(SOURCES), customers, p=share / share.sum())
    whale = rng.random(customers) < WHALES
    arrival = _arrivals(rng, customers, season)
    rate = rng.gamma(0.8, 0.02, customers) * often[source] * np.where(whale, 6.0, 1.0)
    life = rng.exponential(1.0 / rng.gamma(1.6, 0.004, customers))
    level = rng.gamma(4.0, 0.35, customers) * spend[source] * np.where(whale, 2.0, 1.0)

    who, when = purchases(rng, arrival, rate, np.minimum(life, days - arrival), season)
    order = np.lexsort((who, when))
    who, when = who[order], when[order]
    n = len(who)
    product = np.minimum(rng.zipf(1.35, n) - 1, 10 * PRODUCTS) % PRODUCTS
    price = np.round(rng.gamma(3.0, 9.0, PRODUCTS) + 4.0, 0) - 0.05
    quantity = 1 + rng.poisson(level[who] * 0.8)
    amount = np.round(price[product] * quantity, 2)
    cut = rng.random(n) < DISCOUNTED
    discount = np.round(amount * np.where(cut, rng.choice([0.05, 0.1, 0.15, 0.2], n), 0.0), 2)
    cost = np.round(amount * rng.uniform(0.4, 0.6, PRODUCTS)[product], 2)
    columns: dict[str, NDArray[Any]] = {
        "order_id": np.arange(100_001, 100_001 + n),
        "customer_id": 10_001 + who,
        "ordered_at": np.datetime64(start, "s") + np.floor(when * 86_400).astype("m8[s]"),
        "kind": np.full(n, "sale", dtype=object),
        "product": np.array([f"P{i:03d}" for i in range(PRODUCTS)], dtype=object)[product],
        "quantity": quantity,
        "amount": amount,
        "discount": discount,
        "shipping": np.where(amount - discount < 50, 4.95, 0.0),
        "cost": cost,
        "currency": np.full(n, "EUR", dtype=object),
        "source": np.array(list(SOURCES), dtype=object)[source[who]],
    }
    return Shop(with_refunds(rng, columns, start, days))


def season_of(start: dt.date, days: int) -> Floats:
    """Demand of each day against the average: weekdays, the year, the weeks before Christmas."""
    day = np.datetime64(start, "D") + np.arange(days)
    weekday = (day.astype(np.int64) + 3) % 7
    weekly = np.array([1.05, 1.0, 0.98, 1.0, 1.04, 0.9, 1.03])[weekday]
    in_year = (day - day.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.int64)
    wave = 1.0 + 0.1 * np.sin(2 * np.pi * (in_year - 80) / 365.25)
    rush = np.where((in_year > 320) & (in_year < 354), 1.5, 1.0)
    return weekly * wave * rush


def _arrivals(rng: np.random.Generator, customers: int, season: Floats) -> Floats:
    """When each customer orders first, in days; there are more and more of them."""
    weight = arrival_weight(season)
    first = rng.choice(len(season), customers, p=weight / weight.sum())
    return first + time_of_day(rng, customers)


def arrival_weight(season: Floats) -> Floats:
    """How many find the shop on each day, against each other: more and more, with the season."""
    days = len(season)
    return season * (0.6 + 0.8 * np.arange(days) / days)


def purchases(
    rng: np.random.Generator, arrival: Floats, rate: Floats, window: Floats, season: Floats
) -> tuple[NDArray[np.int64], Floats]:
    """Customer and time of every order: the first, and the rest while they are alive."""
    peak = season.max()
    counts = rng.poisson(rate * window * peak)
    who = np.repeat(np.arange(len(arrival)), counts)
    when = arrival[who] + rng.random(len(who)) * window[who]
    day = np.minimum(when.astype(np.int64), len(season) - 1)
    kept = rng.random(len(who)) * peak < season[day]
    when = np.maximum(day[kept] + time_of_day(rng, int(kept.sum())), arrival[who[kept]] + 1e-3)
    end = len(season) - 1e-4
    everyone = np.concatenate([np.arange(len(arrival)), who[kept]])
    return everyone, np.minimum(np.concatenate([arrival, when]), end)


def time_of_day(rng: np.random.Generator, n: int) -> Floats:
    """Parts of a day, mostly between morning and late evening."""
    return np.clip(rng.normal(0.62, 0.17, n), 0.0, 0.999)


def with_refunds(
    rng: np.random.Generator, sales: dict[str, NDArray[Any]], start: dt.date, days: int
) -> dict[str, NDArray[Any]]:
    """Add rows for what came back: most of it whole, some of it half, within three weeks."""
    n = len(sales["order_id"])
    back = np.flatnonzero(rng.random(n) < REFUNDED)
    later = sales["ordered_at"][back] + (rng.random(len(back)) * 21 * 86_400).astype("m8[s]")
    seen = later < np.datetime64(start, "s") + np.timedelta64(days, "D")
    back, later = back[seen], later[seen]
    share = np.where(rng.random(len(back)) < 0.75, 1.0, 0.5)
    rows = {name: values[back] for name, values in sales.items()}
    rows["ordered_at"] = later
    rows["kind"] = np.full(len(back), "refund", dtype=object)
    for name in ("amount", "discount", "cost"):
        rows[name] = -np.round(rows[name] * share, 2)
    rows["discount"], rows["shipping"] = np.abs(rows["discount"]), np.zeros(len(back))
    joined = {name: np.concatenate([sales[name], rows[name]]) for name in sales}
    order = np.argsort(joined["ordered_at"], kind="stable")
    return {name: values[order] for name, values in joined.items()}
